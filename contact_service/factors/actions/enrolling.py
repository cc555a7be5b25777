"""Add and take away an authenticator app and recovery codes; let a second person take away all.

Every change asks for the password again, ends the account's other sessions, is recorded, and is told to its owner.
"""

import secrets

from sqlmodel import col, delete

from contact_service.actor import Authentication
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput
from contact_service.factors.actions.telling import tell
from contact_service.factors.codes import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    recovery_code_of,
    recovery_hash,
    secret_of,
    step_of,
)
from contact_service.factors.factor import CODES_PER_WINDOW, Factor
from contact_service.factors.queries import PENDING_FIELD, SECRET_FIELD, factors_of, pending_secret
from contact_service.factors.tables import (
    StaffAppRow,
    StaffPasskeyRow,
    StaffRecoveryCodeRow,
)
from contact_service.identity import actions as identity
from contact_service.identity.account import lacks_passkey
from contact_service.identity.queries import account_for, session_id
from contact_service.ids import AccountId
from contact_service.keys.actions import seal_for_person
from contact_service.notifications.message import MessageKind
from contact_service.work import Work

LOST = "If you lost it, ask an administrator to reset how you sign in."


def show_secret(work: Work, *, browser: str) -> None:
    """Keep a new secret for the actor's app, which counts from its first right code on; raises if there is an app.

    Only the session of the cookie ``browser`` sees and confirms it.
    """
    account = _own(work)
    row = work.session.get(StaffAppRow, account)
    if row is not None and row.confirmed_at is not None:
        raise BadInput("There is an app already. Remove it first, then add the new one.", "password")
    sealed = _sealed(
        work, account, secret_of(secrets.token_bytes(SECRET_BYTES)), PENDING_FIELD.format(session_id(browser))
    )
    if row is None:
        row = StaffAppRow(account_id=account, sealed=sealed, shown_at=work.now)
    row.sealed, row.shown_at, row.last_step = sealed, work.now, 0
    work.session.add(row)
    work.session.flush()
    facts = (("account", account_for(work, account).ref),)
    work.record(AuditEvent(type=EventType.STAFF_APP_SHOWN, facts=facts))


def confirm_app(work: Work, code: str, *, keep: str) -> list[str]:
    """Let the app count from now, and return the recovery codes, which are shown once.

    ``keep`` is the cookie of the session that asked for the secret and goes on.  Raises ``BadInput`` when the code is
    not right, and changes nothing then but the count of tries, if the caller lets the Work commit.
    """
    account = _own(work)
    if identity.count_attempt(work, f"confirm|{keep}") > CODES_PER_WINDOW:
        facts = (("account", account_for(work, account).ref),)
        work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason="too_many_attempts", facts=facts))
        raise BadInput("Too many tries. Wait one minute, then try again.", "code")
    secret = pending_secret(work, account, browser=keep)
    if secret is None:
        raise BadInput("This took too long. Begin again, and we show you a new picture.", "code")
    step = step_of(secret, code, at=work.now)
    if step is None:
        raise BadInput(
            "This code is not right. Wait for the next one in the app. If it is never right, check that the time on"
            " your phone is set by itself.",
            "code",
        )
    row = work.session.get_one(StaffAppRow, account)
    row.sealed, row.confirmed_at, row.last_step = _sealed(work, account, secret, SECRET_FIELD), work.now, step
    work.session.add(row)
    changed(work, account, EventType.STAFF_FACTOR_ADDED, Factor.APP, keep=keep)
    return renew_codes(work, account)


def remove_app(work: Work, *, keep: str) -> None:
    """The app counts no more; without a passkey either, the recovery codes go too.

    Raises ``BadInput`` where passkeys are demanded of the actor and they signed in with less than the app: what is left
    could add a first passkey.
    """
    account = _own(work)
    if owes_passkey(work) and work.actor.authentication is not Authentication.PASSWORD_AND_APP:
        raise BadInput(
            f"Sign in with a code of your app, or with a passkey, then remove the app. {LOST}", "password"
        )
    work.session.exec(delete(StaffAppRow).where(col(StaffAppRow.account_id) == account))
    changed(work, account, EventType.STAFF_FACTOR_REMOVED, Factor.APP, keep=keep)
    forget_idle_codes(work, account)


def show_new_codes(work: Work, *, keep: str) -> list[str]:
    """Ten new recovery codes in place of all old ones; raises ``BadInput`` where nothing asks for one."""
    account = _own(work)
    if not factors_of(work, account).ask_for_more:
        raise BadInput("Add an app or a passkey first. Recovery codes stand in for one.", "password")
    changed(work, account, EventType.STAFF_FACTOR_ADDED, Factor.RECOVERY_CODES, keep=keep)
    return renew_codes(work, account)


def renew_codes(work: Work, account: AccountId) -> list[str]:
    """Ten new codes in place of all old ones; only their hashes are kept."""
    work.session.exec(delete(StaffRecoveryCodeRow).where(col(StaffRecoveryCodeRow.account_id) == account))
    codes = [recovery_code_of(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        hashed = recovery_hash(code, account=account)
        work.session.add(StaffRecoveryCodeRow(hash=hashed, account_id=account, made_at=work.now))
    work.session.flush()
    return codes


def forget_idle_codes(work: Work, account: AccountId) -> None:
    """Forget the recovery codes of an account that asks for none any more."""
    work.session.flush()
    if not factors_of(work, account).ask_for_more:
        _forget_codes(work, account)


def reset_factors(work: Work, account: AccountId) -> None:
    """Take away app, codes and passkeys of somebody who lost them, and end their sessions.

    Only by an administrator, and never their own: whoever resets must be another person.
    """
    identity.demand_second_person(work, account)
    ref = account_for(work, account).ref
    for table in (StaffAppRow, StaffPasskeyRow):
        work.session.exec(delete(table).where(col(table.account_id) == account))
    _forget_codes(work, account)
    identity.end_sessions(work, account)
    work.record(AuditEvent(type=EventType.STAFF_FACTORS_RESET, facts=(("account", ref),)))
    tell(work, account, MessageKind.SIGN_IN_RESET)


def owes_passkey(work: Work) -> bool:
    """Whether a passkey is demanded of the actor and they signed in otherwise."""
    roles, authentication = work.actor.roles, work.actor.authentication
    return work.installation.demand_passkeys and lacks_passkey(roles, authentication)


def changed(work: Work, account: AccountId, event: EventType, factor: Factor, *, keep: str) -> None:
    """Record a change, tell the account's owner, and end every session but the one of the cookie ``keep``."""
    facts = (("account", account_for(work, account).ref), ("factor", factor.value))
    work.record(AuditEvent(type=event, facts=facts))
    added = event is EventType.STAFF_FACTOR_ADDED
    tell(work, account, MessageKind.SIGN_IN_ADDED if added else MessageKind.SIGN_IN_REMOVED)
    identity.end_sessions(work, account, but=keep)


def _sealed(work: Work, account: AccountId, secret: str, field: str) -> bytes:
    return seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=account,
        plaintext=secret.encode(),
        field=field,
    )


def _forget_codes(work: Work, account: AccountId) -> None:
    work.session.exec(delete(StaffRecoveryCodeRow).where(col(StaffRecoveryCodeRow.account_id) == account))


def _own(work: Work) -> AccountId:
    assert work.actor.account is not None
    return work.actor.account
