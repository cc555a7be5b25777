"""The outbox."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class OutboxRow(SQLModel, table=True):
    """One message to one person, written with the business change it tells of."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (account_id IS NULL)", name="one_recipient"),
        CheckConstraint("(visit_id IS NULL) <> (restriction_id IS NULL)", name="about_one_thing"),
    )

    id: str = Field(primary_key=True)
    kind: str
    visit_id: str | None = Field(default=None, index=True)
    restriction_id: str | None = None
    person_id: str | None = None
    account_id: str | None = None
    invitation_id: str | None = None
    generation: int = 0
    language: str = "en"
    state: str = Field(index=True)
    attempts: int = 0
    due_at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))
    useless_after: datetime = Field(sa_column=Column(Instant, nullable=False))
    leased_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    sent_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    error: str = ""
