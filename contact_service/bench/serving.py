"""An application on a free port of this machine, for as long as something is measured."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from contact_service.garbage import spare_what_lasts

_START_SECONDS = 20.0


@contextmanager
def served(build: Callable[[int], ASGIApp]) -> Iterator[int]:
    """Serve what ``build`` makes for a port of 127.0.0.1, in a thread of its own; gives that port."""
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    config = uvicorn.Config(
        build(port),
        http="h11",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    spare_what_lasts()  # as the real one does
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield port
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
