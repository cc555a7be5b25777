"""A wall time that comes again every so many weeks, as dates without a zone first and as instants afterwards.  Pure.

Source: RFC 5545, 3.3.10: an instance whose wall time a clock change skips is ignored and never moved; the first of two.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from contact_service.errors import BadInput

MOST_INSTANCES = 104
LONGEST = timedelta(days=400)
MOST_WEEKS = 26
_WEEK = timedelta(days=7)
_LAST_YEAR = 9990


class SeriesTooLong(BadInput):
    """A series lasts 400 days and has 104 visits at most. Choose an earlier last day."""


class SeriesEndsBeforeStart(BadInput):
    """The last day is before the first. Change one of them."""


class SeriesWithoutVisits(BadInput):
    """No such day of the week lies between the first day and the last. Change one of them."""


class SeriesInterval(BadInput):
    """A series comes again every 1 to 26 weeks. Change the number of weeks."""


class VisitWithoutLength(BadInput):
    """A visit has to last some minutes. Choose how long."""


class UnknownZone(BadInput):
    """There is no such time zone. Choose one of the known ones, like Europe/London."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Every ``every`` weeks at ``clock`` in ``zone`` on the weekday of ``anchor`` (the first instance), to ``last``."""

    anchor: date
    clock: time
    every: int
    zone: str
    last: date


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One instance.  ``wall`` is naive; ``starts_at`` is its instant, None when the clock skips it."""

    wall: datetime
    starts_at: datetime | None


def pattern_from(first: date, weekday: int, clock: time, *, every: int, zone: str, last: date) -> Pattern:
    """The pattern whose first instance is the first ``weekday`` (0 is Monday) on or after ``first``.

    Raises ``SeriesEndsBeforeStart``, ``SeriesWithoutVisits``, ``SeriesInterval``, ``UnknownZone``, ``SeriesTooLong``.
    """
    if not 1 <= every <= MOST_WEEKS:
        raise SeriesInterval(field="every")
    if zone not in available_timezones():
        raise UnknownZone
    if last < first:
        raise SeriesEndsBeforeStart(field="last")
    if last - first > LONGEST or last.year > _LAST_YEAR:
        raise SeriesTooLong(field="last")
    anchor = first + timedelta(days=(weekday - first.weekday()) % 7)
    if anchor > last:
        raise SeriesWithoutVisits(field="last")
    return Pattern(anchor=anchor, clock=clock, every=every, zone=zone, last=last)


def occurrences(pattern: Pattern, *, after: date | None = None) -> tuple[Occurrence, ...]:
    """Every instance in order, or only those on days after ``after``; raises ``SeriesTooLong`` for more than 104.

    Of a wall time that comes twice it is the first; one that does not exist has no instant.
    """
    step = pattern.every * _WEEK
    begin = pattern.anchor
    if after is not None and after >= begin:
        begin += ((after - begin) // step + 1) * step
    count = max(0, (pattern.last - begin) // step + 1)
    if count > MOST_INSTANCES:
        raise SeriesTooLong(field="last")
    walls = (datetime.combine(begin + step * number, pattern.clock) for number in range(count))
    return tuple(Occurrence(wall=wall, starts_at=first_instant(wall, pattern.zone)) for wall in walls)


def first_instant(wall: datetime, zone: str) -> datetime | None:
    """The UTC instant of naive ``wall``, the first where it comes twice; None where the clock skips it."""
    place = ZoneInfo(zone)
    known = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    return known if known.astimezone(place).replace(tzinfo=None, fold=0) == wall else None


def monday_of(day: date) -> date:
    """The Monday of the week that ``day`` lies in."""
    return day - timedelta(days=day.weekday())
