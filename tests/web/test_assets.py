import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from contact_service.pages.assets import Assets
from contact_service.pages.headers import ProtectiveHeaders
from contact_service.pages.rendering import static_files, static_url, web_dir


async def secret(_request: object) -> JSONResponse:
    return JSONResponse({"a": 1}, headers={"cache-control": "public"})


@pytest.fixture
def client() -> httpx.AsyncClient:
    routes = [Mount("/static", static_files()), Route("/w/today", secret)]
    app = ProtectiveHeaders(Starlette(routes=routes), https=True)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://visits.example")


async def test_a_file_may_be_kept_for_ever_under_its_digest(client: httpx.AsyncClient) -> None:
    answer = await client.get(static_url("app.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.text == (web_dir() / "static" / "app.css").read_text(encoding="utf-8")


async def test_a_foreign_digest_is_not_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/0000000000000000/room/family.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/static/x/../vendor.py", "/static/x/%2e%2e/vendor.py", "/static/x//etc/passwd", "/static/", "/static"],
)
async def test_nothing_else_is_reachable(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code in (404, 307)


async def test_only_reading(client: httpx.AsyncClient) -> None:
    assert (await client.post(static_url("app.css"))).status_code == 405
    head = await client.head(static_url("app.css"))
    assert head.status_code == 200
    assert head.content == b""


async def test_sent_smaller_where_understood(client: httpx.AsyncClient) -> None:
    answer = await client.get(static_url("vendor/govuk.css"), headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 20_000
    plain = await client.get(static_url("vendor/govuk.css"), headers={"accept-encoding": "identity"})
    assert plain.content == answer.content


def test_digest_follows_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    first = Assets.read({"static": tmp_path}, at="/static")
    (tmp_path / "a.js").write_text("2")
    assert Assets.read({"static": tmp_path}, at="/static").digest != first.digest
    with pytest.raises(KeyError):
        first.url("b.js")


async def test_every_answer_is_protected(client: httpx.AsyncClient) -> None:
    for path in ("/w/today", "/nowhere", static_url("app.css")):
        headers = (await client.get(path)).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["permissions-policy"] == "camera=(self), microphone=(self), display-capture=()"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert (
            headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        )
        assert headers["strict-transport-security"].startswith("max-age=63072000")


async def test_pages_are_not_kept(client: httpx.AsyncClient) -> None:
    assert (await client.get("/w/today")).headers["cache-control"] == "no-store"


async def test_plain_http_makes_no_promise_of_https() -> None:
    app = ProtectiveHeaders(Starlette(routes=[Route("/w/today", secret)]), https=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as plain:
        assert "strict-transport-security" not in (await plain.get("/w/today")).headers


def compressed(*names: str) -> int:
    return sum(len(gzip.compress((web_dir() / "room" / f"{name}.js").read_bytes())) for name in names)


def test_scripts_stay_small() -> None:
    room = ("device_key", "leg", "page", "peer", "signal", "tiles")
    assert (web_dir() / "room" / "opener.js").stat().st_size <= 1408
    assert compressed("device_check", "page", "peer") <= 15_000
    assert compressed("family", *room) <= 60_000
    assert compressed("supervisor", "seats", *room) <= 30_000
