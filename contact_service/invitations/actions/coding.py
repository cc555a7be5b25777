"""A short code that is read out on the telephone: make it, type it, and stop all of them when they are guessed.

A code has eight digits and opens for ten minutes, so that guessing must be held back, as it need not be for links: an
address that has typed some wrong ones in an hour is not listened to, and some more from everywhere stop every code.
At worst two hours' worth of wrong codes meet one that stands: 100 of 100,000,000, one in a million.  Whoever hits it is
in the waiting room, where the visit supervisor looks at them; and whoever read the code out was told.
"""

import hmac
import secrets

from sqlmodel import col, delete, select

from contact_service.audit.events import AuditEvent, EventType
from contact_service.identity.actions import HOUR, attempts_at, count_attempt, take_back_attempt
from contact_service.identity.network import may_be_everybodys, network_of
from contact_service.ids import AccountId, InvitationId, VisitId
from contact_service.invitations.actions.inviting import tell_staff
from contact_service.invitations.actions.opening import Device, NotUsable, Opened, TooEarly, bind
from contact_service.invitations.invitation import Invitation
from contact_service.invitations.queries import invitation_by_id
from contact_service.invitations.reissue import CODE_DIGITS, CODE_KEY_PURPOSE, CODE_LIFE, digits_of
from contact_service.invitations.tables import InvitationRow, LinkCodeRow
from contact_service.invitations.token import is_device_key
from contact_service.notifications.message import MessageKind
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.finding import visit_by_id
from contact_service.work import Work

WRONG_OF_ADDRESS = 8
"""Wrong codes of one address in an hour; an IPv6 address as its /56.  More are not looked at."""
LINE_PREFIX = 56
"""Bits.  A home line may hold a /56 whole (RFC 6177); by its 256 /64s it would reach ``WRONG_IN_ALL`` alone."""
WRONG_IN_ALL = 50
"""Wrong codes in an hour wherever they come from; they stop every code that stands, and no more is made."""
_ALL = "code"


def make_code(work: Work, invitation: Invitation) -> str:
    """A code for a link, kept as a keyed hash; it opens once, within ten minutes.  Those that are over go."""
    _clear_away(work)
    code = _unused(work)
    account = work.actor.account
    assert account is not None
    row = LinkCodeRow(
        invitation_id=invitation.id,
        code_hash=_hash(work, code),
        read_by=account,
        good_until=work.now + CODE_LIFE,
    )
    work.session.add(row)
    work.session.flush()
    return code


def _clear_away(work: Work) -> None:
    """Codes that are over, but not those that somebody types or replaces just now: who waits here may be waited for."""
    over = select(LinkCodeRow.invitation_id).where(col(LinkCodeRow.good_until) <= work.now)
    free = work.session.exec(over.with_for_update(skip_locked=True)).all()
    work.session.exec(delete(LinkCodeRow).where(col(LinkCodeRow.invitation_id).in_(free)))


def _unused(work: Work) -> str:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    return _unused(work) if _standing(work, code) is not None else code


def _hash(work: Work, code: str) -> str:
    return hmac.digest(work.keys.derive(CODE_KEY_PURPOSE), code.encode(), "sha256").hex()


def _standing(work: Work, code: str) -> LinkCodeRow | None:
    query = select(LinkCodeRow).where(LinkCodeRow.code_hash == _hash(work, code)).with_for_update()
    return work.session.exec(query.execution_options(populate_existing=True)).first()


def lock_codes(work: Work, visit: VisitId, participant_id: str) -> None:
    """Nobody types a code of this participant until the Work ends.

    Called before the invitation is locked, for whoever types a code locks it first and the invitation after it.
    """
    theirs = select(InvitationRow.id).where(
        InvitationRow.visit_id == visit, InvitationRow.participant_id == participant_id
    )
    query = select(LinkCodeRow).where(col(LinkCodeRow.invitation_id).in_(theirs))
    work.session.exec(query.order_by(LinkCodeRow.invitation_id).with_for_update()).all()


def void_code(work: Work, invitation: InvitationId) -> None:
    """Whatever was read out for this link opens nothing."""
    work.session.exec(delete(LinkCodeRow).where(col(LinkCodeRow.invitation_id) == invitation))


def codes_are_stopped(work: Work) -> bool:
    """Whether so many wrong codes were typed in this hour that none is made or listened to."""
    return attempts_at(work, _ALL, per=HOUR) >= WRONG_IN_ALL


def redeem_code(work: Work, typed: str, device: Device) -> Opened | TooEarly | NotUsable:
    """Bind the link for which a code was read out to the device on which it is typed; the code opens once.

    Every attempt is counted before it is looked at, and a right one is taken back.
    """
    if not _is_listened_to(work, device.address):
        return NotUsable()
    code = digits_of(typed)
    row = _standing(work, code) if code else None
    found = (
        invitation_by_id(work, InvitationId(row.invitation_id)) if row and work.now < row.good_until else None
    )
    if row is None or found is None or not is_device_key(device.key):
        _note_wrong(work)
        return NotUsable()
    _take_back(work, device.address)
    result = bind(work, found, device)
    if not isinstance(result, TooEarly):
        work.session.delete(row)
    return result


def _is_listened_to(work: Work, address: str) -> bool:
    alone = not may_be_everybodys(address)
    of_address = count_attempt(work, _of(address), per=HOUR) if alone else 0
    if of_address > WRONG_OF_ADDRESS:
        if of_address == WRONG_OF_ADDRESS + 1:
            work.record(AuditEvent(type=EventType.DOOR_REFUSED, reason="guessing_codes"))
        return False
    return count_attempt(work, _ALL, per=HOUR) <= WRONG_IN_ALL


def _take_back(work: Work, address: str) -> None:
    if not may_be_everybodys(address):
        take_back_attempt(work, _of(address), per=HOUR)
    take_back_attempt(work, _ALL, per=HOUR)


def _of(address: str) -> str:
    return f"code|{network_of(address, prefix=LINE_PREFIX)}"


def _note_wrong(work: Work) -> None:
    work.record(AuditEvent(type=EventType.DOOR_REFUSED, reason="wrong_code"))
    if attempts_at(work, _ALL, per=HOUR) == WRONG_IN_ALL:
        _stop_all(work)


def _stop_all(work: Work) -> None:
    """Every code that stands is over, and whoever read it out is told."""
    work.record(AuditEvent(type=EventType.LINKS_GUESSED, facts=(("codes_in_an_hour", WRONG_IN_ALL),)))
    for row in work.session.exec(select(LinkCodeRow).where(col(LinkCodeRow.good_until) > work.now)).all():
        invitation = invitation_by_id(work, InvitationId(row.invitation_id))
        visit = visit_by_id(work, invitation.visit) if invitation else None
        assert invitation is not None
        assert visit is not None
        record(work, visit.room, EventType.CODE_STOPPED, Why(reason="guessed", people=(invitation.person,)))
        tell_staff(work, visit, AccountId(row.read_by), MessageKind.CODE_STOPPED, once=invitation.id)
    work.session.exec(delete(LinkCodeRow))
