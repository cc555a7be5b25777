"""Make accounts, sign staff in and out."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import column, table
from sqlmodel import col, delete, select, update

from contact_service.actor import Authentication, Role, StatedPurpose
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotAllowed, NotSignedIn
from contact_service.identity.account import Account
from contact_service.identity.hashing import NOBODYS, PasswordAsked, hashed
from contact_service.identity.network import may_be_everybodys, network_of
from contact_service.identity.passwords import check_password
from contact_service.identity.queries import account_for, may_write_for, run_out, session_id
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
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ATTEMPTS_PER_WINDOW = 10
FAILURES_PER_ADDRESS = 100
"""Wrong passwords an hour from one address, whoever's they were."""

# The table is of `factors`, a layer above; whatever ends sessions must end its rows too, whoever calls.
_HALF_DONE = table("half_sign_in", column("account_id"))


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """``token`` goes into the cookie and is kept nowhere else."""

    token: str
    account: AccountId


@dataclass(frozen=True, kw_only=True)
class RanOut:
    """A session that was ended by time; rooms know it by its ``handle``; ``ticket_at`` is of its last ticket."""

    account: AccountId
    handle: str
    ticket_at: datetime


@dataclass(frozen=True, kw_only=True)
class SignInRefused:
    """The same words whether the address, the password or the account is at fault."""

    message: str


def add_account(
    work: Work, *, email: str, name: str, roles: tuple[Role, ...], password: str | None
) -> AccountId:
    """Make an account; raises ``BadInput`` for a bad address, a weak password or an address in use.

    Without a password nobody signs in with it until its owner has set one.
    """
    email = email.strip().lower()
    if email.count("@") != 1 or any(c.isspace() or not c.isprintable() for c in email):
        raise BadInput("Write an e-mail address, like name@agency.example.", "email")
    if password is not None:
        check_password(password, email=email, known=(name, work.agency))
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
            password_hash=hashed(password) if password is not None else "",
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


def disable_staff(work: Work, account: AccountId) -> None:
    """Somebody of the staff cannot sign in any more, and every sign-in of theirs is over; an administrator says so.

    Raises ``NotAllowed`` for anybody else, and for their own account.
    """
    demand_second_person(work, account)
    disable(work, account)
    ended = end_sessions(work, account)
    facts = (("account", account_for(work, account).ref), ("sessions", ended))
    work.record(AuditEvent(type=EventType.STAFF_DISABLED, facts=facts))


def set_password(work: Work, account: AccountId, kept: str, *, keep: str = "") -> None:
    """``kept`` is what the account's password is checked against from now: of ``hashing.kept_of``, or empty for none.

    Every session but the one of the cookie ``keep``, and every half-done sign-in, is over.  The caller records it.
    """
    row = work.session.get_one(StaffAccountRow, account_for(work, account).id)
    row.password_hash = kept
    work.session.add(row)
    work.session.flush()
    end_sessions(work, account, but=keep)


def demand_second_person(work: Work, account: AccountId) -> None:
    """Raise ``NotAllowed`` unless the actor is an administrator and ``account`` is somebody else's.

    Whoever runs commands on the server may too: with one administrator there is no other.
    """
    if not (work.actor.has(Role.ADMINISTRATOR) or work.actor.has(Role.COMMAND_LINE)):
        raise NotAllowed("An administrator does this.")
    if work.actor.is_behind(account):
        raise NotAllowed("For your own account somebody else must do this. Ask another administrator.")


def set_languages(work: Work, account: AccountId, languages: Sequence[Language]) -> None:
    """Write down what a member of staff speaks and signs, in place of what stood there.

    Raises ``NotFound`` for an account that is none of the agency's, ``NotAllowed`` where it is not for the actor.
    """
    ref = account_for(work, account).ref
    if not may_write_for(work, account):
        raise NotAllowed("You write down your own languages. Somebody’s manager can do it for them.")
    known = {one.tag: one for one in languages}
    work.session.exec(delete(StaffLanguageRow).where(col(StaffLanguageRow.account_id) == account))
    for one in known.values():
        work.session.add(StaffLanguageRow(account_id=account, tag=one.tag, mode=one.mode, level=one.level))
    facts = (("account", ref), *((f"language_{n}", tag) for n, tag in enumerate(known, 1)))
    work.record(AuditEvent(type=EventType.STAFF_LANGUAGES_SET, facts=facts))


