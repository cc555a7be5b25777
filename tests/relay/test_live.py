"""A visit at a running relay, with real DTLS-SRTP legs."""

import asyncio
import time
from dataclasses import replace

import pytest

from contact_service.bench.page import Page
from contact_service.bench.visit import unix_ms
from contact_service.protocol.rooms import ClearedLatch, Role, RoomState, Stage
from contact_service.protocol.signal import (
    Break,
    Done,
    End,
    Heartbeat,
    Hold,
    Leave,
    Mute,
    People,
    Refused,
    Remove,
    RoomView,
    Withdraw,
)
from tests.relay.scene import Scene

BOTH_ABOUT_MIA = {("mia", "audio"), ("mia", "video")}


async def test_everybody_hears_and_sees_everybody_once_admitted_and_live(scene: Scene) -> None:
    await scene.live()
    assert scene.heard("emil") == {("lena", "audio"), ("lena", "video"), *BOTH_ABOUT_MIA}


async def test_nobody_gets_a_packet_or_a_word_of_others_before_admission(scene: Scene) -> None:
    await scene.come("lena", Role.SUPERVISOR)
    await scene.place("lena", Stage.ADMITTED)
    await scene.come("emil", Role.FAMILY)
    await scene.come("mia", Role.CHILD)
    scene.talk("lena", "emil", "mia")
    await asyncio.sleep(0.5)
    assert not any(scene.got.values())
    views = [said for said in scene.pages["emil"].said if isinstance(said, RoomView)]
    assert {(v.state, v.stage, v.slots, v.supervisor_here) for v in views} == {
        (RoomState.WAITING, Stage.WAITING, (None,) * 5, False)
    }


async def test_in_private_only_the_supervisor_and_that_person_hear_each_other(scene: Scene) -> None:
    await scene.live()
    await scene.place("mia", Stage.PRIVATE)
    await scene.quiet()
    assert scene.heard("mia") == {("lena", "audio"), ("lena", "video")}
    assert scene.heard("lena") == BOTH_ABOUT_MIA
    assert not scene.heard("emil")
    assert (await scene.pages["emil"].until_state("held")).stage is Stage.ADMITTED


async def test_a_private_talk_goes_on_while_waiting_for_the_first_admission(scene: Scene) -> None:
    await scene.come("lena", Role.SUPERVISOR)
    await scene.place("lena", Stage.ADMITTED)
    await scene.come("emil", Role.FAMILY)
    scene.talk("lena", "emil")
    await scene.place("emil", Stage.PRIVATE)
    await scene.hears_all("lena", "emil")


async def test_hold_stops_every_packet_before_it_is_acknowledged_and_resume_brings_pictures(
    scene: Scene,
) -> None:
    await scene.live()
    lena, began = scene.pages["lena"], time.perf_counter()
    await lena.say(Hold(id=7, reason="check"))
    assert (await lena.hear(Done)).id == 7
    assert time.perf_counter() - began < 0.25
    sent = scene.relay.port.counters.forwarded
    await scene.quiet()
    assert scene.relay.port.counters.forwarded == sent
    assert not any(scene.got.values())
    await scene.resume()
    await scene.hears_all("lena", "emil", "mia")


async def test_lists_that_do_not_name_the_hold_or_do_not_know_of_it_open_nothing(scene: Scene) -> None:
    await scene.live()
    before = scene.api.listing
    await scene.pages["lena"].say(Hold(id=1, reason="check"))
    held = await scene.api.until_event("held")
    await scene.api.send(before)
    await scene.go(RoomState.LIVE)
    cleared = ClearedLatch(boot=held.boot, generation=int(held.facts["generation"]))
    unknowing = replace(scene.api.listing, version=99, taken=None)
    rooms = (replace(scene.visit.room, state=RoomState.LIVE, cleared_hold=cleared),)
    await scene.api.send(replace(unknowing, rooms=rooms))
    await scene.quiet()
    assert not any(scene.got.values())


async def test_mute_silences_one_and_leaves_the_picture(scene: Scene) -> None:
    await scene.live()
    lena = scene.pages["lena"]
    await lena.say(Mute(id=1, participant=scene.participant("emil")))
    await lena.hear(Done)
    await scene.quiet()
    assert scene.heard("mia") == {("lena", "audio"), ("lena", "video"), ("emil", "video")}
    view = scene.pages["emil"].view()
    assert view is not None
    assert view.muted


