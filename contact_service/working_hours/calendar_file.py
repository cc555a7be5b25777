"""The lines and values of a calendar file (RFC 5545), as far as they say when somebody is busy.  Pure.

Only what is needed leaves this module: titles, places and people of an event are never looked at.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import vDDDTypes, vRecur
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from contact_service.working_hours.errors import CalendarNotReadable

LARGEST_BYTES = 5_000_000
MOST_EVENTS = 20_000
MOST_VALUES = 100_000
_DEEPEST = 6
_NAMES = {
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP", "FREEBUSY",
}  # fmt: skip
_FOLD = re.compile(rb"\r?\n[ \t]")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')
_NAME = re.compile(r"[A-Za-z0-9-]+")
_NOT_A_CALENDAR = "This is not a calendar file. Save your calendar as an .ics file, and bring that."


@dataclass(frozen=True, kw_only=True)
class Property:
    """One line of a component: its parameters in capitals, its value as written."""

    value: str
    parameters: dict[str, str]


@dataclass(kw_only=True)
class Component:
    """An event, or free and busy times, with its lines by name."""

    kind: str
    lines: dict[str, list[Property]] = field(default_factory=lambda: defaultdict(list))

    def text(self, name: str) -> str:
        """The value of its first line of this name; empty without one."""
        return self.lines[name][0].value if self.lines.get(name) else ""


def components(raw: bytes) -> list[Component]:
    """The events and the free and busy times of a file; raises ``CalendarNotReadable``."""
    if len(raw) > LARGEST_BYTES:
        raise CalendarNotReadable("This calendar is larger than 5 MB. Bring one of the months ahead alone.")
    try:
        # Unfolded first: a fold may stand within the bytes of one sign (RFC 5545, section 3.1).
        text = _FOLD.sub(b"", raw).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarNotReadable(_NOT_A_CALENDAR) from None
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise CalendarNotReadable(_NOT_A_CALENDAR)
    found = list(islice(_read(line for line in lines if line.strip()), MOST_EVENTS + 1))
    if len(found) > MOST_EVENTS:
        raise CalendarNotReadable(
            f"This calendar has more than {MOST_EVENTS} events. Bring one of the months ahead alone."
        )
    return found


def _read(lines: Iterable[str]) -> Iterator[Component]:
    """Every event, and free and busy times, directly in the calendar; what stands inside an event is passed over."""
    inside: list[str] = []
    current: Component | None = None
    for line in lines:
        name = _NAME.match(line)
        word = name[0].upper() if name else ""
        if word == "BEGIN":
            _go_in(inside, line)
            if inside[1:] in (["VEVENT"], ["VFREEBUSY"]):
                current = Component(kind=inside[1])
        elif word == "END":
            _go_out(inside, line)
            if current is not None and len(inside) == 1:
                yield current
                current = None
        elif current is not None and len(inside) == 2 and word in _NAMES:  # noqa: PLR2004
            current.lines[word].append(_property(line, len(word)))
    if inside:
        raise CalendarNotReadable("The end of this calendar is missing. Save it again, and bring it whole.")


def _go_in(inside: list[str], line: str) -> None:
    inside.append(line[len("BEGIN:") :].strip().upper())
    if len(inside) > _DEEPEST:
        raise CalendarNotReadable(_NOT_A_CALENDAR)


def _go_out(inside: list[str], line: str) -> None:
    if not inside or inside.pop() != line[len("END:") :].strip().upper():
        raise CalendarNotReadable(_NOT_A_CALENDAR)


def _property(line: str, at: int) -> Property:
    parameters = {}
    while match := _PARAMETER.match(line, at):
        parameters[match[1].upper()] = match[2].strip('"')
        at = match.end()
    if line[at : at + 1] != ":":
        raise CalendarNotReadable(_NOT_A_CALENDAR)
    return Property(value=line[at + 1 :].strip(), parameters=parameters)


# ---- values


def moments(lines: Iterable[Property], own: ZoneInfo) -> list[date | datetime]:
    """The days, or the instants by the clock of their own zone, of several lines; floating ones are in ``own``."""
    found = [_moment(value, line, own) for line in lines for value in line.value.split(",") if value.strip()]
    if len(found) > MOST_VALUES:
        raise CalendarNotReadable("An event of this calendar lists too many days. Bring one with fewer.")
    return found


def _moment(written: str, line: Property, own: ZoneInfo) -> date | datetime:
    value = _value(written.partition("/")[0])
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value.astimezone(UTC)
        zone = line.parameters.get("TZID")
        return value.replace(tzinfo=zone_named(zone) if zone else own)
    if isinstance(value, date):
        return value
    raise CalendarNotReadable(_NOT_A_CALENDAR)


def length(written: str) -> timedelta:
    """A duration as written; raises ``CalendarNotReadable``."""
    value = _value(written)
    if not isinstance(value, timedelta):
        raise CalendarNotReadable(_NOT_A_CALENDAR)
    return value


def periods(line: Property) -> Iterator[tuple[datetime, datetime]]:
    """The free or busy times of one line: from an instant to an instant, or for a while."""
    for written in line.value.split(","):
        first, _, last = written.partition("/")
        start, end = _value(first), _value(last)
        if not isinstance(start, datetime) or start.tzinfo is None:
            raise CalendarNotReadable(_NOT_A_CALENDAR)
        if isinstance(end, timedelta):
            end = start + end
        if not isinstance(end, datetime) or end.tzinfo is None:
            raise CalendarNotReadable(_NOT_A_CALENDAR)
        yield start, end


def repeats(written: str) -> dict[str, list[Any]]:
    """The parts of an RRULE; raises ``CalendarNotReadable``."""
    try:
        return dict(vRecur.from_ical(written))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise CalendarNotReadable(
            "An event of this calendar repeats by a rule that is none. Take it out."
        ) from None


def _value(written: str) -> object:
    try:
        return vDDDTypes.from_ical(written.strip())  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, KeyError, OverflowError):
        raise CalendarNotReadable(
            "A day or time of this calendar cannot be read. Save it again, and bring it whole."
        ) from None


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo:
    """The zone of a TZID: a name of the zone database, also behind a path, or one of Windows'.

    Raises ``CalendarNotReadable`` naming it where there is none: its times could be any.
    """
    parts = [part for part in name.split("/") if part]
    tried = [name, *("/".join(parts[-many:]) for many in (3, 2, 1)), WINDOWS_TO_OLSON.get(name, "")]
    known = _zones()
    for one in tried:
        if one in known:
            return ZoneInfo(one)
    raise CalendarNotReadable(
        f"We do not know the time zone “{name[:60]}” of this calendar. Save it with a zone like Europe/London."
    )


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
