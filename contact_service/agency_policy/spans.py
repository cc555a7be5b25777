"""Spans of time as people write them: a number and a unit."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "days": timedelta(days=1),
    "week": timedelta(weeks=1),
    "weeks": timedelta(weeks=1),
}
_WRITTEN = re.compile(r"(\d{1,6}) ?(ms|s|min|h|days?|weeks?)", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_MINUTES_OF_A_DAY = 24 * 60


def span(value: object) -> timedelta:
    """``value`` as a span; raise ``ValueError`` for a number without a unit or anything else."""
    if isinstance(value, timedelta):
        return value
    found = _WRITTEN.fullmatch(str(value).strip())
    if found is None:
        raise ValueError("Write a number and a unit: 30 s, 15 min, 24 h, 7 days, 2 weeks.")
    return int(found[1]) * _UNITS[found[2]]


def written(value: timedelta) -> str:
    """``value`` with the largest unit that says it whole."""
    if value % timedelta(seconds=1):
        return f"{value // timedelta(milliseconds=1)} ms"
    seconds = int(value.total_seconds())
    for name, unit in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds and seconds % unit == 0:
            number = seconds // unit
            return "1 day" if (number, name) == (1, "days") else f"{number} {name}"
    return f"{seconds} s"


def minute_of_day(value: object) -> int:
    """A time of day as minutes after midnight, 24:00 included; raise ``ValueError``."""
    if isinstance(value, int):
        return value
    found = _CLOCK.fullmatch(str(value).strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found else _MINUTES_OF_A_DAY + 1
    if minutes > _MINUTES_OF_A_DAY:
        raise ValueError(
            "Write a time of day with four digits: 08:30. Midnight at the end of a day is 24:00."
        )
    return minutes


def clock_face(minutes: int) -> str:
    """Minutes after midnight as 08:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


Span = Annotated[timedelta, BeforeValidator(span), PlainSerializer(written)]
MinuteOfDay = Annotated[int, BeforeValidator(minute_of_day), PlainSerializer(clock_face)]