async def test_who_agreed_to_be_heard_and_not_seen_is_seen_by_nobody(scene: Scene) -> None:
    await scene.live()
    scene.visit.put(replace(scene.visit.person(scene.participant("emil")), unseen=True))
    await scene.publish()
    await scene.quiet()
    assert scene.heard("mia") == {("lena", "audio"), ("lena", "video"), ("emil", "audio")}
    assert scene.heard("lena") == {("mia", "audio"), ("mia", "video"), ("emil", "audio")}
    assert scene.heard("emil") == {("lena", "audio"), ("lena", "video"), ("mia", "audio"), ("mia", "video")}


async def test_a_removed_person_hears_nothing_more_and_does_not_come_back(scene: Scene) -> None:
    await scene.live()
    lena, emil, participant = scene.pages["lena"], scene.pages["emil"], scene.participant("emil")
    await lena.say(Remove(id=1, participant=participant))
    await lena.hear(Done)
    assert await emil.until_closed() == 1000
    assert emil.was_ended()
    await scene.quiet()
    assert scene.heard("mia") == {("lena", "audio"), ("lena", "video")}
    assert not scene.heard("emil")
    assert await scene.refusal_of(scene.visit.ticket(participant)) == "closed"


async def test_the_end_closes_every_socket_with_the_same_words(scene: Scene) -> None:
    await scene.live()
    await scene.pages["lena"].say(End(id=1, reason="completed"))
    assert [await page.until_closed() for page in scene.pages.values()] == [1000] * 3
    assert all(page.was_ended() for page in scene.pages.values())
    assert (await scene.api.until_event("ended")).facts == {"reason": "completed"}


async def test_only_the_supervisor_stops_others_and_a_refused_try_is_reported(scene: Scene) -> None:
    await scene.live()
    emil = scene.pages["emil"]
    await emil.say(End(id=3, reason="completed"))
    refused = await emil.hear(Refused)
    assert (refused.id, refused.code) == (3, "not_supervisor")
    assert (await scene.api.until_event("refused_stop")).facts == {"code": "not_supervisor"}
    scene.forget()
    await scene.hears_all("lena", "emil", "mia")


async def test_a_childs_break_holds_everyone_and_only_the_supervisor_learns_who_asked(scene: Scene) -> None:
    await scene.live()
    await scene.pages["mia"].say(Break(id=1))
    await scene.pages["mia"].hear(Done)
    await scene.quiet()
    assert not any(scene.got.values())
    people = [said for said in scene.pages["lena"].said if isinstance(said, People)][-1]
    assert [p.participant for p in people.people if p.asked_break] == [scene.participant("mia")]
    assert not [said for said in scene.pages["emil"].said if isinstance(said, People)]


async def test_who_leaves_is_gone_for_the_others(scene: Scene) -> None:
    await scene.live()
    await scene.pages["emil"].say(Leave(id=1))
    assert await scene.pages["emil"].until_closed() == 1000
    assert (await scene.api.until_event("left")).facts == {"leg": scene.pages["emil"].leg}
    view = scene.pages["mia"].view()
    assert view is not None
    assert [slot.role for slot in view.slots if slot] == [Role.SUPERVISOR]


async def test_a_childs_withdrawal_ends_the_visit_and_an_adults_cuts_the_adult(scene: Scene) -> None:
    await scene.live()
    await scene.pages["emil"].say(Withdraw(id=1))
    await scene.pages["emil"].until_closed()
    assert scene.pages["lena"].closed_with is None
    await scene.pages["mia"].say(Withdraw(id=1))
    assert await scene.pages["lena"].until_closed() == 1000
    assert (await scene.api.until_event("ended")).facts == {"reason": "consent_withdrawn"}


async def test_the_end_time_ends_the_visit_without_anybody(scene: Scene) -> None:
    await scene.live()
    scene.visit.room = replace(scene.visit.room, ends_at_ms=unix_ms() + 500)
    await scene.publish()
    await scene.pages["emil"].until_closed(seconds=1.5)
    assert (await scene.api.until_event("ended")).facts == {"reason": "time_over"}


