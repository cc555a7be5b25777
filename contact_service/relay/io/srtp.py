"""SRTP in place, on buffers that are allocated once (RFC 3711, RFC 7714).

The only module that knows pylibsrtp's inside: ``_binding`` (ffi, lib) and ``Session._srtp``.  Retransmitting one
sequence with other bytes is refused by libsrtp itself, because ``allow_repeat_tx`` stays off: that would break AES-GCM.
"""

from typing import Any

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

BUFFER_BYTES = 2_048
LONGEST_PLAIN_BYTES = 1_472
_WINDOW = 1_024


class PacketBuffer:
    """Memory for one packet that Python and libsrtp both work in."""

    def __init__(self) -> None:
        self.memory = ffi.new("unsigned char[]", BUFFER_BYTES)
        self.view = memoryview(ffi.buffer(self.memory)).cast("B")
        self.length = ffi.new("int *")


class _Direction:
    def __init__(self, profile: int, key: bytes, ssrc_type: int, buffer: PacketBuffer) -> None:
        policy = Policy(key=key, ssrc_type=ssrc_type, srtp_profile=profile)
        policy.allow_repeat_tx = False
        policy.window_size = _WINDOW
        self._session = Session(policy)
        self._context = self._session._srtp[0]  # noqa: SLF001  named in the module's docstring
        self._buffer, self._memory, self._length = buffer, buffer.memory, buffer.length
        self._view = buffer.view


class Inbound(_Direction):
    """What the far end protected."""

    def __init__(self, profile: int, key: bytes, buffer: PacketBuffer) -> None:
        super().__init__(profile, key, Policy.SSRC_ANY_INBOUND, buffer)

    def open_rtp(self, size: int) -> bytes | None:
        """The plain RTP packet in the first ``size`` bytes of the buffer; None if forged, repeated or broken."""
        return self._opened(lib.srtp_unprotect, size)

    def open_rtcp(self, size: int) -> bytes | None:
        """The plain RTCP packet in the first ``size`` bytes of the buffer; None if forged, repeated or broken."""
        return self._opened(lib.srtp_unprotect_rtcp, size)

    def _opened(self, function: Any, size: int) -> bytes | None:  # noqa: ANN401  a C function
        length = self._length
        length[0] = size
        if function(self._context, self._memory, length):
            return None
        return self._view[: length[0]].tobytes()


class Outbound(_Direction):
    """What we protect."""

    def __init__(self, profile: int, key: bytes, buffer: PacketBuffer) -> None:
        super().__init__(profile, key, Policy.SSRC_ANY_OUTBOUND, buffer)

    def seal_rtp(self, packet: bytes) -> memoryview | None:
        """``packet`` protected, in the buffer until the next call; None if its number was used or it is too long."""
        size, length, view = len(packet), self._length, self._view
        if size > LONGEST_PLAIN_BYTES:
            return None
        view[:size] = packet
        length[0] = size
        if lib.srtp_protect(self._context, self._memory, length):
            return None
        return view[: length[0]]

    def seal_rtcp(self, packet: bytes) -> memoryview | None:
        """``packet`` protected, in the buffer until the next call; None if it is too long."""
        size, length, view = len(packet), self._length, self._view
        if size > LONGEST_PLAIN_BYTES:
            return None
        view[:size] = packet
        length[0] = size
        if lib.srtp_protect_rtcp(self._context, self._memory, length):
            return None
        return view[: length[0]]
