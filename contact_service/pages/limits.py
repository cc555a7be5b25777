"""Refuse bodies larger than any form of ours, before anything reads them into memory.  Source: ASVS 5.0, 4.3."""

import contextlib
import json
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES = 1_000_000
# A file has 5 MB at most; around it stand the lines of a form, or the escapes of JSON.
_FILES = re.compile(
    r"/(w/hours|api/v1/staff|api/v1/people)/[0-9a-f]{32}/calendar-file"
    r"|/w/child/[0-9a-f]{32}/person/[0-9a-f]{32}/(hours/calendar-file|photo)"
    r"|/api/v1/people/[0-9a-f]{32}/photo",
    re.ASCII,
)
_FILE_LIMIT_BYTES = 7_000_000  # 5 MB in base64 and some
_TOO_LARGE = 413


class _TooLarge(Exception):
    """More came than was allowed."""


class BodyLimit:
    """ASGI middleware: 413 for a declared or an actual body over 1 MB, or 7 MB where a file is brought."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what arrives; stop at the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = _FILE_LIMIT_BYTES if _FILES.fullmatch(scope["path"]) else BODY_LIMIT_BYTES
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > limit:
            await _refuse(scope, send)
            return
        seen = 0
        started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            if seen > limit and not started:
                return  # whatever read the body answers in its own words; ours follow
            started = True
            await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, noted)
        if seen > limit and not started:
            await _refuse(scope, send)


async def _refuse(scope: Scope, send: Send) -> None:
    """In words; a program that calls the API gets them as a problem (RFC 9457)."""
    words, kind = (
        "This is too large. Send less than 1 MB, or 5 MB of a calendar or a photo.",
        "text/plain; charset=utf-8",
    )
    if scope["path"].startswith("/api/"):
        name = "urn:contact-service:problem:too-large"
        told = {"type": name, "title": "Too large", "status": _TOO_LARGE, "detail": words}
        words, kind = json.dumps(told), "application/problem+json"
    body = words.encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": _TOO_LARGE, "headers": headers})
    await send({"type": "http.response.body", "body": body})
