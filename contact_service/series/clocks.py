"""What a series looks like on the clocks of people who live by another one.  Pure.

Clock changes fall on other days in other places: for some weeks of the year a visit that keeps its time for the child
comes an hour earlier or later for somebody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from contact_service.ids import PersonId


@dataclass(frozen=True, kw_only=True)
class OtherClock:
    """A zone in which some of those who meet live, and who they are."""

    zone: str
    people: tuple[PersonId, ...]


def local(at: datetime, zone: str) -> datetime:
    """What the clock on the wall shows in ``zone``, naive."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def differs(first: datetime, at: datetime, zone: str) -> bool:
    """Whether the clock in ``zone`` shows another time of day at ``at`` than at ``first``."""
    return local(at, zone).time() != local(first, zone).time()


def shifted(starts: Sequence[datetime], zones: Sequence[str]) -> dict[datetime, tuple[str, ...]]:
    """For each start the zones in which it comes at another time of day than the first of ``starts``."""
    first = min(starts, default=None)
    return {
        at: tuple(zone for zone in zones if first is not None and differs(first, at, zone)) for at in starts
    }
