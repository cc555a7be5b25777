"""A1: whatever mail scanners and chat previews do with a link changes nothing, and it opens for whoever taps."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from starlette.types import ASGIApp

from tests.cast import House, Phone
from tests.pages.conftest import BASE, SAME, browser, open_link

Fetches = Callable[[httpx.AsyncClient, House, str], Awaitable[None]]
PREVIEWS = {
    "a preview of WhatsApp": "WhatsApp/2.23.20.0",
    "a preview of Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "a preview of Telegram": "TelegramBot (like TwitterBot)",
    "a preview of Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "a preview of Skype": "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "a preview of Signal": "WhatsApp/2",
    "a proxy of Google's": "Mozilla/5.0 (compatible; GoogleImageProxy)",
}


def fetch(method: str, path: str, *, times: int = 1, **more: object) -> Fetches:
    async def run(client: httpx.AsyncClient, _house: House, _secret: str) -> None:
        for _ in range(times):
            await client.request(method, path, **more)  # type: ignore[arg-type]

    return run


async def twice_in_twenty_two_seconds(client: httpx.AsyncClient, house: House, _secret: str) -> None:
    await client.get("/v")
    house.clock.forward(timedelta(seconds=22))
    await client.get("/v")


async def with_everything_the_page_loads(client: httpx.AsyncClient, _house: House, _secret: str) -> None:
    page = (await client.get("/v")).text
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        assert (await client.get(path)).status_code < 400, path


async def without_a_nonce(client: httpx.AsyncClient, _house: House, secret: str) -> None:
    await client.post("/v/open", json={"secret": secret, "device_key": Phone().key}, headers=SAME)


async def with_an_empty_nonce(client: httpx.AsyncClient, _house: House, secret: str) -> None:
    body = {"secret": secret, "nonce": "", "device_key": Phone().key}
    await client.post("/v/open", json=body, headers=SAME)


async def with_an_old_nonce(client: httpx.AsyncClient, house: House, secret: str) -> None:
    """A scanner that keeps the page, and presses in the sandbox an hour later."""
    nonce = await read_nonce(client)
    house.clock.at -= timedelta(hours=1)
    old = await read_nonce(client)
    house.clock.at += timedelta(hours=1)
    assert old != nonce
    body = {"secret": secret, "nonce": old, "device_key": Phone().key}
    assert "go" not in (await client.post("/v/open", json=body, headers=SAME)).json()


async def with_a_nonce_from_another_site(client: httpx.AsyncClient, _house: House, secret: str) -> None:
    body = {"secret": secret, "nonce": await read_nonce(client), "device_key": Phone().key}
    answer = await client.post("/v/open", json=body, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def as_a_form(client: httpx.AsyncClient, _house: House, secret: str) -> None:
    body = {"secret": secret, "nonce": await read_nonce(client), "device_key": Phone().key}
    await client.post("/v/open", data=body, headers=SAME)


async def with_the_secret_in_the_query(client: httpx.AsyncClient, _house: House, secret: str) -> None:
    """Some rewrite what comes after the sign into a part of the address."""
    for method in ("GET", "HEAD"):
        await client.request(method, f"/v?{secret}")
        await client.request(method, f"/v/{secret}")
        await client.request(method, f"/v/%23{secret}")


async def by_getting_what_is_posted_to(client: httpx.AsyncClient, _house: House, secret: str) -> None:
    for path in ("/v/open", "/v/answer", "/v/answer/say", "/v/choice", "/v/choice/take"):
        assert (await client.get(f"{path}?secret={secret}")).status_code in (404, 405)


async def read_nonce(client: httpx.AsyncClient) -> str:
    found = re.search(r"\d{8,12}\.[0-9a-f]{64}", (await client.get("/v")).text)
    assert found is not None
    return found[0]


PATTERNS: dict[str, Fetches] = {
    "GET": fetch("GET", "/v"),
    "HEAD": fetch("HEAD", "/v"),
    "HEAD, then GET": fetch("HEAD", "/v", times=2),
    "twenty GETs": fetch("GET", "/v", times=20),
    "OPTIONS": fetch("OPTIONS", "/v"),
    "a preflight": fetch(
        "OPTIONS",
        "/v/open",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
    ),
    "POST of nothing to the page": fetch("POST", "/v"),
    "PUT, as a probe": fetch("PUT", "/v", content=b"x"),
    "a part of the page": fetch("GET", "/v", headers={"range": "bytes=0-100"}),
    "a prefetch": fetch("GET", "/v", headers={"sec-purpose": "prefetch;prerender", "purpose": "prefetch"}),
    "an empty POST to the opener": fetch("POST", "/v/open", headers=SAME),
    **{name: fetch("GET", "/v", headers={"user-agent": agent}) for name, agent in PREVIEWS.items()},
    "two GETs in 22 seconds, as Safe Links": twice_in_twenty_two_seconds,
    "the page with all that it loads": with_everything_the_page_loads,
    "POST without a nonce": without_a_nonce,
    "POST with an empty nonce": with_an_empty_nonce,
    "POST with a nonce of an hour ago": with_an_old_nonce,
    "POST from another site": with_a_nonce_from_another_site,
    "POST as a form": as_a_form,
    "the secret in the query": with_the_secret_in_the_query,
    "GET of what is posted to": by_getting_what_is_posted_to,
}


def test_there_are_at_least_twenty_patterns() -> None:
    assert len(PATTERNS) >= 20


def test_a1_no_scanner_changes_anything_and_the_link_opens_afterwards(app: ASGIApp, house: House) -> None:
    visit = house.waiting()
    secret, before = house.secret(visit, house.cast.dana), house.snapshot()
    for name, fetches in PATTERNS.items():
        asyncio.run(_scan(app, house, secret, fetches))
        assert house.snapshot() == before, name
    assert "go" in open_link(browser(app), secret, Phone()).json()


@pytest.mark.parametrize("name", ["GET", "the secret in the query"])
def test_a1_no_scanner_reads_a_name(app: ASGIApp, house: House, name: str) -> None:
    visit = house.waiting()
    told: list[str] = []

    async def keep(answer: httpx.Response) -> None:
        told.append((await answer.aread()).decode() + str(answer.headers))

    asyncio.run(_scan(app, house, house.secret(visit, house.cast.dana), PATTERNS[name], keep))
    assert told
    assert not [
        one for one in told for person in ("Mia", "Dana", "Ines", "Lena", "set-cookie") if person in one
    ]


async def _scan(
    app: ASGIApp,
    house: House,
    secret: str,
    fetches: Fetches,
    *hooks: Callable[[httpx.Response], Awaitable[None]],
) -> None:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    hear = {"response": list(hooks)}
    async with httpx.AsyncClient(transport=transport, base_url=BASE, event_hooks=hear) as client:
        await fetches(client, house, secret)
