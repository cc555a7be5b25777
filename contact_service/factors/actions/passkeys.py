"""Add and remove passkeys, and sign in with one alone: it is held in the hand and knows who holds it."""

import hashlib
import secrets
from typing import Any

from sqlmodel import col, delete, select

from contact_service.actor import Authentication
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotFound
from contact_service.factors import passkeys
from contact_service.factors.actions.enrolling import (
    LOST,
    changed,
    forget_idle_codes,
    owes_passkey,
    renew_codes,
)
from contact_service.factors.actions.telling import tell
from contact_service.factors.factor import (
    CHALLENGE_LIMIT,
    CODES_PER_WINDOW,
    MOST_PASSKEYS,
    PASSKEY_NAME_MAXIMUM,
    Factor,
)
from contact_service.factors.passkeys import CHALLENGE_BYTES, PasskeyCopied, PasskeyRefused, Place
from contact_service.factors.queries import factors_of
from contact_service.factors.tables import PasskeyChallengeRow, StaffPasskeyRow
from contact_service.identity import actions as identity
from contact_service.identity.account import Account
from contact_service.identity.actions import SignedIn, SignInRefused
from contact_service.identity.actions.proving import note_proof
from contact_service.identity.network import network_of
from contact_service.identity.queries import account_for
from contact_service.ids import AccountId
from contact_service.notifications.message import MessageKind
from contact_service.work import Work

_MAKE, _SIGN, _PROVE = "make", "sign", "prove"
_NOT_USABLE = "This passkey does not work here. Try again, or sign in with your password."


def ask_to_make(work: Work, place: Place, *, browser: str) -> dict[str, Any]:
    """What the actor's browser is asked to make a passkey of; good once, for five minutes, in this session.

    ``browser`` is the cookie of the session.  Raises ``BadInput`` when there are ten passkeys already, and, where
    passkeys are demanded of the actor, when they did not sign in with the strongest that they have.
    """
    account = _own(work)
    if len(factors_of(work, account.id).passkeys) >= MOST_PASSKEYS:
        raise BadInput(f"You have {MOST_PASSKEYS} passkeys. Remove one first.", "password")
    _demand_strongest(work, account)
    known = work.session.exec(
        select(StaffPasskeyRow.credential).where(StaffPasskeyRow.account_id == account.id)
    ).all()
    challenge = _new_challenge(work, _MAKE, browser)
    return passkeys.ask_to_make(place, challenge, account=account.id, email=account.email, known=known)


def add_passkey(
    work: Work, place: Place, answer: dict[str, Any], *, name: str, browser: str
) -> list[str] | None:
    """Keep the passkey of the answer to ``ask_to_make``; returns recovery codes to show once, if there were none.

    Raises ``BadInput`` when it does not count; the challenge is used up then too, if the caller lets the Work commit.
    """
    account = _own(work)
    _demand_strongest(work, account)
    try:
        new = passkeys.made(place, _take_challenge(work, _MAKE, browser), answer)
    except PasskeyRefused:
        raise BadInput("This passkey could not be added. Try again.", "passkey") from None
    if work.session.exec(select(StaffPasskeyRow).where(StaffPasskeyRow.credential == new.credential)).first():
        raise BadInput("This passkey is here already.", "passkey")
    work.session.add(
        StaffPasskeyRow(
            id=work.new_id(),
            account_id=account.id,
            credential=new.credential,
            public_key=new.public_key,
            sign_count=new.sign_count,
            name=name.strip()[:PASSKEY_NAME_MAXIMUM] or "Passkey",
            added_at=work.now,
        )
    )
    work.session.flush()
    changed(work, account.id, EventType.STAFF_FACTOR_ADDED, Factor.PASSKEY, keep=browser)
    return None if factors_of(work, account.id).codes_left else renew_codes(work, account.id)


def remove_passkey(work: Work, passkey: str, *, keep: str) -> None:
    """The passkey opens nothing any more.  Raises ``NotFound`` for one that is not the actor's.

    Raises ``BadInput`` where passkeys are demanded of the actor and they signed in otherwise.
    """
    account = _own(work)
    if owes_passkey(work):
        raise BadInput(f"Sign in with a passkey, then remove this one. {LOST}", "password")
    gone = delete(StaffPasskeyRow).where(
        col(StaffPasskeyRow.id) == passkey, col(StaffPasskeyRow.account_id) == account.id
    )
    if work.session.exec(gone).rowcount != 1:
        raise NotFound
    changed(work, account.id, EventType.STAFF_FACTOR_REMOVED, Factor.PASSKEY, keep=keep)
    forget_idle_codes(work, account.id)


def ask_to_sign(work: Work, place: Place, *, browser: str) -> dict[str, Any]:
    """What a browser is asked to sign, once, within five minutes; ``browser`` is a cookie made for this alone."""
    return passkeys.ask_to_sign(place, _new_challenge(work, _SIGN, browser))


