"""When somebody is reminded: by the clock where they are, never in their night."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from contact_service.invitations.reminder_times import CLOSE, Night, due_at, may_go_at

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("Europe/London", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo")


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# Start, how long before, zone of the reader, and when it is due there.
TABLE = [
    ("2026-06-10T16:00", DAY, "Europe/London", "2026-06-09T16:00"),
    ("2026-06-10T16:00", 2 * HOUR, "Europe/London", "2026-06-10T14:00"),
    ("2026-06-10T07:30", DAY, "Europe/London", "2026-06-09T08:00"),  # night, and the morning after is of use
    ("2026-06-10T07:30", 2 * HOUR, "Europe/London", "2026-06-09T20:00"),  # the evening before
    ("2026-06-10T09:00", 2 * HOUR, "Europe/London", "2026-06-10T08:00"),  # an hour before is still of use
    ("2026-06-10T08:30", 2 * HOUR, "Europe/London", "2026-06-09T20:00"),
    ("2026-06-10T21:30", DAY, "Europe/London", "2026-06-10T08:00"),
    ("2026-06-10T00:00", 2 * HOUR, "America/Los_Angeles", "2026-06-09T20:00"),
    ("2026-06-10T00:00", DAY, "America/Los_Angeles", "2026-06-09T08:00"),
    # Over a change of the clocks a day before is the same time of day, and two hours are two hours.
    ("2026-03-29T16:00", DAY, "Europe/London", "2026-03-28T16:00"),
    ("2026-10-25T16:00", DAY, "Europe/London", "2026-10-24T16:00"),
    ("2026-11-01T16:00", DAY, "America/New_York", "2026-10-31T16:00"),
    ("2026-10-04T12:00", DAY, "Australia/Lord_Howe", "2026-10-03T12:00"),
]


@pytest.mark.parametrize(("start", "before", "zone", "due"), TABLE)
def test_a_reminder_is_due_by_the_clock_of_its_reader(
    start: str, before: timedelta, zone: str, due: str
) -> None:
    found = due_at(at(start, zone), before, Night(zone=zone), booked_at=LONG_AGO)
    assert found is not None
    assert found.astimezone(ZoneInfo(zone)) == at(due, zone), found


def test_a_visit_that_is_booked_late_has_the_reminders_that_are_still_ahead() -> None:
    starts = at("2026-06-10T16:00", "Europe/London")
    night = Night(zone="Europe/London")
    assert due_at(starts, DAY, night, booked_at=starts - DAY) is None
    assert due_at(starts, 2 * HOUR, night, booked_at=starts - DAY) == starts - 2 * HOUR
    # At night and with no evening left, close to the visit is better than never.
    early = at("2026-06-10T07:30", "Europe/London")
    assert due_at(early, 2 * HOUR, night, booked_at=early - 9 * HOUR) == early - 2 * HOUR


@given(
    minutes=st.integers(0, 366 * 24 * 60),
    before=st.integers(30, 14 * 24 * 60),
    zone=st.sampled_from(ZONES),
    starts=st.integers(0, 24 * 60),
    ends=st.integers(0, 24 * 60),
)
def test_no_reminder_is_due_at_night_unless_the_visit_is_close(
    minutes: int, before: int, zone: str, starts: int, ends: int
) -> None:
    starts_at = LONG_AGO + timedelta(days=30, minutes=minutes)
    night = Night(zone=zone, starts=starts, ends=ends)
    due = due_at(starts_at, timedelta(minutes=before), night, booked_at=LONG_AGO)
    if due is not None:
        dark = night.around(due)
        # An hour before a night that lasts nearly all day is night again; nobody has such a policy.
        assert dark is None or starts_at - due <= CLOSE or dark[1] - dark[0] >= 22 * HOUR
        assert due < starts_at


@given(minutes=st.integers(0, 72 * 60), left=st.integers(0, 48 * 60), zone=st.sampled_from(ZONES))
def test_what_is_late_waits_for_the_morning_or_for_the_visit_to_be_close(
    minutes: int, left: int, zone: str
) -> None:
    now, night = LONG_AGO + timedelta(minutes=minutes), Night(zone=zone)
    starts_at = now + timedelta(minutes=left)
    goes = may_go_at(now, starts_at, night)
    assert goes >= now
    assert night.around(goes) is None or starts_at - goes <= CLOSE
    assert goes == now or night.around(now) is not None


def test_a_night_over_a_change_of_the_clocks_ends_at_eight() -> None:
    night = Night(zone="Europe/London")
    dark = night.around(at("2026-03-29T03:00", "Europe/London"))
    assert dark is not None
    assert [edge.astimezone(ZoneInfo("Europe/London")).hour for edge in dark] == [21, 8]
    assert dark[1] - dark[0] == 10 * HOUR
    assert Night(zone="Europe/London", starts=480, ends=480).around(LONG_AGO) is None
