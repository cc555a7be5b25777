"""What of a visit that several children share is within the actor’s reach."""

from collections.abc import Iterable

from contact_service.ids import PersonId, PoolId
from contact_service.people.queries import members as people
from contact_service.pools.queries import links_of
from contact_service.visits.visit import Visit
from contact_service.visits.wish import ChildWished
from contact_service.work import Work


def wished_within(work: Work, children: Iterable[ChildWished]) -> tuple[PersonId, ...]:
    """Those of ``children`` whose case is within the actor’s reach, in their order; whoever is no child is not."""
    own = people.own_cases(work, [one.child for one in children])
    reached = set(people.within_reach(work, dict.fromkeys(case for cases in own.values() for case in cases)))
    return tuple(child for child, cases in own.items() if reached.intersection(cases))


def knows_place_of(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether the actor, within whose reach ``visit`` is, may read from where somebody of it takes part.

    Of a carer, and of the child with them, those may who work with that child; the visit supervisor, who asks at the
    door where everybody is; and a duty person who works with none of the children, and so is of no side.
    """
    brought = visit.brought_by(person)
    if not brought or work.actor.account == visit.supervisor:
        return True
    cases = {one.child: one.case for one in visit.children}
    within = people.within_reach(work, list(dict.fromkeys(cases.values())))
    return any(cases[child] in within for child in brought) if within else work.actor.account == visit.duty


def known_by_place(work: Work, visits: Iterable[Visit], pool: PoolId) -> list[Visit]:
    """Those of ``visits`` within reach of which the actor may read that somebody takes part from ``pool``.

    One that children of several cases share is known by it to those alone who work with whoever takes part from there.
    """
    found = list(visits)
    shared = [one for one in found if len(one.by_case()) > 1]
    everybody = frozenset(p.person for one in shared for p in one.families() if p.person)
    there = {link.person for link in links_of(work, everybody) if link.pool.id == pool} if shared else set()
    return [
        one
        for one in found
        if one not in shared
        or all(knows_place_of(work, one, p.person) for p in one.families() if p.person in there)
    ]


def zone_in_sight(work: Work, children: Iterable[ChildWished]) -> str:
    """By whose clock the actor may read when these meet: where the first of ``children`` within reach lives.

    Beside the instant, the clock of a child out of reach would tell where that one lives.
    """
    within = wished_within(work, children)
    return people.zone_of(work, people.case_of(work, within[0])) if within else work.installation.zone
