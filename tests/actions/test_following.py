"""What is said, ordered or merged while a visit runs is followed by its room in the same transaction."""

from datetime import date, datetime, timedelta

import pytest

from contact_service.actor import Role
from contact_service.approvals.actions import merging, ordering, planning
from contact_service.approvals.actions.answering import take_answer as take_from_staff
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentKind, ConsentState, Method, Purpose
from contact_service.errors import Conflict
from contact_service.ids import AccountId, OrderId, PersonId
from contact_service.invitations.actions import stopping
from contact_service.jobs.stops import apply_restrictions
from contact_service.people.actions import members, merging as merges
from contact_service.people.person import Details, MemberRole
from contact_service.plans.actions import NewOrder
from contact_service.plans.order import OrderStatus, OrderSubject, OrderWords
from contact_service.policy.decision import Refused
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import (
    Restriction,
    RestrictionKind,
    RestrictionSource,
    StopReason,
)
from contact_service.visits.actions import agreeing, running
from contact_service.visits.visit import Outcome, Stage, Visit, VisitState
from tests.actions.test_plans_and_orders import REVIEW, terms
from tests.cast import SEEN, House

DAY = timedelta(days=1)
NO = (ConsentState.DECLINED, ConsentState.WITHDRAWN)


def by_staff(
    house: House, person: PersonId, state: ConsentState, purpose: Purpose = Purpose.TAKE_PART
) -> None:
    child = person == house.cast.mia
    new = consent.NewAnswer(
        person=person,
        purpose=purpose,
        state=state,
        version=1,
        method=Method.BY_DECISION_HOLDER if child else Method.SPOKEN,
        holder="agency" if child else None,
        witness=None if child else house.cast.lena,
    )
    with house.work(house.cast.karim) as work:
        take_from_staff(work, house.cast.mia, new)


def restricted(house: House, **changes: object) -> Restriction:
    values: dict[str, object] = {
        "kind": RestrictionKind.NO_CONTACT,
        "person": house.cast.dana,
        "other": house.cast.mia,
        "source": RestrictionSource.COURT_ORDER,
    }
    with house.work(house.cast.karim) as work:
        kept = stopping.restrict(work, house.cast.case, NewRestriction(**(values | changes)))  # type: ignore[arg-type]
    assert isinstance(kept, Restriction)
    return kept


@pytest.mark.parametrize("state", NO)
def test_a_no_for_the_child_ends_the_visit_that_rests_on_agreement(house: House, state: ConsentState) -> None:
    visit = house.live()
    by_staff(house, house.cast.mia, state)
    ended = house.visit(visit.id)
    assert (ended.state, ended.outcome) == (VisitState.ENDED, Outcome.CONSENT_WITHDRAWN)
    assert not house.rooms().rooms


@pytest.mark.parametrize("state", NO)
def test_a_no_that_staff_hear_takes_that_person_out_at_once(house: House, state: ConsentState) -> None:
    visit = house.live()
    by_staff(house, house.cast.dana, state, Purpose.NOTES_KEPT)
    now = house.visit(visit.id)
    assert (house.mother_in(now).stage, house.mother_in(now).leg) == (Stage.LEFT, None)
    assert (now.state, house.child_in(now).stage) == (VisitState.LIVE, Stage.ADMITTED)
    assert house.history()[-1] == "visit.left"


def test_a_no_to_what_is_optional_or_a_yes_moves_nobody(house: House) -> None:
    visit = house.live()
    by_staff(house, house.cast.dana, ConsentState.DECLINED, Purpose.OBSERVER_PRESENT)
    by_staff(house, house.cast.dana, ConsentState.GIVEN)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.ADMITTED


def test_a_carer_who_says_no_takes_the_child_along(house: House) -> None:
    visit = house.live()
    by_staff(house, house.cast.ines, ConsentState.WITHDRAWN)
    assert house.visit(visit.id).outcome is Outcome.CONSENT_WITHDRAWN


def test_a_child_inside_who_says_no_is_heard(house: House) -> None:
    visit = house.live()
    new = consent.NewAnswer(
        person=house.cast.mia,
        purpose=Purpose.TAKE_PART,
        kind=ConsentKind.ASSENT,
        state=ConsentState.DECLINED,
        version=1,
        method=Method.ON_THE_PAGE,
        visit=visit.id,
    )
    with house.as_family(house.cast.ines) as work:
        agreeing.take_answer(work, new)
    assert house.state(visit) is VisitState.ENDED


def with_jonas_too(house: House) -> tuple[Visit, Visit]:
    """Dana is still in a room with Mia, and her tablet waits at the door of the next with Jonas."""
    five = datetime(2030, 5, 15, 17)  # noqa: DTZ001  wall time
    other = house.approved(child=house.cast.jonas, wall_start=five)
    visit = house.live()  # and nobody has ended it when the next one opens
    other = house.opened(other)
    house.joins(other, house.mother_in(other), "ee" * 16)
    return visit, other


def test_what_is_taken_back_behind_one_link_counts_in_every_room(house: House) -> None:
    visit, other = with_jonas_too(house)
    with house.as_family(house.cast.dana) as work:
        agreeing.take_all_back(work, house.cast.dana, visit=other.id)
    assert [house.mother_in(house.visit(v.id)).stage for v in (visit, other)] == [Stage.LEFT] * 2


