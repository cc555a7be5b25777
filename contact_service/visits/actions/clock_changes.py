"""Tell the workers of a visit that the rules of its zone have changed; the visit itself is never moved by that."""

from datetime import timedelta

from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import VisitId
from contact_service.visits.actions.moving import lock
from contact_service.visits.queries.clock_changes import visits_out_of_step
from contact_service.work import Work

_AGREED_WITHIN = timedelta(days=3)


def tell_of_clock_change(work: Work, visit: VisitId) -> bool:
    """Ask the worker of each child to agree when the visit is, if it is still out of step; each change once."""
    _, found = lock(work, visit)
    change = next((one for one in visits_out_of_step(work) if one.visit == visit), None)
    if change is None:
        return False
    would_be = f"{change.would_be:%Y%m%dT%H%M}" if change.would_be else "never"
    for seen in found.by_child():
        ask_for(
            work,
            NewFollowUp(
                case=seen.case,
                kind=FollowUpKind.CLOCKS_CHANGED,
                for_role=ForRole.WORKER,
                about=f"clock/{visit}/{seen.child}/{change.starts_at:%Y%m%dT%H%M}/{would_be}",
                due_at=min(work.now + _AGREED_WITHIN, seen.starts_at),
                visit=visit,
                person=seen.child,
            ),
        )
    return True
