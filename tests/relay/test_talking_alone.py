"""Somebody who was let in is taken aside: whom packets reach, under every latch and loss, and what the others see."""

import contextlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from contact_service.protocol.rooms import ClearedLatch, RoomList, RoomState, Stage, TakenEvent
from contact_service.protocol.signal import Break, Hold, Mute, RoomView
from contact_service.relay.core.requests import carry_out
from contact_service.relay.core.views import room_view
from contact_service.relay.errors import RequestRefused
from tests.relay.traces import BOOT, EMIL, KEYFRAME, LENA, MIA, World, receivers

EVERYBODY = (LENA, EMIL, MIA)


@pytest.fixture
def world() -> World:
    """Everybody is together, and then Lena takes Emil aside."""
    world = World()
    world.go_live(*EVERYBODY)
    assert heard(world) == {LENA: {EMIL, MIA}, EMIL: {LENA, MIA}, MIA: {LENA, EMIL}}
    take_aside(world, EMIL)
    return world


def take_aside(world: World, name: str) -> None:
    world.stages[name] = Stage.PRIVATE
    world.publish()


def heard(world: World) -> dict[str, set[str]]:
    """By whom each one is heard, and seen, now."""
    names = {leg.id: name for name, leg in world.legs.items()}
    found: dict[str, set[str]] = {}
    for name in world.legs:
        sound, picture = world.audio(name), world.video(name, KEYFRAME)
        found[name] = {names[leg] for leg in receivers(sound) | receivers(picture)}
    return found


ALONE = {LENA: {EMIL}, EMIL: {LENA}, MIA: set[str]()}
NOBODY = {name: set[str]() for name in EVERYBODY}


def test_who_is_taken_aside_hears_and_is_heard_by_the_supervisor_alone(world: World) -> None:
    assert heard(world) == ALONE


@pytest.mark.parametrize("who", [LENA, EMIL, MIA])
def test_a_break_in_a_talk_ends_neither_the_talk_nor_opens_anything(world: World, who: str) -> None:
    carry_out(world.room, world.legs[who], Break(id=1), world.moment)
    assert heard(world) == ALONE
    world.state = RoomState.HELD
    world.publish()
    assert heard(world) == ALONE
    world.stages[EMIL] = Stage.ADMITTED
    world.publish()
    assert heard(world) == NOBODY  # the hold stands until it is lifted itself
    world.resume()
    assert heard(world)[EMIL] == {LENA, MIA}


def test_under_a_hold_that_was_there_before_one_talks_alone_and_the_hold_stands() -> None:
    world = World()
    world.go_live(*EVERYBODY)
    carry_out(world.room, world.legs[LENA], Hold(id=1, reason="pause"), world.moment)
    take_aside(world, MIA)
    assert heard(world) == {LENA: {MIA}, MIA: {LENA}, EMIL: set()}
    world.stages[MIA] = Stage.WAITING
    world.publish()
    assert heard(world) == NOBODY


def test_who_is_muted_is_seen_and_not_heard_in_the_talk_either(world: World) -> None:
    carry_out(world.room, world.legs[LENA], Mute(id=1, participant=EMIL), world.moment)
    assert not world.audio(EMIL)
    assert receivers(world.video(EMIL, KEYFRAME)) == {world.legs[LENA].id}
    assert receivers(world.audio(LENA)) == {world.legs[EMIL].id}


def test_without_the_supervisor_nothing_flows_in_the_talk_and_nothing_beside_it(world: World) -> None:
    world.awake = False
    world.wait(3.0)
    assert heard(world) == NOBODY
    world.awake = True
    world.wait(0.5)
    assert heard(world) == ALONE  # as it was: nobody else was let to anybody by that


def test_a_supervisor_whose_line_is_gone_talks_to_nobody(world: World) -> None:
    world.rooms.lost(world.legs.pop(LENA).id, world.moment)
    assert heard(world) == {EMIL: set(), MIA: set()}
    world.come(LENA)  # a fresh leg, that no list names yet
    assert heard(world) == NOBODY


