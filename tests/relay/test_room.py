"""Rooms from list to latch: what opens, what stays shut, what is told to whom."""

import pytest

from contact_service.protocol.rooms import ClearedLatch, Level, Role, RoomList, RoomState, Stage
from contact_service.protocol.signal import Break, End, Hold, Remove, Withdraw
from contact_service.relay.core.leg import Identity
from contact_service.relay.core.requests import carry_out
from contact_service.relay.core.views import people_view, room_view
from contact_service.relay.errors import RequestRefused
from tests.relay.traces import BOOT, EMIL, FINN, LENA, MIA, ROLES, VIKTOR, VISIT, World, receivers


@pytest.fixture
def world() -> World:
    world = World()
    world.go_live(LENA, EMIL, MIA)
    return world


def flows(world: World) -> bool:
    return bool(world.audio(EMIL))


def test_a_leg_that_no_list_names_gets_and_gives_nothing(world: World) -> None:
    world.come(VIKTOR)
    world.publish()
    assert not world.audio(VIKTOR)
    assert world.legs[VIKTOR].id not in receivers(world.audio(EMIL))
    assert room_view(world.room, world.legs[VIKTOR], world.moment).slots == (None,) * 5


def test_a_ticket_for_another_role_than_listed_waits(world: World) -> None:
    identity = Identity(leg="aa" * 8, participant=EMIL, role=Role.SUPERVISOR, issued_at_ms=0)
    leg = world.rooms.join(VISIT, identity, 1, world.moment)
    world.stages[EMIL] = Stage.ADMITTED
    world.legs[EMIL] = leg
    world.publish()
    assert world.room.stage_of(leg) is Stage.WAITING


def test_each_stop_has_a_generation_of_its_own_and_must_be_cleared_itself(world: World) -> None:
    lena = world.legs[LENA]
    carry_out(world.room, lena, Hold(id=1, reason="check"), world.moment)
    first = world.ledger.generation
    carry_out(world.room, world.legs[MIA], Break(id=1), world.moment)
    world.cleared_hold = ClearedLatch(boot=BOOT, generation=first)
    world.publish()
    assert not flows(world)
    world.resume()
    assert flows(world)


def test_an_older_list_of_the_same_epoch_changes_nothing(world: World) -> None:
    old = RoomList(epoch="e0" * 4, version=0, rooms=())
    assert not world.rooms.apply(old, world.moment)
    assert flows(world)


def test_a_new_epoch_may_start_at_a_lower_version(world: World) -> None:
    assert world.rooms.apply(RoomList(epoch="e1" * 4, version=0, rooms=()), world.moment)
    assert not world.rooms.by_visit


def test_a_room_first_seen_live_waits_for_an_explicit_resume() -> None:
    world = World()
    world.state = RoomState.LIVE
    world.publish()
    for name in (LENA, EMIL):
        world.come(name)
        world.stages[name] = Stage.ADMITTED
    world.publish()
    assert not flows(world)
    world.resume()
    assert flows(world)


def test_packets_stop_at_the_instant_the_lease_ends_whether_or_not_anybody_ticks(world: World) -> None:
    world.leasing = False
    world.now = world.ledger.lease.until - 0.001
    assert flows(world)
    world.now = world.ledger.lease.until
    assert not flows(world)


def test_a_lease_that_comes_back_does_not_lift_a_hold(world: World) -> None:
    world.leasing = False
    world.wait(2.1)
    assert "lease_lost" in world.events()
    carry_out(world.room, world.legs[LENA], Hold(id=1, reason="check"), world.moment)
    world.leasing = True
    world.wait(0.1)
    assert not flows(world)


def test_a_lost_lease_heals_with_the_next_one(world: World) -> None:
    world.leasing = False
    world.wait(2.1)
    world.leasing = True
    world.wait(0.1)
    assert flows(world)


def test_packets_stop_at_the_instant_the_visit_ends(world: World) -> None:
    world.ends_at_ms = world.moment.at_ms + 100
    world.publish()
    world.now += 0.099
    assert flows(world)
    world.now += 0.002
    assert not flows(world)
    world.wait(0.1)
    assert not world.room.legs
    assert "ended" in world.events()


def test_a_sleeping_supervisor_holds_within_three_seconds_and_waking_does_not_resume(world: World) -> None:
    world.awake = False
    world.wait(3.0)
    assert "supervisor_lost" in world.events()
    world.awake = True
    world.wait(0.5)
    assert "supervisor_returned" in world.events()
    assert not flows(world)
    world.resume()
    assert flows(world)


