"""One participant's connection: what it publishes, its receive slots, and the way of a packet through the relay."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from contact_service.protocol.rooms import Role
from contact_service.relay.core.edge import Kept
from contact_service.relay.core.egress import Egress
from contact_service.relay.core.ingress import Ingress
from contact_service.relay.core.lines import Kind, Lines, ReceiveLine
from contact_service.relay.core.outbox import Sending
from contact_service.relay.core.presence import Presence
from contact_service.relay.core.rtp import (
    HEADER,
    MARKER,
    PADDING,
    body_offset,
    extension,
    is_keyframe_start,
    send_time,
)

BUDGET_PER_SECOND = 700_000
"""What one leg may send: octets, with 200 for each packet."""
BUDGET_BURST = 350_000
SILENT_AUDIO = 127
"""The audio level byte of a packet that says none: no voice, -127 dBov (RFC 6464)."""
DEFAULT_RTT = 0.1
SILENT_SECONDS = 2.0
_unpack = HEADER.unpack_from


@dataclass(slots=True)
class Gate:
    """Until when (monotonic seconds, end excluded) a room may forward at all; read for every packet."""

    open_until: float = float("-inf")


@dataclass(slots=True)
class Slot:
    """A pair of receive lines, bound to one participant for the life of the leg."""

    audio: Egress
    video: Egress
    participant: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who a leg belongs to, and when its ticket was issued (Unix milliseconds)."""

    leg: str
    participant: str
    role: Role
    issued_at_ms: int


