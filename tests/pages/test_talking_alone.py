"""A talk alone and a goodbye over HTTP: the supervisor's card, the others' pages, and the record."""

import re
from datetime import timedelta

import pytest

from contact_service.audit.events import EventType
from contact_service.protocol.link import EventKind
from contact_service.visits.actions.moving import Why, participant_row, record, rooms_changed
from contact_service.visits.visit import Visit
from tests.cast import House
from tests.pages.conftest import Browser, SignIn, tell_alone
from tests.pages.test_what_family_sees import TRADE, _bring_in, visible

Dana = tuple[Browser, Visit, str]


def _inside(house: House, dana: Dana) -> Dana:
    """Dana's browser, with her and the child let in."""
    one, visit, base = dana
    house.consents(house.cast.dana, house.cast.ines)
    tell_alone(one, base)
    _bring_in(house, visit)
    return one, visit, base


def people_of(lena: Browser, visit: Visit) -> dict[str, dict[str, object]]:
    answer = lena.client.get(f"/w/visit/{visit.id}/room/state")
    return {person["name"]: person for person in answer.json()["people"]}


def press(lena: Browser, visit: Visit, act: str, participant: str) -> int:
    body = {"participant": participant}
    return lena.send(f"/w/visit/{visit.id}/room/{act}", body, x_csrf=lena.csrf()).status_code


def test_the_card_of_whoever_asked_for_a_break_says_so_and_offers_the_talk(
    house: House, signed_in: SignIn
) -> None:
    visit = house.live()
    mia, lena = house.child_in(visit), signed_in("lena")
    house.relay(visit, EventKind.BREAK_ASKED, 1, participant=mia.id, generation=1)
    before = people_of(lena, visit)["Mia (Ines)"]
    assert (before["asked_break"], before["stage"], before["aside"]) == (True, "admitted", False)
    assert press(lena, visit, "alone", mia.id) == 200
    card = people_of(lena, visit)["Mia (Ines)"]
    assert (card["stage"], card["alone"], card["aside"], card["located"]) == ("private", True, True, True)
    house.relay(visit, EventKind.DISCONNECTED, 2, participant=mia.id, leg=mia.leg)
    lost = people_of(lena, visit)["Mia (Ines)"]
    assert (lost["stage"], lost["alone"]) == ("disconnected", True)
    assert press(lena, visit, "unlook", mia.id) == 200
    assert people_of(lena, visit)["Mia (Ines)"]["alone"] is False