def sign_in(
    work: Work, place: Place, answer: dict[str, Any], *, browser: str, address: str
) -> SignedIn | SignInRefused:
    """Start a session for whoever holds the passkey that signed; a refusal is recorded, and says one thing only.

    Failures alone are counted: a good signature is never refused, whoever else fails from the same address.
    """
    challenge = _take_challenge(work, _SIGN, browser)
    named = StaffPasskeyRow.credential == passkeys.credential_in(answer)
    row = work.session.exec(select(StaffPasskeyRow).where(named).with_for_update()).first()
    account = _holder(work, row, place, challenge, answer) if row is not None else _refused(work)
    if account is None:
        if identity.count_attempt(work, f"passkey|{network_of(address)}") > CODES_PER_WINDOW:
            return SignInRefused(message="Too many tries. Wait one minute, then try again.")
        return SignInRefused(message=_NOT_USABLE)
    return identity.start_session(work, account, Authentication.PASSKEY)


def ask_to_prove(work: Work, place: Place, *, browser: str) -> dict[str, Any]:
    """What the actor's browser is asked to sign before a grave act; ``browser`` is the cookie of the session."""
    return passkeys.ask_to_sign(place, _new_challenge(work, _PROVE, browser))


def prove(work: Work, place: Place, answer: dict[str, Any], *, browser: str) -> None:
    """The actor showed with a passkey of their own that it is they; it is recorded.

    Raises ``BadInput`` for any other; that is recorded too, and the question is used up, if the caller lets the Work
    commit.
    """
    challenge = _take_challenge(work, _PROVE, browser)
    own = select(StaffPasskeyRow).where(
        StaffPasskeyRow.credential == passkeys.credential_in(answer),
        StaffPasskeyRow.account_id == work.actor.account,
    )
    row = work.session.exec(own.with_for_update()).first()
    if (_holder(work, row, place, challenge, answer) if row is not None else _refused(work)) is None:
        raise BadInput("This passkey does not work here. Try again.", "passkey")
    note_proof(work, Authentication.PASSKEY)


def _holder(
    work: Work, row: StaffPasskeyRow, place: Place, challenge: bytes, answer: dict[str, Any]
) -> Account | None:
    """Whose passkey signed, with its count moved on; None when that does not count, or they cannot sign in.

    The refusal is recorded; of a copy the owner is told.
    """
    try:
        account = account_for(work, AccountId(row.account_id))
    except NotFound:
        return _refused(work)
    if account.disabled:
        return _refused(work)
    try:
        count = passkeys.signed(
            place, challenge, answer, public_key=row.public_key, sign_count=row.sign_count
        )
    except PasskeyCopied:
        tell(work, account.id, MessageKind.SIGN_IN_TRIED)
        return _refused(work, "passkey_copied", account)
    except PasskeyRefused:
        return _refused(work)
    row.sign_count, row.used_at = count, work.now
    work.session.add(row)
    return account


def _refused(work: Work, reason: str = "passkey_refused", account: Account | None = None) -> Account | None:
    """Nobody; the refusal is recorded."""
    facts = (("account", account.ref),) if account else ()
    work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason=reason, facts=facts))
    return None


def _demand_strongest(work: Work, account: Account) -> None:
    """Raise ``BadInput`` where a passkey would lift a sign-in above one that somebody was tricked out of."""
    if not owes_passkey(work):
        return
    factors = factors_of(work, account.id)
    if factors.passkeys:
        raise BadInput(f"Sign in with the passkey that you have, then add another. {LOST}", "password")
    enough = Authentication.PASSWORD_AND_APP if factors.app_since else Authentication.PASSWORD
    if work.actor.authentication is not enough:
        raise BadInput(f"Sign in with a code of your app, then add a passkey. {LOST}", "password")


def _new_challenge(work: Work, purpose: str, browser: str) -> bytes:
    _forget_challenge(work, purpose, browser)
    # Anybody may ask, so old questions go as new ones come.
    old = col(PasskeyChallengeRow.made_at) <= work.now - CHALLENGE_LIMIT
    work.session.exec(delete(PasskeyChallengeRow).where(old))
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    row = PasskeyChallengeRow(id=_id(purpose, browser), challenge=challenge, made_at=work.now)
    work.session.add(row)
    work.session.flush()
    return challenge


def _take_challenge(work: Work, purpose: str, browser: str) -> bytes:
    """The browser's challenge, which is used up by this; an old or missing one is random, and nothing signs it."""
    row = work.session.get(PasskeyChallengeRow, _id(purpose, browser))
    fresh = row is not None and work.now < row.made_at + CHALLENGE_LIMIT
    challenge = row.challenge if row is not None and fresh else secrets.token_bytes(CHALLENGE_BYTES)
    taken = _forget_challenge(work, purpose, browser)
    return challenge if taken else secrets.token_bytes(CHALLENGE_BYTES)


def _forget_challenge(work: Work, purpose: str, browser: str) -> bool:
    gone = delete(PasskeyChallengeRow).where(col(PasskeyChallengeRow.id) == _id(purpose, browser))
    return work.session.exec(gone).rowcount == 1


def _id(purpose: str, browser: str) -> str:
    return hashlib.sha256(f"passkey/{purpose}|{browser}".encode()).hexdigest()


def _own(work: Work) -> Account:
    assert work.actor.account is not None
    return account_for(work, work.actor.account)
