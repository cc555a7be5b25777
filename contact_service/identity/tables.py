"""Rows about staff and their sessions.  No password and no session token is stored, only what checks them."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class StaffAccountRow(SQLModel, table=True):
    """Somebody who signs in, or a service account, which cannot: ``owner_id`` is who of the staff answers for it."""

    __tablename__ = "staff_account"

    id: str = Field(primary_key=True)
    agency: str
    ref: str = Field(unique=True)
    email: str = Field(unique=True)
    name: str
    roles: str
    password_hash: str
    owner_id: str | None = Field(default=None, foreign_key="staff_account.id")
    disabled_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class StaffLanguageRow(SQLModel, table=True):
    """A language of a member of staff; codes of ``people.language``."""

    __tablename__ = "staff_language"

    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")
    tag: str = Field(primary_key=True)
    mode: str
    level: str


class StaffSessionRow(SQLModel, table=True):
    """A signed-in browser; ``id`` is the SHA-256 of its cookie, ``handle`` what its owner ends it by.

    ``proved_by`` and ``proved_at``: how and when its owner last showed anew that it is they, both or neither.
    ``provider_session`` is what the agency's single sign-on calls the sign-in that it was started by.
    ``ticket_at`` is when a ticket to a room was last signed for it, ``ticket_for`` whose place there it opens.
    ``purpose`` and ``purpose_id``: why its owner reads, where they have said so.
    """

    __tablename__ = "staff_session"

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id", index=True)
    csrf: str
    handle: str = ""
    authentication: str = "password"
    started_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    proved_by: str | None = None
    proved_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    provider_session: str | None = None
    ticket_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    ticket_for: str | None = None
    purpose: str | None = None
    purpose_id: str | None = None


class ThrottleRow(SQLModel, table=True):
    """Attempts in one window of time; ``id`` names what is counted, hashed."""

    __tablename__ = "throttle"

    id: str = Field(primary_key=True)
    window: int = Field(primary_key=True)
    attempts: int
