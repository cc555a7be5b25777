"""Sign in: a password, then what else the account asks for.

A right password of an account with an app or a passkey starts no session.  It starts a half-done sign-in, which opens
nothing but the question for a code, lasts five minutes and is bound to the browser by a cookie of its own.
"""

import secrets
from dataclasses import dataclass

from sqlmodel import col, delete, update

from contact_service.actor import Authentication
from contact_service.audit.events import AuditEvent, EventType
from contact_service.factors.actions.telling import tell
from contact_service.factors.codes import is_app_code, recovery_hash, step_of
from contact_service.factors.factor import (
    CODES_PER_HALF,
    CODES_PER_WINDOW,
    HALF_LIMIT,
    WRONG_CODES_PER_DAY,
    WRONG_CODES_PER_HOUR,
)
from contact_service.factors.queries import factors_of, half_signed_in, secret_in
from contact_service.factors.tables import HalfSignInRow, StaffAppRow, StaffRecoveryCodeRow
from contact_service.identity import actions as identity
from contact_service.identity.account import Account
from contact_service.identity.actions import SESSION_TOKEN_BYTES, SignedIn, SignInRefused
from contact_service.identity.hashing import PasswordAsked
from contact_service.identity.network import network_of
from contact_service.identity.queries import account_for, session_id
from contact_service.ids import AccountId
from contact_service.notifications.message import MessageKind
from contact_service.work import Work

SPENT = (
    "Too many wrong codes were typed for this account. Type a recovery code, sign in with a passkey, or wait and try"
    " again later."
)


@dataclass(frozen=True, kw_only=True)
class HalfSignedIn:
    """The password was right; ``token`` goes into a cookie that is worth nothing but the question for a code."""

    token: str


@dataclass(frozen=True, kw_only=True)
class BeginAgain:
    """The half-done sign-in is over: it took too long, or too many codes were wrong."""


def sign_in(
    work: Work, asked: PasswordAsked, *, right: bool, address: str
) -> SignedIn | HalfSignedIn | SignInRefused:
    """After a password was checked: a session starts only where the account asks for no more than that.

    Refusals are as ``identity.actions.prove_password`` says.
    """
    account = identity.prove_password(work, asked, right=right, address=address)
    if isinstance(account, SignInRefused):
        return account
    if not factors_of(work, account.id).ask_for_more:
        return identity.start_session(work, account, Authentication.PASSWORD)
    old = col(HalfSignInRow.started_at) <= work.now - HALF_LIMIT
    work.session.exec(delete(HalfSignInRow).where(old))
    token = secrets.token_urlsafe(SESSION_TOKEN_BYTES)
    half = HalfSignInRow(id=session_id(token), account_id=account.id, started_at=work.now)
    work.session.add(half)
    work.session.flush()
    return HalfSignedIn(token=token)


def prove_code(work: Work, token: str, code: str, *, address: str) -> SignedIn | SignInRefused | BeginAgain:
    """Check a code of the app, or a recovery code, and start a session with a token of its own.

    A refusal is recorded.  After five wrong codes the password is asked for again, and the owner of the account is
    told that somebody has it.  After ten wrong ones within the hour, or a hundred within the day, in whatever half-done
    sign-ins and from wherever, codes of the app are not looked at any more; a recovery code is.
    """
    half = half_signed_in(work, token)
    # Counted in one statement before the code is looked at, so that of guesses at one moment no more than five are.
    if half is None or not _count_guess(work, token):
        return BeginAgain()
    account = account_for(work, half)
    if identity.count_attempt(work, f"code|{network_of(address)}|{account.id}") > CODES_PER_WINDOW:
        refused(work, account, "too_many_attempts")
        return SignInRefused(message="Too many tries. Wait one minute, then try again.")
    hour, spent = count_code(work, account.id)
    if spent and is_app_code(code):
        refused(work, account, "too_many_attempts")
        return SignInRefused(message=SPENT)
    proved = _proved(work, account.id, code)
    if account.disabled or proved is None:
        return _wrong(work, token, account, hour)
    if not end_half(work, token):
        return BeginAgain()
    forgive_code(work, account.id)
    if proved is Authentication.RECOVERY_CODE:
        _note_recovery(work, account)
    return identity.start_session(work, account, proved)


