"""Put a live visit on hold because of what the house knows; the stops of people and of the relay are in attending."""

from contact_service.audit.events import EventType
from contact_service.ids import VisitId
from contact_service.visits.actions.moving import Why, lock_any, move
from contact_service.visits.queries.understanding import not_understood_in
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import VisitState
from contact_service.work import Work


def hold_if_not_understood(work: Work, row: VisitRow) -> None:
    """Hold a live visit in which somebody is left whom nobody who listens understands: the interpreter is lost (R53).

    No stop of the relay stands behind this hold: the next room list says it, and resuming asks the rule again.
    """
    _, found = lock_any(work, VisitId(row.id))
    if found.state is VisitState.LIVE and not_understood_in(work, found):
        row.hold_reason = "interpreter_lost"
        move(work, row, VisitState.HELD, EventType.VISIT_HELD, Why(reason=row.hold_reason, rules=("R53",)))
