"""One stream as a receiver gets it: keyframe gate, our own numbers, our own header extensions, retransmission."""

from contact_service.relay.core.continuity import Continuity
from contact_service.relay.core.edge import Kept
from contact_service.relay.core.ingress import Ingress
from contact_service.relay.core.lines import CLOCK_RATE, Kind, ReceiveLine
from contact_service.relay.core.rtcp import SenderClock, sender_report
from contact_service.relay.core.rtp import EXTENSION, HEADER, VERSION, extension_lead, extension_tails

RESENDS_PER_SECOND = 200
RESEND_BURST = 100
RESEND_PAUSE_SECONDS = 0.02
_MOST_REMEMBERED = 512
_pack = HEADER.pack


class Egress:
    """A receive line of one leg, and what is sent on it.

    ``gated`` is true until the packet comes that may begin: any for audio, a keyframe's first for video.
    """

    __slots__ = (
        "_first",
        "_lead",
        "_resend_allowance",
        "_resent_at",
        "_rtx_sequence",
        "_stamped",
        "_tails",
        "gated",
        "kind",
        "leg",
        "line",
        "map",
        "octets",
        "packets",
        "reported_highest",
        "rtt",
        "source",
    )

    def __init__(self, leg: str, line: ReceiveLine, *, sequence: int, timestamp_offset: int) -> None:
        """``sequence`` (0 to 32767) and ``timestamp_offset`` are random (RFC 3550 section 5.1)."""
        ids = line.ids
        level_id = ids.level if line.kind is Kind.AUDIO else None
        self.leg, self.line, self.kind = leg, line, line.kind
        self.map = Continuity(highest=sequence + 0x10000, timestamp_offset=timestamp_offset)
        self.source: Ingress | None = None
        self.gated = True
        self.packets = self.octets = 0
        self.reported_highest = 0
        self._lead = extension_lead(ids.send_time, level_id, ids.mid, line.mid)
        self._tails = extension_tails(ids.send_time, level_id, ids.mid, line.mid)
        self._stamped = ids.send_time is not None
        self._first = VERSION | (EXTENSION if self._lead else 0)
        self._rtx_sequence = sequence
        self._resend_allowance = (0.0, float(RESEND_BURST))
        self._resent_at: dict[int, float] = {}

    def open(self, source: Ingress) -> None:
        """Expect ``source``; nothing of what came before is ever sent."""
        self.source, self.gated = source, True

    def begin(self, packet: Kept, now: float) -> None:
        """Let ``packet`` be the first one through the gate."""
        assert self.source is not None
        self.map.resume(packet.sequence)
        self.map.follow(self.source, packet.timestamp, now, CLOCK_RATE[self.kind])
        self.gated = False

    def close(self) -> None:
        """Send nothing more of the source, not even again."""
        self.gated = True
        self._resent_at.clear()

    def forward(self, packet: Kept, stamp: bytes, now: float) -> bytes | None:
        """``packet`` as this receiver gets it, ``stamp`` its send time; None if it lies before the gate."""
        numbers = self.map
        sequence, marker, padding, timestamp, level, payload = packet
        if sequence < numbers.floor:
            return None
        ours = sequence + numbers.offset
        mapped = timestamp + numbers.timestamp_offset & 0xFFFFFFFF
        if ours > numbers.highest:
            numbers.highest, numbers.last_timestamp, numbers.last_at = ours, mapped, now
        self.packets += 1
        self.octets += len(payload)
        line = self.line
        header = _pack(self._first | padding, line.payload_type | marker, ours & 0xFFFF, mapped, line.ssrc)
        if self._stamped:
            return b"".join((header, self._lead, stamp, self._tails[level], payload))
        return b"".join((header, self._lead, self._tails[level], payload))

    def resend(self, ours: int, stamp: bytes, now: float) -> bytes | None:
        """Our 16-bit sequence ``ours`` again, as RTX (RFC 4588); None if gone, not permitted or asked too often."""
        if self.source is None or self.gated or self.line.rtx_type is None:
            return None
        sequence = self.map.source_of(ours)
        packet = self.source.kept(sequence)
        if sequence < self.map.floor or packet is None or not self._may_resend(ours, now):
            return None
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFFFFFF
        mapped = packet.timestamp + self.map.timestamp_offset & 0xFFFFFFFF
        header = _pack(
            self._first | packet.padding,
            self.line.rtx_type | packet.marker,
            self._rtx_sequence & 0xFFFF,
            mapped,
            self.line.rtx_ssrc,
        )
        stamped = stamp if self._stamped else b""
        original = ours.to_bytes(2, "big")
        return b"".join((header, self._lead, stamped, self._tails[packet.level], original, packet.payload))

    def _may_resend(self, ours: int, now: float) -> bool:
        at, allowance = self._resend_allowance
        allowance = min(RESEND_BURST, allowance + (now - at) * RESENDS_PER_SECOND)
        if allowance < 1 or now - self._resent_at.get(ours, float("-inf")) < RESEND_PAUSE_SECONDS:
            return False
        if len(self._resent_at) >= _MOST_REMEMBERED:
            self._resent_at.clear()
        self._resent_at[ours] = now
        self._resend_allowance = (now, allowance - 1)
        return True

    def report(self, ntp: int, seconds_since_clock: float) -> bytes | None:
        """A sender report for our time ``ntp``, that long after the source's last one; None while there is none."""
        source = self.source
        if source is None or source.clock is None or self.gated or not self.packets:
            return None
        passed = int(seconds_since_clock * source.rate)
        timestamp = source.clock.timestamp + passed + self.map.timestamp_offset & 0xFFFFFFFF
        clock = SenderClock(self.line.ssrc, ntp, timestamp)
        return sender_report(self.line.ssrc, clock, packets=self.packets, octets=self.octets)
