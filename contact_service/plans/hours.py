"""Hours of the week by somebody's clock, and the parts of days that a visit takes of them.  Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contact_service.errors import BadInput

WHOLE_DAY = 24 * 60
_DAY = timedelta(days=1)


class Weekday(StrEnum):
    """A day of the week, Monday first as in ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def weekday_of(day: date) -> Weekday:
    """The day of the week of ``day``."""
    return list(Weekday)[day.weekday()]


@dataclass(frozen=True, kw_only=True)
class PartOfDay:
    """From minute ``start`` to minute ``end`` after the midnight that begins ``day``."""

    day: date
    start: int
    end: int


def parts_of_days(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[PartOfDay, ...]:
    """What lies between two instants, cut at every midnight of ``zone``; begun minutes count whole."""
    start, end = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends_at))
    days = [start.date() + _DAY * number for number in range((end.date() - start.date()).days + 1)]
    parts = (
        PartOfDay(
            day=day,
            start=_minute(start.time()) if day == start.date() else 0,
            end=_minute_after(end.time()) if day == end.date() else WHOLE_DAY,
        )
        for day in days
    )
    return tuple(part for part in parts if part.start < part.end)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Days of the week, and minutes after midnight by the clock of whom they are about."""

    days: tuple[Weekday, ...] = tuple(Weekday)
    earliest: int = 0
    latest: int = WHOLE_DAY

    def holds(self, part: PartOfDay) -> bool:
        """Whether all of ``part`` lies inside."""
        return weekday_of(part.day) in self.days and self.earliest <= part.start and part.end <= self.latest

    def meets(self, part: PartOfDay) -> bool:
        """Whether any minute of ``part`` lies inside; touching ends do not."""
        return weekday_of(part.day) in self.days and part.start < self.latest and self.earliest < part.end


AT_ANY_HOUR = Window()


def together_hold(windows: Iterable[Window], part: PartOfDay) -> bool:
    """Whether all of ``part`` lies in one or several of ``windows``: hours that touch are one span."""
    reached = part.start
    for window in sorted(windows, key=lambda one: one.earliest):
        if weekday_of(part.day) in window.days and window.earliest <= reached:
            reached = max(reached, window.latest)
    return reached >= part.end


def demand_hours(window: Window) -> None:
    """Raise ``BadInput`` unless these are hours of a day of the week."""
    if not window.days:
        raise BadInput("Choose at least one day.", "days")
    if not 0 <= window.earliest < window.latest <= WHOLE_DAY:
        raise BadInput("The end is not after the start. Hours that cross midnight are two entries.", "latest")


class QuietKind(StrEnum):
    """Why a child is not to be disturbed."""

    SCHOOL = "school"
    BEDTIME = "bedtime"
    THERAPY = "therapy"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Hours of the week in which a child has no visits, by the clock where the child lives."""

    kind: QuietKind
    window: Window


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _minute_after(at: time) -> int:
    return _minute(at) + (1 if at.second or at.microsecond else 0)
