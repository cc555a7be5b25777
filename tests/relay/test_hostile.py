"""Strangers and cheats cost packets, never legs (I-8, I-9, E1, E3, E8, E13, E22)."""

import asyncio
import os
import socket
from collections.abc import Callable
from random import Random

import pytest
from aioice import stun
from hypothesis import given, strategies as st

from contact_service.relay.core import rtcp
from contact_service.relay.io import ice
from contact_service.relay.io.datagrams import place_of
from contact_service.relay.io.ice import Checks
from tests.relay.scene import ADDRESS, Scene
from tests.relay.traces import HEADER

CHANCE = Random(5)  # noqa: S311  a test must repeat


def check_with(ufrag: str, password: str) -> bytes:
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{ufrag}:abcd"
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(password.encode())
    return bytes(request)


def any_datagram(ufrags: list[str]) -> bytes:
    kinds: list[Callable[[], bytes]] = [
        lambda: b"",
        lambda: b"\x80",
        lambda: os.urandom(CHANCE.randrange(1, 40)),
        lambda: bytes([CHANCE.choice([0, 1, 22, 128, 144, 255])]) + os.urandom(CHANCE.randrange(12, 200)),
        lambda: os.urandom(1_473),
        lambda: os.urandom(9_000),
        lambda: check_with(CHANCE.choice(ufrags), "wrong" * 5),
        lambda: check_with(CHANCE.choice(ufrags), "wrong" * 5)[: CHANCE.randrange(20, 60)],
        lambda: HEADER.pack(0x80, 111, 1, 1, 1) + os.urandom(100),
    ]
    return CHANCE.choice(kinds)()


@pytest.mark.slow
async def test_a_thousand_hostile_datagrams_a_second_lose_no_leg_and_no_packet(scene: Scene) -> None:
    await scene.live()
    ufrags = [wire.checks.ufrag for wire in scene.relay.port.wires.values()]
    addresses = [wire.place for wire in scene.relay.port.wires.values()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        scene.forget()
        for _ in range(150):
            for _ in range(20):
                stranger.sendto(any_datagram(ufrags), (ADDRESS, scene.relay.port_number))
            for page in scene.pages.values():
                page.media.send_raw(any_datagram(ufrags))
            await asyncio.sleep(0.02)
    assert len(scene.relay.port.wires) == 3
    assert [wire.place for wire in scene.relay.port.wires.values()] == addresses
    assert scene.relay.port.counters.dropped + scene.relay.port.counters.refused > 2_000
    scene.forget()
    await scene.hears_all("lena", "emil", "mia")
    for name in scene.pages:
        numbers = {(got.ssrc, got.sequence) for got in scene.got[name]}
        assert len(numbers) == len(scene.got[name])


async def test_a_good_check_from_elsewhere_moves_a_leg_only_after_that_place_answers(scene: Scene) -> None:
    await scene.live()
    wire = scene.relay.port.wires[scene.pages["emil"].leg]
    before = wire.place
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.setblocking(False)
        elsewhere.bind(("127.0.0.3", 0))
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{wire.checks.ufrag}:{wire.checks.remote_ufrag}"
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(wire.checks.password.encode())
        elsewhere.sendto(bytes(request), (ADDRESS, scene.relay.port_number))
        answers = [stun.parse_message(await loop.sock_recv(elsewhere, 2_048)) for _ in range(2)]
        assert wire.place == before
        probe = next(answer for answer in answers if answer.message_class == stun.Class.REQUEST)
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=probe.transaction_id,
            attributes={"XOR-MAPPED-ADDRESS": (ADDRESS, 1)},
        )
        response.add_message_integrity(scene.pages["emil"].media.password.encode())
        elsewhere.sendto(bytes(response), (ADDRESS, scene.relay.port_number))
        await scene.until(lambda: wire.place == place_of(elsewhere.getsockname()))


async def test_no_check_takes_the_address_of_a_living_leg(scene: Scene) -> None:
    await scene.live()
    emil, mia = (scene.relay.port.wires[scene.pages[name].leg] for name in ("emil", "mia"))
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{emil.checks.ufrag}:{emil.checks.remote_ufrag}"
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(emil.checks.password.encode())
    before = (emil.place, mia.place)
    scene.pages["mia"].media.send_raw(bytes(request))
    await asyncio.sleep(0.2)
    assert (emil.place, mia.place) == before


async def test_forged_repeated_and_stray_streams_bring_nothing_out(scene: Scene) -> None:
    await scene.live()
    await asyncio.sleep(0.2)
    media = scene.pages["emil"].media
    for number in range(40):  # authenticated, but of streams that no offer named
        media.send_packet(HEADER.pack(0x80, 96, 1, 1, 5_000 + number) + b"\x10\x00stray" * 20)
    media.send_raw(HEADER.pack(0x80, 111, 1, 1, media.sources.audio) + os.urandom(100))
    media.send_rtcp(rtcp.picture_loss(1, 2)[:-4] + b"\xff" * 4)
    await asyncio.sleep(0.2)
    wire = scene.relay.port.wires[scene.pages["emil"].leg]
    assert len(wire.sources) <= 6
    assert not [got for got in scene.got["mia"] if b"stray" in got.packet]


async def test_nothing_a_participant_receives_holds_another_ones_credentials(scene: Scene) -> None:
    await scene.live()
    others = [scene.pages[name].media for name in ("lena", "mia")]
    secrets = [
        text for media in others for text in (media.ufrag, media.password, media.dtls.fingerprint.value)
    ]
    said = "\n".join(map(str, scene.pages["emil"].said))
    assert not [secret for secret in secrets if secret in said]
    assert "127.0.0.1" not in said


@pytest.fixture
def checks() -> Checks:
    return Checks(remote_ufrag="abcd", remote_password="p" * 24)


def test_a_check_must_name_both_and_know_the_password(checks: Checks) -> None:
    good = ice.parse(check_with(checks.ufrag, checks.password))
    assert good is not None
    assert checks.is_ours(good)
    for bad in (check_with(checks.ufrag, "wrong" * 5), check_with("other", checks.password)):
        message = ice.parse(bad)
        assert message is not None
        assert not checks.is_ours(message)


def test_probes_are_few_and_one_for_each_place(checks: Checks) -> None:
    probes = [checks.probe(("127.0.0.9", port), 1.0) for port in (1, 1, 2, 3, 4, 5, 6)]
    assert [probe is not None for probe in probes] == [True, False, True, True, True, False, False]
    assert checks.probe(("127.0.0.9", 7), 4.0) is not None


@given(st.binary(max_size=120))
def test_any_datagram_is_stun_or_nothing(data: bytes) -> None:
    message = ice.parse(data)
    assert message is None or len(data) >= ice.SHORTEST
    ufrag = ice.ufrag_of(data)
    assert ufrag is None or len(data) >= ice.SHORTEST


@given(st.data())
def test_a_broken_check_is_never_ours(data: st.DataObject) -> None:
    checks = Checks(remote_ufrag="abcd", remote_password="p" * 24, ufrag="ours", password="q" * 32)
    good = check_with("ours", "q" * 32)
    at = data.draw(st.integers(0, len(good) - 9))  # the fingerprint behind is not what authenticates
    bad = (
        good[:at]
        + bytes([data.draw(st.integers(0, 255).filter(lambda value: value != good[at]))])
        + good[at + 1 :]
    )
    message = ice.parse(bad)
    assert message is None or not checks.is_ours(message)
