"""What a series looks like on the clocks of people who live by another one.  Pure.

Clock changes fall on other days in other places: for some weeks of the year a visit that keeps its time for the child
comes an hour earlier or later for somebody else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from types import MappingProxyType
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


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """What another clock shows at a visit, naive; ``shifted``: it mostly shows another time of day."""

    clock: OtherClock
    local: datetime
    shifted: bool


def shown_elsewhere(
    at: datetime, clocks: Sequence[OtherClock], usual: Mapping[str, time] = MappingProxyType({})
) -> tuple[Elsewhere, ...]:
    """What each of ``clocks`` shows at ``at``; ``usual``: what they show at most visits, where it is known."""
    found = ((clock, local(at, clock.zone)) for clock in clocks)
    return tuple(
        Elsewhere(clock=clock, local=there, shifted=usual.get(clock.zone, there.time()) != there.time())
        for clock, there in found
    )


def usual_times(starts: Iterable[datetime | None], clocks: Sequence[OtherClock]) -> dict[str, time]:
    """By zone the time of day that its clock shows at most of ``starts``; of those alike, at the first of them.

    Not that of the first visit: where a series begins in one of the few odd weeks, all others would seem odd.
    """
    known = [at for at in starts if at is not None]
    counted = {one.zone: Counter(local(at, one.zone).time() for at in known) for one in clocks}
    return {zone: times.most_common(1)[0][0] for zone, times in counted.items() if times}


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