async def test_a_list_that_says_held_stops_everybody_and_one_that_says_live_lets_them_go_on(
    scene: Scene,
) -> None:
    """A hold that no stop of the relay stands behind: an interpreter who is needed is lost."""
    await scene.live()
    scene.visit.room = replace(scene.visit.room, state=RoomState.HELD)
    await scene.publish()
    await scene.pages["emil"].until_state("held")
    await scene.quiet()
    assert not any(scene.got.values())
    scene.visit.room = replace(scene.visit.room, state=RoomState.LIVE)
    await scene.publish()
    await scene.hears_all("lena", "emil", "mia")


@pytest.mark.slow
async def test_a_silent_supervisor_page_holds_the_room_within_three_seconds(scene: Scene) -> None:
    await scene.live()
    await scene.pages["lena"].say(Heartbeat())
    for task in scene.pages["lena"]._tasks[1:]:
        task.cancel()
    began = time.perf_counter()
    await scene.api.until_event("supervisor_lost", seconds=4)
    assert 2 < time.perf_counter() - began < 3.05
    await scene.quiet()
    assert not any(scene.got.values())
    scene.pages["lena"].keep_awake()
    await scene.api.until_event("supervisor_returned")
    await scene.quiet()
    assert not any(scene.got.values())
    await scene.resume()
    await scene.hears_all("lena", "emil", "mia")


@pytest.mark.slow
async def test_a_supervisor_who_no_longer_receives_holds_the_room(scene: Scene) -> None:
    await scene.live()
    scene.pages["lena"].media.reporting = False
    began = time.perf_counter()
    await scene.api.until_event("supervisor_lost", seconds=4)
    assert time.perf_counter() - began < 3.05


@pytest.mark.slow
async def test_a_lost_lease_stops_media_within_two_seconds_and_the_next_one_brings_it_back(
    scene: Scene,
) -> None:
    await scene.live()
    scene.api.leasing = False
    began = time.perf_counter()
    await scene.pages["emil"].until_state("held")
    assert time.perf_counter() - began < 2.1
    await scene.quiet()
    assert not any(scene.got.values())
    scene.api.leasing = True
    await scene.hears_all("lena", "emil", "mia")
    assert (await scene.api.until_event("lease_lost")).participant is None


@pytest.mark.slow
async def test_a_newer_list_that_never_came_lets_the_lease_run_out(scene: Scene) -> None:
    await scene.live()
    scene.api.listing = replace(scene.api.listing, version=scene.api.listing.version + 1)
    await scene.pages["emil"].until_state("held", seconds=2.6)


async def test_a_room_that_leaves_the_list_is_closed(scene: Scene) -> None:
    await scene.live()
    await scene.api.publish()
    assert [await page.until_closed() for page in scene.pages.values()] == [1000] * 3


async def test_a_fresh_leg_of_an_admitted_person_waits_and_the_old_one_is_closed(scene: Scene) -> None:
    await scene.live()
    old = scene.pages["emil"]
    fresh = await scene.join("emil", scene.participant("emil"))
    assert await old.until_closed() == 1000
    assert (await fresh.until_state("waiting")).stage is Stage.WAITING
    await asyncio.sleep(0.3)
    assert not scene.got["emil"]
    await old.close()


async def test_a_socket_that_resumes_keeps_the_leg_and_its_media(scene: Scene) -> None:
    await scene.live()
    emil = scene.pages["emil"]
    await emil.hang_up()
    second = Page(emil.media)
    welcome = await second.join(scene.url, scene.visit.ticket(scene.participant("emil")), resume=True)
    assert (welcome.resumed, welcome.leg) == (True, emil.leg)
    assert (await second.until_state("live")).stage is Stage.ADMITTED
    scene.forget()
    await scene.hears_all("lena", "emil", "mia")
    await second.hang_up()


async def test_a_visit_already_live_when_the_relay_boots_starts_on_hold(scene: Scene) -> None:
    scene.visit.room = replace(scene.visit.room, state=RoomState.LIVE)
    await scene.publish()
    assert (await scene.api.until_event("held")).facts["reason"] == "relay_restarted"
