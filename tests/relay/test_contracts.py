"""One test for each private name of aiortc and pylibsrtp that io/dtls.py and io/srtp.py lean on."""

import asyncio
import inspect
import os

import pylibsrtp
import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_256_GCM,
    SRTP_PROFILES,
    RTCCertificate,
    RTCDtlsTransport,
    State,
)
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from contact_service.relay.errors import LegFailed
from contact_service.relay.io.dtls import Dtls, Keys
from contact_service.relay.io.sdp import Fingerprint
from contact_service.relay.io.srtp import LONGEST_PLAIN_BYTES, Inbound, Outbound, PacketBuffer
from tests.relay.traces import HEADER

PROFILE, KEY = SRTP_AEAD_AES_256_GCM.libsrtp_profile, bytes(44)


async def handshake(first: Fingerprint | None = None) -> tuple[Keys, Keys]:
    """Two ends in one process; ``first`` is what the server expects instead of the truth."""
    towards_client: list[Dtls] = []
    server = Dtls(lambda datagram: towards_client[0].receive(datagram))  # noqa: PLW0108  made below
    client = Dtls(server.receive, role="client")
    towards_client.append(client)
    try:
        async with asyncio.TaskGroup() as group:
            one = group.create_task(server.handshake(first or client.fingerprint))
            two = group.create_task(client.handshake(server.fingerprint))
    finally:
        await server.close()
        await client.close()
    return one.result(), two.result()


async def test_both_ends_hold_the_same_keys_of_a_gcm_profile() -> None:
    server, client = await handshake()
    assert server.inbound == client.outbound
    assert server.outbound == client.inbound
    assert server.profile == PROFILE
    assert len(server.inbound) == 44


async def test_another_certificate_than_announced_gets_no_keys() -> None:
    wrong = Fingerprint(algorithm="sha-256", value=":".join(["00"] * 32))
    with pytest.raises(ExceptionGroup) as failed:
        await handshake(wrong)
    assert failed.group_contains(LegFailed)


async def test_the_transport_has_the_private_names_that_are_used() -> None:
    transport = RTCDtlsTransport(object(), [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    transport._set_role("server")
    assert (transport._role, transport._ssl) == ("server", None)
    assert transport._srtp_profiles == SRTP_PROFILES
    assert callable(transport._setup_srtp)
    assert callable(transport._write_ssl)
    assert inspect.iscoroutinefunction(transport._do_handshake)
    context = RTCCertificate.generateCertificate()._create_ssl_context(SRTP_PROFILES)
    assert callable(context.set_cookie_generate_callback)
    seen: list[str] = []
    transport.on("statechange", lambda: seen.append(transport.state))
    transport._set_state(State.FAILED)
    assert seen == ["failed"]


def test_sessions_have_the_context_that_libsrtp_takes() -> None:
    session = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILE))
    memory, length = ffi.new("unsigned char[]", 2_048), ffi.new("int *")
    packet = HEADER.pack(0x80, 96, 1, 1, 7) + b"x"
    ffi.buffer(memory)[: len(packet)] = packet
    length[0] = len(packet)
    assert lib.srtp_protect(session._srtp[0], memory, length) == lib.srtp_err_status_ok
    assert length[0] == len(packet) + 16


def directions() -> tuple[Outbound, Inbound, PacketBuffer]:
    """Both ends, and the memory of the packet between them."""
    return Outbound(PROFILE, KEY), Inbound(PROFILE, KEY), PacketBuffer()


def test_what_is_sealed_here_opens_there_once_and_unchanged() -> None:
    out, into, buffer = directions()
    packet = HEADER.pack(0x80, 96, 1, 1, 7) + os.urandom(900)
    size = out.seal_rtp(packet, buffer)
    sealed = buffer.view[:size].tobytes()
    assert into.open_rtp(buffer, size) == packet
    buffer.view[:size] = sealed
    assert into.open_rtp(buffer, size) is None


def test_one_number_is_never_sealed_twice() -> None:
    out, _, buffer = directions()
    assert out.seal_rtp(HEADER.pack(0x80, 96, 1, 1, 7) + b"one", buffer)
    assert not out.seal_rtp(HEADER.pack(0x80, 96, 1, 1, 7) + b"two", buffer)


def test_a_forged_packet_does_not_open() -> None:
    out, into, buffer = directions()
    size = out.seal_rtp(HEADER.pack(0x80, 96, 1, 1, 7) + b"x", buffer)
    buffer.view[size - 1] ^= 1
    assert into.open_rtp(buffer, size) is None


def test_too_long_a_packet_is_not_sealed() -> None:
    out, _, buffer = directions()
    assert not out.seal_rtp(HEADER.pack(0x80, 96, 1, 1, 7) + bytes(LONGEST_PLAIN_BYTES), buffer)
    assert not out.seal_rtcp(bytes(LONGEST_PLAIN_BYTES + 1), buffer)


def test_the_peer_sessions_limit_that_ours_do_not_have_is_known() -> None:
    session = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILE))
    with pytest.raises(ValueError, match="too long"):
        session.protect(bytes(1_357))
    assert pylibsrtp.__version__.startswith("1.0.")
