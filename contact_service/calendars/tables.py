"""Rows of calendars that many share.  What counts no more keeps its row: a visit was booked by it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class CalendarRow(SQLModel, table=True):
    """One calendar."""

    __tablename__ = "calendar"
    __table_args__ = (CheckConstraint("effect IN ('no_visits', 'no_school')", name="effect"),)

    id: str = Field(primary_key=True)
    agency: str = Field(index=True)
    name: str
    effect: str
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class CalendarEntryRow(SQLModel, table=True):
    """Days of one calendar; ``ended_at`` is when somebody struck them out."""

    __tablename__ = "calendar_entry"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="last_after_first"),
        CheckConstraint("earliest >= 0 AND latest <= 1440 AND earliest < latest", name="hours"),
    )

    id: str = Field(primary_key=True)
    calendar_id: str = Field(foreign_key="calendar.id", index=True)
    name: str
    first_on: date
    last_on: date
    earliest: int
    latest: int
    source: str
    place: str
    estimated: bool
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class CalendarLinkRow(SQLModel, table=True):
    """For whom one calendar counts: ``person_id`` NULL is the whole agency."""

    __tablename__ = "calendar_link"

    id: str = Field(primary_key=True)
    calendar_id: str = Field(foreign_key="calendar.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
