"""Nobody takes part from a prison before it has said yes to contact with that child, whatever was booked before."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta

import pytest

from contact_service.approvals.actions.merging import agree_to_merge
from contact_service.audit.events import EventType
from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer, Clearance, Standing, standing
from contact_service.clearances.queries import clearances_of, reference_of
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.ids import AccountId, PersonId, PoolId, Ref
from contact_service.invitations.actions import inviting
from contact_service.people.actions import merging
from contact_service.policy.decision import Decision, Refused
from contact_service.pools import actions as pools
from contact_service.pools.queries import pool_for
from contact_service.protocol.link import EventKind
from contact_service.visits.actions import clearing, pooling, running
from contact_service.visits.queries.clearing import is_cleared, is_room_cleared
from contact_service.visits.queries.doubting import doubts, reasons_told
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Visit, VisitState
from tests.actions.test_people import add
from tests.cast import NOON, SEEN, House

DESK = "bookings@northmoor.example"
WEDNESDAY = date(2030, 5, 15)
pytestmark = pytest.mark.rule("R68")


def asked(**changes: object) -> Clearance:
    values: dict[str, object] = {
        "id": "1",
        "pool": PoolId("p"),
        "person": PersonId("dana"),
        "child": PersonId("mia"),
        "asked_by": Ref("karim"),
        "asked_at": NOON,
        "answer": Answer.NONE,
        "answered_by": None,
        "answered_at": None,
        "last": None,
    }
    return Clearance(**(values | changes))  # type: ignore[arg-type]


def said(answer: Answer, *, after: int = 1, last: date | None = None) -> Clearance:
    at = NOON + timedelta(hours=after)
    return asked(id=f"{after}", answer=answer, answered_by=Ref("karim"), answered_at=at, last=last)


@pytest.mark.parametrize(
    ("found", "stands"),
    [
        ([], Standing.MISSING),
        ([asked()], Standing.ASKED),
        ([said(Answer.GRANTED)], Standing.GRANTED),
        ([said(Answer.GRANTED, last=WEDNESDAY)], Standing.GRANTED),
        ([said(Answer.GRANTED, last=WEDNESDAY - timedelta(days=1))], Standing.EXPIRED),
        ([said(Answer.REFUSED)], Standing.REFUSED),
        ([said(Answer.GRANTED), said(Answer.REFUSED, after=2)], Standing.REFUSED),
        ([said(Answer.REFUSED, after=2), said(Answer.GRANTED, after=3)], Standing.GRANTED),
        ([said(Answer.GRANTED), asked(id="9")], Standing.GRANTED),
        ([said(Answer.REFUSED), asked(id="9")], Standing.ASKED),
    ],
)
def test_the_newest_answer_counts_until_its_last_day(found: list[Clearance], stands: Standing) -> None:
    assert standing(found, WEDNESDAY) is stands
    assert standing(reversed(found), WEDNESDAY) is stands


@pytest.fixture
def prison(house: House) -> PoolId:
    """Dana takes part from a prison from today on; it has said nothing yet."""
    with house.work(house.cast.karim) as work:
        made = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        clearing.set_desk(work, made, DESK)
        pooling.link(work, house.cast.dana, made, NOON.date(), None)
    return made


def ask(house: House, prison: PoolId, reference: str = "") -> str:
    with house.work(house.cast.karim) as work:
        return actions.ask(work, house.cast.dana, house.cast.mia, prison, reference)


def answer(house: House, clearance: str, what: Answer, last: date | None = None) -> None:
    with house.work(house.cast.karim) as work:
        clearing.answer(work, house.cast.dana, clearance, what, reference="OMU 117", last=last)


def cleared(house: House, prison: PoolId, last: date | None = None) -> str:
    made = ask(house, prison)
    answer(house, made, Answer.GRANTED, last)
    return made


def book(house: House) -> Visit | Refused:
    with house.work(house.cast.karim) as work:
        return inviting.request_visit(work, house.wish())


def refused_for(decision: Decision | Visit) -> list[tuple[str, str]]:
    found = decision.reasons if isinstance(decision, Refused) else ()
    return [(one.rule, one.code) for one in found]


def test_no_visit_is_asked_for_before_the_prison_has_said_yes(house: House, prison: PoolId) -> None:
    assert refused_for(book(house)) == [("R68", "clearance_missing")]
    made = ask(house, prison)
    assert refused_for(book(house)) == [("R68", "clearance_asked")]
    answer(house, made, Answer.GRANTED)
    assert isinstance(book(house), Visit)


def test_a_yes_that_is_over_by_then_is_none(house: House, prison: PoolId) -> None:
    cleared(house, prison, NOON.date())
    assert refused_for(book(house)) == [("R68", "clearance_expired")]


def test_somebody_from_elsewhere_needs_none(house: House, prison: PoolId) -> None:
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish(people=(house.cast.rosa,)))
    assert "R68" not in [rule for rule, _ in refused_for(result)]
    assert prison


def test_what_was_asked_for_is_not_approved_once_the_prison_says_no(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.requested()
    answer(house, made, Answer.REFUSED)
    with house.work(house.cast.priya) as work:
        decision = inviting.approve(work, visit.id)
    assert ("R13", "clearance_refused") in refused_for(decision)


def test_a_no_puts_what_is_booked_in_doubt_and_tells_the_workers(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.approved()
    answer(house, made, Answer.REFUSED)
    with house.reading(house.cast.karim) as work:
        kinds = [(one.kind, one.person) for one in open_follow_ups(work)]
    assert (FollowUpKind.CLEARANCE_REFUSED, house.cast.mia) in kinds
    with house.reading(house.cast.priya) as work:
        assert [doubt.visit.id for doubt in doubts(work)] == [visit.id]


def test_a_desk_that_is_written_down_later_puts_what_is_booked_in_doubt(house: House) -> None:
    with house.work(house.cast.karim) as work:
        place = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        pooling.link(work, house.cast.dana, place, NOON.date(), None)
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        clearing.set_desk(work, place, DESK)
    with house.reading(house.cast.priya) as work:
        assert [doubt.visit.id for doubt in doubts(work)] == [visit.id]


def test_whoever_is_not_cleared_any_more_comes_to_no_waiting_room_whatever_an_approver_said(
    house: House, prison: PoolId
) -> None:
    made = cleared(house, prison)
    visit = house.waiting()
    phone = house.opens(visit, house.cast.dana)
    answer(house, made, Answer.REFUSED)
    house.consents(house.cast.dana)
    decision = house.knocks(visit, house.cast.dana, phone)
    assert ("R68", "not_cleared") in refused_for(decision)


def test_whoever_waits_is_not_let_in_after_a_no(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    mother = house.mother_in(visit)
    house.joins(visit, mother, mother.id[:16])
    answer(house, made, Answer.REFUSED)
    with house.work(house.cast.lena) as work:
        result = running.admit(work, visit.id, mother.id, SEEN)
    assert refused_for(result) == [("R68", "not_cleared")]


def test_a_held_visit_does_not_go_on_after_a_no(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.live()
    answer(house, made, Answer.REFUSED)
    house.relay(visit, EventKind.HELD, 1, reason="check", generation=7)
    with house.work(house.cast.lena) as work:
        assert refused_for(running.resume(work, visit.id)) == [("R68", "not_cleared")]
    assert house.state(visit) is VisitState.HELD


def test_a_no_holds_a_running_visit_at_once_and_its_room_is_told(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.live()
    answer(house, made, Answer.REFUSED)
    held = house.visit(visit.id)
    assert (held.state, held.hold_reason) == (VisitState.HELD, "not_cleared")
    assert {room.state for room in house.rooms().rooms} == {"held"}
    [entry] = [one for one in house.entries() if one.type == EventType.VISIT_HELD]
    assert (entry.fields["reason"], entry.fields["decision"]["rules"]) == ("not_cleared", ["R68"])


def test_a_no_that_comes_while_somebody_is_let_in_waits_for_that_and_holds_the_visit(
    house: House, prison: PoolId
) -> None:
    """The child's side is let in, which makes the visit live, and has not been committed when the prison says no."""
    made = cleared(house, prison)
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.comes_in(visit, house.cast.dana)
    carer = house.device_in(visit, house.cast.ines)
    house.joins(visit, carer, carer.id[:16])
    with ThreadPoolExecutor(1) as pool:
        with house.work(house.cast.lena) as work:
            assert not isinstance(running.admit(work, visit.id, carer.id, SEEN), Refused)
            work.session.flush()
            saying = pool.submit(answer, house, made, Answer.REFUSED)
            wait([saying], timeout=1)
            assert not saying.done()
        saying.result(timeout=30)
    assert (house.state(visit), house.visit(visit.id).hold_reason) == (VisitState.HELD, "not_cleared")


