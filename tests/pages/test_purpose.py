"""An auditor says what they read for before anything opens, and it stands beside each of their readings."""

from datetime import timedelta

import pytest
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.actor import Role
from contact_service.audit.events import AGENCY_CASE
from contact_service.readings.purpose import reads_for_a_purpose
from contact_service.readings.queries import cases_read_since, readers_by_day, readings_of
from contact_service.work import read
from tests.cast import PASSWORD, House
from tests.pages.conftest import Browser, SignIn, browser

PATH = "/w/purpose"


@pytest.fixture
def noor(app: ASGIApp) -> Browser:
    """Noor has just signed in and said nothing."""
    one = browser(app)
    answer = one.post("/w/sign-in", {"email": "noor@demo.example", "password": PASSWORD})
    assert answer.status_code == 303
    return one


def says(one: Browser, purpose: str, words: str) -> int:
    form = {"csrf": one.csrf(PATH), "purpose": purpose, "words": words}
    return one.post(PATH, form).status_code


def stated(house: House) -> list[tuple[object, object]]:
    """Purpose and its id of every reading, oldest first."""
    with read(house.installation, actor.SCHEDULE) as work:
        found = [
            one.fields["facts"] for one in readings_of(work, house.cast.case) if one.type == "record.read"
        ]
    return [(facts.get("purpose"), facts.get("purpose_ref")) for facts in found]


def test_nothing_opens_before_it_is_said_but_the_question_and_ones_own_sign_in(
    house: House, noor: Browser
) -> None:
    shut = ("/w/today", "/w/cases", "/w/log", "/w/readers", f"/w/case/{house.cast.case}", "/w/week")
    for path in (*shut, f"/w/child/{house.cast.mia}", f"/w/case/{house.cast.case}/history.csv"):
        answer = noor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, PATH), path
    for path in ("/me", "/cases", f"/cases/{house.cast.case}/history", "/staff"):
        answer = noor.client.get(f"/api/v1{path}")
        assert answer.status_code == (200 if path == "/me" else 403), path
        assert path == "/me" or answer.json()["type"].endswith(":purpose-needed")
    assert [noor.get(path).status_code for path in ("/w/account", PATH)] == [200, 200]
    assert stated(house) == []


def test_a_purpose_is_chosen_and_put_into_words(noor: Browser) -> None:
    for purpose, words in (("", "Inspection 17"), ("curiosity", "Inspection 17"), ("inspection", "17")):
        assert says(noor, purpose, words) == 422
        assert noor.get("/w/cases").status_code == 303
    assert says(noor, "inspection", "Inspection 2030/17") == 303
    assert "You read for: An inspection." in noor.get("/w/cases").text


def test_it_stands_beside_each_reading_and_another_one_from_when_it_is_said(
    house: House, noor: Browser, signed_in: SignIn
) -> None:
    case = f"/w/case/{house.cast.case}"
    assert says(noor, "inspection", "Inspection 2030/17") == 303
    assert noor.get(case).status_code == 200
    assert says(noor, "complaint", "Complaint 2030/4") == 303
    assert noor.get(case).status_code == 200
    signed_in("karim").get(f"/w/child/{house.cast.mia}")
    first, second, third = stated(house)
    assert [one[0] for one in (first, second, third)] == ["inspection", "complaint", None]
    assert first[1] != second[1]
    said = [e.fields for e in house.entries(AGENCY_CASE) if e.type == "purpose.stated"]
    assert [entry["reason"] for entry in said] == ["inspection", "complaint"]
    assert "2030" not in str(said)
    page = signed_in("priya").get(f"{case}/readings").text
    assert "For: An inspection (<bdi>Inspection 2030/17</bdi>)" in page
    assert "For: A complaint (<bdi>Complaint 2030/4</bdi>)" in page


def test_two_sign_ins_at_once_each_leave_their_own_purpose(app: ASGIApp, house: House, noor: Browser) -> None:
    case, other = f"/w/case/{house.cast.case}", browser(app)
    other.post("/w/sign-in", {"email": "noor@demo.example", "password": PASSWORD})
    assert says(noor, "inspection", "Inspection 2030/17") == 303
    assert says(other, "complaint", "Complaint 2030/4") == 303
    for one in (noor, other, noor, other):
        assert one.get(case).status_code == 200
    assert [purpose for purpose, _ in stated(house)] == ["inspection", "complaint"]


def test_another_purpose_makes_nobody_forget_whose_records_were_read(house: House, noor: Browser) -> None:
    assert says(noor, "inspection", "Inspection 2030/17") == 303
    assert noor.get(f"/w/case/{house.cast.case}").status_code == 200
    for _ in range(2):
        assert says(noor, "complaint", "Complaint 2030/4") == 303
        with house.reading(house.cast.noor) as work:
            assert cases_read_since(work, work.actor.ref, work.now) == 1
            assert [count for _, _, count in readers_by_day(work)] == [1]


def test_it_ends_with_the_sign_in(app: ASGIApp, house: House, noor: Browser) -> None:
    assert says(noor, "inspection", "Inspection 2030/17") == 303
    other = browser(app)
    other.post("/w/sign-in", {"email": "noor@demo.example", "password": PASSWORD})
    assert other.get("/w/cases").status_code == 303
    house.clock.forward(timedelta(hours=1))
    noor.post("/w/sign-in", {"email": "noor@demo.example", "password": PASSWORD})
    assert noor.get("/w/cases").headers["location"] == PATH


@pytest.mark.parametrize("name", ["karim", "priya", "lena", "ola"])
def test_nobody_else_is_asked(signed_in: SignIn, name: str) -> None:
    one = signed_in(name)
    assert one.get(PATH).status_code == 403
    assert one.get("/w/account").status_code == 200


def test_whoever_is_an_approver_too_reads_as_one() -> None:
    assert reads_for_a_purpose((Role.AUDITOR, Role.WORKER))
    assert not reads_for_a_purpose((Role.AUDITOR, Role.APPROVER))
    assert not reads_for_a_purpose((Role.WORKER, Role.ADMINISTRATOR))
