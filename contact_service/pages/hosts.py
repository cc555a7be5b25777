"""Answer to our own name alone, whatever name a request brings.  Source: RFC 9110, sections 7.2 and 7.4.

No address of ours is ever made from a request; this keeps out what others might make of it: a page on a name that
somebody points at us (DNS rebinding), or an answer that a cache keeps under another name.
"""

import asyncio
import logging
import math
import re
import time
from asyncio import Lock
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from contact_service.agencies.agency import LOOK_SECONDS

logger = logging.getLogger(__name__)
_HOST = re.compile(
    r"(?:(?P<name>[a-z0-9.-]+)|\[(?P<number>[0-9a-f:.]+)\])(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII
)
_MISDIRECTED = 421  # RFC 9110, 15.5.20
_GONE = 410
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})  # health checks, and the demo


class OwnHost:
    """ASGI middleware: 421 for a request, and 403 for a socket, whose one Host is neither ours nor this machine."""

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app = app
        self._ours = _HERE | {urlsplit(public_url).hostname or ""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what asks for us."""
        if scope["type"] not in ("http", "websocket") or self._is_ours(scope["headers"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refuse(send)

    def _is_ours(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        return _host_in(headers) in self._ours


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """How to make the application of each agency that is open, by its host, the first first; and closed ones' hosts."""

    open: Mapping[str, Callable[[], ASGIApp]]
    closed: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Agencies:
    """ASGI: each agency's application under its own host; whatever asks for no agency's goes to the first.

    ``look`` is asked every ``asked_every`` seconds at most: an agency that was added since answers from then on, and
    one that was closed answers 410 to everything and ends its sockets.  When every agency is closed, all is gone.
    """

    look: Callable[[], Hosts]
    asked_every: float = LOOK_SECONDS
    _known: Hosts = field(init=False)
    _apps: dict[str, ASGIApp] = field(init=False)
    _making: Lock = field(default_factory=Lock, init=False)
    _asked_at: float = field(default=-math.inf, init=False)

    def __post_init__(self) -> None:
        self._known = self.look()
        self._apps = {host: make() for host, make in self._known.open.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the agency of the one Host header."""
        host = await self._asked_for(_host_in(scope.get("headers", ())) or "")
        if host is None:
            await _end(scope, send)
        elif scope["type"] == "websocket":
            await self._while_open(host, partial(await self._app_of(host), scope, receive), send)
        else:
            await (await self._app_of(host))(scope, receive, send)

    async def _asked_for(self, host: str) -> str | None:
        """The host of the agency that answers for ``host``; None when it is closed."""
        known = await self._now_known()
        if host in known.closed:
            return None
        return host if host in known.open else next(iter(known.open), None)

    async def _app_of(self, host: str) -> ASGIApp:
        """Its application, made once, when it is first asked for: others are answered meanwhile."""
        if host not in self._apps:
            async with self._making:
                if host not in self._apps:
                    self._apps[host] = await run_in_threadpool(self._known.open[host])
        return self._apps[host]

    async def _while_open(self, host: str, carry: Callable[[Send], Awaitable[None]], send: Send) -> None:
        """Carry a socket until it ends, or its agency is closed."""
        carrying = asyncio.ensure_future(carry(send))
        try:
            while not carrying.done():
                await asyncio.wait([carrying], timeout=self.asked_every)
                if host not in (await self._now_known()).open:
                    break
            if not carrying.done():
                carrying.cancel()
                await asyncio.wait([carrying])
                # Whatever it said last, the socket is closed now; one that was closed already says so.
                with suppress(RuntimeError):
                    await send({"type": "websocket.close", "code": 1008})
                return
            await carrying
        finally:
            carrying.cancel()

    async def _now_known(self) -> Hosts:
        now = time.monotonic()
        if now - self._asked_at >= self.asked_every:
            self._asked_at = now
            # Whoever asked may be a visit that runs: whatever the database says, what was known goes on holding.
            try:
                self._known = await run_in_threadpool(self.look)
            except SQLAlchemyError:
                logger.exception("the agencies could not be looked at")
        return self._known


def _host_in(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The host that is asked for, in small letters; None when it is none, or several."""
    hosts = [value for name, value in headers if name == b"host"]
    found = _HOST.fullmatch(hosts[0].decode("latin-1")) if len(hosts) == 1 else None
    return None if found is None else (found["name"] or found["number"]).lower()


_ELSEWHERE = b"This is not the address of this service. Use the address in your message."
_CLOSED = b"This service has ended here. Please ring the number in your last message."


async def _end(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await _refuse(send, _GONE, _CLOSED)


async def _refuse(send: Send, status: int = _MISDIRECTED, body: bytes = _ELSEWHERE) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
