"""Rows of wordings, answers and what made an answer firm; all are only ever added to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ConsentTextRow(SQLModel, table=True):
    """One published wording."""

    __tablename__ = "consent_text"

    agency: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    language: str = Field(primary_key=True)
    band: str = Field(primary_key=True)
    words: str
    published_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class ConsentRow(SQLModel, table=True):
    """One answer.  ``given_by`` is the evidence reference of whoever entered it; the newest of a purpose counts.

    ``number`` counts the answers of one person.  ``holder`` is who decided for a child, as ``person:ID``, ``agency`` or
    ``court``; ``witness_id`` the second member of staff who heard a spoken answer.  ``invitation_id`` is the link, and
    so the one device, on which it was given.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("state IN ('given', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("kind IN ('consent', 'assent', 'notice')", name="kind"),
        CheckConstraint("(method = 'spoken') = (witness_id IS NOT NULL)", name="witnessed"),
        UniqueConstraint("person_id", "number"),
    )

    id: str = Field(primary_key=True)
    number: int
    person_id: str = Field(foreign_key="person.id", index=True)
    purpose: str
    kind: str
    state: str
    text_version: int
    text_hash: str
    language: str
    band: str
    method: str
    given_by: str
    holder: str | None = None
    witness_id: str | None = Field(default=None, foreign_key="staff_account.id")
    unseen: bool
    provisional: bool
    reason: str
    visit_id: str | None = None
    invitation_id: str | None = None
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class ConsentConfirmationRow(SQLModel, table=True):
    """The visit supervisor has told who held the device on which an answer was given."""

    __tablename__ = "consent_confirmation"

    consent_id: str = Field(primary_key=True, foreign_key="consent.id")
    visit_id: str = Field(foreign_key="visit.id", index=True)
    identity_method: str
    confirmed_by: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
