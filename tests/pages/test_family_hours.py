"""The page on which a worker writes down when somebody can take part."""

import re

from tests.cast import House
from tests.pages.conftest import SignIn
from tests.pages.test_working_hours import DENTIST, brings, send

WEEKLY = {"days": ["saturday"], "earliest": "09:00", "latest": "12:00", "zone": "Europe/London"}
AWAY = {"first": "2030-06-03", "last": "2030-06-14", "zone": "Europe/London"}


def test_hours_and_days_are_added_shown_and_taken_back(house: House, signed_in: SignIn) -> None:
    karim, here = signed_in("karim"), f"/w/child/{house.cast.mia}/person/{house.cast.dana}/hours"
    assert here in karim.get(here.removesuffix("/hours")).text
    assert send(karim, f"{here}/weekly", **WEEKLY)[0] == 303
    assert send(karim, f"{here}/away", **AWAY)[0] == 303
    page = karim.get(here).text
    assert "Saturday, 09:00 to 12:00" in page
    assert "3 June 2030 to 14 June 2030" in page
    wanted = {"child": house.cast.mia, "people": [house.cast.dana, house.cast.ines], "minutes": "30"}
    times = send(karim, "/w/book/times", level="supervised", **wanted)[1]
    assert "Dana can usually not take part then." in times
    for path in re.findall(rf'action="({here}/(?:weekly|away)/[0-9a-f]+/end)"', page):
        assert send(karim, path)[0] == 303
        assert send(karim, path)[0] == 404
    assert "No hours written down: any time." in karim.get(here).text


def test_what_cannot_be_is_said_where_it_was_typed_and_keeps_nothing(house: House, signed_in: SignIn) -> None:
    karim, here = signed_in("karim"), f"/w/child/{house.cast.mia}/person/{house.cast.dana}/hours"
    before = house.snapshot()
    for path, form, words in (
        ("weekly", WEEKLY | {"latest": "08:00"}, "The end is not after the start."),
        ("weekly", WEEKLY | {"zone": "Mars"}, "We do not know this time zone."),
        ("away", AWAY | {"last": "2030-06-01"}, "The last day is before the first."),
        ("away", AWAY | {"first": ""}, "Choose a date."),
    ):
        status, page = send(karim, f"{here}/{path}", **form)
        assert (status, words in page) == (422, True), (path, form)
    assert house.snapshot() == before


def test_a_calendar_that_a_worker_was_given_is_read_and_taken_out(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    own = f"/w/child/{house.cast.mia}/person/{house.cast.dana}/hours"
    assert brings(karim, f"{own}/calendar-file", DENTIST)[0] == 303
    page = karim.get(own).text
    assert "1 busy time" in page
    assert "Dentist" not in page
    [end] = re.findall(rf'action="({own}/calendar/[0-9a-f]+/end)"', page)
    assert karim.post(end, {"csrf": karim.csrf()}).status_code == 303
    assert "1 busy time" not in karim.get(own).text


def test_a_calendar_that_cannot_be_read_says_so_where_it_was_chosen(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    own = f"/w/child/{house.cast.mia}/person/{house.cast.dana}/hours"
    before = house.snapshot()
    for raw, words in (
        (b"%PDF-1.7", "This is not a calendar file."),
        (b"", "This is not a calendar file."),
        (DENTIST.replace(b"DURATION", b"RRULE:FREQ=SECONDLY\r\nDURATION"), "repeats"),
        (b"BEGIN:VCALENDAR\r\n" + b"a" * 5_000_000, "larger than 5 MB"),
    ):
        status, page = brings(karim, f"{own}/calendar-file", raw)
        assert (status, words in page) == (422, True), words
    assert brings(karim, f"{own}/calendar-file", b"a" * 10_000_000)[0] == 413
    typed = {"csrf": karim.csrf(), "address": "http://calendar.example/a"}
    assert karim.post(f"{own}/calendar-address", typed).status_code == 422
    assert house.snapshot() == before


def test_an_address_is_kept_for_them_and_never_shown(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    own = f"/w/child/{house.cast.mia}/person/{house.cast.dana}/hours"
    typed = {"csrf": karim.csrf(), "address": "https://calendar.example/secret.ics"}
    assert karim.post(f"{own}/calendar-address", typed).status_code == 303
    page = karim.get(own).text
    assert "It is asked within the minute." in page
    assert "secret.ics" not in page
