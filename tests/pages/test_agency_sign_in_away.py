"""The agency's single sign-on hangs, dribbles or is flooded: whoever does not need it notices nothing."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from contact_service.app import furnish
from contact_service.audit.events import AGENCY_CASE
from contact_service.factors.actions.agency_sign_in import STARTS_PER_WINDOW
from contact_service.identity.actions import MINUTE
from contact_service.openid import provider as asked
from contact_service.openid.provider import AT_ONCE, AWAY_FOR
from tests.cast import House
from tests.pages.conftest import BASE, SAME, Browser, Client
from tests.pages.test_agency_sign_in import LOGOUT, START, settings_for

MORE_THAN_THE_POOL = 45
"""The threads that serve pages and renew the leases of relays are 40."""
ENDS_AFTER = 20.0
"""Seconds after which the silent one gives up itself, so that a test of a deadline fails and does not hang."""
LONG = 300.0


@dataclass
class Silent:
    """Takes every connection in, and says nothing, or one byte of a header at a time."""

    dribbles: bool = False
    listener: socket.socket = field(
        default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=128)
    )
    taken: list[socket.socket] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        with suppress(OSError):
            while True:
                one, _ = self.listener.accept()
                self.taken.append(one)
                if self.dribbles:
                    threading.Thread(target=self.dribble, args=(one,), daemon=True).start()

    def dribble(self, one: socket.socket) -> None:
        until = time.monotonic() + ENDS_AFTER
        with suppress(OSError):
            one.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while time.monotonic() < until:
                one.sendall(b"x")
                time.sleep(0.05)
        self.ended.set()
        one.close()

    def stop(self) -> None:
        with suppress(OSError):  # stopped before
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in self.taken:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    one = Silent()
    threading.Thread(target=one.run, daemon=True).start()
    yield one
    one.stop()


@pytest.fixture
def app(silent: Silent, house: House, every_route: FastAPI) -> ASGIApp:
    return furnish(every_route, settings_for(silent.issuer), house.installation)


async def while_many_wait(app: ASGIApp, silent: Silent) -> tuple[int, list[httpx.Response], int]:
    """What another page answers meanwhile, what they are told who are told at once, and how many still wait."""
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE, timeout=LONG) as browsers:
        starts = [asyncio.create_task(browsers.post(START, headers=SAME)) for _ in range(MORE_THAN_THE_POOL)]
        try:
            await asyncio.sleep(0.2)
            page = await asyncio.wait_for(browsers.get("/w/sign-in"), timeout=60)
            first = islice(asyncio.as_completed(starts, timeout=60), len(starts) - AT_ONCE)
            told = [await one for one in first]
            return page.status_code, told, sum(not one.done() for one in starts)
        finally:
            silent.stop()
            await asyncio.gather(*starts, return_exceptions=True)


def test_sign_ins_that_hang_hold_up_nobody_and_the_next_is_told_at_once(
    app: ASGIApp, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "SECONDS", LONG)  # none of them is let go while this looks
    page, told, waiting = asyncio.run(while_many_wait(app, silent))
    assert page == 200
    assert waiting == AT_ONCE
    assert {one.status_code for one in told} == {503}
    assert all("Many people sign in through your agency just now." in one.text for one in told)


def test_after_those_that_hung_others_have_their_turn(
    app: ASGIApp, silent: Silent, monkeypatch: pytest.MonkeyPatch, house: House
) -> None:
    monkeypatch.setattr(asked, "SECONDS", 0.2)
    browser = Browser(Client(app))
    for _ in range(AT_ONCE + 1):
        assert "does not answer just now" in browser.post(START).text
        house.clock.forward(AWAY_FOR)
    assert len(silent.taken) == AT_ONCE + 1


def test_an_answer_that_comes_byte_by_byte_has_the_same_deadline(
    app: ASGIApp, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent.dribbles = True
    monkeypatch.setattr(asked, "SECONDS", 1.0)
    answer = Browser(Client(app)).post(START)
    assert not silent.ended.is_set(), "it was waited for to its end"
    assert answer.status_code == 503


def test_a_provider_that_is_away_is_not_asked_again_for_some_seconds(
    app: ASGIApp, silent: Silent, monkeypatch: pytest.MonkeyPatch, house: House
) -> None:
    monkeypatch.setattr(asked, "SECONDS", 0.5)
    browser = Browser(Client(app))
    for _ in range(3):
        assert browser.post(START).status_code == 503
    assert browser.client.post(LOGOUT, data={"logout_token": "x"}).status_code == 503
    assert len(silent.taken) == 1
    house.clock.forward(AWAY_FOR)
    browser.post(START)
    assert len(silent.taken) == 2


def test_one_network_begins_so_many_sign_ins_a_minute_and_keeps_no_other_out(
    app: ASGIApp, silent: Silent, house: House
) -> None:
    silent.stop()  # what they are told comes at once
    theirs = Browser(Client(app, address="203.0.113.9"))
    codes = [theirs.post(START).status_code for _ in range(STARTS_PER_WINDOW + 2)]
    assert codes == [503] * STARTS_PER_WINDOW + [429] * 2
    assert "Wait one minute" in theirs.post(START).text
    reasons = [entry.fields.get("reason") for entry in house.entries(AGENCY_CASE)]
    assert reasons.count("too_many_attempts") == 1, "a flood does not fill the log"
    assert Browser(Client(app, address="203.0.113.10")).post(START).status_code == 503
    house.clock.forward(MINUTE)
    assert theirs.post(START).status_code == 503
