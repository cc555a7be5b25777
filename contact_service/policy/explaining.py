"""Why not, and what is the smallest change that would make it possible?  Pure: facts for other times are passed in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Permitted
from contact_service.policy.facts import BookingFacts

_LENGTHS = tuple(timedelta(minutes=minutes) for minutes in (60, 45, 30, 20, 15, 10, 5))


@dataclass(frozen=True, kw_only=True)
class Change:
    """What would have to be different; None where it may stay as it was asked for."""

    level: SupervisionLevel | None = None
    length: timedelta | None = None
    starts_at: datetime | None = None

    @property
    def size(self) -> int:
        """How many things differ."""
        return sum(part is not None for part in (self.level, self.length, self.starts_at))


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What the rules say, and the smallest change that would turn a no into a yes; None when nothing tried does."""

    decision: Decision
    change: Change | None


def explain(
    facts: BookingFacts, other_times: Iterable[datetime], facts_at: Callable[[datetime], BookingFacts]
) -> Explanation:
    """Decide, and look for a yes: a stricter level, a shorter visit, another of ``other_times`` (nearest first).

    Fewer changes come before more, an unchanged time before a changed one.  People and plans are never changed: that
    is for those who decide on them.
    """
    decision = may_book(facts)
    if isinstance(decision, Permitted):
        return Explanation(decision=decision, change=None)
    here = [change for change in _beside_time(facts, None) if _makes_it(facts, change)]
    if here:
        return Explanation(decision=decision, change=min(here, key=lambda change: change.size))
    for at in other_times:
        there = facts_at(at)
        for change in sorted(_beside_time(there, at), key=lambda change: change.size):
            if _makes_it(there, change):
                return Explanation(decision=decision, change=change)
    return Explanation(decision=decision, change=None)


def is_within_reach(facts: BookingFacts) -> bool:
    """Whether a visit at this very start would do, as it is, stricter or shorter."""
    return any(_makes_it(facts, change) for change in (Change(), *_beside_time(facts, None)))


def _beside_time(facts: BookingFacts, at: datetime | None) -> Iterator[Change]:
    """Every stricter level and shorter length, alone and together, for one start."""
    asked = facts.ends_at - facts.starts_at if facts.starts_at and facts.ends_at else timedelta(0)
    stricter = [level for level in SupervisionLevel if level.at_least(facts.level) and level != facts.level]
    shorter = [length for length in _LENGTHS if length < asked]
    for length in (None, *shorter):
        for level in (None, *reversed(stricter)):
            if (level, length, at) != (None, None, None):
                yield Change(level=level, length=length, starts_at=at)


def _makes_it(facts: BookingFacts, change: Change) -> bool:
    if facts.starts_at is None or facts.ends_at is None:
        return False
    length = change.length or facts.ends_at - facts.starts_at
    changed = replace(facts, level=change.level or facts.level, ends_at=facts.starts_at + length)
    return isinstance(may_book(changed), Permitted)
