"""The waiting list as a worker meets it: put on from the times page, seen, booked, let go; and the letter about it."""

import quopri
import re

import pytest

from contact_service.demo.brother import Brother
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.visits.actions.staffing import read_family_file
from tests.actions.test_busy_times import DENTIST, ics
from tests.cast import House
from tests.jobs.conftest import Office, office as office_of_jobs
from tests.pages.conftest import Browser, SignIn, app, signed_in as signed_in_page
from tests.pages.test_busy_then import BUSY, LONDON, bring
from tests.waiting.listed import Listed
from tests.waiting.test_whose_turn import bar_dana

office = office_of_jobs
signed_in = signed_in_page
__all__ = ["app"]


def typed(house: House, one: Browser, **changes: object) -> dict[str, object]:
    form: dict[str, object] = {
        "csrf": one.csrf("/w/book"),
        "child": house.cast.jonas,
        "people": [house.cast.dana, house.cast.ines],
        "minutes": "30",
        "level": "supervised",
        "duty": house.cast.priya,
    }
    return form | changes


HOURS: dict[str, object] = {
    "days": ["wednesday"],
    "earliest": "16:00",
    "latest": "16:30",
    "until": "2030-05-15",
}


def test_a_worker_puts_a_visit_on_the_list_and_books_what_becomes_free(
    listed: Listed, signed_in: SignIn, office: tuple[Office, Post]
) -> None:
    house = listed.house
    karim, taken = signed_in("karim"), house.requested()
    ask = karim.post("/w/waiting/ask", typed(house, karim))
    assert "Which days would do?" in ask.text
    put = karim.post("/w/waiting", typed(house, karim, once="c" * 32, **HOURS))
    assert put.status_code == 303, put.text
    assert "Jonas with Dana" in karim.get("/w/waiting").text
    listed.call_off(taken)
    listed.look()
    assert "A time is free for Jonas." in karim.get("/w/today").text
    letter = freed(house, office)
    assert "Wednesday 15 May, 16:00 (BST)" in letter
    assert not {"Jonas", "Dana", "Ines"} & set(re.findall(r"\w+", letter))
    [link] = re.findall(r"/w/waiting/offer/[0-9a-f]{32}", letter)
    assert "Held until" in karim.get(link).text
    booked = karim.post(f"{link}/book", {"csrf": karim.csrf(link)})
    assert booked.headers["location"] == f"/w/visit/{link[-32:]}"
    again = karim.post(f"{link}/book", {"csrf": karim.csrf("/w/book")})
    assert again.headers["location"] == booked.headers["location"]
    assert "Nobody waits." in karim.get("/w/waiting").text


def freed(house: House, office: tuple[Office, Post]) -> str:
    """The letter about the time that became free."""
    keeper, post = office
    send_letters(house.installation, post)
    letters = [quopri.decodestring(one).decode() for one in keeper.texts()]
    return next(one for one in letters if "waiting/offer" in one)


def test_an_offer_that_is_over_says_so_in_plain_words(listed: Listed, signed_in: SignIn) -> None:
    taken = listed.house.requested()
    entry = listed.add()
    listed.call_off(taken)
    listed.look()
    offer = listed.offered(entry)
    karim = signed_in("karim")
    page = f"/w/waiting/offer/{offer.id}"
    let = karim.post(f"{page}/let-go", {"csrf": karim.csrf(page)})
    assert let.status_code == 303
    late = karim.post(f"{page}/book", {"csrf": karim.csrf("/w/waiting")})
    assert late.status_code == 410
    assert "This time is not held any more" in late.text
    shown = karim.get(page)
    assert shown.status_code == 410
    assert "This time was let go." in shown.text


def test_an_offer_says_who_has_become_busy_since_the_time_was_found(
    listed: Listed, signed_in: SignIn
) -> None:
    house = listed.house
    taken, entry = house.requested(), listed.add()
    listed.call_off(taken)
    listed.look()
    offer = listed.offered(entry)
    karim, here = signed_in("karim"), f"/w/waiting/offer/{offer.id}"
    assert BUSY not in karim.get(here).text
    bring(house, DENTIST)
    assert BUSY in karim.get(here).text


def test_a_rule_that_says_no_is_shown_with_the_offer(listed: Listed, signed_in: SignIn) -> None:
    taken = listed.house.requested(people=(listed.house.cast.emil,))
    entry = listed.add(child=listed.house.cast.mia)
    listed.call_off(taken)
    listed.look()
    bar_dana(listed.house)
    karim = signed_in("karim")
    page = f"/w/waiting/offer/{listed.offered(entry).id}"
    refused = karim.post(f"{page}/book", {"csrf": karim.csrf(page)})
    assert refused.status_code == 409
    assert "R2" in refused.text
    assert "The time was given back." in refused.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": []}, "Choose at least one day of the week."),
        ({"until": "never"}, "Choose a date."),
        ({"days": ["someday"]}, "Choose days of the week."),
        ({"duty": ""}, "Choose who answers throughout the visit."),
        ({"earliest": "10:00", "latest": "23:00"}, "There is a time that fits."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    listed: Listed, signed_in: SignIn, changes: dict[str, object], said: str
) -> None:
    listed.house.requested()
    karim = signed_in("karim")
    answer = karim.post("/w/waiting", typed(listed.house, karim, **(HOURS | changes)))
    assert answer.status_code == 422
    assert said in answer.text
    assert listed.order() == []


def test_a_form_without_people_is_asked_for_them_and_breaks_nothing(
    listed: Listed, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    bare = {"csrf": karim.csrf("/w/book"), "child": listed.house.cast.jonas}
    assert karim.post("/w/waiting/ask", bare).status_code == 200
    assert karim.post("/w/waiting", bare).status_code == 422
    assert karim.post("/w/waiting", typed(listed.house, karim, people=[], **HOURS)).status_code == 422
    assert listed.order() == []


@pytest.mark.slow
def test_the_page_of_an_offer_tells_of_nobody_out_of_reach_that_they_are_busy(
    listed: Listed, brother: Brother, signed_in: SignIn
) -> None:
    cast, taken = listed.house.cast, listed.house.requested()
    entry = listed.add(child=cast.mia, caregiver=cast.ines, sharing=brother.shares)
    listed.call_off(taken)
    listed.look()
    offer = listed.offered(entry)
    with listed.house.work(cast.karim) as work:
        for one in (cast.mia, cast.ines, brother.finn, brother.tomas):
            read_family_file(work, one, ics(DENTIST), zone=LONDON)
    here, busy = f"/w/waiting/offer/{offer.id}", r"(\w+) is busy from"
    assert set(re.findall(busy, signed_in("karim").get(here).text)) == {"Mia", "Ines", "Finn", "Tomas"}
    assert set(re.findall(busy, signed_in("sade").get(here).text)) == {"Finn", "Tomas"}
