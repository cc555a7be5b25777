"""The one UDP port: a datagram is judged by length, first byte and address before any library sees it (RFC 7983)."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aioice import stun

from contact_service.relay.core.outbox import Sending
from contact_service.relay.errors import MalformedPacket
from contact_service.relay.io.ice import Address, parse, ufrag_of
from contact_service.relay.io.srtp import PacketBuffer
from contact_service.relay.io.wire import MOST_REPORTERS, MOST_SOURCES, Wire

BATCH = 32
_SHORTEST, _LONGEST = 13, 1_472
_SOCKET_BUFFER_BYTES = 4 * 1024 * 1024


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
        self.incoming, self.outgoing = PacketBuffer(), PacketBuffer()
        self.counters = Counters()
        self.wires: dict[str, Wire] = {}
        self._by_address: dict[Address, Wire] = {}
        self._by_ufrag: dict[str, Wire] = {}
        self._by_transaction: dict[bytes, Wire] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

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
            if wire.checks.address is not None:
                self._by_address.pop(wire.checks.address, None)
            for transaction in [t for t, known in self._by_transaction.items() if known is wire]:
                del self._by_transaction[transaction]
        return wire

    # ---- in

    def _readable(self) -> None:
        view, receive, counters = self.incoming.view, self._socket.recvfrom_into, self.counters
        now = self._clock()
        for _ in range(BATCH):
            try:
                size, source = receive(view)
            except OSError:  # nothing more, or a report about an address that is gone
                return
            counters.received += 1
            if not _SHORTEST <= size <= _LONGEST:
                counters.dropped += 1
                continue
            self._on_datagram(view[0], size, source, now)

    def _on_datagram(self, first: int, size: int, source: Address, now: float) -> None:
        wire = self._by_address.get(source)
        if 127 < first < 192:  # noqa: PLR2004  RFC 7983 section 7
            if wire is not None:
                self._on_srtp(wire, size, now)
                return
        elif first < 4:  # noqa: PLR2004
            self._on_stun(self.incoming.view[:size].tobytes(), source, now)
            return
        elif 19 < first < 64 and wire is not None:  # noqa: PLR2004
            wire.dtls.receive(self.incoming.view[:size].tobytes())
            return
        self.counters.dropped += 1

    def _on_srtp(self, wire: Wire, size: int, now: float) -> None:
        inbound = wire.inbound
        if inbound is None:
            self.counters.dropped += 1
            return
        view = self.incoming.view
        if 63 < view[1] & 127 < 96:  # noqa: PLR2004  RFC 5761 section 4
            self._on_srtcp(wire, size, now)
            return
        ssrc = view[8:12].tobytes()
        if ssrc not in wire.sources and len(wire.sources) >= MOST_SOURCES:
            self.counters.refused += 1
            return
        packet = inbound.open_rtp(size)
        if packet is None:
            self.counters.refused += 1
            return
        wire.sources.add(ssrc)
        try:
            sendings = wire.leg.on_rtp(packet, now)
        except MalformedPacket:
            self.counters.refused += 1
            return
        if sendings:
            self.send_rtp(sendings)

    def _on_srtcp(self, wire: Wire, size: int, now: float) -> None:
        ssrc = self.incoming.view[4:8].tobytes()
        known = ssrc in wire.reporters or len(wire.reporters) < MOST_REPORTERS
        packet = wire.inbound.open_rtcp(size) if wire.inbound is not None and known else None
        if packet is None:
            self.counters.refused += 1
            return
        wire.reporters.add(ssrc)
        self._on_rtcp(wire, packet, now)

    def _on_stun(self, datagram: bytes, source: Address, now: float) -> None:
        wire = self._by_transaction.get(datagram[8:20]) or self._by_ufrag.get(ufrag_of(datagram) or "")
        message = parse(datagram) if wire is not None else None
        if wire is None or message is None:
            self.counters.dropped += 1
        elif message.message_class == stun.Class.REQUEST and wire.checks.is_ours(message):
            self._on_check(wire, message, source, now)
        elif wire.checks.confirmed(message, source):
            self._move(wire, source)
        else:
            self.counters.refused += 1

    def _on_check(self, wire: Wire, message: stun.Message, source: Address, now: float) -> None:
        holder = self._by_address.get(source)
        if holder is not None and holder is not wire:
            self.counters.refused += 1
            return
        wire.leg.seen_at = now
        self._sendto(wire.checks.answer(message, source), source)
        if wire.checks.address is None:
            self._move(wire, source)
        elif wire.checks.address != source and "USE-CANDIDATE" in message.attributes:
            probe = wire.checks.probe(source, now)
            if probe is not None:
                self._by_transaction[probe[8:20]] = wire
                self._sendto(probe, source)

    def _move(self, wire: Wire, address: Address) -> None:
        if self._by_address.get(address, wire) is not wire:
            return
        if wire.checks.address is not None:
            self._by_address.pop(wire.checks.address, None)
        wire.checks.address = address
        self._by_address[address] = wire
        for transaction in [t for t, known in self._by_transaction.items() if known is wire]:
            del self._by_transaction[transaction]

    # ---- out

    def send_rtp(self, sendings: Iterable[Sending]) -> None:
        """Protect and send each packet to its leg, at once; a leg without keys or address gets nothing."""
        wires, counters, sendto = self.wires, self.counters, self._socket.sendto
        for leg, packet in sendings:
            wire = wires.get(leg)
            if wire is None or wire.outbound is None or wire.checks.address is None:
                continue
            sealed = wire.outbound.seal_rtp(packet)
            if sealed is None:
                counters.unsent += 1
                continue
            try:
                sendto(sealed, wire.checks.address)
            except OSError:  # the socket's buffer is full or the network is away: one packet lost
                counters.unsent += 1
            else:
                counters.forwarded += 1

    def send_rtcp(self, sendings: Iterable[Sending]) -> None:
        """Protect and send each RTCP packet to its leg, at once."""
        for leg, packet in sendings:
            wire = self.wires.get(leg)
            if wire is None or wire.outbound is None or wire.checks.address is None:
                continue
            sealed = wire.outbound.seal_rtcp(packet)
            if sealed is not None:
                self._sendto(sealed, wire.checks.address)

    def send_plain(self, wire: Wire, datagram: bytes) -> None:
        """Send a DTLS datagram to where the leg's checks came from, nowhere before the first one."""
        if wire.checks.address is not None:
            self._sendto(datagram, wire.checks.address)

    def _sendto(self, datagram: bytes | memoryview, address: Address) -> None:
        try:
            self._socket.sendto(datagram, address)
        except OSError:
            self.counters.unsent += 1
