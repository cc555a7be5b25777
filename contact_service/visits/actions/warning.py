"""Ask workers about owed contact, each thing once, and take back what time or somebody's act has settled."""

from collections.abc import Iterable
from datetime import timedelta

from contact_service.follow_ups import actions as follow_ups, queries as asked
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import CaseId
from contact_service.visits.queries.watching import WATCHED, Asked, asked_now
from contact_service.visits.visit import Visit
from contact_service.work import Work

_HEARD_WITHIN = timedelta(days=1)


def ask_why_missed(work: Work, visit: Visit) -> None:
    """Ask the worker of each child to hear both sides of a visit that was missed (feature J8)."""
    for seen in visit.by_child():
        follow_ups.ask_for(
            work,
            NewFollowUp(
                case=seen.case,
                kind=FollowUpKind.VISIT_MISSED,
                for_role=ForRole.WORKER,
                about=f"missed/{seen.room}/{seen.child}",
                due_at=work.now + _HEARD_WITHIN,
                visit=seen.id,
                person=seen.child,
            ),
        )


def cases_to_tell(work: Work, cases: Iterable[CaseId]) -> list[CaseId]:
    """The cases in which something is to be asked or to be taken back now."""
    wanted = list(cases)
    now, open_now = asked_now(work, wanted), asked.open_in(work, wanted, WATCHED)
    return [
        case
        for case in wanted
        if any(_differences(now[case], [one for one in open_now if one.case == case], work))
    ]


def tell_case(work: Work, case: CaseId) -> None:
    """Ask what should be asked in a case now, and close what need not be done any more.

    Doing it twice changes nothing.  Raises ``Conflict`` when another process was a moment faster.
    """
    new, over = _differences(asked_now(work, [case])[case], asked.open_in(work, [case], WATCHED), work)
    for found in over:
        follow_ups.close_overtaken(work, found)
    for one in new:
        follow_ups.ask_for(work, one.new)


def _differences(
    wanted: list[Asked], open_now: list[FollowUp], work: Work
) -> tuple[list[Asked], list[FollowUp]]:
    """What is to be asked, and what is open and settled."""
    keys = {one.key for one in wanted}
    over = [found for found in open_now if not any(_is_same(found, key) for key in keys)]
    new = [
        one
        for one in wanted
        if not any(_is_same(found, one.key) for found in open_now) and not asked.is_asked(work, one.new.about)
    ]
    return new, over


def _is_same(found: FollowUp, key: str) -> bool:
    return found.about == key or found.about.startswith(f"{key}/")
