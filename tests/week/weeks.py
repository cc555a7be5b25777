"""Weeks small enough to see through: everybody is always free unless a test says otherwise."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contact_service.bench.visitgen.reading import instance_of
from contact_service.bench.visitgen.week import Order, invent
from contact_service.scheduling.grid import Grid
from contact_service.week.instance import (
    Instance,
    Interpreter,
    Party,
    Placement,
    Pool,
    Solution,
    Wanted,
    Worker,
)
from contact_service.week.weights import Known, Priority

DAY = 96
NOON = 48
GRID = Grid(begins=datetime(2026, 11, 2, tzinfo=UTC), slots=7 * DAY)
ALL = GRID.everything
DAYS = tuple(((1 << DAY) - 1) << DAY * day for day in range(7))


def hours(first: int, after: int) -> int:
    """The slots [first, after)."""
    return (1 << after) - (1 << first)


def wanted(number: int, **changes: Any) -> Wanted:  # noqa: ANN401
    """A visit of 45 minutes of child ``number``, which workers 0 and 1 may watch over."""
    usual = Wanted(
        name=f"visit {number}",
        plan=number,
        length=3,
        priority=Priority.COURT,
        allowed=ALL,
        parties=(number,),
        children=(number,),
        able=((0, Known.PRIMARY), (1, Known.TEAM)),
    )
    return replace(usual, **changes)


def a_worker(number: int, **changes: Any) -> Worker:  # noqa: ANN401
    """A worker who is always there and speaks English."""
    usual = Worker(
        name=f"worker {number}", free=ALL, languages=("en",), most_slots=88, fair_slots=68, most_a_day=6
    )
    return replace(usual, **changes)


def week(visits: Iterable[Wanted], **changes: Any) -> Instance:  # noqa: ANN401
    """A week in which three workers, six parties, two interpreters and one link are always free."""
    usual = Instance(
        grid=GRID,
        days=DAYS,
        visits=(),
        workers=tuple(a_worker(number) for number in range(3)),
        parties=tuple(Party(name=f"party {number}", free=ALL) for number in range(6)),
        interpreters=(
            Interpreter(name="Somali", free=ALL, language="so"),
            Interpreter(name="Polish", free=ALL, language="pl"),
        ),
        pools=(Pool(name="prison", free=ALL, units=1),),
    )
    return replace(usual, visits=tuple(visits), **changes)


def at(start: int, *workers: int, interpreter: int | None = None) -> Placement:
    """A placement."""
    return Placement(start, workers, interpreter)


def plan(*placed: Placement | None) -> Solution:
    """A plan."""
    return Solution(placed=placed)


def invented(visits: int, seed: int = 1, mode: str = "stress") -> Instance:
    """An invented agency's week."""
    return instance_of(invent(Order(visits=visits, seed=seed, mode=mode)))
