"""A series and its instances as values, and how an instance was judged."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from contact_service.errors import Conflict
from contact_service.ids import AccountId, CaseId, PersonId, VisitId
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Reason
from contact_service.policy.understanding import NO_INTERPRETER
from contact_service.series.pattern import Occurrence, Pattern
from contact_service.visits.optional import EVERYBODY_MUST, IfTheyCan
from contact_service.visits.visit import BOOKED, Visit, VisitState
from contact_service.visits.wish import ChildWished, Wish

SeriesId = NewType("SeriesId", str)
NO_SUCH_TIME = "no_such_time"
TOO_FEW = "too_few_can_come"


class SeriesOver(Conflict):
    """This series has ended, or goes on as another one. Look at that one, or ask for a new one."""


class InstanceDecided(Conflict):
    """This visit of the series is over or was decided by somebody else. Load the page again."""


class InstanceState(StrEnum):
    """Where an instance stands; of a booked one its visit says more."""

    PLANNED = "planned"
    BOOKED = "booked"
    LEFT_OUT = "left_out"
    CALLED_OFF = "called_off"


class Fit(StrEnum):
    """What the rules say of an instance that nobody has booked."""

    FITS = "fits"
    LATER = "later"
    REFUSED = "refused"
    NO_SUCH_TIME = NO_SUCH_TIME


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An instance and what the rules say of it.

    ``LATER`` is allowed but for being too far ahead to be booked now, or because nobody who interprets is free.
    ``interpreter``: who would interpret, where somebody has to.  ``left_out``: of those who come if they can, who could
    not; ``too_few``: it is refused for fewer than must can come, and ``reasons`` are what the rules have against some.
    """

    occurrence: Occurrence
    fit: Fit
    reasons: tuple[Reason, ...] = ()
    interpreter: PersonId | None = None
    left_out: tuple[PersonId, ...] = ()
    too_few: bool = False

    @property
    def lacks_interpreter(self) -> bool:
        """Whether it waits for somebody who interprets."""
        return self.fit is Fit.LATER and any(one.code == NO_INTERPRETER for one in self.reasons)

    @property
    def why(self) -> tuple[str, ...]:
        """What stands in the way, as ``rule/code``."""
        if self.fit is Fit.NO_SUCH_TIME:
            return (NO_SUCH_TIME,)
        if self.lacks_interpreter:
            return (NO_INTERPRETER,)
        few = (TOO_FEW,) if self.too_few else ()
        return tuple(dict.fromkeys([*few, *(f"{reason.rule}/{reason.code}" for reason in self.reasons)]))


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One instance.  ``original`` is the wall time at which it stood in the pattern, for ever; ``wall`` the one it has.

    ``starts_at`` is the instant of ``original``, reckoned with the zone rules ``tzdata``; None when there is none.
    ``why`` are codes: what refused it, or for which reason it was called off.
    """

    id: str
    original: datetime
    wall: datetime
    starts_at: datetime | None
    tzdata: str
    state: InstanceState
    why: tuple[str, ...]
    visit: Visit | None = None

    @property
    def at(self) -> datetime | None:
        """When it begins as things stand."""
        return self.visit.starts_at if self.visit else self.starts_at if self.wall == self.original else None

    @property
    def moved(self) -> bool:
        """Whether somebody has chosen another time for it than the pattern has."""
        if self.visit is not None:
            return self.visit.starts_at != self.starts_at
        return self.wall != self.original

    @property
    def called_off(self) -> bool:
        """Whether it was called off, before or after it was booked."""
        return self.state is InstanceState.CALLED_OFF or (self.visit is not None and self.visit.state in _OFF)

    @property
    def exception(self) -> bool:
        """Whether a person has decided something about it alone: it stays as they decided."""
        return self.moved or self.called_off

    @property
    def open(self) -> bool:
        """Whether its visit may still be changed with the series."""
        return self.visit is not None and self.visit.state in BOOKED | {VisitState.REQUESTED}


_OFF = frozenset({VisitState.CANCELLED, VisitState.WITHDRAWN, VisitState.DECLINED, VisitState.LAPSED})


@dataclass(frozen=True, kw_only=True)
class Series:
    """A series.  ``follows`` is the one it was split from; ``followed_by`` the one that goes on instead of it.

    ``optional``: who of it comes if they can, to each of its visits anew.
    """

    id: SeriesId
    case: CaseId
    child: PersonId
    caregiver: PersonId | None
    people: tuple[PersonId, ...]
    sharing: tuple[ChildWished, ...]
    level: SupervisionLevel
    length: timedelta
    supervisor: AccountId
    duty: AccountId
    pattern: Pattern
    asked_by: AccountId
    asked_at: datetime
    ended_at: datetime | None
    follows: SeriesId | None
    followed_by: SeriesId | None
    optional: IfTheyCan = EVERYBODY_MUST
    instances: tuple[Instance, ...] = field(default=())

    @property
    def waiting(self) -> tuple[Visit, ...]:
        """Its visits that wait for an approver."""
        visits = (one.visit for one in self.instances)
        return tuple(visit for visit in visits if visit and visit.state is VisitState.REQUESTED)

    @property
    def seen(self) -> str:
        """What waits, as a mark that changes with every change of any of it."""
        lines = sorted(f"{visit.id} {visit.revision}" for visit in self.waiting)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def wish(self, wall: datetime) -> Wish:
        """What an instance at naive ``wall`` asks for."""
        return Wish(
            child=self.child,
            people=self.people,
            caregiver=self.caregiver,
            wall_start=wall,
            length=self.length,
            level=self.level,
            supervisor=self.supervisor,
            duty=self.duty,
            sharing=self.sharing,
            first_of_two=True,
        )

    @property
    def interpreted_by(self) -> tuple[PersonId, ...]:
        """Who takes part in its last visit and is not among those of the series: whoever interpreted then."""
        last = next((one.visit for one in reversed(self.instances) if one.visit), None)
        carers = {one.caregiver for one in last.children} if last else set()
        everybody = {self.child, *self.people, *(one.child for one in self.sharing), *carers}
        return tuple(sorted(last.people - everybody)) if last else ()

    @property
    def goes_on(self) -> bool:
        """Whether it may be made longer or go on in another way: it has not ended, and no other goes on instead."""
        return self.ended_at is None and self.followed_by is None

    @property
    def visits(self) -> tuple[VisitId, ...]:
        """Its visits, in the order of their original starts."""
        return tuple(one.visit.id for one in self.instances if one.visit)

    def number_of(self, visit: VisitId) -> int:
        """The place of a visit among the instances that were not called off or left out, from 1."""
        return self.visits.index(visit) + 1


def are_enough(said: Sequence[Judged], *, only_all: bool, at_least: int) -> bool:
    """Whether as many of them can be booked, now or later, as whoever asks has agreed to."""
    fitting = sum(one.fit in (Fit.FITS, Fit.LATER) for one in said)
    return fitting == len(said) if only_all else fitting >= at_least
