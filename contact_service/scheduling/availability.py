"""When somebody can take part: weekly hours by the clock where they are, days that differ, and what is taken already.

Nobody is free unless something says so.  Where two rules differ, the one of higher priority counts; of two alike the
one that closes.  Source: RFC 7953 (availability components and their priority).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from contact_service.plans.hours import Weekday, Window, weekday_of
from contact_service.scheduling.grid import STEP, Grid
from contact_service.scheduling.local_time import Side, edge

_DAY = timedelta(days=1)
WHOLE_DAY = 24 * 60
_ALMOST_A_SECOND = timedelta(seconds=1) - timedelta(microseconds=1)


class Kind(StrEnum):
    """What a rule says of its hours."""

    OPEN = "open"
    BLOCKED = "blocked"


@dataclass(frozen=True, kw_only=True)
class WeeklyHours:
    """Hours of some days of the week, by the clock where somebody is, from ``first`` to ``last`` (None: no limit).

    ``source`` says where they come from, for the words of a reason: a work pattern, school, bedtime, a court's closure.
    """

    kind: Kind
    window: Window
    source: str
    first: date | None = None
    last: date | None = None
    priority: int = 0

    def during(self, day: date) -> bool:
        """Whether they are in force on ``day``, whatever day of the week it is."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def open_hours(window: Window) -> WeeklyHours:
    """Hours of every week in which somebody is there."""
    return WeeklyHours(kind=Kind.OPEN, window=window, source="hours")


@dataclass(frozen=True, kw_only=True)
class DayHours:
    """What is different on one day: it counts before every weekly rule."""

    kind: Kind
    day: date
    source: str
    earliest: int = 0
    latest: int = WHOLE_DAY


@dataclass(frozen=True, kw_only=True)
class Availability:
    """Everything that is known of when one person, device or room is free.

    ``taken``: instants from which and until which something has been booked already; nothing opens them.
    """

    zone: str
    weekly: tuple[WeeklyHours, ...] = ()
    days: tuple[DayHours, ...] = ()
    taken: tuple[tuple[datetime, datetime], ...] = field(default=())


def free_slots(grid: Grid, availability: Availability) -> int:
    """The slots of ``grid`` in which somebody is free; every edge is rounded against being free."""
    free = 0
    days = _calendar(availability.zone, grid)
    for rule in sorted(availability.weekly, key=_order):
        on = [
            day
            for weekday in rule.window.days
            for day in days.of_week.get(weekday, ())
            if rule.during(day.day)
        ]
        free = _with(
            grid, free, rule.kind, [day.span(rule.window.earliest, rule.window.latest) for day in on]
        )
    for hours in sorted(availability.days, key=lambda one: one.kind is Kind.BLOCKED):
        if day := days.by_date.get(hours.day):
            free = _with(grid, free, hours.kind, [day.span(hours.earliest, hours.latest)])
    # The last second is rounded up: half a second that is taken is taken.
    taken = [
        (grid.seconds(begins), grid.seconds(ends + _ALMOST_A_SECOND)) for begins, ends in availability.taken
    ]
    return _with(grid, free, Kind.BLOCKED, taken)


def local_days(grid: Grid, zone: str) -> list[tuple[date, int]]:
    """Every local day that ``grid`` touches in ``zone``, with the slots that begin in it."""
    days = _calendar(zone, grid).by_date.values()
    begins = [*(day.begins for day in days), grid.slots * 900]
    return [(day.day, grid.beginning(*span)) for day, span in zip(days, pairwise(begins), strict=True)]


def _order(rule: WeeklyHours) -> tuple[int, bool]:
    """Later rules have the last word: those of higher priority, and of two alike the one that closes."""
    return rule.priority, rule.kind is Kind.BLOCKED


def _with(grid: Grid, free: int, kind: Kind, spans: list[tuple[int, int]]) -> int:
    opens = kind is Kind.OPEN
    said = 0
    for first, after in spans:
        said |= grid.within(first, after) if opens else grid.touching(first, after)
    return free | said if opens else free & ~said


@dataclass(frozen=True, kw_only=True)
class _Day:
    """A local day: when it begins, in seconds from the grid's beginning; ``steady``: no clock changes during it."""

    day: date
    weekday: Weekday
    zone: str
    grid: Grid
    begins: int
    steady: bool

    def span(self, earliest: int, latest: int) -> tuple[int, int]:
        """The seconds between two minutes of the day by its own clock."""
        if self.steady:
            return self.begins + earliest * 60, self.begins + latest * 60
        opens, closes = self._edge(earliest, Side.OPENS), self._edge(latest, Side.CLOSES)
        return opens, max(opens, closes)

    def _edge(self, minute: int, side: Side) -> int:
        wall = datetime.combine(self.day, time.min) + timedelta(minutes=minute)
        return self.grid.seconds(edge(wall, self.zone, side))


@dataclass(frozen=True, kw_only=True)
class _Calendar:
    """The local days of one zone that touch one grid."""

    by_date: dict[date, _Day]
    of_week: dict[Weekday, tuple[_Day, ...]]


@lru_cache(maxsize=256)
def _calendar(zone: str, grid: Grid) -> _Calendar:
    """Kept, because everybody in a zone has the same days."""
    place = ZoneInfo(zone)
    first, last = grid.begins.astimezone(place).date(), (grid.ends - STEP).astimezone(place).date()
    days = [_day(first + _DAY * number, zone, grid) for number in range((last - first).days + 1)]
    of_week = {weekday: tuple(day for day in days if day.weekday is weekday) for weekday in Weekday}
    return _Calendar(by_date={day.day: day for day in days}, of_week=of_week)


def _day(day: date, zone: str, grid: Grid) -> _Day:
    midnight = datetime.combine(day, time.min)
    hours = [midnight + timedelta(hours=hour) for hour in range(25)]
    offsets = {one.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for one in hours for fold in (0, 1)}
    begins = grid.seconds(edge(midnight, zone, Side.OPENS))
    return _Day(
        day=day, weekday=weekday_of(day), zone=zone, grid=grid, begins=begins, steady=len(offsets) == 1
    )
