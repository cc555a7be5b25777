"""The pages on which a lost link is replaced, the page for codes, and what the old device is shown."""

import re

import httpx
import pytest
import segno
from starlette.types import ASGIApp

from contact_service.clearances import actions as clearances
from contact_service.clearances.clearance import Answer
from contact_service.invitations.actions.coding import WRONG_IN_ALL
from contact_service.pools import actions as pools
from contact_service.protocol.link import EventKind
from contact_service.visits.actions import clearing, pooling
from contact_service.visits.visit import Visit
from tests.cast import NOON, House, Phone
from tests.pages.conftest import BASE, PAGES, Browser, Dana, SignIn, browser, open_link

FIELDS = {"known_by": "in_person", "before": "1"}


def page_of(house: House, visit: Visit) -> str:
    return f"/w/visit/{visit.id}/new-link/{house.mother_in(house.visit(visit.id)).id}"


def press(one: Browser, house: House, visit: Visit, way: str, **changes: str) -> httpx.Response:
    generation = str(house.invitation(visit, house.cast.dana).generation)
    form = {"csrf": one.csrf(), "way": way} | FIELDS | {"before": generation} | changes
    return one.post(page_of(house, visit), form)


def type_code(one: Browser, code: str, phone: Phone | None = None) -> httpx.Response:
    """Type it on the page for codes."""
    found = re.search(r'data-nonce="([^"]+)"', one.get("/code").text)
    assert found is not None
    return one.send("/v/code", {"code": code, "nonce": found[1], "device_key": (phone or Phone()).key})


def code_of(page: str) -> str:
    found = re.search(r">(\d{4} \d{4})<", page)
    assert found is not None, page
    return found[1]


@pytest.mark.parametrize("name", ["karim", "lena", "priya"])
def test_the_visit_page_offers_a_new_link_to_those_who_may_make_one(
    house: House, signed_in: SignIn, name: str
) -> None:
    visit = house.waiting()
    one = signed_in(name)
    assert f'href="{page_of(house, visit)}"' in one.get(f"/w/visit/{visit.id}").text
    page = one.get(page_of(house, visit)).text
    assert "A new link for Dana" in page
    assert "@demo.example" in page
    assert "dana@demo.example" not in page


@pytest.mark.parametrize("name", ["noor", "ola"])
def test_nobody_else_is_offered_one_or_gets_it(house: House, signed_in: SignIn, name: str) -> None:
    visit = house.waiting()
    one = signed_in(name)
    assert "/new-link/" not in one.get(f"/w/visit/{visit.id}").text
    assert one.get(page_of(house, visit)).status_code in (403, 404)
    assert press(one, house, visit, "shown").status_code in (403, 404)
    assert house.invitation(visit, house.cast.dana).generation == 1


