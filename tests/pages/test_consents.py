"""What a worker records by hand, what a family says on its page, and what each no asks somebody to do."""

import re

import pytest

from contact_service.consent import queries
from contact_service.consent.consent import ConsentState
from tests.actions.test_reissuing import replaced
from tests.cast import House
from tests.pages.conftest import Browser, Dana, SignIn

RECORDED = {"purpose": "take_part", "state": "given", "method": "by_decision_holder", "holder": "agency"}


def record(one: Browser, house: House, **form: str) -> int:
    posted = RECORDED | {"person": house.cast.mia, "csrf": one.csrf()} | form
    return one.post(f"/w/child/{house.cast.mia}/consent", posted).status_code


def test_an_objection_is_put_before_an_approver_and_done_with_a_reason(
    house: House, signed_in: SignIn
) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    assert record(karim, house, state="declined") == 303
    assert "objects to visits of Mia" not in karim.get("/w/today").text
    today = priya.get("/w/today").text
    assert "objects to visits of Mia" in today
    there = re.search(r"/w/follow-up/[0-9a-f]{32}/done", today)
    assert there
    assert karim.post(there[0], {"csrf": karim.csrf(), "reason": "plan_changed"}).status_code == 403
    assert priya.post(there[0], {"csrf": priya.csrf(), "reason": "because"}).status_code == 422
    assert priya.post(there[0], {"csrf": priya.csrf(), "reason": "plan_changed"}).status_code == 303
    assert "objects to visits of Mia" not in priya.get("/w/today").text
    assert priya.post(there[0], {"csrf": priya.csrf(), "reason": "plan_changed"}).status_code == 409


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("person", {"person": "0" * 32}),
        ("purpose", {"purpose": "dance"}),
        ("state", {"state": "maybe"}),
        ("method", {"method": "on_the_page"}),
        ("method", {"method": "spoken"}),
        ("holder", {"holder": ""}),
        ("holder", {"holder": "person:" + "0" * 32}),
    ],
)
def test_what_cannot_be_recorded_is_said_at_its_field(
    house: House, signed_in: SignIn, field: str, form: dict[str, str]
) -> None:
    karim = signed_in("karim")
    posted = RECORDED | {"person": house.cast.mia, "csrf": karim.csrf()} | form
    answer = karim.post(f"/w/child/{house.cast.mia}/consent", posted)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_a_spoken_answer_names_who_heard_it(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    said = {"person": house.cast.emil, "method": "spoken", "holder": ""}
    assert record(karim, house, **said) == 422
    assert record(karim, house, **said, witness=house.cast.karim) == 422
    assert record(karim, house, **said, witness=house.cast.lena) == 303
    assert "spoken, heard by two of us" in karim.get(f"/w/child/{house.cast.mia}").text


def answer_card(one: Browser, base: str, number: int, purpose: str, answer: str) -> str:
    csrf = re.search('name="csrf" value="([^"]+)"', one.get(f"{base}/consent/{number}").text)
    assert csrf
    form = {"csrf": csrf[1], "purpose": purpose, "version": "1", "answer": answer}
    location: str = one.post(f"{base}/consent/{number}", form).headers.get("location", "")
    return location


def test_the_worker_sees_that_nobody_has_told_who_held_the_device(
    house: House, dana: Dana, signed_in: SignIn
) -> None:
    one, _, base = dana
    answer_card(one, base, 1, "take_part", "unseen")
    page = signed_in("karim").get(f"/w/child/{house.cast.mia}").text
    assert "nobody has told yet who held the device" in page
    assert "without picture" in page


def test_everybody_gets_a_copy_of_what_they_said(house: House, dana: Dana) -> None:
    one, visit, base = dana
    there = ""
    for number, purpose in enumerate(("take_part", "be_supervised", "notes_kept", "no_recording"), 1):
        there = answer_card(one, base, number, purpose, "yes")
    assert there == f"{base}/answers"
    assert [m.kind for m in house.messages(visit) if m.person == house.cast.dana][-1] == "consent_copy"


def test_a_consent_card_is_not_read_as_a_notice_nor_the_other_way_round(dana: Dana) -> None:
    one, _, base = dana
    assert answer_card(one, base, 1, "take_part", "read") == ""


def test_the_child_is_asked_in_words_for_their_age_and_their_word_is_kept(house: House, ines: Dana) -> None:
    one, visit, base = ines
    page = one.get(f"{base}/start").text
    assert "A grown-up watches over it." in page
    csrf = re.search('name="csrf" value="([^"]+)"', page)
    assert csrf
    said = {"csrf": csrf[1], "version": "1", "answer": "no"}
    assert one.post(f"{base}/start", said | {"child": house.cast.jonas}).status_code == 404
    answer = one.post(f"{base}/start", said | {"child": house.cast.mia})
    assert answer.headers["location"] == f"{base}/start?child={house.cast.mia}"
    assert "Nobody will be cross." in one.get(f"{base}/start").text
    assert house.history()[-1] == "assent.declined"
    assert visit.state == "waiting"


def test_a_childs_yes_on_a_wrong_device_is_asked_anew_behind_the_new_link(house: House, ines: Dana) -> None:
    one, visit, base = ines
    csrf = re.search('name="csrf" value="([^"]+)"', one.get(f"{base}/start").text)
    assert csrf
    said = {"csrf": csrf[1], "version": "1", "answer": "yes", "child": house.cast.mia}
    assert one.post(f"{base}/start", said).status_code == 303
    link = house.invitation(visit, house.cast.ines).id
    replaced(house, visit, person=house.cast.ines)
    new = house.invitation(visit, house.cast.ines).id
    with house.reading(house.cast.karim) as work:
        assert queries.assent_of(work, house.cast.mia, visit.id, on=(link,)) is ConsentState.GIVEN
        assert queries.assent_of(work, house.cast.mia, visit.id, on=(new,)) is ConsentState.NEEDED


def test_only_the_carers_device_speaks_for_the_child(house: House, dana: Dana) -> None:
    one, _, base = dana
    csrf = re.search('name="csrf" value="([^"]+)"', one.get(f"{base}/withdraw").text)
    assert csrf
    answer = one.post(
        f"{base}/start", {"csrf": csrf[1], "child": house.cast.mia, "version": "1", "answer": "yes"}
    )
    assert answer.status_code == 404
