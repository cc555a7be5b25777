"""Make accounts, sign staff in and out."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import col, delete, select, update

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity.account import check_password
from contact_service.identity.queries import account_for, may_set_languages, session_id
from contact_service.identity.tables import (
    StaffAccountRow,
    StaffLanguageRow,
    StaffSessionRow,
    ThrottleRow,
)
from contact_service.ids import AccountId
from contact_service.keys.actions import insert_if_new
from contact_service.people.language import Language
from contact_service.work import Work

SESSION_TOKEN_BYTES = 32
_THROTTLE_WINDOW_SECONDS = 60
ATTEMPTS_PER_WINDOW = 10

_hasher = PasswordHasher()  # Argon2id with the library's parameters: t=3, m=64 MiB, p=4 (ASVS 11.4.2)
# Verified when no account has the address, so that the answer takes the same time.
_NOBODY_HASH = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """``token`` goes into the cookie and is kept nowhere else."""

    token: str
    account: AccountId


@dataclass(frozen=True, kw_only=True)
class SignInRefused:
    """The same words whether the address, the password or the account is at fault."""

    message: str


def add_account(work: Work, *, email: str, name: str, roles: tuple[Role, ...], password: str) -> AccountId:
    """Make an account; raises ``BadInput`` for a bad address, a weak password or an address in use."""
    email = email.strip().lower()
    if email.count("@") != 1 or any(c.isspace() or not c.isprintable() for c in email):
        raise BadInput("Write an e-mail address, like name@agency.example.", "email")
    check_password(password, email=email)
    if work.session.exec(select(StaffAccountRow).where(StaffAccountRow.email == email)).first():
        raise BadInput("There is an account with this address already.", "email")
    account = AccountId(work.new_id())
    ref = work.new_id()
    work.session.add(
        StaffAccountRow(
            id=account,
            agency=work.agency,
            ref=ref,
            email=email,
            name=name,
            roles=",".join(roles),
            password_hash=_hasher.hash(password),
        )
    )
    work.session.flush()
    work.record(AuditEvent(type=EventType.STAFF_ADDED, facts=(("account", ref), ("roles", "/".join(roles)))))
    return account


def add_machine(work: Work, *, name: str, owner: AccountId) -> AccountId:
    """Make the account of a service account: it has a name and an owner, and nobody can sign in with it."""
    account = AccountId(work.new_id())
    work.session.add(
        StaffAccountRow(
            id=account,
            agency=work.agency,
            ref=work.new_id(),
            email=f"{account}@service-account.invalid",  # RFC 2606, section 2: never a mailbox
            name=name,
            roles=Role.SERVICE_ACCOUNT,
            password_hash="",
            owner_id=account_for(work, owner).id,
        )
    )
    work.session.flush()
    return account


def disable(work: Work, account: AccountId) -> None:
    """Nobody acts with the account from now; what it did stays its own.  The caller records it."""
    row = work.session.get_one(StaffAccountRow, account_for(work, account).id)
    row.disabled_at = work.now
    work.session.add(row)
    work.session.flush()


def set_languages(work: Work, account: AccountId, languages: Sequence[Language]) -> None:
    """Write down what a member of staff speaks and signs, in place of what stood there.

    Raises ``NotFound`` for an account that is none of the agency's, ``NotAllowed`` where it is not for the actor.
    """
    ref = account_for(work, account).ref
    if not may_set_languages(work, account):
        raise NotAllowed("You write down your own languages. Somebody’s manager can do it for them.")
    known = {one.tag: one for one in languages}
    work.session.exec(delete(StaffLanguageRow).where(col(StaffLanguageRow.account_id) == account))
    for one in known.values():
        work.session.add(StaffLanguageRow(account_id=account, tag=one.tag, mode=one.mode, level=one.level))
    facts = (("account", ref), *((f"language_{n}", tag) for n, tag in enumerate(known, 1)))
    work.record(AuditEvent(type=EventType.STAFF_LANGUAGES_SET, facts=facts))


def sign_in(work: Work, *, email: str, password: str, address: str) -> SignedIn | SignInRefused:
    """Check a password and start a session; a refusal is recorded and says nothing about which part was wrong.

    At most ten failures a minute count per client address and account together, so that nobody locks out a colleague.
    """
    email = email.strip().lower()
    row = _account_of(work, email)
    if count_attempt(work, f"sign-in|{address}|{email}") > ATTEMPTS_PER_WINDOW:
        work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason="too_many_attempts"))
        return SignInRefused(message="Too many tries. Wait one minute, then try again.")
    known = _verifies(row.password_hash if row else _NOBODY_HASH, password)
    if row is None or not known or row.disabled_at is not None or row.agency != work.agency:
        facts = (("account", row.ref),) if row else ()
        work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason="wrong_password", facts=facts))
        return SignInRefused(message="The e-mail address or the password is not right.")
    return _start_session(work, row)


def _account_of(work: Work, email: str) -> StaffAccountRow | None:
    if not email.isprintable():  # no account has such an address, and PostgreSQL takes no NUL
        return None
    return work.session.exec(select(StaffAccountRow).where(StaffAccountRow.email == email)).first()


def _start_session(work: Work, row: StaffAccountRow) -> SignedIn:
    token = secrets.token_urlsafe(SESSION_TOKEN_BYTES)
    work.session.add(
        StaffSessionRow(
            id=session_id(token),
            account_id=row.id,
            csrf=secrets.token_urlsafe(SESSION_TOKEN_BYTES),
            started_at=work.now,
            seen_at=work.now,
        )
    )
    work.record(AuditEvent(type=EventType.STAFF_SIGNED_IN, facts=(("account", row.ref),)))
    return SignedIn(token=token, account=AccountId(row.id))


def sign_out(work: Work, token: str) -> None:
    """End the session of a cookie; an unknown one is no error."""
    row = work.session.get(StaffSessionRow, session_id(token))
    if row is not None:
        work.session.delete(row)
        work.record(AuditEvent(type=EventType.STAFF_SIGNED_OUT))


def mark_seen(work: Work, token: str) -> None:
    """Keep a session from going idle."""
    row = work.session.get(StaffSessionRow, session_id(token))
    if row is not None:
        row.seen_at = work.now
        work.session.add(row)


def count_attempt(work: Work, what: str) -> int:
    """Attempts at ``what`` in the present minute, this one included."""
    window = int(work.now.timestamp()) // _THROTTLE_WINDOW_SECONDS
    key = hashlib.sha256(what.encode()).hexdigest()
    insert_if_new(work.session, ThrottleRow, {"id": key, "window": window, "attempts": 0})
    counted = (
        update(ThrottleRow)
        .where(col(ThrottleRow.id) == key, col(ThrottleRow.window) == window)
        .values(attempts=ThrottleRow.attempts + 1)
    )
    work.session.exec(counted)
    return work.session.get_one(ThrottleRow, (key, window), populate_existing=True).attempts


def _verifies(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
