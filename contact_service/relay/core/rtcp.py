"""RTCP that the relay reads and writes (RFC 3550 section 6, RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb)."""

import struct
from dataclasses import dataclass

from contact_service.relay.errors import MalformedPacket

SENDER_REPORT, RECEIVER_REPORT, TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK = 200, 201, 205, 206
_NACK, _PLI, _FIR, _APPLICATION = 1, 1, 4, 15
_COMMON = struct.Struct("!BBHI")
_SENDER = struct.Struct("!QIII")
_BLOCK = struct.Struct("!IIIIII")
_PAIR = struct.Struct("!HH")
_SSRC = struct.Struct("!I")
_VERSION, _SHORTEST, _BLOCK_BYTES, _MASK_BITS = 2, 8, 24, 16
_MOST_NACKS = 64
_MOST_PACKETS = 32


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How one stream of ours arrives: extended highest sequence, last sender report and delay since in 1/65536 s."""

    ssrc: int
    highest: int
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class Reports:
    """Report blocks of a sender or receiver report."""

    blocks: tuple[ReportBlock, ...]


@dataclass(frozen=True, slots=True)
class SenderClock:
    """A publisher's NTP time (32.32 fixed point) and RTP timestamp of the same instant."""

    ssrc: int
    ntp: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Nack:
    """Sequences of one stream of ours that did not arrive."""

    ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PictureLost:
    """Somebody needs a keyframe of this stream of ours (PLI or FIR)."""

    ssrc: int


Feedback = Reports | SenderClock | Nack | PictureLost


def parse(packet: bytes) -> list[Feedback]:
    """What a compound or reduced-size packet says that matters here; raise ``MalformedPacket`` for a broken one."""
    found: list[Feedback] = []
    at = 0
    for _ in range(_MOST_PACKETS):
        if at == len(packet):
            return found
        if len(packet) - at < _SHORTEST or packet[at] >> 6 != _VERSION:
            raise MalformedPacket
        first, kind, words, _ = _COMMON.unpack_from(packet, at)
        end = at + 4 * (words + 1)
        if end > len(packet) or words < 1:
            raise MalformedPacket
        found += _read(kind, first & 31, packet[at + 4 : end])
        at = end
    raise MalformedPacket


def _read(kind: int, count: int, body: bytes) -> list[Feedback]:
    if kind == SENDER_REPORT:
        return _sender_report(body, count)
    if kind == RECEIVER_REPORT:
        return [Reports(_blocks(body, 4, count))]
    if kind == TRANSPORT_FEEDBACK and count == _NACK:
        return _nack(body)
    if kind == PAYLOAD_FEEDBACK and count in (_PLI, _FIR):
        return _picture_lost(body, count)
    return []


def _sender_report(body: bytes, count: int) -> list[Feedback]:
    if len(body) < _BLOCK_BYTES:
        raise MalformedPacket
    ntp, timestamp, _, _ = _SENDER.unpack_from(body, 4)
    clock = SenderClock(_SSRC.unpack_from(body)[0], ntp, timestamp)
    return [clock, Reports(_blocks(body, 24, count))]


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    if len(body) < at + _BLOCK_BYTES * count:
        raise MalformedPacket
    blocks = (_BLOCK.unpack_from(body, at + _BLOCK_BYTES * index) for index in range(count))
    return tuple(ReportBlock(ssrc, highest, last, delay) for ssrc, _, highest, _, last, delay in blocks)


def _nack(body: bytes) -> list[Feedback]:
    if len(body) < _SHORTEST:
        raise MalformedPacket
    lost: list[int] = []
    for at in range(8, min(len(body) - 3, 8 + 4 * _MOST_NACKS), 4):
        first, mask = _PAIR.unpack_from(body, at)
        lost.append(first)
        lost += [(first + bit + 1) & 0xFFFF for bit in range(_MASK_BITS) if mask >> bit & 1]
    return [Nack(_SSRC.unpack_from(body, 4)[0], tuple(lost))]


def _picture_lost(body: bytes, kind: int) -> list[Feedback]:
    if len(body) < _SHORTEST:
        raise MalformedPacket
    if kind == _PLI:
        return [PictureLost(_SSRC.unpack_from(body, 4)[0])]
    return [PictureLost(_SSRC.unpack_from(body, at)[0]) for at in range(8, min(len(body) - 7, 64), 8)]


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


@dataclass(frozen=True, slots=True)
class Reception:
    """One block of a receiver report of ours (RFC 3550 section 6.4.1): ``fraction_lost`` in 1/256."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


def receiver_report(ssrc: int, receptions: list[Reception]) -> bytes:
    """A receiver report from ``ssrc``."""
    body = _SSRC.pack(ssrc)
    for block in receptions:
        lost = min(max(block.lost, -0x800000), 0x7FFFFF) & 0xFFFFFF
        body += _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | lost,
            block.highest & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_report,
            block.delay,
        )
    return _packet(RECEIVER_REPORT, len(receptions), body)


def sender_report(ssrc: int, clock: SenderClock, *, packets: int, octets: int) -> bytes:
    """A sender report of ours for stream ``ssrc``."""
    counts = (packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _packet(SENDER_REPORT, 0, _SSRC.pack(ssrc) + _SENDER.pack(clock.ntp, clock.timestamp, *counts))


def nack(ssrc: int, media: int, sequences: list[int]) -> bytes:
    """Ask for ``sequences`` (ascending, 16 bits) of stream ``media`` again (RFC 4585 section 6.2.1)."""
    pairs: list[list[int]] = []
    for sequence in sequences:
        ahead = (sequence - pairs[-1][0]) & 0xFFFF if pairs else 0xFFFF
        if 0 < ahead <= _MASK_BITS:
            pairs[-1][1] |= 1 << (ahead - 1)
        elif ahead:
            pairs.append([sequence, 0])
    body = struct.pack("!II", ssrc, media) + b"".join(_PAIR.pack(*pair) for pair in pairs)
    return _packet(TRANSPORT_FEEDBACK, _NACK, body)


def picture_loss(ssrc: int, media: int) -> bytes:
    """Ask the sender of ``media`` for a keyframe (RFC 4585 section 6.3.1)."""
    return _packet(PAYLOAD_FEEDBACK, _PLI, struct.pack("!II", ssrc, media))


def bitrate_limit(ssrc: int, bits_per_second: int, media: list[int]) -> bytes:
    """Tell a sender how much the relay will take from it in all (REMB, draft section 2.2)."""
    exponent = max(bits_per_second.bit_length() - 18, 0)
    rate = len(media) << 24 | exponent << 18 | bits_per_second >> exponent
    body = struct.pack("!II4sI", ssrc, 0, b"REMB", rate) + b"".join(map(_SSRC.pack, media))
    return _packet(PAYLOAD_FEEDBACK, _APPLICATION, body)
