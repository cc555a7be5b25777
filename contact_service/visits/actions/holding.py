"""Put a live visit on hold because of what the house knows; the stops of people and of the relay are in attending."""

from contact_service.audit.events import EventType
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import VisitId
from contact_service.visits.actions.moving import Why, lock_any, move, record, rooms_changed
from contact_service.visits.queries.clearing import sides_not_cleared
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.queries.understanding import not_understood_in
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import IN_THE_ROOM, Visit, VisitState
from contact_service.visits.who_meets import inside
from contact_service.work import Work


def hold_if_not_understood(work: Work, row: VisitRow) -> None:
    """Hold a live visit in which somebody is left whom nobody who listens understands: the interpreter is lost (R53).

    No stop of the relay stands behind this hold: the next room list says it, and resuming asks the rule again.
    """
    _, found = lock_any(work, VisitId(row.id))
    if found.state is VisitState.LIVE and not_understood_in(work, found):
        row.hold_reason = "interpreter_lost"
        move(work, row, VisitState.HELD, EventType.VISIT_HELD, Why(reason=row.hold_reason, rules=("R53",)))


def hold_as_talk_broke_off(work: Work, row: VisitRow) -> None:
    """Hold a live visit whose supervisor was alone with somebody until a moment ago, and did not end that themselves.

    They are still speaking as to one alone: the others hear them again when they say so, and not before (R70).
    """
    _, found = lock_any(work, VisitId(row.id))
    if found.state is VisitState.LIVE:
        row.hold_reason = "talk_broke_off"
        move(work, row, VisitState.HELD, EventType.VISIT_HELD, Why(reason=row.hold_reason, rules=("R70",)))


def hold_if_in_conflict(work: Work, visit: VisitId) -> None:
    """Hold a visit whose supervisor has a conflict of interest (R59), and ask workers and approvers to see to it now.

    One that is held already, or not live yet, stays as it is: the next room list lets nobody be watched by them.
    """
    row, found = lock_any(work, visit)
    if found.state not in IN_THE_ROOM or not watcher_in_conflict(work, found):
        return
    why = Why(reason="conflict_of_interest", rules=("R59",))
    row.hold_reason = why.reason
    work.session.add(row)
    if found.state is VisitState.LIVE:
        move(work, row, VisitState.HELD, EventType.VISIT_HELD, why)
    else:
        rooms_changed(work)
        record(work, row.room, EventType.VISIT_HELD, why)
    for seen in found.by_case():
        for role in ForRole:
            ask_for(work, _see_to(work, seen, role))


def hold_if_not_cleared(work: Work, visit: VisitId) -> None:
    """Hold a live visit in which somebody is whose establishment has taken back its clearance (R68).

    Before it is live nobody else is let in to them: that rule asks about everybody inside.
    """
    row, found = lock_any(work, visit)
    sides = sides_not_cleared(work, found, inside(found))
    if found.state is VisitState.LIVE and sides:
        row.hold_reason = "not_cleared"
        why = Why(reason=row.hold_reason, rules=("R68",), sides=sides)
        move(work, row, VisitState.HELD, EventType.VISIT_HELD, why)


def _see_to(work: Work, seen: Visit, role: ForRole) -> NewFollowUp:
    return NewFollowUp(
        case=seen.case,
        kind=FollowUpKind.VISIT_UNWATCHED,
        for_role=role,
        about=f"conflict/{seen.room}/{seen.case}/{role.value}",
        due_at=work.now,
        visit=seen.id,
        person=seen.child,
        rules=("R59",),
    )
