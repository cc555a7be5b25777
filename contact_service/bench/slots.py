"""How long it takes to find the common free times of many people: from their hours, and from sets that are known.

The peer does the same work on the same hours in the same run with sorted lists of intervals, as most people write it.
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from contact_service.plans.hours import Weekday, Window
from contact_service.scheduling.availability import Availability, DayHours, Kind, WeeklyHours, free_slots
from contact_service.scheduling.grid import STEP, Grid, each
from contact_service.scheduling.slots import Need, Question, find

_BEGINS = datetime(2026, 9, 1, tzinfo=UTC)
_ZONES = ("America/Chicago", "America/New_York", "Europe/London", "America/Denver")
_LENGTH, _WRITE_UP = 3, 1
Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A question as it comes from hours: parties who must all be there, workers of whom one is enough."""

    grid: Grid
    parties: list[Availability]
    workers: list[Availability]

    def sets(self) -> Question:
        """From hours to sets of slots."""
        parties = tuple(
            Need(name=f"party {n}", members={f"party {n}": free_slots(self.grid, one)})
            for n, one in enumerate(self.parties)
        )
        workers = {f"worker {n}": free_slots(self.grid, one) for n, one in enumerate(self.workers)}
        supervisor = Need(name="supervisor", members=workers, after=_WRITE_UP)
        return Question(
            grid=self.grid, length=_LENGTH, needs=(*parties, supervisor), allowed=self.grid.everything
        )


def run(*, parties: int, workers: int, days: int, rounds: int, json_output: bool) -> int:
    """Ask ``rounds`` times and print how long it took, the peer's times beside; 1 when the two find other starts."""
    asked = _drawn(parties, workers, days)
    question = asked.sets()
    lists = _spans_of(question)
    found = find(question)
    figures: dict[str, object] = {
        "parties": parties,
        "workers": workers,
        "days": days,
        "starts": found.bit_count(),
        "warm_ms": _timed(lambda: find(question), rounds),
        "cold_ms": _timed(lambda: find(asked.sets()), max(5, rounds // 20)),
        "peer": {"kind": "sorted intervals", "warm_ms": _timed(lambda: _peer(lists), max(5, rounds // 20))},
    }
    if json_output:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name.replace('_', ' '):24} {value}" for name, value in figures.items()))
    return 0 if _peer(lists) == list(each(found)) else 1


def _timed(act: Callable[[], object], rounds: int) -> dict[str, float]:
    """Milliseconds: the median and the 95th percentile."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1e3)
    took.sort()
    return {f"p{share}": round(took[math.ceil(share / 100 * rounds) - 1], 3) for share in (50, 95)}


def _drawn(parties: int, workers: int, days: int) -> _Asked:
    """The same families and workers each time: hours that differ by weekday, days off, and what is taken."""
    random = Random(3)
    grid = Grid(begins=_BEGINS, slots=days * 96)
    return _Asked(
        grid=grid,
        parties=[_someone(random, grid, _ZONES[n % 4], tuple(Weekday), 40) for n in range(parties)],
        workers=[_someone(random, grid, _ZONES[0], tuple(Weekday)[:5], 120) for _ in range(workers)],
    )


def _someone(random: Random, grid: Grid, zone: str, days: tuple[Weekday, ...], visits: int) -> Availability:
    weekly = tuple(
        WeeklyHours(
            kind=Kind.OPEN,
            window=Window(
                days=(day,), earliest=random.choice([8, 9, 10]) * 60, latest=random.choice([19, 20, 21]) * 60
            ),
            source="hours",
        )
        for day in days
    )
    last = grid.slots // 96
    off = tuple(
        DayHours(
            kind=Kind.BLOCKED, day=(grid.begins + timedelta(days=random.randrange(last))).date(), source="off"
        )
        for _ in range(12)
    )
    begins = [grid.begins + STEP * random.randrange(grid.slots) for _ in range(visits * last // 90)]
    taken = tuple((at, at + STEP * random.choice([3, 4, 6, 8])) for at in begins)
    return Availability(zone=zone, weekly=weekly, days=off, taken=taken)


def _spans_of(question: Question) -> list[tuple[list[list[Span]], int]]:
    """The same free times as lists of intervals, and the slots that each visit takes there."""
    return [
        ([_spans(mask) for mask in need.members.values()], question.length + need.after)
        for need in question.needs
        if isinstance(need, Need)
    ]


def _spans(mask: int) -> list[Span]:
    found: list[Span] = []
    for slot in each(mask):
        if found and found[-1][1] == slot:
            found[-1] = (found[-1][0], slot + 1)
        else:
            found.append((slot, slot + 1))
    return found


def _peer(lists: list[tuple[list[list[Span]], int]]) -> list[int]:
    """Every start: intersect intervals two at a time; for the workers try each."""
    common: list[Span] | None = None
    for members, needed in lists:
        ways = [[(a, b - needed + 1) for a, b in spans if b - a >= needed] for spans in members]
        able = sorted({start for way in ways for a, b in way for start in range(a, b)})
        runs = _spans(sum(1 << start for start in able)) if len(ways) > 1 else ways[0]
        common = runs if common is None else _both(common, runs)
    return [start for a, b in common or [] for start in range(a, b)]


def _both(one: list[Span], other: list[Span]) -> list[Span]:
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        a, b = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if a < b:
            found.append((a, b))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found
