"""Rows about what proves who signs in.  Nothing here is enough to sign in with."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from contact_service.database import Instant


class StaffAppRow(SQLModel, table=True):
    """An authenticator app; ``sealed`` is its secret under the account's key.

    It counts from ``confirmed_at``, its first right code, on.  ``last_step`` is the newest thirty seconds of which a
    code was taken: none of it, or before it, is taken again.
    """

    __tablename__ = "staff_app"

    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    shown_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    last_step: int = 0


class StaffRecoveryCodeRow(SQLModel, table=True):
    """A recovery code that was not used yet; ``hash`` is of the code and the account."""

    __tablename__ = "staff_recovery_code"

    hash: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id", index=True)
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class StaffPasskeyRow(SQLModel, table=True):
    """The public half of a passkey; ``credential`` is its id in unpadded base64url."""

    __tablename__ = "staff_passkey"

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id", index=True)
    credential: str = Field(unique=True)
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
    added_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class StaffPasswordCodeRow(SQLModel, table=True):
    """A one-time code with which somebody sets a new password; ``hash`` is of the code and the account."""

    __tablename__ = "staff_password_code"

    hash: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id", unique=True)
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class FirstRunCodeRow(SQLModel, table=True):
    """The one-time code with which the first administrator is made; there is one at most."""

    __tablename__ = "first_run_code"

    hash: str = Field(primary_key=True)
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class HalfSignInRow(SQLModel, table=True):
    """Somebody gave a right password and no code yet; ``id`` is the SHA-256 of the browser's cookie for it."""

    __tablename__ = "half_sign_in"

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="staff_account.id")
    started_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    attempts: int = 0


class AgencyQuestionRow(SQLModel, table=True):
    """A browser was sent to the agency's single sign-on; ``id`` is the SHA-256 of its cookie for that.

    ``state_hash`` is the SHA-256 of what the answer must carry, ``nonce`` what the token must, and ``verifier`` goes
    with the code (RFC 7636): one question, one answer.  ``session_id`` is the session for which somebody is to show
    anew that it is they; null for a sign-in.
    """

    __tablename__ = "agency_question"

    id: str = Field(primary_key=True)
    state_hash: str
    nonce: str
    verifier: str
    asked_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    session_id: str | None = None


class StaffLinkRow(SQLModel, table=True):
    """Who an account is at the agency's single sign-on.

    ``subject`` is empty until the first sign-in, which counts until ``allowed_until``; both are known from then on.
    """

    __tablename__ = "staff_link"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    account_id: str = Field(primary_key=True, foreign_key="staff_account.id")
    issuer: str
    subject: str | None = None
    allowed_until: datetime = Field(sa_column=Column(Instant, nullable=False))
    linked_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class LogoutTokenRow(SQLModel, table=True):
    """A logout token that was taken; ``id`` is the SHA-256 of its issuer and ``jti``.  None is taken twice."""

    __tablename__ = "logout_token"

    id: str = Field(primary_key=True)
    taken_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class PasskeyChallengeRow(SQLModel, table=True):
    """What one browser's passkey is to sign, once; ``id`` is the SHA-256 of purpose and cookie."""

    __tablename__ = "passkey_challenge"

    id: str = Field(primary_key=True)
    challenge: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime = Field(sa_column=Column(Instant, nullable=False))
