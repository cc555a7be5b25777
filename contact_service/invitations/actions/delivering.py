"""Write down what became of a message, let its invitation follow, and ask for a call where it did not arrive."""

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.ids import RestrictionId
from contact_service.invitations.actions.reaching import ask_to_ring, close_if_reached
from contact_service.invitations.actions.sending import mark_invitation
from contact_service.invitations.invitation import InvitationState
from contact_service.notifications.message import NOT_ARRIVED, MessageKind, OutboxState, Queued
from contact_service.people.queries import members as people
from contact_service.restrictions import queries as restrictions
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.finding import visit_by_id
from contact_service.work import Work


def note_what_became(work: Work, message: Queued, state: OutboxState, *, ring: bool = True) -> None:
    """Record that a message left, or that it did not and somebody must ring; else nothing is left to be said.

    ``ring`` is False where nobody needs to: its moment has passed, or its reader has come already.
    """
    if state is OutboxState.SENT:
        _let_invitation_follow(work, message, InvitationState.SENT)
        is_invitation = message.kind is MessageKind.INVITATION
        _record(work, message, EventType.INVITATION_SENT if is_invitation else EventType.MESSAGE_SENT, ())
        close_if_reached(work, message)
    elif state in NOT_ARRIVED:
        _let_invitation_follow(work, message, InvitationState.FAILED)
        _record(work, message, EventType.MESSAGE_FAILED, (("became", state.value),))
        if ring:
            ask_to_ring(work, message)


def note_delivered(work: Work, message: Queued) -> None:
    """Record that a text message is on its reader's phone; whoever was asked to ring need not."""
    _record(work, message, EventType.MESSAGE_DELIVERED, ())
    close_if_reached(work, message)


def _let_invitation_follow(work: Work, message: Queued, state: InvitationState) -> None:
    if message.kind is MessageKind.INVITATION and message.invitation is not None:
        mark_invitation(work, message.invitation, state)


def _record(work: Work, message: Queued, event: EventType, more: tuple[tuple[str, str | int], ...]) -> None:
    how = (("medium", message.medium.value),) if message.medium is not None else ()
    facts = (("message", message.id), *how, *more)
    if message.restriction is not None:
        _record_notice(work, message.restriction, event, facts)
        return
    if message.offer is not None:
        # Of whom it tells is in the evidence with the offer itself.
        with_offer = (("offer", message.offer), *facts)
        work.record(AuditEvent(type=event, reason=message.kind.value, facts=with_offer))
        return
    if message.visit is None:
        work.record(AuditEvent(type=event, reason=message.kind.value, facts=facts))
        return
    visit = visit_by_id(work, message.visit)
    assert visit is not None
    about = (message.person,) if message.person else ()
    record(work, visit.room, event, Why(reason=message.kind, people=about, facts=facts))


def _record_notice(
    work: Work, restriction: RestrictionId, event: EventType, facts: tuple[tuple[str, str | int], ...]
) -> None:
    stop = restrictions.restriction_for(work, restriction)
    refs = people.refs_of(work, stop.people, case=stop.case)
    work.record(
        AuditEvent(
            type=event,
            case=stop.case,
            subjects=tuple(Subject(ref=ref, role="restricted") for ref in sorted(refs.values())),
            reason="stop_notice",
            facts=facts,
        )
    )
