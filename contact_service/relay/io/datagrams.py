"""Many datagrams with one system call: ``recvmmsg`` and ``sendmmsg`` of Linux, reached through cffi.

A system call costs more than all else that is done for a packet, so what waits is received at once, and what follows
from it is sent at once.  Where the C library has neither function, ``OneByOne`` does the same with one call for each
datagram.  IPv4 only, as the port is.  A datagram longer than its buffer comes with at least the buffer's length, so
whoever takes fewer octets than that never takes half a datagram for a whole one.
"""

import errno
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

from cffi import FFI

from contact_service.relay.io.ice import Address
from contact_service.relay.io.srtp import BUFFER_BYTES, PacketBuffer

BATCH = 32
Arrived = Iterable[tuple[PacketBuffer, int, int]]
"""Where each datagram lies until the next ``receive``, its length, and the place that it came from."""
_ADDRESS = struct.Struct("=H2s4s")
_ADDRESS_BYTES = 16
_FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS)

_ffi = FFI()
_ffi.cdef("""
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr {
    void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
    void *msg_control; size_t msg_controllen; int msg_flags;
};
struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, void *timeout);
int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
""")  # recvmmsg(2), sendmmsg(2)
_lib = _ffi.dlopen(None)
_SIZE_AT, _STRIDE = _ffi.offsetof("struct mmsghdr", "msg_len") // 4, _ffi.sizeof("struct mmsghdr") // 4


def place_of(address: Address) -> int:
    """``address`` as one number, the first eight octets of its ``sockaddr_in``: quick to compare and to copy."""
    host, port = address
    packed = _ADDRESS.pack(socket.AF_INET, port.to_bytes(2, "big"), socket.inet_aton(host))
    return int.from_bytes(packed, sys.byteorder)


def address_of(place: int) -> Address:
    """The address that ``place`` stands for."""
    _, port, host = _ADDRESS.unpack(place.to_bytes(_ADDRESS.size, sys.byteorder))
    return socket.inet_ntoa(host), int.from_bytes(port, "big")


class Datagrams(Protocol):
    """A non-blocking socket that is read and written ``BATCH`` datagrams at a time.

    ``free`` is the buffer in which the next packet to be sent is to be written.
    """

    free: PacketBuffer

    def receive(self) -> Arrived:
        """What has arrived, at most ``BATCH``; nothing after an error, which tells of some earlier datagram."""

    def put(self, size: int, place: int) -> bool:
        """Let the first ``size`` octets of ``free`` wait for ``flush``; True if that must come before the next one."""

    def flush(self) -> tuple[int, int]:
        """Send what waits, in order: how many went, and how many could not.  None waits any more."""


def datagrams_on(endpoint: socket.socket) -> Datagrams:
    """The quickest way there is to read and write ``endpoint``; nothing goes or comes once it is closed."""
    return (
        Batches(endpoint) if hasattr(_lib, "recvmmsg") and hasattr(_lib, "sendmmsg") else OneByOne(endpoint)
    )


class _Messages:
    """Memory for ``BATCH`` packets, allocated once, and the arrays that tell the kernel about it.

    ``lengths`` (what there is to fill or to send), ``places`` and ``sizes`` (what was filled) are views of them.
    """

    def __init__(self) -> None:
        self.buffers = [PacketBuffer() for _ in range(BATCH)]
        self.headers = _ffi.new("struct mmsghdr[]", BATCH)
        self._vectors = _ffi.new("struct iovec[]", BATCH)
        self._names = _ffi.new("unsigned long long[]", BATCH * _ADDRESS_BYTES // 8)
        for index, buffer in enumerate(self.buffers):
            vector, header = self._vectors + index, self.headers[index].msg_hdr
            vector.iov_base, vector.iov_len = buffer.memory, BUFFER_BYTES
            header.msg_iov, header.msg_iovlen = vector, 1
            header.msg_name, header.msg_namelen = self._names + _ADDRESS_BYTES // 8 * index, _ADDRESS_BYTES
        self.lengths = _view(self._vectors, "L")[1::2]
        self.places = _view(self._names, "Q")[::2]
        self.sizes = _view(self.headers, "I")[_SIZE_AT::_STRIDE]


def _view(array: object, item: Literal["I", "L", "Q"]) -> memoryview:
    return memoryview(_ffi.buffer(array)).cast("B").cast(item)


class Batches:
    """``Datagrams`` by ``recvmmsg`` and ``sendmmsg``."""

    def __init__(self, endpoint: socket.socket) -> None:
        self._fileno = endpoint.fileno  # asked each time: the number of a closed socket may soon be another's
        self._arrived, self._leaving = _Messages(), _Messages()
        self._buffers = self._leaving.buffers
        self._lengths, self._places = self._leaving.lengths, self._leaving.places
        self._waiting = 0
        self.free = self._buffers[0]

    def receive(self) -> Arrived:
        """See ``Datagrams``."""
        arrived = self._arrived
        count = _lib.recvmmsg(self._fileno(), arrived.headers, BATCH, socket.MSG_DONTWAIT, _ffi.NULL)
        if count <= 0:
            return ()
        return zip(
            arrived.buffers, arrived.sizes[:count].tolist(), arrived.places[:count].tolist(), strict=False
        )

    def put(self, size: int, place: int) -> bool:
        """See ``Datagrams``."""
        at = self._waiting
        self._lengths[at], self._places[at] = size, place
        self._waiting = at = at + 1
        if at == BATCH:
            return True
        self.free = self._buffers[at]
        return False

    def flush(self) -> tuple[int, int]:
        """See ``Datagrams``; the kernel stops at the first one that it cannot send, and the rest is tried again."""
        count, at, sent = self._waiting, 0, 0
        self._waiting, self.free = 0, self._buffers[0]
        while at < count:
            went = _lib.sendmmsg(self._fileno(), self._leaving.headers + at, count - at, socket.MSG_DONTWAIT)
            if went > 0:
                at, sent = at + went, sent + went
            elif _ffi.errno in _FULL:
                break
            else:
                at += 1
        return sent, count - sent


class OneByOne:
    """``Datagrams`` by the calls that every system has."""

    def __init__(self, endpoint: socket.socket) -> None:
        self._socket = endpoint
        self._arrived, self._leaving = ([PacketBuffer() for _ in range(BATCH)] for _ in range(2))
        self._waiting: list[tuple[int, int]] = []
        self.free = self._leaving[0]

    def receive(self) -> Iterator[tuple[PacketBuffer, int, int]]:
        """See ``Datagrams``."""
        for buffer in self._arrived:
            try:
                size, source = self._socket.recvfrom_into(buffer.view)
            except OSError:
                return
            yield buffer, size, place_of(source)

    def put(self, size: int, place: int) -> bool:
        """See ``Datagrams``."""
        self._waiting.append((size, place))
        if len(self._waiting) == BATCH:
            return True
        self.free = self._leaving[len(self._waiting)]
        return False

    def flush(self) -> tuple[int, int]:
        """See ``Datagrams``."""
        waiting, self._waiting, self.free = self._waiting, [], self._leaving[0]
        sent = sum(self._sent(buffer, *one) for buffer, one in zip(self._leaving, waiting, strict=False))
        return sent, len(waiting) - sent

    def _sent(self, buffer: PacketBuffer, size: int, place: int) -> bool:
        try:
            self._socket.sendto(buffer.view[:size], address_of(place))
        except OSError:
            return False
        return True
