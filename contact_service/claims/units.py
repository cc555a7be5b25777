"""Which room or link of a pool each visit takes: any that is free, so that none is lost to the order of booking.  Pure.

Stretches of time that never overlap more than n times at once can always be shared out among n rooms, whoever came
first: by their starts, each takes a room that is free then.  What stands may change rooms for that; rooms of a pool are
the same to everybody.
"""

from collections.abc import Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import TypeVar

Moment = TypeVar("Moment", int, datetime)
Stretch = tuple[int, int]


def most_at_once(stretches: Sequence[tuple[Moment, Moment]], first: Moment, after: Moment) -> int:
    """How many of ``stretches`` (from, until before) share an instant of [first, after); touching ends share none."""
    edges = sorted(
        edge
        for since, until in stretches
        if since < after and until > first
        for edge in ((max(since, first), 1), (min(until, after), -1))
    )
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def shared_out(stretches: Sequence[Stretch], units: Sequence[int]) -> list[int] | None:
    """A unit for each of ``stretches``, no unit twice at once; None where more overlap than there are units."""
    free, taken = list(units), list[tuple[int, int]]()
    heapify(free)
    found = [0] * len(stretches)
    for number in sorted(range(len(stretches)), key=lambda one: stretches[one]):
        since, until = stretches[number]
        while taken and taken[0][0] <= since:
            heappush(free, heappop(taken)[1])
        if not free:
            return None
        found[number] = heappop(free)
        heappush(taken, (until, found[number]))
    return found


def kept_in_order(stretches: Sequence[Stretch], most: int) -> list[bool]:
    """Which of ``stretches`` have room where at most ``most`` share an instant and the earlier ones go first."""
    kept: list[Stretch] = []
    found = []
    for one in stretches:
        fits = most_at_once(kept, *one) < most
        found.append(fits)
        if fits:
            kept.append(one)
    return found
