"""What is written down about people's hours and days, as sets of slots.  Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from contact_service.calendars.calendar import Marked
from contact_service.plans.hours import AT_ANY_HOUR, QuietHours, QuietKind, Window
from contact_service.scheduling.availability import Availability, DayHours, Kind, WeeklyHours, free_slots
from contact_service.scheduling.grid import Grid
from contact_service.working_hours.hours import DaysAway, WorkingHours

_DAY = timedelta(days=1)
# So much on either side of a grid that every day it touches is among them, wherever somebody is.
_AROUND = 2 * _DAY
_ALWAYS = WeeklyHours(kind=Kind.OPEN, window=AT_ANY_HOUR, source="always")


def usual_slots(
    grid: Grid,
    weekly: Sequence[WorkingHours],
    away: Sequence[DaysAway],
    busy: tuple[tuple[datetime, datetime], ...] = (),
) -> int:
    """The slots in weekly hours, in all without any, but for days away and busy times."""
    found = 0 if weekly else grid.everything
    for hours in weekly:
        rule = WeeklyHours(kind=Kind.OPEN, window=hours.window, source="hours")
        found |= free_slots(grid, Availability(zone=hours.zone, weekly=(rule,)))
    for days in away:
        closed = replace(_ALWAYS, kind=Kind.BLOCKED, first=days.first, last=days.last)
        found &= free_slots(grid, Availability(zone=days.zone, weekly=(_ALWAYS, closed)))
    if busy:
        found &= free_slots(grid, Availability(zone="UTC", weekly=(_ALWAYS,), taken=busy))
    return found


def open_slots(grid: Grid, zone: str, closed: Iterable[Marked]) -> int:
    """The slots that shared calendars leave open, by the clock of ``zone``."""
    days = tuple(day for one in closed for day in _days_of(one, grid, Kind.BLOCKED))
    return free_slots(grid, Availability(zone=zone, weekly=(_ALWAYS,), days=days))


def slots_of_days(grid: Grid, zone: str, marked: Iterable[Marked]) -> int:
    """The slots of the days that shared calendars name, whole days, by the clock of ``zone``."""
    days = tuple(day for one in marked for day in _days_of(one, grid, Kind.OPEN))
    return free_slots(grid, Availability(zone=zone, days=days))


def not_quiet(grid: Grid, zone: str, quiet: Iterable[QuietHours], no_school: int) -> int:
    """The slots outside a child's quiet hours; school counts in none of ``no_school``."""
    school: list[Window] = []
    others: list[Window] = []
    for hours in quiet:
        (school if hours.kind is QuietKind.SCHOOL else others).append(hours.window)
    return _outside(grid, zone, others) & (_outside(grid, zone, school) | no_school)


def days_around(first: datetime, last: datetime) -> tuple[date, date]:
    """The days that may be touched between two instants, wherever somebody is."""
    return (first - _AROUND).date(), (last + _AROUND).date()


def _outside(grid: Grid, zone: str, windows: Sequence[Window]) -> int:
    if not windows:
        return grid.everything
    closed = (WeeklyHours(kind=Kind.BLOCKED, window=window, source="quiet") for window in windows)
    return free_slots(grid, Availability(zone=zone, weekly=(_ALWAYS, *closed)))


def _days_of(marked: Marked, grid: Grid, kind: Kind) -> Iterator[DayHours]:
    first, last = days_around(grid.begins, grid.ends)
    span = marked.span
    begins, ends = max(span.first, first), min(span.last, last)
    hours = {"earliest": span.earliest, "latest": span.latest} if kind is Kind.BLOCKED else {}
    for number in range((ends - begins).days + 1):
        yield DayHours(kind=kind, day=begins + _DAY * number, source=span.name, **hours)
