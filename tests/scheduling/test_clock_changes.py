"""Hours and starts around every kind of clock change: what is expected is reckoned from the offsets written here.

Transitions of 2026 by the IANA tz database: hour and half-hour shifts, shifts at midnight, a zone whose summer time is
the negative one, Ramadan, offsets of 45 minutes, and zones that no longer change.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contact_service.plans.hours import Weekday, Window
from contact_service.scheduling.availability import Availability, Kind, WeeklyHours, free_slots, local_days
from contact_service.scheduling.grid import Grid, each
from contact_service.scheduling.local_time import NoSuchTime, Side, edge, instant

MINUTE = timedelta(minutes=1)
# Zone, instant of the change, minutes east of UTC before it and after it.
CHANGES = [
    ("America/New_York", "2026-03-08T07:00", -300, -240),
    ("America/New_York", "2026-11-01T06:00", -240, -300),
    ("America/Chicago", "2026-03-08T08:00", -360, -300),
    ("America/Chicago", "2026-11-01T07:00", -300, -360),
    ("Europe/London", "2026-03-29T01:00", 0, 60),
    ("Europe/London", "2026-10-25T01:00", 60, 0),
    ("Europe/Dublin", "2026-03-29T01:00", 0, 60),
    ("Europe/Dublin", "2026-10-25T01:00", 60, 0),
    ("Australia/Lord_Howe", "2026-04-04T15:00", 660, 630),
    ("Australia/Lord_Howe", "2026-10-03T15:30", 630, 660),
    ("Pacific/Chatham", "2026-04-04T14:00", 825, 765),
    ("Pacific/Chatham", "2026-09-26T14:00", 765, 825),
    ("Africa/Casablanca", "2026-02-15T02:00", 60, 0),
    ("Africa/Casablanca", "2026-03-22T02:00", 0, 60),
    ("Africa/Cairo", "2026-04-23T22:00", 120, 180),
    ("Africa/Cairo", "2026-10-29T21:00", 180, 120),
    ("Asia/Gaza", "2026-03-28T00:00", 120, 180),
    ("Asia/Gaza", "2026-10-23T23:00", 180, 120),
    ("America/Santiago", "2026-04-05T03:00", -180, -240),
    ("America/Santiago", "2026-09-06T04:00", -240, -180),
]
STEADY = [
    ("America/Asuncion", -180),
    ("America/Sao_Paulo", -180),
    ("America/Phoenix", -420),
    ("Asia/Kathmandu", 345),
]
# Minutes of wall time from the instant of the change as the old clock shows it.
AROUND = (-61, -31, -1, 0, 1, 15, 29, 30, 31, 59, 60, 61)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _rows() -> list[tuple[str, datetime, datetime, datetime, datetime | None]]:
    """Zone, wall time, when hours open and close there, and when a visit starts there (None: it cannot)."""
    rows: list[tuple[str, datetime, datetime, datetime, datetime | None]] = []
    for zone, text, before, after in CHANGES:
        change, shift = _instant(text), after - before
        for minutes in AROUND:
            wall = (change + timedelta(minutes=before + minutes)).replace(tzinfo=None)
            by_old, by_new = change + minutes * MINUTE, change + (minutes - shift) * MINUTE
            is_old, is_new = by_old < change, by_new >= change
            if not is_old and not is_new:  # skipped
                rows.append((zone, wall, change, change, None))
            elif is_old and is_new:  # twice
                rows.append((zone, wall, by_old, by_new, None))
            else:
                at = by_old if is_old else by_new
                rows.append((zone, wall, at, at, at))
    for zone, offset in STEADY:
        for day in ("2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"):
            wall = datetime.fromisoformat(f"{day}T02:30")
            at = (wall - offset * MINUTE).replace(tzinfo=UTC)
            rows.append((zone, wall, at, at, at))
    return rows


ROWS = _rows()


def test_the_table_is_as_long_as_it_must_be() -> None:
    assert len(ROWS) >= 120
    assert len({zone for zone, *_ in ROWS}) >= 11
    assert sum(start is None for *_, start in ROWS) > 40


@pytest.mark.parametrize(("zone", "wall", "opens", "closes", "starts"), ROWS)
def test_hours_always_have_an_edge_and_a_visit_only_a_time_that_is_one_instant(
    zone: str, wall: datetime, opens: datetime, closes: datetime, starts: datetime | None
) -> None:
    assert edge(wall, zone, Side.OPENS) == opens
    assert edge(wall, zone, Side.CLOSES) == closes
    found = instant(wall, zone)
    assert isinstance(found, NoSuchTime) if starts is None else found == starts


@pytest.mark.parametrize(("zone", "text", "before", "after"), CHANGES)
def test_four_in_the_afternoon_stays_four_in_the_afternoon(
    zone: str, text: str, before: int, after: int
) -> None:
    """Hours from 16:00 to 17:00 are four slots on every day of three weeks around the change."""
    change = _instant(text)
    midnight = change.replace(hour=0, minute=0)
    grid = Grid(begins=midnight - timedelta(days=10), slots=21 * 96)
    hours = WeeklyHours(
        kind=Kind.OPEN,
        window=Window(days=tuple(Weekday), earliest=16 * 60, latest=17 * 60),
        source="work",
    )
    found = [grid.instant(s) for s in each(free_slots(grid, Availability(zone=zone, weekly=(hours,))))]
    local = [at.astimezone(ZoneInfo(zone)) for at in found]
    assert {at.hour for at in local} == {16}
    by_day = {at.date() for at in local}
    assert len(by_day) in (20, 21, 22)
    whole = sorted(by_day)[1:-1]
    assert all(sum(at.date() == day for at in local) == 4 for day in whole)
    offsets = {at.utcoffset() for at in local}
    assert offsets == {timedelta(minutes=before), timedelta(minutes=after)}


@pytest.mark.parametrize(("zone", "text", "before", "after"), CHANGES)
def test_a_day_is_as_long_as_the_clock_makes_it(zone: str, text: str, before: int, after: int) -> None:
    change = _instant(text)
    grid = Grid(begins=change.replace(hour=0, minute=0) - timedelta(days=3), slots=6 * 96)
    days = dict(local_days(grid, zone))
    lengths = {day: mask.bit_count() for day, mask in days.items()}
    whole = [length for day, length in sorted(lengths.items())][1:-1]
    assert sorted(set(whole) - {96}) == [96 - (after - before) // 15]
    everything = 0
    for mask in days.values():
        assert not everything & mask
        everything |= mask
    assert everything == grid.everything


def test_a_day_that_a_country_left_out_has_no_slot() -> None:
    """Samoa had no 30 December 2011: it moved from one side of the date line to the other."""
    wall = datetime(2011, 12, 30, 12)  # noqa: DTZ001  wall time
    assert edge(wall, "Pacific/Apia", Side.OPENS) == datetime(2011, 12, 30, 10, tzinfo=UTC)
    grid = Grid(begins=datetime(2011, 12, 29, tzinfo=UTC), slots=4 * 96)
    assert dict(local_days(grid, "Pacific/Apia"))[date(2011, 12, 30)] == 0
