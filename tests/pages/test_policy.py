"""The policy on the page: read by all, written by one, published by another, accepted before an act."""

import re

from tests.cast import House
from tests.pages.conftest import SignIn

LATER = "title: Later\nlimits: {minimum_notice: 2 days}\nhours: {earliest: 18:00, latest: 20:00}\n"


def test_everybody_on_the_staff_reads_the_policy_in_force_with_its_sources(signed_in: SignIn) -> None:
    for name in ("karim", "priya", "lena", "noor", "ola"):
        page = signed_in(name).get("/w/policy")
        assert page.status_code == 200
        assert "Notice a visit needs" in page.text


def test_a_pack_is_a_text_to_start_from(signed_in: SignIn) -> None:
    priya = signed_in("priya")
    page = priya.get("/w/policy/write?start=england")
    assert "Children Act 1989" in page.text
    assert priya.get("/w/policy/write?start=narnia").status_code == 404


def test_faults_come_back_with_their_lines_and_what_was_typed(signed_in: SignIn) -> None:
    priya = signed_in("priya")
    answer = priya.post("/w/policy/write", {"csrf": priya.csrf(), "text": "limits:\n  early_entry: soon\n"})
    assert answer.status_code == 422
    assert "Line 2: Write a number and a unit" in answer.text
    assert "early_entry: soon" in answer.text


def test_a_text_beyond_the_limit_is_refused_in_words(signed_in: SignIn) -> None:
    priya = signed_in("priya")
    answer = priya.post("/w/policy/write", {"csrf": priya.csrf(), "text": "# " + "x" * 70_000})
    assert answer.status_code == 422
    assert "64 KiB" in answer.text


def test_whoever_decides_sees_what_changes_and_whom_it_would_stop(house: House, signed_in: SignIn) -> None:
    visit = house.approved()
    noor = signed_in("noor")
    priya, ola = signed_in("priya"), signed_in("ola")
    there = priya.post("/w/policy/write", {"csrf": priya.csrf(), "text": LATER}).headers["location"]
    own = priya.get(there).text
    assert "You wrote this version" in own
    assert "/publish" not in own
    page = ola.get(there).text
    assert re.search("Notice a visit needs.*1 day.*2 days", page, re.DOTALL)
    assert "1 visit is in a case that you do not see" in page
    assert visit.id not in page
    assert f"/w/visit/{visit.id}" in own
    assert f"/w/visit/{visit.id}" in noor.get(there).text
    assert "Visits are between 18:00 and 20:00" in own
    assert ola.post(f"{there}/publish", {"csrf": ola.csrf()}).headers["location"] == "/w/policy"
    assert "Policy: Later" in ola.get("/w/policy").text


def test_a_new_version_is_read_before_the_next_booking_and_the_next_approval(
    house: House, signed_in: SignIn
) -> None:
    house.requested()
    priya, ola, karim = signed_in("priya"), signed_in("ola"), signed_in("karim")
    there = priya.post("/w/policy/write", {"csrf": priya.csrf(), "text": LATER}).headers["location"]
    ola.post(f"{there}/publish", {"csrf": ola.csrf()})
    for one, page, act, control in (
        (karim, "/w/book", "book", "Which child?"),
        (priya, "/w/approvals", "approve", "/approve"),
    ):
        before = one.get(page).text
        assert "Before you go on" in before
        assert control not in before.replace("/w/approvals", "")
        accepted = one.post("/w/policy/accept", {"csrf": one.csrf(), "version": 2, "act": act})
        assert accepted.headers["location"] == page
        after = one.get(page).text
        assert "you have read it" in after
        assert control in after


def test_an_old_version_cannot_be_accepted(signed_in: SignIn) -> None:
    karim = signed_in("karim")
    answer = karim.post("/w/policy/accept", {"csrf": karim.csrf(), "version": 0, "act": "book"})
    assert answer.status_code == 409
