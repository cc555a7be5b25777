"""An interpreter takes part in the visit, and nobody goes on talking who is understood by nobody (features N2, N3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contact_service import actor
from contact_service.approvals.actions import planning
from contact_service.approvals.actions.meeting import approve_to_meet
from contact_service.consent.consent import Purpose
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.people.actions.members import add_to_case_of, change_details
from contact_service.people.language import Language, LanguageLevel
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.people.queries.members import details_of
from contact_service.plans.queries import plan_for
from contact_service.plans.terms import PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.visits.actions import aside, attending, running
from contact_service.visits.queries.deciding import questions_for
from contact_service.visits.visit import Participant, Stage, Visit, VisitState
from tests.cast import SEEN, House

POLISH = (Language(tag="pl"), Language(tag="en", level=LanguageLevel.NEEDS_INTERPRETER))
BOTH = (Language(tag="pl"), Language(tag="en", level=LanguageLevel.GOOD))
LEG = "1d" * 8


def with_interpreter(house: House, *, born_on: str = "1980-02-02") -> PersonId:
    """Dana speaks Polish and needs help in English; Ida, who knows both, is in the plan and may meet Mia."""
    with house.work(house.cast.karim) as work:
        dana = details_of(work, house.cast.dana)
        change_details(work, house.cast.dana, replace(dana, languages=POLISH))
    ida = _added(house, "Ida", born_on)
    _in_plan(house, house.cast.dana, ida)
    return ida


def another_interpreter(house: House) -> PersonId:
    """Otto, who knows both languages too."""
    with house.reading(house.cast.karim) as work:
        plan = plan_for(work, house.cast.mia)
        assert plan is not None
        named = [one.person for one in plan.people]
    otto = _added(house, "Otto", "1975-03-03")
    _in_plan(house, *named, otto)
    return otto


def _added(house: House, name: str, born_on: str) -> PersonId:
    with house.work(house.cast.karim) as work:
        found = add_to_case_of(
            work,
            house.cast.mia,
            Details(
                name=f"{name} Bridge",
                known_as=name,
                email=f"{name.lower()}@demo.example",
                languages=BOTH,
                born_on=born_on,
            ),
            MemberRole.PROFESSIONAL,
            relation=Relation.INTERPRETER,
            word="interpreter",
        )
    with house.work(house.cast.priya) as work:
        assert approve_to_meet(work, house.cast.mia, found)
    return found


def _in_plan(house: House, *named: PersonId) -> None:
    terms = [
        PlanPerson(person=person, level=SupervisionLevel.SUPERVISED, length=timedelta(minutes=45))
        for person in named
    ]
    with house.work(house.cast.karim) as work:
        plan = planning.propose_plan(work, house.cast.mia, with_people=terms, review_on=date(2030, 8, 1))
    assert not isinstance(plan, Refused), plan
    with house.work(house.cast.priya) as work:
        assert not isinstance(planning.approve_plan(work, plan), Refused)


def rules_of(result: object) -> list[tuple[str, str]]:
    assert isinstance(result, Refused), result
    return [(reason.rule, reason.code) for reason in result.reasons]


def of(visit: Visit, person: PersonId) -> Participant:
    return next(p for p in visit.families() if p.person == person)


def lets_in(house: House, visit: Visit, person: PersonId) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        there = of(house.visit(visit.id), person)
        return running.admit(work, visit.id, there.id, SEEN)


def at_the_door(house: House, ida: PersonId) -> Visit:
    """Everybody waits, and Lena is in the room."""
    visit = house.waiting(people=(house.cast.dana, ida))
    house.consents(house.cast.dana, house.cast.ines, ida)
    house.joins(visit, visit.watcher, "aa" * 8)
    for person in (house.cast.dana, house.cast.ines, ida):
        house.joins(visit, of(visit, person), LEG if person == ida else of(visit, person).id[:16])
    return visit


def together(house: House, ida: PersonId) -> Visit:
    """The visit is live with everybody in it."""
    visit = at_the_door(house, ida)
    for person in (ida, house.cast.dana, house.cast.ines):
        assert not isinstance(lets_in(house, visit, person), Refused)
    assert house.state(visit) is VisitState.LIVE
    return visit


def resumed(house: House, visit: Visit) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        return running.resume(work, visit.id)


@pytest.mark.rule("R51")
def test_without_the_interpreter_the_visit_is_not_booked_and_with_them_it_is(house: House) -> None:
    ida = with_interpreter(house)
    with house.work(house.cast.karim) as work:
        alone = inviting.request_visit(work, house.wish())
    assert rules_of(alone) == [("R51", "language")]
    visit = house.approved(people=(house.cast.dana, ida))
    assert house.secret(visit, ida) != house.secret(visit, house.cast.dana)
    with house.reading(house.cast.karim) as work:
        assert Purpose.INTERPRETER_PRESENT in questions_for(work, visit)


@pytest.mark.rule("R51")
def test_a_child_interprets_for_nobody(house: House) -> None:
    ida = with_interpreter(house, born_on="2013-06-01")
    with house.work(house.cast.karim) as work:
        refused = inviting.request_visit(work, house.wish(people=(house.cast.dana, ida)))
    assert rules_of(refused) == [("R51", "language")]


@pytest.mark.rule("R53")
def test_the_interpreter_is_let_in_first(house: House) -> None:
    ida = with_interpreter(house)
    visit = at_the_door(house, ida)
    assert rules_of(lets_in(house, visit, house.cast.dana)) == [("R53", "language")]
    assert not isinstance(lets_in(house, visit, ida), Refused)
    assert not isinstance(lets_in(house, visit, house.cast.dana), Refused)
    assert not isinstance(lets_in(house, visit, house.cast.ines), Refused)


@pytest.mark.rule("R53")
@pytest.mark.parametrize("how", ["disconnected", "left", "removed", "joined", "withdrew"])
def test_when_the_interpreter_is_lost_the_visit_is_held_until_they_are_back(house: House, how: str) -> None:
    ida = with_interpreter(house)
    visit = together(house, ida)
    lost = of(house.visit(visit.id), ida)
    with house.as_actor(actor.relay("relay-1")) as work:
        match how:
            case "disconnected" | "left":
                getattr(attending, how)(work, visit.id, lost, LEG)
            case "joined":
                attending.joined(work, visit.id, lost, "2e" * 8)
            case _:
                getattr(attending, how)(work, visit.id, lost)
    held = house.visit(visit.id)
    assert (held.state, held.hold_reason) == (VisitState.HELD, "interpreter_lost")
    assert {room.state for room in house.rooms().rooms} == {"held"}
    assert [
        (entry.type, entry.fields["reason"], entry.fields["decision"]["rules"])
        for entry in house.entries()
        if entry.type == "visit.held"
    ] == [("visit.held", "interpreter_lost", ["R53"])]
    assert rules_of(resumed(house, visit)) == [("R53", "language")]
    if how == "disconnected":
        with house.as_actor(actor.relay("relay-1")) as work:
            attending.connected(work, visit.id, lost, LEG)
        assert not isinstance(resumed(house, visit), Refused)
        assert house.state(visit) is VisitState.LIVE


@pytest.mark.rule("R53")
def test_an_interpreter_who_was_talked_to_alone_and_waits_again_holds_the_visit(house: House) -> None:
    ida = with_interpreter(house)
    visit = together(house, ida)
    bridge = of(house.visit(visit.id), ida)
    with house.work(house.cast.lena) as work:
        assert isinstance(aside.talk_alone(work, visit.id, bridge.id), Visit)
    assert house.state(visit) is VisitState.LIVE  # the relay lets nobody hear anybody else meanwhile
    with house.work(house.cast.lena) as work:
        running.stop_looking(work, visit.id, bridge.id)
    held = house.visit(visit.id)
    assert (held.state, held.hold_reason) == (VisitState.HELD, "interpreter_lost")
    assert of(held, ida).stage is Stage.WAITING
    assert rules_of(resumed(house, visit)) == [("R53", "language")]
    assert isinstance(lets_in(house, visit, ida), Visit)
    assert house.state(visit) is VisitState.HELD
    assert isinstance(resumed(house, visit), Visit)


@pytest.mark.rule("R53")
def test_an_interpreter_who_is_let_back_in_after_a_talk_alone_costs_no_hold(house: House) -> None:
    ida = with_interpreter(house)
    visit = together(house, ida)
    with house.work(house.cast.lena) as work:
        aside.talk_alone(work, visit.id, of(house.visit(visit.id), ida).id)
    assert isinstance(lets_in(house, visit, ida), Visit)
    assert house.state(visit) is VisitState.LIVE


@pytest.mark.rule("R53")
def test_when_the_one_who_was_not_understood_goes_the_visit_goes_on(house: House) -> None:
    ida = with_interpreter(house)
    visit = together(house, ida)
    gone = of(house.visit(visit.id), house.cast.dana)
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.left(work, visit.id, gone, gone.id[:16])
        attending.left(work, visit.id, of(house.visit(visit.id), ida), LEG)
    assert house.state(visit) is VisitState.LIVE


@pytest.mark.rule("R53")
def test_an_interpreter_whom_nobody_needs_comes_and_goes_like_everybody(
    house: House,
) -> None:
    ida = with_interpreter(house)
    with house.work(house.cast.karim) as work:
        dana = details_of(work, house.cast.dana)
        change_details(work, house.cast.dana, replace(dana, languages=BOTH))
    visit = together(house, ida)
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.disconnected(work, visit.id, of(house.visit(visit.id), ida), LEG)
    assert house.state(visit) is VisitState.LIVE
    house.relay(visit, EventKind.HELD, 1, generation=1, reason="pause")
    assert not isinstance(resumed(house, visit), Refused)