def test_a_worker_out_of_whose_reach_a_visit_lies_stops_it_all_the_same(house: House) -> None:
    visit = house.live()
    with house.work(house.cast.ola) as work:  # she sees no case
        assert work.actor.has(Role.ADMINISTRATOR)
        agreeing.follow_answers(work, house.cast.dana)
        consent.withdraw_all(work, house.cast.dana, visit=None)
        agreeing.follow_answers(work, house.cast.dana)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.LEFT


@pytest.mark.rule("R25")
def test_nobody_is_looked_at_who_has_said_no(house: House) -> None:
    visit = house.waiting()
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    with house.work(house.cast.lena) as work:
        refused = running.look(work, visit.id, house.mother_in(visit).id)
    assert isinstance(refused, Refused)
    assert [(r.rule, r.code) for r in refused.reasons] == [("R25", "consent_missing")]


@pytest.mark.rule("R23")
@pytest.mark.parametrize("first", ["mother", "child"])
def test_who_is_kept_apart_from_the_child_does_not_come_in_in_the_second_before_the_clock(
    house: House, first: str
) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    who = {"mother": house.mother_in, "child": house.child_in}[first](visit)
    restricted(house, kind=RestrictionKind.APART, starts_at=house.clock.at + timedelta(seconds=1))
    for participant in (visit.watcher, who):
        house.joins(visit, participant, participant.id[:16])
    house.clock.forward(timedelta(seconds=1))
    with house.work(house.cast.lena) as work:
        refused = running.admit(work, visit.id, who.id, SEEN)
    assert isinstance(refused, Refused)
    assert ("apart" in [r.code for r in refused.reasons]) == (first == "mother")


def lifted(house: House, found: Restriction, who: tuple[AccountId, AccountId]) -> None:
    with house.work(who[0]) as work:
        stopping.ask_to_lift(work, found.id)
    with house.work(who[1]) as work:
        assert isinstance(stopping.lift(work, found.id), Restriction)


def test_one_that_was_lifted_before_it_began_stops_nothing(house: House) -> None:
    visit = house.live()
    found = restricted(house, starts_at=house.clock.at + timedelta(minutes=5))
    lifted(house, found, (house.cast.karim, house.cast.priya))
    house.clock.forward(timedelta(minutes=6))
    apply_restrictions(house.installation)
    assert house.state(visit) is VisitState.LIVE


def test_what_is_lifted_is_not_asked_for_again(house: House) -> None:
    found = restricted(house, starts_at=house.clock.at + timedelta(minutes=5))
    lifted(house, found, (house.cast.karim, house.cast.priya))
    before = house.snapshot()
    with pytest.raises(Conflict), house.work(house.cast.priya) as work:
        stopping.ask_to_lift(work, found.id)
    assert house.snapshot() == before


def ordered(house: House, **changes: object) -> OrderId:
    values: dict[str, object] = {
        "child": house.cast.mia,
        "about": OrderSubject.NO_CONTACT,
        "decided_on": date(2030, 5, 13),
        "starts_on": date(2030, 5, 13),
        "ends_on": None,
        "status": OrderStatus.IN_FORCE,
        "words": OrderWords(court="Family Court", reference="ZE26"),
    }
    with house.work(house.cast.karim) as work:
        return ordering.record_order(work, NewOrder(**(values | changes)))  # type: ignore[arg-type]


def test_an_urgent_stop_that_goes_on_stops_what_was_booked_for_after_it(house: House) -> None:
    stop = restricted(house, kind=RestrictionKind.SUSPENDED, reason=StopReason.SAFETY)
    beyond = house.approved(wall_start=house.wish().wall_start + 10 * DAY)
    order = ordered(house)
    with house.work(house.cast.priya) as work:
        stopping.go_on_by_order(work, stop.id, order)
    assert house.state(beyond) is VisitState.SUSPENDED
    assert not house.invitation(beyond, house.cast.dana).live


def test_a_no_that_an_order_outweighed_counts_when_the_order_is_gone(house: House) -> None:
    order = ordered(house, about=OrderSubject.CONTACT)
    with house.work(house.cast.karim) as work:
        by_order = [terms(house, order=order)]
        plan = planning.propose_plan(work, house.cast.mia, with_people=by_order, review_on=REVIEW)
    assert not isinstance(plan, Refused)
    with house.work(house.cast.priya) as work:
        planning.approve_plan(work, plan)
    visit = house.waiting()
    by_staff(house, house.cast.mia, ConsentState.WITHDRAWN)
    assert house.state(visit) is VisitState.WAITING
    ordered(house, about=OrderSubject.CONTACT, status=OrderStatus.DISCHARGED, replaces=order)
    assert house.visit(visit.id).outcome is Outcome.CONSENT_WITHDRAWN


@pytest.mark.parametrize("why", ["a restriction", "a no"])
def test_a_running_visit_follows_a_merge(house: House, why: str) -> None:
    visit = house.live()
    with house.work(house.cast.karim) as work:
        details = Details(name="D. Marlowe", known_as="D.")
        double = members.add_person(work, house.cast.case, details, MemberRole.FAMILY_MEMBER)
    house.clock.forward(timedelta(seconds=1))
    if why == "a no":
        house.answers(double, Purpose.TAKE_PART, ConsentState.WITHDRAWN)
    else:
        restricted(house, person=double)
    with house.work(house.cast.karim) as work:
        merge = merges.propose_merge(work, house.cast.dana, double)
    with house.work(house.cast.priya) as work:
        merging.agree_to_merge(work, merge)
    now = house.visit(visit.id)
    assert (now.state is VisitState.ENDED) == (why == "a restriction")
    assert house.mother_in(now).stage is Stage.LEFT