def test_a_supervisor_to_whom_nothing_flows_owes_no_reports(world: World) -> None:
    carry_out(world.room, world.legs[LENA], Hold(id=1, reason="check"), world.moment)
    lena = world.legs[LENA].presence
    for _ in range(500):
        world.now += 0.02
        lena.heard(world.now)
        world.rooms.tick(world.moment)
        if world.now % 0.4 < 0.02:
            world.renew()
    assert world.room.supervisor_present


def test_a_monitored_visit_goes_on_without_the_supervisor() -> None:
    world = World()
    world.level = Level.MONITORED
    world.go_live(LENA, EMIL, MIA)
    world.awake = False
    world.wait(4)
    assert world.legs[MIA].id in receivers(world.audio(EMIL))


@pytest.mark.parametrize("level", [one for one in Level if one is not Level.SUPERVISED])
def test_below_supervised_media_go_on_while_the_visit_is_handed_over(level: Level) -> None:
    world = handed_over(level)
    assert world.legs[MIA].id in receivers(world.audio(EMIL))
    world.wait(4)
    assert world.legs[MIA].id in receivers(world.audio(EMIL))


def test_a_supervised_visit_stands_still_while_it_is_handed_over() -> None:
    world = handed_over(Level.SUPERVISED)
    assert not receivers(world.audio(EMIL))


def handed_over(level: Level) -> World:
    """Lena watches no more: the list does not name her, and nobody else has come yet."""
    world = World()
    world.level = level
    world.go_live(LENA, EMIL, MIA)
    del world.stages[LENA]
    world.publish()
    assert world.legs[LENA].id not in world.room.legs
    return world


def test_fifteen_silent_seconds_are_a_drop_and_two_are_shown_to_the_supervisor(world: World) -> None:
    leg = world.legs.pop(EMIL)
    world.wait(2.1)
    assert {p.participant: p.connected for p in people_view(world.room, world.moment).people}[EMIL] is False
    world.wait(13)
    assert leg.id not in world.room.legs
    assert [closing.ended for closing in world.ledger.outbox.closings] == [False]


def test_the_removed_stay_out(world: World) -> None:
    carry_out(world.room, world.legs[LENA], Remove(id=1, participant=EMIL), world.moment)
    with pytest.raises(RequestRefused, match="closed"):
        world.come(EMIL)


def test_nobody_removes_a_stranger(world: World) -> None:
    with pytest.raises(RequestRefused, match="no_such_participant"):
        carry_out(world.room, world.legs[LENA], Remove(id=1, participant="99" * 16), world.moment)


def test_whoever_watched_before_the_visit_was_handed_over_has_no_power_left(world: World) -> None:
    former = world.legs.pop(LENA)
    del world.stages[LENA]
    world.state = RoomState.HELD
    world.publish()
    assert former.id not in world.room.legs
    assert not flows(world)
    back = world.come(LENA)  # with a ticket from before
    del world.stages[LENA]
    for stop in (Hold(id=1, reason="x"), End(id=1, reason="x"), Remove(id=1, participant=MIA)):
        with pytest.raises(RequestRefused, match="not_supervisor"):
            carry_out(world.room, back, stop, world.moment)
    assert world.room.is_stranger(back)


def test_family_cannot_stop_others_but_can_always_withdraw(world: World) -> None:
    for stop in (Hold(id=1, reason="x"), End(id=1, reason="x"), Remove(id=1, participant=MIA)):
        with pytest.raises(RequestRefused, match="not_supervisor"):
            carry_out(world.room, world.legs[EMIL], stop, world.moment)
    world.come(VIKTOR)
    with pytest.raises(RequestRefused, match="not_admitted"):
        carry_out(world.room, world.legs[VIKTOR], Break(id=1), world.moment)
    carry_out(world.room, world.legs[VIKTOR], Withdraw(id=1), world.moment)
    assert flows(world)


def test_a_childs_withdrawal_ends_the_visit_when_no_other_child_is_listed(world: World) -> None:
    carry_out(world.room, world.legs[MIA], Withdraw(id=1), world.moment)
    assert "ended" in world.events()
    assert not flows(world)


