"""Who takes part from an establishment that has not cleared contact.  Nothing here says yes or no."""

from collections.abc import Iterable
from datetime import datetime

from contact_service.clearances import queries as clearances
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.policy.decision import Reason
from contact_service.policy.facts import UnclearedFacts
from contact_service.policy.of_another import ABOUT_ANOTHER, told_for
from contact_service.visits.visit import Visit
from contact_service.visits.who_meets import inside, of_case, who_meets
from contact_service.visits.wish import Wish
from contact_service.work import Work


def uncleared_facts(work: Work, wish: Wish, at: datetime) -> tuple[UnclearedFacts, ...]:
    """What stands with the child it is seen from: who would meet a child at ``at`` without an establishment’s yes.

    That child’s carer, and the child with them, would meet the others of a shared visit: only whose workers know of
    that child’s home may read from where they take part.
    """
    meetings = (one for one in who_meets(wish.children, wish.people) if one.side == wish.child)
    cases = {people.case_of(work, one.child) for one in wish.children}
    return tuple(
        UnclearedFacts(
            name=people.details_of(work, one.person).known_as,
            place=pool.name,
            standing=standing,
            child="" if one.child == wish.child else people.details_of(work, one.child).known_as,
            side=one.side if len(cases) > 1 else None,
        )
        for one, pool, standing in clearances.uncleared(work, meetings, at, among=wish.everybody)
    )


def is_cleared(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether a device is with nobody who takes part from an establishment without its yes for each child they meet.

    Whoever brings children holds the device for all of them.
    """
    return not sides_not_cleared(work, visit, [person])


def is_room_cleared(work: Work, visit: Visit) -> bool:
    """The same of everybody who was let in, whether or not they have lost the connection since."""
    return not sides_not_cleared(work, visit, inside(visit))


def sides_not_cleared(work: Work, visit: Visit, people: Iterable[PersonId]) -> frozenset[PersonId]:
    """The children with whom it stands that one of ``people``, or a child they bring, is not cleared."""
    devices = [*people]
    guests = [one for one in devices if not visit.brought_by(one)]
    at_them = {*devices, *(child for one in devices for child in visit.brought_by(one))}
    meetings = [one for one in who_meets(visit.children, guests) if one.person in at_them]
    return frozenset(one.side for one, _, _ in clearances.uncleared(work, meetings, visit.starts_at))


# What the rules say at a door of whoever is there, without saying whose place it is.
_OF_THEIR_OWN, _OF_THE_ROOM = "not_cleared", "room_not_cleared"


def told_in_case(
    work: Work, visit: Visit, reasons: Iterable[Reason], person: PersonId | None = None
) -> tuple[Reason, ...]:
    """``reasons`` of a refusal as the case may have them of the child that the visit is seen from.

    ``person``: whose device was refused, where it was one’s.
    """
    own = of_case(visit)
    if len(own) == len(visit.children):
        return tuple(reasons)
    told = (one if _is_known_to(work, visit, own, one, person) else ABOUT_ANOTHER for one in reasons)
    return told_for(told, own)


def _is_known_to(
    work: Work, visit: Visit, own: tuple[PersonId, ...], reason: Reason, person: PersonId | None
) -> bool:
    if reason.code not in (_OF_THEIR_OWN, _OF_THE_ROOM):
        return True
    theirs = reason.code == _OF_THEIR_OWN and person is not None
    devices = [person] if theirs and person else inside(visit)
    return bool(sides_not_cleared(work, visit, devices) & {*own})


def reasons_within_reach(work: Work, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """``reasons`` of a refusal as the actor may read them: what one child’s workers alone may know, for those alone."""
    found = tuple(reasons)
    sides = {one.problem.side for one in found} - {None}
    cases = {side: people.case_of(work, side) for side in sides if side}
    near = people.within_reach(work, cases.values())
    return told_for(found, {side for side, case in cases.items() if case in near})
