"""When somebody is busy, by a calendar of their own.  Pure: a file's bytes in, spans of time out.

What is kept are instants.  Events that are cancelled or marked as free take no time; whole days are days by the owner's
clock, and so are times without a zone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact_service.working_hours.calendar_file import (
    Component,
    components,
    length,
    moments,
    periods,
    repeats,
)
from contact_service.working_hours.errors import CalendarNotReadable
from contact_service.working_hours.repeating import Budget, rule_of

AHEAD = timedelta(days=400)
MOST_OF_ONE = 2000
MOST_SPANS = 50_000
_DAY = timedelta(days=1)
_BEFORE = _DAY
_FREE = ("FREE",)

Span = tuple[datetime, datetime]


def busy_times(raw: bytes, *, zone: str, now: datetime) -> tuple[Span, ...]:
    """The times from yesterday until 400 days ahead at which the owner of a calendar file is busy, merged, in order.

    Raises ``CalendarNotReadable`` for what is no calendar, is too large or repeats without bounds: nothing is guessed.
    """
    # Whole days, so that a calendar in which nothing changed says the same all day long.
    today = datetime.combine(now.astimezone(UTC).date(), time.min, tzinfo=UTC)
    reading = _Reading(own=ZoneInfo(zone), first=today - _BEFORE, last=today + AHEAD)
    found = components(raw)
    events = [one for one in found if one.kind == "VEVENT"]
    try:
        moved = _moved(events, reading.own)
        for event in events:
            reading.take(_of_event(event, reading, moved.get(event.text("UID"), set())))
        for one in found:
            if one.kind == "VFREEBUSY":
                reading.take(_of_free_busy(one))
    except OverflowError:
        raise CalendarNotReadable(
            "A day of this calendar is in no year that we know. Put it right, and bring it again."
        ) from None
    return merged(reading.spans)


@dataclass(kw_only=True)
class _Reading:
    """A file that is being read: the owner's zone, between when, and what was found so far."""

    own: ZoneInfo
    first: datetime
    last: datetime
    budget: Budget = field(default_factory=Budget)
    spans: list[Span] = field(default_factory=list)

    def take(self, spans: Iterable[Span]) -> None:
        """Keep what lies within; raises ``CalendarNotReadable`` when it is too much."""
        for starts_at, ends_at in spans:
            if starts_at < self.last and self.first < ends_at:
                self.spans.append((max(starts_at, self.first), min(ends_at, self.last)))
        if len(self.spans) > MOST_SPANS:
            raise CalendarNotReadable(
                "The events of this calendar repeat too often to be read. Bring one with fewer."
            )


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times without overlaps; those that touch become one."""
    found: list[Span] = []
    for starts_at, ends_at in sorted(spans):
        if found and starts_at <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends_at))
        else:
            found.append((starts_at, ends_at))
    return tuple(found)


def _moved(events: Iterable[Component], own: ZoneInfo) -> dict[str, set[datetime]]:
    """The instances of repeated events, by the event's own number, that other lines of the file say anew."""
    found: dict[str, set[datetime]] = defaultdict(set)
    for event in events:
        lines = event.lines.get("RECURRENCE-ID", ())
        if any("RANGE" in line.parameters for line in lines):
            raise CalendarNotReadable(
                "An event of this calendar was changed for all days to come at once, which we do not read."
            )
        found[event.text("UID")].update(_instant(moment, own) for moment in moments(lines, own))
    return found


def _of_event(event: Component, reading: _Reading, moved: set[datetime]) -> Iterator[Span]:
    if event.text("STATUS").upper() == "CANCELLED" or event.text("TRANSP").upper() == "TRANSPARENT":
        return
    own = reading.own
    starts = moments(event.lines.get("DTSTART", ()), own)
    if len(starts) != 1:
        raise CalendarNotReadable(
            "An event of this calendar has no start. Save it again, and bring it whole."
        )
    start, lasts = starts[0], _lasts(event, starts[0], own)
    if lasts <= timedelta(0):
        return
    left_out = {_instant(moment, own) for moment in moments(event.lines.get("EXDATE", ()), own)}
    if not event.lines.get("RECURRENCE-ID"):
        left_out |= moved
    for number, moment in enumerate(_instances(event, start, lasts, reading)):
        if number > MOST_OF_ONE:
            raise CalendarNotReadable(
                f"An event of this calendar repeats more than {MOST_OF_ONE} times. Bring one with fewer."
            )
        begins = _instant(moment, own)
        if begins not in left_out:
            yield begins, _ends(moment, lasts, own)


