"""The link that relays dial, on a private listener: challenge, room lists, leases, events taken in once.

A lease is renewed only after a successful read of the database, and names the newest committed list: a database that
does not answer stops all media within two seconds, by the relay's own clock.
"""

import asyncio
import base64
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from contact_service import actor
from contact_service.protocol.errors import ProtocolError
from contact_service.protocol.link import (
    Challenge,
    Event,
    Hello,
    Lease,
    Renew,
    Taken,
    encode,
    hello_bytes,
    parse_from_relay,
)
from contact_service.rooms import actions as rooms
from contact_service.rooms.queries import Version, newest_version, room_list
from contact_service.work import Installation, begin, read

logger = logging.getLogger(__name__)
router = APIRouter()
POLL_SECONDS = 0.2
HEARD_SECONDS = 1.0
HELLO_SECONDS = 5.0
_NOT_YOU = 4401
_NOT_UNDERSTOOD = 4400


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A relay that may dial in: its public key, and the agency whose visits it carries."""

    key: Ed25519PublicKey
    installation: Installation


class NotRegistered(Exception):
    """The relay of this link is registered no more, with another key, or for another agency."""


Registry = Callable[[], Mapping[str, Registered]]


@router.websocket("/link")
async def link(socket: WebSocket) -> None:
    """Serve one relay for as long as it stays."""
    registry: Registry = socket.app.state.registered
    await socket.accept()
    try:
        found = await asyncio.wait_for(_greeted(socket, registry), HELLO_SECONDS)
        if found is None:
            await socket.close(_NOT_YOU)
            return
        await _Line(socket, *found, registry).run()
    except NotRegistered:
        logger.info("a relay is registered no more")
        with contextlib.suppress(RuntimeError):
            await socket.close(_NOT_YOU)
    except (ProtocolError, KeyError):
        with contextlib.suppress(RuntimeError):
            await socket.close(_NOT_UNDERSTOOD)
    except (WebSocketDisconnect, TimeoutError):
        logger.info("a relay left its link")


async def _greeted(socket: WebSocket, registry: Registry) -> tuple[Registered, Hello] | None:
    """What is registered of the relay, and its hello, if its registered key signed our number; else None."""
    nonce = base64.b64encode(secrets.token_bytes(32)).decode()
    await socket.send_text(encode(Challenge(nonce=nonce)))
    hello = parse_from_relay(await socket.receive_text())
    relays = await run_in_threadpool(registry)
    if not isinstance(hello, Hello) or hello.relay not in relays:
        return None
    found = relays[hello.relay]
    try:
        signature = base64.b64decode(hello.signature, validate=True)
        found.key.verify(signature, hello_bytes(hello.relay, hello.boot, nonce))
    except (InvalidSignature, ValueError):
        return None
    return found, hello


class _Line:
    """One relay on its link."""

    def __init__(self, socket: WebSocket, registered: Registered, hello: Hello, registry: Registry) -> None:
        self.socket, self.installation = socket, registered.installation
        self.registered, self.registry = registered, registry
        self.relay, self.boot = hello.relay, hello.boot
        self.actor = actor.relay(hello.relay)
        self.sending = asyncio.Lock()

    async def run(self) -> None:
        """Listen and watch until either fails."""
        await run_in_threadpool(self._hear)
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()

    async def _listen(self) -> None:
        while True:
            message = parse_from_relay(await self.socket.receive_text())
            if isinstance(message, Event):
                await run_in_threadpool(self._take_in, message)
                await self._send(encode(Taken(boot=message.boot, number=message.number)))
            elif isinstance(message, Renew):
                version = await run_in_threadpool(self._version)
                await self._send(encode(Lease(nonce=message.nonce, version=version.version)))

    async def _watch(self) -> None:
        """Send the complete list whenever it changes; once a second, say that the relay is there, and may be."""
        sent: Version | None = None
        ticks = 0
        while True:
            version = await run_in_threadpool(self._version)
            if version != sent:
                text, sent = await run_in_threadpool(self._list)
                await self._send(text)
            ticks += 1
            if ticks % round(HEARD_SECONDS / POLL_SECONDS) == 0:
                await run_in_threadpool(self._demand_registered)
                await run_in_threadpool(self._hear)
            await asyncio.sleep(POLL_SECONDS)

    async def _send(self, text: str) -> None:
        async with self.sending:
            await self.socket.send_text(text)

    def _demand_registered(self) -> None:
        """Raise ``NotRegistered`` once the agency is closed, or the relay is another's by now."""
        if self.registry().get(self.relay) != self.registered:
            raise NotRegistered

    def _version(self) -> Version:
        with read(self.installation, self.actor) as work:
            return newest_version(work)

    def _list(self) -> tuple[str, Version]:
        with read(self.installation, self.actor) as work:
            rooms_now = room_list(work, relay=self.relay, boot=self.boot)
        return encode(rooms_now), Version(epoch=rooms_now.epoch, version=rooms_now.version)

    def _take_in(self, event: Event) -> None:
        with begin(self.installation, self.actor) as work:
            rooms.take_in(work, self.relay, event)

    def _hear(self) -> None:
        with begin(self.installation, self.actor) as work:
            rooms.heard(work, self.relay, self.boot)
