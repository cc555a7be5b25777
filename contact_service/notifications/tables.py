"""The outbox."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class OutboxRow(SQLModel, table=True):
    """One message to one person, written with the business change it tells of.

    ``fence`` counts who has taken it up: only the newest may say what became of it, and only while ``leased_until``
    runs.  ``unknowns`` counts how often nobody said.  After
    ``said_again_at`` a later message says the same.  ``due_at`` moves with every try, ``made_at`` never; at
    ``told_at`` somebody was asked to ring its reader instead.  ``medium`` is how it left; at ``ask_at`` the provider
    is asked what became of ``receipt``, as it calls the message.  ``went_by`` is the digest of the channel that it was
    last tried by, ``failed_by`` those by which it failed for good, with blanks between: it never goes by them again.
    ``start_told`` is the start of which it speaks, whatever becomes of the visit; None: that of the visit.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (account_id IS NULL)", name="one_recipient"),
        CheckConstraint(
            "(visit_id IS NOT NULL AND restriction_id IS NULL AND offer_id IS NULL)"
            " OR (visit_id IS NULL AND restriction_id IS NOT NULL AND offer_id IS NULL)"
            " OR (visit_id IS NULL AND restriction_id IS NULL AND offer_id IS NOT NULL)"
            " OR (visit_id IS NULL AND restriction_id IS NULL AND offer_id IS NULL AND account_id IS NOT NULL)",
            name="about_one_thing",
        ),
        CheckConstraint("(state = 'sending') = (leased_until IS NOT NULL)", name="sending"),
        Index("ix_outbox_due", "state", "due_at"),
        Index("ix_outbox_ask_at", "ask_at"),
    )

    id: str = Field(primary_key=True)
    dedupe_key: str = Field(unique=True)
    kind: str
    visit_revision: int = 0
    visit_id: str | None = Field(default=None, index=True)
    restriction_id: str | None = None
    offer_id: str | None = None
    person_id: str | None = None
    account_id: str | None = None
    invitation_id: str | None = None
    generation: int = 0
    state: str
    attempts: int = 0
    fence: int = 0
    unknowns: int = 0
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    due_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    useless_after: datetime = Field(sa_column=Column(Instant, nullable=False))
    leased_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    said_again_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    told_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    sent_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    error: str = ""
    medium: str = ""
    receipt: str = ""
    went_by: str = ""
    failed_by: str = ""
    ask_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    delivered_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    start_told: datetime | None = Field(default=None, sa_column=Column(Instant))
