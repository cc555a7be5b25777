"""The way of a packet through the core: numbers, extensions, gates, retransmission (I-1, I-6, I-7, I-8)."""

import pytest

from contact_service.bench.offer import OPUS, RTX, VP8
from contact_service.protocol.rooms import RoomState
from contact_service.protocol.signal import Hold
from contact_service.relay.core import rtcp
from contact_service.relay.core.feedback import on_rtcp
from contact_service.relay.core.requests import carry_out
from contact_service.relay.core.rtp import body_offset, extension
from contact_service.relay.errors import MalformedPacket
from tests.relay.traces import EMIL, HEADER, INTERFRAME, KEYFRAME, LENA, MIA, World, receivers, sequences


@pytest.fixture
def world() -> World:
    world = World()
    world.go_live(LENA, EMIL, MIA)
    return world


def hold(world: World) -> None:
    carry_out(world.room, world.legs[LENA], Hold(id=1, reason="check"), world.moment)


def test_each_packet_goes_to_everybody_else_once(world: World) -> None:
    sent = world.audio(EMIL)
    assert sorted(leg for leg, _ in sent) == sorted(world.legs[name].id for name in (LENA, MIA))


def test_pictures_begin_with_a_keyframe_and_sound_at_once(world: World) -> None:
    assert world.audio(EMIL)
    assert not world.video(EMIL)
    assert len(world.video(EMIL, KEYFRAME)) == 2
    assert len(world.video(EMIL)) == 2


def test_nothing_of_the_sender_is_in_the_header_but_timing(world: World) -> None:
    _, packet = world.audio(EMIL, level=42)[0]
    line = world.legs[LENA].slots[0].audio.line
    first, second, _, _, ssrc = HEADER.unpack_from(packet)
    assert (first, second & 127, ssrc) == (0x90, OPUS, line.ssrc)
    assert ssrc not in vars(world.sources[EMIL]).values()
    assert extension(packet, 1) == bytes([42])
    assert extension(packet, 4) == line.mid.encode()
    assert len(extension(packet, 2) or b"") == 3
    assert packet[body_offset(packet) :] == b"sound"


def test_sequences_continue_after_a_hold_of_more_than_32768_packets(world: World) -> None:
    world.video(EMIL, KEYFRAME)
    before = sequences(world.video(EMIL), world.legs[MIA])
    hold(world)
    for count in range(40_000):
        if count % 1_000 == 0:
            world.wait(0.02)
            world.legs[EMIL]._budget = 350_000_000
        assert not world.video(EMIL)
    world.resume()
    assert not world.video(EMIL)
    after = sequences(world.video(EMIL, KEYFRAME) + world.video(EMIL), world.legs[MIA])
    assert after == [(before[0] + 1) & 0xFFFF, (before[0] + 2) & 0xFFFF]


def test_the_timestamp_mapping_survives_a_hold(world: World) -> None:
    first = HEADER.unpack_from(world.audio(EMIL)[0][1])[3]
    hold(world)
    world.audio(EMIL)
    world.resume()
    assert (HEADER.unpack_from(world.audio(EMIL)[0][1])[3] - first) & 0xFFFFFFFF == 2 * 960


def test_a_packet_from_before_the_resume_that_comes_late_is_dropped(world: World) -> None:
    world.video(EMIL, KEYFRAME)
    late = HEADER.pack(
        0x80, VP8, (world.sequences[world.sources[EMIL].video] + 1) & 0xFFFF, 5, world.sources[EMIL].video
    )
    world.lose(EMIL)
    hold(world)
    world.resume()
    world.video(EMIL, KEYFRAME)
    assert not world.legs[EMIL].on_rtp(late + INTERFRAME, world.now)


def test_a_duplicate_is_sent_once(world: World) -> None:
    world.video(EMIL, KEYFRAME)
    assert world.video(EMIL)
    world.sequences[world.sources[EMIL].video] -= 1
    assert not world.video(EMIL)


