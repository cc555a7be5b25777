"""Who of a wished visit comes if they can, and how many of them must.  Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import combinations

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.visits.wish import ChildWished, Wish

MOST_OPTIONAL = 12


@dataclass(frozen=True, kw_only=True)
class IfTheyCan:
    """Brothers, sisters and people who come if they can; at least ``quorum`` of them must, 0: all are welcome.

    Everybody else of a wish must be there.  A child comes with their carer, or not at all.
    """

    people: tuple[PersonId, ...] = ()
    quorum: int = 0

    def demand_of(self, wish: Wish) -> None:
        """Raise ``BadInput`` where it does not go with ``wish``: its child and somebody they meet must be there."""
        if self.quorum < 0 or self.quorum > len(self.people):
            raise BadInput("Choose a number that is no more than those who come if they can.", "quorum")
        if len(self.people) > MOST_OPTIONAL:
            raise BadInput("Choose no more than twelve who come if they can.", "optional")
        if len({*self.people}) < len(self.people):
            raise BadInput("Name each person once.", "optional")
        if wish.child in self.people:
            raise BadInput("The child for whom you book must be there.", "optional")
        if not {*self.people} <= {*wish.meeting}:
            raise BadInput("Only those who meet the child can be told to come if they can.", "optional")
        if self.people and {*wish.meeting} <= {*self.people}:
            raise BadInput("At least one person whom the child meets must be there.", "optional")


EVERYBODY_MUST = IfTheyCan()


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Somebody who could not come, and who would bring them where it is a child."""

    person: PersonId
    caregiver: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Who of those who come if they can is in a visit (``coming``), who could not be, and how many of them must."""

    coming: tuple[PersonId, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    quorum: int = 0

    def demand_of(self, wish: Wish) -> None:
        """Raise ``BadInput`` where it does not go with ``wish``, which has exactly those who would be there."""
        if self.quorum > len(self.coming):
            raise BadInput(
                "Fewer come if they can than must. Choose more of them, another time or a smaller number.",
                "quorum",
            )
        IfTheyCan(people=self.coming, quorum=self.quorum).demand_of(wish)

    def when_it_becomes(self, before: Wish, after: Wish) -> "Settled":
        """The same people for a visit that becomes another: whoever is in it comes, everybody else is left out."""
        known = [LeftOut(person=one, caregiver=_carer(before, one)) for one in self.coming]
        known += self.left_out
        return replace(
            self,
            coming=tuple(one.person for one in known if one.person in after.meeting),
            left_out=tuple(one for one in known if one.person not in after.meeting),
        )


EVERYBODY_COMES = Settled()


def settled(wish: Wish, optional: IfTheyCan, coming: Wish) -> Settled:
    """What is settled where ``wish`` was asked for and ``coming`` is all of it that can be."""
    return Settled(coming=optional.people, quorum=optional.quorum).when_it_becomes(wish, coming)


def asked_again(wish: Wish, known: Settled) -> tuple[Wish, IfTheyCan]:
    """``wish`` of a booked visit with everybody who was ever to come, and who of them comes if they can."""
    out = [one for one in known.left_out if one.person not in wish.meeting]
    again = replace(
        wish,
        people=(*wish.people, *(one.person for one in out if one.caregiver is None)),
        sharing=(
            *wish.sharing,
            *(ChildWished(child=one.person, caregiver=one.caregiver) for one in out if one.caregiver),
        ),
    )
    people = (*known.coming, *(one.person for one in known.left_out))
    return again, IfTheyCan(people=people, quorum=known.quorum)


def _carer(wish: Wish, child: PersonId) -> PersonId | None:
    return next((one.caregiver for one in wish.sharing if one.child == child), None)


def without(wish: Wish, left_out: Collection[PersonId]) -> Wish:
    """``wish`` without some of those whom the child would meet; a child who stays away needs no carer there."""
    if not left_out:
        return wish
    return replace(
        wish,
        people=tuple(person for person in wish.people if person not in left_out),
        sharing=tuple(one for one in wish.sharing if one.child not in left_out),
    )


def comes_with(wish: Wish, person: PersonId) -> frozenset[PersonId]:
    """Somebody who would be met, and the carer without whom they would not come."""
    carers = {one.caregiver for one in wish.sharing if one.child == person and one.caregiver is not None}
    return frozenset({person, *carers})


def most_without_pairs(
    people: Iterable[PersonId], pairs: Collection[frozenset[PersonId]]
) -> tuple[PersonId, ...]:
    """The largest part of ``people``, in their order, in which no two are one of ``pairs``."""
    everybody = tuple(people)
    at_odds = [one for one in everybody if any(one in pair and pair <= {*everybody} for pair in pairs)]
    for fewest in range(len(at_odds) + 1):
        for left_out in combinations(reversed(at_odds), fewest):
            staying = tuple(one for one in everybody if one not in left_out)
            if not any(pair <= {*staying} for pair in pairs):
                return staying
    return ()