def end_half(work: Work, token: str) -> bool:
    """The half-done sign-in of a cookie opens nothing any more; whether it did until now."""
    gone = delete(HalfSignInRow).where(col(HalfSignInRow.id) == session_id(token))
    return work.session.exec(gone).rowcount == 1


def _count_guess(work: Work, token: str) -> bool:
    counted = (
        update(HalfSignInRow)
        .where(col(HalfSignInRow.id) == session_id(token), col(HalfSignInRow.attempts) < CODES_PER_HALF)
        .values(attempts=HalfSignInRow.attempts + 1)
    )
    return work.session.exec(counted).rowcount == 1


def count_code(work: Work, account: AccountId) -> tuple[int, bool]:
    """How many codes of the account were tried in this hour, this one included; and whether no more are looked at."""
    hour = identity.count_attempt(work, _in_the_hour(account), per=identity.HOUR)
    day = identity.count_attempt(work, _in_the_day(account), per=identity.DAY)
    return hour, hour > WRONG_CODES_PER_HOUR or day > WRONG_CODES_PER_DAY


def forgive_code(work: Work, account: AccountId) -> None:
    """The code that was just counted was right, and counts no more."""
    identity.take_back_attempt(work, _in_the_hour(account), per=identity.HOUR)
    identity.take_back_attempt(work, _in_the_day(account), per=identity.DAY)


def _in_the_hour(account: AccountId) -> str:
    return f"wrong codes in the hour|{account}"


def _in_the_day(account: AccountId) -> str:
    return f"wrong codes in the day|{account}"


def _proved(work: Work, account: AccountId, code: str) -> Authentication | None:
    if is_app_code(code):
        return Authentication.PASSWORD_AND_APP if take_app_code(work, account, code) else None
    hashed = recovery_hash(code, account=account)
    used = delete(StaffRecoveryCodeRow).where(
        col(StaffRecoveryCodeRow.hash) == hashed, col(StaffRecoveryCodeRow.account_id) == account
    )
    return Authentication.RECOVERY_CODE if work.session.exec(used).rowcount == 1 else None


def take_app_code(work: Work, account: AccountId, code: str) -> bool:
    """Whether ``code`` is one of the account's app that was not used before; it is used up by this."""
    row = work.session.get(StaffAppRow, account, populate_existing=True)
    if row is None or row.confirmed_at is None:
        return False
    step = step_of(secret_in(work, account, row.sealed), code, at=work.now)
    if step is None:
        return False
    # In one statement, so that of two browsers with the same code one is refused.
    taken = (
        update(StaffAppRow)
        .where(col(StaffAppRow.account_id) == account, col(StaffAppRow.last_step) < step)
        .values(last_step=step)
    )
    return work.session.exec(taken).rowcount == 1


def _wrong(work: Work, token: str, account: Account, hour: int) -> SignInRefused | BeginAgain:
    refused(work, account, "wrong_code")
    row = work.session.get_one(HalfSignInRow, session_id(token), populate_existing=True)
    last = row.attempts >= CODES_PER_HALF
    if last or hour == CODES_PER_HALF:
        tell(work, account.id, MessageKind.SIGN_IN_TRIED)
    if not last:
        return SignInRefused(message="This code is not right, or it was used before. Wait for the next one.")
    end_half(work, token)
    return BeginAgain()


def refused(work: Work, account: Account, reason: str) -> None:
    """Record that a try did not count."""
    facts = (("account", account.ref),)
    work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason=reason, facts=facts))


def _note_recovery(work: Work, account: Account) -> None:
    left = factors_of(work, account.id).codes_left
    facts = (("account", account.ref), ("left", left))
    work.record(AuditEvent(type=EventType.STAFF_RECOVERY_CODE_USED, facts=facts))
    tell(work, account.id, MessageKind.RECOVERY_CODE_USED)
