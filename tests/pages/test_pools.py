"""Pages about rooms and video links: kept, shown week by week, and named where they stand in the way."""

import re
from datetime import date

import pytest

from contact_service.clearances import actions as clearances
from contact_service.ids import PersonId, PoolId
from contact_service.people.actions.forgetting import forget
from contact_service.pools import actions
from contact_service.visits.actions import clearing, pooling
from tests.cast import NOON, House
from tests.pages.conftest import Browser, SignIn

PRISON = {"name": "HMP Northmoor", "units": "2", "zone": "Europe/London"}
WEEK = "?day=2030-05-15"


def send(browser: Browser, path: str, **form: object) -> tuple[int, str]:
    answer = browser.post(path, {"csrf": browser.csrf(), "once": "", **form})
    return answer.status_code, answer.text


def kept(house: House, units: int, *people: PersonId) -> PoolId:
    with house.work(house.cast.karim) as work:
        pool = actions.add_pool(work, "HMP Northmoor", units, zone="Europe/London")
    for person in people:
        with house.work(house.cast.karim) as work:
            pooling.link(work, person, pool, NOON.date(), None)
    return pool


def asked_of_prison(house: House) -> str:
    """A prison from which Dana takes part was asked about Mia."""
    pool = kept(house, 2, house.cast.dana)
    with house.work(house.cast.karim) as work:
        clearing.set_desk(work, pool, "bookings@northmoor.example")
        return clearances.ask(work, house.cast.dana, house.cast.mia, pool, "A 17")


def place(house: House) -> str:
    return f"/w/child/{house.cast.mia}/person/{house.cast.dana}/place"


def test_links_are_added_opened_closed_and_changed_and_all_of_it_is_taken_back(signed_in: SignIn) -> None:
    priya = signed_in("priya")
    assert send(priya, "/w/rooms", **PRISON)[0] == 303
    [here] = re.findall(r'href="(/w/room/[0-9a-f]{32})"', priya.get("/w/rooms").text)
    hours = {"days": ["monday", "tuesday"], "earliest": "09:00", "latest": "11:30"}
    assert send(priya, f"{here}/hours", **hours)[0] == 303
    assert send(priya, f"{here}/closed", first="2030-05-20", last="2030-05-21")[0] == 303
    assert send(priya, "/w/calendars", name="Searches", effect="no_visits")[0] == 303
    [calendar] = re.findall(r'value="([0-9a-f]{32})">Searches', priya.get(here).text)
    assert send(priya, f"{here}/calendars", calendar=calendar)[0] == 303
    assert send(priya, f"{here}/change", name="HMP Northmoor", units="3")[0] == 303
    shown = priya.get("/w/rooms").text
    assert "3 rooms or links. Open: Monday, Tuesday, 09:00 to 11:30." in shown
    assert "Closed next: 20 May 2030 to 21 May 2030" in shown
    page = priya.get(here).text
    taken_back = re.findall(rf'action="({here}/(?:hours|closed|calendars)/[0-9a-f]+/end)"', page)
    assert len(taken_back) == 3
    for path in taken_back:
        assert send(priya, path)[0] == 303
        assert send(priya, path)[0] == 404
    assert "No hours written down: open at any hour." in priya.get(here).text
    assert send(priya, here.replace("room", "rooms") + "/end")[0] == 303
    assert "None yet." in priya.get("/w/rooms").text


def test_a_week_shows_what_is_taken_and_names_a_family_only_to_those_who_may_see_the_visit(
    house: House, signed_in: SignIn
) -> None:
    pool = kept(house, 2, house.cast.dana)
    house.approved()
    for name, told in (("karim", True), ("lena", True), ("ola", False)):
        page = signed_in(name).get(f"/w/room/{pool}{WEEK}").text
        assert "At most 1 of 2 taken at once" in page
        assert ("Mia" in page) is told, name
        assert "Dana" not in page
        assert ("Another worker’s visit" in page) is not told


def test_a_worker_says_from_where_a_person_takes_part_and_the_booking_pages_name_it(
    house: House, signed_in: SignIn
) -> None:
    karim, here = signed_in("karim"), place(house)
    assert "No rooms or links are written down yet." in karim.get(here).text
    pool = kept(house, 1)
    assert send(karim, here, pool=pool, first="2030-05-10", last="")[0] == 303
    assert "from 10 May 2030 on" in karim.get(here).text
    with house.work(house.cast.karim) as work:
        pooling.add_closure(work, pool, (date(2030, 5, 15), date(2030, 7, 15)))
    wish = {
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "minutes": "30",
        "level": "supervised",
    }
    assert "HMP Northmoor is closed." in send(karim, "/w/book/times", **wish)[1]
    booked = wish | {"date": "2030-05-15", "time": "16:00", "visit_supervisor": house.cast.lena}
    status, page = send(karim, "/w/book", **booked, duty=house.cast.priya)
    assert status == 409
    assert "HMP Northmoor is closed then, and these take part from there: Dana. Choose another time." in page
    [end] = re.findall(rf'action="({here}/[0-9a-f]+/end)"', karim.get(here).text)
    assert send(karim, end)[0] == 303
    assert send(karim, end)[0] == 404


