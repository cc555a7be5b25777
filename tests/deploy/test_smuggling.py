"""No request hides another from a proxy: whatever has no one length is refused, byte by byte over a real socket."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from contact_service.app import Doors, server_config
from contact_service.settings import Settings

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
START = b"POST /open HTTP/1.1\r\nHost: x\r\n"
LONG = b"Content-Length: %d\r\n"
ALL, REST = LONG % len(HIDDEN), LONG % (5 + len(HIDDEN))
CHUNKED, EMPTY = b"Transfer-Encoding: chunked\r\n", b"\r\n0\r\n\r\n"
SMUGGLED = {
    "a length and chunks": START + REST + CHUNKED + EMPTY,
    "chunks and a length": START + CHUNKED + b"Content-Length: 5\r\n" + EMPTY,
    "names in other cases": START + b"content-LENGTH: 5\r\ntransfer-ENCODING: chunked\r\n" + EMPTY,
    "two lengths": START + LONG % 0 + ALL + b"\r\n",
    "a list of lengths": START + b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN),
    "a length with a sign": START + b"Content-Length: +0\r\n\r\n",
    "a length below nothing": START + b"Content-Length: -1\r\n\r\n",
    "a length in another base": START + b"Content-Length: 0x0\r\n\r\n",
    "a blank before the colon": START + REST + b"Transfer-Encoding : chunked\r\n" + EMPTY,
    "another coding": START + REST + b"Transfer-Encoding: xchunked\r\n" + EMPTY,
    "a list of codings": START + REST + b"Transfer-Encoding: chunked, identity\r\n" + EMPTY,
    "two codings": START + CHUNKED + b"Transfer-Encoding: identity\r\n" + EMPTY,
    "a coding behind a tabulator": START + REST + b"Transfer-Encoding: \x0bchunked\r\n" + EMPTY,
    "a folded coding": START + REST + b"Transfer-Encoding:\r\n chunked\r\n" + EMPTY,
    "a folded length": START + b"X: a\r\n Content-Length: 0\r\n" + ALL + b"\r\n",
    "a bare return": START + b"X: a\rContent-Length: 0\r\n" + ALL + b"\r\n",
    "nothing in a value": START + b"X: a\x00b\r\n" + ALL + b"\r\n",
    "lines without returns": (START + ALL + b"\r\n").replace(b"\r\n", b"\n"),
    "a chunk with a sign": START + CHUNKED + b"\r\n+0\r\n\r\n",
    "a chunk of thirty digits": START + CHUNKED + b"\r\n" + b"0" * 30 + b"\r\n\r\n",
    "a chunk without a return": START + CHUNKED + b"\r\n0\n\n",
    "chunks in an old version": START.replace(b"1.1", b"1.0") + CHUNKED + EMPTY,
    "a request with a body that is none": b"GET /open HTTP/1.1\r\nHost: x\r\n" + ALL + b"\r\n",
    "another protocol": START + b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + ALL + b"\r\n",
}


class Counting:
    """Stands where our pages stand, and remembers what reached it."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.paths.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Counting, int]]:
    """Our server, as it is set up and behind our own doors."""
    counting, listener = Counting(), socket.create_server(("127.0.0.1", 0))
    config = server_config(
        Settings.from_environment({}), Doors(public=counting, private=counting, private_port=0)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield counting, listener.getsockname()[1]
    server.should_exit = True
    thread.join(20)


def answered(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as ours:
        ours.sendall(sent)
        ours.shutdown(socket.SHUT_WR)
        found = b""
        while piece := ours.recv(65536):
            found += piece
    return found


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED)
def test_no_request_hides_another(served: tuple[Counting, int], sent: bytes) -> None:
    counting, port = served
    counting.paths.clear()
    assert answered(port, sent + HIDDEN).count(b"HTTP/1.1 ") == 1
    assert "/hidden" not in counting.paths


def test_two_honest_requests_on_one_connection_are_two(served: tuple[Counting, int]) -> None:
    counting, port = served
    counting.paths.clear()
    assert answered(port, START + CHUNKED + EMPTY + HIDDEN).count(b"HTTP/1.1 200") == 2
    assert counting.paths == ["/open", "/hidden"]
