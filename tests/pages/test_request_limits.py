"""Whoever asks for too much is told to wait; nobody else is, and nobody ever with what makes a visit safer."""

import asyncio
import base64
import logging
import secrets

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Scope

from contact_service.app import furnish
from contact_service.request_limits.kinds import LIMITS, Kind
from contact_service.settings import Settings
from tests.cast import PASSWORD, House
from tests.pages.conftest import BASE, Browser, Client, at_the_door

ABROAD = "203.0.113.7"
REFUSED = 429


@pytest.fixture
def usual(house: House, every_route: FastAPI) -> ASGIApp:
    """The application with the limits that are usual, in a minute that stands still."""
    settings = {
        "public_url": BASE,
        "ticket_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "relays": "relay-1=" + base64.b64encode(bytes(32)).decode(),
    }
    app = furnish(every_route, Settings.model_validate(settings), house.installation)
    every_route.state.request_limits.clock = lambda: 0.0
    return app


def from_abroad(app: ASGIApp, name: str = "", address: str = ABROAD) -> Browser:
    """A browser of that network; ``name`` of the cast has signed in with it."""
    one = Browser(Client(app, address=address))
    if name:
        answer = one.post("/w/sign-in", {"email": f"{name}@demo.example", "password": PASSWORD})
        assert answer.status_code == 303
        assert one.get("/w/today").status_code == 200
    return one


def until_refused(one: Browser, path: str, *, most: int = 2_000, **headers: str) -> int:
    """How often a page is answered before it is not."""
    for asked in range(most):
        if one.client.get(path, headers=headers).status_code == REFUSED:
            return asked
    raise AssertionError(path)


def test_whoever_asks_too_often_waits_and_the_next_desk_does_not(usual: ASGIApp, house: House) -> None:
    priya, noor = from_abroad(usual, "priya"), from_abroad(usual, "karim")
    copy = f"/w/case/{house.cast.case}/history.csv"
    assert until_refused(priya, copy) == LIMITS[Kind.EXPORT].person.at_once
    refused = priya.get(copy)
    assert refused.status_code == REFUSED
    assert refused.headers["retry-after"] == "3"
    assert "Wait a moment, then try again." in refused.text
    assert "no-store" in refused.headers["cache-control"]
    assert priya.get("/w/today").status_code == 200
    assert noor.get(copy).status_code != REFUSED


def test_one_account_with_two_browsers_has_one_limit(usual: ASGIApp, house: House) -> None:
    one, other = from_abroad(usual, "priya"), from_abroad(usual, "priya", "198.51.100.9")
    copy = f"/w/case/{house.cast.case}/history.csv"
    other.get(copy)
    until_refused(one, copy)
    assert other.get(copy).status_code == REFUSED


def test_what_a_machine_asked_too_often_is_a_problem_with_a_time_to_wait(usual: ASGIApp) -> None:
    one = from_abroad(usual)
    until_refused(one, "/api/v1/cases", authorization="Bearer made-up")
    refused = one.get("/api/v1/cases")
    assert refused.status_code == REFUSED
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:contact-service:problem:too-many-requests"
    assert int(refused.headers["retry-after"]) >= 1


def test_made_up_cookies_and_tokens_are_all_counted_with_their_network(usual: ASGIApp) -> None:
    one = from_abroad(usual)
    for _ in range(LIMITS[Kind.API_READ].person.at_once * 2):
        said = {"authorization": f"Bearer {secrets.token_hex(16)}", "cookie": f"x={secrets.token_hex(16)}"}
        if one.client.get("/api/v1/cases", headers=said).status_code == REFUSED:
            return
    pytest.fail("a new made-up token was a new caller each time")


def test_strangers_take_nothing_from_whoever_is_known(usual: ASGIApp) -> None:
    karim = from_abroad(usual, "karim")
    until_refused(from_abroad(usual), "/w/today")
    assert karim.get("/w/today").status_code == 200
    assert from_abroad(usual, address="198.51.100.9").get("/w/today").status_code == 303


def test_where_all_come_through_one_address_strangers_have_many_times_more(usual: ASGIApp) -> None:
    one = from_abroad(usual, address="127.0.0.1")
    network = LIMITS[Kind.ELSEWHERE].network
    assert network is not None
    for _ in range(network.at_once * 2):
        assert one.get("/nowhere").status_code == 404


def test_a_visit_that_runs_goes_on_whatever_strangers_of_the_same_network_do(
    usual: ASGIApp, house: House
) -> None:
    dana, _, base = at_the_door(usual, house, house.waiting(), house.cast.dana)
    dana.client.address = ABROAD
    assert dana.get(f"{base}/state").status_code == 200
    until_refused(from_abroad(usual), "/nowhere")
    for _ in range(60):
        assert dana.get(f"{base}/state").status_code == 200
    assert dana.get(f"{base}/withdraw").status_code == 200


def test_what_makes_a_visit_safer_is_never_counted_with_others_and_more_than_hands_can_press() -> None:
    limit = LIMITS[Kind.SAFETY]
    assert limit.network is None
    assert limit.person.at_once >= 600
    assert limit.person.a_minute >= 600


def test_whoever_takes_consent_back_is_heard_however_often_they_pressed(usual: ASGIApp, house: House) -> None:
    dana, _, base = at_the_door(usual, house, house.waiting(), house.cast.dana)
    for _ in range(300):
        assert dana.post(f"{base}/withdraw", {"csrf": "old"}).status_code != REFUSED
    token = dana.csrf(f"{base}/withdraw")
    assert dana.post(f"{base}/withdraw", {"csrf": token}).status_code == 303


def test_the_log_counts_and_names_an_id_at_most(
    usual: ASGIApp, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    priya = from_abroad(usual, "priya")
    copy = f"/w/case/{house.cast.case}/history.csv"
    with caplog.at_level(logging.WARNING):
        until_refused(priya, copy)
        for _ in range(5):
            priya.get(copy)
    lines = [vars(one) for one in caplog.records if one.name == "contact_service.pages.request_limits"]
    assert [(one["kind"], one["refused"], one["one_of_them"]) for one in lines] == [
        ("export", 1, house.cast.priya)
    ]


def test_a_server_that_is_asked_as_a_whole_answers(usual: ASGIApp) -> None:
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    scope: Scope = {
        "type": "http",
        "method": "OPTIONS",
        "path": "*",
        "raw_path": b"*",
        "query_string": b"",
        "headers": [(b"host", BASE.partition("//")[2].encode())],
        "scheme": "https",
        "client": (ABROAD, 1),
        "server": None,
        "http_version": "1.1",
        "root_path": "",
    }

    async def ask() -> None:
        await usual(scope, receive, send)

    asyncio.run(ask())
    assert 400 <= said[0]["status"] < 500


def test_a_body_that_cannot_be_read_leaves_whoever_sent_it_known(usual: ASGIApp) -> None:
    """A stranger of that network has fewer searches at once than somebody who is known."""
    priya, network = from_abroad(usual, "priya"), LIMITS[Kind.SEARCH].network
    assert network is not None
    for _ in range(network.at_once + 1):
        assert priya.get("/w/why").status_code != REFUSED
    unread = priya.client.post("/w/book/times", content=b"%%%", headers={"content-type": "text/plain"})
    assert unread.status_code >= 400
    assert priya.get("/w/why").status_code != REFUSED


def test_many_who_open_links_behind_one_address_are_answered(usual: ASGIApp) -> None:
    """As a mobile carrier or a contact centre brings them within one minute."""
    one = from_abroad(usual)
    assert all(one.client.get("/v").status_code != REFUSED for _ in range(700))
