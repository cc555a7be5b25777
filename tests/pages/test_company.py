"""Who else is in the room: everybody says it before the waiting room, and the visit supervisor looks (feature G7)."""

from contact_service.visits.visit import Company, Visit
from tests.cast import House
from tests.pages.conftest import Browser, SignIn

Dana = tuple[Browser, Visit, str]


def company_of(house: House, visit: Visit) -> Company | None:
    return house.mother_in(house.visit(visit.id)).company


def test_the_room_opens_only_to_who_has_said_who_is_with_them(house: House, dana: Dana) -> None:
    one, visit, base = dana
    sent = one.get(f"{base}/room")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{base}/company")
    assert "Who is in the room with you?" in one.get(f"{base}/company").text
    answered = one.post(f"{base}/company", {"csrf": one.csrf(f"{base}/company"), "company": "adult"})
    assert (answered.status_code, answered.headers["location"]) == (303, f"{base}/room")
    assert company_of(house, visit) is Company.ADULT
    assert house.last_entry()["type"] == "company.told"
    assert one.get(f"{base}/room").status_code == 200


def test_an_answer_that_is_none_is_no_answer(house: House, dana: Dana) -> None:
    one, visit, base = dana
    token = one.csrf(f"{base}/company")
    for wrong in ({}, {"company": ""}, {"company": "ghost"}, {"company": "nobody", "who": "Viktor"}):
        assert one.post(f"{base}/company", {"csrf": token} | wrong).status_code == 422
    assert company_of(house, visit) is None


def test_the_visit_supervisor_reads_what_was_said(dana: Dana, signed_in: SignIn) -> None:
    one, visit, base = dana
    lena = signed_in("lena")
    state = f"/w/visit/{visit.id}/room/state"
    assert {p["company"] for p in lena.get(state).json()["people"]} == {None}
    one.post(f"{base}/company", {"csrf": one.csrf(f"{base}/company"), "company": "several"})
    assert {p["company"] for p in lena.get(state).json()["people"]} == {None, "several"}
