"""A worker changes a plan and stops a visit; an approver decides on both; nobody decides alone."""

import re
from datetime import UTC, datetime

import pytest

from contact_service.restrictions.queries import restrictions_of
from contact_service.restrictions.restriction import RestrictionState
from tests.actions.test_plans_and_orders import recorded
from tests.cast import House
from tests.pages.conftest import Browser, SignIn

TERMS = {
    "medium": "video",
    "level": "supervised",
    "minutes": "40",
    "risk": "standard",
    "purpose": "identity",
    "per": "week",
    "least": "1",
    "most": "2",
    "gap_days": "2",
    "days": ["saturday", "sunday"],
    "earliest": "10:00",
    "latest": "18:00",
    "step_on": "2030-07-01",
    "step_level": "monitored",
    "review_on": "2030-08-01",
}


def propose(one: Browser, house: House, **form: object) -> tuple[int, str]:
    posted = TERMS | {"person": house.cast.dana, "csrf": one.csrf()} | form
    answer = one.post(f"/w/child/{house.cast.mia}/plan", posted)
    return answer.status_code, answer.text


def test_a_change_of_terms_waits_for_an_approver_who_sees_what_differs(
    house: House, signed_in: SignIn
) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    assert propose(karim, house)[0] == 303
    mine = karim.get(f"/w/child/{house.cast.mia}/plan").text
    assert "Version 1 is in force" in mine
    assert "Version 2 waits for an approver" in mine
    page = priya.get("/w/approvals").text
    for said in (
        "at least 1 a week, at most 2 a week, 2 days in between",
        "Saturday, Sunday, 10:00 to 18:00",
    ):
        assert said in page, said
    assert "This is a decision about the level." in page
    there = re.search(r"/w/plan/[0-9a-f]{32}", page)
    assert there
    assert karim.post(f"{there[0]}/approve", {"csrf": karim.csrf()}).status_code == 403
    assert priya.post(f"{there[0]}/approve", {"csrf": priya.csrf()}).status_code == 303
    assert "Version 2 is in force" in karim.get(f"/w/child/{house.cast.mia}/plan").text
    assert priya.post(f"{there[0]}/decline", {"csrf": priya.csrf()}).status_code == 409


def test_several_people_are_changed_before_the_approver_decides(house: House, signed_in: SignIn) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    propose(karim, house)
    propose(karim, house, person=house.cast.emil, take_out="yes")
    page = priya.get("/w/approvals").text
    assert "version 3" in page
    assert "Taken out of the plan" in page
    assert "at least 1 a week" in page


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("person", {"person": ""}),
        ("medium", {"medium": "letter"}),
        ("level", {"level": ""}),
        ("minutes", {"minutes": "many"}),
        ("minutes", {"minutes": ""}),
        ("per", {"per": ""}),
        ("most", {"most": "²"}),
        ("latest", {"earliest": "18:00", "latest": "10:00"}),
        ("earliest", {"earliest": "noon"}),
        ("step_level", {"step_level": ""}),
        ("step_on", {"step_on": "soon"}),
        ("review_on", {"review_on": ""}),
        ("review_on", {"review_on": "9999-12-31"}),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_kept(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    karim = signed_in("karim")
    status, text = propose(karim, house, **form)
    assert status == 422
    assert f'href="#{field}"' in text
    assert "waits for an approver" not in karim.get(f"/w/child/{house.cast.mia}/plan").text


def test_a_refusal_by_a_rule_says_what_to_do_and_keeps_what_was_typed(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    status, text = propose(
        karim, house, person=house.cast.viktor, minutes="4", least="3", review_on="2031-01-01"
    )
    assert status == 409
    for rule in ("R33", "R34", "R35", "R36"):
        assert rule in text, rule
    assert 'value="4"' in text


def stop(one: Browser, house: House, **form: object) -> int:
    posted = {
        "kind": "suspended",
        "restricted": house.cast.dana,
        "source": "agency_decision",
        "reason": "safety",
    }
    return one.post(
        f"/w/child/{house.cast.mia}/restriction", posted | {"csrf": one.csrf()} | form
    ).status_code


def test_an_urgent_stop_is_seen_by_the_approver_with_its_end(house: House, signed_in: SignIn) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    assert stop(karim, house, reason="") == 422
    assert stop(karim, house, reason="because") == 422
    assert stop(karim, house) == 303
    page = priya.get("/w/approvals").text
    assert "Urgent stop until 21 May 2030" in page
    there = re.search(r"/w/restriction/[0-9a-f]{32}/go-on", page)
    assert there
    refused = priya.post(there[0], {"csrf": priya.csrf(), "order": ""})
    assert refused.status_code == 409
    assert "R45" in refused.text
    house.clock.at = house.clock.at.replace(day=22)
    karim = signed_in("karim")
    assert stop(karim, house) == 409


def test_a_restriction_is_lifted_by_a_second_person(house: House, signed_in: SignIn) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    page = karim.get(f"/w/child/{house.cast.mia}").text
    there = re.search(r"/w/restriction/[0-9a-f]{32}", page)
    assert there
    assert karim.post(f"{there[0]}/ask-to-lift", {"csrf": karim.csrf()}).status_code == 303
    assert "a second person decides" in karim.get(f"/w/child/{house.cast.mia}").text
    assert "Somebody asks to lift a restriction" in priya.get("/w/approvals").text
    assert karim.post(f"{there[0]}/lift", {"csrf": karim.csrf()}).status_code == 403
    assert priya.post(f"{there[0]}/lift", {"csrf": priya.csrf()}).status_code == 303
    assert "Somebody asks to lift" not in priya.get("/w/approvals").text


def test_a_restriction_may_begin_later_end_by_itself_and_rest_on_an_order(
    house: House, signed_in: SignIn
) -> None:
    kept = recorded(house)
    karim = signed_in("karim")
    later = {"kind": "no_contact", "source": "court_order", "reason": "", "order": kept}
    assert stop(karim, house, **later, starts_on="2030-05-20", ends_on="2030-05-31") == 303
    with house.reading(house.cast.karim) as work:
        found = max(restrictions_of(work, house.cast.case), key=lambda r: r.starts_at)
    assert (found.order, found.state(house.clock.at)) == (kept, RestrictionState.PENDING)
    # British summer time: the days begin at 23:00 UTC.
    assert found.starts_at == datetime(2030, 5, 19, 23, tzinfo=UTC)
    assert found.ends_at == datetime(2030, 5, 31, 23, tzinfo=UTC)
    page = karim.get(f"/w/child/{house.cast.mia}").text
    assert "20 May 2030" in page
    assert "31 May 2030" in page


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"starts_on": "2030-05-13"}, "starts_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"ends_on": "2030-05-13"}, "ends_on"),
        ({"starts_on": "2030-05-20", "ends_on": "2030-05-19"}, "ends_on"),
        ({"ends_on": "0001-01-01"}, "ends_on"),
        ({"order": "f" * 32}, "order"),
    ],
)
def test_a_restriction_that_cannot_be_is_said_at_its_field(
    house: House, signed_in: SignIn, form: dict[str, str], field: str
) -> None:
    karim, before = signed_in("karim"), len(house.entries())
    posted = {"kind": "no_contact", "restricted": house.cast.dana, "source": "agency_decision"}
    answer = karim.post(f"/w/child/{house.cast.mia}/restriction", posted | {"csrf": karim.csrf()} | form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert len(house.entries()) == before
