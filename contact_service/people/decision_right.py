"""Who may decide what for a child, on which basis, from when to when (feature A8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contact_service.ids import DecisionRightId, PersonId
from contact_service.people.placement import Days


class Matter(StrEnum):
    """What somebody may decide for a child.  ``EVERYTHING`` holds all the others."""

    CONTACT = "contact"
    NOTES = "notes"
    OBSERVERS = "observers"
    INTERPRETER = "interpreter"
    EVERYTHING = "everything"


class Basis(StrEnum):
    """What a right to decide rests on."""

    PARENTAL_RESPONSIBILITY = "parental_responsibility"
    CARE_ORDER = "care_order"
    COURT_ORDER = "court_order"
    DELEGATED = "delegated"


class Authority(StrEnum):
    """Who decides without being a person of the case."""

    AGENCY = "agency"
    COURT = "court"


# A person's id is 32 hexadecimal digits and so never one of the authorities.
Holder = PersonId | Authority


@dataclass(frozen=True, kw_only=True)
class DecisionRight:
    """One right of one holder.  ``days`` include both ends."""

    id: DecisionRightId
    child: PersonId
    holder: Holder
    matters: frozenset[Matter]
    basis: Basis
    days: Days

    def covers(self, matter: Matter, on: date) -> bool:
        """Whether its holder may decide ``matter`` on that day."""
        return self.days.hold(on) and bool(self.matters & {matter, Matter.EVERYTHING})


@dataclass(frozen=True, kw_only=True)
class NewRight:
    """A right as it is entered."""

    child: PersonId
    holder: Holder
    matters: frozenset[Matter]
    basis: Basis
    days: Days


def may_decide(rights: Iterable[DecisionRight], holder: Holder, matter: Matter, on: date) -> bool:
    """Whether ``holder`` may decide ``matter`` for the child whose rights these are, on that day."""
    return any(right.holder == holder and right.covers(matter, on) for right in rights)
