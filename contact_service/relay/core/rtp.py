"""RTP headers, read and written (RFC 3550, RFC 8285 one-byte extensions, RFC 6464, RFC 7741)."""

import struct
from functools import lru_cache

from contact_service.relay.errors import MalformedPacket

HEADER = struct.Struct("!BBHII")
"""First byte, marker and payload type, sequence, timestamp, SSRC."""
HEADER_BYTES = HEADER.size
PADDING = 0x20
EXTENSION = 0x10
MARKER = 0x80
VERSION = 0x80
_ONE_BYTE_PROFILE = 0xBEDE
_PARTITION, _STARTS_FIRST = 0x17, 0x10
"""VP8 payload descriptor: start bit and partition index, and what begins a frame."""
_U16 = struct.Struct("!H")
_PROFILE = struct.Struct("!HH")


def body_offset(packet: bytes) -> int:
    """Where the payload begins; raise ``MalformedPacket`` if that lies behind the end."""
    first = packet[0]
    offset = HEADER_BYTES + ((first & 15) << 2)
    if first & EXTENSION:
        if len(packet) < offset + 4:
            raise MalformedPacket
        offset += 4 + (((packet[offset + 2] << 8) | packet[offset + 3]) << 2)
    if len(packet) < offset:
        raise MalformedPacket
    return offset


def extension(packet: bytes, wanted: int) -> bytes | None:
    """The value of header extension ``wanted``, None where the packet does not carry it (RFC 8285 section 4.2)."""
    if not packet[0] & EXTENSION:
        return None
    start = HEADER_BYTES + ((packet[0] & 15) << 2)
    end = body_offset(packet)
    if _U16.unpack_from(packet, start)[0] != _ONE_BYTE_PROFILE:
        return None
    at = start + 4
    while at < end:
        element = packet[at]
        length = (element & 15) + 1
        if element == 0:
            at += 1
        elif element >> 4 == wanted:
            return packet[at + 1 : at + 1 + length] if at + 1 + length <= end else None
        else:
            at += 1 + length
    return None


def is_keyframe_start(payload: bytes) -> bool:
    """Whether a VP8 payload begins a keyframe (RFC 7741 sections 4.2 and 4.3); False for what is too short."""
    if not payload or payload[0] & _PARTITION != _STARTS_FIRST:
        return False
    at = 1
    if payload[0] & 0x80:
        if len(payload) == 1:
            return False
        fields = payload[1]
        at = 2
        if fields & 0x80:
            at += 2 if len(payload) > at and payload[at] & 0x80 else 1
        at += bool(fields & 0x40) + bool(fields & 0x30)
    return len(payload) > at and not payload[at] & 0x01


def send_time(now: float) -> bytes:
    """``now`` in seconds as abs-send-time: 24 bits, 6 of them whole seconds."""
    return (int(now * 262_144) & 0xFFFFFF).to_bytes(3, "big")


@lru_cache(maxsize=256)
def extension_lead(time_id: int | None, level_id: int | None, mid_id: int | None, mid: str) -> bytes:
    """What stands before the send time in our extension block; empty where nothing is to be said."""
    size = 4 * (time_id is not None) + 2 * (level_id is not None) + (1 + len(mid)) * (mid_id is not None)
    if size == 0:
        return b""
    lead = _PROFILE.pack(_ONE_BYTE_PROFILE, (size + 3) // 4)
    return lead if time_id is None else lead + bytes([time_id << 4 | 2])


@lru_cache(maxsize=256)
def extension_tails(
    time_id: int | None, level_id: int | None, mid_id: int | None, mid: str
) -> tuple[bytes, ...]:
    """What stands after the send time, one per audio level byte (RFC 6464): level, MID, padding to 32 bits."""
    name = b"" if mid_id is None else bytes([mid_id << 4 | len(mid) - 1]) + mid.encode("ascii")
    levels = [b""] * 256 if level_id is None else [bytes([level_id << 4, level]) for level in range(256)]
    before = 0 if time_id is None else 4
    return tuple(level + name + bytes(-(before + len(level) + len(name)) % 4) for level in levels)