def test_a_prisoner_who_waits_and_loses_the_line_is_not_in_the_room(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.waiting()
    mother = house.mother_in(visit)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, mother, mother.id[:16])
    house.relay(visit, EventKind.DISCONNECTED, 2, participant=mother.id, leg=mother.id[:16])
    answer(house, made, Answer.REFUSED)
    with house.reading(house.cast.lena) as work:
        assert is_room_cleared(work, house.visit(visit.id))
        assert not is_cleared(work, house.visit(visit.id), house.cast.dana)


def test_a_held_visit_goes_on_without_whoever_the_prison_refused(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.live()
    answer(house, made, Answer.REFUSED)
    house.relay(visit, EventKind.REMOVED, 1, participant=house.mother_in(visit).id)
    with house.work(house.cast.lena) as work:
        assert not isinstance(running.resume(work, visit.id), Refused)


def test_a_no_for_another_child_holds_nothing(house: House, prison: PoolId, brother: Brother) -> None:
    cleared(house, prison)
    visit = house.live()
    with house.work(house.cast.karim) as work:
        asked_too = actions.ask(work, house.cast.dana, brother.finn, prison, "")
    answer(house, asked_too, Answer.REFUSED)
    assert house.state(visit) is VisitState.LIVE


def test_after_a_no_nobody_else_is_let_in_to_whoever_is_inside_already(house: House, prison: PoolId) -> None:
    made = cleared(house, prison)
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.comes_in(visit, house.cast.dana)
    answer(house, made, Answer.REFUSED)
    carer = house.device_in(visit, house.cast.ines)
    house.joins(visit, carer, carer.id[:16])
    with house.work(house.cast.lena) as work:
        result = running.admit(work, visit.id, carer.id, SEEN)
    assert refused_for(result) == [("R68", "room_not_cleared")]


def test_a_prison_that_said_yes_to_one_child_is_asked_again_for_a_second_one_in_the_visit(
    house: House, prison: PoolId, brother: Brother
) -> None:
    cleared(house, prison)
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish(sharing=brother.shares))
        assert refused_for(result) == [("R68", "clearance_missing")]
        asked_too = actions.ask(work, house.cast.dana, brother.finn, prison, "")
    answer(house, asked_too, Answer.GRANTED)
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish(sharing=brother.shares))
    assert isinstance(result, Visit), (
        "the prison is asked about children, and not about the carers who are there"
    )


