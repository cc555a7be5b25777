"""Rows about hours of staff and families.  What counts no more keeps its row; busy times are forgotten."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, LargeBinary
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class WorkingHoursRow(SQLModel, table=True):
    """Hours of the week of one member of staff."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("earliest >= 0 AND latest <= 1440 AND earliest < latest", name="hours"),
    )

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id", index=True)
    zone: str
    days: list[str] = Field(sa_column=Column(JSON, nullable=False))
    earliest: int
    latest: int
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class AbsenceRow(SQLModel, table=True):
    """Days on which one member of staff is away."""

    __tablename__ = "absence"
    __table_args__ = (CheckConstraint("last_on >= first_on", name="last_after_first"),)

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id", index=True)
    zone: str
    first_on: date
    last_on: date
    kind: str
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class BusyCalendarRow(SQLModel, table=True):
    """A calendar from which busy times are read: a file that was brought, or an address.

    It is that of one member of staff, or of one family member or carer.
    ``sealed`` holds the address, which opens the calendar for whoever knows it.
    """

    __tablename__ = "busy_calendar"
    __table_args__ = (CheckConstraint("(account_id IS NULL) <> (person_id IS NULL)", name="one_owner"),)

    id: str = Field(primary_key=True)
    account_id: str | None = Field(default=None, foreign_key="staff_account.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    zone: str
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    digest: str
    times: int
    read_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    asked_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    failure: str
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class BusyTimeRow(SQLModel, table=True):
    """A time at which the owner of a calendar is busy; nothing says with what."""

    __tablename__ = "busy_time"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="ends_after_start"),)

    calendar_id: str = Field(primary_key=True, foreign_key="busy_calendar.id")
    starts_at: datetime = Field(sa_column=Column(Instant, primary_key=True))
    ends_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class FamilyHoursRow(SQLModel, table=True):
    """Hours of the week in which a family member or carer can usually take part."""

    __tablename__ = "family_hours"
    __table_args__ = (
        CheckConstraint("earliest >= 0 AND latest <= 1440 AND earliest < latest", name="hours"),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    zone: str
    days: list[str] = Field(sa_column=Column(JSON, nullable=False))
    earliest: int
    latest: int
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class FamilyAbsenceRow(SQLModel, table=True):
    """Days on which a family member or carer cannot take part."""

    __tablename__ = "family_absence"
    __table_args__ = (CheckConstraint("last_on >= first_on", name="last_after_first"),)

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    zone: str
    first_on: date
    last_on: date
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
