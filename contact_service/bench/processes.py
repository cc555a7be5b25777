"""A relay in a process of its own, and what such a process costs, read from /proc."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contact_service.bench.page import ORIGIN
from contact_service.relay.config import RelayConfig
from contact_service.relay.main import serve_relay

START_SECONDS = 20
_CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True, kw_only=True)
class RelayKeys:
    """Raw keys that a spawned relay is given: its own private one, and the public one of tickets."""

    relay: bytes
    tickets: bytes


class Spawned:
    """A process that reports two ports when it is ready; killed when the block is left."""

    def __init__(self, target: Callable[..., None], *arguments: object) -> None:
        self._ours, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=target, args=(theirs, *arguments), daemon=True)
        self.ports = (0, 0)

    async def __aenter__(self) -> Self:
        self._process.start()
        async with asyncio.timeout(START_SECONDS):
            while not self._ours.poll():  # noqa: ASYNC110  a pipe has no event
                await asyncio.sleep(0.05)
        self.ports = self._ours.recv()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.terminate()
        await asyncio.to_thread(self._process.join, 5)
        if self._process.is_alive():
            self._process.kill()
        self._ours.close()

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        """Resident memory in 10^6 octets."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def relay_process(report: Connection, link_url: str, keys: RelayKeys) -> None:
    """Run a relay on 127.0.0.1 with free ports until killed."""
    config = RelayConfig(
        name="relay-1",
        key=Ed25519PrivateKey.from_private_bytes(keys.relay),
        link_url=link_url,
        ticket_key=Ed25519PublicKey.from_public_bytes(keys.tickets),
        origins=(ORIGIN,),
        address="127.0.0.1",
        bind="127.0.0.1",
        port=0,
        signal_host="127.0.0.1",
        signal_port=0,
    )
    uvloop.run(serve_relay(config, started=lambda media, signalling: report.send((media, signalling))))