def test_a_lost_packet_is_asked_for_again_and_fits_into_the_gap(world: World) -> None:
    start = sequences(world.video(EMIL, KEYFRAME), world.legs[MIA])[0]
    world.lose(EMIL)
    lost = world.sequences[world.sources[EMIL].video] & 0xFFFF
    assert sequences(world.video(EMIL), world.legs[MIA]) == [(start + 2) & 0xFFFF]
    world.rtcp_queue()
    world.wait(0.06)
    asked = [packet for leg, packet in world.rtcp_queue() if leg == world.legs[EMIL].id]
    assert [
        feedback.sequences for p in asked for feedback in rtcp.parse(p) if isinstance(feedback, rtcp.Nack)
    ] == [(lost,)]
    assert sequences(world.again(EMIL, lost, INTERFRAME), world.legs[MIA]) == [(start + 1) & 0xFFFF]
    assert not world.again(EMIL, lost, INTERFRAME)


def test_what_never_comes_is_asked_for_ten_times_and_then_a_keyframe(world: World) -> None:
    world.video(EMIL, KEYFRAME)
    world.lose(EMIL)
    world.video(EMIL)
    world.rtcp_queue()
    world.wait(4)
    asked = [f for leg, p in world.rtcp_queue() if leg == world.legs[EMIL].id for f in rtcp.parse(p)]
    assert sum(isinstance(feedback, rtcp.Nack) for feedback in asked) == 10
    assert any(isinstance(feedback, rtcp.PictureLost) for feedback in asked)


def nack(world: World, name: str, sequence: int) -> None:
    ssrc = world.legs[name].slots[0].video.line.ssrc
    on_rtcp(world.room, world.legs[name], rtcp.nack(7, ssrc, [sequence]), world.now)


def test_a_receiver_gets_a_packet_again_as_rtx_on_its_own_line(world: World) -> None:
    world.legs[MIA].slot_for(world.legs[EMIL].participant)
    slot = world.legs[MIA].slot_for(world.legs[LENA].participant)
    assert slot is not None
    sent = sequences(world.video(LENA, KEYFRAME), world.legs[MIA])[0]
    on_rtcp(world.room, world.legs[MIA], rtcp.nack(7, slot.video.line.ssrc, [sent]), world.now)
    ((leg, packet),) = world.rtx_queue()
    _, second, _, _, ssrc = HEADER.unpack_from(packet)
    assert (leg, second & 127, ssrc) == (world.legs[MIA].id, RTX, slot.video.line.rtx_ssrc)
    assert extension(packet, 4) == slot.video.line.mid.encode()
    assert packet[body_offset(packet) :] == sent.to_bytes(2, "big") + KEYFRAME


def test_the_same_packet_is_not_resent_at_every_cry(world: World) -> None:
    sent = sequences(world.video(LENA, KEYFRAME), world.legs[EMIL])[0]
    for _ in range(50):
        nack(world, EMIL, sent)
    assert len(world.rtx_queue()) == 1


def test_after_a_hold_nothing_from_before_is_ever_sent_again(world: World) -> None:
    sent = sequences(world.video(LENA, KEYFRAME), world.legs[EMIL])[0]
    hold(world)
    nack(world, EMIL, sent)
    world.resume()
    world.video(LENA, KEYFRAME)
    nack(world, EMIL, sent)
    assert not world.rtx_queue()


def test_keyframe_storms_reach_a_publisher_at_most_twice_a_second(world: World) -> None:
    ssrc = world.legs[EMIL].slots[0].video.line.ssrc
    world.video(LENA, KEYFRAME)
    world.wait(1)
    world.rtcp_queue()
    for _ in range(250):
        on_rtcp(world.room, world.legs[EMIL], rtcp.picture_loss(7, ssrc), world.now)
        world.wait(0.02)
        world.video(LENA, KEYFRAME)
    asked = [f for leg, p in world.rtcp_queue() if leg == world.legs[LENA].id for f in rtcp.parse(p)]
    assert 5 <= sum(isinstance(feedback, rtcp.PictureLost) for feedback in asked) <= 11


