"""Legs and packets for the core alone: no socket, no cipher, time is a number."""

import struct
from collections.abc import Iterable
from random import Random

from contact_service.bench.offer import LEVEL, MID, OPUS, RTX, VP8, Sources, offer
from contact_service.protocol.link import Lease
from contact_service.protocol.rooms import (
    ClearedLatch,
    Level,
    Person,
    Role,
    Room as ListedRoom,
    RoomList,
    RoomState,
    Stage,
    TakenEvent,
)
from contact_service.relay.core.journal import Journal
from contact_service.relay.core.ledger import Ledger, Moment
from contact_service.relay.core.leg import Identity, Leg
from contact_service.relay.core.outbox import Sending
from contact_service.relay.core.reports import Wall
from contact_service.relay.core.room import Room
from contact_service.relay.core.rooms import Rooms
from contact_service.relay.io.sdp import Fingerprint, agree, read_offer

HEADER = struct.Struct("!BBHII")
FINGERPRINT = Fingerprint(algorithm="sha-256", value=":".join(["AB"] * 32))
BOOT, VISIT = "b0" * 16, "1a" * 16
LENA, EMIL, MIA, VIKTOR, FINN = "11" * 16, "22" * 16, "33" * 16, "44" * 16, "55" * 16
ROLES = {
    LENA: Role.SUPERVISOR,
    EMIL: Role.FAMILY,
    MIA: Role.CHILD,
    VIKTOR: Role.FAMILY,
    FINN: Role.CHILD,
}
KEYFRAME, INTERFRAME = b"\x10\x00", b"\x10\x01"


