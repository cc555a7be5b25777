"""Answer to our own name alone, whatever name a request brings.  Source: RFC 9110, sections 7.2 and 7.4.

No address of ours is ever made from a request; this keeps out what others might make of it: a page on a name that
somebody points at us (DNS rebinding), or an answer that a cache keeps under another name.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

_HOST = re.compile(
    r"(?:(?P<name>[a-z0-9.-]+)|\[(?P<number>[0-9a-f:.]+)\])(?::[0-9]{1,5})?", re.IGNORECASE | re.ASCII
)
_MISDIRECTED = 421  # RFC 9110, 15.5.20
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
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            return False
        found = _HOST.fullmatch(hosts[0].decode("latin-1"))
        return found is not None and (found["name"] or found["number"]).lower() in self._ours


async def _refuse(send: Send) -> None:
    body = b"This is not the address of this service. Use the address in your message."
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": _MISDIRECTED, "headers": headers})
    await send({"type": "http.response.body", "body": body})
