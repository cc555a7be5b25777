"""Whether somebody is free, quarter hour by quarter hour, straight from rules in wall time: no sets, no shortcuts."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

Document = dict[str, Any]
QUARTER = timedelta(minutes=15)


def rule(kind: str, earliest: int, latest: int, why: str, **when: object) -> Document:
    """Hours of ``days`` of the week (0 is Monday), or of one ``date``; minutes of the day by the clock there."""
    return {"kind": kind, "from": earliest, "to": latest, "why": why, **when}


@lru_cache(maxsize=64)
def week(monday: str, zone: str) -> tuple[datetime, ...]:
    """The instants of the quarter hours of an agency's week: 672, and four fewer or more where the clock changes."""
    first = datetime.combine(date.fromisoformat(monday), time.min)
    begins, ends = (
        (first + timedelta(days=days)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for days in (0, 7)
    )
    return tuple(begins + QUARTER * number for number in range((ends - begins) // QUARTER))


@lru_cache(maxsize=64)
def clock(monday: str, zone: str, there: str) -> tuple[tuple[str, int, int], ...]:
    """What the clock shows ``there`` in each quarter hour of the week: the date, its weekday, the minute of the day."""
    shown = []
    for instant in week(monday, zone):
        local = instant.astimezone(ZoneInfo(there))
        shown.append((local.date().isoformat(), local.weekday(), local.hour * 60 + local.minute))
    return tuple(shown)


def free_quarters(document: Mapping[str, Any], hours: list[Document], there: str) -> set[int]:
    """The quarter hours of the week in which these rules let somebody be free: open, and closed by none."""
    return {
        number
        for number, shown in enumerate(clock(document["monday"], document["zone"], there))
        if is_open(hours, *shown)
    }


def is_open(hours: list[Document], day: str, weekday: int, minute: int) -> bool:
    """Whether a minute that the clock shows is open, and closed by no rule."""
    kinds = {
        one["kind"]
        for one in hours
        if one["from"] <= minute < one["to"] and (weekday in one.get("days", ()) or one.get("date") == day)
    }
    return kinds == {"open"}
