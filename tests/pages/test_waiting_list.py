"""The waiting list on the pages: what is put on it, and what is answered where it cannot be."""

import re
from datetime import datetime, timedelta

import pytest

from contact_service.jobs.waiting import offer_freed_time
from contact_service.visits.actions.booking import withdraw_request
from contact_service.visits.queries.knowing import known_busy_of
from contact_service.waiting.queries.finding import everybody_waiting, offers_within_reach
from tests.cast import House
from tests.pages.conftest import Browser, SignIn
from tests.pages.test_busy_then import bring, mark


@pytest.fixture
def karim(signed_in: SignIn) -> Browser:
    return signed_in("karim")


def wished(house: House, one: Browser, **more: object) -> dict[str, object]:
    """Jonas and Dana on Wednesday at four, as the page of the list posts it."""
    return {
        "csrf": one.csrf(),
        "child": house.cast.jonas,
        "people": [house.cast.dana, house.cast.ines],
        "minutes": "30",
        "level": "supervised",
        "duty": house.cast.priya,
        "days": ["wednesday"],
        "earliest": "16:00",
        "latest": "16:30",
        "until": "2030-05-15",
    } | more


def entries(house: House) -> list[str]:
    with house.reading(house.cast.karim) as work:
        return [one.id for one in everybody_waiting(work)]


def test_where_a_time_fits_the_page_says_so_and_keeps_what_was_typed(house: House, karim: Browser) -> None:
    before = house.snapshot()
    answer = karim.post("/w/waiting", data=wished(house, karim))
    assert answer.status_code == 422
    assert "There is a time that fits." in answer.text
    assert "16:30" in answer.text
    assert house.snapshot() == before


def test_what_is_no_number_of_ours_is_no_name_of_an_entry(house: House, karim: Browser) -> None:
    house.requested()
    answer = karim.post("/w/waiting", data=wished(house, karim, once="../../w/people"))
    assert answer.status_code == 303
    [entry] = entries(house)
    assert re.fullmatch("[0-9a-f]{32}", entry)


def test_somebody_without_an_account_cannot_answer_throughout_the_visit(house: House, karim: Browser) -> None:
    house.requested()
    answer = karim.post("/w/waiting", data=wished(house, karim, duty="0" * 32))
    assert answer.status_code == 422
    assert "Choose somebody else." in answer.text
    assert entries(house) == []


def test_the_page_of_an_offer_says_which_visit_they_have_already(house: House, karim: Browser) -> None:
    visit = house.requested()
    karim.post("/w/waiting", data=wished(house, karim, until="2030-05-17"))
    [entry] = entries(house)
    house.clock.forward(timedelta(minutes=1))
    house.requested(child=house.cast.jonas, wall_start=datetime(2030, 5, 16, 16, 0))  # noqa: DTZ001
    with house.work(house.cast.karim) as work:
        withdraw_request(work, visit.id)
    offer_freed_time(house.installation)
    with house.reading(house.cast.karim) as work:
        [(_, offer)] = offers_within_reach(work)
    assert offer.entry == entry
    page = karim.get(f"/w/waiting/offer/{offer.id}").text
    assert "Jonas already has a visit on Thursday 16 May" in page


def test_a_held_time_at_which_somebody_has_become_busy_is_booked_only_with_that_known(
    house: House, karim: Browser
) -> None:
    visit = house.requested()
    karim.post("/w/waiting", data=wished(house, karim, until="2030-05-17"))
    house.clock.forward(timedelta(minutes=1))
    with house.work(house.cast.karim) as work:
        withdraw_request(work, visit.id)
    offer_freed_time(house.installation)
    with house.reading(house.cast.karim) as work:
        [(_, offer)] = offers_within_reach(work)
    busy = f"DTSTART:{offer.starts_at:%Y%m%dT%H%M%SZ}\nDTEND:{offer.ends_at:%Y%m%dT%H%M%SZ}"
    bring(house, busy)
    here = f"/w/waiting/offer/{offer.id}"
    page = karim.get(here).text
    assert "Dana is busy from" in page
    unasked = karim.post(f"{here}/book", data={"csrf": karim.csrf()})
    assert unasked.status_code == 422
    assert "Read who it is, and tick that you know it." in unasked.text
    booked = karim.post(f"{here}/book", data={"csrf": karim.csrf(), "known": mark(page)})
    assert booked.status_code == 303, booked.text
    with house.reading(house.cast.karim) as work:
        assert len(known_busy_of(work, offer.visit)) == 1
    again = karim.post(f"{here}/book", data={"csrf": karim.csrf()})
    assert again.headers["location"] == f"/w/visit/{offer.visit}"
