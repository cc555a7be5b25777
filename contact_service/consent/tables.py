"""Rows of wordings and answers; both are only ever added to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class ConsentTextRow(SQLModel, table=True):
    """One published wording."""

    __tablename__ = "consent_text"

    agency: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    language: str = Field(primary_key=True)
    words: str
    published_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class ConsentRow(SQLModel, table=True):
    """One answer.  ``given_by`` is the evidence reference of whoever answered; the newest of a purpose counts."""

    __tablename__ = "consent"
    __table_args__ = (CheckConstraint("state IN ('given', 'declined', 'withdrawn')", name="state"),)

    id: str = Field(primary_key=True)
    number: int = Field(index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    purpose: str
    state: str
    text_version: int
    text_hash: str
    language: str
    method: str
    given_by: str
    visit_id: str | None = None
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
