"""The port with real sockets and real SRTP, one wake at a time: what was sent by when, and to whom."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from contact_service.bench.offer import OPUS, VP8
from contact_service.protocol.signal import Hold
from contact_service.relay.core import rtcp
from contact_service.relay.core.requests import carry_out
from contact_service.relay.core.rtp import body_offset
from contact_service.relay.io.datagrams import BATCH, Batches, Datagrams, OneByOne, place_of
from contact_service.relay.io.dtls import Dtls, Keys
from contact_service.relay.io.ice import Checks
from contact_service.relay.io.srtp import Inbound, Outbound, PacketBuffer
from contact_service.relay.io.udp import Port
from contact_service.relay.io.wire import Wire
from tests.relay.test_contracts import PROFILE
from tests.relay.traces import EMIL, HEADER, KEYFRAME, LENA, MIA, World

TO_RELAY, FROM_RELAY = bytes([1]) * 44, bytes([2]) * 44


class Device:
    """A participant's socket with keys, without ICE and DTLS."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.out, self.into, self.buffer = (
            Outbound(PROFILE, TO_RELAY),
            Inbound(PROFILE, FROM_RELAY),
            PacketBuffer(),
        )

    def got(self) -> list[bytes]:
        """The RTP packets that lie here, opened."""
        found: list[bytes] = []
        while True:
            try:
                size = self.socket.recv_into(self.buffer.view)
            except BlockingIOError:
                return found
            packet = self.into.open_rtp(self.buffer, size)
            assert packet is not None
            found.append(packet)


class Wired:
    """A live visit of three at a port that reads only when told."""

    def __init__(self, make: Callable[[socket.socket], Datagrams]) -> None:
        self.world = World()
        self.world.go_live(LENA, EMIL, MIA)
        self.asked: list[bytes] = []
        self.on_rtcp: Callable[[], None] = lambda: None
        self.port = Port(lambda: self.world.now, self._on_rtcp)
        self.address = self.port.open("127.0.0.1", 0)
        asyncio.get_running_loop().remove_reader(self.port._socket.fileno())
        self.port._datagrams = make(self.port._socket)
        self.devices = {name: self._connect(name) for name in (LENA, EMIL, MIA)}
        self.sequence = 0

    def _connect(self, name: str) -> Device:
        device = Device()
        wire = Wire(self.world.legs[name], Checks("abcd", "p" * 24), Dtls(lambda _: None))
        self.port.add(wire)
        wire.secure(Keys(PROFILE, TO_RELAY, FROM_RELAY))
        self.port._move(wire, place_of(device.socket.getsockname()))
        return device

    def _on_rtcp(self, _: Wire, packet: bytes, __: float) -> None:
        self.asked.append(packet)
        self.on_rtcp()

    def says(self, name: str, payload: bytes = b"sound") -> None:
        """Let a sound packet of ``name`` lie at the port."""
        self.sequence += 1
        header = HEADER.pack(0x80, OPUS, self.sequence, self.sequence * 960, self.world.sources[name].audio)
        self.send(name, header + payload)

    def send(self, name: str, packet: bytes) -> None:
        device = self.devices[name]
        size = device.out.seal_rtp(packet, device.buffer)
        device.socket.sendto(device.buffer.view[:size], self.address)

    def reports(self, name: str) -> None:
        device = self.devices[name]
        size = device.out.seal_rtcp(rtcp.receiver_report(1, []), device.buffer)
        device.socket.sendto(device.buffer.view[:size], self.address)

    def wake(self) -> None:
        """One wake; nothing waits after it."""
        self.port._readable()
        assert self.port._waiting == []
        assert self.port._datagrams.flush() == (0, 0)

    def heard(self, name: str) -> list[bytes]:
        """The payloads that lie at the device of ``name``."""
        return [packet[body_offset(packet) :] for packet in self.devices[name].got()]


@pytest.fixture(params=[Batches, OneByOne])
async def wired(request: pytest.FixtureRequest) -> AsyncIterator[Wired]:
    wired = Wired(request.param)
    yield wired
    wired.port._socket.close()
    for device in wired.devices.values():
        device.socket.close()


