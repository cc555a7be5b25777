"""What the plans in force ask for in one week, and have not got yet.  Pure.

A period that is longer than the week is kept pace with: by the end of the week so much of its number should be booked
or given as its share of days comes to, half a visit counting as one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contact_service.ids import CaseId, PersonId, VisitId
from contact_service.plans.terms import Frequency, PlanPerson, SupervisionLevel, period_around
from contact_service.visits.wish import ChildWished

_WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What the plan of ``child`` says of one person; ``sharing`` where that is another child of the agency's.

    ``ordered``: a court order that stands says it.  ``owed``: visits that earlier periods left and nobody has made up.
    """

    child: PersonId
    case: CaseId
    terms: PlanPerson
    sharing: bool
    ordered: bool
    owed: int

    @property
    def key(self) -> str:
        """The two it is about, the same whichever of two children it is asked of."""
        pair = sorted((self.child, self.terms.person)) if self.sharing else (self.child, self.terms.person)
        return ":".join(pair)


@dataclass(frozen=True, kw_only=True)
class Part:
    """So many visits on these days of the week; ``makes_up``: of them, those beyond the number of the period."""

    first: date
    after: date
    visits: int
    makes_up: int = 0


def asked_for(line: Line, booked: Sequence[date], week: date) -> Iterator[Part]:
    """What a line asks for in the week that begins on ``week``, period by period.

    ``booked``: the days of visits of these two that are asked for, booked, running or given.
    """
    often = line.terms.frequency
    if often is None or not often.least:
        return
    day = week
    while day < week + _WEEK:
        first, after = period_around(day, often.per)
        end = min(after, week + _WEEK)
        due = _due(often.least, (end - first).days, (after - first).days)
        have = sum(first <= on < after for on in booked)
        visits = max(0, min(due - have, _most_of_week(often, (end - day).days)))
        beyond = _made_up(line, often, have + visits) if end == week + _WEEK else 0
        if visits + beyond:
            yield Part(first=day, after=end, visits=visits + beyond, makes_up=beyond)
        day = after


def _due(least: int, passed: int, days: int) -> int:
    """The share of ``least`` that ``passed`` of ``days`` come to, half a visit counting as one."""
    return (2 * least * passed + days) // (2 * days)


def _most_of_week(often: Frequency, days: int) -> int:
    """What so many days can hold, with the days between."""
    return -(-days // max(1, often.gap_days or 1))


def _made_up(line: Line, often: Frequency, have: int) -> int:
    """One visit that is owed a week, as long as the plan has room for it."""
    room = 1 if often.most is None else often.most - have
    return max(0, min(1, line.owed, room))


@dataclass(frozen=True, kw_only=True)
class Want:
    """One visit that should be this week.  ``visit``: it is booked already, and may have to move.

    ``in_week``: how many visits these two would have in the week with all that is wanted; None of a booked one.
    """

    key: str
    line: str
    case: CaseId
    child: PersonId
    people: tuple[PersonId, ...]
    caregiver: PersonId | None
    sharing: tuple[ChildWished, ...]
    length: timedelta
    level: SupervisionLevel
    makes_up: bool = False
    visit: VisitId | None = None
    in_week: int | None = None

    @property
    def children(self) -> tuple[ChildWished, ...]:
        """Every child whose visit it would be."""
        return (ChildWished(child=self.child, caregiver=self.caregiver), *self.sharing)

    @property
    def meeting(self) -> tuple[PersonId, ...]:
        """Whom the first child would meet."""
        return (*self.people, *(one.child for one in self.sharing))