class Leg:
    """The media of one participant.  Without ``lines`` nothing was agreed; without ``connected`` nothing flows."""

    def __init__(self, identity: Identity, gate: Gate, now: float) -> None:
        self.id, self.participant, self.role = identity.leg, identity.participant, identity.role
        self.issued_at_ms = identity.issued_at_ms
        self.gate = gate
        self.connected = self.was_admitted = self.asked_break = False
        self.seen_at = now
        self.report_at = now
        self.rtt = DEFAULT_RTT
        self.presence = Presence()
        self.lines: Lines | None = None
        self.slots: list[Slot] = []
        self.ingresses: dict[Kind, Ingress] = {}
        self.egresses: dict[int, Egress] = {}
        self._media: dict[int, Ingress] = {}
        self._rtx: dict[int, Ingress] = {}
        self._budget = BUDGET_BURST

    def agree(self, lines: Lines, random: Random) -> None:
        """Take the agreed lines: streams whose SSRC the offer names are bound, slots are free."""
        self.lines = lines
        for line in (lines.audio, lines.video):
            ingress = self.ingresses[line.kind] = Ingress(line)
            if line.ssrc is not None:
                self._bind(ingress, line.ssrc)
            if line.rtx_ssrc is not None:
                self._rtx[line.rtx_ssrc] = ingress
        self.slots = [
            Slot(self._egress(audio, random), self._egress(video, random)) for audio, video in lines.slots
        ]

    def _egress(self, line: ReceiveLine, random: Random) -> Egress:
        sequence, offset = random.getrandbits(15), random.getrandbits(32)
        egress = Egress(self.id, line, sequence=sequence, timestamp_offset=offset)
        self.egresses[line.ssrc] = egress
        return egress

    def slot_for(self, participant: str) -> Slot | None:
        """The slot of ``participant``, bound now if there is a free one and none before; None if all are taken."""
        free = None
        for slot in self.slots:
            if slot.participant == participant:
                return slot
            if slot.participant is None and free is None:
                free = slot
        if free is not None:
            free.participant = participant
        return free

    def sent(self) -> int:
        """Packets sent to this leg in all, without retransmissions."""
        return sum(egress.packets for egress in self.egresses.values())

    def flow(self) -> Kind | None:
        """Whether pictures, only sound or nothing is being sent to this leg."""
        kinds = {egress.kind for egress in self.egresses.values() if not egress.gated}
        return Kind.VIDEO if Kind.VIDEO in kinds else Kind.AUDIO if kinds else None

    def is_silent(self, now: float) -> bool:
        """Whether nothing authenticated came for 2 s."""
        return now - self.seen_at >= SILENT_SECONDS

    def refill(self, seconds: float) -> None:
        """Add what this leg may send for ``seconds``."""
        self._budget = min(BUDGET_BURST, self._budget + int(BUDGET_PER_SECOND * seconds))

    def on_rtp(self, packet: bytes, now: float) -> list[Sending]:
        """What goes out because of an authenticated RTP packet; raise ``MalformedPacket`` for a broken one."""
        self.seen_at = now
        self._budget -= len(packet) + 200
        if self._budget < 0:
            return []
        first, second, sequence, timestamp, ssrc = _unpack(packet)
        ingress = self._media.get(ssrc)
        if ingress is None:
            return self._unbound(packet, now)
        extended = ingress.accept(sequence, timestamp, now)
        if not ingress.edges or extended is None or now >= self.gate.open_until:
            return []
        level = SILENT_AUDIO
        if ingress.level_id is not None:
            found = extension(packet, ingress.level_id)
            level = found[0] if found else SILENT_AUDIO
        payload = packet[body_offset(packet) :]
        kept = Kept(extended, second & MARKER, first & PADDING, timestamp, level, payload)
        return _forward(ingress, kept, now) if ingress.keep(kept) else []

    def _unbound(self, packet: bytes, now: float) -> list[Sending]:
        _, second, _, _, ssrc = _unpack(packet)
        media = self._rtx.get(ssrc)
        if media is not None:
            return self._recover(media, packet, now)
        ingress = self._line_of(packet)
        if ingress is None:
            return []
        if second & 127 == ingress.line.rtx_type and ssrc not in self._rtx:
            if not any(ingress is known for known in self._rtx.values()):
                self._rtx[ssrc] = ingress
                return self._recover(ingress, packet, now)
        elif second & 127 == ingress.line.payload_type and ingress.ssrc is None:
            self._bind(ingress, ssrc)
            return self.on_rtp(packet, now)
        return []

    def _bind(self, ingress: Ingress, ssrc: int) -> None:
        ingress.ssrc = ssrc
        self._media[ssrc] = ingress

    def _line_of(self, packet: bytes) -> Ingress | None:
        payload_type = packet[1] & 127
        for ingress in self.ingresses.values():
            line = ingress.line
            mid = extension(packet, line.ids.mid) if line.ids.mid is not None else None
            if mid is None:
                if payload_type in (line.payload_type, line.rtx_type):
                    return ingress
            elif mid == line.mid.encode():
                return ingress
        return None

    def _recover(self, ingress: Ingress, packet: bytes, now: float) -> list[Sending]:
        offset = body_offset(packet)
        if len(packet) < offset + 3 or not ingress.edges or now >= self.gate.open_until:
            return []
        extended = ingress.recovered(packet[offset] << 8 | packet[offset + 1])
        if extended is None:
            return []
        first, second, _, timestamp, _ = _unpack(packet)
        payload = packet[offset + 2 :]
        kept = Kept(extended, second & MARKER, first & PADDING, timestamp, SILENT_AUDIO, payload)
        return _forward(ingress, kept, now) if ingress.keep(kept) else []

    def resend(self, egress: Egress, sequences: tuple[int, ...], now: float) -> Iterator[Sending]:
        """Each of our ``sequences`` on ``egress`` that is still here and still permitted, as RTX."""
        if egress.source is None or egress not in egress.source.edges or now >= self.gate.open_until:
            return
        stamp = send_time(now)
        for sequence in sequences:
            packet = egress.resend(sequence, stamp, now)
            if packet is not None:
                yield self.id, packet


def _forward(ingress: Ingress, kept: Kept, now: float) -> list[Sending]:
    begins = ingress.kind is Kind.AUDIO
    if not begins and (ingress.gates or ingress.keyframes.wanted):
        begins = is_keyframe_start(kept.payload)
        if begins:
            ingress.keyframes.came()
    if begins and ingress.gates:
        _open_gates(ingress, kept, now)
    stamp = send_time(now)
    sendings = []
    for edge in ingress.edges:
        if not edge.gated:
            packet = edge.forward(kept, stamp, now)
            if packet is not None:
                sendings.append((edge.leg, packet))
    return sendings


def _open_gates(ingress: Ingress, kept: Kept, now: float) -> None:
    for edge in ingress.edges:
        if edge.gated:
            edge.begin(kept, now)
    ingress.gates = False