def test_when_the_line_of_whoever_is_aside_goes_the_others_stay_held(world: World) -> None:
    world.rooms.lost(world.legs.pop(EMIL).id, world.moment)
    assert heard(world) == {LENA: set(), MIA: set()}
    world.come(EMIL)  # the list still names the leg before
    assert heard(world) == NOBODY
    world.stages[EMIL] = Stage.WAITING
    world.publish()
    assert heard(world) == {LENA: {MIA}, MIA: {LENA}, EMIL: set()}


def test_without_a_lease_nothing_flows_in_the_talk(world: World) -> None:
    world.leasing = False
    world.now = world.ledger.lease.until
    assert heard(world) == NOBODY


def test_a_relay_that_starts_anew_lets_nobody_talk_before_the_list_names_their_new_devices() -> None:
    world = World()
    world.state = RoomState.LIVE
    world.stages = {LENA: Stage.ADMITTED, EMIL: Stage.PRIVATE, MIA: Stage.ADMITTED}
    world.publish()
    for name in EVERYBODY:
        world.come(name)
    assert heard(world) == NOBODY
    world.publish()
    assert heard(world) == ALONE
    world.stages[EMIL] = Stage.ADMITTED
    world.publish()
    assert heard(world) == NOBODY  # a room first seen live waits for an explicit resume


def test_an_older_list_in_which_everybody_was_together_opens_nothing(world: World) -> None:
    world.stages[EMIL] = Stage.ADMITTED
    together = world.listed()
    world.stages[EMIL] = Stage.PRIVATE
    stale = RoomList(
        epoch="e0" * 4, version=world.version - 1, rooms=(together,), taken=TakenEvent(boot=BOOT, number=99)
    )
    assert not world.rooms.apply(stale, world.moment)
    assert heard(world) == ALONE


def test_a_list_from_before_a_hold_opens_nothing_after_the_talk(world: World) -> None:
    carry_out(world.room, world.legs[LENA], Hold(id=1, reason="pause"), world.moment)
    generation = world.room.latches.hold.generation  # type: ignore[union-attr]
    world.stages[EMIL] = Stage.ADMITTED
    world.cleared_hold = ClearedLatch(boot=BOOT, generation=generation - 1)
    world.publish()
    assert heard(world) == NOBODY


def view(world: World, name: str) -> RoomView:
    return room_view(world.room, world.legs[name], world.moment)


def _held(world: World) -> None:
    carry_out(world.room, world.legs[LENA], Hold(id=1, reason="pause"), world.moment)


def _broken_by_herself(world: World) -> None:
    carry_out(world.room, world.legs[EMIL], Break(id=1), world.moment)


def test_the_others_see_what_they_see_on_any_hold() -> None:
    """Letter by letter, whoever is aside, whoever pressed what."""
    seen = []
    acts: tuple[Callable[[World], None], ...] = (_held, _broken_by_herself, lambda w: take_aside(w, EMIL))
    for act in acts:
        world = World()
        world.go_live(*EVERYBODY)
        act(world)
        seen.append(view(world, MIA))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0].state is RoomState.HELD
    assert [slot.participant for slot in seen[0].slots if slot] == [LENA, EMIL]


def test_who_is_aside_sees_the_supervisor_and_nobody_else(world: World) -> None:
    shown = view(world, EMIL)
    assert (shown.stage, [slot.participant for slot in shown.slots if slot]) == (Stage.PRIVATE, [LENA])


def test_a_look_at_somebody_who_went_back_to_waiting_is_shown_to_nobody_else(world: World) -> None:
    world.stages[EMIL] = Stage.WAITING
    world.publish()
    gone = view(world, MIA)
    assert [slot.participant for slot in gone.slots if slot] == [LENA]
    take_aside(world, EMIL)
    assert view(world, MIA).slots == gone.slots


def test_the_supervisor_sees_whoever_is_aside_and_may_stop_them_at_any_moment(world: World) -> None:
    assert EMIL in [slot.participant for slot in view(world, LENA).slots if slot]
    for stop in (Mute(id=1, participant=MIA), Hold(id=2, reason="pause")):
        carry_out(world.room, world.legs[LENA], stop, world.moment)
        with contextlib.suppress(RequestRefused):
            carry_out(world.room, world.legs[MIA], replace(stop, id=9), world.moment)
        assert heard(world) == ALONE
