"""Visits in doubt: a later fact speaks against what is booked; an approver says why it stands (feature K5)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contact_service import actor
from contact_service.agency_policy import actions as agency_policy
from contact_service.approvals.actions import planning
from contact_service.approvals.actions.meeting import approve_to_meet, end_approval_to_meet
from contact_service.approvals.actions.publishing import publish_policy
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.follow_ups import actions as follow_ups, queries as asked
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind
from contact_service.identity import actions as identity
from contact_service.invitations.actions import inviting
from contact_service.jobs.stops import doubt_visits
from contact_service.jobs.turns import Hold
from contact_service.operations.actions import take_turn
from contact_service.people.actions.members import change_details
from contact_service.people.language import Language
from contact_service.people.queries.members import details_of
from contact_service.plans.terms import PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.visits.actions.doubting import clear_doubt
from contact_service.visits.queries.doubting import doubts, is_in_doubt
from contact_service.visits.queries.writing import remarks_of
from contact_service.visits.reasons import CancelReason
from contact_service.visits.record import Remark
from contact_service.visits.visit import Visit, VisitState
from tests.cast import House


def time_has_passed(house: House) -> None:
    """The job that looks at what only time changes has its turn."""
    with house.as_actor(actor.SCHEDULE) as work:
        turn = take_turn(work, "doubt visits", work.new_id(), lease=timedelta(minutes=1))
    assert turn is not None
    doubt_visits(Hold(installation=house.installation, turn=turn))


def end_approval(house: House) -> None:
    """From now Dana may not be put on a visit with Mia."""
    with house.work(house.cast.karim) as work:
        assert end_approval_to_meet(work, house.cast.mia, house.cast.dana)


def in_doubt(house: House, visit: Visit) -> bool:
    with house.reading(house.cast.priya) as work:
        return is_in_doubt(work, visit)


def open_doubt(house: House, visit: Visit) -> FollowUp:
    with house.reading(house.cast.priya) as work:
        [found] = asked.open_about(work, visit.id, FollowUpKind.IN_DOUBT)
    return found


def rules_against(house: House) -> list[list[str]]:
    """The rules that speak against each visit in doubt, as an approver reads them."""
    with house.reading(house.cast.priya) as work:
        return [[reason.rule for reason in doubt.reasons] for doubt in doubts(work)]


def cleared(
    house: House, visit: Visit, *, reason: str = "visit_stands", text: str = "The court asks."
) -> None:
    with house.work(house.cast.priya) as work:
        clear_doubt(work, visit.id, reason, text)


def publish(house: House, policy: str) -> int:
    with house.work(house.cast.priya) as work:
        version = agency_policy.propose_policy(work, policy)
    with house.work(house.cast.ola) as work:
        return publish_policy(work, version)


def replan(house: House, *, minutes: int) -> None:
    """A new plan for Mia, approved by somebody else, in which visits with Dana last ``minutes``."""
    with house.work(house.cast.karim) as work:
        terms = PlanPerson(
            person=house.cast.dana, level=SupervisionLevel.SUPERVISED, length=timedelta(minutes=minutes)
        )
        plan = planning.propose_plan(work, house.cast.mia, with_people=[terms], review_on=date(2030, 8, 1))
    assert not isinstance(plan, Refused), plan
    with house.work(house.cast.priya) as work:
        assert not isinstance(planning.approve_plan(work, plan), Refused)


@pytest.mark.rule("R47")
def test_nobody_books_a_person_whose_approval_has_ended(house: House) -> None:
    end_approval(house)
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish())
    assert isinstance(result, Refused)
    assert [(reason.rule, reason.code) for reason in result.reasons] == [("R47", "not_approved")]
    assert house.history()[-1] == "booking.refused"


@pytest.mark.rule("R47")
def test_an_approval_that_ends_later_puts_booked_visits_in_doubt_in_the_same_transaction(
    house: House,
) -> None:
    visit = house.approved()
    entries = len(house.history())
    end_approval(house)
    assert in_doubt(house, visit)
    assert house.state(visit) is VisitState.APPROVED
    assert "follow_up.made" in house.since(entries)
    made = next(e.fields for e in house.entries() if e.fields.get("reason") == "in_doubt")
    assert made["decision"]["rules"] == ["R47"]
    assert rules_against(house) == [["R47"]]


def test_a_visit_that_is_only_asked_for_is_refused_at_its_approval_and_not_in_doubt(house: House) -> None:
    visit = house.requested()
    end_approval(house)
    assert not in_doubt(house, visit)
    with house.work(house.cast.priya) as work:
        result = inviting.approve(work, visit.id)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["not_approved"]


def test_a_new_plan_puts_what_it_would_refuse_in_doubt_and_nothing_else(house: House) -> None:
    visit = house.approved()
    replan(house, minutes=30)
    assert not in_doubt(house, visit)
    replan(house, minutes=20)
    assert in_doubt(house, visit)
    with house.reading(house.cast.priya) as work:
        assert [reason.code for doubt in doubts(work) for reason in doubt.reasons] == ["longer_than_plan"]


def test_a_new_policy_puts_what_it_would_refuse_in_doubt(house: House) -> None:
    visit = house.approved()
    assert publish(house, "title: Short\nlimits: {longest: 20 min}\n") == 1
    assert in_doubt(house, visit)
    assert publish(house, "title: Longer notice\nlimits: {minimum_notice: 3 days}\n") == 0


@pytest.mark.rule("R51")
def test_what_nobody_reported_is_found_by_the_clock(house: House) -> None:
    """Dana's language is corrected; no act of deciding follows, the job sees it."""
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        details = details_of(work, house.cast.dana)
        change_details(work, house.cast.dana, replace(details, languages=(Language(tag="pl"),)))
    assert not in_doubt(house, visit)
    time_has_passed(house)
    assert rules_against(house) == [["R51"]]
    entries = len(house.history())
    time_has_passed(house)
    assert house.since(entries) == []
    with house.as_actor(actor.COMMAND_LINE) as work:
        identity.set_languages(work, house.cast.lena, [Language(tag="pl")])
    assert rules_against(house) == [[]]


