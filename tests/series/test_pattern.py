"""A wall time that comes again: what each instance is in every zone of the table, and what cannot be a series.

What is expected is reckoned from offsets that are written down here, not from the database of zones.
"""

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from contact_service.errors import BadInput
from contact_service.series.clocks import OtherClock, shown_elsewhere, usual_times
from contact_service.series.pattern import (
    MOST_INSTANCES,
    Pattern,
    SeriesEndsBeforeStart,
    SeriesInterval,
    SeriesTooLong,
    SeriesWithoutVisits,
    UnknownZone,
    occurrences,
    pattern_from,
)


def pattern(**changes: object) -> Pattern:
    """Wednesdays at four in London from May to July 2026."""
    first, last = changes.pop("first", date(2026, 5, 6)), changes.pop("last", date(2026, 7, 29))
    weekday, clock = changes.pop("weekday", 2), changes.pop("clock", time(16, 0))
    values: dict[str, object] = {"every": 1, "zone": "Europe/London", "last": last}
    return pattern_from(first, weekday, clock, **(values | changes))  # type: ignore[arg-type]


# Zone, a day, wall time, and the offset from UTC in minutes that holds then; None: the clock skips it.
# Of a time that comes twice the offset is the one of the first time.
ROWS = (
    ("America/New_York", "2026-03-01", "02:30", -300),
    ("America/New_York", "2026-03-08", "01:59", -300),
    ("America/New_York", "2026-03-08", "02:00", None),
    ("America/New_York", "2026-03-08", "02:30", None),
    ("America/New_York", "2026-03-08", "03:00", -240),
    ("America/New_York", "2026-03-15", "02:30", -240),
    ("America/New_York", "2026-11-01", "01:30", -240),
    ("America/New_York", "2026-11-01", "02:00", -300),
    ("America/Chicago", "2026-03-08", "02:30", None),
    ("America/Chicago", "2026-11-01", "01:00", -300),
    ("Europe/London", "2026-03-29", "00:59", 0),
    ("Europe/London", "2026-03-29", "01:00", None),
    ("Europe/London", "2026-03-29", "01:30", None),
    ("Europe/London", "2026-03-29", "02:00", 60),
    ("Europe/London", "2026-10-25", "01:30", 60),
    ("Europe/London", "2026-10-25", "02:00", 0),
    ("Europe/Dublin", "2026-03-29", "01:15", None),
    ("Europe/Dublin", "2026-10-25", "01:15", 60),
    ("Europe/Dublin", "2026-12-02", "16:00", 0),
    ("Australia/Lord_Howe", "2026-04-05", "01:45", 660),
    ("Australia/Lord_Howe", "2026-04-05", "02:00", 630),
    ("Australia/Lord_Howe", "2026-10-04", "02:00", None),
    ("Australia/Lord_Howe", "2026-10-04", "02:15", None),
    ("Australia/Lord_Howe", "2026-10-04", "02:30", 660),
    ("Pacific/Chatham", "2026-04-05", "02:45", 825),
    ("Pacific/Chatham", "2026-04-05", "03:45", 765),
    ("Pacific/Chatham", "2026-09-27", "02:44", 765),
    ("Pacific/Chatham", "2026-09-27", "02:45", None),
    ("Pacific/Chatham", "2026-09-27", "03:45", 825),
    ("Africa/Casablanca", "2026-02-15", "02:30", 60),
    ("Africa/Casablanca", "2026-02-15", "03:00", 0),
    ("Africa/Casablanca", "2026-03-22", "02:30", None),
    ("Africa/Casablanca", "2026-03-22", "03:00", 60),
    ("Africa/Cairo", "2026-04-24", "00:00", None),
    ("Africa/Cairo", "2026-04-24", "00:30", None),
    ("Africa/Cairo", "2026-04-24", "01:00", 180),
    ("Africa/Cairo", "2026-10-29", "23:30", 180),
    ("Africa/Cairo", "2026-10-30", "00:00", 120),
    ("Asia/Gaza", "2026-03-28", "02:30", None),
    ("Asia/Gaza", "2026-03-28", "03:00", 180),
    ("America/Santiago", "2026-04-04", "23:30", -180),
    ("America/Santiago", "2026-04-05", "00:00", -240),
    ("America/Santiago", "2026-09-06", "00:00", None),
    ("America/Santiago", "2026-09-06", "00:30", None),
    ("America/Santiago", "2026-09-06", "01:00", -180),
    ("America/Sao_Paulo", "2026-02-15", "00:00", -180),
    ("America/Sao_Paulo", "2026-11-01", "00:00", -180),
    ("America/Phoenix", "2026-03-08", "02:30", -420),
    ("America/Phoenix", "2026-11-01", "01:30", -420),
    ("Asia/Kathmandu", "2026-03-29", "02:30", 345),
    ("Asia/Kathmandu", "2026-10-25", "02:30", 345),
    ("America/Asuncion", "2026-01-04", "00:00", -180),
    ("America/Asuncion", "2026-07-05", "12:00", -180),
)


