"""A week to plan, and a plan of it, as values: what every solver is given and what the judge reads.

Everything is named by its place in a tuple.  Sets of slots are whole numbers (``scheduling/grid.py``).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from contact_service.scheduling.grid import Grid, each
from contact_service.week.errors import BadWeek
from contact_service.week.weights import Known, Priority, Weights

USUAL_WITHIN = 2  # slots: half an hour either way still is the usual time


class Placement(NamedTuple):
    """Where a visit is: the slot in which it starts, its workers in rising order, and an interpreter if one comes."""

    start: int
    workers: tuple[int, ...]
    interpreter: int | None = None


@dataclass(frozen=True, kw_only=True)
class Party:
    """A child, a home's device or an adult: whoever can be in one visit at a time."""

    name: str
    free: int


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Somebody who watches over visits.

    ``most_slots`` of the week may go to visits and the writing up of them;
    beyond ``fair_slots`` each costs.  ``team`` only says who is likely to swap with whom.  ``booked``: the visits that
    they have already on each day of the week, beside those that are planned; empty for none.
    """

    name: str
    free: int
    languages: tuple[str, ...]
    most_slots: int
    fair_slots: int
    most_a_day: int
    team: int = 0
    booked: tuple[int, ...] = ()

    def most_on(self, day: int) -> int:
        """How many more visits they may have on a day of the week."""
        return self.most_a_day - (self.booked[day] if self.booked else 0)


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """Somebody who speaks one language for a family."""

    name: str
    free: int
    language: str


@dataclass(frozen=True, kw_only=True)
class Pool:
    """``units`` of a kind, of which a visit takes any one: a prison's video links, a building's rooms.

    ``taken[n]``: the slots in which visits that are booked already have more than n of them; empty for none.
    """

    name: str
    free: int
    units: int
    taken: tuple[int, ...] = ()

    def with_more_than(self, left: int) -> int:
        """The slots in which it is open and more than ``left`` units are free, beside what is booked already."""
        return self.free & ~self.taken[self.units - left - 1] if self.taken else self.free

    def left_in(self, slot: int) -> int:
        """How many units are free in a slot, beside what is booked already."""
        return self.units - sum(layer >> slot & 1 for layer in self.taken)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One visit that should be this week.

    ``plan`` numbers the contact plan: its visits are at least ``gap`` days apart (2: not on days in a row).
    ``allowed``: the starts that the plan's own hours allow.  ``children``, all of them also among ``parties``, have one
    visit a day.  ``apart``: keys of which two visits never share a day (forbidden pairs).  ``able``: the only workers
    who may watch over it.  ``language``: a worker speaks it or an interpreter comes.  ``usual``: the usual start;
    ``suits``: where there is none, the starts that suit a child better than others.
    ``booked``: where it stands already; ``pinned``: it stays at that time, or is not placed at all.
    """

    name: str
    plan: int
    length: int
    priority: Priority
    allowed: int
    parties: tuple[int, ...]
    children: tuple[int, ...]
    able: tuple[tuple[int, Known], ...]
    gap: int = 1
    apart: tuple[int, ...] = ()
    workers_needed: int = 1
    language: str | None = None
    pool: int | None = None
    usual: int | None = None
    suits: int = 0
    booked: Placement | None = None
    pinned: bool = False

    def known(self, worker: int) -> Known | None:
        """How well ``worker`` knows the family; None for somebody who may not watch over this visit."""
        return dict(self.able).get(worker)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A week.

    ``days``: the agency's days as sets of slots, one after the other.  ``write_up``: the slots a worker
    needs after each visit.  Raises ``BadWeek`` when something points at what is not there.
    """

    grid: Grid
    days: tuple[int, ...]
    visits: tuple[Wanted, ...]
    workers: tuple[Worker, ...]
    parties: tuple[Party, ...]
    interpreters: tuple[Interpreter, ...] = ()
    pools: tuple[Pool, ...] = ()
    write_up: int = 1
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        """Every index points at something; the days are a partition; visits of one plan want the same gap."""
        if sum(self.days) != self.grid.everything or any(
            a & b for a in self.days for b in self.days if a is not b
        ):
            raise BadWeek("The days do not cover the week once each.")
        gaps: dict[int, int] = {}
        for visit in self.visits:
            for trouble in self._troubles(visit):
                raise BadWeek(f"Visit {visit.name}: {trouble}.")
            if gaps.setdefault(visit.plan, visit.gap) != visit.gap:
                raise BadWeek(f"Visit {visit.name}: another visit of its plan wants another gap.")

    def _troubles(self, visit: Wanted) -> Iterable[str]:
        if visit.length < 1 or visit.gap < 1 or visit.workers_needed not in {1, 2}:
            yield "a length, a gap or a number of workers that cannot be"
        if not _all_within(visit.parties, self.parties) or not set(visit.children) <= set(visit.parties):
            yield "a party that is not there"
        if not _all_within((worker for worker, _ in visit.able), self.workers):
            yield "a worker who is not there"
        if visit.pool is not None and not _all_within((visit.pool,), self.pools):
            yield "a pool that is not there"
        if visit.usual is not None and not 0 <= visit.usual < self.grid.slots:
            yield "a usual time outside the week"
        if visit.pinned and visit.booked is None:
            yield "pinned, but not booked"

    @cached_property
    def day_of(self) -> tuple[int, ...]:
        """The day of each slot."""
        day_of = [0] * self.grid.slots
        for day, mask in enumerate(self.days):
            for slot in each(mask):
                day_of[slot] = day
        return tuple(day_of)

    def days_near(self, day: int, gap: int) -> int:
        """The slots of the days less than ``gap`` days from ``day``, itself among them."""
        return sum(self.days[max(0, day - gap + 1) : day + gap])

    def speaks(self, worker: int, visit: Wanted) -> bool:
        """Whether with this worker no interpreter is needed."""
        return visit.language is None or visit.language in self.workers[worker].languages

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything in it as canonical JSON: two weeks with one digest are the same week."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def text(self) -> str:
        """All of it as canonical JSON, which ``kept.instance_from`` reads."""
        return canonical(_plain(asdict(self))).decode()

    def starts_at(self, placement: Placement) -> datetime:
        """The instant at which a placed visit begins."""
        return self.grid.instant(placement.start)


@dataclass(frozen=True, kw_only=True)
class Solution:
    """A plan: for each visit of the instance where it is, or None where it found no place."""

    placed: tuple[Placement | None, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The visits that found a place."""
        return tuple(number for number, place in enumerate(self.placed) if place is not None)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the plan as canonical JSON: byte for byte the same plan."""
        return hashlib.sha256(canonical(_plain(self.placed))).hexdigest()


def with_visits(instance: Instance, visits: Iterable[Wanted]) -> Instance:
    """The same week with these visits in place of its own."""
    return replace(instance, visits=tuple(visits))


def canonical(value: object) -> bytes:
    """JSON with sorted names, no spaces and only ASCII: the same bytes for the same value on every machine."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def _plain(value: object) -> object:
    """Values as JSON has them: sets of slots are far beyond what a JSON number may be, and become hexadecimal."""
    match value:
        case bool() | None | str():
            return value
        case int():
            return value if abs(value) < 1 << 53 else f"{value:x}"
        case datetime():
            return value.isoformat()
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
        case tuple() | list():
            return [_plain(one) for one in value]
        case _:
            raise TypeError(value)


def _all_within(numbers: Iterable[int], things: tuple[object, ...]) -> bool:
    return all(0 <= number < len(things) for number in numbers)
