"""Approving, declining and changing: never one's own request, links with the approval, dead with a change."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contact_service import actor
from contact_service.actor import Role
from contact_service.demo.cast import staff_actor
from contact_service.errors import IllegalMove, NotAllowed
from contact_service.identity import actions as identity
from contact_service.identity.queries import account_for
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking, ending
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.reasons import CancelReason, DeclineReason
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import Work, begin, read
from tests.actions.test_booking import withdraw_for_child
from tests.cast import PASSWORD, House


def both_roles(house: House) -> AccountId:
    """Somebody who books visits and approves them."""
    with begin(house.installation, actor.COMMAND_LINE) as work:
        return identity.add_account(
            work,
            email="omar@demo.example",
            name="Omar Said",
            roles=(Role.WORKER, Role.APPROVER),
            password=PASSWORD,
        )


def requested_by(house: House, account: AccountId) -> Visit:
    """A request by somebody on whose caseload the children are."""
    visit = house.requested()
    with house.installation.engine.begin() as connection:
        statement = text("UPDATE visit SET requested_by = :who WHERE id = :id")
        connection.execute(statement, {"who": account, "id": visit.id})
    return house.visit(visit.id)


@pytest.mark.rule("R11")
def test_nobody_approves_a_request_of_their_own(house: House) -> None:
    omar = both_roles(house)
    visit = requested_by(house, omar)
    entries = len(house.history())
    with house.work(omar) as work:
        result = inviting.approve(work, visit.id)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["own_request", "policy_not_read"]
    assert house.since(entries) == ["approval.refused"]
    assert house.state(visit) is VisitState.REQUESTED
    assert "invitation" not in {m.kind.value for m in house.messages(visit)}


@pytest.mark.rule("R11")
def test_the_database_itself_refuses_an_approval_by_the_requester(house: House) -> None:
    visit = house.requested()
    statement = text("UPDATE visit SET approved_by = requested_by WHERE id = :id")
    with pytest.raises(IntegrityError), house.installation.engine.begin() as connection:
        connection.execute(statement, {"id": visit.id})


def test_nobody_declines_a_request_of_their_own(house: House) -> None:
    omar = both_roles(house)
    visit = requested_by(house, omar)
    with pytest.raises(NotAllowed), house.work(omar) as work:
        inviting.decline(work, visit.id, DeclineReason.NO_STAFF)


@pytest.mark.rule("R12")
def test_a_worker_does_not_approve(house: House) -> None:
    visit = house.requested()
    with house.work(house.cast.karim) as work:
        result = inviting.approve(work, visit.id)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["own_request", "not_an_approver", "policy_not_read"]


@pytest.mark.rule("R12")
def test_a_visit_is_approved_once(house: House) -> None:
    visit = house.approved()
    with house.work(house.cast.priya) as work:
        result = inviting.approve(work, visit.id)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["not_requested"]
    invited = [m for m in house.messages(visit) if m.kind.value == "invitation"]
    assert len(invited) == 2


@pytest.mark.rule("R13")
def test_what_changed_since_the_request_forbids_the_approval(house: House) -> None:
    visit = house.requested()
    withdraw_for_child(house)
    house.clock.at = visit.starts_at
    with house.work(house.cast.priya) as work:
        result = inviting.approve(work, visit.id)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["in_the_past", "child_consent_missing"]
    assert {reason.rule for reason in result.reasons} == {"R13"}


def test_an_approval_invites_everybody_in_the_same_transaction(house: House) -> None:
    visit = house.requested()
    with house.work(house.cast.priya) as work:
        inviting.approve(work, visit.id)
        with read(house.installation, actor.SCHEDULE) as other:
            assert visit_for(other, visit.id).state is VisitState.REQUESTED
    told = {(m.kind.value, m.person or m.account) for m in house.messages(visit)}
    assert told == {
        ("request_waiting", house.cast.priya),
        ("request_decided", house.cast.karim),
        ("invitation", house.cast.dana),
        ("invitation", house.cast.ines),
        ("reminder", house.cast.dana),
        ("reminder", house.cast.ines),
    }
    assert house.invitation(visit, house.cast.dana).live
    assert house.secret(visit, house.cast.dana) != house.secret(visit, house.cast.ines)


def test_an_approval_that_fails_at_its_end_leaves_nothing(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()
    with pytest.raises(ZeroDivisionError), house.work(house.cast.priya) as work:
        _approve_and_fail(work, visit)
    assert house.snapshot() == before


def _approve_and_fail(work: Work, visit: Visit) -> None:
    inviting.approve(work, visit.id)
    raise ZeroDivisionError


def changed(house: House, visit: Visit, **changes: object) -> Visit | Refused:
    with house.work(house.cast.karim) as work:
        return inviting.change(work, visit.id, house.wish(**changes))


@pytest.mark.parametrize(
    "what", ["people", "wall_start", "length", "supervisor"], ids=["people", "time", "length", "watcher"]
)
def test_a_material_change_voids_the_approval_and_kills_the_links(house: House, what: str) -> None:
    visit = house.approved()
    house.deliver(visit)
    wish = house.wish()
    new: dict[str, object] = {
        "people": (house.cast.dana, house.cast.emil),
        "wall_start": wish.wall_start + timedelta(hours=1),
        "length": timedelta(minutes=20),
        "supervisor": house.cast.lena,
    }
    result = changed(house, visit, **{what: new[what]})
    assert isinstance(result, Visit)
    assert (result.state, result.approved_by) == (VisitState.REQUESTED, None)
    assert not house.invitation(visit, house.cast.dana).live
    assert not house.invitation(visit, house.cast.ines).live
    told = [(m.kind.value, m.person) for m in house.messages(visit)]
    assert ("not_taking_place", house.cast.dana) in told
    assert ("not_taking_place", house.cast.ines) in told


def test_those_who_never_got_a_link_are_not_told_of_a_change(house: House) -> None:
    visit = house.approved()
    changed(house, visit, length=timedelta(minutes=20))
    states = {m.kind.value: m.state.value for m in house.messages(visit) if m.person}
    assert states == {"invitation": "dropped", "reminder": "superseded"}


def test_a_changed_visit_is_a_new_room_with_new_links_after_the_next_approval(house: House) -> None:
    visit = house.approved()
    old = house.secret(visit, house.cast.dana)
    result = changed(house, visit, length=timedelta(minutes=20))
    assert isinstance(result, Visit)
    assert result.room != visit.room
    with house.work(house.cast.priya) as work:
        inviting.approve(work, visit.id)
    assert house.secret(visit, house.cast.dana) != old


@pytest.mark.rule("R14")
@pytest.mark.rule("R1")
def test_a_change_that_is_too_late_and_wrong_is_refused_with_every_reason(house: House) -> None:
    visit = house.approved()
    house.clock.at = visit.starts_at - timedelta(minutes=30)
    entries = len(house.history())
    result = changed(house, visit, people=(house.cast.viktor,))
    assert isinstance(result, Refused)
    assert [reason.rule for reason in result.reasons] == ["R14", "R1", "R2", "R5"]
    assert house.since(entries) == ["visit.refused"]
    assert house.visit(visit.id) == visit


def test_a_request_that_is_changed_before_the_decision_stays_a_request(house: House) -> None:
    visit = house.requested()
    result = changed(house, visit, length=timedelta(minutes=20))
    assert isinstance(result, Visit)
    assert result.state is VisitState.REQUESTED
    assert result.revision > visit.revision
    assert house.last_entry()["type"] == "visit.changed"


def test_a_declined_visit_tells_the_worker_and_no_family(house: House) -> None:
    visit = house.requested()
    with house.work(house.cast.priya) as work:
        inviting.decline(work, visit.id, DeclineReason.NO_STAFF)
    assert house.state(visit) is VisitState.DECLINED
    assert house.last_entry()["reason"] == "no_staff"
    assert not [m for m in house.messages(visit) if m.person]


def test_a_request_is_taken_back_once(house: House) -> None:
    visit = house.requested()
    with house.work(house.cast.karim) as work:
        booking.withdraw_request(work, visit.id)
    before = house.snapshot()
    with pytest.raises(IllegalMove), house.work(house.cast.karim) as work:
        booking.withdraw_request(work, visit.id)
    assert house.snapshot() == before


def test_a_cancelled_visit_kills_its_links_and_tells_those_who_had_one(house: House) -> None:
    visit = house.approved()
    house.deliver(visit)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    assert house.state(visit) is VisitState.CANCELLED
    assert not house.invitation(visit, house.cast.dana).live
    told = {m.person for m in house.messages(visit) if m.kind.value == "not_taking_place"}
    assert told == {house.cast.dana, house.cast.ines}


def test_an_auditor_neither_cancels_nor_suspends(house: House) -> None:
    visit = house.approved()
    before = house.snapshot()
    noor = staff_actor(house.installation, house.cast.noor)
    with pytest.raises(NotAllowed), house.as_actor(noor) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    with pytest.raises(NotAllowed), house.as_actor(noor) as work:
        inviting.suspend(work, visit.id)
    assert house.snapshot() == before
    with read(house.installation, actor.SCHEDULE) as work:
        assert account_for(work, house.cast.noor).roles == (Role.AUDITOR,)


@pytest.mark.rule("R21")
def test_a_suspended_visit_starts_afresh_when_it_is_asked_for_again(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    house.joins(visit, visit.watcher, "aa" * 16)
    house.joins(visit, house.mother_in(visit), "bb" * 16)
    with house.work(house.cast.priya) as work:
        inviting.suspend(work, visit.id)
    stopped = house.visit(visit.id)
    assert stopped.state is VisitState.SUSPENDED
    assert {p.leg for p in stopped.participants} == {None}
    with house.work(house.cast.karim) as work:
        again = ending.ask_again(work, visit.id)
    assert (again.state, again.approved_by) == (VisitState.REQUESTED, None)
    assert {p.stage.value for p in again.participants} == {"invited"}
    assert again.room != visit.room
