"""What the door of links answers to those that open nothing, over HTTP: which bytes, and how late."""

import base64
import json
import re
import secrets
import statistics
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.types import ASGIApp

from contact_service.app import pages_app
from contact_service.bench.serving import served
from contact_service.settings import Settings
from contact_service.work import Installation

MOST_APART_MS = 2.0
JUDGED_FROM = 100
"""Rounds below which medians are chance, and are not judged."""

_CLIENTS = 4
_NOT_LIMITED = 1000
_PRESSED = 400
_PRESSING = 16
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


@dataclass(kw_only=True)
class _Client:
    """Asks one thing after another on a connection of its own."""

    port: int
    kinds: Mapping[str, str]
    random: Random
    key: str = field(default_factory=device_key)

    def ask(self, rounds: int, *, hasty: bool = False) -> list[Answer]:
        """Every kind in each round, in an order of its own; ``hasty``: without a moment between two."""
        answers = []
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            nonce = _nonce(connection)
            for _ in range(rounds):
                for kind in self.random.sample(sorted(self.kinds), len(self.kinds)):
                    if not hasty:  # or all clients would come at the same moment for ever
                        time.sleep(self.random.uniform(0, _UNEVEN_SECONDS))
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


def ask_at_the_door(
    installation: Installation, kinds: Mapping[str, str], *, rounds: int, seed: int
) -> dict[str, object]:
    """Ask ``rounds`` times with each of ``kinds`` by turns, four clients at once: how many answers there are, how late.

    No request is turned away for being one of many: every one reaches the look-up.
    """
    shares = [rounds // _CLIENTS + (number < rounds % _CLIENTS) for number in range(_CLIENTS)]
    with served(partial(_door, installation, _NOT_LIMITED)) as port, ThreadPoolExecutor(_CLIENTS) as threads:
        clients = [
            _Client(port=port, kinds=kinds, random=Random(seed + number)) for number in range(_CLIENTS)
        ]
        answers = [one for some in threads.map(_Client.ask, clients, shares) for one in some]
    return compared(answers, rounds)


def compared(answers: list[Answer], rounds: int) -> dict[str, object]:
    """How many answers can be told apart, and how far the medians of the kinds are apart, in milliseconds."""
    medians = {
        kind: round(statistics.median(one.took for one in answers if one.kind == kind) * 1e3, 2)
        for kind in sorted({one.kind for one in answers})
    }
    apart = round(max(medians.values()) - min(medians.values()), 2) if rounds >= JUDGED_FROM else None
    return {
        "answers": len(answers),
        "different_answers": len({one.seen for one in answers}),
        "medians_ms": medians,
        "medians_apart_ms": apart,
    }


def press_the_door(installation: Installation) -> dict[str, object]:
    """One address without a pause, with the limits of requests as they stand: how often it is told to wait."""
    with served(partial(_door, installation, 1)) as port:
        client = _Client(port=port, kinds={"unknown": "A" * 43}, random=Random(0))
        with ThreadPoolExecutor(_PRESSING) as threads:
            asked = list(
                threads.map(lambda _: client.ask(_PRESSED // _PRESSING, hasty=True), range(_PRESSING))
            )
    statuses = [answer.seen[0] for some in asked for answer in some]
    turned_away = statuses.count(HTTPStatus.TOO_MANY_REQUESTS)
    return {"requests": len(statuses), "told_to_wait": turned_away, "looked_up": len(statuses) - turned_away}


def _door(installation: Installation, times: int, port: int) -> ASGIApp:
    """The public application; ``times`` multiplies its limits of requests."""
    settings = Settings.model_validate(
        {
            "public_url": f"http://127.0.0.1:{port}",
            "request_limits_times": times,
            "ticket_key": base64.b64encode(
                secrets.token_bytes(32)
            ).decode(),  # nobody comes far enough for one
        }
    )
    return pages_app(settings, installation)