@pytest.mark.parametrize("finn", [Stage.WAITING, Stage.ADMITTED])
def test_a_child_who_stops_leaves_another_their_visit(world: World, finn: Stage) -> None:
    """Also one who is still on the way: whether their visit goes on, the next list says."""
    world.come(FINN)
    world.stages[FINN] = finn
    world.publish()
    mia = world.legs[MIA]
    carry_out(world.room, mia, Withdraw(id=1), world.moment)
    assert "ended" not in world.events()
    assert mia.id not in world.room.legs
    assert world.legs[LENA].id in receivers(world.audio(EMIL))
    carry_out(world.room, world.legs[FINN], Withdraw(id=1), world.moment)
    assert "ended" not in world.events()  # Mia is listed still; the API knows of both and ends it
    world.stages.clear()
    world.rooms.apply(RoomList(epoch="e0" * 4, version=world.version + 1, rooms=()), world.moment)
    assert not world.rooms.by_visit


def test_a_child_who_was_removed_is_no_other_child(world: World) -> None:
    world.come(FINN)
    world.stages[FINN] = Stage.WAITING
    world.publish()
    carry_out(world.room, world.legs[LENA], Remove(id=1, participant=FINN), world.moment)
    carry_out(world.room, world.legs[MIA], Withdraw(id=1), world.moment)
    assert "ended" in world.events()


def test_a_lower_generation_of_tickets_is_void(world: World) -> None:
    identity = Identity(leg="ab" * 8, participant=EMIL, role=ROLES[EMIL], issued_at_ms=0)
    world.rooms.join(VISIT, identity, 3, world.moment)
    with pytest.raises(RequestRefused, match="superseded"):
        world.come(EMIL)


def test_a_ticket_from_before_a_sign_in_ended_opens_nothing_and_one_from_after_does(world: World) -> None:
    world.put_out[LENA] = world.moment.at_ms
    world.stages[LENA] = Stage.WAITING
    world.publish()
    with pytest.raises(RequestRefused, match="superseded"):
        world.come(LENA)
    identity = Identity(leg="ab" * 8, participant=LENA, role=ROLES[LENA], issued_at_ms=0)
    with pytest.raises(RequestRefused, match="superseded"):
        world.rooms.resume(VISIT, identity, 1)
    world.now += 1
    world.come(LENA)
    world.stages[LENA] = Stage.ADMITTED
    world.publish()
    assert world.room.stage_of(world.legs[LENA]) is Stage.ADMITTED


def test_a_device_whose_old_ticket_was_faster_than_the_list_is_out_with_it(world: World) -> None:
    emil = world.legs[EMIL]
    world.stages[LENA] = Stage.WAITING
    world.publish()
    before = world.moment.at_ms
    world.now += 1
    late = world.come(LENA, issued_at_ms=before)
    world.put_out[LENA] = before
    world.publish()
    assert late.id not in world.room.legs
    assert emil.id in world.room.legs
    assert [one.ended for one in world.ledger.outbox.closings if one.leg == late.id] == [False]


def test_events_are_numbered_without_gaps_and_kept_until_taken() -> None:
    world = World()
    world.come(LENA)
    world.come(EMIL)
    world.publish(taken=0)
    assert [event.number for event in world.ledger.journal.waiting()] == [1, 2, 3, 4]
    world.publish(taken=3)
    assert [event.number for event in world.ledger.journal.waiting()] == [4]


def test_others_do_not_see_who_talks_in_private_before_admission(world: World) -> None:
    world.stages[VIKTOR] = Stage.PRIVATE
    world.come(VIKTOR)
    world.publish()
    view = room_view(world.room, world.legs[EMIL], world.moment)
    assert view.state is RoomState.HELD
    assert {slot.participant for slot in view.slots if slot} == {LENA, MIA}
    assert [s.participant for s in room_view(world.room, world.legs[VIKTOR], world.moment).slots if s] == [
        LENA
    ]


def test_a_slot_keeps_its_participant_when_others_come_and_go(world: World) -> None:
    before = room_view(world.room, world.legs[LENA], world.moment).slots
    world.rooms.lost(world.legs[EMIL].id, world.moment)
    world.publish()
    gap = room_view(world.room, world.legs[LENA], world.moment).slots
    assert [slot and slot.participant for slot in gap][:2] == [None, MIA]
    world.come(EMIL)
    world.publish()
    assert room_view(world.room, world.legs[LENA], world.moment).slots == before


def test_a_supervisor_whom_the_list_names_no_more_is_closed_with_every_power(world: World) -> None:
    lena = world.legs[LENA]
    world.stages[LENA] = Stage.WAITING
    world.publish()
    assert lena.id not in world.room.legs
    assert (lena.id, False) in [(one.leg, one.ended) for one in world.ledger.outbox.closings]
    assert not flows(world)


def test_a_supervisors_new_device_waits_for_the_list_that_names_it(world: World) -> None:
    world.come(LENA)
    fresh = world.legs[LENA]
    world.publish()
    assert fresh.id in world.room.legs
