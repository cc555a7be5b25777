"""The relay process: settings in, a running relay until it is told to stop."""

import asyncio
import base64
import binascii
import contextlib
import logging
import signal
from collections.abc import Callable

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contact_service import logs
from contact_service.errors import SettingsInvalid
from contact_service.garbage import spare_what_lasts
from contact_service.relay.admission import Admission
from contact_service.relay.config import RelayConfig
from contact_service.relay.link import Link
from contact_service.relay.relay import Relay, Watchers
from contact_service.settings import Settings, address, secret

_logger = logging.getLogger(__name__)
_KEY_BYTES = 32


def run(settings: Settings) -> None:
    """Run the relay until SIGTERM or SIGINT; raise ``SettingsInvalid`` before anything is opened."""
    config = config_of(settings)
    logs.start("relay", level=settings.log_level)
    spare_what_lasts()
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_until_told(config))


def config_of(settings: Settings) -> RelayConfig:
    """What this relay is told, from ``settings``; raise ``SettingsInvalid`` naming what is missing or wrong."""
    settings.require("relay_name", "relay_key", "relay_link_url", "relay_address", "ticket_public_key")
    host, port = address(settings.relay_signal_listen)
    return RelayConfig(
        name=settings.relay_name,
        key=Ed25519PrivateKey.from_private_bytes(_raw(secret(settings.relay_key), "CONTACT_RELAY_KEY")),
        link_url=settings.relay_link_url,
        ticket_key=Ed25519PublicKey.from_public_bytes(
            _raw(settings.ticket_public_key, "CONTACT_TICKET_PUBLIC_KEY")
        ),
        origins=(settings.public_url.rstrip("/"),),
        address=settings.relay_address,
        bind=settings.relay_bind or settings.relay_address,
        port=settings.relay_port,
        signal_host=host,
        signal_port=port,
    )


async def serve_relay(config: RelayConfig, *, started: Callable[[int, int], None] | None = None) -> None:
    """Run a relay until cancelled; ``started`` is told the media port and the signalling port."""
    relay = Relay(config)
    admission, link = Admission(relay), Link(relay)
    relay.watchers = Watchers(changed=admission.changed, closed=admission.closed, recorded=link.recorded)
    relay.open()
    server = await admission.listen()
    dialling = asyncio.create_task(link.run())
    try:
        if started is not None:
            started(relay.port_number, server.sockets[0].getsockname()[1])
        await dialling
    finally:
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)
        await relay.close()
        server.close()
        await server.wait_closed()


async def _until_told(config: RelayConfig) -> None:
    serving = asyncio.create_task(serve_relay(config, started=_log_start))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _log_start(media_port: int, signal_port: int) -> None:
    _logger.info("relay listens", extra={"media_port": media_port, "signal_port": signal_port})


def _raw(text: str, setting: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise SettingsInvalid(f"{setting} is not base64 of {_KEY_BYTES} bytes.")
    return raw