def ask_password(work: Work, *, email: str, address: str) -> PasswordAsked | SignInRefused:
    """What a password is checked against, outside any Work; also of an address that nobody has.

    At most ten tries a minute are looked at per client address and account together, so that nobody locks out a
    colleague; and none from an address with a hundred failures in the hour, a right one neither: it is not looked at.
    """
    email = email.strip().lower()
    row = _account_of(work, email)
    network = network_of(address)
    if count_attempt(work, f"sign-in|{network}|{email}") > ATTEMPTS_PER_WINDOW:
        work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason="too_many_attempts"))
        return SignInRefused(message="Too many tries. Wait one minute, then try again.")
    counts = not may_be_everybodys(address)
    if counts and attempts_at(work, f"sign-in|{network}", per=HOUR) >= FAILURES_PER_ADDRESS:
        work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason="too_many_attempts"))
        return SignInRefused(message="Too many tries from this network. Wait one hour, then try again.")
    return PasswordAsked(email=email, stored=row.password_hash if row and row.password_hash else NOBODYS)


def prove_password(work: Work, asked: PasswordAsked, *, right: bool, address: str) -> Account | SignInRefused:
    """The account that signs in; a refusal is recorded and says nothing about which part was wrong.

    ``right``: what ``asked.is_right`` said.  A password that was changed since, or an account that was closed, counts
    no more.
    """
    row = _account_of(work, asked.email)
    stands = row is not None and row.password_hash == asked.stored and row.disabled_at is None
    if row is None or not right or not stands or row.agency != work.agency:
        count_attempt(work, f"sign-in|{network_of(address)}", per=HOUR)
        facts = (("account", row.ref),) if row else ()
        work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason="wrong_password", facts=facts))
        return SignInRefused(message="The e-mail address or the password is not right.")
    return account_for(work, AccountId(row.id))


def ask_again(work: Work, *, address: str) -> PasswordAsked | None:
    """What the actor's own password is checked against, outside any Work, before a grave act.

    None after ten tries in the minute: it is not looked at then, and ``demand_password`` says so.
    """
    assert work.actor.account is not None
    row = work.session.get_one(StaffAccountRow, work.actor.account)
    if count_attempt(work, f"again|{network_of(address)}|{row.id}") > ATTEMPTS_PER_WINDOW:
        return None
    return PasswordAsked(email=row.email, stored=row.password_hash)


def demand_password(work: Work, asked: PasswordAsked | None, *, right: bool) -> None:
    """Return if the actor's own password was given again; else raise ``BadInput``.

    ``asked`` and ``right``: of ``ask_again``, and what ``asked.is_right`` said.  A password that was changed since
    counts no more.  Ask before anything is changed, and let the Work commit with the refusal: it is recorded.
    """
    assert work.actor.account is not None
    row = work.session.get_one(StaffAccountRow, work.actor.account)
    if asked is None:
        _note_failure(work, row, "too_many_attempts")
        raise BadInput("Too many tries. Wait one minute, then try again.", "password")
    if not right or asked.stored != row.password_hash:
        _note_failure(work, row, "wrong_password_again")
        raise BadInput("This is not your password.", "password")


def _note_failure(work: Work, row: StaffAccountRow, reason: str) -> None:
    facts = (("account", row.ref),)
    work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason=reason, facts=facts))


def _account_of(work: Work, email: str) -> StaffAccountRow | None:
    if not email.isprintable():  # no account has such an address, and PostgreSQL takes no NUL
        return None
    return work.session.exec(select(StaffAccountRow).where(StaffAccountRow.email == email)).first()


def start_session(
    work: Work, account: Account, authentication: Authentication, *, provider_session: str | None = None
) -> SignedIn:
    """Start a session of its own token, and record how sure we are who it is.

    ``provider_session`` is what the agency's single sign-on calls the sign-in that it was.
    """
    token = secrets.token_urlsafe(SESSION_TOKEN_BYTES)
    work.session.add(
        StaffSessionRow(
            id=session_id(token),
            account_id=account.id,
            csrf=secrets.token_urlsafe(SESSION_TOKEN_BYTES),
            handle=work.new_id(),
            authentication=authentication.value,
            provider_session=provider_session,
            started_at=work.now,
            seen_at=work.now,
        )
    )
    facts = (("account", account.ref), ("authentication", authentication.value))
    work.record(AuditEvent(type=EventType.STAFF_SIGNED_IN, facts=facts))
    return SignedIn(token=token, account=account.id)


def sign_out(work: Work, token: str) -> None:
    """End the session of a cookie; an unknown one is no error."""
    row = work.session.get(StaffSessionRow, session_id(token))
    if row is not None:
        work.session.delete(row)
        work.record(AuditEvent(type=EventType.STAFF_SIGNED_OUT))


def end_sessions(work: Work, account: AccountId, *, but: str = "") -> int:
    """End every session of the account but the one of the cookie ``but``; returns how many.  The caller records why.

    Its half-done sign-ins are over too: whoever gave the password before begins again.
    """
    work.session.exec(delete(_HALF_DONE).where(_HALF_DONE.c.account_id == account))
    ended = delete(StaffSessionRow).where(
        col(StaffSessionRow.account_id) == account, col(StaffSessionRow.id) != session_id(but)
    )
    return work.session.exec(ended).rowcount


