"""The urgent stop ends by itself, goes on only by an order, and a restriction is lifted by two people."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.follow_ups import queries as follow_ups
from contact_service.ids import AccountId, OrderId
from contact_service.invitations.actions import inviting, stopping
from contact_service.jobs.stops import apply_restrictions, watch_urgent_stops
from contact_service.plans.order import OrderStatus, OrderSubject
from contact_service.policy.decision import Refused
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import (
    Restriction,
    RestrictionKind,
    RestrictionSource,
    RestrictionState,
    StopReason,
)
from contact_service.visits.visit import Outcome, VisitState
from tests.actions.test_plans_and_orders import recorded
from tests.cast import House

DAY = timedelta(days=1)


def made(house: House, **changes: object) -> Restriction:
    new = NewRestriction(
        kind=RestrictionKind.SUSPENDED,
        person=house.cast.dana,
        other=house.cast.mia,
        source=RestrictionSource.AGENCY_DECISION,
        reason=StopReason.SAFETY,
    )
    with house.work(house.cast.karim) as work:
        result = stopping.restrict(work, house.cast.case, replace(new, **changes))  # type: ignore[arg-type]
    assert not isinstance(result, Refused), result
    return result


def no_contact(house: House, **changes: object) -> Restriction:
    order = {"kind": RestrictionKind.NO_CONTACT, "source": RestrictionSource.COURT_ORDER, "reason": None}
    return made(house, **(order | changes))


def asked_of(house: House, account: AccountId) -> list[str]:
    with house.reading(account) as work:
        return [one.kind.value for one in follow_ups.open_follow_ups(work)]


def wall(day: int) -> datetime:
    return datetime(2030, 5, day, 16)  # noqa: DTZ001  wall time


def test_an_urgent_stop_lasts_the_policys_days_whatever_was_asked_for(house: House) -> None:
    stop = made(house, ends_at=house.clock.at + 30 * DAY)
    assert stop.ends_at == house.clock.at + 7 * DAY


def test_it_suspends_everything_that_is_booked(house: House) -> None:
    inside, beyond = house.approved(), house.approved(wall_start=wall(28))
    made(house)
    assert (house.state(inside), house.state(beyond)) == (VisitState.SUSPENDED, VisitState.SUSPENDED)
    assert "visit_stopped" in asked_of(house, house.cast.karim)
    assert "visit_stopped" in asked_of(house, house.cast.priya)


def test_nothing_is_booked_inside_it_and_something_beyond_it(house: House) -> None:
    made(house)
    with house.work(house.cast.karim) as work:
        inside = inviting.request_visit(work, house.wish())
        beyond = inviting.request_visit(work, house.wish(wall_start=wall(28)))
    assert isinstance(inside, Refused)
    assert [reason.rule for reason in inside.reasons] == ["R2"]
    assert not isinstance(beyond, Refused)


def test_alarms_come_on_their_days_and_each_once(house: House) -> None:
    made(house)
    for day, alarms in ((2, 0), (3, 1), (4, 1), (5, 2), (6, 3)):
        house.clock.at = house.clock.at.replace(day=14 + day)
        watch_urgent_stops(house.installation)
        watch_urgent_stops(house.installation)
        assert asked_of(house, house.cast.priya).count("urgent_stop_alarm") == alarms, day


def test_at_its_end_somebody_decides_on_each_visit_that_day(house: House) -> None:
    later = house.approved(wall_start=wall(28))
    soon = house.approved()
    made(house)
    assert house.state(later) is VisitState.SUSPENDED
    house.clock.forward(7 * DAY)
    watch_urgent_stops(house.installation)
    watch_urgent_stops(house.installation)
    assert (house.state(later), house.visit(later.id).approved_by) == (VisitState.REQUESTED, None)
    over = house.visit(soon.id)
    assert (over.state, over.outcome) == (VisitState.CANCELLED, Outcome.AGENCY_CANCELLED)
    assert asked_of(house, house.cast.priya).count("urgent_stop_over") == 1


@pytest.mark.rule("R55")
def test_at_its_end_a_visit_whose_time_others_have_by_now_is_cancelled_and_owed(house: House) -> None:
    visit = house.approved(wall_start=wall(28))
    made(house)
    taken = house.approved(child=house.cast.jonas, wall_start=wall(28))
    house.clock.forward(7 * DAY)
    watch_urgent_stops(house.installation)
    over = house.visit(visit.id)
    assert (over.state, over.outcome) == (VisitState.CANCELLED, Outcome.AGENCY_CANCELLED)
    assert over.reason == "stop_over_time_taken"
    assert house.state(taken) is VisitState.APPROVED


@pytest.mark.rule("R46")
def test_it_is_not_made_again_right_after_it_ended(house: House) -> None:
    made(house)
    house.clock.forward(8 * DAY)
    new = NewRestriction(
        kind=RestrictionKind.SUSPENDED,
        person=house.cast.dana,
        other=house.cast.mia,
        source=RestrictionSource.AGENCY_DECISION,
        reason=StopReason.BREACH,
    )
    with house.work(house.cast.karim) as work:
        refused = stopping.restrict(work, house.cast.case, new)
    assert isinstance(refused, Refused)
    assert [(r.rule, r.code) for r in refused.reasons] == [("R46", "stopped_before")]
    assert house.history()[-1] == EventType.RESTRICTION_REFUSED
    house.clock.forward(7 * DAY)
    assert made(house).kind is RestrictionKind.SUSPENDED


def goes_on(house: House, stop: Restriction, order: OrderId | None) -> list[str]:
    with house.work(house.cast.priya) as work:
        result = stopping.go_on_by_order(work, stop.id, order)
    return [reason.code for reason in result.reasons] if isinstance(result, Refused) else []


@pytest.mark.rule("R45")
def test_it_goes_on_only_by_an_order_that_stands_and_allows_it(house: House) -> None:
    stop = made(house)
    contact = recorded(house)
    ended = recorded(house, about=OrderSubject.NO_CONTACT, ends_on=date(2030, 5, 10))
    gone = recorded(house, about=OrderSubject.NO_CONTACT, status=OrderStatus.DISCHARGED)
    right = recorded(house, about=OrderSubject.REFUSAL_ALLOWED, ends_on=date(2030, 6, 30))
    assert goes_on(house, stop, None) == ["no_order"]
    for order in (contact, ended, gone, OrderId("0" * 32)):
        assert goes_on(house, stop, order) == ["order_does_not_allow"]
    assert goes_on(house, stop, right) == []
    house.clock.forward(20 * DAY)
    watch_urgent_stops(house.installation)
    assert asked_of(house, house.cast.priya).count("urgent_stop_over") == 0
    assert EventType.RESTRICTION_CONTINUED in house.history()


def test_an_urgent_stop_says_why_to_whom_it_is_about(house: House) -> None:
    with pytest.raises(BadInput) as refused:
        made(house, reason=None)
    assert refused.value.field == "reason"


def lifted(house: House, by: AccountId, restriction: Restriction) -> list[str]:
    with house.work(by) as work:
        result = stopping.lift(work, restriction.id)
    return [reason.code for reason in result.reasons] if isinstance(result, Refused) else []


@pytest.mark.rule("R44")
def test_lifting_needs_one_who_asks_and_another_who_agrees(house: House) -> None:
    booked = house.approved()
    restriction = no_contact(house)
    house.clock.forward(timedelta(minutes=1))
    assert lifted(house, house.cast.priya, restriction) == ["not_asked"]
    with house.work(house.cast.karim) as work:
        stopping.ask_to_lift(work, restriction.id)
    assert lifted(house, house.cast.karim, restriction) == ["same_person", "not_an_approver"]
    assert house.state(booked) is VisitState.SUSPENDED
    assert lifted(house, house.cast.priya, restriction) == []
    assert house.state(booked) is VisitState.REQUESTED
    assert house.history().count(EventType.RESTRICTION_ENDED) == 1
    with pytest.raises(Conflict), house.work(house.cast.karim) as work:
        stopping.ask_to_lift(work, restriction.id)


@pytest.mark.rule("R44")
def test_the_database_itself_refuses_one_person_for_both_parts(house: House) -> None:
    restriction = no_contact(house)
    with house.work(house.cast.karim) as work:
        stopping.ask_to_lift(work, restriction.id)
    statement = "UPDATE restriction SET lifted_by = lift_asked_by WHERE id = :id"
    with pytest.raises(Exception, match="lifted_by_two"), house.installation.engine.begin() as connection:
        connection.execute(text(statement), {"id": restriction.id})


def test_a_supervisor_neither_restricts_nor_lifts(house: House) -> None:
    restriction = no_contact(house)
    with pytest.raises(NotAllowed), house.work(house.cast.lena) as work:
        stopping.ask_to_lift(work, restriction.id)


@pytest.mark.parametrize("broken", ["dana", "rosa"])
def test_one_that_cannot_be_applied_keeps_no_other_from_binding(house: House, broken: str) -> None:
    names = ("dana", "rosa")
    visits = {
        name: house.approved(people=(getattr(house.cast, name),), wall_start=wall(day))
        for name, day in zip(names, (15, 22), strict=True)
    }
    suspended = house.approved(wall_start=wall(29))
    with house.work(house.cast.karim) as work:
        inviting.suspend(work, suspended.id)
    begins = house.clock.at + timedelta(hours=1)
    for name in names:
        no_contact(house, person=getattr(house.cast, name), starts_at=begins)
    with house.installation.engine.begin() as connection:
        # The database itself says no to one: of these two, one alone may be suspended.
        two = f"('{visits[broken].id}', '{suspended.id}')"
        connection.execute(
            text(f"CREATE UNIQUE INDEX one ON visit (state) WHERE state = 'suspended' AND id IN {two}")
        )
    house.clock.at = begins
    with pytest.raises(IntegrityError):
        apply_restrictions(house.installation)
    [other] = (name for name in names if name != broken)
    assert house.state(visits[other]) is VisitState.SUSPENDED


def test_one_that_begins_later_binds_from_then(house: House) -> None:
    before, after = house.approved(), house.approved(wall_start=wall(20))
    begins = house.clock.at + 3 * DAY
    restriction = no_contact(house, starts_at=begins)
    assert restriction.state(house.clock.at) is RestrictionState.PENDING
    apply_restrictions(house.installation)
    assert (house.state(before), house.state(after)) == (VisitState.APPROVED, VisitState.APPROVED)
    house.clock.at = begins
    apply_restrictions(house.installation)
    apply_restrictions(house.installation)
    assert house.state(after) is VisitState.SUSPENDED
    assert asked_of(house, house.cast.karim).count("visit_stopped") == 1


def test_one_that_ends_leaves_what_lies_beyond_its_end(house: House) -> None:
    inside, beyond = house.approved(), house.approved(wall_start=wall(28))
    no_contact(house, ends_at=house.clock.at + 7 * DAY)
    assert (house.state(inside), house.state(beyond)) == (VisitState.SUSPENDED, VisitState.APPROVED)


def test_one_that_begins_during_a_visit_ends_it_then(house: House) -> None:
    visit = house.live()
    no_contact(house, starts_at=house.clock.at + timedelta(minutes=5))
    assert house.state(visit) is VisitState.LIVE
    house.clock.forward(timedelta(minutes=5))
    apply_restrictions(house.installation)
    ended = house.visit(visit.id)
    assert (ended.state, ended.outcome) == (VisitState.ENDED, Outcome.ORDER_STOPPED)


def test_a_person_barred_from_everybody_is_out_of_every_visit(house: House) -> None:
    with_mia = house.approved()
    no_contact(house, other=None)
    assert house.state(with_mia) is VisitState.SUSPENDED
    with house.work(house.cast.karim) as work:
        refused = inviting.request_visit(work, house.wish(child=house.cast.jonas, people=(house.cast.dana,)))
    assert isinstance(refused, Refused)
    assert "R2" in refused.rules


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("other", {"kind": RestrictionKind.APART, "other": None}),
        ("ends_on", {"ends_at": datetime(2030, 5, 1).astimezone()}),
        ("person", {"person": "0" * 32}),
    ],
)
def test_what_cannot_be_is_refused(house: House, field: str, changes: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        no_contact(house, **changes)
    assert refused.value.field == field


def test_nobody_is_restricted_from_themselves(house: House) -> None:
    with pytest.raises(BadInput, match="two different"):
        no_contact(house, other=house.cast.dana)