def test_what_cannot_be_is_said_where_it_was_typed_and_keeps_nothing(house: House, signed_in: SignIn) -> None:
    pool, karim = kept(house, 1), signed_in("karim")
    here, before = f"/w/room/{pool}", house.snapshot()
    for path, form, words in (
        ("/w/rooms", PRISON | {"units": "many"}, "Enter how many there are, from 1 to 50."),
        ("/w/rooms", PRISON | {"units": "51", "name": "B"}, "Enter how many there are, from 1 to 50."),
        ("/w/rooms", PRISON | {"units": "²"}, "Enter how many there are, from 1 to 50."),
        ("/w/rooms", PRISON, "There is one of this name."),
        ("/w/rooms", PRISON | {"name": "B", "zone": "Mars"}, "We do not know this time zone."),
        (f"{here}/hours", {"days": [], "earliest": "09:00", "latest": "10:00"}, "Choose at least one day."),
        (f"{here}/closed", {"first": ""}, "Choose a date."),
        (f"{here}/closed", {"first": "2030-01-01"}, "These days have passed."),
        (f"{here}/calendars", {"calendar": "x"}, "Choose a calendar."),
        (f"{here}/change", {"name": "", "units": "1"}, "Write a name that colleagues understand."),
        (place(house), {"pool": "", "first": "2030-05-10"}, "Choose from where they take part."),
        (place(house), {"pool": pool, "first": "soon"}, "Choose a date."),
    ):
        status, page = send(karim, path, **form)
        assert (status, words in page) == (422, True), (path, form)
        assert "There is a problem" in page
    assert house.snapshot() == before


def test_whoever_keeps_no_rooms_reads_them_and_changes_nothing(house: House, signed_in: SignIn) -> None:
    pool, lena = kept(house, 1), signed_in("lena")
    assert "<form" not in lena.get(f"/w/room/{pool}").text.partition("<main")[2]
    assert send(lena, f"/w/room/{pool}/closed", first="2030-08-05")[0] == 403
    assert lena.get(place(house)).status_code == 403


def test_a_worker_writes_down_what_a_prison_says(signed_in: SignIn, house: House) -> None:
    with house.work(house.cast.karim) as work:
        pool = actions.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        actions.link(work, house.cast.dana, pool, house.clock.at.date(), None)
    karim, here = signed_in("karim"), place(house)
    assert "Clearance of HMP Northmoor" not in karim.get(here).text
    wrong, page = send(karim, f"/w/room/{pool}/desk", desk="nobody")
    assert (wrong, "Write an e-mail address" in page) == (422, True)
    assert send(karim, f"/w/room/{pool}/desk", desk="bookings@northmoor.example")[0] == 303
    assert "bookings@northmoor.example" in karim.get(f"/w/room/{pool}").text
    priya = signed_in("priya")
    desk = {"desk": "bookings@northmoor.example"}
    wrong, page = send(priya, f"/w/room/{pool}/desk", **desk, language="tlh")
    assert (wrong, "Choose a language in which there are letters." in page) == (422, True)
    assert send(priya, f"/w/room/{pool}/desk", **desk, language="en")[0] == 303
    assert "bookings@northmoor.example</bdi> (English)" in priya.get(f"/w/room/{pool}").text
    assert "Not asked yet" in karim.get(here).text
    to_ask = here.removesuffix("place") + "clearance"
    assert send(karim, to_ask, pool=pool, reference="A 17")[0] == 303
    [asked] = re.findall(rf'action="{to_ask}/([0-9a-f]+)"', karim.get(here).text)
    assert send(karim, f"{to_ask}/{asked}", answer="granted", reference="")[0] == 422
    assert send(karim, f"{to_ask}/{asked}", answer="", reference="A 18")[0] == 422
    said = {"answer": "granted", "reference": "A 18", "last": "2030-06-30"}
    assert send(karim, f"{to_ask}/{asked}", **said)[0] == 303
    page = karim.get(here).text
    assert "Says yes" in page
    assert "A 18" in page
    elsewhere = to_ask.replace(house.cast.dana, house.cast.emil)
    assert send(karim, f"{elsewhere}/{asked}", **said)[0] == 404
    assert send(karim, f"{to_ask}/{asked}", answer="refused", reference="A 19")[0] == 303
    assert "has said no to visits with Mia" in karim.get("/w/today").text


@pytest.mark.parametrize("reference", ["x" * 81, "A\x0717"])
@pytest.mark.rule("R68")
def test_a_no_whose_reference_cannot_be_kept_is_said_on_the_page_and_keeps_nothing(
    signed_in: SignIn, house: House, reference: str
) -> None:
    karim, to_ask = signed_in("karim"), place(house).removesuffix("place") + "clearance"
    asked = asked_of_prison(house)
    before = house.snapshot()
    status, page = send(karim, f"{to_ask}/{asked}", answer="refused", reference=reference)
    assert (status, "Write the reference in one short line." in page) == (422, True)
    assert house.snapshot() == before


@pytest.mark.rule("R68")
def test_the_place_of_a_person_who_was_forgotten_is_shown_without_the_reference(
    signed_in: SignIn, house: House
) -> None:
    asked_of_prison(house)
    with house.work(house.cast.karim) as work:
        forget(work, house.cast.dana)
    shown = signed_in("karim").get(place(house))
    assert (shown.status_code, "A 17" in shown.text) == (200, False)
    assert "Asked on" in shown.text
