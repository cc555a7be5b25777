"""A grid of quarter hours in UTC, and sets of its slots as whole numbers: bit n is the n-th quarter hour.

Sets are cut, joined and looked through a machine word at a time, so that months for many people cost microseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = timedelta(minutes=15)
_SECOND, _STEP = timedelta(seconds=1), 900
MOST_SLOTS = 400 * 96  # a little over a year: longer questions are a mistake, and cost memory


@dataclass(frozen=True, kw_only=True)
class Grid:
    """``slots`` quarter hours from ``begins``, an instant on a quarter hour."""

    begins: datetime
    slots: int

    def __post_init__(self) -> None:
        """Refuse a grid that is off the quarter hour, empty or endless: a mistake of the caller."""
        off = self.begins.minute % 15 or self.begins.second or self.begins.microsecond
        if self.begins.utcoffset() != timedelta(0) or off:
            raise ValueError("a grid begins on a quarter hour in UTC")
        if not 0 < self.slots <= MOST_SLOTS:
            raise ValueError(f"a grid has 1 to {MOST_SLOTS} slots")

    @property
    def ends(self) -> datetime:
        """The instant after the last slot."""
        return self.begins + self.slots * STEP

    @property
    def everything(self) -> int:
        """Every slot."""
        return (1 << self.slots) - 1

    def instant(self, slot: int) -> datetime:
        """When ``slot`` begins."""
        return self.begins + slot * STEP

    def seconds(self, instant: datetime) -> int:
        """Whole seconds from the beginning of the grid, rounded down; negative before it."""
        return (instant - self.begins) // _SECOND

    def within(self, first: int, after: int) -> int:
        """The slots that lie whole in the seconds [first, after): what is free may not be rounded up."""
        return self._run(-(-first // _STEP), after // _STEP)

    def touching(self, first: int, after: int) -> int:
        """The slots that the seconds [first, after) touch: what is taken may not be rounded down."""
        return self._run(first // _STEP, -(-after // _STEP)) if first < after else 0

    def beginning(self, first: int, after: int) -> int:
        """The slots that begin in the seconds [first, after)."""
        return self._run(-(-first // _STEP), -(-after // _STEP))

    def _run(self, first: int, after: int) -> int:
        first, after = max(first, 0), min(after, self.slots)
        return ((1 << (after - first)) - 1) << first if after > first else 0


def starts(free: int, length: int) -> int:
    """The slots from which ``length`` slots in a row are free; in as many steps as ``length`` has binary digits."""
    run = 1
    while run < length:
        shift = min(run, length - run)
        free &= free >> shift
        run += shift
    return free


def at_least(masks: list[int], count: int) -> int:
    """The slots that are in at least ``count`` of ``masks``, counted in every slot at once (bit-sliced adders)."""
    if count <= 0:
        raise ValueError("at least one")
    digits: list[int] = []
    for mask in masks:
        carry = mask
        for place, digit in enumerate(digits):
            digits[place], carry = digit ^ carry, digit & carry
        if carry:
            digits.append(carry)
    return _not_below(digits, count)


def _not_below(digits: list[int], count: int) -> int:
    """Where the number written in ``digits``, lowest first, is not below ``count``."""
    if count >> len(digits):
        return 0
    above, equal = 0, -1
    for place in reversed(range(len(digits))):
        if count >> place & 1:
            equal &= digits[place]
        else:
            above |= equal & digits[place]
            equal &= ~digits[place]
    return above | (equal if digits else 0)


def each(mask: int) -> Iterator[int]:
    """The slots of a set, the earliest first."""
    written = bin(mask)[:1:-1]
    place = written.find("1")
    while place >= 0:
        yield place
        place = written.find("1", place + 1)
