"""Rows about visits that wait for a time."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class WaitingEntryRow(SQLModel, table=True):
    """A visit that is wished, and the days and hours that would do, by the clock of its child.

    ``sharing`` has ``child:carer`` of each further child.  ``passed_over`` counts how often somebody who came later was
    offered a time that would have done.
    """

    __tablename__ = "waiting_entry"
    __table_args__ = (
        CheckConstraint("minutes >= 1", name="minutes"),
        CheckConstraint("earliest >= 0 AND latest <= 1440 AND earliest < latest", name="hours"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state = 'booked') = (visit_id IS NOT NULL)", name="booked"),
    )

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.id", index=True)
    child_id: str = Field(foreign_key="person.id", index=True)
    caregiver_id: str | None = Field(default=None, foreign_key="person.id")
    people: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sharing: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    supervisor_id: str | None = Field(default=None, foreign_key="staff_account.id")
    duty_id: str = Field(foreign_key="staff_account.id")
    level: str
    minutes: int
    days: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    earliest: int
    latest: int
    until_on: date
    asked_by: str = Field(foreign_key="staff_account.id")
    asked_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    passed_over: int = 0
    state: str = Field(index=True)
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    visit_id: str | None = Field(default=None, foreign_key="visit.id")


class WaitingOfferRow(SQLModel, table=True):
    """Freed time that is, or was, held for an entry: at most one at a time.

    The same start is offered again only where a rule refused it when it was to be booked.  The visit that comes of an
    offer has its id.
    """

    __tablename__ = "waiting_offer"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index(
            "ix_waiting_offer_one_open",
            "entry_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_waiting_offer_start_once",
            "entry_id",
            "starts_at",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    id: str = Field(primary_key=True)
    entry_id: str = Field(foreign_key="waiting_entry.id")
    supervisor_id: str = Field(foreign_key="staff_account.id")
    interpreter_id: str | None = Field(default=None, foreign_key="person.id")
    starts_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ends_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    offered_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    answer_by: datetime = Field(sa_column=Column(Instant, nullable=False))
    state: str
    ended_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class WaitingLookRow(SQLModel, table=True):
    """What was free for an entry when it was last looked: a set of starts as a hexadecimal number.

    Bit n is the n-th quarter hour after ``first_slot`` (quarter hours since 1970).  ``whole_at``: when it was last
    looked at everything, and not only at what is new.
    """

    __tablename__ = "waiting_look"

    entry_id: str = Field(primary_key=True, foreign_key="waiting_entry.id")
    first_slot: int
    starts: str
    whole_at: datetime | None = Field(default=None, sa_column=Column(Instant))
