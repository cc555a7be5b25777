"""The calendar file that goes with a letter: one entry, its reader's own, that says when and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.invitations.appointment import CANCEL, PUBLISH, Appointment, calendar_file, uid_for
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.policy.decision import Refused
from contact_service.visits.reasons import CancelReason
from tests.cast import NOON, House
from tests.jobs.conftest import Office

At = tuple[Office, Post]
EVENT = {"SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "CLASS", "ORGANIZER", "STATUS"}


def read(file: object) -> Calendar:
    assert isinstance(file, bytes)
    calendar = Calendar.from_ical(file)
    assert isinstance(calendar, Calendar)
    return calendar


def event_of(calendar: Calendar) -> Event:
    [event] = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    return event


def files_to(office: Office, name: str) -> list[Calendar]:
    """The calendars that somebody was sent, in order."""
    letters = [
        message_from_bytes(text)
        for envelope, text in zip(office.taken, office.texts(), strict=True)
        if envelope.rcpt_tos == [f"{name}@demo.example"]
    ]
    parts = [
        part for letter in letters for part in letter.walk() if part.get_content_type() == "text/calendar"
    ]
    calendars = [read(part.get_payload(decode=True)) for part in parts]
    assert [part.get_param("method") for part in parts] == [one["METHOD"] for one in calendars]
    return calendars


def test_an_invitation_brings_one_entry_that_says_when_and_nothing_else(house: House, office: At) -> None:
    visit = house.approved()
    send_letters(house.installation, office[1])
    [calendar] = files_to(office[0], "dana")
    event = event_of(calendar)
    assert (calendar["METHOD"], set(calendar), set(event)) == (
        PUBLISH,
        {"PRODID", "VERSION", "METHOD"},
        EVENT,
    )
    assert (event.start, event.end) == (visit.starts_at, visit.ends_at)
    assert (event["SUMMARY"], event["ORGANIZER"]) == ("Appointment", "mailto:visits@tests.example")
    text = calendar.to_ical().decode().lower()
    for hidden in (
        "mia",
        "dana",
        "marlowe",
        "london",
        "http",
        "/v#",
        house.secret(visit, house.cast.dana).lower(),
    ):
        assert hidden not in text
    assert calendar.subcomponents == [event]  # no zones


def test_two_people_of_one_visit_see_nothing_in_common(house: House, office: At) -> None:
    house.approved()
    send_letters(house.installation, office[1])
    [dana], [ines] = files_to(office[0], "dana"), files_to(office[0], "ines")
    assert event_of(dana)["UID"] != event_of(ines)["UID"]
    assert files_to(office[0], "karim") == []  # staff are told by other letters


def test_what_is_called_off_leaves_the_calendar_and_nothing_else_does(house: House, office: At) -> None:
    visit = house.approved()
    other = house.approved(wall_start=house.wish().wall_start + timedelta(days=7))
    send_letters(house.installation, office[1])
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    send_letters(house.installation, office[1])
    first, second, gone = (calendar for calendar in files_to(office[0], "dana"))
    events = [event_of(one) for one in (first, second, gone)]
    assert [one["METHOD"] for one in (first, second, gone)] == [PUBLISH, PUBLISH, CANCEL]
    mine = next(event for event in events[:2] if event.start == visit.starts_at)
    assert events[2]["UID"] == mine["UID"]
    assert int(str(events[2]["SEQUENCE"])) > int(str(mine["SEQUENCE"]))
    assert events[2]["STATUS"] == "CANCELLED"
    assert other.starts_at != visit.starts_at


@pytest.mark.parametrize(
    "zone", ["Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"]
)
@pytest.mark.parametrize(
    "day", ["2030-03-31T15:00", "2030-10-27T00:30", "2030-10-06T15:00", "2030-11-03T15:00"]
)
def test_the_hour_is_right_wherever_it_is_read(zone: str, day: str) -> None:
    local = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    file = calendar_file(appointment(local))
    event = event_of(read(file))
    assert event.start == local
    assert isinstance(event.start, datetime)
    assert event.start.astimezone(ZoneInfo(zone)).strftime("%H:%M") == day[-5:]
    assert read(file).to_ical() == file


def appointment(starts_at: datetime = NOON) -> Appointment:
    return Appointment(
        uid=uid_for(b"k" * 32, VisitId("v"), PersonId("p"), at="tests.example"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        sequence=3,
        written_at=NOON,
        organizer="visits@tests.example",
    )


def test_the_name_of_an_entry_is_always_the_same_and_tells_neither_visit_nor_person() -> None:
    key, visit, person = b"k" * 32, VisitId("v" * 32), PersonId("p" * 32)
    name = uid_for(key, visit, person, at="tests.example")
    assert name == uid_for(key, visit, person, at="tests.example")
    assert len({name, uid_for(b"l" * 32, visit, person, at="tests.example")}) == 2
    assert visit not in name
    assert person not in name


@pytest.mark.parametrize("called_off", [False, True])
def test_a_file_is_read_and_written_back_without_a_byte_lost(*, called_off: bool) -> None:
    long = f"{'visits-of-a-very-long-name' * 4}@tests.example"
    made = replace(appointment(), called_off=called_off, organizer=long)
    file = calendar_file(made)
    assert read(file).to_ical() == file
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    event = event_of(read(file))
    found = Appointment(
        uid=str(event["UID"]),
        starts_at=event.decoded("DTSTART"),
        ends_at=event.decoded("DTEND"),
        sequence=int(str(event["SEQUENCE"])),
        written_at=event.decoded("DTSTAMP"),
        organizer=str(event["ORGANIZER"]).removeprefix("mailto:"),
        called_off=str(event["STATUS"]) == "CANCELLED",
    )
    assert found == made


def kept(files: list[Calendar]) -> dict[str, Event]:
    """What stands in a calendar that took these in, in any order: the newest of each (RFC 5546, section 2.1.4)."""
    entries: dict[str, Event] = {}
    for event in map(event_of, files):
        before = entries.get(str(event["UID"]))
        if before is None or int(str(before["SEQUENCE"])) <= int(str(event["SEQUENCE"])):
            entries[str(event["UID"])] = event
    return {uid: event for uid, event in entries.items() if event["STATUS"] != "CANCELLED"}


def test_a_visit_that_moves_and_one_that_is_called_off_touch_no_other_entry(house: House, office: At) -> None:
    first = house.wish().wall_start
    moves, goes, stays = (house.approved(wall_start=first + timedelta(days=7 * n)) for n in range(3))
    send_letters(house.installation, office[1])
    before = kept(files_to(office[0], "dana"))
    assert sorted(event.start for event in before.values()) == [one.starts_at for one in (moves, goes, stays)]
    with house.work(house.cast.karim) as work:
        later = house.wish(wall_start=first + timedelta(hours=1))
        assert not isinstance(inviting.change(work, moves.id, later), Refused)
        inviting.cancel(work, goes.id, CancelReason.CHILD_ILL)
    with house.work(house.cast.priya) as work:
        assert not isinstance(inviting.approve(work, moves.id), Refused)
    send_letters(house.installation, office[1])
    files = files_to(office[0], "dana")
    for order in (files, files[::-1]):
        after = kept(order)
        assert sorted(event.start for event in after.values()) == [
            moves.starts_at + timedelta(hours=1),
            stays.starts_at,
        ]
        assert after.keys() < before.keys(), "a moved visit is the same entry"
        [same] = [uid for uid, event in before.items() if event.start == stays.starts_at]
        assert after[same] == before[same]