def test_a_keyframe_is_asked_for_until_it_comes(world: World) -> None:
    world.rtcp_queue()
    world.wait(2)
    asked = [f for leg, p in world.rtcp_queue() if leg == world.legs[LENA].id for f in rtcp.parse(p)]
    assert sum(isinstance(feedback, rtcp.PictureLost) for feedback in asked) >= 5
    world.video(LENA, KEYFRAME)
    world.rtcp_queue()
    world.wait(2)
    asked = [f for leg, p in world.rtcp_queue() if leg == world.legs[LENA].id for f in rtcp.parse(p)]
    assert not any(isinstance(feedback, rtcp.PictureLost) for feedback in asked)


def test_streams_whose_ssrc_no_offer_names_are_bound_by_mid_or_payload_type() -> None:
    world = World()
    world.publish()
    world.come(LENA)
    world.come(EMIL, ssrcs=False)
    for name in (LENA, EMIL):
        world.stages[name] = world.stages[name].ADMITTED
    world.state = RoomState.LIVE
    world.publish()
    assert receivers(world.audio(EMIL)) == {world.legs[LENA].id}
    assert receivers(world.video(EMIL, KEYFRAME)) == {world.legs[LENA].id}


def test_another_stream_on_a_bound_line_goes_nowhere(world: World) -> None:
    stray = HEADER.pack(0x80, VP8, 1, 1, 99_999)
    assert not world.legs[EMIL].on_rtp(stray + KEYFRAME, world.now)


def test_a_flood_is_cut_to_the_budget_of_the_leg(world: World) -> None:
    passed = sum(len(world.video(EMIL, KEYFRAME + bytes(1_000))) for _ in range(5_000))
    assert 200 < passed < 2 * 400


@pytest.mark.parametrize("tail", [b"\xbe\xde\x00\xff", b"\xbe", b""])
def test_a_header_that_ends_behind_the_packet_costs_that_packet_only(world: World, tail: bytes) -> None:
    broken = HEADER.pack(0x9F, OPUS, 65_000, 1, world.sources[EMIL].audio) + tail
    with pytest.raises(MalformedPacket):
        world.legs[EMIL].on_rtp(broken, world.now)
    assert world.audio(EMIL)


def test_sender_reports_carry_our_numbers_and_one_clock_for_sound_and_picture(world: World) -> None:
    world.audio(EMIL)
    world.video(EMIL, KEYFRAME)
    theirs = 5_000 << 32
    for ssrc, timestamp in ((world.sources[EMIL].audio, 111), (world.sources[EMIL].video, 222)):
        report = rtcp.sender_report(ssrc, rtcp.SenderClock(ssrc, theirs, timestamp), packets=1, octets=1)
        on_rtcp(world.room, world.legs[EMIL], report, world.now)
    world.rtcp_queue()
    world.wait(1.1)
    told = [f for leg, p in world.rtcp_queue() if leg == world.legs[MIA].id for f in rtcp.parse(p)]
    clocks = {clock.ssrc: clock for clock in told if isinstance(clock, rtcp.SenderClock)}
    slot = world.legs[MIA].slot_for(EMIL)
    assert slot is not None
    sound, picture = clocks[slot.audio.line.ssrc], clocks[slot.video.line.ssrc]
    passed = (sound.timestamp - slot.audio.map.timestamp_offset - 111) & 0xFFFFFFFF
    assert sound.ntp == picture.ntp
    assert (
        abs(
            passed / 48_000
            - ((picture.timestamp - slot.video.map.timestamp_offset - 222) & 0xFFFFFFFF) / 90_000
        )
        < 0.001
    )
    assert abs((sound.ntp >> 32) - (theirs >> 32)) > 1_000_000
