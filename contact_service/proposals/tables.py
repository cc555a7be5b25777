"""Rows about what families decide."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ProposalRow(SQLModel, table=True):
    """The choice that one visit was asked for with; a visit that is changed has none any more (``visit.time_open``)."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("(opened_at IS NULL) = (answer_by IS NULL)", name="opened"),
        CheckConstraint("(chosen_at IS NULL) = (chosen_by IS NULL)", name="chosen"),
        CheckConstraint("chosen_at IS NULL OR opened_at IS NOT NULL", name="opened_before_chosen"),
    )

    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    opened_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    answer_by: datetime | None = Field(default=None, sa_column=Column(Instant))
    approved_by: str | None = Field(default=None, foreign_key="staff_account.id")
    automatic: str = ""
    chosen_by: str | None = Field(default=None, foreign_key="person.id")
    chosen_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class ProposedTimeRow(SQLModel, table=True):
    """One of its times; ``interpreter_id``: who interprets then, where somebody has to."""

    __tablename__ = "proposed_time"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ends_after_start"),)

    visit_id: str = Field(primary_key=True, foreign_key="proposal.visit_id")
    place: int = Field(primary_key=True)
    starts_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ends_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    interpreter_id: str | None = Field(default=None, foreign_key="person.id")


class LeftOutThenRow(SQLModel, table=True):
    """Somebody who comes if they can, and could not at one of the times."""

    __tablename__ = "left_out_then"
    __table_args__ = (
        ForeignKeyConstraint(["visit_id", "place"], ["proposed_time.visit_id", "proposed_time.place"]),
    )

    visit_id: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="person.id")


class ProposalLinkRow(SQLModel, table=True):
    """Somebody who is asked to choose; ``secret_hash`` is the SHA-256 of their link."""

    __tablename__ = "proposal_link"

    visit_id: str = Field(primary_key=True, foreign_key="proposal.visit_id")
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    secret_hash: str = Field(unique=True)


class ReplyRow(SQLModel, table=True):
    """What somebody answered to an invitation; of several the one with the highest number counts."""

    __tablename__ = "reply"
    __table_args__ = (
        UniqueConstraint("visit_id", "person_id", "number"),
        CheckConstraint("(wants_from IS NULL) = (wants_until IS NULL)", name="wants"),
        CheckConstraint("(wants_from IS NULL) = (kept_until IS NULL)", name="kept"),
    )

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    number: int
    booked_revision: int
    answer: str
    why: str = ""
    said_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    wants_from: datetime | None = Field(default=None, sa_column=Column(Instant))
    wants_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    kept_until: datetime | None = Field(default=None, sa_column=Column(Instant))
