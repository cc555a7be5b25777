"""A calendar that many share, its days, and what they mean for visits.  Pure.

Two effects and, where an entry asks for them, hours of the day are all that public holidays, court closures, school
holidays and Ramadan need; why, README.md says.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contact_service.ids import PersonId
from contact_service.plans.hours import WHOLE_DAY, PartOfDay


class Effect(StrEnum):
    """What the days of a calendar mean for whoever it counts for."""

    NO_VISITS = "no_visits"
    NO_SCHOOL = "no_school"


class Source(StrEnum):
    """Where an entry comes from."""

    TYPED = "typed"
    PUBLIC_HOLIDAYS = "public_holidays"
    HIJRI = "hijri"


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days from ``first`` to ``last``, both included, each from minute ``earliest`` to ``latest`` of its own clock."""

    name: str
    first: date
    last: date
    earliest: int = 0
    latest: int = WHOLE_DAY
    estimated: bool = False

    @property
    def whole_days(self) -> bool:
        """Whether it takes the whole of each day."""
        return (self.earliest, self.latest) == (0, WHOLE_DAY)

    def holds_day(self, day: date) -> bool:
        """Whether ``day`` is one of its days."""
        return self.first <= day <= self.last

    def meets(self, part: PartOfDay) -> bool:
        """Whether any minute of ``part`` lies in it; touching ends do not."""
        return self.holds_day(part.day) and part.start < self.latest and self.earliest < part.end


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One span of a calendar.  ``source`` and ``place`` say where it was taken from."""

    id: str
    span: Span
    source: Source
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A calendar by its name, with the effect that all its days have."""

    id: str
    name: str
    effect: Effect


@dataclass(frozen=True, kw_only=True)
class Link:
    """For whom a calendar counts: a child, somebody a child meets or lives with, or with None the whole agency."""

    id: str
    calendar: Calendar
    person: PersonId | None


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A span of a calendar that counts for somebody who was asked about."""

    calendar: Calendar
    span: Span
