"""The pages of shared calendars: days are added, seen by month, struck out; who may do what; what it does to times."""

import re
from datetime import date

from sqlalchemy import event

from contact_service.calendars.actions import add_calendar
from contact_service.calendars.calendar import Effect, Span
from contact_service.ids import PersonId
from contact_service.visits.actions import closing
from tests.cast import House
from tests.pages.conftest import Browser, SignIn
from tests.pages.test_working_hours import send

CLOSED = {"name": "Assizes", "first": "2030-05-15", "last": "2030-07-01"}


def made(browser: Browser, effect: str = "no_visits", name: str = "Northmoor office") -> str:
    answer = browser.post("/w/calendars", {"csrf": browser.csrf(), "name": name, "effect": effect})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_days_are_added_shown_by_month_and_struck_out(signed_in: SignIn) -> None:
    priya = signed_in("priya")
    here = made(priya)
    assert send(priya, f"{here}/days", **CLOSED)[0] == 303
    page = priya.get(here).text
    assert "May 2030" in page
    assert "Wed 15 May 2030 to Mon 1 July 2030" in page
    assert "Assizes" in page
    [strike] = re.findall(rf'action="({here}/days/[0-9a-f]+/strike)"', page)
    assert send(priya, strike)[0] == 303
    assert "Assizes" not in priya.get(here).text
    assert send(priya, strike)[0] == 404


def test_public_holidays_of_a_part_of_a_country_are_taken_and_ramadan_is_said_to_be_estimated(
    signed_in: SignIn,
) -> None:
    priya = signed_in("priya")
    here = made(priya)
    first = priya.get(f"{here}/holidays").text
    assert "United Kingdom" in first
    second = priya.get(f"{here}/holidays?country=GB").text
    assert "Scotland" in second
    assert send(priya, f"{here}/holidays", country="GB", part="SCT", years=["2030"])[0] == 303
    evenings = {"years": ["2030"], "ramadan_earliest": "15:30", "ramadan_latest": "18:00"}
    assert send(priya, f"{here}/ramadan", **evenings)[0] == 303
    page = priya.get(here).text
    assert "public holidays of United Kingdom, Scotland" in page
    assert "Thu 26 December 2030 to Thu 23 January 2031" in page
    assert "15:30 to 18:00" in page
    assert "estimated: it may be a day earlier or later" in page


def test_a_closed_day_is_not_offered_and_the_calendar_is_named(house: House, signed_in: SignIn) -> None:
    priya = signed_in("priya")
    here = made(priya)
    send(priya, f"{here}/days", **CLOSED)
    assert send(priya, f"{here}/agency")[0] == 303
    wanted = {
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "minutes": "30",
        "level": "supervised",
    }
    status, page = send(signed_in("karim"), "/w/book/times", **wanted)
    assert status == 200
    assert "Closed by the calendar “Northmoor office”." in page


def test_a_worker_lets_a_calendar_count_for_people_of_the_case_and_sees_those_of_others_only_counted(
    house: House, signed_in: SignIn
) -> None:
    priya, karim = signed_in("priya"), signed_in("karim")
    here = made(priya, "no_school", "Terms of Oak School")
    own = f"/w/child/{house.cast.mia}/calendars"
    form = {"calendar": here.rpartition("/")[2], "person": house.cast.mia}
    assert send(karim, own, **form)[0] == 303
    assert send(karim, own, **form)[0] == 409
    page = karim.get(own).text
    assert "Terms of Oak School" in page
    assert "Mia" in karim.get(here).text
    assert "Does not count any more" not in signed_in("noor").get(here).text
    assert (
        send(
            signed_in("noor"), re.findall(rf'action="({here}/link/[0-9a-f]+/end)"', karim.get(here).text)[0]
        )[0]
        == 403
    )
    assert "1 person of other workers" in signed_in("lena").get(here).text
    [end] = re.findall(rf'action="({own}/[0-9a-f]+/end)"', page)
    assert send(karim, end)[0] == 303
    assert send(karim, end)[0] == 404


