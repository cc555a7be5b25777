"""RTCP is written as it is read, and a broken packet is one error."""

import contextlib

import pytest
from aiortc import rtp as reference
from hypothesis import given, strategies as st

from contact_service.relay.core import rtcp
from contact_service.relay.errors import MalformedPacket

ssrcs = st.integers(0, 2**32 - 1)


@given(st.sets(st.integers(0, 65_535), min_size=1, max_size=40))
def test_nacks_name_exactly_the_missing(lost: set[int]) -> None:
    (found,) = rtcp.parse(rtcp.nack(1, 2, sorted(lost)))
    assert isinstance(found, rtcp.Nack)
    assert found.ssrc == 2
    assert set(found.sequences) == lost


def test_nacks_run_over_the_wrap() -> None:
    packet = rtcp.nack(1, 2, [65_534, 65_535, 0, 3])
    assert len(packet) == 16
    (theirs,) = reference.RtcpPacket.parse(packet)
    assert isinstance(theirs, reference.RtcpRtpfbPacket)
    assert sorted(number & 0xFFFF for number in theirs.lost) == [0, 3, 65_534, 65_535]


@given(ssrcs, st.integers(-(2**23), 2**23 - 1), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_receiver_reports_are_what_others_read(ssrc: int, lost: int, fraction: int, highest: int) -> None:
    packet = rtcp.receiver_report(5, [rtcp.Reception(ssrc, fraction, lost, highest, 3, 4, 6)])
    (theirs,) = reference.RtcpPacket.parse(packet)
    assert isinstance(theirs, reference.RtcpRrPacket)
    block = theirs.reports[0]
    assert (block.ssrc, block.packets_lost, block.fraction_lost) == (ssrc, lost, fraction)
    assert (block.highest_sequence, block.jitter, block.lsr, block.dlsr) == (highest, 3, 4, 6)
    assert rtcp.parse(packet) == [rtcp.Reports((rtcp.ReportBlock(ssrc, highest, 4, 6),))]


def test_sender_reports_are_what_others_read() -> None:
    packet = rtcp.sender_report(9, rtcp.SenderClock(9, 5 << 32, 77), packets=3, octets=400)
    (theirs,) = reference.RtcpPacket.parse(packet)
    assert isinstance(theirs, reference.RtcpSrPacket)
    info = theirs.sender_info
    assert (info.ntp_timestamp, info.rtp_timestamp, info.packet_count, info.octet_count) == (
        5 << 32,
        77,
        3,
        400,
    )
    assert rtcp.parse(packet)[0] == rtcp.SenderClock(9, 5 << 32, 77)


@pytest.mark.parametrize("rate", [30_000, 600_000, 1_500_000, 2**40])
def test_rate_limits_are_what_others_read(rate: int) -> None:
    (theirs,) = reference.RtcpPacket.parse(rtcp.bitrate_limit(1, rate, [7, 8]))
    assert isinstance(theirs, reference.RtcpPsfbPacket)
    limit, media = reference.unpack_remb_fci(theirs.fci)
    assert media == [7, 8]
    assert 0 <= rate - limit < rate / 2**17


def test_keyframe_requests_of_both_kinds_are_read() -> None:
    assert rtcp.parse(rtcp.picture_loss(1, 2)) == [rtcp.PictureLost(2)]
    fir = reference.RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=(3).to_bytes(4, "big") + bytes(4))
    assert rtcp.parse(bytes(fir)) == [rtcp.PictureLost(3)]


def test_what_the_relay_does_not_use_is_passed_over() -> None:
    remb = rtcp.bitrate_limit(1, 100_000, [2])
    bye = bytes(reference.RtcpByePacket(sources=[1]))
    assert rtcp.parse(remb + bye + rtcp.picture_loss(1, 2)) == [rtcp.PictureLost(2)]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_one_error(data: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        rtcp.parse(data)


@given(st.data())
def test_cut_and_flipped_packets_are_read_or_one_error(data: st.DataObject) -> None:
    clock = rtcp.SenderClock(1, 2, 3)
    good = (
        rtcp.sender_report(1, clock, packets=1, octets=1) + rtcp.nack(1, 2, [1, 5]) + rtcp.picture_loss(1, 2)
    )
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 5))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MalformedPacket):
        rtcp.parse(bytes(bad[: data.draw(st.integers(0, len(bad)))]))
