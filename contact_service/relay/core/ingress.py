"""One stream as a publisher sends it: order, statistics, what is missing, and the last packets kept."""

from collections.abc import Sequence

from contact_service.relay.core.edge import Edge, Kept
from contact_service.relay.core.keyframes import KeyframeRequests
from contact_service.relay.core.lines import CLOCK_RATE, Kind, SendLine
from contact_service.relay.core.nack import NackTracker
from contact_service.relay.core.rtcp import Reception, SenderClock

RING = {Kind.AUDIO: 128, Kind.VIDEO: 512}
_LARGEST_GAP = 3_000
_HALF, _WHOLE = 0x8000, 0x10000


class Ingress:
    """The stream on one line.  ``edges`` are the outgoing streams that get it now, empty when nobody may.

    ``gates``: some edge still waits for a packet that may begin.  ``ssrc`` is None until it is known.
    """

    __slots__ = (
        "_base",
        "_last_report",
        "_ring",
        "_ring_size",
        "_transit",
        "clock",
        "clock_at",
        "edges",
        "gates",
        "highest",
        "jitter",
        "keyframes",
        "kind",
        "level_id",
        "line",
        "nacks",
        "rate",
        "received",
        "ssrc",
    )

    def __init__(self, line: SendLine) -> None:
        self.line, self.kind = line, line.kind
        self.ssrc: int | None = None
        self.rate = CLOCK_RATE[line.kind]
        self.level_id = line.ids.level if line.kind is Kind.AUDIO else None
        self.edges: tuple[Edge, ...] = ()
        self.gates = False
        self.highest = -1
        self.received = 0
        self.jitter = 0.0
        self.nacks = NackTracker()
        self.keyframes = KeyframeRequests()
        self.clock: SenderClock | None = None
        self.clock_at = 0.0
        self._base = 0
        self._transit: float | None = None
        self._last_report = (0, 0)
        self._ring_size = RING[line.kind]
        self._ring: list[Kept | None] = [None] * self._ring_size

    def accept(self, sequence: int, timestamp: int, now: float) -> int | None:
        """The extended sequence of a packet that came; None for one too late to be of use (RFC 3550 appendix A)."""
        highest = self.highest
        if highest < 0:
            self._base = self.highest = extended = sequence + 0x10000
        else:
            ahead = (sequence - highest) & 0xFFFF
            if ahead == 1:
                self.highest = extended = highest + 1
            elif ahead < _HALF:
                extended = highest + ahead
                if ahead:
                    self._jump(extended, now)
            else:
                extended = highest + ahead - _WHOLE
                if extended <= highest - self._ring_size:
                    return None
                self.nacks.came(extended)
        self.received += 1
        transit = now * self.rate - timestamp
        if self._transit is not None:
            self.jitter += (min(abs(transit - self._transit), self.rate) - self.jitter) / 16
        self._transit = transit
        return extended

    def recovered(self, sequence: int) -> int | None:
        """The extended sequence of a packet that came as RTX; None if it is unknown, ahead or too late."""
        behind = (self.highest - sequence) & 0xFFFF
        if self.highest < 0 or behind >= self._ring_size:
            return None
        extended = self.highest - behind
        self.nacks.came(extended)
        return extended

    def _jump(self, extended: int, now: float) -> None:
        if self.edges and self.kind is Kind.VIDEO:
            if extended - self.highest <= _LARGEST_GAP:
                self.nacks.gap(self.highest + 1, extended, now)
            else:
                self.nacks.gave_up = True
        self.highest = extended

    def lacks_something(self) -> bool:
        """Whether the publisher may have to be asked for something."""
        return bool(self.nacks.missing) or self.nacks.gave_up or self.keyframes.wanted

    def keep(self, packet: Kept) -> bool:
        """Keep ``packet`` for retransmission; False if the same sequence was kept before (a duplicate)."""
        index = packet.sequence % self._ring_size
        before = self._ring[index]
        if before is not None and before.sequence >= packet.sequence:
            return False
        self._ring[index] = packet
        return True

    def kept(self, sequence: int) -> Kept | None:
        """The packet of extended ``sequence`` if it is still here."""
        found = self._ring[sequence % self._ring_size]
        return found if found is not None and found.sequence == sequence else None

    def set_edges(self, edges: Sequence[Edge]) -> None:
        """Forward to ``edges`` and nobody else from this instant; with none left, nothing is kept or asked for."""
        self.edges = tuple(edges)
        self.gates = any(edge.gated for edge in edges)
        if not edges:
            self._ring = [None] * self._ring_size
            self.nacks.forget()
            self.keyframes.came()

    def reception(self, now: float) -> Reception | None:
        """One block for a receiver report about the time since the last (RFC 3550 appendix A.3); None before any."""
        if self.ssrc is None or self.highest < 0:
            return None
        expected = self.highest - self._base + 1
        interval = expected - self._last_report[0]
        lost = interval - (self.received - self._last_report[1])
        self._last_report = (expected, self.received)
        fraction = min(255, (lost << 8) // interval) if interval > 0 and lost > 0 else 0
        last, delay = 0, 0
        if self.clock is not None:
            last = self.clock.ntp >> 16 & 0xFFFFFFFF
            delay = int((now - self.clock_at) * 65_536) & 0xFFFFFFFF
        total = expected - self.received
        return Reception(self.ssrc, fraction, total, self.highest - 0x10000, int(self.jitter), last, delay)
