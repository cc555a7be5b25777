"""Rows about links."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class InvitationRow(SQLModel, table=True):
    """One person's link into one visit.  ``secret_hash`` and ``cookie_hash`` are SHA-256; the device key is public."""

    __tablename__ = "invitation"

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    participant_id: str = Field(index=True)
    person_id: str = Field(foreign_key="person.id")
    generation: int = 1
    state: str
    secret_hash: str = Field(unique=True)
    cookie_hash: str | None = None
    device_key: str | None = None
    csrf: str = ""
    opened_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    tried_elsewhere_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class LinkCodeRow(SQLModel, table=True):
    """A code that was read out for one invitation; only while it may be typed.  ``code_hash`` is keyed.

    ``read_by`` is told when somebody tries to guess it.
    """

    __tablename__ = "link_code"

    invitation_id: str = Field(primary_key=True, foreign_key="invitation.id")
    code_hash: str = Field(unique=True)
    read_by: str = Field(foreign_key="staff_account.id")
    good_until: datetime = Field(sa_column=Column(Instant, nullable=False))


class LinkNonceRow(SQLModel, table=True):
    """A number that one device must sign within a minute to get a ticket."""

    __tablename__ = "link_nonce"

    nonce: str = Field(primary_key=True)
    invitation_id: str = Field(foreign_key="invitation.id", index=True)
    good_until: datetime = Field(sa_column=Column(Instant, nullable=False))


class LetterRow(SQLModel, table=True):
    """A letter that was printed for one person; nobody knows whether it was posted or arrived.

    ``starts_at`` is the start that it tells of: who is told that it does not take place hears of that one.
    """

    __tablename__ = "letter"

    id: str = Field(primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    invitation_id: str = Field(foreign_key="invitation.id")
    kind: str
    starts_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    printed_by: str = Field(foreign_key="staff_account.id")
    printed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
