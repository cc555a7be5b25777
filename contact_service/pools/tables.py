"""Rows about rooms and video links.  What counts no more keeps its row: by it visits were booked."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class PoolRow(SQLModel, table=True):
    """One pool; its rooms or links are resources, so many of which are in service as ``units`` says.

    ``desk`` is the booking desk's address of an establishment that clears contact, since ``desk_at``; where there was
    another before, ``desk_changed_at`` is when that was changed or taken away.  ``desk_language`` is a tag, or empty.
    """

    __tablename__ = "pool"
    __table_args__ = (
        CheckConstraint("units >= 1 AND units <= 50", name="units"),
        CheckConstraint("(desk = '') = (desk_at IS NULL)", name="desk_since"),
    )

    id: str = Field(primary_key=True)
    agency: str = Field(index=True)
    name: str
    units: int
    zone: str
    desk: str = ""
    desk_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    desk_changed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    desk_language: str = Field(default="", sa_column_kwargs={"server_default": ""})
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PoolHoursRow(SQLModel, table=True):
    """Hours of the week in which a pool is open."""

    __tablename__ = "pool_hours"
    __table_args__ = (
        CheckConstraint("earliest >= 0 AND latest <= 1440 AND earliest < latest", name="hours"),
    )

    id: str = Field(primary_key=True)
    pool_id: str = Field(foreign_key="pool.id", index=True)
    zone: str
    days: list[str] = Field(sa_column=Column(JSON, nullable=False))
    earliest: int
    latest: int
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PoolClosureRow(SQLModel, table=True):
    """Days on which a pool is closed."""

    __tablename__ = "pool_closure"
    __table_args__ = (CheckConstraint("last_on >= first_on", name="last_after_first"),)

    id: str = Field(primary_key=True)
    pool_id: str = Field(foreign_key="pool.id", index=True)
    zone: str
    first_on: date
    last_on: date
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PoolCalendarRow(SQLModel, table=True):
    """A shared calendar whose days close a pool."""

    __tablename__ = "pool_calendar"

    id: str = Field(primary_key=True)
    pool_id: str = Field(foreign_key="pool.id", index=True)
    calendar_id: str = Field(foreign_key="calendar.id")
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class PoolLinkRow(SQLModel, table=True):
    """Somebody takes part from a pool on these days."""

    __tablename__ = "pool_link"
    __table_args__ = (CheckConstraint("last_on IS NULL OR last_on >= first_on", name="last_after_first"),)

    id: str = Field(primary_key=True)
    pool_id: str = Field(foreign_key="pool.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    first_on: date
    last_on: date | None
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
