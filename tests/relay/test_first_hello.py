"""A hundred races for the first hello: the announced one gets in, a stranger never (17.2.6, E2)."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable

import pytest

from contact_service.bench.leg import MediaLeg
from contact_service.relay.io.dtls import Dtls, Keys
from contact_service.relay.io.hello import LONGEST_HELLO, Hellos
from contact_service.relay.io.ice import Address, Checks
from contact_service.relay.io.sdp import Fingerprint
from contact_service.relay.io.udp import Port
from contact_service.relay.io.wire import Wire
from tests.relay.traces import EMIL, World

NOBODY = Fingerprint(algorithm="sha-256", value=":".join(["00"] * 32))
RACES = 100
HANDSHAKE, HEAD = 22, 13
Way = Callable[["Runner"], None]


async def hellos_of_a_stranger() -> list[bytes]:
    """The first hello of a stranger, and the second, which repeats the cookie of another leg."""
    said: list[bytes] = []
    other = Dtls(lambda datagram: stranger.receive(datagram))  # noqa: PLW0108  made below

    def say(datagram: bytes) -> None:
        said.append(datagram)
        other.receive(datagram)

    stranger = Dtls(say, role="client")
    tasks = [asyncio.create_task(one.handshake(NOBODY)) for one in (other, stranger)]
    while len(said) < 2:  # noqa: ASYNC110  what it waits for has no event
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return said[:2]


class Runner:
    """One who was announced, and one who was not, before the same port."""

    def __init__(self, port: Port, address: Address, forged: list[bytes]) -> None:
        self.port, self.address, self.forged = port, address, forged
        self.media = MediaLeg()
        self.media.open()
        self.elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.elsewhere.bind(("127.0.0.1", 0))
        self.elsewhere.setblocking(False)
        world = World()
        world.go_live(EMIL)
        dtls = Dtls(lambda datagram: port.send_plain(self.wire, datagram))
        self.wire = Wire(world.legs[EMIL], Checks(self.media.ufrag, self.media.password), dtls)
        port.wires.clear()
        port.add(self.wire)

    @property
    def answer(self) -> str:
        checks, (host, number) = self.wire.checks, self.address
        return "\r\n".join(
            (
                f"a=ice-ufrag:{checks.ufrag}",
                f"a=ice-pwd:{checks.password}",
                f"a=candidate:1 1 udp 1 {host} {number} typ host",
                f"a=fingerprint:sha-256 {self.wire.dtls.fingerprint.value}",
            )
        )

    def intrude(self) -> None:
        """Say the stranger's hellos from another address, and as if from this one."""
        for hello in self.forged:
            self.elsewhere.sendto(hello, self.address)
            self.media.send_raw(hello)

    def says(self, *, before: bool, after: bool, most: int = 1_000) -> None:
        """Let the stranger speak around each of the first ``most`` datagrams of the real one."""
        left = most

        def send(datagram: bytes) -> None:
            nonlocal left
            left -= 1
            if before and left >= 0:
                self.intrude()
            self.media.send_raw(datagram)
            if after and left >= 0:
                self.intrude()

        self.media.dtls._datagrams._sendto = send

    async def run(self) -> tuple[Keys, Keys]:
        """The keys of both ends."""
        serving = asyncio.create_task(self.wire.dtls.handshake(self.media.dtls.fingerprint))
        shaking = self.media.dtls.handshake
        keys: list[Keys] = []

        async def noted(expected: Fingerprint) -> Keys:
            keys.append(await shaking(expected))
            return keys[0]

        self.media.dtls.handshake = noted  # type: ignore[method-assign]
        await self.media.connect(self.answer)
        return keys[0], await serving

    def heard_elsewhere(self) -> bytes | None:
        with contextlib.suppress(BlockingIOError):
            return self.elsewhere.recv(2_048)
        return None

    async def close(self) -> None:
        await self.media.close()
        await self.wire.dtls.close()
        self.port.remove(self.wire.leg.id)
        self.elsewhere.close()


WAYS: dict[str, Way] = {
    "before the first": lambda one: one.says(before=True, after=False, most=1),
    "right after the first": lambda one: one.says(before=False, after=True, most=1),
    "between all": lambda one: one.says(before=True, after=True),
    "after all": lambda one: one.says(before=False, after=True),
}


@pytest.fixture
async def port() -> AsyncIterator[tuple[Port, Address]]:
    port = Port(time.monotonic, lambda *_: None)
    address = port.open("127.0.0.1", 0)
    yield port, address
    port.close()


