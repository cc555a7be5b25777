"""Of the children who would share a visit, those within the actor’s reach."""

from collections.abc import Iterable

from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.visits.wish import ChildWished
from contact_service.work import Work


def wished_within(work: Work, children: Iterable[ChildWished]) -> tuple[PersonId, ...]:
    """Those of ``children`` whose case is within the actor’s reach, in their order; whoever is no child is not."""
    own = people.own_cases(work, [one.child for one in children])
    reached = set(people.within_reach(work, dict.fromkeys(case for cases in own.values() for case in cases)))
    return tuple(child for child, cases in own.items() if reached.intersection(cases))


def zone_in_sight(work: Work, children: Iterable[ChildWished]) -> str:
    """By whose clock the actor may read when these meet: where the first of ``children`` within reach lives.

    Beside the instant, the clock of a child out of reach would tell where that one lives.
    """
    within = wished_within(work, children)
    return people.zone_of(work, people.case_of(work, within[0])) if within else work.installation.zone
