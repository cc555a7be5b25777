"""The whole public application in front of the cast, and browsers that may or may not be honest."""

import asyncio
import base64
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from contact_service.app import furnish
from contact_service.ids import PersonId
from contact_service.pages.access import link_cookie
from contact_service.settings import Settings
from contact_service.staff_door import STAFF_COOKIE
from contact_service.visits.visit import Visit
from tests.cast import PASSWORD, House, Phone

BASE = "https://visits.example"
# Every page behind a family's link, on the way to the room and after it.
PAGES = (
    "/",
    "/consent/1",
    "/consent/2",
    "/consent/3",
    "/consent/4",
    "/answers",
    "/check",
    "/start",
    "/company",
    "/room",
)
AFTER = ("/state", "/withdraw", "/thanks")
SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def app(house: House, every_route: FastAPI) -> ASGIApp:
    settings = Settings.model_validate(
        {
            "public_url": BASE,
            "ticket_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "relays": "relay-1=" + base64.b64encode(bytes(32)).decode(),
            "agency_name": "Family Visits",
            # A test asks as a machine does; test_request_limits.py asks for what is usual.
            "request_limits_times": 1000,
        }
    )
    return furnish(every_route, settings, house.installation)


@dataclass
class Client:
    """Speaks HTTP to the application in this process, and keeps cookies as a browser does."""

    app: ASGIApp
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    address: str = "127.0.0.1"

    def get(self, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401  httpx's own
        return asyncio.run(self._ask("GET", path, **more))

    def head(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("HEAD", path))

    def post(self, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        return asyncio.run(self._ask("POST", path, **more))

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        if isinstance(more.get("content"), list):
            more["content"] = _pieces(more["content"])
        where = (self.address, 50_000)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=where)
        async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=self.cookies) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
        return answer


async def _pieces(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@dataclass
class Browser:
    """A browser with its own cookies, on our own pages unless a test says otherwise."""

    client: Client

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, data: Mapping[str, object] | None = None, **headers: str) -> httpx.Response:
        """A form as our page sends it; ``headers`` replace what the browser says of itself."""
        said = SAME | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, data=data or {}, headers=said)

    def send(self, path: str, body: object, **headers: str) -> httpx.Response:
        """JSON as our script sends it."""
        said = SAME | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(path, json=body, headers=said)

    def csrf(self, path: str = "/w/today") -> str:
        """The token that a page of ours carries."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found is not None, path
        return found[1]


def browser(app: ASGIApp) -> Browser:
    return Browser(Client(app))


def says_what_for(auditor: Browser, base: str = "") -> None:
    """An auditor says what they read for; before that nothing opens to them."""
    said = {"purpose": "inspection", "words": "Inspection 2030/17"}
    assert (
        auditor.post(f"{base}/w/purpose", {"csrf": auditor.csrf(f"{base}/w/purpose")} | said).status_code
        == 303
    )


SignIn = Callable[[str], Browser]


@pytest.fixture
def signed_in(app: ASGIApp) -> SignIn:
    """Sign one of the cast in, as they would."""

    def sign_in(name: str) -> Browser:
        one = browser(app)
        answer = one.post("/w/sign-in", {"email": f"{name}@demo.example", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        assert STAFF_COOKIE in one.client.cookies
        if name == "noor":
            says_what_for(one)
        return one

    return sign_in


@pytest.fixture
def stranger(app: ASGIApp) -> Browser:
    """Somebody who holds nothing."""
    return browser(app)


def open_link(one: Browser, secret: str, phone: Phone) -> httpx.Response:
    """Tap the button of the page that a link leads to."""
    found = re.search(r'"?nonce"?[^0-9]{1,12}(\d{8,12}\.[0-9a-f]{64})', one.get("/v").text)
    assert found is not None
    return one.send("/v/open", {"secret": secret, "nonce": found[1], "device_key": phone.key})


def tell_alone(one: Browser, base: str) -> None:
    """Say that nobody else is in the room: the question that stands before the waiting room."""
    answer = one.post(f"{base}/company", {"csrf": one.csrf(f"{base}/company"), "company": "nobody"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}/room")


Dana = tuple[Browser, Visit, str]
"""A device with its link open: browser, visit, and where its pages are."""


def at_the_door(app: ASGIApp, house: House, visit: Visit, person: PersonId) -> Dana:
    """That person with their link to the visit open."""
    one = browser(app)
    answer = open_link(one, house.secret(visit, person), Phone())
    base = answer.json()["go"].rstrip("/")
    assert link_cookie(house.invitation(visit, person).id) in one.client.cookies
    return one, visit, base


@pytest.fixture
def dana(app: ASGIApp, house: House) -> Dana:
    """Dana on her phone with her link open."""
    return at_the_door(app, house, house.waiting(), house.cast.dana)


@pytest.fixture
def ines(app: ASGIApp, house: House) -> Dana:
    """Ines with her link open: the device that is shown as Mia."""
    return at_the_door(app, house, house.waiting(), house.cast.ines)
