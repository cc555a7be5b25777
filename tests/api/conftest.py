"""The JSON API in front of the cast, over the whole public application; machines and people who call it."""

import asyncio
import base64
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.app import furnish, pages_app
from contact_service.ids import AccountId
from contact_service.people.actions.members import put_on_caseload
from contact_service.service_accounts.actions import Made, NewServiceAccount, add_service_account
from contact_service.service_accounts.scope import Scope
from contact_service.settings import Settings
from tests.cast import PASSWORD, House

BASE = "https://visits.example"
SAME = {"sec-fetch-site": "same-origin"}
TYPES = "urn:contact-service:problem:"
EVERY_SCOPE = frozenset(Scope) - {Scope.ALL_CASES}


def settings(**more: object) -> Settings:
    return Settings.model_validate(
        {"public_url": BASE, "ticket_key": base64.b64encode(secrets.token_bytes(32)).decode()}
        # A test asks as a machine does; tests/pages/test_request_limits.py asks for what is usual.
        | {"request_limits_times": 1000}
        | {"relays": "relay-1=" + base64.b64encode(bytes(32)).decode()}
        | more
    )


def public_app(house: House, **more: object) -> ASGIApp:
    """An application of its own."""
    return pages_app(settings(**more), house.installation)


@pytest.fixture
def app(house: House, every_route: FastAPI) -> ASGIApp:
    return furnish(every_route, settings(), house.installation)


@dataclass
class Api:
    """Somebody who calls the API, with the headers that say who they are."""

    app: ASGIApp
    headers: dict[str, str] = field(default_factory=dict)
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def get(self, path: str, **params: Any) -> httpx.Response:  # noqa: ANN401  httpx's own
        return self.ask("GET", path, params=params)

    def put(self, path: str, body: object) -> httpx.Response:
        return self.ask("PUT", path, json=body)

    def post(self, path: str, body: object = None, *, key: str | None = "", **headers: str) -> httpx.Response:
        """``key`` None sends none, an empty one is made up."""
        said = {} if key is None else {"Idempotency-Key": key or secrets.token_hex(8)}
        return self.ask("POST", path, json={} if body is None else body, headers=said | headers)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        return asyncio.run(self.asked(method, path, **more))

    async def asked(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401
        more["headers"] = self.headers | more.get("headers", {})
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=self.cookies) as client:
            answer = await client.request(method, f"/api/v1{path}" if path[0] == "/" else path, **more)
            self.cookies = client.cookies
        return answer


def made(house: House, *scopes: Scope, name: str = "Caseworks", owner: AccountId | None = None) -> Made:
    """A service account of Priya's with these scopes."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        new = NewServiceAccount(
            name=name,
            owner=owner or house.cast.priya,
            scopes=frozenset(scopes),
            lasts=timedelta(days=30),
        )
        return add_service_account(work, new)


Machine = Callable[..., Api]


@pytest.fixture
def machine(app: ASGIApp, house: House) -> Machine:
    """A service account with some scopes, the family's case on its caseload."""

    def make(*scopes: Scope, caseload: bool = True, **more: Any) -> Api:  # noqa: ANN401
        account = made(house, *(scopes or EVERY_SCOPE), **more)
        if caseload:
            with house.as_actor(actor.COMMAND_LINE) as work:
                put_on_caseload(work, house.cast.case, account.account)
        return Api(app, {"Authorization": f"Bearer {account.token}"})

    return make


Person = Callable[[str], Api]


@pytest.fixture
def person(app: ASGIApp) -> Person:
    """One of the cast, signed in, with the token that changes need."""

    def sign_in(name: str) -> Api:
        one = Api(app, dict(SAME))
        answer = one.ask(
            "POST", f"{BASE}/w/sign-in", data={"email": f"{name}@demo.example", "password": PASSWORD}
        )
        assert answer.status_code == 303, answer.text
        one.headers["X-Csrf"] = one.get("/me").json()["csrf"]
        if name == "noor":
            said = one.post("/me/purpose", {"purpose": "inspection", "words": "Inspection 2030/17"})
            assert said.status_code == 201, said.text
        return one

    return sign_in


def problem(answer: httpx.Response, status: int, name: str) -> dict[str, Any]:
    """The problem details of an answer, checked as far as every problem is alike."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == TYPES + name, body
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert not re.search(r"Traceback|sqlalchemy|contact_service/", answer.text)
    return body


def wish(house: House, **changes: object) -> dict[str, object]:
    """Mia and Dana tomorrow at 16:00 for half an hour, watched by Lena."""
    return {
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "starts": "2030-05-15T16:00",
        "minutes": 30,
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
    } | changes
