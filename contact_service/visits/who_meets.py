"""Who of a visit meets which child, as the establishments must be asked from which they take part (R68).  Pure."""

from collections.abc import Iterable, Iterator

from contact_service.clearances.clearance import Meets
from contact_service.ids import PersonId
from contact_service.visits.visit import Stage, Visit
from contact_service.visits.wish import OfChild


def who_meets(children: Iterable[OfChild], guests: Iterable[PersonId]) -> Iterator[Meets]:
    """Each meeting of somebody with a child of the visit, the child’s own carer and whoever comes with them left out.

    ``guests``: those who come for a child and bring none.  A child takes part from where whoever brings them does, and
    both would meet the other children.  That stands with the child who is brought: the others’ workers know nothing of
    that home.  Children whom one carer brings are together whatever the visit is.
    """
    every, others = tuple(children), tuple(guests)
    for one in every:
        for guest in others:
            if guest != one.caregiver:
                yield Meets(person=guest, child=one.child, there=guest, side=one.child)
        if one.caregiver is None:
            continue
        for met in every:
            if met.caregiver != one.caregiver:
                for person in (one.caregiver, one.child):
                    yield Meets(person=person, child=met.child, there=one.caregiver, side=one.child)


def inside(visit: Visit) -> list[PersonId]:
    """Whose device was let in, whether or not it has lost the connection since."""
    return sorted(p.person for p in visit.families() if p.standing is Stage.ADMITTED and p.person)


def of_case(visit: Visit) -> tuple[PersonId, ...]:
    """The children of a visit who are in the case of the one it is seen from."""
    return tuple(one.child for one in visit.children if one.case == visit.case)
