"""DTLS in the server role, on aiortc's transport over datagrams that somebody else brings.

The only module that knows aiortc's inside: ``RTCDtlsTransport._set_role``, ``_set_state``, ``_setup_srtp``, ``_ssl``,
``_srtp_profiles``, ``_role``, ``_do_handshake``, ``_write_ssl``, the
``_create_ssl_context`` of a certificate, and the ``_recv``/``_send`` that it calls on its
transport.  tests/relay has a test for each.

Nothing is begun for a first hello that does not repeat what was sent to the address it names (RFC 6347 section 4.2.1):
whoever forges that address does not know it, so that their hello takes the place of nobody's.
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
)
from OpenSSL import SSL

from contact_service.relay.errors import LegFailed
from contact_service.relay.io.hello import Hellos, cookie_of
from contact_service.relay.io.sdp import Fingerprint

HANDSHAKE_SECONDS = 10.0
_MOST_QUEUED = 32
_COOKIE_BYTES = 16
_EXPORTER = b"EXTRACTOR-dtls_srtp"  # RFC 5764 section 4.2


@dataclass(frozen=True, slots=True)
class Keys:
    """Master keys and salts of both directions, and the libsrtp profile they are for."""

    profile: int
    inbound: bytes
    outbound: bytes


class _Datagrams:
    """What ``RTCDtlsTransport`` takes for its ICE transport."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._sendto = send
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_QUEUED)

    async def _recv(self) -> bytes:
        datagram = await self.queue.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, datagram: bytes) -> None:
        self._sendto(datagram)


class _Certificate(RTCCertificate):
    """Asks whoever says hello to repeat a cookie, which nobody but the address they name was sent."""

    @cached_property
    def cookie(self) -> bytes:
        """Good for one association."""
        return secrets.token_bytes(_COOKIE_BYTES)

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        cookie = self.cookie
        context.set_cookie_generate_callback(lambda _: cookie)
        context.set_cookie_verify_callback(lambda _, said: hmac.compare_digest(said, cookie))
        return context


class _Transport(RTCDtlsTransport):
    """Keeps the keys instead of making sessions of its own."""

    keys: Keys | None = None
    cookie = b""

    async def _do_handshake(self) -> None:
        if self._role == "server":
            try:
                await self._listen()
            except ConnectionError:
                self._set_state(State.FAILED)
                return
        await super()._do_handshake()

    async def _listen(self) -> None:
        """Return when a hello has come that repeats our cookie; whatever comes before leaves nothing behind."""
        assert self._ssl is not None
        hellos = Hellos()
        while not self._is_repeated():
            await self._write_ssl()
            whole = hellos.whole(await self.transport._recv())  # noqa: SLF001  ours: ``_Datagrams`` above
            # One that repeats a cookie of its own making would be answered again, out of turn.
            if whole is not None and cookie_of(whole) in (b"", self.cookie):
                self._ssl.bio_write(whole)
            # Reading a queue that is not empty gives nobody else a turn.
            await asyncio.sleep(0)

    def _is_repeated(self) -> bool:
        assert self._ssl is not None
        try:
            self._ssl.DTLSv1_listen()
        except SSL.Error:  # nothing yet, or a hello that is none
            return False
        return True

    def _setup_srtp(self) -> None:
        assert self._ssl is not None
        chosen = self._ssl.get_selected_srtp_profile()
        for profile in self._srtp_profiles:
            if profile.openssl_profile == chosen:
                size = 2 * (profile.key_length + profile.salt_length)
                material = self._ssl.export_keying_material(_EXPORTER, size)
                client, server = (profile.get_key_and_salt(material, index) for index in (0, 1))
                inbound, outbound = (client, server) if self._role == "server" else (server, client)
                self.keys = Keys(profile.libsrtp_profile, inbound, outbound)
                return
        self._set_state(State.FAILED)


class Dtls:
    """One association with a certificate of its own that is never written down."""

    def __init__(self, send: Callable[[bytes], None], *, role: str = "server") -> None:
        """``send`` puts a datagram on the wire at once."""
        certificate = _Certificate.generateCertificate()
        self._datagrams = _Datagrams(send)
        self._transport = _Transport(self._datagrams, [certificate])  # type: ignore[arg-type]  # duck-typed
        self._transport.cookie = certificate.cookie
        self._transport._set_role(role)  # noqa: SLF001  named in the module's docstring
        self.fingerprint = next(
            Fingerprint(algorithm=own.algorithm, value=own.value)
            for own in certificate.getFingerprints()
            if own.algorithm == "sha-256"
        )

    def receive(self, datagram: bytes) -> None:
        """Take a datagram in; more than a few unread ones are dropped."""
        if not self._datagrams.queue.full():
            self._datagrams.queue.put_nowait(datagram)

    async def handshake(self, expected: Fingerprint) -> Keys:
        """The keys agreed with the holder of the certificate ``expected``; raise ``LegFailed`` otherwise."""
        wanted = RTCDtlsFingerprint(algorithm=expected.algorithm, value=expected.value)
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await self._transport.start(RTCDtlsParameters(fingerprints=[wanted]))
        except TimeoutError:
            raise LegFailed from None
        if self._transport.state != "connected" or self._transport.keys is None:
            raise LegFailed
        return self._transport.keys

    def when_closed(self, call: Callable[[], None]) -> None:
        """Call ``call`` once the far end has closed the association."""

        def changed() -> None:
            if self._transport.state in ("closed", "failed"):
                call()

        self._transport.on("statechange", changed)

    async def close(self) -> None:
        """Tell the far end that it is over, and stop."""
        self._transport.remove_all_listeners()
        await self._transport.stop()
