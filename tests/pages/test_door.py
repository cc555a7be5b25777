"""The page every link leads to: says nothing about anybody, opens for one device, and refuses alike."""

from datetime import timedelta

import pytest
from starlette.types import ASGIApp

from contact_service.invitations.actions import inviting
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from tests.cast import House, Phone
from tests.pages.conftest import Browser, browser, open_link

Dana = tuple[Browser, Visit, str]


def test_every_link_that_does_not_open_gets_the_same_bytes(app: ASGIApp, house: House, dana: Dana) -> None:
    _, visit, _ = dana
    second_device = open_link(browser(app), house.secret(visit, house.cast.dana), Phone())
    unknown = open_link(browser(app), "A" * 43, Phone())
    malformed = open_link(browser(app), "x", Phone())
    ines = house.secret(visit, house.cast.ines)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    revoked = open_link(browser(app), ines, Phone())
    answers = (second_device, unknown, malformed, revoked)
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.status_code for answer in answers}) == 1
    assert all("set-cookie" not in answer.headers for answer in answers)
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


def test_an_expired_link_gets_the_same_bytes_as_an_unknown_one(app: ASGIApp, house: House) -> None:
    visit = house.waiting()
    house.clock.at = visit.ends_at + timedelta(minutes=15)
    expired = open_link(browser(app), house.secret(visit, house.cast.dana), Phone())
    assert expired.content == open_link(browser(app), "A" * 43, Phone()).content


def test_a_link_before_its_time_says_only_when(app: ASGIApp, house: House) -> None:
    visit = house.approved()
    answer = open_link(browser(app), house.secret(visit, house.cast.dana), Phone())
    assert "Wednesday 15 May, 15:45" in answer.json()["text"]
    assert "set-cookie" not in answer.headers
    for name in ("Mia", "Dana", "Lena"):
        assert name not in answer.text


def test_the_page_says_nothing_about_anybody_and_sets_nothing(stranger: Browser) -> None:
    answer = stranger.get("/v")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    for name in ("Mia", "Dana", "Ines", "Lena", "demo.example"):
        assert name not in answer.text


def test_the_cookie_of_a_link_is_kept_from_scripts_and_other_sites(app: ASGIApp, house: House) -> None:
    visit = house.waiting()
    answer = open_link(browser(app), house.secret(visit, house.cast.dana), Phone())
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-v-")
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}


def test_one_browser_may_hold_two_links(app: ASGIApp, house: House, dana: Dana) -> None:
    one, visit, base = dana
    answer = open_link(one, house.secret(visit, house.cast.ines), Phone())
    assert one.get(answer.json()["go"]).status_code == 200
    assert one.get(f"{base}/").status_code == 200
    assert app is not None


@pytest.mark.parametrize("nonce", ["", "x", "1.2", "9" * 12 + "." + "a" * 64, "١٢٣." + "a" * 64, "\0"])
def test_a_page_that_is_not_ours_opens_nothing(house: House, stranger: Browser, nonce: str) -> None:
    visit = house.waiting()
    body = {"secret": house.secret(visit, house.cast.dana), "nonce": nonce, "device_key": Phone().key}
    answer = stranger.send("/v/open", body)
    assert "go" not in answer.json()
    assert not house.invitation(visit, house.cast.dana).device_key


def test_a_page_older_than_an_hour_opens_nothing(house: House, stranger: Browser) -> None:
    import re  # noqa: PLC0415

    visit = house.waiting()
    found = re.search(r"\d{8,12}\.[0-9a-f]{64}", stranger.get("/v").text)
    assert found is not None
    house.clock.forward(timedelta(hours=1))
    secret = house.secret(visit, house.cast.dana)
    answer = stranger.send("/v/open", {"secret": secret, "nonce": found[0], "device_key": Phone().key})
    assert "go" not in answer.json()


def test_another_site_opens_nothing(house: House, stranger: Browser) -> None:
    visit = house.waiting()
    body = {"secret": house.secret(visit, house.cast.dana), "nonce": "x", "device_key": Phone().key}
    assert stranger.send("/v/open", body, sec_fetch_site="cross-site").status_code == 403
