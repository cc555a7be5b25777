"""Whoever says no, or takes a yes back, is out of the room at once, waiting or inside."""

import re

from contact_service.visits.visit import Stage, Visit, VisitState
from tests.cast import House
from tests.pages.conftest import Browser

Dana = tuple[Browser, Visit, str]


def _token(one: Browser, page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', one.get(page).text)
    assert found is not None
    return found[1]


def _comes_in(house: House, visit: Visit) -> None:
    house.consents(house.cast.dana)
    house.joins(visit, house.mother_in(visit), "bb" * 8)


def test_taking_it_back_in_the_waiting_room_leaves_nobody_waiting(house: House, dana: Dana) -> None:
    one, visit, base = dana
    _comes_in(house, visit)
    one.post(f"{base}/withdraw", {"csrf": _token(one, f"{base}/withdraw")})
    mother = house.mother_in(house.visit(visit.id))
    assert (mother.stage, mother.leg) == (Stage.LEFT, None)
    assert "consent.withdrawn" in house.history()


def test_no_on_a_card_takes_a_person_out_of_the_room(house: House, dana: Dana) -> None:
    one, visit, base = dana
    _comes_in(house, visit)
    form = {
        "csrf": _token(one, f"{base}/consent/2"),
        "purpose": "be_supervised",
        "version": "1",
        "answer": "no",
    }
    one.post(f"{base}/consent/2", form)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.LEFT
    assert house.visit(visit.id).state is VisitState.WAITING


def test_no_before_one_has_come_in_is_only_an_answer(house: House, dana: Dana) -> None:
    one, visit, base = dana
    form = {"csrf": _token(one, f"{base}/consent/1"), "purpose": "take_part", "version": "1", "answer": "no"}
    answer = one.post(f"{base}/consent/1", form)
    assert answer.status_code == 303
    assert house.mother_in(house.visit(visit.id)).stage is Stage.OPENED
    assert house.history()[-2:] == ["consent.declined", "follow_up.made"]
