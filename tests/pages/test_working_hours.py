"""The page of hours: everybody writes down their own, and why somebody is away stays with them and their manager."""

import re

from contact_service.ids import AccountId
from tests.cast import House
from tests.pages.conftest import Browser, SignIn

WEEKLY = {"days": ["monday", "tuesday"], "earliest": "09:00", "latest": "17:00"}
LEAVE = {"first": "2030-05-20", "last": "2030-05-24", "kind": "leave"}


def send(browser: Browser, path: str, **form: object) -> tuple[int, str]:
    answer = browser.post(path, {"csrf": browser.csrf(), "once": "", **form})
    return answer.status_code, answer.text


def here(account: AccountId) -> str:
    return f"/w/hours/{account}"


def test_hours_and_days_away_are_added_shown_and_taken_back(house: House, signed_in: SignIn) -> None:
    lena, own = signed_in("lena"), here(house.cast.lena)
    assert send(lena, f"{own}/weekly", **WEEKLY)[0] == 303
    assert send(lena, f"{own}/away", **LEAVE)[0] == 303
    page = lena.get(own).text
    assert "Monday, Tuesday, 09:00 to 17:00" in page
    assert "Leave" in page
    for path in re.findall(rf'action="({own}/(?:weekly|away)/[0-9a-f]+/end)"', page):
        assert send(lena, path)[0] == 303
        assert send(lena, path)[0] == 404
    assert "No hours written down: any time." in lena.get(own).text


def test_colleagues_see_that_somebody_is_away_and_not_why(house: House, signed_in: SignIn) -> None:
    assert send(signed_in("lena"), f"{here(house.cast.lena)}/away", **LEAVE)[0] == 303
    for name, told in (("karim", False), ("lena", True), ("priya", True)):
        page = signed_in(name).get("/w/hours").text
        assert "Away 20 May 2030 to 24 May 2030" in page
        assert ("(Leave)" in page) is told


def test_what_cannot_be_is_said_where_it_was_typed_and_keeps_nothing(house: House, signed_in: SignIn) -> None:
    lena, own = signed_in("lena"), here(house.cast.lena)
    before = house.snapshot()
    for path, form, words in (
        ("weekly", WEEKLY | {"latest": "08:00"}, "The end is not after the start."),
        ("weekly", WEEKLY | {"days": []}, "Choose at least one day."),
        ("weekly", WEEKLY | {"earliest": "nine"}, "nine"),
        ("away", LEAVE | {"last": "2030-05-19"}, "The last day is before the first."),
        ("away", LEAVE | {"kind": "tired"}, "Choose why."),
        ("away", LEAVE | {"first": ""}, "Choose a date."),
    ):
        status, page = send(lena, f"{own}/{path}", **form)
        assert (status, words in page) == (422, True), (path, form)
        assert "There is a problem" in page
    assert house.snapshot() == before


def test_a_visit_of_somebody_who_goes_on_leave_is_shown_in_doubt_at_once(
    house: House, signed_in: SignIn
) -> None:
    house.approved()
    away = LEAVE | {"first": "2030-05-15", "last": ""}
    assert send(signed_in("lena"), f"{here(house.cast.lena)}/away", **away)[0] == 303
    page = signed_in("priya").get("/w/approvals").text
    assert "Lena Voss is away that day. Choose another day, or somebody else." in page


DENTIST = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Dentist\r\nDTSTART:20300515T143000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"  # noqa: E501


def brings(browser: Browser, path: str, raw: bytes) -> tuple[int, str]:
    """A form with a file, as a browser sends it."""
    lines = [
        b'--edge\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + browser.csrf().encode(),
        b'\r\n--edge\r\nContent-Disposition: form-data; name="calendar"; filename="c.ics"\r\n'
        b"Content-Type: text/calendar\r\n\r\n" + raw,
        b"\r\n--edge--\r\n",
    ]
    answer = browser.client.post(
        path,
        content=b"".join(lines),
        headers={"Content-Type": "multipart/form-data; boundary=edge", "Sec-Fetch-Site": "same-origin"},
    )
    return answer.status_code, answer.text


def test_a_calendar_file_is_read_and_taken_out_and_only_how_many_times_is_shown(
    house: House, signed_in: SignIn
) -> None:
    lena, own = signed_in("lena"), here(house.cast.lena)
    assert brings(lena, f"{own}/calendar-file", DENTIST)[0] == 303
    page = lena.get(own).text
    assert "1 busy time" in page
    assert "Dentist" not in page
    [end] = re.findall(rf'action="({own}/calendar/[0-9a-f]+/end)"', page)
    assert send(lena, end)[0] == 303
    assert "1 busy time" not in lena.get(own).text


def test_a_file_that_is_no_calendar_is_refused_where_it_was_chosen_and_keeps_nothing(
    house: House, signed_in: SignIn
) -> None:
    lena, own = signed_in("lena"), here(house.cast.lena)
    before = house.snapshot()
    for raw, words in (
        (b"%PDF-1.7", "This is not a calendar file."),
        (b"", "This is not a calendar file."),
        (DENTIST.replace(b"DURATION", b"RRULE:FREQ=SECONDLY\r\nDURATION"), "repeats"),
        (b"BEGIN:VCALENDAR\r\n" + b"a" * 5_000_000, "larger than 5 MB"),
    ):
        status, page = brings(lena, f"{own}/calendar-file", raw)
        assert (status, words in page) == (422, True), words
    assert brings(lena, f"{own}/calendar-file", b"a" * 10_000_000)[0] == 413
    assert send(lena, f"{own}/calendar-address", address="http://calendar.example/a")[0] == 422
    assert house.snapshot() == before


def test_an_address_is_kept_and_never_shown(house: House, signed_in: SignIn) -> None:
    lena, own = signed_in("lena"), here(house.cast.lena)
    assert send(lena, f"{own}/calendar-address", address="https://calendar.example/secret.ics")[0] == 303
    page = lena.get(own).text
    assert "It is asked within the minute." in page
    assert "secret.ics" not in page