@pytest.mark.parametrize("way", WAYS)
async def test_in_a_hundred_races_the_announced_one_gets_in_and_the_stranger_never(
    port: tuple[Port, Address], way: str, caplog: pytest.LogCaptureFixture
) -> None:
    forged = await hellos_of_a_stranger()
    for _ in range(RACES // len(WAYS)):
        one = Runner(*port, forged)
        WAYS[way](one)
        mine, theirs = await one.run()
        assert (mine.inbound, mine.outbound) == (theirs.outbound, theirs.inbound)
        assert one.heard_elsewhere() is None
        await one.close()
    assert port[0].counters.dropped >= RACES // len(WAYS)
    assert not [record for record in caplog.records if record.name.startswith("contact_service")]


async def test_a_stranger_who_speaks_alone_gets_no_more_than_a_cookie_for_each_hello(
    port: tuple[Port, Address],
) -> None:
    one = Runner(*port, await hellos_of_a_stranger())
    heard: list[bytes] = []
    one.media.dtls.receive = heard.append  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(one.wire.dtls.handshake(one.media.dtls.fingerprint))
    one.media.dtls.handshake = lambda _: asyncio.sleep(3_600)  # type: ignore[method-assign,assignment,return-value]
    connecting = asyncio.create_task(one.media.connect(one.answer))
    while one.wire.place is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    for _ in range(20):
        one.intrude()
        await asyncio.sleep(0.005)
    hello_verify_request = 3
    assert heard
    assert {datagram[HEAD] for datagram in heard} == {hello_verify_request}
    assert all(len(datagram) < len(one.forged[0]) for datagram in heard)
    for task in (serving, connecting):
        task.cancel()
    await asyncio.gather(serving, connecting, return_exceptions=True)
    await one.close()


def pieces(hello: bytes, size: int) -> list[bytes]:
    """A hello as a browser sends one that is longer than a packet."""
    kind, record, body = hello[HEAD : HEAD + 1], hello[: HEAD - 2], hello[HEAD + 12 :]
    total, number = hello[HEAD + 1 : HEAD + 4], hello[HEAD + 4 : HEAD + 6]
    made = []
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        message = kind + total + number + start.to_bytes(3) + len(piece).to_bytes(3) + piece
        made.append(record + len(message).to_bytes(2) + message)
    return made


async def test_a_hello_in_pieces_is_answered_like_a_whole_one(port: tuple[Port, Address]) -> None:
    one = Runner(*port, [])

    def in_pieces(datagram: bytes) -> None:
        is_hello = datagram[0] == HANDSHAKE and datagram[HEAD] == 1
        for piece in reversed(pieces(datagram, 50)) if is_hello else [datagram]:
            one.media.send_raw(piece)

    one.media.dtls._datagrams._sendto = in_pieces
    mine, theirs = await one.run()
    assert mine.inbound == theirs.outbound
    await one.close()


async def test_pieces_make_the_hello_they_were_cut_from_in_any_order_and_once() -> None:
    [first, second] = await hellos_of_a_stranger()
    hellos = Hellos()
    cut = pieces(first, 40)
    assert [hellos.whole(piece) for piece in (cut[-1], *cut[:-1])][:-1] == [None] * (len(cut) - 1)
    assert Hellos().whole(b"".join(cut)) == first
    assert hellos.whole(second) == second


async def test_no_pieces_fill_memory_or_break_what_reads_them() -> None:
    [first, _] = await hellos_of_a_stranger()
    hellos = Hellos()
    for number in range(2_000):
        start = number.to_bytes(3)
        message = b"\x01" + (LONGEST_HELLO - number % 900).to_bytes(3) + bytes(2) + start + b"\x00\x00\x01x"
        hellos.whole(first[: HEAD - 2] + len(message).to_bytes(2) + message)
    assert sum(len(parts) for parts in hellos._parts.values()) <= 4 * 16
    assert len(hellos._parts) <= 4
    for end in range(len(first)):
        assert Hellos().whole(first[:end]) is None


async def test_a_flood_of_pieces_keeps_nobody_else_waiting() -> None:
    """Each leg has a queue of its own; whoever fills theirs is read a datagram at a time, and others in between."""
    [first, _] = await hellos_of_a_stranger()
    one = Dtls(lambda _: None)
    serving = asyncio.create_task(one.handshake(NOBODY))
    turns = 0

    async def others() -> None:
        nonlocal turns
        while not serving.done():
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    await asyncio.sleep(0)
    before, sent = turns, 0
    for piece in pieces(first, 1)[:-1]:
        if not one._datagrams.queue.full():
            one.receive(piece)
            sent += 1
    while one._datagrams.queue.qsize():  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert turns - before >= sent > 16
    serving.cancel()
    await asyncio.gather(serving, beside, return_exceptions=True)
