"""Who comes first; what happened between an offer and its answer; two at once; what is written to whom."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from contact_service.approvals.actions import planning
from contact_service.database import metadata
from contact_service.ids import VisitId
from contact_service.jobs.waiting import offer_freed_time
from contact_service.people.actions import forgetting
from contact_service.plans import actions as plans
from contact_service.plans.terms import PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.restrictions import actions as restricting
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.visit import Visit
from contact_service.waiting.waiting import Entry, EntryState, Offer, OfferOver, OfferState
from tests.actions.test_claims import at_once
from tests.actions.test_plans_and_orders import approved, order, terms
from tests.cast import House
from tests.waiting.listed import Listed

SECOND = "f" * 32


def minute_later(listed: Listed) -> None:
    listed.house.clock.forward(timedelta(minutes=1))


def ordered_for_mia(house: House) -> None:
    """A court orders the visits of Mia and Dana."""
    with house.work(house.cast.karim) as work:
        found = plans.record_order(work, order(house))
    approved(house, terms(house, order=found))


def two_waiting(listed: Listed) -> tuple[Visit, Entry, Entry]:
    """Time that is taken, and two who wait for it, the first of them a minute longer."""
    visit = listed.house.requested(people=(listed.house.cast.emil,))
    first = listed.add()
    minute_later(listed)
    second = listed.add(SECOND, child=listed.house.cast.mia)
    return visit, first, second


def test_of_those_alike_the_oldest_comes_first(listed: Listed) -> None:
    visit, first, second = two_waiting(listed)
    assert listed.order() == [first.id, second.id]
    listed.call_off(visit)
    listed.look()
    assert listed.offered(first).entry == first.id
    assert listed.offer(second) is None


def test_what_a_court_ordered_comes_before_what_was_agreed(listed: Listed) -> None:
    visit, first, second = two_waiting(listed)
    ordered_for_mia(listed.house)
    assert listed.order() == [second.id, first.id]
    listed.call_off(visit)
    listed.look()
    assert listed.offered(second).entry == second.id
    assert listed.offer(first) is None
    assert listed.now(first).passed_over == 1


def test_passed_over_four_times_the_oldest_is_offered_the_fifth(listed: Listed) -> None:
    _, first, _ = two_waiting(listed)
    ordered_for_mia(listed.house)
    entry = metadata.tables["waiting_entry"]
    with listed.house.installation.engine.begin() as connection:
        connection.execute(entry.update().where(entry.c.id == first.id).values(passed_over=3))
    assert listed.order()[0] == SECOND
    with listed.house.installation.engine.begin() as connection:
        connection.execute(entry.update().where(entry.c.id == first.id).values(passed_over=4))
    assert listed.order()[0] == first.id


def test_whoever_is_offered_something_begins_to_be_counted_anew(listed: Listed) -> None:
    visit, first, _ = two_waiting(listed)
    entry = metadata.tables["waiting_entry"]
    with listed.house.installation.engine.begin() as connection:
        connection.execute(entry.update().where(entry.c.id == first.id).values(passed_over=4))
    listed.call_off(visit)
    listed.look()
    assert listed.offered(first).entry == first.id
    assert listed.now(first).passed_over == 0


# ---- between the offer and its answer


def held(listed: Listed) -> tuple[Entry, Offer]:
    visit = listed.house.requested(people=(listed.house.cast.emil,))
    entry = listed.add(child=listed.house.cast.mia)
    listed.call_off(visit)
    listed.look()
    return entry, listed.offered(entry)


def bar_dana(house: House) -> None:
    with house.work(house.cast.karim) as work:
        new = NewRestriction(
            kind=RestrictionKind.NO_CONTACT,
            person=house.cast.dana,
            other=house.cast.mia,
            source=RestrictionSource.COURT_ORDER,
        )
        restricting.restrict(work, house.cast.case, new)


def test_a_restriction_between_the_offer_and_its_booking_refuses_and_gives_the_time_back(
    listed: Listed,
) -> None:
    entry, offer = held(listed)
    bar_dana(listed.house)
    refused = listed.book(offer)
    assert isinstance(refused, Refused)
    assert "R2" in refused.rules
    assert listed.held(offer) == []
    assert listed.now(entry).offers[0].state is OfferState.REFUSED
    assert listed.now(entry).state is EntryState.OPEN
    assert "booking.refused" in listed.house.history()
    with pytest.raises(OfferOver):
        listed.book(offer)
    listed.house.clock.forward(timedelta(minutes=16))
    listed.look()
    assert listed.offer(entry) is None


def test_a_time_that_a_rule_refused_is_offered_again_when_the_rule_is_gone(listed: Listed) -> None:
    entry, offer = held(listed)
    bar_dana(listed.house)
    assert isinstance(listed.book(offer), Refused)
    restriction = metadata.tables["restriction"]
    with listed.house.installation.engine.begin() as connection:
        connection.execute(restriction.update().values(ends_at=listed.house.clock.at + timedelta(seconds=1)))
    listed.house.clock.forward(timedelta(minutes=16))
    listed.look()
    again = listed.offered(entry)
    assert again.starts_at == offer.starts_at
    assert isinstance(listed.book(again), Visit)


def test_a_plan_that_was_replaced_meanwhile_decides(listed: Listed) -> None:
    entry, offer = held(listed)
    with listed.house.work(listed.house.cast.karim) as work:
        emil = PlanPerson(
            person=listed.house.cast.emil, level=SupervisionLevel.SUPERVISED, length=timedelta(minutes=30)
        )
        plan = planning.propose_plan(
            work, listed.house.cast.mia, with_people=[emil], review_on=date(2030, 8, 1)
        )
    assert not isinstance(plan, Refused)
    with listed.house.work(listed.house.cast.priya) as work:
        planning.approve_plan(work, plan)
    refused = listed.book(offer)
    assert isinstance(refused, Refused)
    assert ("R1", "not_in_plan") in [(one.rule, one.code) for one in refused.reasons]
    assert listed.now(entry).state is EntryState.OPEN


def test_a_child_who_is_forgotten_while_they_wait_stops_nobody_else(listed: Listed) -> None:
    visit, first, second = two_waiting(listed)
    listed.call_off(visit)
    with listed.house.work(listed.house.cast.karim) as work:
        forgetting.forget(work, listed.house.cast.jonas)
    listed.look()
    listed.look()
    assert listed.now(first).state is EntryState.FORGOTTEN
    assert listed.offered(second).entry == second.id


def test_whoever_was_merged_is_meant_as_they_are_kept_now(listed: Listed) -> None:
    entry, _ = held(listed)
    person = metadata.tables["person"]
    cast = listed.house.cast
    with listed.house.installation.engine.begin() as connection:
        connection.execute(person.update().where(person.c.id == cast.dana).values(merged_into=cast.rosa))
    assert listed.now(entry).wish.people == (cast.rosa,)


# ---- several at once


def test_two_processes_that_look_at_once_hold_the_time_once(listed: Listed) -> None:
    visit, first, second = two_waiting(listed)
    listed.call_off(visit)
    listed.house.clock.forward(timedelta(seconds=30))
    at_once([lambda: offer_freed_time(listed.house.installation) for _ in range(4)])
    assert len(listed.now(first).offers) == 1
    assert listed.now(second).offers == ()
    assert letters(listed) == 1
    assert listed.house.overlaps() == 0


def letters(listed: Listed) -> int:
    outbox = metadata.tables["outbox"]
    query = select(func.count()).select_from(outbox).where(outbox.c.offer_id.is_not(None))
    with listed.house.installation.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def test_pressed_by_several_at_once_it_is_booked_once(listed: Listed) -> None:
    _, offer = held(listed)
    results = at_once([lambda: listed.book(offer) for _ in range(6)])
    assert {one.id for one in results if isinstance(one, Visit)} == {VisitId(offer.id)}
    assert listed.house.history().count("waiting.ended") == 1
    assert listed.house.overlaps() == 0


def test_booked_and_let_go_at_once_it_is_one_of_both(listed: Listed) -> None:
    entry, offer = held(listed)
    acts: list[Callable[[], object]] = [lambda: listed.book(offer), lambda: listed.let_go(offer)]
    at_once(acts)
    now = listed.now(entry)
    booked = now.state is EntryState.BOOKED
    assert now.offers[0].state is (OfferState.BOOKED if booked else OfferState.LET_GO)
    assert listed.held(offer) == []
