"""The emergency details of a visit over HTTP: for whoever watches, and in no answer to anybody else."""

from datetime import timedelta

from sqlmodel import select

from contact_service.visits.actions import ending, recording
from contact_service.visits.queries.writing import remarks_of
from contact_service.visits.record import Remark, Sections
from contact_service.visits.tables import VisitRecordRow
from contact_service.visits.visit import EndReason, Outcome
from tests.actions.test_handing_over import handed
from tests.actions.test_repairing import another
from tests.cast import SEEN, House
from tests.pages.conftest import SignIn
from tests.pages.test_forged_and_broken import TRACES

NOTHING: dict[str, str] = {}


def test_the_room_knows_that_a_place_is_known_and_tells_it_on_one_press_alone(
    house: House, signed_in: SignIn
) -> None:
    visit = house.live()
    lena = signed_in("lena")
    state = lena.client.get(f"/w/visit/{visit.id}/room/state")
    assert [person["located"] for person in state.json()["people"]] == [True, True]
    assert [person["emergency"] for person in state.json()["people"]] == ["999", "999"]
    assert "Canary" not in state.text
    assert state.json()["unexplained"] is False
    opened = lena.send(f"/w/visit/{visit.id}/room/emergency", NOTHING, x_csrf=lena.csrf())
    assert SEEN.whereabouts is not None
    assert [(one["name"], one["place"], one["call_back"]) for one in opened.json()["places"]] == [
        ("Dana", SEEN.whereabouts.place, SEEN.whereabouts.call_back),
        ("Mia (Ines)", SEEN.whereabouts.place, SEEN.whereabouts.call_back),
    ]
    assert lena.client.get(f"/w/visit/{visit.id}/room/state").json()["unexplained"] is True
    said = {"text": "Dana fell; an ambulance was called."}
    kept = lena.send(f"/w/visit/{visit.id}/room/emergency/reason", said, x_csrf=lena.csrf())
    assert kept.status_code == 200
    assert lena.client.get(f"/w/visit/{visit.id}/room/state").json()["unexplained"] is False


def test_nobody_else_opens_them(house: House, signed_in: SignIn) -> None:
    visit = house.live()
    for who in ("karim", "priya", "noor", "ola"):
        one = signed_in(who)
        answer = one.send(f"/w/visit/{visit.id}/room/emergency", NOTHING, x_csrf=one.csrf())
        assert answer.status_code in (403, 404), (who, answer.text)
        assert "Canary" not in answer.text


def test_a_place_that_is_too_long_is_refused_and_keeps_nobody_out(house: House, signed_in: SignIn) -> None:
    visit = house.live()
    lena = signed_in("lena")
    body = {"participant": house.mother_in(visit).id, "place": "x" * 301}
    assert lena.send(f"/w/visit/{visit.id}/room/admit", body, x_csrf=lena.csrf()).status_code == 422


def test_the_record_asks_why_where_nobody_has_said_it(house: House, signed_in: SignIn) -> None:
    visit = house.live()
    lena = signed_in("lena")
    lena.send(f"/w/visit/{visit.id}/room/emergency", NOTHING, x_csrf=lena.csrf())
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    page = f"/w/visit/{visit.id}/record"
    assert "Why you opened the emergency details" in lena.client.get(page).text
    form = {"csrf": lena.csrf(), "outcome": "completed", "what_happened": "They talked."}
    refused = lena.post(page, form)
    assert refused.status_code == 422
    assert "Write why you opened the emergency details of this visit." in refused.text
    before = house.snapshot(leaving_out=TRACES)
    for bad in ({"why_opened": "x" * 4001}, {"why_opened": "Dana fell.", "what_happened": ""}):
        assert lena.post(page, form | bad).status_code == 422
        assert house.snapshot(leaving_out=TRACES) == before, "a form that is refused keeps nothing"
    assert lena.post(page, form | {"why_opened": "Dana fell."}).status_code == 303
    with house.reading(house.cast.lena) as work:
        assert [note.text for note in remarks_of(work, visit.id, Remark.EMERGENCY)] == ["Dana fell."]
    signs_off = signed_in("priya").get(f"/w/visit/{visit.id}").text
    assert "Why the emergency details were opened" in signs_off
    assert "Dana fell." in signs_off


def test_whoever_handed_the_visit_over_since_finds_on_today_where_to_say_why(
    house: House, signed_in: SignIn
) -> None:
    visit = house.live()
    lena = signed_in("lena")
    lena.send(f"/w/visit/{visit.id}/room/emergency", NOTHING, x_csrf=lena.csrf())
    here = f"/w/visit/{visit.id}/why-opened"
    assert here not in lena.get("/w/today").text, "as long as she watches, its room and its record ask her"
    handed(house, visit, another(house))
    assert lena.get(f"/w/visit/{visit.id}").status_code == 404
    today = lena.get("/w/today").text
    assert f'href="{here}"' in today
    page = lena.get(here)
    assert page.status_code == 200
    assert "Mia" not in today + page.text, "the visit is not hers any more"
    assert lena.post(here, {"csrf": lena.csrf(here), "text": " "}).status_code == 422
    kept = lena.post(here, {"csrf": lena.csrf(here), "text": "Dana fell; an ambulance was called."})
    assert (kept.status_code, kept.headers["location"]) == (303, "/w/today")
    assert here not in lena.get("/w/today").text
    assert lena.get(here).status_code == 404
    with house.reading(house.cast.karim) as work:
        [said] = remarks_of(work, visit.id, Remark.EMERGENCY)
    assert said.text == "Dana fell; an ambulance was called."


def test_what_is_said_after_the_record_was_signed_stands_beside_it_and_says_so(
    house: House, signed_in: SignIn
) -> None:
    visit, sami = house.live(), another(house)
    lena, here = signed_in("lena"), f"/w/visit/{visit.id}/why-opened"
    lena.send(f"/w/visit/{visit.id}/room/emergency", NOTHING, x_csrf=lena.csrf())
    handed(house, visit, sami)
    with house.work(sami) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
        recording.submit(work, visit.id, Sections(what_happened="They sang."), Outcome.COMPLETED)
    with house.work(house.cast.priya) as work:
        recording.sign_off(work, visit.id)
    [signed] = sealed(house)
    karim = signed_in("karim")
    assert "Added after signing" not in karim.get(f"/w/visit/{visit.id}").text
    house.clock.at += timedelta(minutes=5)
    lena = signed_in("lena")
    assert lena.post(here, {"csrf": lena.csrf(here), "text": "Dana fell."}).status_code == 303
    page = karim.get(f"/w/visit/{visit.id}").text
    said = page[page.index("signed off by Priya Nair") :]
    assert "Dana fell." in said, "after the signature, not before it"
    assert "Added after signing, on" in said
    assert "by Lena Voss" in said
    assert sealed(house) == [signed], "what was signed is what it was"


def sealed(house: House) -> list[bytes]:
    with house.reading(house.cast.karim) as work:
        return [row.sealed for row in work.session.exec(select(VisitRecordRow))]


def test_nobody_else_says_why_on_that_page(house: House, signed_in: SignIn) -> None:
    visit = house.live()
    lena = signed_in("lena")
    lena.send(f"/w/visit/{visit.id}/room/emergency", NOTHING, x_csrf=lena.csrf())
    here = f"/w/visit/{visit.id}/why-opened"
    for who in ("karim", "priya", "noor", "ola"):
        one = signed_in(who)
        assert one.get(here).status_code == 404, who
        assert here not in one.get("/w/today").text