def test_a_carer_from_such_a_place_is_told_of_at_booking_as_at_the_door_and_to_their_own_childs_worker_alone(
    house: House, brother: Brother, sade: AccountId
) -> None:
    booked = house.approved(sharing=brother.shares)
    with house.work(house.cast.karim) as work:
        unit = pools.add_pool(work, "Hill House", 2, zone="Europe/London")
        clearing.set_desk(work, unit, DESK)
        pooling.link(work, brother.tomas, unit, NOON.date(), None)
        assert not is_cleared(work, booked, brother.tomas)
        later = house.wish().wall_start + timedelta(days=3)
        wish = house.wish(sharing=brother.shares, wall_start=later)
        assert refused_for(inviting.request_visit(work, wish)) == [("R68", "clearance_missing")] * 2
        assert isinstance(inviting.request_visit(work, house.wish(wall_start=later)), Visit)
    with house.reading(sade) as work:  # Finn's worker
        told = [one.words for one in reasons_told(work, visit_for(work, booked.id)) if one.rule == "R68"]
    assert len(told) == 2
    assert all("Hill House" in words for words in told)
    assert (
        sorted("Tomas" in words for words in told)
        == sorted("Finn" in words for words in told)
        == [False, True]
    )


def test_the_worker_of_one_child_is_not_told_which_place_has_not_cleared_whom_for_another(
    house: House, brother: Brother, sade: AccountId
) -> None:
    visit = house.approved(sharing=brother.shares)
    with house.work(house.cast.karim) as work:
        made = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        clearing.set_desk(work, made, DESK)
        pooling.link(work, house.cast.dana, made, NOON.date(), None)
    with house.reading(sade) as work:
        told = reasons_told(work, visit_for(work, visit.id))
    assert {one.code for one in told} == {"clearance_missing", "another_child_unsettled"}
    assert not [one for one in told if "Mia" in one.words]
    [other] = [one for one in told if one.rule != "R68"]
    assert "Northmoor" not in other.words


def test_evidence_names_the_answer_and_not_the_reference(house: House, prison: PoolId) -> None:
    made = ask(house, prison, "A1234BC Marlowe")
    answer(house, made, Answer.GRANTED)
    wanted = [EventType.CLEARANCE_ASKED, EventType.CLEARANCE_GRANTED]
    assert [one for one in house.history() if one.startswith("clearance.")] == [w.value for w in wanted]
    assert "A1234BC" not in repr([entry.fields for entry in house.entries()])
    with house.installation.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM clearance").all()
    assert "A1234BC" not in repr(rows)


