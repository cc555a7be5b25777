"""The days on which an event of a calendar file repeats, between two days.  Pure; no rule costs more than its days.

Source: RFC 5545, 3.3.10.  Of its parts are read those that calendars of people use; what is not read is refused by
name and never guessed.  The days are reckoned period by period from the window, so that a rule that never matches, or
one that began in 1970, ends: libraries that walk from the beginning until something matches do not.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contact_service.working_hours.errors import CalendarNotReadable

_DAY = timedelta(days=1)
_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_READ = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"}
_LOOKED_AT = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}  # days of a period
_MOST_VALUES = 400  # of one part of a rule: more than there are days in a year


@dataclass(kw_only=True)
class Budget:
    """How many days may still be looked at for a whole file: what a file may cost is bounded, however it is written."""

    left: int = 500_000

    def spend(self, days: int) -> None:
        """So many days; raises ``CalendarNotReadable`` when fewer are left."""
        self.left -= days
        if self.left < 0:
            raise CalendarNotReadable(
                "The events of this calendar repeat too often to be read. Bring one with fewer."
            )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule that was read, of an event that begins on ``start``; ``until`` is its last day by its own clock."""

    start: date
    every: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    week_starts: int = 0
    weekdays: frozenset[tuple[int, int]] = frozenset()
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()

    def days(self, first: date, last: date, budget: Budget) -> Iterator[date]:
        """Its days from ``first`` to ``last`` in order; raises ``CalendarNotReadable`` where it costs too much."""
        last = min(last, self.until) if self.until else last
        for number, day in enumerate(self._from(first, last, budget)):
            if self.count is not None and number >= self.count:
                return
            if day >= first:
                yield day

    def _from(self, first: date, last: date, budget: Budget) -> Iterator[date]:
        """Its days up to ``last``: from its beginning where they are counted, else from the period of ``first``."""
        number = 0 if self.count is not None else max(0, self._period_of(first) // self.interval - 1)
        while (begins := self._begins(number * self.interval)) is not None and begins <= last:
            budget.spend(_LOOKED_AT[self.every])
            for day in self._of_period(begins):
                if self.start <= day <= last:
                    yield day
            number += 1

    def _period_of(self, day: date) -> int:
        """How many periods ``day`` is after the one in which the event begins."""
        if self.every == "DAILY":
            return (day - self.start).days
        if self.every == "WEEKLY":
            return (day - self._week(self.start)).days // 7
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        return months if self.every == "MONTHLY" else day.year - self.start.year

    def _begins(self, period: int) -> date | None:
        """The first day of a period after the one in which the event begins; None past the calendar's end."""
        try:
            if self.every == "DAILY":
                return self.start + period * _DAY
            if self.every == "WEEKLY":
                return self._week(self.start) + 7 * period * _DAY
            if self.every == "MONTHLY":
                months = self.start.year * 12 + self.start.month - 1 + period
                return date(months // 12, months % 12 + 1, 1)
            return date(self.start.year + period, 1, 1)
        except (OverflowError, ValueError):
            return None

    def _week(self, day: date) -> date:
        behind = (day.weekday() - self.week_starts) % 7
        return day - behind * _DAY if day.toordinal() > behind else date.min

    def _of_period(self, begins: date) -> list[date]:
        if self.every == "DAILY":
            found = [begins] if self._fits(begins, begins, begins) else []
        elif self.every == "WEEKLY":
            found = [day for day in _days(begins, 7) if self._fits(day, begins, begins)]
        elif self.every == "MONTHLY":
            found = self._of_month(begins)
        else:
            found = self._of_year(begins.year)
        if not self.positions:
            return found
        places = {place - 1 if place > 0 else len(found) + place for place in self.positions}
        return [day for place, day in enumerate(found) if place in places]

    def _of_month(self, begins: date) -> list[date]:
        length = monthrange(begins.year, begins.month)[1]
        return [day for day in _days(begins, length) if self._fits(day, begins, begins + (length - 1) * _DAY)]

    def _of_year(self, year: int) -> list[date]:
        if self.weekdays and not self.months:  # the third Friday of a year, and not of each month
            first, last = date(year, 1, 1), date(year, 12, 31)
            on = (day for day in _days(first, 366) if day <= last and self._on_weekday(day, first, last))
            return [day for day in on if not self.month_days or self._on_month_day(day)]
        # Without months or days of its own a rule of years means the day of the year on which the event began.
        own = not self.months and not self.month_days
        months = self.months or ({self.start.month} if own else set(range(1, 13)))
        return [day for month in sorted(months) for day in self._of_month(date(year, month, 1))]

    def _fits(self, day: date, first: date, last: date) -> bool:
        """Whether the rule means ``day``, of a period from ``first`` to ``last`` in which weekdays are counted."""
        if self.months and day.month not in self.months:
            return False
        if self.month_days and not self._on_month_day(day):
            return False
        if self.weekdays:
            return self._on_weekday(day, first, last)
        if self.month_days or self.every == "DAILY":
            return True
        if self.every == "WEEKLY":
            return day.weekday() == self.start.weekday()
        return day.day == self.start.day

    def _on_month_day(self, day: date) -> bool:
        length = monthrange(day.year, day.month)[1]
        return day.day in self.month_days or day.day - length - 1 in self.month_days

    def _on_weekday(self, day: date, first: date, last: date) -> bool:
        from_start, from_end = (day - first).days // 7 + 1, -((last - day).days // 7 + 1)
        return any((ordinal, day.weekday()) in self.weekdays for ordinal in (0, from_start, from_end))


def rule_of(parts: dict[str, list[Any]], start: date, until: date | None) -> Rule:
    """The rule that the parts of an RRULE say; raises ``CalendarNotReadable`` naming what is not read."""
    if unread := sorted(set(parts) - _READ):
        raise _unread(unread[0])
    every = str(_one(parts, "FREQ", ""))
    if not every:
        raise CalendarNotReadable("An event of this calendar repeats by a rule that is none. Take it out.")
    if every not in _LOOKED_AT:
        raise CalendarNotReadable(
            "An event of this calendar repeats more often than once a day. Take it out and try again."
        )
    if len(parts.get("BYDAY", [])) > _MOST_VALUES:
        raise _unread("BYDAY")
    weekdays = frozenset(_weekday(str(value)) for value in parts.get("BYDAY", []))
    if every in ("DAILY", "WEEKLY") and any(ordinal for ordinal, _ in weekdays):
        raise _unread("BYDAY")
    return Rule(
        start=start,
        every=every,
        interval=_number(_one(parts, "INTERVAL", 1), 1, 10_000),
        count=_number(_one(parts, "COUNT", 1), 1, 10**12) if "COUNT" in parts else None,
        until=until,
        week_starts=_WEEKDAYS.get(str(_one(parts, "WKST", "MO")), 0),
        weekdays=weekdays,
        months=_numbers(parts, "BYMONTH", 1, 12),
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        positions=_numbers(parts, "BYSETPOS", -366, 366),
    )


def _one(parts: dict[str, list[Any]], name: str, otherwise: object) -> object:
    values = parts.get(name, [otherwise])
    if len(values) != 1:
        raise _unread(name)
    return values[0]


def _numbers(parts: dict[str, list[Any]], name: str, least: int, most: int) -> frozenset[int]:
    values = parts.get(name, [])
    if len(values) > _MOST_VALUES:
        raise _unread(name)
    return frozenset(_number(value, least, most) for value in values)


def _number(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or not least <= value <= most or value == 0:
        raise CalendarNotReadable("An event of this calendar repeats by a rule that is none. Take it out.")
    return int(value)


def _weekday(written: str) -> tuple[int, int]:
    """``-1FR`` as its ordinal (0: every one) and the number of its weekday."""
    ordinal, name = written[:-2], written[-2:].upper()
    if name not in _WEEKDAYS or not (ordinal or "+0").lstrip("+-").isdecimal() or len(ordinal) > len("-53"):
        raise _unread("BYDAY")
    return int(ordinal or 0), _WEEKDAYS[name]


def _unread(part: str) -> CalendarNotReadable:
    return CalendarNotReadable(
        f"An event of this calendar repeats in a way that we do not read ({part}). Take it out and try again."
    )


def _days(first: date, number: int) -> list[date]:
    return [first + _DAY * n for n in range(number) if first.toordinal() + n <= date.max.toordinal()]
