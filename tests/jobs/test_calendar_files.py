"""The calendar file that goes with a letter: one entry, its reader's own, that says when and nothing else."""

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