def test_it_stands_only_with_words_while_rules_speak_against_it(house: House) -> None:
    visit = house.approved()
    end_approval(house)
    before = house.snapshot()
    with pytest.raises(BadInput) as wrong:
        cleared(house, visit, text=" ")
    assert wrong.value.field == "text"
    assert house.snapshot() == before
    cleared(house, visit, text="The judge asked for this one on the phone.")
    assert not in_doubt(house, visit)
    assert house.state(visit) is VisitState.APPROVED
    with house.reading(house.cast.priya) as work:
        [note] = remarks_of(work, visit.id, Remark.DOUBT)
    assert note.text == "The judge asked for this one on the phone."
    assert house.history()[-1] == "follow_up.done"
    assert house.last_entry()["reason"] == "visit_stands"
    assert "judge" not in str([entry.fields for entry in house.entries()])


def test_no_words_are_needed_once_it_has_been_put_right(house: House) -> None:
    visit = house.approved()
    end_approval(house)
    with house.work(house.cast.priya) as work:
        assert approve_to_meet(work, house.cast.mia, house.cast.dana)
    assert rules_against(house) == [[]]
    cleared(house, visit, reason="put_right", text="")
    assert not in_doubt(house, visit)


def test_a_doubt_is_cleared_once_by_an_approver_for_a_known_reason(house: House) -> None:
    visit = house.approved()
    with pytest.raises(Conflict):
        cleared(house, visit)
    end_approval(house)
    with pytest.raises(NotAllowed), house.work(house.cast.karim) as work:
        clear_doubt(work, visit.id, "visit_stands", "I like it.")
    for unknown in ("", "spoken_to_them", "not_needed"):
        with pytest.raises(BadInput):
            cleared(house, visit, reason=unknown)
    doubt = open_doubt(house, visit).id
    with pytest.raises(BadInput), house.work(house.cast.priya) as work:
        follow_ups.mark_done(work, doubt, "visit_stands")
    cleared(house, visit)
    with pytest.raises(Conflict):
        cleared(house, visit)


def test_the_same_reasons_are_asked_about_once_and_new_ones_again(house: House) -> None:
    visit = house.approved()
    end_approval(house)
    cleared(house, visit)
    time_has_passed(house)
    assert not in_doubt(house, visit)
    publish(house, "title: Short\nlimits: {longest: 20 min}\n")
    assert in_doubt(house, visit)


def test_a_doubt_goes_with_the_visit(house: House) -> None:
    visit = house.approved()
    end_approval(house)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.ADULT_ASKED)
    assert not in_doubt(house, visit)
    assert rules_against(house) == []


def test_it_is_to_be_looked_at_before_the_visit_and_within_a_day(house: House) -> None:
    visit = house.approved()
    end_approval(house)
    assert open_doubt(house, visit).due_at == house.clock.at + timedelta(days=1)
    house.clock.forward(timedelta(hours=20))
    with house.work(house.cast.priya) as work:
        approve_to_meet(work, house.cast.mia, house.cast.dana)
    publish(house, "title: Short\nlimits: {longest: 20 min}\n")
    with house.reading(house.cast.priya) as work:
        dues = [one.due_at for one in asked.open_about(work, visit.id, FollowUpKind.IN_DOUBT)]
    assert dues[-1] == visit.starts_at


def test_only_approvers_are_asked(house: House) -> None:
    house.approved()
    end_approval(house)
    with house.reading(house.cast.karim) as work:
        assert doubts(work) == []