async def test_a_wake_takes_a_batch_and_sends_all_of_it_in_order(wired: Wired) -> None:
    payloads = [b"%d" % number for number in range(100, 100 + BATCH + 4)]
    for payload in payloads:
        wired.says(EMIL, payload)
    wired.wake()
    assert wired.heard(MIA) == wired.heard(LENA) == payloads[:BATCH]
    wired.wake()
    assert wired.heard(MIA) == wired.heard(LENA) == payloads[BATCH:]
    assert (wired.port.counters.forwarded, wired.port.counters.unsent) == (2 * len(payloads), 0)


async def test_a_hold_in_the_middle_of_a_wake_sends_nothing_after_it_returned(wired: Wired) -> None:
    sent_at_return: list[int] = []

    def hold() -> None:
        carry_out(wired.world.room, wired.world.legs[LENA], Hold(id=1, reason="check"), wired.world.moment)
        sent_at_return.append(len(wired.heard(MIA)))

    wired.on_rtcp = hold
    wired.says(EMIL)
    wired.says(EMIL)
    wired.reports(LENA)
    wired.says(EMIL)
    wired.says(LENA)
    wired.wake()
    assert sent_at_return == [2]
    assert wired.heard(MIA) == []
    assert wired.port.counters.forwarded == 4


async def test_a_place_that_cannot_be_sent_to_costs_only_its_own_packets(wired: Wired) -> None:
    wired.port.wires[wired.world.legs[LENA].id].place = place_of(("127.0.0.1", 0))
    for _ in range(3):
        wired.says(EMIL)
    wired.wake()
    assert len(wired.heard(MIA)) == 3
    assert (wired.port.counters.forwarded, wired.port.counters.unsent) == (3, 3)


async def test_a_datagram_longer_than_any_packet_is_dropped_whole(wired: Wired) -> None:
    wired.says(EMIL)
    for size in (1_473, 2_048, 2_049, 60_000):
        wired.devices[EMIL].socket.sendto(HEADER.pack(0x80, OPUS, 9, 9, 9) + bytes(size - 12), wired.address)
    wired.says(EMIL)
    wired.wake()
    assert len(wired.heard(MIA)) == 2
    counters = wired.port.counters
    assert (counters.received, counters.dropped, counters.refused) == (6, 4, 0)


async def test_a_bug_costs_the_packet_that_shows_it(wired: Wired, caplog: pytest.LogCaptureFixture) -> None:
    def bug() -> None:
        raise ZeroDivisionError

    wired.on_rtcp = bug
    wired.says(EMIL)
    wired.reports(EMIL)
    wired.says(EMIL)
    wired.wake()
    assert len(wired.heard(MIA)) == 2
    assert [record.message for record in caplog.records] == ["datagram failed"]


async def test_a_leg_that_was_removed_gets_and_brings_nothing(wired: Wired) -> None:
    wired.port.remove(wired.world.legs[MIA].id)
    wired.says(EMIL)
    wired.says(MIA)
    wired.wake()
    assert (len(wired.heard(LENA)), wired.heard(MIA)) == (1, [])
    assert wired.port.counters.dropped == 1


async def test_reports_and_retransmissions_go_at_once_by_hundreds(wired: Wired) -> None:
    leg, device = wired.world.legs[MIA].id, wired.devices[MIA]
    wired.port.send_rtcp([(leg, rtcp.receiver_report(1, []))] * 100)
    found = 0
    while found < 100:
        assert device.socket.recv_into(device.buffer.view)
        found += 1
    ssrc = wired.world.legs[MIA].slots[0].video.line.ssrc
    packets = [(leg, HEADER.pack(0x80, VP8, number, 1, ssrc) + KEYFRAME) for number in range(100)]
    wired.port.send_rtp(packets)
    assert device.got() == [packet for _, packet in packets]
    assert wired.port.counters.unsent == 0
