"""What a worker asks for, before any rule has looked at it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from contact_service.ids import AccountId, PersonId
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.reasons import EmergencyReason


class OfChild(Protocol):
    """A child, and who starts the visit for them."""

    @property
    def child(self) -> PersonId:
        """The child."""

    @property
    def caregiver(self) -> PersonId | None:
        """Who starts it for them, where anybody does."""


@dataclass(frozen=True, kw_only=True)
class ChildWished:
    """A child, and who would start the visit for them."""

    child: PersonId
    caregiver: PersonId | None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A visit as wished.  ``wall_start`` is naive: the clock on the wall in the zone of the case of ``child``.

    ``first_of_two``: of a time that the clock change repeats, the first is meant; without it nobody knows which.
    ``sharing``: further children whose visit it would be too, each from their own home, often with a case of their own.
    ``emergency``: why the rules of time and number should be set aside for it, by this person and an approver.
    """

    child: PersonId
    people: tuple[PersonId, ...]
    caregiver: PersonId | None
    wall_start: datetime
    length: timedelta
    level: SupervisionLevel
    supervisor: AccountId | None
    duty: AccountId | None
    emergency: EmergencyReason | None = None
    sharing: tuple[ChildWished, ...] = ()
    first_of_two: bool = False

    @property
    def children(self) -> tuple[ChildWished, ...]:
        """Every child whose visit it would be, the one it is seen from first."""
        return (ChildWished(child=self.child, caregiver=self.caregiver), *self.sharing)

    @property
    def meeting(self) -> tuple[PersonId, ...]:
        """Whom ``child`` would meet: the people, and the other children."""
        return (*self.people, *(one.child for one in self.sharing))

    @property
    def everybody(self) -> frozenset[PersonId]:
        """The children, their carers and the people."""
        carers = {one.caregiver for one in self.children if one.caregiver is not None}
        return frozenset({*self.people, *(one.child for one in self.children), *carers})

    def with_people(self, more: Iterable[PersonId]) -> "Wish":
        """The same with further people, each once."""
        return replace(self, people=tuple(dict.fromkeys((*self.people, *more))))

    def moved(self, starts_at: datetime, zone: str, supervisor: AccountId) -> "Wish":
        """The same at an instant, by the clock of ``zone`` where the child lives, and with a supervisor.

        Where whoever watches is the duty person too, whoever takes over from them takes over both.
        """
        local = starts_at.astimezone(ZoneInfo(zone))
        return replace(
            self,
            wall_start=local.replace(tzinfo=None, fold=0),
            first_of_two=not local.fold,
            supervisor=supervisor,
            duty=supervisor if self.duty == self.supervisor else self.duty,
        )

    def by_child(self) -> "tuple[Wish, ...]":
        """The same wish as seen from each child; every rule is asked for each of them."""
        return tuple(
            replace(
                self,
                child=one.child,
                caregiver=one.caregiver,
                sharing=tuple(other for other in self.children if other != one),
            )
            for one in self.children
        )


def carers_besides(children: Iterable[OfChild], within: Collection[PersonId]) -> set[PersonId | None]:
    """The carers of the children who are not ``within``, but for those who are the carer of one who is."""
    every = tuple(children)
    shown = {one.caregiver for one in every if one.child in within}
    return {one.caregiver for one in every if one.child not in within} - shown