def test_a_link_that_is_sent_leads_back_to_the_visit(house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    karim = signed_in("karim")
    assert press(karim, house, visit, "sent").status_code == 303
    page = karim.get(f"/w/visit/{visit.id}").text
    assert "A new link was made, and the old one stopped" in page
    assert "Message waiting to go" in page


def test_without_an_answer_nothing_is_made_and_the_note_stays(house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    answer = press(signed_in("karim"), house, visit, "sent", known_by="", text="She rang at nine.")
    assert answer.status_code == 409
    assert "Say how you made sure who asked for it." in answer.text
    assert "She rang at nine." in answer.text
    assert house.invitation(visit, house.cast.dana).generation == 1


def test_a_note_that_is_too_long_is_said_beside_its_field(house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    answer = press(signed_in("karim"), house, visit, "sent", text="x" * 4001)
    assert answer.status_code == 422
    assert "Write at most 4000 characters." in answer.text
    assert house.invitation(visit, house.cast.dana).generation == 1


def test_an_old_page_makes_nothing(house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    karim = signed_in("karim")
    assert press(karim, house, visit, "shown").status_code == 200
    assert press(karim, house, visit, "shown", before="1").status_code == 409
    assert house.invitation(visit, house.cast.dana).generation == 2


def test_the_picture_page_is_kept_by_nobody_and_names_nobody_else(house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    answer = press(signed_in("karim"), house, visit, "shown")
    assert answer.headers["cache-control"] == "no-store"
    address = f"{BASE}/v#{house.secret(visit, house.cast.dana)}"
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=4, light="#fff", omitsize=True)
    assert re.findall(r' d="([^"]+)"', drawn)[-1] in answer.text
    main = answer.text.partition("<main")[2]
    assert "Dana" in main
    assert not re.search("Marlowe|Mia|Jonas|Ines|Lena", answer.text)
    assert house.secret(visit, house.cast.dana) not in answer.text


def test_a_code_opens_the_same_place_as_the_link(app: ASGIApp, house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    page = press(signed_in("karim"), house, visit, "read_out", known_by="called_back")
    assert page.headers["cache-control"] == "no-store"
    assert "visits.example/code" in page.text
    phone = browser(app)
    go = type_code(phone, code_of(page.text)).json()["go"]
    assert go == f"/v/{house.invitation(visit, house.cast.dana).id}/"
    assert "Your visit with Mia" in phone.get(go).text


def test_a_wrong_an_old_and_a_stopped_code_get_the_same_bytes(
    app: ASGIApp, house: House, signed_in: SignIn
) -> None:
    visit = house.waiting()
    karim = signed_in("karim")
    used = code_of(press(karim, house, visit, "read_out").text)
    type_code(browser(app), used)
    second = code_of(press(karim, house, visit, "read_out").text)
    other = f"{(int(second.replace(' ', '')) + 1) % 10**8:08}"
    answers = [type_code(browser(app), code) for code in (used, other, "", "x" * 100)]
    answers += [type_code(browser(app), other) for _ in range(WRONG_IN_ALL)]
    answers.append(type_code(browser(app), second))
    assert len({(a.status_code, a.content) for a in answers}) == 1
    assert answers[0].json()["title"] == "This code does not work now"


def test_a_code_is_taken_from_our_own_page_alone(app: ASGIApp, house: House, signed_in: SignIn) -> None:
    visit = house.waiting()
    code = code_of(press(signed_in("karim"), house, visit, "read_out").text)
    one = browser(app)
    body = {"code": code, "nonce": "", "device_key": Phone().key}
    assert one.send("/v/code", body).json()["title"] == "This page is old"
    assert one.send("/v/code", body, sec_fetch_site="cross-site").status_code == 403
    assert "go" in type_code(one, code).json()


def test_the_old_link_answers_byte_for_byte_as_an_unknown_one(
    app: ASGIApp, house: House, signed_in: SignIn, dana: Dana
) -> None:
    _, visit, _ = dana
    old = house.secret(visit, house.cast.dana)
    press(signed_in("karim"), house, visit, "shown")
    stranger, again = (open_link(browser(app), secret, Phone()) for secret in ("A" * 43, old))
    assert (again.status_code, again.content) == (stranger.status_code, stranger.content)


def test_every_page_of_the_old_device_says_that_the_link_has_ended_and_nothing_of_anybody(
    house: House, signed_in: SignIn, dana: Dana
) -> None:
    one, visit, base = dana
    csrf = one.csrf(f"{base}/company")
    press(signed_in("karim"), house, visit, "sent")
    for path in (*PAGES, "/thanks", "/withdraw"):
        answer = one.get(f"{base}{path}")
        assert answer.status_code == 410, path
        assert "This link has ended" in answer.text
        assert not re.search("Dana|Mia|Lena", answer.text)
    assert one.get(f"{base}/state").status_code == 410
    assert one.post(f"{base}/company", {"csrf": csrf, "company": "nobody"}).status_code == 410
    assert one.send(f"{base}/nonce", {}, x_csrf=csrf).status_code == 410
    assert house.mother_in(house.visit(visit.id)).company is None


def test_whoever_never_had_the_link_learns_nothing_of_its_end(app: ASGIApp, dana: Dana) -> None:
    _, _, base = dana
    assert browser(app).get(f"{base}/").status_code == 404


def test_for_somebody_in_prison_the_page_offers_the_booking_desk_alone(
    house: House, signed_in: SignIn
) -> None:
    with house.work(house.cast.karim) as work:
        prison = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        clearing.set_desk(work, prison, "bookings@northmoor.example")
        pooling.link(work, house.cast.dana, prison, NOON.date(), None)
        asked = clearances.ask(work, house.cast.dana, house.cast.mia, prison)
        clearing.answer(work, house.cast.dana, asked, Answer.GRANTED, reference="OMU/117")
    visit = house.waiting()
    karim = signed_in("karim")
    page = karim.get(page_of(house, visit)).text
    assert "Dana takes part from HMP Northmoor. A new link goes to its booking desk" in page
    assert 'value="sent"' in page
    assert not re.search('value="(read_out|shown)"', page)
    assert "bookings@northmoor.example" not in page
    for way in ("read_out", "shown"):
        answer = press(karim, house, visit, way)
        assert answer.status_code == 409
        assert "a new link goes to its booking desk and to nobody else" in answer.text
        assert not re.search(r">\d{4} \d{4}<", answer.text)
    assert press(karim, house, visit, "sent").status_code == 303


def test_the_visit_supervisor_makes_one_from_the_room_for_whoever_is_not_inside(
    house: House, signed_in: SignIn
) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    house.relay(visit, EventKind.DISCONNECTED, 50, participant=mother.id, leg=mother.leg)
    lena = signed_in("lena")
    offered = {
        one["name"]: one["new_link"] for one in lena.get(f"/w/visit/{visit.id}/room/state").json()["people"]
    }
    assert offered == {"Dana": page_of(house, visit), "Mia (Ines)": ""}
    code = code_of(press(lena, house, visit, "read_out", known_by="voice_or_sight").text)
    assert type_code(browser(lena.client.app), code).status_code == 200
