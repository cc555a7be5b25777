"""Whoever asks the door of links, in a process of its own: no work of the server is in what it measures."""

import base64
import json
import re
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_UNEVEN_SECONDS = 0.05


def device_key() -> str:
    """The public key of a new device, as its browser shows it."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer as a stranger sees it: without the number that every answer has of its own, and how late it came."""

    kind: str
    seen: tuple[int, tuple[tuple[str, str], ...], bytes]
    took: float


@dataclass(frozen=True, kw_only=True)
class Client:
    """Asks one thing after another on a connection of its own, ``rounds`` times with every kind.

    ``hasty``: without a moment between two.
    """

    port: int
    kinds: Mapping[str, str]
    rounds: int
    seed: int
    hasty: bool = False
    key: str = field(default_factory=device_key)

    def ask(self) -> list[Answer]:
        """Every kind in each round, in an order of its own."""
        answers, random = [], Random(self.seed)
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            nonce = _nonce(connection)
            for _ in range(self.rounds):
                for kind in random.sample(sorted(self.kinds), len(self.kinds)):
                    if not self.hasty:  # or all clients would come at the same moment for ever
                        time.sleep(random.uniform(0, _UNEVEN_SECONDS))
                    answers.append(self._ask(connection, kind, nonce))
        return answers

    def _ask(self, connection: HTTPConnection, kind: str, nonce: str) -> Answer:
        body = json.dumps({"secret": self.kinds[kind], "nonce": nonce, "device_key": self.key})
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
        began = time.perf_counter()
        connection.request("POST", "/v/open", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - began
        told = tuple(sorted((name, _without_nonce(value)) for name, value in answer.getheaders()))
        return Answer(kind=kind, seen=(answer.status, told, content), took=took)


def _nonce(connection: HTTPConnection) -> str:
    connection.request("GET", "/v")
    found = re.search(r"\d{8,12}\.[0-9a-f]{64}", connection.getresponse().read().decode())
    assert found is not None
    return found[0]


def _without_nonce(header: str) -> str:
    return re.sub(r"nonce-[\w+/=-]+", "nonce", header)
