"""Whoever books at a busy time of a family is shown it first, and what was known puts the visit in doubt no more."""

import re

import pytest

from contact_service.ids import VisitId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.visits.actions import staffing
from contact_service.visits.actions.doubting import doubt_all_visits
from contact_service.visits.queries.doubting import doubts
from tests.actions.test_busy_times import DENTIST, ics
from tests.cast import House
from tests.pages.conftest import Browser, SignIn
from tests.pages.test_times import wanted

LONDON = "Europe/London"
LONGER = "DTSTART:20300515T143000Z\nDTEND:20300515T160000Z"
BUSY = "Dana is busy from 15:30 to 16:30, by their own calendar."


def bring(house: House, *events: str) -> None:
    """Dana's calendar; a later one stands beside it."""
    with house.work(house.cast.karim) as work:
        staffing.read_family_file(work, house.cast.dana, ics(*events), zone=LONDON)


def typed(house: House, one: Browser, **more: object) -> dict[str, object]:
    at = {"date": "2030-05-15", "time": "16:00", "visit_supervisor": house.cast.lena}
    return wanted(house, one, **at) | more


def mark(page: str) -> str:
    found = re.search(r'name="known" type="checkbox" value="([0-9a-f]{16})"', page)
    assert found, page
    return found[1]


def doubted(house: House) -> int:
    with house.work(house.cast.priya) as work:
        doubt_all_visits(work)
    with house.reading(house.cast.priya) as work:
        return len(doubts(work))


def approve(house: House, visit: VisitId) -> VisitId:
    with house.work(house.cast.priya) as work:
        assert not isinstance(inviting.approve(work, visit), Refused)
    return visit


@pytest.fixture
def knowing(house: House, signed_in: SignIn) -> VisitId:
    """Booked while Dana is at the dentist, knowing it, and approved."""
    bring(house, DENTIST)
    karim = signed_in("karim")
    shown = karim.post("/w/book", typed(house, karim))
    answer = karim.post("/w/book", typed(house, karim, known=mark(shown.text)))
    assert answer.status_code == 303, answer.text
    visit = answer.headers["location"].rpartition("/")[2]
    return approve(house, VisitId(visit))


def test_a_busy_time_is_shown_before_anything_is_booked(house: House, signed_in: SignIn) -> None:
    bring(house, DENTIST)
    karim, before = signed_in("karim"), house.snapshot()
    shown = karim.post("/w/book", typed(house, karim))
    assert shown.status_code == 422
    assert BUSY in shown.text
    assert "Somebody is busy then. Read who it is, and tick that you know it." in shown.text
    assert "entist" not in shown.text
    assert house.snapshot() == before
    # Before it is sent, too, as soon as a time was typed.
    assert BUSY in karim.post("/w/book/filled", typed(house, karim)).text
    assert BUSY not in karim.post("/w/book/filled", typed(house, karim, time="17:00")).text


@pytest.mark.usefixtures("knowing")
@pytest.mark.rule("R62")
def test_what_was_known_puts_the_visit_in_doubt_no_more(house: House) -> None:
    assert doubted(house) == 0
    [entry] = [e for e in house.entries() if e.type == "visit.busy_known"]
    assert entry.fields["facts"]["busy_times"] == 1
    bring(house, LONGER)
    assert doubted(house) == 1


def test_of_a_long_busy_time_its_real_ends_are_shown(house: House, signed_in: SignIn) -> None:
    bring(house, "DTSTART:20300513T080000Z\nDTEND:20300517T160000Z")
    karim = signed_in("karim")
    page = karim.post("/w/book/filled", typed(house, karim)).text
    assert "Dana is busy from 13 May 2030, 09:00 to 17 May 2030, 17:00, by their own calendar." in page


def test_another_busy_time_than_the_one_that_was_shown_is_shown_first(
    house: House, signed_in: SignIn
) -> None:
    bring(house, DENTIST)
    karim = signed_in("karim")
    known = mark(karim.post("/w/book", typed(house, karim)).text)
    bring(house, LONGER)
    before = house.snapshot()
    again = karim.post("/w/book", typed(house, karim, known=known))
    assert again.status_code == 422
    assert "Dana is busy from 15:30 to 17:00" in again.text
    assert house.snapshot() == before


def test_a_change_asks_only_about_what_was_not_known(
    house: House, knowing: VisitId, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    assert BUSY not in karim.get(f"/w/visit/{knowing}/change").text
    bring(house, LONGER)
    page = karim.get(f"/w/visit/{knowing}/change").text
    assert "Dana is busy from 15:30 to 17:00" in page
    change = typed(house, karim, minutes="20")
    assert karim.post(f"/w/visit/{knowing}/change", change).status_code == 422
    answer = karim.post(f"/w/visit/{knowing}/change", change | {"known": mark(page)})
    assert answer.status_code == 303, answer.text
    approve(house, knowing)
    assert doubted(house) == 0
