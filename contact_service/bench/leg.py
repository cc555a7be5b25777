"""A participant's media without a browser: own socket, ICE in the controlling role, DTLS client, real SRTP."""

import asyncio
import os
import secrets
import socket
import struct
from collections.abc import Callable
from typing import NamedTuple

from aioice import stun

from contact_service.bench.offer import OPUS, RTX, VP8, Sources, offer
from contact_service.relay.core.rtcp import Reception, receiver_report
from contact_service.relay.io.dtls import Dtls
from contact_service.relay.io.ice import Address
from contact_service.relay.io.sdp import Fingerprint
from contact_service.relay.io.srtp import Inbound, Outbound, PacketBuffer

_HEADER = struct.Struct("!BBHII")
_NUMBERS = struct.Struct("!HII")
_BATCH, _HALF = 64, 0x8000
_REPORT_SECONDS, _REPORTS_PER_CHECK = 0.8, 3
KEYFRAME, INTERFRAME = b"\x10\x00", b"\x10\x01"
"""A VP8 payload descriptor and the first octet of a frame that is, or is not, a keyframe (RFC 7741)."""


class Answered(NamedTuple):
    """What a leg needs of an answer."""

    ufrag: str
    password: str
    address: Address
    fingerprint: Fingerprint


class Got(NamedTuple):
    """One RTP packet as it came, opened."""

    ssrc: int
    payload_type: int
    sequence: int
    timestamp: int
    packet: bytes


def read_answer(sdp: str) -> Answered:
    """The relay's credentials and its only candidate in ``sdp``."""
    lines = sdp.split("\r\n")

    def first(prefix: str) -> str:
        return next(line.removeprefix(prefix) for line in lines if line.startswith(prefix))

    candidate = first("a=candidate:").split(" ")
    algorithm, _, value = first("a=fingerprint:").partition(" ")
    return Answered(
        first("a=ice-ufrag:"),
        first("a=ice-pwd:"),
        (candidate[4], int(candidate[5])),
        Fingerprint(algorithm=algorithm, value=value),
    )