class World:
    """A relay's core with one visit; ``now`` moves by ``wait``, in ticks of 20 ms."""

    def __init__(self, seed: int = 1) -> None:
        self.now = 1_000.0
        self.ledger = Ledger(Journal(BOOT), Wall(1_700_000_000.0), Random(seed))  # noqa: S311  a trace must repeat
        self.rooms = Rooms(self.ledger)
        self.legs: dict[str, Leg] = {}
        self.sources: dict[str, Sources] = {}
        self.stages: dict[str, Stage] = {}
        self.state = RoomState.WAITING
        self.cleared_hold: ClearedLatch | None = None
        self.ends_at_ms: int | None = None
        self.level = Level.SUPERVISED
        self.version = 0
        self.leasing = True
        self.awake = True
        self.put_out: dict[str, int] = {}
        self.sequences: dict[int, int] = {}
        self._renewed_at = float("-inf")

    @property
    def moment(self) -> Moment:
        return Moment(self.now, 1_700_000_000_000 + int(self.now * 1_000))

    @property
    def room(self) -> Room:
        return self.rooms.by_visit[VISIT]

    def renew(self) -> None:
        self._renewed_at = self.now
        nonce = f"nonce{self.now}"
        self.ledger.lease.asked(nonce, self.now)
        self.rooms.renew(Lease(nonce=nonce, version=max(self.rooms._version, 0)), self.moment)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            if self.leasing and self.now - self._renewed_at >= 0.5:
                self.renew()
            for name, leg in self.legs.items():
                leg.seen_at = self.now
                if ROLES[name] is Role.SUPERVISOR and self.awake:
                    leg.presence.heard(self.now)
                    leg.presence.reported(leg.sent())
            self.rooms.tick(self.moment)

    def come(self, name: str, *, ssrcs: bool = True, issued_at_ms: int | None = None) -> Leg:
        number = len(self.sequences) + 1
        leg_id, at = f"{number:08x}" + name[:8], self.moment.at_ms if issued_at_ms is None else issued_at_ms
        identity = Identity(leg=leg_id, participant=name, role=ROLES[name], issued_at_ms=at)
        leg = self.rooms.join(VISIT, identity, 1, self.moment)
        sources = Sources(audio=1_000 * number + 1, video=1_000 * number + 2, rtx=1_000 * number + 3)
        sdp = offer(FINGERPRINT, "abcd", "x" * 24, sources)
        if not ssrcs:
            sdp = "\r\n".join(line for line in sdp.split("\r\n") if not line.startswith("a=ssrc"))
        leg.agree(agree(read_offer(sdp), self.ledger.random), self.ledger.random)
        if ROLES[name] is Role.SUPERVISOR:
            leg.presence.heard(self.now)
        self.room.connected(leg, self.moment)
        self.legs[name], self.sources[name] = leg, sources
        self.sequences |= {sources.audio: 65_000, sources.video: 65_000, sources.rtx: 65_000}
        self.stages.setdefault(name, Stage.WAITING)
        return leg

    def listed(self) -> ListedRoom:
        return ListedRoom(
            visit=VISIT,
            level=self.level,
            state=self.state,
            cleared_hold=self.cleared_hold,
            ends_at_ms=self.ends_at_ms,
            people=tuple(
                Person(
                    participant=name,
                    role=ROLES[name],
                    stage=stage,
                    leg=self.legs[name].id if name in self.legs and stage is not Stage.WAITING else None,
                    tickets_after_ms=self.put_out.get(name),
                )
                for name, stage in self.stages.items()
            ),
        )

    def publish(self, *, taken: int | None = None) -> None:
        """Send the next list; by default it knows of every event so far."""
        self.version += 1
        number = self.ledger.journal.number if taken is None else taken
        listing = RoomList(
            epoch="e0" * 4,
            version=self.version,
            rooms=(self.listed(),),
            taken=TakenEvent(boot=BOOT, number=number),
        )
        assert self.rooms.apply(listing, self.moment)
        if self.leasing:
            self.renew()

    def resume(self) -> None:
        self.state = RoomState.LIVE
        if self.room.latches.hold is not None:
            self.cleared_hold = ClearedLatch(boot=BOOT, generation=self.room.latches.hold.generation)
        self.publish()

    def go_live(self, *names: str) -> None:
        self.publish()
        for name in names:
            self.come(name)
            self.stages[name] = Stage.ADMITTED
        self.state = RoomState.LIVE
        self.publish()

    def audio(self, name: str, *, level: int = 20) -> list[Sending]:
        extension = bytes.fromhex("bede0001") + bytes([LEVEL << 4, level, 0, 0])
        return self._send(name, self.sources[name].audio, OPUS, 960, b"sound", extension=extension)

    def video(self, name: str, payload: bytes = INTERFRAME, *, step: int = 3_000) -> list[Sending]:
        return self._send(name, self.sources[name].video, VP8 | 0x80, step, payload)

    def lose(self, name: str, count: int = 1) -> None:
        """Let ``count`` video packets never arrive."""
        ssrc = self.sources[name].video
        self.sequences[ssrc] += count

    def again(self, name: str, sequence: int, payload: bytes) -> list[Sending]:
        """A video packet that was lost, as RTX."""
        return self._send(name, self.sources[name].rtx, RTX | 0x80, 0, sequence.to_bytes(2, "big") + payload)

    def _send(
        self, name: str, ssrc: int, second: int, step: int, payload: bytes, *, extension: bytes = b""
    ) -> list[Sending]:
        number = self.sequences[ssrc] = self.sequences[ssrc] + 1
        first = 0x90 if extension else 0x80
        header = HEADER.pack(first, second, number & 0xFFFF, number * step & 0xFFFFFFFF, ssrc)
        return self.legs[name].on_rtp(header + extension + payload, self.now)

    def rtx_queue(self) -> list[Sending]:
        found, self.ledger.outbox.rtp = self.ledger.outbox.rtp, []
        return found

    def rtcp_queue(self) -> list[Sending]:
        found, self.ledger.outbox.rtcp = self.ledger.outbox.rtcp, []
        return found

    def events(self) -> list[str]:
        return [str(event.kind) for event in self.ledger.journal.waiting()]


def sequences(sendings: Iterable[Sending], leg: Leg, payload_type: int = VP8) -> list[int]:
    """The sequences of what goes to ``leg`` with ``payload_type``."""
    headers = [HEADER.unpack_from(packet) for to, packet in sendings if to == leg.id]
    return [sequence for _, second, sequence, _, _ in headers if second & 127 == payload_type]


def receivers(sendings: Iterable[Sending]) -> set[str]:
    return {leg for leg, _ in sendings}


MID_ID = MID
