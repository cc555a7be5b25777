"""Take a relay's numbered events in, once each and in order; sign tickets."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import select

from contact_service.identity.actions import RanOut
from contact_service.ids import AccountId, VisitId
from contact_service.keys.actions import insert_if_new
from contact_service.policy.decision import Refused
from contact_service.protocol.link import Event, EventKind
from contact_service.protocol.rooms import Role as RoomRole
from contact_service.protocol.ticket import Ticket, sign
from contact_service.readings.queries import was_read_since
from contact_service.rooms.queries import milliseconds
from contact_service.rooms.tables import RelaySeenRow
from contact_service.visits.actions import attending
from contact_service.visits.actions.ringing import write_down_call
from contact_service.visits.queries.finding import visit_of_room, visits_staffed_by
from contact_service.visits.ringing import Rung, number_part
from contact_service.visits.visit import IN_THE_ROOM, Latch, Participant, ParticipantRole, Visit
from contact_service.work import Work

TICKET_LIFE = timedelta(seconds=30)
CALL_TAKES = timedelta(minutes=15)
"""For so long after a number was shown a call to it is written down, whatever has become of its hours meanwhile."""


def keep_call(work: Work, visit: VisitId, rung: Rung) -> Visit | Refused:
    """``visits.actions.ringing.write_down_call``, judged as of when the number was shown, where that was lately."""
    shown = False
    if rung.participant and rung.number:
        part = number_part(rung.participant, rung.number)
        shown = was_read_since(work, part, work.now - CALL_TAKES)
    return write_down_call(work, visit, rung, was_shown=shown)


def take_in(work: Work, relay: str, event: Event) -> bool:
    """Apply one event if it is the next of its relay start; False when it was taken in before.

    A gap is not possible: the relay sends again whatever was not acknowledged, in order.
    """
    row = _heard_now(work, relay, event.boot)
    fresh = event.number > row.number
    if fresh:
        row.number = event.number
    work.session.flush()
    visit = visit_of_room(work, event.visit) if fresh else None
    if visit is not None:
        _apply(work, visit, event)
    return fresh


def heard(work: Work, relay: str, boot: str) -> None:
    """The relay is on its link."""
    _heard_now(work, relay, boot)


def _heard_now(work: Work, relay: str, boot: str) -> RelaySeenRow:
    """How far this start of the relay was heard, locked; two links that come at once both find one row."""
    insert_if_new(
        work.session, RelaySeenRow, {"relay": relay, "boot": boot, "number": 0, "heard_at": work.now}
    )
    which = select(RelaySeenRow).where(RelaySeenRow.relay == relay, RelaySeenRow.boot == boot)
    row = work.session.exec(which.with_for_update()).one()
    row.heard_at = work.now
    return row


def put_out(work: Work, account: AccountId) -> None:
    """Let no device of a visit supervisor send or receive in any room, because a sign-in of theirs was ended.

    The relay is told within a fifth of a second.  The page of a sign-in that stands asks for a new ticket and is back.
    """
    work.session.flush()
    for visit in visits_staffed_by(work, account, IN_THE_ROOM):
        if visit.supervisor == account:
            attending.put_out(work, visit.id)


def put_out_run_out(work: Work, over: RanOut) -> None:
    """The same for the devices that a session let in which ran out; those that came by another session stay."""
    may_come = work.now < over.ticket_at + TICKET_LIFE
    for visit in visits_staffed_by(work, over.account, IN_THE_ROOM):
        if visit.supervisor == over.account:
            attending.put_out_of(work, visit.id, over.handle, may_come=may_come)


def _apply(work: Work, visit: Visit, event: Event) -> None:
    participant = visit.participant(event.participant or "")
    latch = Latch(boot=event.boot, generation=int(event.facts.get("generation", 0)))
    if participant is not None:
        _apply_to_participant(work, visit.id, participant, event, latch)
    match event.kind:
        case EventKind.HELD:
            attending.held(work, visit.id, latch, str(event.facts.get("reason", "")))
        case EventKind.SUPERVISOR_LOST:
            attending.supervisor_lost(work, visit.id, latch)
        case EventKind.SUPERVISOR_RETURNED:
            attending.returned(work, visit.id)
        case EventKind.LEASE_LOST:
            attending.lease_lost(work, visit)
        case EventKind.ENDED:
            attending.ended(work, visit.id, str(event.facts.get("reason", "")))
        case _:
            pass


def _apply_to_participant(
    work: Work, visit: VisitId, participant: Participant, event: Event, latch: Latch
) -> None:
    leg = str(event.facts.get("leg", ""))
    by_leg: dict[EventKind, Callable[[Work, VisitId, Participant, str], None]] = {
        EventKind.JOINED: partial(_join, event),
        EventKind.CONNECTED: attending.connected,
        EventKind.DISCONNECTED: attending.disconnected,
        EventKind.LEFT: attending.left,
    }
    if act := by_leg.get(event.kind):
        if leg:  # a report about no device is about nothing
            act(work, visit, participant, leg)
    elif participant.role is ParticipantRole.VISIT_SUPERVISOR:
        return
    elif event.kind is EventKind.MUTED:
        attending.muted(work, visit, participant, latch)
    elif event.kind is EventKind.REMOVED:
        attending.removed(work, visit, participant)
    elif event.kind is EventKind.WITHDRAWN:
        attending.withdrew(work, visit, participant)
    elif event.kind is EventKind.BREAK_ASKED:
        attending.asked_for_break(work, visit, participant, latch)


def _join(event: Event, work: Work, visit: VisitId, participant: Participant, leg: str) -> None:
    issued = event.facts.get("issued_at_ms")
    # A ticket names milliseconds: rounded down, so that one of the very moment of a put-out is void.
    at = datetime.fromtimestamp(issued / 1000, UTC) if isinstance(issued, int) else None
    attending.joined(work, visit, participant, leg, at)


@dataclass(frozen=True, kw_only=True)
class TicketOffice:
    """Signs tickets for one relay; the private key is ``serve``'s alone."""

    key: Ed25519PrivateKey
    relay: str

    def ticket_for(self, work: Work, visit: Visit, participant: Participant) -> str:
        """A ticket that lets this participant's device to the relay once, within 30 seconds."""
        roles = {
            ParticipantRole.FAMILY_MEMBER: RoomRole.FAMILY,
            ParticipantRole.CAREGIVER: RoomRole.CHILD,
            ParticipantRole.VISIT_SUPERVISOR: RoomRole.SUPERVISOR,
        }
        ticket = Ticket(
            relay=self.relay,
            visit=visit.room,
            participant=participant.id,
            role=roles[participant.role],
            generation=visit.revision,
            not_before_ms=milliseconds(work.now - timedelta(seconds=5)),
            expires_at_ms=milliseconds(work.now + TICKET_LIFE),
            issued_at_ms=milliseconds(work.now),
            id=secrets.token_hex(16),
        )
        return sign(ticket, self.key)
