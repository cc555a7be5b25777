"""Whatever people, publishers, receivers, lists and losses do: invariants I-1 to I-3, I-6, I-7 and I-10 hold."""

import contextlib

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contact_service.bench.offer import RTX, VP8
from contact_service.protocol.rooms import Role, RoomState, Stage
from contact_service.protocol.signal import Break, Hold, Mute
from contact_service.relay.core import rtcp
from contact_service.relay.core.egress import Egress
from contact_service.relay.core.feedback import on_rtcp
from contact_service.relay.core.lines import Kind
from contact_service.relay.core.outbox import Sending
from contact_service.relay.core.requests import carry_out
from contact_service.relay.errors import RequestRefused
from tests.relay.traces import EMIL, HEADER, INTERFRAME, KEYFRAME, LENA, MIA, World

NAMES = (LENA, EMIL, MIA)
HOLDS = ("held", "break_asked", "supervisor_lost")
names = st.sampled_from(NAMES)
acts = st.tuples(
    st.sampled_from(["keyframe", "pictures", "pictures", "sound", "loss", "repeat", "cry"]), st.integers(0, 6)
)


class AnyVisit(RuleBasedStateMachine):
    """A walk through everything that may happen to a room; every packet that comes out is checked."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.world.go_live(*NAMES)
        self.bodies: dict[tuple[str, int, int], bytes] = {}
        self.highest: dict[tuple[str, int], int] = {}
        self.stamps: dict[tuple[str, int], dict[int, int]] = {}
        self.lost: set[str] = set()
        self.gaps: dict[tuple[str, int], set[int]] = {}
        self.noted, self.held = 0, False

    def check(self, sender: str, sent: list[Sending]) -> None:
        for leg, packet in sent:
            self.was_permitted(sender, leg, packet)
            _, second, sequence, timestamp, ssrc = HEADER.unpack_from(packet)
            stream = (leg, ssrc)
            extended = self.extend(stream, sequence)
            key = (leg, ssrc, extended)
            assert self.bodies.setdefault(key, packet) == packet, "one number, two packets (I-1)"
            assert self.bodies[key] is packet, "one number, sent twice (I-1)"
            if second & 127 == VP8:
                self.in_order(stream, extended, timestamp)

    def extend(self, stream: tuple[str, int], sequence: int) -> int:
        highest = self.highest.get(stream)
        if highest is None:
            self.highest[stream] = sequence
            return sequence
        ahead = ((sequence - highest + 0x8000) & 0xFFFF) - 0x8000
        if ahead > 1:
            self.gaps.setdefault(stream, set()).update(range(highest + 1, highest + ahead))
        self.gaps.get(stream, set()).discard(highest + ahead)
        self.highest[stream] = max(highest, highest + ahead)
        return highest + ahead

    def in_order(self, stream: tuple[str, int], extended: int, timestamp: int) -> None:
        stamps = self.stamps.setdefault(stream, {})
        stamps[extended] = timestamp
        before = stamps.get(extended - 1)
        assert before is None or 0 < (timestamp - before) & 0xFFFFFFFF < 2**31, "time went back (I-7)"

    def was_permitted(self, sender: str, leg: str, packet: bytes) -> None:
        room, world = self.world.room, self.world
        source, target = world.legs[sender], room.legs[leg]
        assert target is not source
        assert world.now < world.ledger.lease.until, "no lease (I-2)"
        stages = (room.stage_of(source), room.stage_of(target))
        if Stage.PRIVATE in world.stages.values():
            assert sorted(stages) == [Stage.ADMITTED, Stage.PRIVATE]
            assert Role.SUPERVISOR in (source.role, target.role)
        else:
            assert stages == (Stage.ADMITTED, Stage.ADMITTED)
            assert world.state is RoomState.LIVE
            assert not self.held, "held (I-3)"
        if room.is_muted(source):
            assert HEADER.unpack_from(packet)[1] & 127 in (VP8, RTX)

    @rule(name=names, acts=st.lists(acts, min_size=4, max_size=16))
    def traffic(self, name: str, acts: list[tuple[str, int]]) -> None:
        for act, number in acts:
            getattr(self, act)(name, number)

    def keyframe(self, name: str, _: int) -> None:
        self.check(name, self.world.video(name, KEYFRAME))

    def pictures(self, name: str, count: int) -> None:
        for _ in range(count):
            self.check(name, self.world.video(name))

    def sound(self, name: str, _: int) -> None:
        self.check(name, self.world.audio(name))

    def loss(self, name: str, count: int) -> None:
        self.lost.add(name)
        self.world.lose(name, count)

    def repeat(self, name: str, back: int) -> None:
        """Something from before comes as RTX, lost or not."""
        number = self.world.sequences[self.world.sources[name].video] - back
        ssrc = self.world.sources[name].rtx
        self.world.sequences[ssrc] += 1
        body = (number & 0xFFFF).to_bytes(2, "big") + INTERFRAME
        header = HEADER.pack(0x80, 97, self.world.sequences[ssrc] & 0xFFFF, number * 3_000 & 0xFFFFFFFF, ssrc)
        self.check(name, self.world.legs[name].on_rtp(header + body, self.world.now))

    def cry(self, name: str, back: int) -> None:
        """A receiver misses something on each of its slots."""
        leg = self.world.legs[name]
        for egress in [slot.video for slot in leg.slots]:
            wanted = [(egress.map.highest - back) & 0xFFFF]
            on_rtcp(self.world.room, leg, rtcp.nack(7, egress.line.ssrc, wanted), self.world.now)
            self.check_resent(egress)

    def check_resent(self, egress: Egress) -> None:
        for target, packet in self.world.rtx_queue():
            sender = next(n for n in NAMES if egress.source in self.world.legs[n].ingresses.values())
            self.was_permitted(sender, target, packet)
            key = (target, *HEADER.unpack_from(packet)[4:], HEADER.unpack_from(packet)[2])
            assert key not in self.bodies, "one RTX number, sent twice (I-1)"
            self.bodies[key] = packet

    @rule(stop=st.sampled_from([Hold(id=1, reason="check"), Break(id=1), Mute(id=1, participant=EMIL)]))
    def stop(self, stop: Hold | Break | Mute) -> None:
        self.note_holds()
        with contextlib.suppress(RequestRefused):  # a fresh leg of hers that is not let in yet
            carry_out(self.world.room, self.world.legs[LENA], stop, self.world.moment)

    @rule()
    def resume(self) -> None:
        """Everybody is back and let in, and the visit supervisor resumes: everything flows."""
        world = self.world
        world.leasing = world.awake = True
        world.stages = dict.fromkeys(NAMES, Stage.ADMITTED)
        world.legs[LENA].presence.heard(world.now)
        self.held = False
        world.resume()
        self.note_holds()
        for name in NAMES:
            self.keyframe(name, 0)

    def note_holds(self) -> None:
        """Know of every hold by what was reported, not by what the room believes."""
        for event in self.world.ledger.journal.waiting(after=self.noted):
            self.noted = event.number
            self.held |= event.kind in HOLDS

    @rule(state=st.sampled_from([RoomState.LIVE, RoomState.HELD]), taken=st.integers(0, 400))
    def list_that_may_be_old(self, state: RoomState, taken: int) -> None:
        self.world.state = state
        self.world.publish(taken=taken)

    @rule(
        name=st.sampled_from([EMIL, MIA]),
        stage=st.sampled_from([Stage.WAITING, Stage.PRIVATE, Stage.ADMITTED]),
    )
    def place(self, name: str, stage: Stage) -> None:
        self.world.stages[name] = stage
        self.world.publish()

    @rule(name=names)
    def come_again(self, name: str) -> None:
        self.world.come(name)

    @rule(leasing=st.booleans())
    def lease(self, leasing: bool) -> None:  # noqa: FBT001
        self.world.leasing = leasing

    @rule(awake=st.booleans())
    def supervisor(self, awake: bool) -> None:  # noqa: FBT001
        self.world.awake = awake

    @rule(seconds=st.sampled_from([0.03, 0.4, 1.7]))
    def lag(self, seconds: float) -> None:
        """Time passes and nothing ticks."""
        self.world.now += seconds

    @rule(seconds=st.sampled_from([0.02, 0.1, 0.6, 3.2]))
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds)

    @precondition(lambda self: not getattr(self, "lost", {1}))
    @invariant()
    def without_loss_numbers_have_no_gaps(self) -> None:
        assert not any(self.gaps.values()), "a gap that no loss explains (I-6)"

    @invariant()
    def memory_is_bounded(self) -> None:
        if not hasattr(self, "world"):
            return
        self.note_holds()
        for leg in self.world.room.legs.values():
            assert len(leg.ingresses[Kind.VIDEO].nacks.missing) <= 256
            assert len(leg.ingresses[Kind.VIDEO]._ring) == 512
            assert len(leg._media) + len(leg._rtx) <= 3


TestAnyVisit = AnyVisit.TestCase
TestAnyVisit.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
