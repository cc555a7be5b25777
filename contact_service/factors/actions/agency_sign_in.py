"""Sign in through the agency's single sign-on, and out of it.

No account is ever made by a token, and none is found by its e-mail address alone.  An administrator lets one account
be linked; the first sign-in within a week whose address the provider checked, and which is the account's own, links it
for good to the provider's name for that person.  From then on that name alone counts.
Source: OWASP ASVS 5.0, 6.8 and 10.5.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlmodel import col, delete, select, update

from contact_service.actor import Authentication
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import NotFound
from contact_service.factors.actions.telling import tell
from contact_service.factors.queries import factors_of
from contact_service.factors.tables import AgencyQuestionRow, LogoutTokenRow, StaffLinkRow
from contact_service.identity import actions as identity
from contact_service.identity.actions import SESSION_TOKEN_BYTES, SignedIn, SignInRefused
from contact_service.identity.actions.proving import end_agency_sessions, note_proof
from contact_service.identity.network import may_be_everybodys, network_of
from contact_service.identity.queries import account_for, account_of_email, session_id
from contact_service.ids import AccountId
from contact_service.keys.actions import insert_if_new
from contact_service.notifications.message import MessageKind
from contact_service.openid.question import Question
from contact_service.openid.tokens import Identity, Logout
from contact_service.work import Work

QUESTION_LIMIT = timedelta(minutes=5)
LINK_LIMIT = timedelta(days=7)
TOKENS_KEPT = timedelta(hours=1)
"""Longer than any logout token is good for."""
STARTS_PER_WINDOW = 60
"""Sign-ins through the agency that one network may begin in a minute: a whole office, at nine in the morning."""
BAD_TOKENS_PER_WINDOW = 30
"""Logout tokens that do not count which one network may send in a minute."""
_NOT_LINKED = (
    "Your agency knows you, but no account here is linked to that sign-in. Sign in with your password, or ask an"
    " administrator to let you sign in through the agency."
)


def ask(work: Work, *, browser: str, address: str, session: str | None = None) -> Question | SignInRefused:
    """What a browser is sent to the provider with, good once, for five minutes; ``browser`` is a cookie for this.

    ``session``: for somebody who is signed in and shows anew that it is they.

    Refused when its network began too many in the minute; the first refusal of each minute is recorded.
    """
    if not may_be_everybodys(address):
        begun = identity.count_attempt(work, f"agency|{network_of(address)}")
        if begun == STARTS_PER_WINDOW + 1:
            refuse(work, "too_many_attempts")
        if begun > STARTS_PER_WINDOW:
            return SignInRefused(message="Too many tries from this network. Wait one minute, then try again.")
    old = col(AgencyQuestionRow.asked_at) <= work.now - QUESTION_LIMIT
    work.session.exec(delete(AgencyQuestionRow).where(old))
    question = Question(
        state=secrets.token_urlsafe(SESSION_TOKEN_BYTES),
        nonce=secrets.token_urlsafe(SESSION_TOKEN_BYTES),
        verifier=secrets.token_urlsafe(SESSION_TOKEN_BYTES),
        asked_at=work.now,
        session=session,
    )
    work.session.add(
        AgencyQuestionRow(
            id=session_id(browser),
            state_hash=_hash(question.state),
            nonce=question.nonce,
            verifier=question.verifier,
            asked_at=work.now,
            session_id=session,
        )
    )
    work.session.flush()
    return question


def take_question(work: Work, *, browser: str, state: str) -> Question | None:
    """The question of a browser, which is used up by this, right or wrong; None unless it carries its ``state``."""
    row = work.session.get(AgencyQuestionRow, session_id(browser))
    if row is None:
        return None
    found = Question(
        state=state,
        nonce=row.nonce,
        verifier=row.verifier,
        asked_at=row.asked_at,
        session=row.session_id,
    )
    fresh = work.now < row.asked_at + QUESTION_LIMIT
    fits = hmac.compare_digest(row.state_hash, _hash(state))
    # In one statement, so that of two answers at one moment one is taken.
    gone = delete(AgencyQuestionRow).where(col(AgencyQuestionRow.id) == session_id(browser))
    taken = work.session.exec(gone).rowcount == 1
    return found if taken and fresh and fits else None


def refuse(work: Work, reason: str) -> None:
    """Record that a sign-in through the agency did not count."""
    work.record(AuditEvent(type=EventType.STAFF_SIGN_IN_FAILED, reason=reason))


def sign_in(work: Work, who: Identity) -> SignedIn | SignInRefused:
    """Start a session for the account that is linked to ``who``; a refusal is recorded."""
    linked = _linked(work, who) or _link(work, who)
    try:
        account = account_for(work, linked) if linked else None
    except NotFound:
        account = None
    if account is None or account.disabled:
        refuse(work, "agency_unknown" if account is None else "agency_disabled")
        return SignInRefused(message=_NOT_LINKED)
    way = Authentication.AGENCY_PASSKEY if who.proven else Authentication.AGENCY
    return identity.start_session(work, account, way, provider_session=who.session)


def prove(work: Work, who: Identity, *, session: str | None) -> SignInRefused | None:
    """The actor showed at the provider that it is they, in the session for which that was asked; it is recorded.

    Refused, and recorded, in another session, for somebody else there, and where ``can_prove`` says no.
    """
    assert work.actor.account is not None
    if session is None or work.actor.session != session:
        return _not_proved(work, "agency_not_asked", _OTHER_SESSION)
    if _linked(work, who) != work.actor.account:
        return _not_proved(work, "agency_other_person", _OTHER_PERSON)
    way = Authentication.AGENCY_PASSKEY if who.proven else Authentication.AGENCY
    if not _is_no_less(work, work.actor.account, way):
        return _not_proved(work, "agency_not_enough", _NOT_ENOUGH)
    note_proof(work, way)
    return None


def can_prove(work: Work, issuer: str, *, by_passkey: bool) -> bool:
    """Whether the actor is linked there, and may show there that it is they; ``by_passkey``: it can say so."""
    account = work.actor.account
    row = None if account is None else work.session.get(StaffLinkRow, account)
    if account is None or row is None or row.issuer != issuer or row.subject is None:
        return False
    way = Authentication.AGENCY_PASSKEY if by_passkey else Authentication.AGENCY
    return _is_no_less(work, account, way)


def _is_no_less(work: Work, account: AccountId, way: Authentication) -> bool:
    """Whether what the provider says of itself is no less than what the account has here."""
    factors = factors_of(work, account)
    return way is Authentication.AGENCY_PASSKEY or not (factors.passkeys or factors.app_since)


def _not_proved(work: Work, reason: str, words: str) -> SignInRefused:
    refuse(work, reason)
    return SignInRefused(message=words)


_OTHER_SESSION = (
    "You were asked in another sign-in than the one you are in now. Go back to your page and begin again."
)
_OTHER_PERSON = "Somebody else signed in at your agency. Sign in there as yourself, then try again."
_NOT_ENOUGH = (
    "Your agency did not say that you used a passkey or card. Show it here with your passkey or your app."
)


def allow_link(work: Work, account: AccountId, *, issuer: str) -> None:
    """For a week the account's owner may sign in through the agency for the first time; an administrator says so.

    Raises ``NotAllowed`` for anybody else, and for their own account.  An older link is undone.
    """
    unlink(work, account)
    work.session.add(StaffLinkRow(account_id=account, issuer=issuer, allowed_until=work.now + LINK_LIMIT))
    work.session.flush()
    facts = (("account", account_for(work, account).ref),)
    work.record(AuditEvent(type=EventType.STAFF_LINK_ALLOWED, facts=facts))


def unlink(work: Work, account: AccountId) -> None:
    """Nobody signs in to the account through the agency, and whoever did is out; an administrator says so.

    Raises ``NotAllowed`` for anybody else, and for their own account.
    """
    identity.demand_second_person(work, account)
    gone = delete(StaffLinkRow).where(col(StaffLinkRow.account_id) == account)
    if work.session.exec(gone).rowcount:
        facts = (("account", account_for(work, account).ref),)
        work.record(AuditEvent(type=EventType.STAFF_UNLINKED, facts=facts))
        end_agency_sessions(work, account=account, provider_session=None, reason="unlinked")


def sign_out(work: Work, logout: Logout) -> list[AccountId] | None:
    """End what the provider says is over; returns whose sessions it ended, None for a token that was taken before."""
    work.session.exec(delete(LogoutTokenRow).where(col(LogoutTokenRow.taken_at) <= work.now - TOKENS_KEPT))
    taken = _hash(f"{logout.issuer}|{logout.id}")
    if work.session.get(LogoutTokenRow, taken) is not None:
        return None
    insert_if_new(work.session, LogoutTokenRow, {"id": taken, "taken_at": work.now})
    account = _account_of(work, logout.issuer, logout.subject) if logout.subject else None
    if logout.subject and account is None:
        return []
    return end_agency_sessions(
        work, account=account, provider_session=logout.session, reason="agency_signed_out"
    )


def hears(work: Work, *, address: str) -> bool:
    """Whether a logout token from there is looked at: not after too many in the minute that did not count.

    Good ones are never counted, so what strangers send from elsewhere keeps no word of the provider's out.
    """
    if may_be_everybodys(address):
        return True
    return identity.attempts_at(work, _bad_tokens(address), per=identity.MINUTE) < BAD_TOKENS_PER_WINDOW


def note_bad_token(work: Work, *, address: str) -> None:
    """Count a logout token that did not count."""
    if not may_be_everybodys(address):
        identity.count_attempt(work, _bad_tokens(address))


def _bad_tokens(address: str) -> str:
    return f"logout token|{network_of(address)}"


def _linked(work: Work, who: Identity) -> AccountId | None:
    return _account_of(work, who.issuer, who.subject)


def _account_of(work: Work, issuer: str, subject: str) -> AccountId | None:
    found = select(StaffLinkRow.account_id).where(
        StaffLinkRow.issuer == issuer, StaffLinkRow.subject == subject
    )
    row = work.session.exec(found).first()
    return AccountId(row) if row else None


def _link(work: Work, who: Identity) -> AccountId | None:
    """The account that waits for its first sign-in with this checked address, linked from now; else None."""
    if not who.email:
        return None
    try:
        account = account_of_email(work, who.email)
    except NotFound:
        return None
    waiting = update(StaffLinkRow).where(
        col(StaffLinkRow.account_id) == account.id,
        col(StaffLinkRow.issuer) == who.issuer,
        col(StaffLinkRow.subject).is_(None),
        col(StaffLinkRow.allowed_until) > work.now,
    )
    if (
        account.disabled
        or work.session.exec(waiting.values(subject=who.subject, linked_at=work.now)).rowcount != 1
    ):
        return None
    work.record(AuditEvent(type=EventType.STAFF_LINKED, facts=(("account", account.ref),)))
    tell(work, account.id, MessageKind.SIGN_IN_ADDED)
    return account.id


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
