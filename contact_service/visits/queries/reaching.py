"""Of the children who share a visit that is wished for, those out of the actor’s reach, and whom that hides."""

from collections.abc import Collection, Iterable
from typing import Protocol

from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.visits.wish import ChildWished
from contact_service.work import Work


class OfChild(Protocol):
    """A child, and who starts the visit for them."""

    @property
    def child(self) -> PersonId:
        """The child."""

    @property
    def caregiver(self) -> PersonId | None:
        """Who starts it for them, where anybody does."""


def wished_within(work: Work, children: Iterable[ChildWished]) -> tuple[PersonId, ...]:
    """Those of ``children`` whose case is within the actor’s reach, in their order."""
    cases = {one.child: people.case_of(work, one.child) for one in children}
    reached = set(people.within_reach(work, list(dict.fromkeys(cases.values()))))
    return tuple(child for child, case in cases.items() if case in reached)


def carers_besides(children: Iterable[OfChild], within: Collection[PersonId]) -> set[PersonId | None]:
    """The carers of the children who are not ``within``, but for those who are the carer of one who is."""
    every = tuple(children)
    shown = {one.caregiver for one in every if one.child in within}
    return {one.caregiver for one in every if one.child not in within} - shown
