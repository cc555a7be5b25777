"""The first administrator of an empty installation, by a one-time code: there is no default account.

Source: OWASP ASVS 5.0, 6.3.2, 6.4.1.
"""

import secrets
from dataclasses import dataclass

from sqlmodel import col, delete, select

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import Conflict
from contact_service.factors.codes import RECOVERY_BYTES, password_code_hash, recovery_code_of
from contact_service.factors.factor import CODES_PER_WINDOW, PASSWORD_CODE_LIMIT
from contact_service.factors.tables import FirstRunCodeRow
from contact_service.identity import actions as identity
from contact_service.identity.actions import SignInRefused
from contact_service.identity.network import network_of
from contact_service.identity.queries import is_anybody_there
from contact_service.ids import AccountId
from contact_service.work import Work

_NOBODYS = "first run"
_WRONG = "This code is not right, or it is too old. Have a new one printed: contact-service first-run."


class SomebodyIsThere(Conflict):
    """There is an account already, so this is no first run. Make accounts with contact-service staff add."""


@dataclass(frozen=True, kw_only=True)
class FirstRun:
    """A right code was typed; ``hash`` is used up when the administrator is made."""

    hash: str


def make_first_code(work: Work) -> str:
    """A code, good for an hour and once, in place of every older one; raises ``SomebodyIsThere``."""
    _demand_nobody(work)
    work.session.exec(delete(FirstRunCodeRow))
    code = recovery_code_of(secrets.token_bytes(RECOVERY_BYTES))
    row = FirstRunCodeRow(hash=password_code_hash(code, account=_NOBODYS), made_at=work.now)
    work.session.add(row)
    work.session.flush()
    work.record(AuditEvent(type=EventType.FIRST_RUN_CODE_MADE))
    return code


def ask_first_code(work: Work, code: str, *, address: str) -> FirstRun | SignInRefused:
    """Whether the code is right, so that the password is judged and hashed outside any Work; a refusal is recorded."""
    if identity.count_attempt(work, f"first run|{network_of(address)}") > CODES_PER_WINDOW:
        return _refused(work, "too_many_attempts", "Too many tries. Wait one minute, then try again.")
    hashed = password_code_hash(code, account=_NOBODYS)
    fresh = col(FirstRunCodeRow.made_at) > work.now - PASSWORD_CODE_LIMIT
    found = select(FirstRunCodeRow).where(FirstRunCodeRow.hash == hashed, fresh)
    if is_anybody_there(work) or work.session.exec(found).first() is None:
        return _refused(work, "wrong_code", _WRONG)
    return FirstRun(hash=hashed)


def make_first(work: Work, asked: FirstRun, *, email: str, name: str, kept: str) -> AccountId | SignInRefused:
    """Make the one first administrator; ``kept`` is of ``identity.hashing.kept_of``.

    A code that was used since makes nobody.  Raises ``BadInput`` for a bad address, and the code is good still.
    """
    # In one statement, so that of two browsers with the code one makes an administrator.
    used = delete(FirstRunCodeRow).where(col(FirstRunCodeRow.hash) == asked.hash)
    if work.session.exec(used).rowcount != 1 or is_anybody_there(work):
        return _refused(work, "wrong_code", _WRONG)
    account = identity.add_account(work, email=email, name=name, roles=(Role.ADMINISTRATOR,), password=None)
    identity.set_password(work, account, kept)
    work.record(AuditEvent(type=EventType.FIRST_RUN_DONE))
    return account


def _demand_nobody(work: Work) -> None:
    if is_anybody_there(work):
        raise SomebodyIsThere


def _refused(work: Work, reason: str, message: str) -> SignInRefused:
    work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason=reason))
    return SignInRefused(message=message)
