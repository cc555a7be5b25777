"""What the door of links answers to those that open nothing, over HTTP: which bytes, and how late."""

import base64
import multiprocessing
import secrets
import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from http import HTTPStatus

from starlette.types import ASGIApp

from contact_service.app import pages_app
from contact_service.bench.link_client import Answer, Client
from contact_service.bench.serving import served
from contact_service.settings import Settings
from contact_service.work import Installation

MOST_APART_MS = 2.0
JUDGED_FROM = 100
"""Rounds below which medians are chance, and are not judged."""

PRESSED = 400
_CLIENTS = 4
_NOT_LIMITED = 1000


def ask_at_the_door(
    installation: Installation, kinds: Mapping[str, str], *, rounds: int, seed: int
) -> dict[str, object]:
    """Ask ``rounds`` times with each of ``kinds`` by turns, four clients at once: how many answers there are, how late.

    No request is turned away for being one of many: every one reaches the look-up.
    """
    shares = [rounds // _CLIENTS + (number < rounds % _CLIENTS) for number in range(_CLIENTS)]
    with served(partial(_door, installation, _NOT_LIMITED)) as port:
        answers = _all_ask(
            [
                Client(port=port, kinds=kinds, rounds=share, seed=seed + number)
                for number, share in enumerate(shares)
            ]
        )
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
        each = PRESSED // _CLIENTS
        answers = _all_ask(
            [
                Client(port=port, kinds={"unknown": "A" * 43}, rounds=each, seed=number, hasty=True)
                for number in range(_CLIENTS)
            ]
        )
    statuses = [answer.seen[0] for answer in answers]
    turned_away = statuses.count(HTTPStatus.TOO_MANY_REQUESTS)
    return {"requests": len(statuses), "told_to_wait": turned_away, "looked_up": len(statuses) - turned_away}


def _all_ask(clients: Sequence[Client]) -> list[Answer]:
    # Spawned: this process has threads and connections that no copy of it may share.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(clients), mp_context=spawning) as processes:
        return [one for some in processes.map(Client.ask, clients) for one in some]


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