def _lasts(event: Component, start: date | datetime, own: ZoneInfo) -> timedelta:
    """How long it takes: whole days for days, else elapsed time; nothing where nothing is said of a moment."""
    ends = moments(event.lines.get("DTEND", ()), own)
    if ends:
        if isinstance(start, datetime) is not isinstance(ends[0], datetime):
            raise CalendarNotReadable("An event of this calendar begins at a time and ends on a day.")
        lasts = _elapsed(start, ends[0])
    elif event.lines.get("DURATION"):
        lasts = length(event.text("DURATION"))
    else:
        lasts = timedelta(0) if isinstance(start, datetime) else _DAY
    if lasts < timedelta(0):
        raise CalendarNotReadable(
            "An event of this calendar ends before it begins. Put it right in the calendar, and bring it again."
        )
    return lasts


def _elapsed(start: date | datetime, end: date | datetime) -> timedelta:
    if isinstance(start, datetime) and isinstance(end, datetime):
        elapsed = end.astimezone(UTC) - start.astimezone(UTC)
        if elapsed <= timedelta(0) and start.tzinfo == end.tzinfo:
            # It begins in an hour that the clocks skip, which counts as if they had not gone forward yet (RFC 5545,
            # 3.3.5), and ends after it: it lasts as long as it says.
            return end.replace(tzinfo=None) - start.replace(tzinfo=None)
        return elapsed
    return date(end.year, end.month, end.day) - date(start.year, start.month, start.day)


def _instances(
    event: Component, start: date | datetime, lasts: timedelta, reading: _Reading
) -> Iterator[date | datetime]:
    """Every beginning that may matter: the first, those of the rule, and those that are listed besides."""
    yield start
    yield from moments(event.lines.get("RDATE", ()), reading.own)
    rules = event.lines.get("RRULE", [])
    if len(rules) > 1:
        raise CalendarNotReadable("An event of this calendar repeats by two rules, which we do not read.")
    if not rules:
        return
    parts = repeats(rules[0].value)
    day, wall = (start.date(), start.timetz()) if isinstance(start, datetime) else (start, None)
    rule = rule_of(parts, day, _until(parts, start))
    earliest = max(day, (reading.first - min(lasts, AHEAD) - 2 * _DAY).date())
    for on in rule.days(earliest, (reading.last + _DAY).date(), reading.budget):
        yield datetime.combine(on, wall) if wall is not None else on


def _until(parts: dict[str, list[object]], start: date | datetime) -> date | None:
    """The last day on which an instance may begin, by the event's own clock."""
    values = parts.get("UNTIL", [])
    if not values:
        return None
    last = values[0]
    if not isinstance(last, datetime) or not isinstance(start, datetime):
        return last if isinstance(last, date) and not isinstance(last, datetime) else _day(last)
    local = last.astimezone(start.tzinfo) if last.tzinfo else last.replace(tzinfo=start.tzinfo)
    return local.date() if local.timetz() >= start.timetz() else local.date() - _DAY


def _day(last: object) -> date:
    if not isinstance(last, datetime):
        raise CalendarNotReadable("An event of this calendar repeats by a rule that is none. Take it out.")
    return last.date()


def _instant(moment: date | datetime, own: ZoneInfo) -> datetime:
    """A moment in UTC; a day begins at its midnight in ``own``."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, time.min, tzinfo=own).astimezone(UTC)


def _ends(moment: date | datetime, lasts: timedelta, own: ZoneInfo) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC) + lasts
    return _instant(moment + lasts, own)


def _of_free_busy(one: Component) -> Iterator[Span]:
    for line in one.lines.get("FREEBUSY", ()):
        if line.parameters.get("FBTYPE", "BUSY").upper() not in _FREE:
            for starts_at, ends_at in periods(line):
                if starts_at < ends_at:
                    yield starts_at, ends_at
