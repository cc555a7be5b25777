"""The messages about a visit as its page shows them: what, to whom, and what became of it; never an address."""

from contact_service.notifications import queries as notifications
from contact_service.notifications.message import OutboxState, Queued
from contact_service.pages.access import Desk
from contact_service.pages.together import is_place_hidden, whom
from contact_service.visits.visit import Participant, Visit

# What was called off in time needs nobody.
_NOT_SHOWN = (OutboxState.DROPPED, OutboxState.SUPERSEDED)


def messages_shown(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    """Every message to somebody who joins by link, by time: sent, still to go, or not arrived."""
    there = {participant.person: participant for participant in visit.families()}
    found = [
        (there[message.person], message)
        for message in notifications.messages_of(desk.work, visit.id)
        if message.person in there and message.state not in _NOT_SHOWN
    ]
    found.sort(key=lambda one: one[1].sent_at or one[1].due_at)
    return [_shown(desk, visit, participant, message) for participant, message in found]


def _shown(desk: Desk, visit: Visit, participant: Participant, message: Queued) -> dict[str, object]:
    # By e-mail to a booking desk: that tells of an establishment.
    hidden = is_place_hidden(desk, visit, participant)
    return {
        **whom(desk, visit, participant),
        "kind": message.kind.value,
        "state": "delivered" if message.delivered_at is not None else message.state.value,
        "medium": message.medium.value if message.medium is not None and not hidden else "",
        "at": message.delivered_at or message.sent_at or message.due_at,
    }


def has_failed(desk: Desk, visit: Visit) -> bool:
    """Whether anything may be sent again."""
    again = (OutboxState.FAILED, OutboxState.UNKNOWN)
    return any(message.state in again for message in notifications.messages_of(desk.work, visit.id))


def failed_unheard(desk: Desk, visit: Visit) -> bool:
    """Whether a message has not arrived and nobody was asked to ring: one of an earlier release."""
    found = notifications.messages_of(desk.work, visit.id)
    return any(m.state is OutboxState.FAILED and m.person is not None and not m.told for m in found)
