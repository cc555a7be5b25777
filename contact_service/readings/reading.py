"""What a reading is: who, which case, which part of its record, in which hour.  Pure."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

LONGEST_PART = 80
_VARIABLE = re.compile(r"\{[^}]*\}")


def hour_of(at: datetime) -> datetime:
    """The full hour in which ``at`` lies."""
    return at.replace(minute=0, second=0, microsecond=0)


def day_of(at: datetime, zone: str) -> datetime:
    """When the day began in which ``at`` lies by the clock of ``zone``."""
    return at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def part_of(route: str) -> str:
    """What of a record a route shows: ``/w/child/{child}/home`` is ``child.home``.

    1 to 80 letters, digits, dots and underscores, so that it may stand in the log.
    """
    words = _VARIABLE.sub("", route).removeprefix("/api/v1").removeprefix("/w")
    part = ".".join(re.sub(r"[^a-z0-9_]", "_", word) for word in words.lower().split("/") if word)
    return part[:LONGEST_PART] or "record"
