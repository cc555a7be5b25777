"""Set a password: one's own, or a new one with a one-time code that somebody else had made.

Nobody chooses a password for another, and whoever makes a code can no longer be the only one who knows what signs in:
its owner is told, and app and passkeys go on being asked for.  Source: OWASP ASVS 5.0, 6.4.1, 6.4.3, 6.4.6.
"""

import secrets
from dataclasses import dataclass

from sqlmodel import col, delete, select

from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotFound
from contact_service.factors.actions.telling import tell
from contact_service.factors.codes import RECOVERY_BYTES, password_code_hash, recovery_code_of
from contact_service.factors.factor import CODES_PER_WINDOW, PASSWORD_CODE_LIMIT
from contact_service.factors.tables import StaffPasswordCodeRow
from contact_service.identity import actions as identity
from contact_service.identity.account import Account
from contact_service.identity.actions import SignInRefused
from contact_service.identity.network import network_of
from contact_service.identity.queries import account_for, account_with_email
from contact_service.ids import AccountId
from contact_service.notifications.message import MessageKind
from contact_service.work import Work

_WRONG = "The e-mail address or the code is not right, or the code is too old. Ask for a new one."


@dataclass(frozen=True, kw_only=True)
class CodeAsked:
    """Whose one-time code somebody typed; ``hash`` is used up when the password is set."""

    account: Account
    hash: str


def change_password(work: Work, kept: str, *, keep: str) -> None:
    """The actor's own password is another from now; every session but the one of the cookie ``keep`` is over.

    ``kept`` is of ``identity.hashing.kept_of``.  Ask for the present password before.
    """
    assert work.actor.account is not None
    account = work.actor.account
    _forget_codes(work, account)
    identity.set_password(work, account, kept, keep=keep)
    facts = (("account", account_for(work, account).ref),)
    work.record(AuditEvent(type=EventType.STAFF_PASSWORD_CHANGED, facts=facts))
    tell(work, account, MessageKind.PASSWORD_CHANGED)


def reset_password(work: Work, account: AccountId) -> str:
    """The password of somebody else signs in no more; returns a code, shown once, with which they set a new one.

    Only by an administrator, and never their own.  App, passkeys and recovery codes stay; every session is over.
    """
    identity.demand_second_person(work, account)
    identity.set_password(work, account, "")
    code = invite(work, account)
    tell(work, account, MessageKind.PASSWORD_RESET)
    return code


def invite(work: Work, account: AccountId) -> str:
    """A code, good for an hour and once, with which the owner of an account sets its password; an older one is void."""
    found = account_for(work, account)
    _forget_codes(work, account)
    code = recovery_code_of(secrets.token_bytes(RECOVERY_BYTES))
    hashed = password_code_hash(code, account=account)
    work.session.add(StaffPasswordCodeRow(hash=hashed, account_id=account, made_at=work.now))
    work.session.flush()
    work.record(AuditEvent(type=EventType.STAFF_PASSWORD_RESET, facts=(("account", found.ref),)))
    return code


def ask_code(work: Work, *, email: str, code: str, address: str) -> CodeAsked | SignInRefused:
    """Whose code it is, so that the new password is judged and hashed outside any Work; a refusal is recorded.

    At most ten tries a minute are looked at per client address and account together.
    """
    if identity.count_attempt(work, f"new password|{network_of(address)}|{email}") > CODES_PER_WINDOW:
        return _refused(work, "too_many_attempts", "Too many tries. Wait one minute, then try again.")
    try:
        account = account_with_email(work, email) if email.isprintable() else None
    except BadInput:
        account = None
    hashed = password_code_hash(code, account=account.id if account else "")
    fresh = col(StaffPasswordCodeRow.made_at) > work.now - PASSWORD_CODE_LIMIT
    found = select(StaffPasswordCodeRow).where(StaffPasswordCodeRow.hash == hashed, fresh)
    if work.session.exec(found).first() is None or account is None:
        return _refused(work, "wrong_code", _WRONG, account)
    return CodeAsked(account=account, hash=hashed)


def set_with_code(work: Work, asked: CodeAsked, kept: str) -> SignInRefused | None:
    """The owner of the code has a new password, and signs in with it; a code that was used since sets none."""
    try:
        stands = not account_for(work, asked.account.id).disabled
    except NotFound:
        stands = False
    # In one statement, so that of two browsers with the same code one sets the password.
    used = delete(StaffPasswordCodeRow).where(col(StaffPasswordCodeRow.hash) == asked.hash)
    if not stands or work.session.exec(used).rowcount != 1:
        return _refused(work, "wrong_code", _WRONG, asked.account)
    identity.set_password(work, asked.account.id, kept)
    facts = (("account", asked.account.ref),)
    work.record(AuditEvent(type=EventType.STAFF_PASSWORD_SET, facts=facts))
    tell(work, asked.account.id, MessageKind.PASSWORD_CHANGED)
    return None


def _refused(work: Work, reason: str, message: str, account: Account | None = None) -> SignInRefused:
    facts = (("account", account.ref),) if account else ()
    work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason=reason, facts=facts))
    return SignInRefused(message=message)


def _forget_codes(work: Work, account: AccountId) -> None:
    gone = delete(StaffPasswordCodeRow).where(col(StaffPasswordCodeRow.account_id) == account)
    work.session.exec(gone)
