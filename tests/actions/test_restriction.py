"""A new restriction stops what it forbids, in the transaction that records it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from contact_service.errors import BadInput, NotAllowed
from contact_service.invitations.actions import inviting, stopping
from contact_service.policy.decision import Refused
from contact_service.restrictions import actions as restricting
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.actions import running
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Outcome, Visit, VisitState
from contact_service.work import Work
from tests.cast import SEEN, House


def new(house: House, kind: RestrictionKind = RestrictionKind.NO_CONTACT, **who: str) -> NewRestriction:
    people = {"person": house.cast.dana, "other": house.cast.mia} | who
    return NewRestriction(kind=kind, source=RestrictionSource.COURT_ORDER, **people)  # type: ignore[arg-type]


def restrict(house: House, kind: RestrictionKind = RestrictionKind.NO_CONTACT, **who: str) -> None:
    with house.work(house.cast.karim) as work:
        stopping.restrict(work, house.cast.case, new(house, kind, **who))


def told(house: House, visit: Visit, kind: str) -> set[str | None]:
    return {m.person or m.account for m in house.messages(visit) if m.kind.value == kind}


@pytest.mark.parametrize("stand", ["requested", "approved", "waiting"])
def test_a_no_contact_order_suspends_a_visit_that_is_not_live_yet(house: House, stand: str) -> None:
    visit: Visit = getattr(house, stand)()
    if stand != "requested":
        house.deliver(visit)
    restrict(house)
    stopped = house.visit(visit.id)
    assert (stopped.state, stopped.approved_by) == (VisitState.SUSPENDED, None)
    assert told(house, visit, "visit_stopped") == {house.cast.karim, house.cast.priya}
    if stand == "requested":
        return
    assert not house.invitation(visit, house.cast.dana).live
    assert told(house, visit, "not_taking_place") == {house.cast.dana, house.cast.ines}
    assert visit.room not in {room.visit for room in house.rooms().rooms}


def test_a_no_contact_order_ends_a_live_visit_at_once(house: House) -> None:
    visit = house.live()
    assert visit.room in {room.visit for room in house.rooms().rooms}
    version = house.rooms().version
    restrict(house)
    ended = house.visit(visit.id)
    assert (ended.state, ended.outcome) == (VisitState.ENDED, Outcome.ORDER_STOPPED)
    assert ended.ended_at == house.clock.at
    assert {p.leg for p in ended.participants} == {None}
    assert visit.room not in {room.visit for room in house.rooms().rooms}
    assert house.rooms().version > version


def test_the_restriction_and_what_it_stops_are_one_transaction(house: House) -> None:
    visit = house.live()
    before = house.snapshot()
    with pytest.raises(ZeroDivisionError), house.work(house.cast.karim) as work:
        _restrict_and_fail(house, work)
    assert house.snapshot() == before
    assert house.state(visit) is VisitState.LIVE


def _restrict_and_fail(house: House, work: Work) -> None:
    stopping.restrict(work, house.cast.case, new(house))
    raise ZeroDivisionError


def test_visits_of_other_people_go_on(house: House) -> None:
    visit = house.live()
    restrict(house, person=house.cast.emil)
    restrict(house, other=house.cast.jonas)
    assert house.state(visit) is VisitState.LIVE


@pytest.mark.rule("R3")
def test_two_who_must_be_kept_apart_lose_the_visit_they_would_share(house: House) -> None:
    shared = house.approved(people=(house.cast.dana, house.cast.emil))
    restrict(house, RestrictionKind.APART, other=house.cast.emil)
    assert house.state(shared) is VisitState.SUSPENDED


@pytest.mark.rule("R20")
def test_a_caregiver_who_is_barred_stops_the_visit_too(house: House) -> None:
    visit = house.approved()
    restrict(house, person=house.cast.ines)
    assert house.state(visit) is VisitState.SUSPENDED


def test_the_evidence_names_the_order_before_what_it_stopped(house: House) -> None:
    house.approved()
    entries = len(house.history())
    restrict(house)
    assert house.since(entries) == [
        "restriction.started",
        "visit.suspended",
        "invitation.revoked",
        "invitation.revoked",
        "follow_up.made",
        "follow_up.made",
    ]


@pytest.mark.parametrize("who", ["lena", "noor"])
def test_only_a_worker_or_an_approver_restricts(house: House, who: str) -> None:
    before = house.snapshot()
    with pytest.raises(NotAllowed), house.work(getattr(house.cast, who)) as work:
        stopping.restrict(work, house.cast.case, new(house))
    assert house.snapshot() == before


@pytest.mark.parametrize("other", ["dana", "nobody"])
def test_a_restriction_is_between_two_people_of_the_case(house: House, other: str) -> None:
    wrong = "f" * 32 if other == "nobody" else house.cast.dana
    with pytest.raises(BadInput), house.work(house.cast.karim) as work:
        stopping.restrict(work, house.cast.case, new(house, other=wrong))


@pytest.mark.rule("R26")
@pytest.mark.rule("R20")
def test_nobody_who_is_barred_meanwhile_is_let_in(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    house.joins(visit, visit.watcher, "aa" * 16)
    house.joins(visit, house.mother_in(visit), "bb" * 16)

    with house.work(house.cast.karim) as work:
        restricting.restrict(work, house.cast.case, new(house))
    with house.work(house.cast.lena) as work:
        result = running.admit(work, visit.id, house.mother_in(visit).id, SEEN)
    assert isinstance(result, Refused)
    assert "R20" in result.rules


def test_a_visit_that_is_called_off_at_the_same_moment_does_not_keep_an_order_from_binding(
    house: House,
) -> None:
    visit, in_hand = house.approved(), threading.Event()

    def call_off() -> None:
        with house.work(house.cast.karim) as work:
            inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
            in_hand.set()
            time.sleep(0.5)

    with ThreadPoolExecutor(1) as threads:
        called_off = threads.submit(call_off)
        assert in_hand.wait(10)
        restrict(house)
        called_off.result()
    assert house.state(visit) is VisitState.CANCELLED
    assert "restriction.started" in house.history()
