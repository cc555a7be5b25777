"""Busy times from calendars of people's own: what is read, what is refused, what it does to visits."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings, strategies as st

from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import AccountId
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking, staffing
from contact_service.visits.queries.doubting import doubts
from contact_service.visits.queries.offering import times_for
from contact_service.working_hours import actions, queries
from contact_service.working_hours.addresses import clean_address, is_of_the_web
from contact_service.working_hours.busy import AHEAD, Span, busy_times
from contact_service.working_hours.calendar_file import repeats
from contact_service.working_hours.errors import CalendarNotReadable
from contact_service.working_hours.repeating import Budget, rule_of
from tests.cast import NOON, House

LONDON = "Europe/London"
HOUR = "DURATION:PT1H"


def ics(*events: str, kind: str = "VEVENT") -> bytes:
    """A calendar of events, each a text of lines."""
    told = "".join(f"BEGIN:{kind}\n{event}\nEND:{kind}\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{told}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def read(*events: str, zone: str = LONDON, kind: str = "VEVENT") -> list[tuple[str, str]]:
    """The busy times as UTC, ``15 14:00`` for the 15th of the month."""
    found = busy_times(ics(*events, kind=kind), zone=zone, now=NOON)
    return [(f"{first:%d %H:%M}", f"{after:%d %H:%M}") for first, after in found]


# ---- what is read


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (f"DTSTART:20300515T140000Z\n{HOUR}", [("15 14:00", "15 15:00")]),
        (f"DTSTART;TZID=Europe/Warsaw:20300515T140000\n{HOUR}", [("15 12:00", "15 13:00")]),
        (f"DTSTART;TZID=W. Europe Standard Time:20300515T140000\n{HOUR}", [("15 12:00", "15 13:00")]),
        (f"DTSTART;TZID=/x.org/2020/Europe/Warsaw:20300515T140000\n{HOUR}", [("15 12:00", "15 13:00")]),
        (f"DTSTART:20300515T140000\n{HOUR}", [("15 13:00", "15 14:00")]),  # floating: the owner's clock
        ("DTSTART:20300515T140000Z\nDTEND:20300515T150000Z", [("15 14:00", "15 15:00")]),
        ("DTSTART;VALUE=DATE:20300515", [("14 23:00", "15 23:00")]),
        ("DTSTART;VALUE=DATE:20300515\nDTEND;VALUE=DATE:20300517", [("14 23:00", "16 23:00")]),
        ("DTSTART:20300515T140000Z", []),
        (f"DTSTART:20300515T140000Z\n{HOUR}\nTRANSP:TRANSPARENT", []),
        (f"DTSTART:20300515T140000Z\n{HOUR}\nSTATUS:CANCELLED", []),
        (f"DTSTART:20300515T140000Z\n{HOUR}\nSTATUS:TENTATIVE", [("15 14:00", "15 15:00")]),
        (f"DTSTART:20200515T140000Z\n{HOUR}", []),
        (f"DTSTART:20350515T140000Z\n{HOUR}", []),
        (
            f"DTSTART:20300515T140000Z\n{HOUR}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20300516T140000Z",
            [("15 14:00", "15 15:00"), ("17 14:00", "17 15:00")],
        ),
        (
            f"DTSTART:20300515T140000Z\n{HOUR}\nRDATE:20300516T160000Z",
            [("15 14:00", "15 15:00"), ("16 16:00", "16 17:00")],
        ),
        (
            f"DTSTART;TZID=Europe/London:20300515T233000\n{HOUR}\nRRULE:FREQ=DAILY;UNTIL=20300516T120000Z",
            [("15 22:30", "15 23:30")],
        ),
        (
            f"DTSTART:20300515T140000Z\n{HOUR}\nBEGIN:VALARM\nDURATION:PT9H\nDTSTART:20300101T000000Z\nEND:VALARM",
            [("15 14:00", "15 15:00")],
        ),
        ("DTSTART:20300515T1400\n 00Z\nDURATION:\n PT1H", [("15 14:00", "15 15:00")]),  # folded lines
    ],
)
def test_an_event_takes_the_time_that_it_says(event: str, found: list[tuple[str, str]]) -> None:
    assert read(event) == found


def test_a_moved_day_of_a_repeated_event_is_busy_where_it_went_and_not_where_it_was() -> None:
    weekly = f"UID:1\nDTSTART:20300515T140000Z\n{HOUR}\nRRULE:FREQ=DAILY;COUNT=2"
    moved = f"UID:1\nRECURRENCE-ID:20300516T140000Z\nDTSTART:20300516T170000Z\n{HOUR}"
    assert read(weekly, moved) == [("15 14:00", "15 15:00"), ("16 17:00", "16 18:00")]


def test_free_and_busy_times_are_read_too() -> None:
    lines = (
        "FREEBUSY;FBTYPE=BUSY:20300515T140000Z/PT1H,20300515T160000Z/20300515T170000Z\n"
        "FREEBUSY;FBTYPE=FREE:20300516T140000Z/PT1H\nFREEBUSY:20300517T140000Z/PT1H"
    )
    found = [("15 14:00", "15 15:00"), ("15 16:00", "15 17:00"), ("17 14:00", "17 15:00")]
    assert read(lines, kind="VFREEBUSY") == found


def test_a_weekly_event_keeps_its_hour_over_the_change_of_the_clock() -> None:
    rule = f"DTSTART;TZID=Europe/London:20301020T100000\n{HOUR}\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert read(rule) == [("20 09:00", "20 10:00"), ("27 10:00", "27 11:00")]


@pytest.mark.parametrize(
    ("begins", "ends", "busy"),
    [("0100", "0200", ("31 01:00", "31 02:00")), ("0145", "0215", ("31 01:45", "31 02:15"))],
)
def test_what_begins_in_the_hour_that_the_clocks_skip_lasts_as_long_as_it_says(
    begins: str, ends: str, busy: tuple[str, str]
) -> None:
    """On 31 March 2030 London goes from one o'clock to two: that night is no reason to refuse a whole file."""
    zoned = "DTSTART;TZID=Europe/London:20300331T{}00\nDTEND;TZID=Europe/London:20300331T{}00"
    found = busy_times(ics(zoned.format(begins, ends)), zone=LONDON, now=datetime(2030, 3, 20, tzinfo=UTC))
    assert [(f"{first:%d %H:%M}", f"{after:%d %H:%M}") for first, after in found] == [busy]


