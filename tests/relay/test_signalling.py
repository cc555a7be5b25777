"""The signalling socket: origin, path, tickets, sizes, rates, and malformed frames that close nothing."""

import asyncio
from dataclasses import replace

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from contact_service.bench.page import ORIGIN, Page
from contact_service.bench.visit import unix_ms
from contact_service.protocol.fields import encode
from contact_service.protocol.rooms import Role, RoomState
from contact_service.protocol.signal import Break, Heartbeat, Offer, Refused, parse_from_relay
from contact_service.protocol.ticket import Ticket, sign
from tests.relay.scene import Scene


async def dial(scene: Scene, origin: str | None = ORIGIN, path: str = "") -> ClientConnection:
    return await connect(
        scene.url + path, origin=Origin(origin) if origin else None, compression=None, proxy=None
    )


async def refusal(socket: ClientConnection, frame: str) -> str:
    await socket.send(frame)
    message = parse_from_relay(str(await socket.recv()))
    assert isinstance(message, Refused)
    return message.code


async def guest(scene: Scene) -> tuple[Page, str]:
    participant = scene.visit.invite(Role.FAMILY)
    await scene.publish()
    page = scene.pages["guest"] = Page()
    scene.got["guest"] = []
    await page.join(scene.url, scene.visit.ticket(participant))
    return page, participant


@pytest.mark.parametrize("origin", [None, "http://evil.example", "https://localhost:8000", "null"])
async def test_a_foreign_origin_gets_in_nowhere(scene: Scene, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(scene, origin)
    assert refused.value.response.status_code == 403


async def test_another_path_is_not_there(scene: Scene) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await dial(scene, path="/x")
    assert refused.value.response.status_code == 404


async def test_tickets_are_refused_by_name(scene: Scene) -> None:
    participant = scene.visit.invite(Role.FAMILY)
    await scene.publish()
    good = Ticket(
        relay="relay-1",
        visit=scene.visit.room.visit,
        participant=participant,
        role=Role.FAMILY,
        generation=1,
        issued_at_ms=unix_ms(),
        not_before_ms=unix_ms(),
        expires_at_ms=unix_ms() + 30_000,
        id="ab" * 16,
    )
    key = scene.visit.ticket_key
    boot = scene.relay.booted_at_ms
    assert await scene.refusal_of("x.y") == "malformed"
    assert await scene.refusal_of(sign(replace(good, relay="relay-2"), key)) == "wrong_relay"
    assert await scene.refusal_of(sign(replace(good, issued_at_ms=boot - 1), key)) == "before_boot"
    assert await scene.refusal_of(sign(replace(good, expires_at_ms=unix_ms()), key)) == "expired"
    page = Page()
    await page.join(scene.url, sign(good, key))
    assert await scene.refusal_of(sign(good, key)) == "used"
    await page.close()


async def test_nothing_is_heard_before_the_ticket(scene: Scene) -> None:
    socket = await dial(scene)
    assert await refusal(socket, encode(Offer(sdp="v=0"))) == "not_joined"
    assert await refusal(socket, encode(Break(id=4))) == "not_joined"
    await socket.close()


async def test_malformed_frames_are_answered_and_close_nothing(scene: Scene) -> None:
    page, _ = await guest(scene)
    assert page._socket is not None
    for frame in ("", "[]", '{"type":"x"}', '{"type":"hold"}', b"\x00", '{"type":"offer","sdp":"v=0","a":1}'):
        await page._socket.send(frame)
    await scene.until(lambda: sum(isinstance(said, Refused) for said in page.said) == 6)
    assert page.closed_with is None
    await page.offer()


async def test_a_refused_offer_leaves_room_for_a_good_one_and_a_second_is_refused(scene: Scene) -> None:
    page, _ = await guest(scene)
    await page.say(Offer(sdp="v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 60))
    assert (await page.hear(Refused)).code == "offer_lines"
    await page.offer()
    await page.say(Offer(sdp="v=0"))
    await scene.until(lambda: sum(isinstance(said, Refused) for said in page.said) == 2)
    assert [said.code for said in page.said if isinstance(said, Refused)][1] == "offer_twice"


async def test_a_frame_over_64_kib_closes_with_1009(scene: Scene) -> None:
    socket = await dial(scene)
    await socket.send("x" * (64 * 1024 + 1))
    await asyncio.wait_for(socket.wait_closed(), 5)
    assert socket.close_code == 1009


async def test_more_than_twenty_messages_a_second_close_with_1008(scene: Scene) -> None:
    page, _ = await guest(scene)
    for _ in range(30):
        await page.say(Heartbeat())
    assert await page.until_closed() == 1008


@pytest.mark.slow
async def test_who_shows_no_ticket_is_shown_out_after_five_seconds(scene: Scene) -> None:
    socket = await dial(scene)
    await asyncio.wait_for(socket.wait_closed(), 6.5)
    assert socket.close_code == 1008


async def test_the_oldest_of_three_sockets_on_a_leg_is_closed(scene: Scene) -> None:
    page, participant = await guest(scene)
    await page.offer()
    others = [Page(page.media), Page(page.media)]
    for other in others:
        assert (await other.join(scene.url, scene.visit.ticket(participant), resume=True)).resumed
    assert await page.until_closed() == 1008
    assert [other.closed_with for other in others] == [None, None]
    for other in others:
        await other.hang_up()


async def test_a_closed_visit_lets_nobody_in(scene: Scene) -> None:
    _, participant = await guest(scene)
    scene.visit.room = replace(scene.visit.room, state=RoomState.ENDED)
    await scene.publish()
    await scene.pages["guest"].until_closed()
    assert await scene.refusal_of(scene.visit.ticket(participant)) == "closed"
    await scene.api.publish()
    await asyncio.sleep(0.1)
    assert await scene.refusal_of(scene.visit.ticket(participant)) == "closed"
