"""What the relay reports is taken in once each, in order; what no longer fits changes nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlmodel import select

from contact_service import actor
from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import Stage as RoomStage
from contact_service.rooms import actions as rooms
from contact_service.rooms.tables import RelaySeenRow
from contact_service.visits.actions import running
from contact_service.visits.queries.finding import minutes_of, stay_of
from contact_service.visits.visit import Outcome, Stage, Visit, VisitState
from contact_service.work import read
from tests.cast import House

SEEN = frozenset({"relay_seen"})
OTHER_BOOT = "b1" * 16


@pytest.fixture
def live(house: House) -> Visit:
    return house.live()


def stage(house: House, visit: Visit) -> Stage:
    return house.mother_in(house.visit(visit.id)).stage


def test_an_event_is_taken_in_once(house: House, live: Visit) -> None:
    assert house.relay(live, EventKind.HELD, 1, reason="check", generation=1)
    before = house.snapshot(leaving_out=SEEN)
    assert not house.relay(live, EventKind.HELD, 1, reason="check", generation=1)
    assert house.snapshot(leaving_out=SEEN) == before


def test_an_older_event_after_a_newer_one_changes_nothing(house: House, live: Visit) -> None:
    house.relay(live, EventKind.HELD, 5, reason="check", generation=1)
    before = house.snapshot(leaving_out=SEEN)
    assert not house.relay(live, EventKind.ENDED, 4, reason="completed")
    assert house.snapshot(leaving_out=SEEN) == before


def test_numbers_begin_again_with_each_start_of_the_relay(house: House, live: Visit) -> None:
    house.relay(live, EventKind.HELD, 9, reason="check", generation=1)
    assert house.relay(live, EventKind.ENDED, 1, boot=OTHER_BOOT, reason="completed")
    assert house.state(live) is VisitState.ENDED


def test_two_links_of_one_start_that_come_at_once_are_both_heard(house: House) -> None:
    """A relay whose line broke dials anew before the end of the old one was noticed."""
    relay = actor.relay("relay-1")

    def hear() -> None:
        with house.as_actor(relay) as work:
            rooms.heard(work, "relay-1", OTHER_BOOT)

    with ThreadPoolExecutor(1) as other_link:
        with house.as_actor(relay) as work:
            rooms.heard(work, "relay-1", OTHER_BOOT)
            work.session.flush()
            late = other_link.submit(hear)
            wait([late], timeout=0.5)  # long enough to find nothing and to come to the row of this one
        late.result(timeout=30)
    with house.as_actor(relay) as work:
        assert len(work.session.exec(select(RelaySeenRow)).all()) == 1


def test_the_room_list_names_the_last_event_taken_in(house: House, live: Visit) -> None:
    assert house.rooms().taken is None
    house.relay(live, EventKind.HELD, 3, reason="check", generation=1)
    taken = house.rooms().taken
    assert taken is not None
    assert taken.number == 3


def test_an_event_of_a_room_that_is_not_there_is_taken_and_changes_nothing(house: House, live: Visit) -> None:
    before = house.snapshot(leaving_out=SEEN)
    stranger = type(live)(**vars(live) | {"room": "f" * 32})
    assert house.relay(stranger, EventKind.ENDED, 1, reason="completed")
    assert house.snapshot(leaving_out=SEEN) == before


@pytest.mark.parametrize("kind", [EventKind.LEFT, EventKind.DISCONNECTED, EventKind.CONNECTED])
def test_a_report_about_a_replaced_device_changes_nothing(house: House, live: Visit, kind: EventKind) -> None:
    mother = house.mother_in(live)
    before = house.snapshot(leaving_out=SEEN)
    house.relay(live, kind, 1, participant=mother.id, leg="dd" * 16)
    assert house.snapshot(leaving_out=SEEN) == before


def test_the_same_device_keeps_its_admission_through_a_silence(house: House, live: Visit) -> None:
    mother = house.mother_in(live)
    house.relay(live, EventKind.DISCONNECTED, 1, participant=mother.id, leg=mother.leg)
    assert stage(house, live) is Stage.DISCONNECTED
    house.relay(live, EventKind.CONNECTED, 2, participant=mother.id, leg=mother.leg)
    assert stage(house, live) is Stage.ADMITTED


@pytest.mark.parametrize("silent_before", [False, True])
def test_a_fresh_device_waits(house: House, live: Visit, silent_before: bool) -> None:  # noqa: FBT001
    mother = house.mother_in(live)
    if silent_before:
        house.relay(live, EventKind.DISCONNECTED, 1, participant=mother.id, leg=mother.leg)
    house.relay(live, EventKind.JOINED, 2, participant=mother.id, leg="dd" * 16)
    assert stage(house, live) is Stage.WAITING
    person = next(p for p in house.rooms().rooms[0].people if p.participant == mother.id)
    assert (person.stage, person.leg) == (RoomStage.WAITING, "dd" * 16)


@pytest.mark.parametrize("silent_before", [False, True])
def test_who_was_removed_stays_out(house: House, live: Visit, silent_before: bool) -> None:  # noqa: FBT001
    mother = house.mother_in(live)
    if silent_before:
        house.relay(live, EventKind.DISCONNECTED, 1, participant=mother.id, leg=mother.leg)
    house.relay(live, EventKind.REMOVED, 2, participant=mother.id)
    house.relay(live, EventKind.JOINED, 3, participant=mother.id, leg="dd" * 16)
    assert stage(house, live) is Stage.REMOVED
    person = next(p for p in house.rooms().rooms[0].people if p.participant == mother.id)
    assert (person.stage, person.leg) == (RoomStage.REMOVED, None)


def test_a_lost_supervisor_holds_the_room_until_an_explicit_resume(house: House, live: Visit) -> None:
    house.relay(live, EventKind.SUPERVISOR_LOST, 1, generation=4)
    assert house.state(live) is VisitState.SUPERVISOR_LOST
    house.relay(live, EventKind.JOINED, 2, participant=live.watcher.id, leg="ee" * 16)
    assert house.state(live) is VisitState.HELD
    with house.work(house.cast.lena) as work:
        running.resume(work, live.id)
    [room] = house.rooms().rooms
    assert room.cleared_hold is not None
    assert (house.state(live), room.cleared_hold.generation) == (VisitState.LIVE, 4)


@pytest.mark.rule("R26")
def test_a_visit_is_not_resumed_while_its_supervisor_is_away(house: House, live: Visit) -> None:
    house.relay(live, EventKind.SUPERVISOR_LOST, 1, generation=4)
    house.relay(live, EventKind.LEFT, 2, participant=live.watcher.id, leg=live.watcher.leg)
    house.relay(live, EventKind.SUPERVISOR_RETURNED, 3)
    before = house.visit(live.id)
    with house.work(house.cast.lena) as work:
        running.resume(work, live.id)
    assert house.visit(live.id) == before


def test_a_break_holds_everybody_and_only_the_supervisor_knows_who_asked(house: House, live: Visit) -> None:
    child = house.child_in(live)
    house.relay(live, EventKind.BREAK_ASKED, 1, participant=child.id, generation=2)
    held = house.visit(live.id)
    assert (held.state, held.hold_reason) == (VisitState.HELD, "break")
    assert [p.id for p in held.participants if p.asked_break] == [child.id]


def test_a_lease_that_was_lost_is_written_down_and_holds_nothing(house: House, live: Visit) -> None:
    house.relay(live, EventKind.LEASE_LOST, 1)
    assert house.state(live) is VisitState.LIVE
    assert house.last_entry()["type"] == "lease.lost"


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("completed", Outcome.COMPLETED),
        ("child_wished", Outcome.ENDED_EARLY_CHILD),
        ("safety", Outcome.ENDED_FOR_SAFETY),
        ("time_over", Outcome.COMPLETED),
        ("something_new", Outcome.TECHNICAL_FAILURE),
        ("", Outcome.TECHNICAL_FAILURE),
    ],
)
def test_the_end_at_the_relay_is_the_end_of_the_visit(
    house: House, live: Visit, reason: str, outcome: Outcome
) -> None:
    house.relay(live, EventKind.ENDED, 1, reason=reason)
    ended = house.visit(live.id)
    assert (ended.state, ended.outcome) == (VisitState.ENDED, outcome)


def test_the_end_is_taken_in_once(house: House, live: Visit) -> None:
    house.relay(live, EventKind.ENDED, 1, reason="completed")
    before = house.snapshot(leaving_out=SEEN)
    for number, kind in enumerate((EventKind.ENDED, EventKind.HELD, EventKind.SUPERVISOR_LOST), 2):
        house.relay(live, kind, number, reason="safety", generation=1)
    house.relay(live, EventKind.JOINED, 9, participant=house.mother_in(live).id, leg="dd" * 16)
    assert house.snapshot(leaving_out=SEEN) == before


def test_a_room_that_runs_out_while_everybody_waits_was_missed(house: House) -> None:
    visit = house.waiting()
    house.relay(visit, EventKind.ENDED, 1, reason="time_over")
    assert house.state(visit) is VisitState.MISSED


def incomplete(kind: EventKind) -> Callable[[House, Visit], bool]:
    return lambda house, visit: house.relay(visit, kind, 1, participant=house.mother_in(visit).id)


@pytest.mark.parametrize("kind", list(EventKind))
def test_no_event_that_lacks_its_facts_stops_the_link(house: House, live: Visit, kind: EventKind) -> None:
    assert incomplete(kind)(house, live)
    assert house.relay(live, EventKind.HELD, 2, reason="check", generation=1)


def test_minutes_are_counted_from_admission_to_leaving(house: House, live: Visit) -> None:
    from datetime import timedelta  # noqa: PLC0415

    mother = house.mother_in(live)
    house.clock.forward(timedelta(minutes=12))
    house.relay(live, EventKind.LEFT, 1, participant=mother.id, leg=mother.leg)
    house.clock.forward(timedelta(minutes=3))
    with read(house.installation, actor.SCHEDULE) as work:
        counted = minutes_of(work, house.visit(live.id))
        first, last = stay_of(work, mother)
    assert counted[mother.id] == 12
    assert counted[house.child_in(live).id] == 15
    assert first is not None
    assert last == first + timedelta(minutes=12)