def test_times_that_touch_or_overlap_are_one() -> None:
    events = [f"DTSTART:20300515T{hour}0000Z\nDURATION:PT{n}H" for hour, n in ((14, 1), (15, 2), (16, 1))]
    assert read(*events) == [("15 14:00", "15 17:00")]


_PARTS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
_RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 9)),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};WKST={};BYDAY={},{}".format, st.integers(1, 4), _PARTS, _PARTS, _PARTS
    ),
    st.builds(
        "FREQ=MONTHLY;INTERVAL={};BYDAY={}{}".format, st.integers(1, 4), st.sampled_from([1, 2, -1]), _PARTS
    ),
    st.builds("FREQ=MONTHLY;BYDAY={},{};BYSETPOS={}".format, _PARTS, _PARTS, st.sampled_from([1, -1])),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.sampled_from([1, 15, 31, -1, -3])),
    st.just("FREQ=MONTHLY"),
    st.builds(
        "FREQ=YEARLY;BYMONTH={};BYDAY={}{}".format, st.integers(1, 12), st.sampled_from([1, -1]), _PARTS
    ),
    st.just("FREQ=YEARLY"),
)


@settings(max_examples=200, deadline=None)
@given(
    rule=_RULES,
    start=st.dates(date(2024, 1, 1), date(2031, 1, 1)),
    count=st.one_of(st.none(), st.integers(1, 80)),
)
def test_rules_mean_the_days_that_another_library_says(rule: str, start: date, count: int | None) -> None:
    first, last = NOON.date(), NOON.date() + AHEAD
    written = f"{rule};COUNT={count}" if count else rule
    ours = list(rule_of(repeats(written), start, None).days(first, last, Budget()))
    bounded = written if count else f"{written};UNTIL=20320101T000000"
    theirs = rrulestr(bounded, dtstart=datetime(start.year, start.month, start.day))  # noqa: DTZ001
    assert ours == [at.date() for at in theirs if first <= at.date() <= last]


# ---- what is refused, by name and soon


def repeated(rule: str, times: int = 1) -> bytes:
    return ics(*[f"DTSTART:19700101T090000Z\n{HOUR}\nRRULE:{rule}"] * times)


