"""Of the children who would share a visit, those within the actor’s reach."""

from collections.abc import Iterable

from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.visits.wish import ChildWished
from contact_service.work import Work


def wished_within(work: Work, children: Iterable[ChildWished]) -> tuple[PersonId, ...]:
    """Those of ``children`` whose case is within the actor’s reach, in their order."""
    cases = {one.child: people.case_of(work, one.child) for one in children}
    reached = set(people.within_reach(work, list(dict.fromkeys(cases.values()))))
    return tuple(child for child, case in cases.items() if case in reached)
