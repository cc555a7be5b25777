"""What is out of the ordinary, on pages: emergencies, visits in doubt, approvals by the policy, reasons that punish."""

from contact_service.follow_ups import queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.visits.visit import VisitState
from tests.actions.test_doubts import end_approval, in_doubt, publish
from tests.actions.test_emergency import (
    AUTOMATIC,
    EMERGENCY,
    PUNISHING,
    accept,
    another_approver,
    met_before,
    together,
)
from tests.cast import House
from tests.pages.conftest import Browser, SignIn


def wish(house: House, one: Browser, **form: object) -> dict[str, object]:
    """This afternoon at four: three hours away, where a day of notice is asked for."""
    known = {
        "csrf": one.csrf(),
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "date": "2030-05-14",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
    }
    return known | form


def test_an_emergency_is_offered_only_where_it_would_do(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    assert "Can it not wait?" not in karim.get(f"/w/book?child={house.cast.mia}").text
    hurried = karim.post("/w/book", wish(house, karim))
    assert hurried.status_code == 409
    assert "Can it not wait?" in hurried.text
    never = karim.post("/w/book", wish(house, karim, people=[house.cast.viktor, house.cast.ines]))
    assert "Can it not wait?" not in never.text
    assert karim.post("/w/book", wish(house, karim, emergency="because")).status_code == 422


def test_an_emergency_goes_from_the_worker_over_the_approver_to_somebody_else(
    house: House, signed_in: SignIn
) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    booked = karim.post("/w/book", wish(house, karim, emergency="child_in_distress"))
    assert booked.status_code == 303
    page = priya.get("/w/approvals").text
    for said in ("The child is in distress and needs them", "Approve as an emergency", "R5"):
        assert said in page, said
    visit = booked.headers["location"].rpartition("/")[2]
    version = house.visit(visit).revision  # type: ignore[arg-type]
    approved = priya.post(f"/w/approvals/{visit}/approve", {"csrf": priya.csrf(), "version": version})
    assert approved.status_code == 303
    assert "The child is in distress and needs them" in karim.get(f"/w/visit/{visit}").text
    mine = priya.get("/w/today").text
    assert "Somebody who had no part in it looks at it." in mine
    assert "It was right to set the rules aside" not in mine
    another_approver(house)
    tess = signed_in("tess")
    with house.reading(house.cast.priya) as work:
        [review] = follow_ups.open_about(work, visit, FollowUpKind.OVERRIDE_REVIEW)  # type: ignore[arg-type]
    assert "It was right to set the rules aside" in tess.get("/w/today").text
    form = {"csrf": tess.csrf(), "reason": "emergency_right"}
    assert tess.post(f"/w/follow-up/{review.id}/done", form).status_code == 303
    assert "Somebody who had no part in it" not in priya.get("/w/today").text


def test_a_visit_in_doubt_is_told_to_everybody_who_sees_it_and_decided_by_an_approver(
    house: House, signed_in: SignIn
) -> None:
    visit = house.approved()
    karim, priya = signed_in("karim"), signed_in("priya")
    end_approval(house)
    here = f"/w/visit/{visit.id}"
    assert "An approver decides whether it stands." in karim.get(here).text
    assert f"/w/approvals#doubt-{visit.id}" in priya.get(here).text
    for page in (priya.get("/w/approvals").text, karim.get(here).text):
        assert "Dana is no longer approved to meet Mia." in page
        assert f"/w/child/{house.cast.mia}/people" in page
    form = {"csrf": priya.csrf(), "version": visit.revision, "reason": "visit_stands", "text": ""}
    stands = f"/w/approvals/{visit.id}/stands"
    refused = priya.post(stands, form)
    assert '<option value="visit_stands" selected>' in refused.text
    assert refused.status_code == 422
    assert f'href="#text-{visit.id}"' in refused.text
    assert in_doubt(house, visit)
    assert karim.post(stands, form | {"csrf": karim.csrf(), "text": "I say so."}).status_code == 403
    assert priya.post(stands, form | {"text": "The judge asked for it."}).status_code == 303
    assert not in_doubt(house, visit)
    assert "This visit is in doubt" not in karim.get(here).text
    assert priya.post(stands, form | {"text": "Again."}).status_code == 409


def test_today_marks_a_visit_in_doubt(house: House, signed_in: SignIn) -> None:
    house.approved()
    end_approval(house)
    house.clock.at = house.clock.at.replace(day=15, hour=8)
    karim, priya = signed_in("karim"), signed_in("priya")
    assert "In doubt" in karim.get("/w/today").text
    asked = priya.get("/w/today").text
    assert "A booked visit with Mia is in doubt. Look at it." in asked
    assert "/w/follow-up/" not in asked


def test_a_doubt_is_not_waved_through_from_today(house: House, signed_in: SignIn) -> None:
    visit = house.approved()
    end_approval(house)
    with house.reading(house.cast.priya) as work:
        [doubt] = follow_ups.open_about(work, visit.id, FollowUpKind.IN_DOUBT)
    priya = signed_in("priya")
    form = {"csrf": priya.csrf(), "reason": "visit_stands"}
    assert priya.post(f"/w/follow-up/{doubt.id}/done", form).status_code == 422
    assert in_doubt(house, visit)


def test_an_approval_by_the_policy_says_that_no_person_decided(house: House, signed_in: SignIn) -> None:
    publish(house, AUTOMATIC)
    accept(house)
    met_before(house)
    visit = house.requested(**together(house))
    page = signed_in("karim").get(f"/w/visit/{visit.id}").text
    assert "The agency’s policy approves such visits without a person: brothers and sisters." in page
    assert "A visit was approved by the policy, without a person" in page
    noor = signed_in("noor")
    assert (
        "A visit was approved by the policy, without a person" in noor.get(f"/w/case/{house.cast.case}").text
    )


def test_reasons_that_punish_come_back_with_what_was_typed(house: House, signed_in: SignIn) -> None:
    karim, visit = signed_in("karim"), house.approved()
    form = {
        "csrf": karim.csrf(),
        "version": visit.revision,
        "reason": "child_declined",
        "text": PUNISHING,
    }
    page = karim.post(f"/w/visit/{visit.id}/cancel", form)
    assert page.status_code == 422
    assert PUNISHING in page.text
    assert "never a reward or a punishment" in page.text
    assert house.state(visit) is VisitState.APPROVED
    assert (
        karim.post(f"/w/visit/{visit.id}/cancel", form | {"text": "Mia would rather play."}).status_code
        == 303
    )


def test_the_change_form_of_an_emergency_knows_that_it_is_one(house: House, signed_in: SignIn) -> None:
    visit = house.requested(**EMERGENCY)
    page = signed_in("karim").get(f"/w/visit/{visit.id}/change").text
    assert '<option value="child_in_distress" selected>' in page
