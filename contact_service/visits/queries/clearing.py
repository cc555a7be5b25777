"""Who takes part from an establishment that has not cleared contact.  Nothing here says yes or no."""

from collections.abc import Iterable
from datetime import datetime

from contact_service.clearances import queries as clearances
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.policy.facts import UnclearedFacts
from contact_service.visits.visit import Stage, Visit
from contact_service.visits.wish import OfChild, Wish
from contact_service.work import Work


def uncleared_facts(work: Work, wish: Wish, at: datetime) -> tuple[UnclearedFacts, ...]:
    """Whoever would meet the child it is seen from at ``at``, from an establishment without its yes.

    That child's own carer would meet the others of a shared visit.  It stands with the carer's own child: only whose
    workers know of that child's home may read from where its carer takes part.
    """
    return _of_people(work, wish, at) + _of_carer(work, wish, at)


def _of_people(work: Work, wish: Wish, at: datetime) -> tuple[UnclearedFacts, ...]:
    return tuple(
        UnclearedFacts(name=people.details_of(work, person).known_as, place=pool.name, standing=standing)
        for person, pool, standing in clearances.uncleared(
            work, _who_meet(wish, wish.people), wish.child, at, among=wish.everybody
        )
    )


def _of_carer(work: Work, wish: Wish, at: datetime) -> tuple[UnclearedFacts, ...]:
    if wish.caregiver is None:
        return ()
    others = [one.child for one in wish.sharing if one.caregiver != wish.caregiver]
    return tuple(
        UnclearedFacts(
            name=people.details_of(work, wish.caregiver).known_as,
            place=pool.name,
            standing=standing,
            child=people.details_of(work, child).known_as,
        )
        for child in others
        for _, pool, standing in clearances.uncleared(work, [wish.caregiver], child, at, among=wish.everybody)
    )


def is_cleared(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether somebody takes part from no establishment, or from one that says yes for each child they would meet."""
    return not any(
        clearances.uncleared(work, _who_meet(one, [person]), one.child, visit.starts_at)
        for one in visit.children
    )


def is_room_cleared(work: Work, visit: Visit) -> bool:
    """The same of everybody who was let in, whether or not they have lost the connection since."""
    children = {one.child for one in visit.children}
    inside = {p.person for p in visit.families() if p.standing is Stage.ADMITTED and p.person} - children
    return all(is_cleared(work, visit, person) for person in sorted(inside))


def _who_meet(one: OfChild, people: Iterable[PersonId]) -> list[PersonId]:
    """Those of ``people`` who meet a child in the visit; its own carer, who lives with it, needs no yes for that."""
    return [person for person in people if person != one.caregiver]
