"""The first message of a DTLS association, put together from its fragments.  Source: RFC 6347, sections 4.1 and 4.2.3.

What asks a client to repeat a cookie looks at one whole ClientHello; browsers send theirs in pieces once it is longer
than a packet.  Only the pieces are put together: nothing in them is judged here.
"""

import struct
from collections import OrderedDict

_RECORD = struct.Struct("!BHHIHH")  # type, version, epoch, number (48 bits), length
_HANDSHAKE, _CLIENT_HELLO = 22, 1
_HEAD_BYTES = 12
_VERSION_AND_RANDOM_BYTES = 34
LONGEST_HELLO = 8_192
# Browsers need two or three pieces for the longest hello that they send; a packet holds one of them.
_MOST_PIECES, _MOST_RECORDS = 16, 8
_MOST_AT_ONCE = 4


def cookie_of(record: bytes) -> bytes:
    """The cookie that a whole ClientHello repeats, empty in a first one; what is no hello has none."""
    body = record[_RECORD.size + _HEAD_BYTES + _VERSION_AND_RANDOM_BYTES :]
    session = body[:1]
    rest = body[1 + int.from_bytes(session) :]
    return rest[1 : 1 + int.from_bytes(rest[:1])]


class Hellos:
    """Puts pieces together; few, and of few hellos at a time, so that a stranger costs neither memory nor time."""

    def __init__(self) -> None:
        self._parts: OrderedDict[tuple[int, int], dict[int, bytes]] = OrderedDict()

    def whole(self, datagram: bytes) -> bytes | None:
        """One record with a whole ClientHello, once ``datagram`` was its last piece; else None."""
        found = None
        for _ in range(_MOST_RECORDS):
            if len(datagram) < _RECORD.size:
                break
            kind, _, epoch, _, _, length = _RECORD.unpack_from(datagram)
            record, datagram = datagram[: _RECORD.size + length], datagram[_RECORD.size + length :]
            if kind != _HANDSHAKE or epoch or len(record) != _RECORD.size + length:
                break
            found = self._take(record) or found
        return found

    def _take(self, record: bytes) -> bytes | None:
        body = record[_RECORD.size :]
        if len(body) < _HEAD_BYTES or body[0] != _CLIENT_HELLO:
            return None
        total, number, start, size = (
            int.from_bytes(body[first:after]) for first, after in ((1, 4), (4, 6), (6, 9), (9, 12))
        )
        piece = body[_HEAD_BYTES:]
        if len(piece) != size or start + size > total or not 0 < total <= LONGEST_HELLO:
            return None
        if size == total:
            return record
        parts = self._parts.setdefault((number, total), {})
        parts[start] = piece
        self._parts.move_to_end((number, total))
        if len(parts) > _MOST_PIECES:
            del self._parts[number, total]
            return None
        if len(self._parts) > _MOST_AT_ONCE:
            self._parts.popitem(last=False)
        return self._together(record, parts, number, total)

    def _together(self, record: bytes, parts: dict[int, bytes], number: int, total: int) -> bytes | None:
        whole = b""
        for start, piece in sorted(parts.items()):
            if start > len(whole):
                return None
            whole += piece[len(whole) - start :]
        if len(whole) != total:
            return None
        del self._parts[number, total]
        size = total.to_bytes(3)
        body = bytes([_CLIENT_HELLO]) + size + number.to_bytes(2) + bytes(3) + size + whole
        return record[: _RECORD.size - 2] + len(body).to_bytes(2) + body