def test_a_calendar_is_not_linked_to_somebody_who_is_not_in_the_case(house: House, signed_in: SignIn) -> None:
    here = made(signed_in("priya"))
    form = {"calendar": here.rpartition("/")[2], "person": "f" * 32}
    own = f"/w/child/{house.cast.mia}/calendars"
    karim = signed_in("karim")
    assert send(karim, own, **form)[0] == 404
    assert "Northmoor office</bdi></a></b> for" not in karim.get(own).text


def test_what_cannot_be_is_said_where_it_was_typed_and_keeps_nothing(house: House, signed_in: SignIn) -> None:
    priya = signed_in("priya")
    here = made(priya)
    before = house.snapshot()
    for path, form, words in (
        ("/w/calendars", {"name": "", "effect": "no_visits"}, "Write a name"),
        ("/w/calendars", {"name": "Other", "effect": "gone"}, "Choose what its days mean."),
        (
            "/w/calendars",
            {"name": "Northmoor office", "effect": "no_school"},
            "There is a calendar of this name.",
        ),
        (f"{here}/days", CLOSED | {"last": "2030-05-14"}, "The last day is before the first."),
        (f"{here}/days", CLOSED | {"first": "soon"}, "Choose a date."),
        (
            f"{here}/days",
            CLOSED | {"earliest": "18:00", "latest": "17:00"},
            "The end is not after the start.",
        ),
        (f"{here}/days", CLOSED | {"earliest": "six"}, "six"),
        (f"{here}/holidays", {"country": "XX", "years": ["2030"]}, "We know no public holidays"),
        (f"{here}/holidays", {"country": "GB", "part": "TX", "years": ["2030"]}, "no such part"),
        (f"{here}/holidays", {"country": "GB", "years": []}, "Choose at least one year."),
        (f"{here}/ramadan", {"years": ["MMXX"]}, "Choose at least one year."),
        (f"{here}/ramadan", {"years": ["9999"]}, "Choose at least one year."),
    ):
        status, page = send(priya, path, **form)
        assert (status, words in page) == (422, True), (path, form)
    assert house.snapshot() == before


def test_a_worker_reads_calendars_and_does_not_change_them(signed_in: SignIn) -> None:
    here = made(signed_in("priya"))
    karim = signed_in("karim")
    assert "Strike out" not in karim.get(here).text
    assert "Add days" not in karim.get(here).text
    for path, form in (
        ("/w/calendars", {"name": "Mine", "effect": "no_visits"}),
        (f"{here}/days", CLOSED),
        (f"{here}/agency", {}),
        (f"{here}/holidays", {"country": "GB", "years": ["2030"]}),
        (here.replace("calendar", "calendars") + "/end", {}),
    ):
        assert send(karim, path, **form)[0] == 403


def asked_for(house: House, one: Browser, path: str) -> int:
    """How many statements the database is asked for a page."""
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    event.listen(house.installation.engine, "before_cursor_execute", note)
    try:
        assert one.get(path).status_code == 200
    finally:
        event.remove(house.installation.engine, "before_cursor_execute", note)
    return len(statements)


def test_many_calendars_and_many_for_whom_one_counts_ask_the_database_no_more_often(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    first = kept(house, "Closed 0", house.cast.mia)
    karim.get("/w/calendars")
    before = asked_for(house, karim, "/w/calendars"), asked_for(house, karim, f"/w/calendar/{first}")
    for number in range(1, 6):
        kept(house, f"Closed {number}", house.cast.jonas)
    with house.work(house.cast.karim) as work:
        for person in (house.cast.jonas, house.cast.dana, house.cast.emil, house.cast.rosa, house.cast.ines):
            closing.link(work, first, person)
    page = karim.get(f"/w/calendar/{first}").text
    assert all(name in page for name in ("Mia", "Jonas", "Dana", "Rosa"))
    after = asked_for(house, karim, "/w/calendars"), asked_for(house, karim, f"/w/calendar/{first}")
    assert after == before


def kept(house: House, name: str, person: PersonId) -> str:
    """A calendar with a day, which counts for somebody."""
    with house.work(house.cast.priya) as work:
        made = add_calendar(work, name, Effect.NO_VISITS)
        closing.add_entry(work, made, Span(name=name, first=date(2030, 5, 20), last=date(2030, 5, 20)))
    with house.work(house.cast.karim) as work:
        closing.link(work, made, person)
    return made
