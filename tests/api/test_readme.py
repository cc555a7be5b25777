"""The example that stands beside the API runs as it stands there."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

import contact_service.api
from contact_service.service_accounts.scope import Scope
from tests.api.conftest import BASE, made, public_app
from tests.cast import House

SCOPES = (Scope.PEOPLE_READ, Scope.PEOPLE_WRITE, Scope.VISITS_READ, Scope.VISITS_REQUEST, Scope.STAFF_READ)


class Here(httpx.BaseTransport):
    """Carries what the example asks to the application in this process."""

    def __init__(self, app: ASGIApp) -> None:
        self.inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._carried(request))

    async def _carried(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self.inner.handle_async_request(sent)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def test_the_example_runs(house: House) -> None:
    text = (Path(contact_service.api.__file__).parent / "README.md").read_text()
    setting_up, example = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "/api/v1" in setting_up
    command = re.search(r"--scope (\S+)", text)
    assert command is not None
    assert set(command[1].split(",")) == {scope.value for scope in SCOPES}
    token = made(house, *SCOPES, Scope.ALL_CASES).token
    headers = {"Authorization": f"Bearer {token}"}
    api = httpx.Client(transport=Here(public_app(house)), base_url=f"{BASE}/api/v1", headers=headers)
    said: dict[str, Any] = {"api": api}
    exec(compile(example, "README.md", "exec"), said)  # noqa: S102  the example itself is what is tested
    assert house.history()[-1] == "visit.requested"
