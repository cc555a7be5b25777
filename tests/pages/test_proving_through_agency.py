"""Whoever signed in through the agency shows there anew, before a grave act, that it is they."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.types import ASGIApp

from contact_service.factors.actions.agency_sign_in import QUESTION_LIMIT
from contact_service.openid.tokens import LEEWAY
from tests.actions.test_factors import add_app
from tests.actions.test_plans_and_orders import recorded
from tests.cast import House
from tests.openid_provider import Running
from tests.pages.conftest import Browser, Client
from tests.pages.test_agency_sign_in import (
    CARD,
    address_in,
    agreed,
    allow,
    app,
    brought_back,
    is_in,
    last_reason,
    process,
    provider,
    through_agency,
)
from tests.pages.test_proving import TYPED, later

__all__ = ["app", "process", "provider"]  # fixtures
PROVE = "/w/prove/agency"


@pytest.fixture
def karim(app: ASGIApp, provider: Running, house: House) -> Browser:
    """Karim, signed in through the agency, longer ago than a proof lasts."""
    one = signed_in(app, house, provider)
    later(house, one)
    behaves(house, provider)
    return one


def signed_in(app: ASGIApp, house: House, provider: Running) -> Browser:
    allow(house, provider.issuer, house.cast.karim)
    one = Browser(Client(app))
    assert through_agency(one).status_code == 303
    return one


def behaves(house: House, provider: Running, **how: Any) -> None:  # noqa: ANN401  what a provider says
    """It says that whoever sits there signed in just now, unless it is told to say something else."""
    claims = {"auth_time": house.clock.at.timestamp()} | how.pop("claims", {})
    provider.behave(at=house.clock.at.timestamp(), claims=claims, **how)


def asked_anew(one: Browser) -> str:
    """Where a press on the button leads."""
    return address_in(one.post(PROVE, {"csrf": one.csrf()}))


def shown_anew(one: Browser) -> httpx.Response:
    return brought_back(one, agreed(asked_anew(one)))


def discharges(one: Browser, house: House) -> int:
    """The status of a grave act: an order that is written down as varied."""
    return one.post(an_order(house), {"csrf": one.csrf()} | TYPED).status_code


def an_order(house: House) -> str:
    """Where the newest court order about Mia is changed."""
    return f"/w/child/{house.cast.mia}/order/{recorded(house)}"


def test_the_provider_is_asked_to_make_them_sign_in_anew_and_then_it_counts(
    karim: Browser, house: House, provider: Running
) -> None:
    assert discharges(karim, house) == 403
    address = asked_anew(karim)
    said = parse_qs(urlsplit(address).query)
    assert (said["max_age"], said["prompt"]) == (["0"], ["login"])
    assert said["code_challenge_method"] == ["S256"]
    answer = brought_back(karim, agreed(address))
    assert answer.status_code == 200
    assert "You have shown that it is you" in answer.text
    assert house.entries("agency")[-1].type == "staff.proved"
    assert discharges(karim, house) == 303
    later(house, karim)
    assert discharges(karim, house) == 403
    assert provider.seen("authorize")[-1]["prompt"] == "login"


def test_the_question_offers_it_to_whoever_is_linked_and_keeps_what_was_typed(
    karim: Browser, house: House
) -> None:
    there = an_order(house)
    page = karim.post(there, {"csrf": karim.csrf()} | TYPED).text
    assert 'action="/w/prove/agency" target="_blank"' in page
    assert f'<form method="post" action="{there}"' in page
    assert shown_anew(karim).status_code == 200
    assert karim.post(there, TYPED | {"csrf": karim.csrf()}).status_code == 303


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"sub": "sub-priya"}, "agency_other_person"),
        ({"claims": {"auth_time": 1}}, "agency_signed_in_too_long_ago"),
        ({"without": ["auth_time"]}, "agency_no_auth_time"),
        ({"claims": {"nonce": "of-somebody-else"}}, "agency_wrong_nonce"),
        ({"sign": "other_key"}, "agency_not_signed_by_the_provider"),
        ({"iss": "other"}, "agency_another_provider"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_bad_answer_shows_nothing_and_says_why_in_plain_words(
    karim: Browser, house: House, provider: Running, told: dict[str, Any], reason: str
) -> None:
    behaves(house, provider, **told)
    answer = shown_anew(karim)
    assert answer.status_code == 403
    assert "It is not shown yet that it is you" in answer.text
    assert last_reason(house) == reason
    assert discharges(karim, house) == 403
    assert is_in(karim)


def test_a_sign_in_there_from_before_the_question_is_none(
    karim: Browser, house: House, provider: Running
) -> None:
    for before, status in ((LEEWAY + timedelta(seconds=1), 403), (LEEWAY, 200)):
        behaves(house, provider, claims={"auth_time": (house.clock.at - before).timestamp()})
        assert shown_anew(karim).status_code == status
    assert discharges(karim, house) == 303


def test_an_answer_counts_once_for_five_minutes_and_with_its_own_state(
    karim: Browser, house: House, provider: Running
) -> None:
    there = agreed(asked_anew(karim))
    cookie = dict(karim.client.cookies)["__Host-agency"]
    assert brought_back(karim, there).status_code == 200
    karim.client.cookies.set("__Host-agency", cookie, domain="visits.example")
    assert brought_back(karim, there).status_code == 403
    assert brought_back(karim, agreed(asked_anew(karim)).replace("state=", "state=x")).status_code == 403
    late = agreed(asked_anew(karim))
    house.clock.forward(QUESTION_LIMIT)
    behaves(house, provider)
    assert brought_back(karim, late).status_code == 403


def test_an_answer_to_one_session_is_nothing_to_another(
    karim: Browser, house: House, provider: Running, app: ASGIApp
) -> None:
    other = Browser(Client(app))
    assert through_agency(other).status_code == 303
    later(house, karim, other)
    behaves(house, provider)
    there = agreed(asked_anew(karim))
    assert brought_back(other, there).status_code == 403
    cookie = dict(karim.client.cookies)["__Host-agency"]
    other.client.cookies.set("__Host-agency", cookie, domain="visits.example")
    assert brought_back(other, there).status_code == 403
    assert (discharges(karim, house), discharges(other, house)) == (403, 403)


def test_an_answer_for_a_proof_signs_nobody_in(karim: Browser, app: ASGIApp) -> None:
    there = agreed(asked_anew(karim))
    thief = Browser(Client(app))
    thief.client.cookies.set(
        "__Host-agency", dict(karim.client.cookies)["__Host-agency"], domain="visits.example"
    )
    assert brought_back(thief, there).status_code in (303, 401, 403)
    assert not is_in(thief)


def test_whoever_has_an_app_shows_it_there_only_with_what_nobody_is_tricked_out_of(
    karim: Browser, house: House, provider: Running
) -> None:
    add_app(house, house.cast.karim)
    behaves(house, provider)
    assert through_agency(karim).status_code == 303  # an app that is added ends every other session
    later(house, karim)
    behaves(house, provider)
    assert shown_anew(karim).status_code == 403
    assert last_reason(house) == "agency_not_enough"
    behaves(house, provider, claims={"acr": CARD})
    assert shown_anew(karim).status_code == 200
    assert discharges(karim, house) == 303


def test_another_site_asks_for_nothing_and_a_stranger_is_sent_to_sign_in(
    karim: Browser, app: ASGIApp, provider: Running
) -> None:
    assert karim.post(PROVE, {"csrf": karim.csrf()}, sec_fetch_site="cross-site").status_code == 403
    assert karim.post(PROVE, {"csrf": "x"}).status_code == 403
    assert Browser(Client(app)).post(PROVE, {"csrf": "x"}).status_code == 303
    assert provider.seen("authorize") == []


def test_while_the_provider_is_away_the_password_shows_it(
    karim: Browser, house: House, provider: Running
) -> None:
    provider.stop()
    house.clock.forward(timedelta(minutes=1))
    answer = karim.post(PROVE, {"csrf": karim.csrf()})
    assert answer.status_code == 503
    assert "It is not shown yet that it is you" in answer.text
    provider.start()
