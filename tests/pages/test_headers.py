"""Every answer of every route leaves with the same protection."""

import pytest

from contact_service.pages.headers import HEADERS, STRICT_TRANSPORT
from contact_service.pages.rendering import static_url
from contact_service.visits.visit import Visit
from tests.cast import House
from tests.pages.conftest import Browser, SignIn, tell_alone

PATHS = ["/", "/w/sign-in", "/w/today", "/v", f"/v/{'f' * 32}/", "/healthz", "/nothing", "/static/nothing.js"]


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_protected_whatever_it_says(stranger: Browser, path: str) -> None:
    for answer in (stranger.get(path), stranger.client.head(path), stranger.post(path)):
        _demand_protected(answer.headers)  # type: ignore[arg-type]


def _demand_protected(headers: dict[str, str]) -> None:
    for name, value in HEADERS.items():
        assert headers[name] == value
    assert headers["Strict-Transport-Security"] == STRICT_TRANSPORT


def test_signed_in_pages_are_protected_and_never_kept(house: House, signed_in: SignIn) -> None:
    visit = house.requested()
    lena, priya = signed_in("lena"), signed_in("priya")
    for answer in (lena.get("/w/today"), priya.get("/w/approvals"), priya.get(f"/w/visit/{visit.id}")):
        assert answer.status_code == 200
        _demand_protected(answer.headers)  # type: ignore[arg-type]
        assert answer.headers["cache-control"] == "no-store"


def test_family_pages_are_protected_and_never_kept(dana: tuple[Browser, Visit, str]) -> None:
    one, _, base = dana
    tell_alone(one, base)
    answer = one.get(f"{base}/room")
    _demand_protected(answer.headers)  # type: ignore[arg-type]
    assert answer.headers["cache-control"] == "no-store"


def test_no_page_holds_a_script_or_a_style_of_its_own(
    house: House, signed_in: SignIn, dana: tuple[Browser, Visit, str]
) -> None:
    one, visit, base = dana
    tell_alone(one, base)
    lena = signed_in("lena")
    for answer in (lena.get(f"/w/visit/{visit.id}/room"), one.get(f"{base}/room"), one.get("/v")):
        assert answer.status_code == 200
        assert "<style" not in answer.text
        assert ' style="' not in answer.text
        assert "onclick" not in answer.text
        assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert house.visit(visit.id) is not None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "visits.example.evil.example",
        "visits.example@evil.example",
        "evil@visits.example",
        "visits.example/evil",
        "visits.example:port",
        "evil.example:443",
        "",
        "visits.example, evil.example",
        "[::1",
        "visits.example\\.evil.example",
    ],
)
def test_a_request_for_another_name_is_not_answered(stranger: Browser, host: str) -> None:
    answer = stranger.client.get("/v", headers={"host": host})
    assert (answer.status_code, "set-cookie" in answer.headers) == (421, False)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert (not host) or host not in answer.text


@pytest.mark.parametrize(
    "host", ["visits.example", "VISITS.example:443", "127.0.0.1:8000", "localhost", "[::1]:80"]
)
def test_our_own_name_and_this_machine_are_answered(stranger: Browser, host: str) -> None:
    assert stranger.client.get("/v", headers={"host": host}).status_code == 200


def test_two_names_are_none(stranger: Browser) -> None:
    headers = [("host", "visits.example"), ("host", "evil.example")]
    assert stranger.client.get("/v", headers=headers).status_code == 421


def test_files_may_be_kept_for_ever(stranger: Browser) -> None:
    answer = stranger.get(static_url("app.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
