"""Wall time to instants: ordinary days, the hour that is skipped, the hour that comes twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from contact_service.scheduling.local_time import NoSuchTime, instant

ORDINARY = [
    ("Europe/London", "2030-01-15 16:00", "2030-01-15 16:00"),
    ("Europe/London", "2030-07-15 16:00", "2030-07-15 15:00"),
    ("Europe/London", "2030-03-31 00:59", "2030-03-31 00:59"),
    ("Europe/London", "2030-03-31 02:00", "2030-03-31 01:00"),
    ("America/New_York", "2030-07-15 16:00", "2030-07-15 20:00"),
    ("Asia/Kolkata", "2030-07-15 16:00", "2030-07-15 10:30"),
    ("Australia/Lord_Howe", "2030-07-15 16:00", "2030-07-15 05:30"),
    ("Pacific/Kiritimati", "2030-01-01 00:30", "2029-12-31 10:30"),
]
SKIPPED = [
    ("Europe/London", "2030-03-31 01:00"),
    ("Europe/London", "2030-03-31 01:59"),
    ("Europe/Berlin", "2030-03-31 02:30"),
    ("America/New_York", "2030-03-10 02:30"),
    ("Australia/Lord_Howe", "2030-10-06 02:15"),  # half an hour only
]
TWICE = [
    ("Europe/London", "2030-10-27 01:00"),
    ("Europe/London", "2030-10-27 01:59"),
    ("America/New_York", "2030-11-03 01:30"),
    ("Australia/Lord_Howe", "2030-04-07 01:45"),
]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("zone", "local", "expected"), ORDINARY)
def test_an_ordinary_time_is_one_instant(zone: str, local: str, expected: str) -> None:
    assert instant(wall(local), zone) == wall(expected).replace(tzinfo=UTC)


@pytest.mark.rule("R9")
@pytest.mark.parametrize(("zone", "local"), SKIPPED)
def test_a_skipped_time_does_not_exist(zone: str, local: str) -> None:
    found = instant(wall(local), zone)
    assert isinstance(found, NoSuchTime)
    assert "does not exist" in found.words


@pytest.mark.rule("R9")
@pytest.mark.parametrize(("zone", "local"), TWICE)
def test_a_repeated_time_is_two_instants_and_therefore_none(zone: str, local: str) -> None:
    found = instant(wall(local), zone)
    assert isinstance(found, NoSuchTime)
    assert "comes twice" in found.words


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("local", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_the_ends_of_the_calendar_are_no_times_for_a_visit(zone: str, local: str) -> None:
    assert isinstance(instant(wall(local), zone), NoSuchTime)


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)),  # noqa: DTZ001  wall time
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_an_instant_shows_the_wall_time_it_came_from_and_no_other_does(local: datetime, zone: str) -> None:
    found = instant(local, zone)
    if isinstance(found, NoSuchTime):
        return
    place = ZoneInfo(zone)
    assert found.astimezone(place).replace(tzinfo=None) == local
    for away in (timedelta(minutes=30), timedelta(hours=1)):
        for other in (found - away, found + away):
            assert other.astimezone(place).replace(tzinfo=None) != local
