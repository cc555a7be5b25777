"""A4: an unknown, an expired, a revoked, a foreign and an elsewhere-bound link get the same bytes, equally late.

``PROBES=500`` asks so many times for each; the medians are logged (``-o log_cli=true -o log_cli_level=INFO``) and must
then be less than 2 ms apart.  The figures of a long run stand in ``tests/README.md``.
"""

import asyncio
import logging
import os
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from starlette.types import ASGIApp

from contact_service.invitations.actions import inviting
from contact_service.invitations.actions.reissuing import reissue
from contact_service.invitations.reissue import Asked as NewLink, KnownBy, Reissued, Way
from contact_service.invitations.token import secret_of
from contact_service.pages import even
from contact_service.pages.even import EVERY_SECONDS
from contact_service.visits.reasons import CancelReason
from tests.cast import House, Phone
from tests.pages.conftest import BASE, SAME, browser, open_link

logger = logging.getLogger(__name__)
MANY = 100
PROBES = int(os.environ.get("PROBES", "2"))
Asked = dict[str, list[tuple[httpx.Response, float]]]


def foreign(house: House) -> str:
    """A link as another agency makes it, under another key."""
    key = house.installation.keys.derive("another agency's links")
    return secret_of(key, house.installation.agency, 1)


def links_that_open_nothing(app: ASGIApp, house: House) -> tuple[dict[str, str], dict[str, str]]:
    """Two sets by what is the matter with each: for as long as the visit can be joined, and for when it is over."""
    visit = house.waiting()
    bound, expired = (house.secret(visit, who) for who in (house.cast.dana, house.cast.ines))
    other = house.approved(wall_start=house.wish().wall_start + timedelta(days=3))
    revoked = house.secret(other, house.cast.dana)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, other.id, CancelReason.CHILD_ILL)
    open_link(browser(app), bound, Phone())
    always = {"unknown": "A" * 43, "no secret": "x", "revoked": revoked, "foreign": foreign(house)}
    return always | {"bound elsewhere": bound}, always | {"expired": expired}


def ask(app: ASGIApp, secrets: Mapping[str, str], path: str) -> Asked:
    """Ask with each of them by turns, and how long each answer took in seconds."""
    return asyncio.run(_ask(app, secrets, path))


async def _ask(app: ASGIApp, secrets: Mapping[str, str], path: str) -> Asked:
    asked: Asked = defaultdict(list)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=SAME) as client:
        found = re.search(r"\d{8,12}\.[0-9a-f]{64}", (await client.get("/v")).text)
        assert found is not None
        rest = {"nonce": found[0], "device_key": Phone().key}
        for _ in range(PROBES):
            for kind, secret in secrets.items():
                body = (
                    {"json": {"secret": secret} | rest} if path == "/v/open" else {"data": {"secret": secret}}
                )
                began = time.perf_counter()
                answer = await client.post(path, **body)  # type: ignore[arg-type]  # one or the other
                asked[kind].append((answer, time.perf_counter() - began))
    return asked


def demand_equal(asked: Asked) -> None:
    answers = [answer for answers in asked.values() for answer, _ in answers]
    assert len({(a.status_code, a.content) for a in answers}) == 1
    assert len({tuple(sorted(_without_nonce(a).items())) for a in answers}) == 1
    assert min(took for answers in asked.values() for _, took in answers) >= EVERY_SECONDS - 0.002
    medians = {kind: statistics.median(took for _, took in answers) for kind, answers in asked.items()}
    apart = max(medians.values()) - min(medians.values())
    logger.info("%d of each: %s, %.2f ms apart", PROBES, _milliseconds(medians), apart * 1000)
    assert PROBES < MANY or apart < 0.002


def _milliseconds(medians: Mapping[str, float]) -> dict[str, str]:
    return {kind: f"{took * 1000:.2f}" for kind, took in medians.items()}


def _without_nonce(answer: httpx.Response) -> Counter[str]:
    plain = (re.sub(r"nonce-[\w+/=-]+", "", f"{name}: {value}") for name, value in answer.headers.items())
    return Counter(plain)


def test_a_link_that_opens_nothing_answers_as_an_unknown_one_does_and_as_late(
    app: ASGIApp, house: House
) -> None:
    while_it_is_on, over = links_that_open_nothing(app, house)
    demand_equal(ask(app, while_it_is_on, "/v/open"))
    house.clock.forward(timedelta(hours=2))
    demand_equal(ask(app, over, "/v/open"))


def test_so_do_the_questions_that_are_answered_by_a_link(app: ASGIApp, house: House) -> None:
    _, over = links_that_open_nothing(app, house)
    house.clock.forward(timedelta(hours=2))
    for path in ("/v/choice", "/v/answer"):
        demand_equal(ask(app, over, path))


def test_a_good_link_does_not_wait(app: ASGIApp, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even, "EVERY_SECONDS", 2.0)
    one, secret = browser(app), house.secret(house.waiting(), house.cast.dana)
    one.get("/v")
    began = time.perf_counter()
    assert "go" in open_link(one, secret, Phone()).json()
    assert time.perf_counter() - began < 2.0
    assert "go" not in open_link(one, secret[::-1], Phone()).json()
    assert time.perf_counter() - began >= 2.0


def test_a_code_that_opens_nothing_comes_as_late(app: ASGIApp, house: House) -> None:
    visit = house.waiting()
    with house.work(house.cast.karim) as work:
        asked = NewLink(way=Way.READ_OUT, known_by=KnownBy.CALLED_BACK, note="", before=1)
        made = reissue(work, visit.id, house.mother_in(visit).id, asked)
    assert isinstance(made, Reissued)
    assert made.code is not None
    used = made.code
    assert "go" in typed(app, used)[0].json()
    wrong = f"{(int(used) + 1) % 10**8:08}"
    for code in (used, wrong, ""):
        assert typed(app, code)[1] >= EVERY_SECONDS - 0.002


def typed(app: ASGIApp, code: str) -> tuple[httpx.Response, float]:
    """A code typed on a new phone, and how long its answer took in seconds."""
    one = browser(app)
    found = re.search(r"\d{8,12}\.[0-9a-f]{64}", one.get("/code").text)
    assert found is not None
    body = {"code": code, "nonce": found[0], "device_key": Phone().key}
    began = time.perf_counter()
    return one.send("/v/code", body), time.perf_counter() - began
