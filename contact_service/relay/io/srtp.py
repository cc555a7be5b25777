"""SRTP in place, on buffers that are allocated once (RFC 3711, RFC 7714).

The only module that knows pylibsrtp's inside: ``_binding`` (ffi, lib) and ``Session._srtp``.  Retransmitting one
sequence with other bytes is refused by libsrtp itself, because ``allow_repeat_tx`` stays off: that would break AES-GCM.
"""

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

BUFFER_BYTES = 2_048
LONGEST_PLAIN_BYTES = 1_472
_WINDOW = 1_024
_protect, _protect_rtcp = lib.srtp_protect, lib.srtp_protect_rtcp
_unprotect, _unprotect_rtcp = lib.srtp_unprotect, lib.srtp_unprotect_rtcp


class PacketBuffer:
    """Memory for one packet that Python and libsrtp both work in."""

    __slots__ = ("length", "memory", "view")

    def __init__(self) -> None:
        self.memory = ffi.new("unsigned char[]", BUFFER_BYTES)
        self.view = memoryview(ffi.buffer(self.memory)).cast("B")
        self.length = ffi.new("int *")


class _Direction:
    def __init__(self, profile: int, key: bytes, ssrc_type: int) -> None:
        policy = Policy(key=key, ssrc_type=ssrc_type, srtp_profile=profile)
        policy.allow_repeat_tx = False
        policy.window_size = _WINDOW
        self._session = Session(policy)
        self._context = self._session._srtp[0]  # noqa: SLF001  named in the module's docstring


class Inbound(_Direction):
    """What the far end protected."""

    def __init__(self, profile: int, key: bytes) -> None:
        super().__init__(profile, key, Policy.SSRC_ANY_INBOUND)

    def open_rtp(self, buffer: PacketBuffer, size: int) -> bytes | None:
        """The plain RTP packet in the first ``size`` bytes of ``buffer``; None if forged, repeated or broken."""
        length = buffer.length
        length[0] = size
        if _unprotect(self._context, buffer.memory, length):
            return None
        return buffer.view[: length[0]].tobytes()

    def open_rtcp(self, buffer: PacketBuffer, size: int) -> bytes | None:
        """The plain RTCP packet in the first ``size`` bytes of ``buffer``; None if forged, repeated or broken."""
        length = buffer.length
        length[0] = size
        if _unprotect_rtcp(self._context, buffer.memory, length):
            return None
        return buffer.view[: length[0]].tobytes()


class Outbound(_Direction):
    """What we protect."""

    def __init__(self, profile: int, key: bytes) -> None:
        super().__init__(profile, key, Policy.SSRC_ANY_OUTBOUND)

    def seal_rtp(self, packet: bytes, buffer: PacketBuffer) -> int:
        """Leave ``packet`` protected in ``buffer``: its length; 0 if its number was used or it is too long."""
        size, length = len(packet), buffer.length
        if size > LONGEST_PLAIN_BYTES:
            return 0
        buffer.view[:size] = packet
        length[0] = size
        return 0 if _protect(self._context, buffer.memory, length) else length[0]

    def seal_rtcp(self, packet: bytes, buffer: PacketBuffer) -> int:
        """Leave ``packet`` protected in ``buffer``: its length; 0 if it is too long."""
        size, length = len(packet), buffer.length
        if size > LONGEST_PLAIN_BYTES:
            return 0
        buffer.view[:size] = packet
        length[0] = size
        return 0 if _protect_rtcp(self._context, buffer.memory, length) else length[0]
