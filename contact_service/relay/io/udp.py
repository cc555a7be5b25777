"""The one UDP port: a datagram is judged by length, first byte and address before any library sees it (RFC 7983)."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aioice import stun

from contact_service.relay.core.outbox import Sending
from contact_service.relay.errors import MalformedPacket
from contact_service.relay.io.datagrams import address_of, datagrams_on
from contact_service.relay.io.ice import Address, parse, ufrag_of
from contact_service.relay.io.srtp import Inbound, PacketBuffer
from contact_service.relay.io.wire import MOST_REPORTERS, MOST_SOURCES, Wire

_SHORTEST, _LONGEST = 13, 1_472
_SOCKET_BUFFER_BYTES = 4 * 1024 * 1024
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Counters:
    """What the port saw since its start."""

    received: int = 0
    dropped: int = 0
    refused: int = 0
    """Forged, repeated or broken packets of known legs."""
    forwarded: int = 0
    unsent: int = 0


class Port:
    """Receives for all legs and sends to all legs."""

    def __init__(self, clock: Callable[[], float], on_rtcp: Callable[[Wire, bytes, float], None]) -> None:
        """``clock`` gives monotonic seconds; ``on_rtcp`` gets what was authenticated."""
        self._clock, self._on_rtcp = clock, on_rtcp
        self.counters = Counters()
        self.wires: dict[str, Wire] = {}
        self._by_place: dict[int, Wire] = {}
        self._by_ufrag: dict[str, Wire] = {}
        self._by_transaction: dict[bytes, Wire] = {}
        self._waiting: list[Sending] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams = datagrams_on(self._socket)

    def open(self, host: str, port: int) -> Address:
        """Listen; the address and port that were bound."""
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER_BYTES)
        self._socket.setblocking(False)
        self._socket.bind((host, port))
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)
        bound: Address = self._socket.getsockname()
        return bound

    def close(self) -> None:
        """Listen no more."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    # ---- legs

    def add(self, wire: Wire) -> None:
        """Let ``wire`` be found by its user fragment."""
        self.wires[wire.leg.id] = wire
        self._by_ufrag[wire.checks.ufrag] = wire

    def remove(self, leg: str) -> Wire | None:
        """Forget a leg: its packets are a stranger's from now on."""
        wire = self.wires.pop(leg, None)
        if wire is not None:
            self._by_ufrag.pop(wire.checks.ufrag, None)
            if wire.place is not None:
                self._by_place.pop(wire.place, None)
            for transaction in [t for t, known in self._by_transaction.items() if known is wire]:
                del self._by_transaction[transaction]
        return wire

    # ---- in

    def _readable(self) -> None:
        now, counters = self._clock(), self.counters
        for buffer, size, place in self._datagrams.receive():
            counters.received += 1
            if not _SHORTEST <= size <= _LONGEST:
                counters.dropped += 1
                continue
            try:
                self._on_datagram(buffer, size, place, now)
            except Exception:  # a bug costs the packet that shows it, not those that came with it
                _logger.exception("datagram failed")
        self._send_waiting()

    def _on_datagram(self, buffer: PacketBuffer, size: int, place: int, now: float) -> None:
        first, wire = buffer.view[0], self._by_place.get(place)
        if 127 < first < 192:  # noqa: PLR2004  RFC 7983 section 7
            if wire is not None:
                self._on_srtp(wire, buffer, size, now)
                return
        elif first < 4:  # noqa: PLR2004
            self._on_stun(buffer.view[:size].tobytes(), place, now)
            return
        elif 19 < first < 64 and wire is not None:  # noqa: PLR2004
            wire.dtls.receive(buffer.view[:size].tobytes())
            return
        self.counters.dropped += 1

    def _on_srtp(self, wire: Wire, buffer: PacketBuffer, size: int, now: float) -> None:
        inbound, view = wire.inbound, buffer.view
        if inbound is None:
            self.counters.dropped += 1
            return
        if 63 < view[1] & 127 < 96:  # noqa: PLR2004  RFC 5761 section 4
            self._on_srtcp(wire, inbound, buffer, size, now)
            return
        ssrc = view[8:12].tobytes()
        if ssrc not in wire.sources and len(wire.sources) >= MOST_SOURCES:
            self.counters.refused += 1
            return
        packet = inbound.open_rtp(buffer, size)
        if packet is None:
            self.counters.refused += 1
            return
        wire.sources.add(ssrc)
        try:
            sendings = wire.leg.on_rtp(packet, now)
        except MalformedPacket:
            self.counters.refused += 1
            return
        self._waiting += sendings

    def _on_srtcp(self, wire: Wire, inbound: Inbound, buffer: PacketBuffer, size: int, now: float) -> None:
        ssrc = buffer.view[4:8].tobytes()
        known = ssrc in wire.reporters or len(wire.reporters) < MOST_REPORTERS
        packet = inbound.open_rtcp(buffer, size) if known else None
        if packet is None:
            self.counters.refused += 1
            return
        wire.reporters.add(ssrc)
        self._send_waiting()  # what was permitted until now goes before anything changes
        self._on_rtcp(wire, packet, now)

    def _on_stun(self, datagram: bytes, place: int, now: float) -> None:
        wire = self._by_transaction.get(datagram[8:20]) or self._by_ufrag.get(ufrag_of(datagram) or "")
        message = parse(datagram) if wire is not None else None
        if wire is None or message is None:
            self.counters.dropped += 1
        elif message.message_class == stun.Class.REQUEST and wire.checks.is_ours(message):
            self._on_check(wire, message, place, now)
        elif wire.checks.confirmed(message, address_of(place)):
            self._move(wire, place)
        else:
            self.counters.refused += 1

    def _on_check(self, wire: Wire, message: stun.Message, place: int, now: float) -> None:
        holder, source = self._by_place.get(place), address_of(place)
        if holder is not None and holder is not wire:
            self.counters.refused += 1
            return
        wire.leg.seen_at = now
        self._send_plain(wire.checks.answer(message, source), place)
        if wire.place is None:
            self._move(wire, place)
        elif wire.place != place and "USE-CANDIDATE" in message.attributes:
            probe = wire.checks.probe(source, now)
            if probe is not None:
                self._by_transaction[probe[8:20]] = wire
                self._send_plain(probe, place)

    def _move(self, wire: Wire, place: int) -> None:
        if self._by_place.get(place, wire) is not wire:
            return
        if wire.place is not None:
            self._by_place.pop(wire.place, None)
        wire.place = place
        self._by_place[place] = wire
        for transaction in [t for t, known in self._by_transaction.items() if known is wire]:
            del self._by_transaction[transaction]

    # ---- out: nothing that was given to these waits when they return

    def send_rtp(self, sendings: Iterable[Sending]) -> None:
        """Protect and send each packet to its leg, at once; a leg without keys or address gets nothing."""
        wires, datagrams, counters = self.wires, self._datagrams, self.counters
        for leg, packet in sendings:
            wire = wires.get(leg)
            if wire is None or wire.outbound is None or wire.place is None:
                continue
            size = wire.outbound.seal_rtp(packet, datagrams.free)
            if not size:
                counters.unsent += 1
            elif datagrams.put(size, wire.place):
                counters.forwarded += self._flush()
        counters.forwarded += self._flush()

    def _send_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.send_rtp(waiting)

    def send_rtcp(self, sendings: Iterable[Sending]) -> None:
        """Protect and send each RTCP packet to its leg, at once."""
        for leg, packet in sendings:
            wire = self.wires.get(leg)
            if wire is None or wire.outbound is None or wire.place is None:
                continue
            size = wire.outbound.seal_rtcp(packet, self._datagrams.free)
            if size and self._datagrams.put(size, wire.place):
                self._flush()
        self._flush()

    def send_plain(self, wire: Wire, datagram: bytes) -> None:
        """Send a DTLS datagram to where the leg's checks came from, nowhere before the first one."""
        if wire.place is not None:
            self._send_plain(datagram, wire.place)

    def _send_plain(self, datagram: bytes, place: int) -> None:
        self._datagrams.free.view[: len(datagram)] = datagram
        self._datagrams.put(len(datagram), place)
        self._flush()

    def _flush(self) -> int:
        sent, unsent = self._datagrams.flush()
        self.counters.unsent += unsent
        return sent