@pytest.mark.parametrize(("zone", "day", "clock", "offset"), ROWS)
def test_an_instance_is_the_instant_of_its_wall_time_or_none_where_the_clock_skips_it(
    zone: str, day: str, clock: str, offset: int | None
) -> None:
    on, at = date.fromisoformat(day), time.fromisoformat(clock)
    [before, one, after] = occurrences(
        pattern(first=on - timedelta(7), last=on + timedelta(7), weekday=on.weekday(), clock=at, zone=zone)
    )
    wall = datetime.combine(on, at)
    assert (before.wall, one.wall, after.wall) == (wall - timedelta(7), wall, wall + timedelta(7))
    expected = None if offset is None else (wall - timedelta(minutes=offset)).replace(tzinfo=UTC)
    assert one.starts_at == expected


@pytest.mark.parametrize("zone", sorted({row[0] for row in ROWS}))
def test_a_series_in_the_afternoon_keeps_its_time_through_a_whole_year(zone: str) -> None:
    found = occurrences(pattern(first=date(2026, 1, 1), last=date(2027, 1, 1), zone=zone))
    assert len(found) == 52
    assert {one.wall.time() for one in found} == {time(16, 0)}
    assert {one.wall.weekday() for one in found} == {2}
    days = [(b.starts_at - a.starts_at) for a, b in pairwise(found) if a.starts_at and b.starts_at]
    assert len(days) == 51
    assert all(abs(day - timedelta(7)) <= timedelta(hours=1) for day in days)


def test_every_other_week_begins_with_the_first_such_day_and_goes_on_from_there() -> None:
    found = occurrences(pattern(first=date(2026, 5, 7), every=2, last=date(2026, 6, 24)))
    assert [f"{one.wall:%m-%d}" for one in found] == ["05-13", "05-27", "06-10", "06-24"]
    later = occurrences(
        pattern(first=date(2026, 5, 7), every=2, last=date(2026, 7, 8)), after=date(2026, 6, 20)
    )
    assert [f"{one.wall:%m-%d}" for one in later] == ["06-24", "07-08"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"last": date(2026, 5, 5)}, SeriesEndsBeforeStart),
        ({"last": date(2026, 5, 6) + timedelta(401)}, SeriesTooLong),
        ({"first": date(9000, 1, 1), "last": date(9999, 12, 31)}, SeriesTooLong),
        ({"last": date(2026, 5, 8), "weekday": 1}, SeriesWithoutVisits),
        ({"every": 0}, SeriesInterval),
        ({"every": -1}, SeriesInterval),
        ({"every": 27}, SeriesInterval),
        ({"zone": "Europe/Atlantis"}, UnknownZone),
        ({"zone": "../etc/passwd"}, UnknownZone),
    ],
)
def test_what_cannot_be_a_series_is_an_error_that_says_what_to_do(
    changes: dict[str, object], error: type[BadInput]
) -> None:
    with pytest.raises(error) as caught:
        pattern(**changes)
    assert str(caught.value).endswith(".")


def test_four_hundred_days_are_a_series() -> None:
    assert len(occurrences(pattern(last=date(2026, 5, 6) + timedelta(400)))) == 58


def test_a_hundred_and_four_instances_take_less_than_twenty_milliseconds_and_no_more_are_made() -> None:
    two_years = Pattern(
        anchor=date(2026, 1, 7), clock=time(16, 0), every=1, zone="Europe/London", last=date(2027, 12, 29)
    )
    took, found = [], occurrences(two_years)
    for _ in range(5):
        begun = stopwatch.perf_counter()
        found = occurrences(two_years)
        took.append(stopwatch.perf_counter() - begun)
    assert len(found) == MOST_INSTANCES == 104
    assert min(took) < 0.020
    with pytest.raises(SeriesTooLong):
        occurrences(Pattern(**{**vars(two_years), "last": date(2028, 1, 5)}))


def marked(starts: list[datetime], zone: str) -> list[str]:
    """The days on which the clock of ``zone`` shows another time than mostly."""
    clocks = [OtherClock(zone=zone, people=())]
    usual = usual_times(starts, clocks)
    return [f"{at:%m-%d}" for at in starts if shown_elsewhere(at, clocks, usual)[0].shifted]


def test_weeks_in_which_two_countries_have_changed_their_clocks_apart_are_marked() -> None:
    found = occurrences(pattern(first=date(2026, 2, 25), last=date(2026, 11, 11)))
    starts = [one.starts_at for one in found if one.starts_at]
    assert marked(starts, "America/New_York") == ["03-11", "03-18", "03-25", "10-28"]
    winter = ["02-25", "03-04", "03-11", "03-18", "03-25", "10-28", "11-04", "11-11"]
    assert marked(starts, "America/Phoenix") == winter
    assert not marked(starts, "Europe/Berlin")


def test_a_series_that_begins_in_an_odd_week_marks_the_odd_weeks_and_not_all_others() -> None:
    found = occurrences(pattern(first=date(2026, 3, 11), last=date(2026, 6, 3)))
    starts = [one.starts_at for one in found if one.starts_at]
    assert marked(starts, "America/New_York") == ["03-11", "03-18", "03-25"]
