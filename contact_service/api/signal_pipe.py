"""In the demo and in tests ``serve`` pipes signalling to the relay; in production the proxy routes it.

Frames pass as they are, both ways; what the relay refuses, it refuses here too.  Cookies do not pass.
"""

import asyncio
import contextlib

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin

router = APIRouter()
FRAME_LIMIT_BYTES = 65_536
_NOT_REACHED = 1013  # try again later
_TOO_BIG = 1009


@router.websocket("/signal/{relay}")
async def pipe(browser: WebSocket, relay: str) -> None:
    """Carry one browser's signalling to the relay of this name until either side closes."""
    base: str = browser.app.state.signal_pipe
    origin = browser.headers.get("origin")
    if origin != browser.app.state.public_url or not base or not relay.replace("-", "").isalnum():
        await browser.close()  # before the handshake: a plain 403
        return
    await browser.accept()
    try:
        async with connect(
            f"{base}/signal/{relay}",
            origin=Origin(origin) if origin else None,
            max_size=FRAME_LIMIT_BYTES,
            compression=None,
            proxy=None,
        ) as upstream:
            await _carry(browser, upstream)
    except (OSError, InvalidHandshake, TimeoutError):
        with contextlib.suppress(RuntimeError):
            await browser.close(_NOT_REACHED)


async def _carry(browser: WebSocket, upstream: ClientConnection) -> None:
    tasks = [asyncio.create_task(_up(browser, upstream)), asyncio.create_task(_down(browser, upstream))]
    _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _up(browser: WebSocket, upstream: ClientConnection) -> None:
    with contextlib.suppress(WebSocketDisconnect, ConnectionClosed):
        while len(frame := await browser.receive_text()) <= FRAME_LIMIT_BYTES:
            await upstream.send(frame)
        await browser.close(_TOO_BIG)


async def _down(browser: WebSocket, upstream: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            frame = await upstream.recv(decode=True)
            await browser.send_text(frame)
    with contextlib.suppress(RuntimeError):
        await browser.close(upstream.close_code or 1000)