BOMBS = {
    "every second": (repeated("FREQ=SECONDLY"), "more often than once a day"),
    "every minute": (repeated("FREQ=MINUTELY;COUNT=1000000000"), "more often than once a day"),
    "no interval": (repeated("FREQ=DAILY;INTERVAL=0"), "a rule that is none"),
    "many hours": (repeated("FREQ=DAILY;BYHOUR=1,2,3"), "do not read (BYHOUR)"),
    "no rule": (repeated("EVERY DAY"), "a rule that is none"),
    "counted for ever, often": (repeated("FREQ=DAILY;COUNT=1000000000", 10_000), "too often"),
    "never, often": (repeated("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", 10_000), "too often"),
    "counted years, often": (repeated("FREQ=YEARLY;BYDAY=MO;COUNT=100000", 10_000), "too often"),
    "daily, often": (repeated("FREQ=DAILY", 10_000), "too often"),
    "many left out": (
        ics(f"DTSTART:20300515T140000Z\n{HOUR}\nRRULE:FREQ=DAILY\nEXDATE:" + ",".join(["20300516T140000Z"] * 150_000)),
        "lists too many days",
    ),
    "many listed": (
        ics(f"DTSTART:20300515T140000Z\n{HOUR}\nRDATE:" + ",".join(["20300516T140000Z"] * 3_000)),
        "more than 2000 times",
    ),
    "many events": (ics(*[f"DTSTART:20300515T140000Z\n{HOUR}"] * 20_001), "more than 20000 events"),
    "10 MB": (ics("X-A:" + "a" * 10_000_000), "larger than 5 MB"),
    "deep": (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 100_000, "not a calendar file"),
    "not a calendar": (b"%PDF-1.7", "not a calendar file"),
    "nothing": (b"", "not a calendar file"),
    "no text": (b"\xff\xfe\x00", "not a calendar file"),
    "cut off": (ics(f"DTSTART:20300515T140000Z\n{HOUR}")[:-15], "The end of this calendar is missing"),
    "end before start": (ics("DTSTART:20300515T140000Z\nDTEND:20300515T130000Z"), "ends before it begins"),
    "no start": (ics(HOUR), "has no start"),
    "a day that is none": (ics(f"DTSTART:20300231T140000Z\n{HOUR}"), "cannot be read"),
    "a time that ends on a day": (ics("DTSTART:20300515T140000Z\nDTEND;VALUE=DATE:20300516"), "ends on a day"),
    "past the years": (ics("DTSTART:99991231T230000Z\nDURATION:P9D"), "in no year that we know"),
    "unknown zone": (ics(f"DTSTART;TZID=Mars/Olympus:20300515T140000\n{HOUR}"), "time zone “Mars/Olympus”"),
    "changed for all days": (
        ics(f"UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20300516T140000Z\nDTSTART:20300516T170000Z\n{HOUR}"),
        "changed for all days to come",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_cannot_be_read_is_refused_by_name_and_within_five_seconds(name: str) -> None:
    raw, words = BOMBS[name]
    began = time.process_time()
    with pytest.raises(CalendarNotReadable) as caught:
        busy_times(raw, zone=LONDON, now=NOON)
    assert words in str(caught.value)
    assert time.process_time() - began < 5


@settings(max_examples=300, deadline=timedelta(seconds=5))
@given(
    lines=st.lists(
        st.one_of(
            st.text(max_size=30),
            st.builds(
                "{}{}{}".format,
                st.sampled_from(
                    ["DTSTART", "DTEND", "RRULE", "EXDATE", "DURATION", "RECURRENCE-ID", "UID", "BEGIN", "END"]
                ),
                st.sampled_from([":", ";TZID=Europe/London:", ";VALUE=DATE:", ";X"]),
                st.sampled_from(
                    ["20300515T140000Z", "20300515", "00010101T000000", "99991231T235959Z", "PT1H", "-P1D", "VEVENT",
                     "FREQ=YEARLY;INTERVAL=9999", "FREQ=DAILY;UNTIL=00010101", "FREQ=MONTHLY;BYDAY=-5MO", ""],
                ),
            ),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_whatever_stands_in_a_file_it_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = busy_times(ics("\n".join(lines)), zone=LONDON, now=NOON)
    except CalendarNotReadable:
        return
    assert all(first < after for first, after in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))


# ---- what it does


def bring(house: House, account: AccountId, *events: str) -> str:
    with house.work(account) as work:
        return staffing.read_file(work, account, ics(*events), zone=LONDON)


DENTIST = f"SUMMARY:Dentist\nLOCATION:High Street\nDTSTART:20300515T143000Z\n{HOUR}"


def refused(house: House, **changes: object) -> list[tuple[str, str]]:
    with house.work(house.cast.karim) as work:
        result = booking.request_visit(work, house.wish(**changes), visit_id=work.new_id())
    return [(r.rule, r.words) for r in result.reasons] if isinstance(result, Refused) else []


@pytest.mark.rule("R56")
def test_whoever_is_busy_by_their_own_calendar_is_not_booked_and_not_offered(house: House) -> None:
    bring(house, house.cast.lena, DENTIST)
    words = "Lena Voss is busy then, by their own calendar. Choose another time, or somebody else."
    assert refused(house) == [("R56", words)]
    with house.reading(house.cast.karim) as work:
        offered = times_for(work, house.wish()).offers
    around = timedelta(minutes=15)
    busy = (datetime(2030, 5, 15, 14, 30, tzinfo=UTC), datetime(2030, 5, 15, 15, 30, tzinfo=UTC))
    assert offered
    assert not [
        one
        for one in offered
        if one.starts_at - around < busy[1] and busy[0] < one.starts_at + timedelta(minutes=30) + around
    ]
    assert refused(house, wall_start=datetime(2030, 5, 15, 17)) == []  # noqa: DTZ001  15 minutes after it


@pytest.mark.rule("R56")
def test_a_calendar_that_comes_later_puts_in_doubt_and_without_it_nothing_speaks_against(
    house: House,
) -> None:
    visit = house.approved()
    calendar = bring(house, house.cast.lena, DENTIST)
    with house.reading(house.cast.priya) as work:
        [doubt] = doubts(work)
        assert (doubt.visit.id, [reason.code for reason in doubt.reasons]) == (visit.id, ["busy"])
    with house.work(house.cast.lena) as work:
        actions.end_calendar(work, house.cast.lena, calendar)
    with house.reading(house.cast.priya) as work:
        assert [doubt.reasons for doubt in doubts(work)] == [()]
    with pytest.raises(NotFound), house.work(house.cast.lena) as work:
        actions.end_calendar(work, house.cast.lena, calendar)


def test_a_file_that_is_brought_again_takes_the_place_of_the_one_before(house: House) -> None:
    bring(house, house.cast.lena, DENTIST)
    second = bring(house, house.cast.lena, DENTIST.replace("0515T", "0516T"))
    with house.reading(house.cast.lena) as work:
        [calendar] = queries.busy_calendars_of(work, house.cast.lena)
    assert (calendar.id, calendar.times, calendar.address) == (second, 1, False)
    assert refused(house) == []


def test_a_file_that_cannot_be_read_changes_nothing(house: House) -> None:
    bring(house, house.cast.lena, DENTIST)
    before = house.snapshot()
    with pytest.raises(CalendarNotReadable):
        bring(house, house.cast.lena, "DTSTART:20300515T140000Z\nDTEND:20300515T130000Z")
    assert house.snapshot() == before


def test_nothing_of_an_event_is_kept_but_when_it_is(house: House) -> None:
    bring(house, house.cast.lena, DENTIST)
    with house.installation.engine.connect() as connection:
        for table in ("busy_calendar", "busy_time"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            assert rows
            assert "Dentist" not in str(rows)
            assert "High Street" not in str(rows)


def test_ten_thousand_events_are_kept_within_five_seconds(house: House) -> None:
    events = [
        f"DTSTART:{NOON + timedelta(minutes=50 * n):%Y%m%dT%H%M%S}Z\nDURATION:PT30M" for n in range(10_000)
    ]
    began = time.process_time()
    bring(house, house.cast.lena, *events)
    assert time.process_time() - began < 5
    with house.reading(house.cast.lena) as work:
        assert queries.busy_calendars_of(work, house.cast.lena)[0].times == 10_000


def test_everybody_brings_their_own_calendar_and_a_manager_that_of_others(house: House) -> None:
    with pytest.raises(NotAllowed), house.work(house.cast.karim) as work:
        staffing.read_file(work, house.cast.lena, ics(DENTIST), zone=LONDON)
    with house.work(house.cast.priya) as work:
        staffing.read_file(work, house.cast.lena, ics(DENTIST), zone=LONDON)


# ---- addresses


def read_as(house: House, *events: str) -> tuple[Span, ...]:
    """What a file with these events says, as the job reads it."""
    return busy_times(ics(*events), zone=LONDON, now=house.clock.at)


def test_a_rule_with_ever_so_many_weekdays_costs_what_one_with_seven_costs() -> None:
    """``BYDAY`` is looked up and not walked through, and one with more than a year has days is refused."""
    from_year_one = date(2, 1, 1)
    many: dict[str, list[Any]] = {
        "FREQ": ["MONTHLY"],
        "COUNT": [9999],
        "BYDAY": [f"{n}MO" for n in range(1, 54)] * 7,
    }
    started = time.process_time()
    days = rule_of(many, from_year_one, None).days(date(2030, 1, 1), date(2031, 1, 1), Budget())
    assert list(days) == []  # they are counted from the beginning, and over long ago
    assert time.process_time() - started < 5
    with pytest.raises(CalendarNotReadable, match="BYDAY"):
        rule_of(many | {"BYDAY": ["MO"] * 401}, from_year_one, None)


def test_an_address_is_kept_sealed_and_is_due_until_it_was_asked(house: House) -> None:
    secret = "https://calendar.example/private-8d3f/basic.ics"
    with house.work(house.cast.lena) as work:
        actions.add_address(work, house.cast.lena, secret.replace("https", "webcal"), zone=LONDON)
    with house.installation.engine.connect() as connection:
        assert b"8d3f" not in connection.exec_driver_sql("SELECT sealed FROM busy_calendar").scalar_one()
    with house.work(house.cast.lena) as work:
        [due] = queries.due_calendars(work)
        assert queries.address_of(work, due) == secret
        staffing.take_in(work, due, read_as(house, DENTIST))
    assert [rule for rule, _ in refused(house)] == ["R56"]
    with house.reading(house.cast.lena) as work:
        assert queries.due_calendars(work) == []
    house.clock.forward(timedelta(hours=1))
    with house.reading(house.cast.lena) as work:
        assert len(queries.due_calendars(work)) == 1


def test_an_address_that_fails_is_recorded_once_and_what_was_read_before_still_counts(house: House) -> None:
    with house.work(house.cast.lena) as work:
        actions.add_address(work, house.cast.lena, "https://calendar.example/a.ics", zone=LONDON)
    with house.work(house.cast.lena) as work:
        staffing.take_in(work, queries.due_calendars(work)[0], read_as(house, DENTIST))
    for _ in range(2):
        house.clock.forward(timedelta(hours=1))
        with house.work(house.cast.lena) as work:
            actions.note_failure(work, queries.due_calendars(work)[0], "It did not answer.")
    agency = [entry.type for entry in house.entries("agency")]
    assert agency.count("busy_times.failed") == 1
    with house.reading(house.cast.lena) as work:
        [calendar] = queries.busy_calendars_of(work, house.cast.lena)
    assert (calendar.failure, calendar.times) == ("It did not answer.", 1)


def test_two_processes_that_asked_the_same_address_keep_what_the_first_read(house: House) -> None:
    with house.work(house.cast.lena) as work:
        actions.add_address(work, house.cast.lena, "https://calendar.example/a.ics", zone=LONDON)
    with house.reading(house.cast.lena) as work:
        [due] = queries.due_calendars(work)
    with house.work(house.cast.lena) as work:
        staffing.take_in(work, due, read_as(house, DENTIST))
    with house.work(house.cast.lena) as work:
        staffing.take_in(work, due, read_as(house))
    with house.reading(house.cast.lena) as work:
        assert queries.busy_calendars_of(work, house.cast.lena)[0].times == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://calendar.example/a.ics",
        "ftp://calendar.example/a.ics",
        "file:///etc/passwd",
        "https://",
        "https://127.0.0.1/a.ics",
        "https://[::1]/a.ics",
        "https://2130706433/a.ics",
        "https://localhost/a.ics",
        "https://me:secret@calendar.example/a.ics",
        "https://calendar.example:22/a.ics",
        "https://calendar.example:x/a.ics",
        "https://calendar.example/a b.ics",
        "https://calendar.example/" + "a" * 1000,
        "calendar",
        "",
    ],
)
def test_an_address_that_is_not_of_the_web_is_refused(address: str) -> None:
    with pytest.raises(BadInput) as caught:
        clean_address(address)
    assert caught.value.field == "address"


@pytest.mark.parametrize(
    ("number", "web"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104  refused
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("::a00:1", False),
        ("::ffff:0:127.0.0.1", False),
        ("fec0::1", False),
        ("calendar.example", False),
    ],
)
def test_only_numbers_that_anybody_may_reach_are_of_the_web(number: str, *, web: bool) -> None:
    assert is_of_the_web(number) is web
