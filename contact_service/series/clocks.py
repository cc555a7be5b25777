"""What a series looks like on the clocks of people who live by another one.  Pure.

Clock changes fall on other days in other places: for some weeks of the year a visit that keeps its time for the child
comes an hour earlier or later for somebody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from contact_service.ids import PersonId
from contact_service.series.pattern import first_instant
from contact_service.series.series import Instance, Series


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


def by_another_clock(series: Series, zone: str) -> Series:
    """``series`` as the clock in ``zone`` shows it, with the weekday and hour that its first instance has there.

    What has no instant, for its own clock skips it, is left out: another clock has nothing to show for it.
    """
    pattern = series.pattern
    instances = tuple(
        seen for one in series.instances if (seen := _by_another_clock(one, pattern.zone, zone)) is not None
    )
    first = first_instant(datetime.combine(pattern.anchor, pattern.clock), pattern.zone)
    begins = local(first, zone) if first else min((one.original for one in instances), default=None)
    if begins is None:
        return replace(series, pattern=replace(pattern, zone=zone), instances=instances)
    last = pattern.last + (begins.date() - pattern.anchor)
    shown = replace(pattern, zone=zone, anchor=begins.date(), clock=begins.time(), last=last)
    return replace(series, pattern=shown, instances=instances)


def _by_another_clock(one: Instance, home: str, zone: str) -> Instance | None:
    original = first_instant(one.original, home) or one.at
    at = first_instant(one.wall, home) or one.at
    if original is None or at is None:
        return None
    return replace(one, original=local(original, zone), wall=local(at, zone))