def end_session(work: Work, account: AccountId, handle: str) -> None:
    """End one session of an account, and record it; one that is over already is no error."""
    ended = delete(StaffSessionRow).where(
        col(StaffSessionRow.account_id) == account, col(StaffSessionRow.handle) == handle
    )
    _record_ended(work, account, work.session.exec(ended).rowcount)


def end_all_sessions(work: Work, account: AccountId, *, but: str = "") -> None:
    """The same for every session but the one of the cookie ``but``."""
    _record_ended(work, account, end_sessions(work, account, but=but))


def _record_ended(work: Work, account: AccountId, number: int) -> None:
    facts = (("account", account_for(work, account).ref), ("sessions", number))
    work.record(AuditEvent(type=EventType.STAFF_SESSIONS_ENDED, facts=facts))


def end_run_out(work: Work, session: str) -> RanOut | None:
    """End one of ``queries.run_out``; returns what may have let a device into a room, None if it never had a ticket.

    None also where another process was faster, or the session was seen again meanwhile.
    """
    over = col(StaffSessionRow.id).in_(run_out(work))
    found = select(StaffSessionRow).where(StaffSessionRow.id == session, over).with_for_update()
    row = work.session.exec(found).first()
    if row is None:
        return None
    account = account_for(work, AccountId(row.account_id))
    facts = (("account", account.ref), ("sessions", 1))
    work.record(AuditEvent(type=EventType.STAFF_SESSIONS_ENDED, reason="ran_out", facts=facts))
    handle, ticket_at = row.handle, row.ticket_at
    work.session.delete(row)
    work.session.flush()
    return RanOut(account=account.id, handle=handle, ticket_at=ticket_at) if ticket_at is not None else None


def hold_session(work: Work, token: str) -> None:
    """The session of a cookie stands until this Work ends; raises ``NotSignedIn`` when it ended a moment ago.

    Ask before a visit is locked, in the order in which an ended session puts its device out: of the two, the second
    waits for the first, and knows of it.
    """
    held = select(StaffSessionRow).where(StaffSessionRow.id == session_id(token)).with_for_update()
    if work.session.exec(held.execution_options(populate_existing=True)).first() is None:
        raise NotSignedIn


def note_ticket(work: Work, token: str, participant: str) -> None:
    """A ticket of this instant was signed for the session of a cookie, to the place of ``participant`` in a room.

    Call it only where one was, and after ``hold_session``: by it a device is known that comes in.
    """
    signed = update(StaffSessionRow).where(col(StaffSessionRow.id) == session_id(token))
    work.session.exec(signed.values(ticket_at=work.now, ticket_for=participant))


def keep_purpose(work: Work, token: str, purpose: StatedPurpose) -> None:
    """Why whoever holds the session of a cookie reads, until it ends.  The caller records it."""
    said = update(StaffSessionRow).where(col(StaffSessionRow.id) == session_id(token))
    work.session.exec(said.values(purpose=purpose.code, purpose_id=purpose.ref))


def mark_seen(work: Work, token: str) -> None:
    """Keep a session from going idle."""
    row = work.session.get(StaffSessionRow, session_id(token))
    if row is not None:
        row.seen_at = work.now
        work.session.add(row)


def count_attempt(work: Work, what: str, *, per: timedelta = MINUTE) -> int:
    """Attempts at ``what`` in the present minute, hour or day (UTC), this one included.

    Give another ``what`` for another ``per``.  The count stays locked until the Work ends.
    """
    key, window = _throttle_key(work, what, per)
    insert_if_new(work.session, ThrottleRow, {"id": key, "window": window, "attempts": 0})
    counted = (
        update(ThrottleRow)
        .where(col(ThrottleRow.id) == key, col(ThrottleRow.window) == window)
        .values(attempts=ThrottleRow.attempts + 1)
    )
    work.session.exec(counted)
    return work.session.get_one(ThrottleRow, (key, window), populate_existing=True).attempts


def take_back_attempt(work: Work, what: str, *, per: timedelta = MINUTE) -> None:
    """The attempt that ``count_attempt`` just counted was a right one, and counts no more."""
    key, window = _throttle_key(work, what, per)
    right = update(ThrottleRow).where(col(ThrottleRow.id) == key, col(ThrottleRow.window) == window)
    work.session.exec(right.values(attempts=ThrottleRow.attempts - 1))


def attempts_at(work: Work, what: str, *, per: timedelta) -> int:
    """How many attempts at ``what`` were counted in the present minute, hour or day (UTC)."""
    row = work.session.get(ThrottleRow, _throttle_key(work, what, per), populate_existing=True)
    return row.attempts if row else 0


def _throttle_key(work: Work, what: str, per: timedelta) -> tuple[str, int]:
    return hashlib.sha256(what.encode()).hexdigest(), int(work.now.timestamp()) // int(per.total_seconds())