@pytest.mark.parametrize(
    ("reference", "last", "field"),
    [("", None, "reference"), ("x" * 81, None, "reference"), ("OMU", date(2030, 5, 1), "last")],
)
def test_an_answer_has_a_reference_and_days_that_are_to_come(
    house: House, prison: PoolId, reference: str, last: date | None, field: str
) -> None:
    made = ask(house, prison)
    before = house.snapshot()
    with pytest.raises(BadInput) as error, house.work(house.cast.karim) as work:
        clearing.answer(work, house.cast.dana, made, Answer.GRANTED, reference=reference, last=last)
    assert error.value.field == field
    assert house.snapshot() == before


def test_a_no_stays_one_and_is_asked_anew(house: House, prison: PoolId) -> None:
    made = ask(house, prison)
    with pytest.raises(Conflict):
        ask(house, prison)
    answer(house, made, Answer.REFUSED)
    with pytest.raises(Conflict):
        answer(house, made, Answer.GRANTED)
    house.clock.forward(timedelta(seconds=1))
    cleared(house, prison)
    assert isinstance(book(house), Visit)


def test_two_who_write_down_at_once_that_it_was_asked_leave_one_question(
    house: House, prison: PoolId
) -> None:
    if house.installation.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    with ThreadPoolExecutor(1) as other:
        with house.work(house.cast.karim) as work:
            actions.ask(work, house.cast.dana, house.cast.mia, prison, "A 17")
            second = other.submit(ask, house, prison, "A 18")
            wait((second,), timeout=1)
        with pytest.raises(Conflict):
            second.result(timeout=60)
    with house.reading(house.cast.karim) as work:
        assert len(clearances_of(work, house.cast.dana)) == 1


def test_only_workers_and_approvers_write_it_down(house: House, prison: PoolId) -> None:
    made = ask(house, prison)
    with pytest.raises(NotAllowed), house.work(house.cast.lena) as work:
        clearing.answer(work, house.cast.dana, made, Answer.GRANTED, reference="OMU")
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        clearing.answer(work, house.cast.emil, made, Answer.GRANTED, reference="OMU")


def test_a_place_without_a_desk_clears_nothing(house: House, prison: PoolId) -> None:
    with house.work(house.cast.priya) as work:
        clearing.set_desk(work, prison, "")
    with pytest.raises(BadInput):
        ask(house, prison)
    assert isinstance(book(house), Visit)


def test_of_two_records_of_one_person_the_clearance_goes_with_the_one_that_is_kept(
    house: House, prison: PoolId
) -> None:
    cleared(house, prison)
    double = add(house, "D. Marlowe")
    with house.work(house.cast.karim) as work:
        merge = merging.propose_merge(work, double, house.cast.dana)
    with house.work(house.cast.priya) as work:
        agree_to_merge(work, merge)
    with house.reading(house.cast.karim) as work:
        [one] = clearances_of(work, double)
        assert reference_of(work, one) == "OMU 117"


@pytest.mark.parametrize("address", ["", "elsewhere@northmoor.example"])
def test_a_desk_is_changed_or_taken_away_by_an_approver_alone_and_the_workers_hear_of_it(
    house: House, prison: PoolId, address: str
) -> None:
    before = house.snapshot()
    for account in (house.cast.karim, house.cast.ola, house.cast.lena):
        with pytest.raises(NotAllowed), house.work(account) as work:
            clearing.set_desk(work, prison, address)
    assert house.snapshot() == before
    with house.work(house.cast.priya) as work:
        clearing.set_desk(work, prison, address)
    with house.reading(house.cast.karim) as work:
        kinds = [(one.kind, one.person) for one in open_follow_ups(work)]
    assert (FollowUpKind.DESK_CHANGED, house.cast.dana) in kinds


def test_no_administrator_says_that_a_place_must_clear_contact(house: House) -> None:
    with house.work(house.cast.ola) as work:
        place = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
    with pytest.raises(NotAllowed), house.work(house.cast.ola) as work:
        clearing.set_desk(work, place, DESK)
    with house.work(house.cast.karim) as work:
        clearing.set_desk(work, place, DESK)
        assert pool_for(work, place).desk == DESK
        assert not [one for one in open_follow_ups(work) if one.kind is FollowUpKind.DESK_CHANGED]


def test_a_childs_own_carer_needs_no_clearance_for_that_child_neither_to_be_booked_nor_at_the_door(
    house: House, prison: PoolId
) -> None:
    cleared(house, prison)
    with house.work(house.cast.karim) as work:
        pooling.link(work, house.cast.ines, prison, NOON.date(), None)
    visit = house.waiting()
    phone = house.opens(visit, house.cast.ines)
    house.consents(house.cast.ines)
    assert refused_for(house.knocks(visit, house.cast.ines, phone)) == []
