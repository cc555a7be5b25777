"""Answer to our own name alone, whatever name a request brings.  Source: RFC 9110, sections 7.2 and 7.4.

No address of ours is ever made from a request; this keeps out what others might make of it: a page on a name that
somebody points at us (DNS rebinding), or an answer that a cache keeps under another name.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

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


@dataclass(kw_only=True)
class Agencies:
    """ASGI: each agency's application under its own host; whatever asks for no agency's goes to the first.

    ``closed`` names the hosts of closed agencies; it is asked every ``asked_every`` seconds at most, and a closed
    agency answers 410 to everything.
    """

    first: ASGIApp
    by_host: Mapping[str, ASGIApp]
    closed: Callable[[], frozenset[str]]
    asked_every: float = 2.0
    _known: frozenset[str] = field(default=frozenset(), init=False)
    _asked_at: float | None = field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the agency of the one Host header."""
        host = _host_in(scope.get("headers", ())) or ""
        if host not in await self._closed():
            await self.by_host.get(host, self.first)(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refuse(send, _GONE, _CLOSED)

    async def _closed(self) -> frozenset[str]:
        now = time.monotonic()
        if self._asked_at is None or now - self._asked_at >= self.asked_every:
            self._asked_at = now
            # A database that is away answers nothing of any agency either: what was known goes on holding.
            with suppress(OperationalError):
                self._known = await run_in_threadpool(self.closed)
        return self._known


def _host_in(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The host that is asked for, in small letters; None when it is none, or several."""
    hosts = [value for name, value in headers if name == b"host"]
    found = _HOST.fullmatch(hosts[0].decode("latin-1")) if len(hosts) == 1 else None
    return None if found is None else (found["name"] or found["number"]).lower()


_ELSEWHERE = b"This is not the address of this service. Use the address in your message."
_CLOSED = b"This service has ended here. Please ring the number in your last message."


async def _refuse(send: Send, status: int = _MISDIRECTED, body: bytes = _ELSEWHERE) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
