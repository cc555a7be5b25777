"""Rows of series and their instances."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class SeriesRow(SQLModel, table=True):
    """What comes again, and when.  ``clock`` is HH:MM on the wall in ``zone``; ``anchor_on`` the first instance's day.

    ``sharing`` has ``child:carer`` of each further child; ``optional`` who of all these comes if they can, of whom at
    least ``quorum`` must be able to.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("last_on >= anchor_on", name="ends_after_start"),
        CheckConstraint("every_weeks >= 1", name="every_weeks"),
        CheckConstraint("minutes >= 1", name="minutes"),
        CheckConstraint("quorum >= 0", name="quorum"),
    )

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    caregiver_id: str | None = Field(default=None, foreign_key="person.id")
    people: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sharing: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    optional: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    quorum: int = 0
    supervisor_id: str = Field(foreign_key="staff_account.id")
    duty_id: str = Field(foreign_key="staff_account.id")
    level: str
    minutes: int
    zone: str
    clock: str
    every_weeks: int
    anchor_on: date
    last_on: date
    asked_by: str = Field(foreign_key="staff_account.id")
    asked_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    follows_id: str | None = Field(default=None, foreign_key="series.id", unique=True)


class SeriesInstanceRow(SQLModel, table=True):
    """One instance.  ``original`` and ``wall`` are naive, YYYY-MM-DDTHH:MM; ``original`` never changes.

    ``starts_at`` is the instant of ``original`` as reckoned with the zone rules ``tzdata``, null where there is none.
    """

    __tablename__ = "series_instance"
    __table_args__ = (
        UniqueConstraint("series_id", "original"),
        CheckConstraint("(state = 'booked') = (visit_id IS NOT NULL)", name="booked_has_visit"),
    )

    id: str = Field(primary_key=True)
    series_id: str = Field(foreign_key="series.id")
    original: str
    wall: str
    starts_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    tzdata: str
    state: str = Field(index=True)
    why: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    visit_id: str | None = Field(default=None, foreign_key="visit.id", unique=True)
