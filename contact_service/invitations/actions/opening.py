"""Redeem a link on one device, hand out nonces, and decide who may come to the waiting room."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select, update

from contact_service.audit.events import EventType
from contact_service.invitations.actions.guessing import note_unknown
from contact_service.invitations.invitation import LIVE, Invitation, InvitationState
from contact_service.invitations.queries import invitation_of_secret, to_invitation
from contact_service.invitations.tables import InvitationRow, LinkNonceRow
from contact_service.invitations.token import (
    device_signed,
    hash_of,
    is_device_key,
    looks_like_secret,
    ticket_text,
)
from contact_service.people.queries import members as people
from contact_service.policy.decision import Decision, Permitted, Reason, Refused, problem
from contact_service.policy.joining import may_join, may_open
from contact_service.texts import N_
from contact_service.visits.actions.moving import Why, participant_row, record, record_refusal
from contact_service.visits.queries.deciding import join_facts
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.visit import BOOKED, IN_THE_ROOM, Stage, Visit
from contact_service.work import Work

NONCE_LIFE = timedelta(minutes=1)
_TOKEN_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The link is bound to this device; ``cookie`` goes into its browser and is kept nowhere else."""

    invitation: Invitation
    cookie: str | None


@dataclass(frozen=True, kw_only=True)
class TooEarly:
    """A good link before its time: not bound, and nothing is said but when it opens, by its holder's clock."""

    opens_at: datetime
    zone: str


@dataclass(frozen=True, kw_only=True)
class NotUsable:
    """Unknown, expired, revoked, foreign or bound elsewhere: one answer for all."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """What a device shows of itself when it opens a link.  ``cookies`` are those it already holds, by invitation."""

    key: str
    cookies: dict[str, str]
    address: str


def redeem(work: Work, secret: str, device: Device) -> Opened | TooEarly | NotUsable:
    """Bind a link to the first device that opens it.

    Wrong secrets alone are counted: a valid one is never refused for what others try.
    """
    found = invitation_of_secret(work, secret) if looks_like_secret(secret) else None
    if found is None or not is_device_key(device.key):
        note_unknown(work, device.address)
        return NotUsable()
    return bind(work, found, device)


def bind(work: Work, found: Invitation, device: Device) -> Opened | TooEarly | NotUsable:
    """Bind the link that somebody has shown the way to, if the rules of opening say yes and no other device has it."""
    visit = visit_by_id(work, found.visit)
    participant = visit.participant(found.participant) if visit else None
    if visit is None or participant is None:
        note_unknown(work, device.address)
        return NotUsable()
    facts = join_facts(work, visit, participant, link=found.id, link_live=is_usable(found, visit))
    decision = may_open(facts)
    if isinstance(decision, Refused):
        if {reason.code for reason in decision.reasons} == {"too_early"}:
            return TooEarly(opens_at=facts.opens_at, zone=people.zone_of_person(work, found.person))
        record_refusal(work, visit.room, EventType.DOOR_REFUSED, decision, found.person)
        return NotUsable()
    cookie = device.cookies.get(found.id, "")
    row = work.session.get_one(InvitationRow, found.id)
    if row.cookie_hash is not None and cookie and row.cookie_hash == hash_of(cookie):
        return Opened(invitation=found, cookie=None)
    return _bind(work, visit, row, device)


def _bind(work: Work, visit: Visit, row: InvitationRow, device: Device) -> Opened | NotUsable:
    cookie = secrets.token_urlsafe(_TOKEN_BYTES)
    statement = (
        update(InvitationRow)
        .where(
            col(InvitationRow.id) == row.id,
            col(InvitationRow.cookie_hash).is_(None),
            col(InvitationRow.state).in_(LIVE),  # it may have been revoked a moment ago
        )
        .values(
            cookie_hash=hash_of(cookie),
            device_key=device.key,
            csrf=secrets.token_urlsafe(_TOKEN_BYTES),
            state=InvitationState.OPENED,
            opened_at=work.now,
        )
    )
    bound = work.session.exec(statement).rowcount == 1
    work.session.refresh(row)
    invitation = to_invitation(row)
    facts = (("invitation", row.id),)
    if not bound and invitation.live:
        row.tried_elsewhere_at = work.now
        work.session.add(row)
    if not bound:
        reason = "second_device" if invitation.live else "link_dead"
        why = Why(reason=reason, people=(invitation.person,), facts=facts)
        record(work, visit.room, EventType.DOOR_REFUSED, why)
        return NotUsable()
    _mark_opened(work, visit, invitation)
    record(work, visit.room, EventType.INVITATION_OPENED, Why(people=(invitation.person,), facts=facts))
    return Opened(invitation=invitation, cookie=cookie)


def _mark_opened(work: Work, visit: Visit, invitation: Invitation) -> None:
    participant = visit.participant(invitation.participant)
    if participant is not None and participant.stage is Stage.INVITED:
        row = participant_row(work, participant)
        row.stage = Stage.OPENED
        work.session.add(row)


def is_usable(invitation: Invitation, visit: Visit) -> bool:
    """Whether the link and its visit both stand."""
    return invitation.live and visit.state in BOOKED | IN_THE_ROOM


def new_nonce(work: Work, invitation: Invitation) -> str:
    """A number that the bound device must sign within a minute."""
    nonce = secrets.token_urlsafe(_TOKEN_BYTES)
    row = LinkNonceRow(nonce=nonce, invitation_id=invitation.id, good_until=work.now + NONCE_LIFE)
    work.session.add(row)
    return nonce


def knock(work: Work, invitation: Invitation, *, nonce: str, signature: str) -> Decision:
    """Decide whether this device may come to the waiting room now; a refusal is recorded with every reason."""
    invitation = _as_it_stands(work, invitation)
    visit = visit_by_id(work, invitation.visit)
    participant = visit.participant(invitation.participant) if visit else None
    if visit is None:
        return Refused(passed=(), reasons=(_LINK_DEAD,))
    if participant is None or not _proves_device(work, invitation, nonce, signature):
        refused = Refused(passed=(), reasons=(_LINK_DEAD,))
        record_refusal(work, visit.room, EventType.JOIN_REFUSED, refused, invitation.person)
        return refused
    usable = is_usable(invitation, visit)
    decision = may_join(join_facts(work, visit, participant, link=invitation.id, link_live=usable))
    if isinstance(decision, Permitted):
        participant_row(work, participant).invitation_id = invitation.id
        why = Why(rules=decision.passed, people=(invitation.person,))
        record(work, visit.room, EventType.ADMISSION_REQUESTED, why)
    else:
        record_refusal(work, visit.room, EventType.JOIN_REFUSED, decision, invitation.person)
    return decision


def _as_it_stands(work: Work, invitation: Invitation) -> Invitation:
    """Read anew under a lock: who replaces the link waits, and voids the ticket that is signed meanwhile."""
    query = select(InvitationRow).where(InvitationRow.id == invitation.id).with_for_update()
    return to_invitation(work.session.exec(query.execution_options(populate_existing=True)).one())


_LINK_DEAD = Reason(
    rule="R15", problem=problem("link_dead", N_("This link does not work any more. Please call us."))
)


def _proves_device(work: Work, invitation: Invitation, nonce: str, signature: str) -> bool:
    """Whether the device key signed an unused number of this invitation; the number is used up either way."""
    row = work.session.get(LinkNonceRow, nonce) if looks_like_secret(nonce) else None
    if row is None or row.invitation_id != invitation.id:
        return False
    work.session.delete(row)
    fresh = work.now < row.good_until
    return fresh and device_signed(invitation.device_key, ticket_text(invitation.id, nonce), signature)
