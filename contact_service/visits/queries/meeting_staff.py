"""Whom a member of staff knows from visits, so that they can say of themselves whose visits they must not watch."""

from collections import defaultdict
from datetime import timedelta

from contact_service.ids import PersonId
from contact_service.visits.queries.finding import visits_of_staff
from contact_service.visits.visit import OVER, TAKING_TIME
from contact_service.work import Work

_HALF_A_YEAR = timedelta(days=183)


def met_at_work(work: Work) -> dict[PersonId, frozenset[PersonId]]:
    """The children whose visits the actor watches or answers for, or did within half a year, each with who is there.

    Nobody for an actor who is no member of staff.
    """
    if work.actor.account is None:
        return {}
    met: dict[PersonId, set[PersonId]] = defaultdict(set)
    states = TAKING_TIME | OVER
    for visit in visits_of_staff(work, work.actor.account, states, since=work.now - _HALF_A_YEAR):
        for one in visit.children:
            met[one.child] |= visit.people
    return {child: frozenset(people) for child, people in met.items()}
