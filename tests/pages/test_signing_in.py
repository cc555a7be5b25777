import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Literal

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.errors import BadInput
from contact_service.identity import actions as identity, hashing
from contact_service.identity.account import IDLE_LIMIT
from contact_service.operations.actions import beat
from contact_service.work import begin
from tests.cast import PASSWORD, House
from tests.pages.conftest import BASE, SAME, Browser, SignIn


def test_a_wrong_password_says_nothing_about_which_part_was_wrong(stranger: Browser) -> None:
    form = {"email": "karim@demo.example", "password": "not the right words"}
    wrong = stranger.post("/w/sign-in", form)
    unknown = stranger.post("/w/sign-in", form | {"email": "karin@demo.example"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("karim", "karin") == unknown.text
    assert "set-cookie" not in wrong.headers


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(stranger: Browser) -> None:
    answer = stranger.post("/w/sign-in", {"email": "karim@demo.example", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-staff=")
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie


def test_an_expired_session_leads_back_to_the_sign_in(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    csrf = karim.csrf()
    house.clock.forward(IDLE_LIMIT)
    for answer in (karim.get("/w/today"), karim.post("/w/sign-out", {"csrf": csrf})):
        assert (answer.status_code, answer.headers["location"]) == (303, "/w/sign-in")
    script = karim.client.get("/w/today", headers={"accept": "application/json"})
    assert script.status_code == 401


def test_a_used_page_keeps_the_session(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    for _ in range(4):
        house.clock.forward(IDLE_LIMIT - timedelta(seconds=1))
        assert karim.get("/w/today").status_code == 200


def test_signing_out_forgets_the_session_here_and_there(signed_in: SignIn) -> None:
    karim = signed_in("karim")
    cookies = dict(karim.client.cookies)
    answer = karim.post("/w/sign-out", {"csrf": karim.csrf()})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    karim.client.cookies.update(cookies)
    assert karim.get("/w/today").status_code == 303


def test_other_requests_go_on_while_a_password_is_checked(app: ASGIApp) -> None:
    """Nobody has the address, so the hash of full cost is checked; the event loop turns meanwhile."""

    async def turns_during_a_sign_in() -> int:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.001)
                turns += 1

        turning = asyncio.create_task(turn())
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            form = {"email": "nobody@demo.example", "password": "not the right words"}
            answer = await client.post("/w/sign-in", data=form, headers=SAME)
        turning.cancel()
        assert answer.status_code == 422
        return turns

    assert asyncio.run(turns_during_a_sign_in()) >= 10


def test_others_write_while_a_password_is_checked(
    house: House, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a transaction open around the check the other one would wait for it, and it for the other."""
    wrote = written_meanwhile(house, monkeypatch)
    assert signed_in("karim").get("/w/today").status_code == 200
    assert wrote == ["meanwhile"]


def test_others_write_while_a_password_is_checked_again(
    house: House, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    karim = signed_in("karim")
    csrf = karim.csrf("/w/account")
    wrote = written_meanwhile(house, monkeypatch)
    asked = karim.post("/w/account/app", {"csrf": csrf, "password": PASSWORD})
    assert (asked.status_code, asked.headers["location"]) == (303, "/w/account/app")
    shown = karim.send("/w/account/passkeys/ask", {"password": PASSWORD}, x_csrf=csrf)
    assert shown.status_code == 200
    assert wrote == ["meanwhile", "meanwhile"]


def written_meanwhile(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What somebody else writes each time that a password is checked or hashed."""
    wrote: list[str] = []

    def write() -> None:
        with begin(house.installation, actor.SCHEDULE) as work:
            beat(work, "meanwhile")
            wrote.append("meanwhile")

    class Meanwhile(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  the library's name
            write()
            return super().verify(hash, password)

        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            write()
            return super().hash(password, salt=salt)

    monkeypatch.setattr(hashing, "_hasher", Meanwhile())
    return wrote


def test_a_password_that_was_changed_meanwhile_counts_no_more(house: House) -> None:
    with house.work(house.cast.karim) as work:
        asked = identity.ask_again(work, address="192.0.2.1")
    assert asked is not None
    with house.installation.engine.begin() as connection:
        changed = text("UPDATE staff_account SET password_hash = 'another' WHERE id = :id")
        connection.execute(changed, {"id": house.cast.karim})
    with house.work(house.cast.karim) as work, suppress(BadInput):
        identity.demand_password(work, asked, right=True)
        pytest.fail("the old password counted")