class MediaLeg:
    """Connects to a relay, sends numbered packets, hands on what comes."""

    def __init__(self, host: str = "127.0.0.1", *, dtls_role: str = "client") -> None:
        """``dtls_role`` is "server" towards a peer that answers ``setup:active``."""
        self._host = host
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._incoming, self._outgoing = PacketBuffer(), PacketBuffer()
        self._inbound: Inbound | None = None
        self._outbound: Outbound | None = None
        self._checked = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._remote: Answered | None = None
        self.dtls = Dtls(self._send_plain, role=dtls_role)
        self.ufrag, self.password = secrets.token_hex(4), secrets.token_hex(16)
        audio, video, rtx = (int.from_bytes(os.urandom(4)) for _ in range(3))
        self.sources = Sources(audio=audio, video=video, rtx=rtx)
        self.sequences = {audio: 65_500, video: 65_400, rtx: 1}
        self.received = 0
        self.on_rtp: Callable[[Got], None] | None = None
        self.on_rtcp: Callable[[bytes], None] | None = None
        self.sample_every = 1
        self.reporting = True
        self._highest: dict[int, int] = {}

    def open(self, *, with_candidate: bool = False) -> str:
        """Take a port and return the offer."""
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((self._host, 0))
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)
        candidate = self._socket.getsockname() if with_candidate else None
        return offer(self.dtls.fingerprint, self.ufrag, self.password, self.sources, candidate=candidate)

    async def connect(self, answer: str) -> None:
        """Check, shake hands, and hold keys when this returns."""
        self._remote = read_answer(answer)
        async with asyncio.timeout(10):
            while not self._checked.is_set():
                self.check()
                try:
                    async with asyncio.timeout(0.1):
                        await self._checked.wait()
                except TimeoutError:
                    continue
        keys = await self.dtls.handshake(self._remote.fingerprint)
        self._inbound = Inbound(keys.profile, keys.inbound)
        self._outbound = Outbound(keys.profile, keys.outbound)
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Say goodbye and give the port back."""
        self.vanish()
        await self.dtls.close()
        self._socket.close()

    def vanish(self) -> None:
        """Send and hear nothing more, as if the device had died."""
        if self._keeping is not None:
            self._keeping.cancel()
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._remote = None

    def check(self, *, password: str | None = None) -> None:
        """Send one binding request that nominates this pair."""
        assert self._remote is not None
        request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self._remote.ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1
        request.attributes["ICE-CONTROLLING"] = 1
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity((password or self._remote.password).encode())
        self._socket.sendto(bytes(request), self._remote.address)

    async def _keep(self) -> None:
        while True:
            self.check()
            for _ in range(_REPORTS_PER_CHECK):
                await asyncio.sleep(_REPORT_SECONDS)
                if self.reporting and self._highest:
                    self._report()

    def _report(self) -> None:
        """Say how far each stream came, 31 at most (RFC 3550 section 6.4.2)."""
        blocks = [Reception(ssrc, 0, 0, highest, 0, 0, 0) for ssrc, highest in self._highest.items()]
        self.send_rtcp(receiver_report(self.sources.audio, blocks[:31]))

    def _note(self) -> None:
        """Note the number of the packet in the buffer; its header travels in clear."""
        sequence, _, ssrc = _NUMBERS.unpack_from(self._incoming.view, 2)
        before = self._highest.setdefault(ssrc, sequence)
        ahead = (sequence - before) & 0xFFFF
        if ahead < _HALF:
            self._highest[ssrc] = before + ahead

    # ---- out

    def send_audio(self, timestamp: int, payload: bytes) -> None:
        """Send one Opus packet, 48 kHz ``timestamp``."""
        self.send_rtp(self.sources.audio, OPUS, timestamp, payload)

    def send_video(self, timestamp: int, payload: bytes) -> None:
        """Send one VP8 packet that ends a frame, 90 kHz ``timestamp``."""
        self.send_rtp(self.sources.video, VP8 | 0x80, timestamp, payload)

    def send_rtp(self, ssrc: int, second: int, timestamp: int, payload: bytes) -> None:
        """Send the next packet of stream ``ssrc``; ``second`` is marker and payload type."""
        sequence = self.sequences[ssrc] = (self.sequences[ssrc] + 1) & 0xFFFF
        self.send_packet(_HEADER.pack(0x80, second, sequence, timestamp & 0xFFFFFFFF, ssrc) + payload)

    def send_again(self, sequence: int, timestamp: int, payload: bytes) -> None:
        """Send a video packet of an earlier ``sequence`` as RTX (RFC 4588)."""
        self.send_rtp(self.sources.rtx, RTX | 0x80, timestamp, sequence.to_bytes(2, "big") + payload)

    def send_packet(self, packet: bytes) -> None:
        """Protect and send one RTP packet as it stands."""
        assert self._outbound is not None
        self._send_sealed(self._outbound.seal_rtp(packet, self._outgoing))

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send one RTCP packet."""
        assert self._outbound is not None
        self._send_sealed(self._outbound.seal_rtcp(packet, self._outgoing))

    def _send_sealed(self, size: int) -> None:
        assert size
        if self._remote is not None:
            self._socket.sendto(self._outgoing.view[:size], self._remote.address)

    def send_raw(self, datagram: bytes) -> None:
        """Send ``datagram`` as it stands, from this leg's own address."""
        if self._remote is not None:
            self._socket.sendto(datagram, self._remote.address)

    def _send_plain(self, datagram: bytes) -> None:
        self.send_raw(datagram)

    # ---- in

    def _readable(self) -> None:
        view = self._incoming.view
        for _ in range(_BATCH):
            try:
                size, source = self._socket.recvfrom_into(view)
            except OSError:
                return
            first = view[0]
            if 127 < first < 192:  # noqa: PLR2004  RFC 7983
                self._on_srtp(size)
            elif first < 4:  # noqa: PLR2004
                self._on_stun(view[:size].tobytes(), source)
            else:
                self.dtls.receive(view[:size].tobytes())

    def _on_srtp(self, size: int) -> None:
        if self._inbound is None:
            return
        if 63 < self._incoming.view[1] & 127 < 96:  # noqa: PLR2004  RFC 5761
            packet = self._inbound.open_rtcp(self._incoming, size)
            if packet is not None and self.on_rtcp is not None:
                self.on_rtcp(packet)
            return
        self.received += 1
        self._note()
        if self.received % self.sample_every:
            return
        packet = self._inbound.open_rtp(self._incoming, size)
        if packet is not None and self.on_rtp is not None:
            _, second, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
            self.on_rtp(Got(ssrc, second & 127, sequence, timestamp, packet))

    def _on_stun(self, datagram: bytes, source: Address) -> None:
        message = stun.parse_message(datagram)
        if message.message_class == stun.Class.RESPONSE:
            self._checked.set()
            return
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=message.transaction_id,
            attributes={"XOR-MAPPED-ADDRESS": source},
        )
        response.add_message_integrity(self.password.encode())
        self._socket.sendto(bytes(response), source)