def test_a_look_at_the_door_is_no_talk_aside(house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    house.joins(visit, visit.watcher, "aa" * 16)
    dana = house.mother_in(visit)
    house.joins(visit, dana, dana.id)
    lena = signed_in("lena")
    assert press(lena, visit, "look", dana.id) == 200
    card = people_of(lena, visit)["Dana"]
    assert (card["alone"], card["aside"]) == (True, False)
    assert press(lena, visit, "alone", dana.id) == 409


def test_what_the_mother_is_told_is_the_same_whether_the_child_is_talked_to_or_not(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = _inside(house, dana)
    mia = house.child_in(house.visit(visit.id))
    together = one.get(f"{base}/state").json()
    assert mia.id in together["people"]
    assert press(signed_in("lena"), visit, "alone", mia.id) == 200
    assert one.get(f"{base}/state").json() == together


def test_who_is_talked_to_alone_learns_of_nobody_else_meanwhile(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = _inside(house, dana)
    mother = house.mother_in(house.visit(visit.id))
    assert press(signed_in("lena"), visit, "alone", mother.id) == 200
    told = one.get(f"{base}/state").json()
    assert told["stage"] == "private"
    assert set(told["people"]) == {mother.id, visit.watcher.id}
    assert TRADE.findall(visible(one.get(f"{base}/room").text)) == []


def test_who_is_looked_at_at_the_door_learns_of_nobody_when_their_line_goes(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = _inside(house, dana)
    mother = house.mother_in(house.visit(visit.id))
    house.joins(visit, mother, "dd" * 8)
    assert press(signed_in("lena"), visit, "look", mother.id) == 200
    house.relay(visit, EventKind.DISCONNECTED, 1, participant=mother.id, leg="dd" * 8)
    told = one.get(f"{base}/state").json()
    assert set(told["people"]) == {mother.id, visit.watcher.id}


@pytest.mark.rule("R70")
def test_the_record_says_with_whom_and_when_and_the_pages_of_the_family_do_not(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = dana
    house.consents(house.cast.dana, house.cast.ines)
    _bring_in(house, visit)
    lena = signed_in("lena")
    assert press(lena, visit, "alone", house.child_in(visit).id) == 200
    house.clock.forward(timedelta(minutes=2))
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    page = lena.get(f"/w/visit/{visit.id}/record").text
    assert "Talked alone with" in page
    assert "<bdi>Mia (Ines Okafor)</bdi>" in page
    for path in ("/", "/thanks", "/room", "/state"):
        assert "alone with" not in one.get(base + path).text.lower()


def test_a_record_of_a_visit_without_such_talks_says_nothing_of_them(house: House, signed_in: SignIn) -> None:
    visit = house.live()
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    assert "Talked alone with" not in signed_in("lena").get(f"/w/visit/{visit.id}/record").text


@pytest.mark.rule("R70")
def test_whoever_has_said_goodbye_is_thanked_and_reads_no_reason(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = _inside(house, dana)
    lena, mother = signed_in("lena"), house.mother_in(house.visit(visit.id))
    assert press(lena, visit, "goodbye", mother.id) == 409  # the child first
    assert press(lena, visit, "goodbye", house.child_in(visit).id) == 200
    assert press(lena, visit, "goodbye", mother.id) == 200
    told = one.get(f"{base}/state").json()
    assert (told["stage"], told["go"], told["people"]) == ("over", f"{base}/thanks", {})
    for page in ("/", "/thanks"):
        text = visible(one.get(base + page).text)
        assert "visit is over" in text
        assert TRADE.findall(text) == []
    cards = people_of(lena, visit)
    assert {card["stage"] for card in cards.values()} == {"goodbye"}
    assert {card["new_link"] for card in cards.values()} == {""}


@pytest.mark.rule("R71")
def test_whoever_was_sent_home_by_mistake_reads_that_they_can_come_back(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = _at_home_again(house, signed_in, dana)
    lena, mother = signed_in("lena"), house.mother_in(visit)
    card = people_of(lena, visit)["Dana"]
    assert (card["stage"], card["may_undo"], card["asked_back"]) == ("goodbye", True, False)
    page = one.get(f"{base}/thanks").text
    assert 'id="back"' in page  # which asks by itself, and is hidden until then
    assert re.search(r'id="back"[^>]* hidden>', page)
    assert press(lena, visit, "goodbye/undo", mother.id) == 200
    assert one.get(f"{base}/state").json()["stage"] == "waiting"
    page = one.get(f"{base}/thanks").text
    assert re.search(r'id="back"[^>]*[^n]>', page)
    assert re.search(r'id="over" hidden', page)
    assert f'href="{base}/room"' in page
    assert TRADE.findall(visible(page)) == []
    card = people_of(lena, visit)["Dana"]
    assert (card["stage"], card["may_undo"], card["asked_back"]) == ("left", False, True)
    house.joins(visit, house.mother_in(house.visit(visit.id)), "ee" * 16)
    card = people_of(lena, visit)["Dana"]
    assert (card["stage"], card["may_undo"], card["asked_back"]) == ("waiting", False, False)


@pytest.mark.rule("R71")
def test_when_the_minutes_are_over_neither_card_nor_page_offers_the_way_back(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = _at_home_again(house, signed_in, dana)
    house.clock.forward(timedelta(minutes=10))
    lena = signed_in("lena")
    assert people_of(lena, visit)["Dana"]["may_undo"] is False
    assert press(lena, visit, "goodbye/undo", house.mother_in(visit).id) == 409
    assert 'id="back"' not in one.get(f"{base}/thanks").text
    assert one.get(f"{base}/state").json()["stage"] == "over"


def test_the_record_says_how_often_a_goodbye_was_taken_back(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    _, visit, _ = _at_home_again(house, signed_in, dana)
    assert press(signed_in("lena"), visit, "goodbye/undo", house.mother_in(visit).id) == 200
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    assert "Goodbyes taken back" in signed_in("lena").get(f"/w/visit/{visit.id}/record").text


def _at_home_again(house: House, signed_in: SignIn, dana: Dana) -> Dana:
    """The mother, who came by her link, was sent home after the child."""
    one, visit, base = _inside(house, dana)
    with house.as_family(house.cast.dana) as work:
        participant_row(work, house.mother_in(visit)).invitation_id = house.invitation(
            visit, house.cast.dana
        ).id
        rooms_changed(work)
        record(work, visit.room, EventType.ADMISSION_REQUESTED, Why(people=()))
    lena = signed_in("lena")
    for participant in (house.child_in(visit), house.mother_in(visit)):
        assert press(lena, visit, "goodbye", participant.id) == 200
    return one, house.visit(visit.id), base
