import base64
import html
import re
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.app import furnish
from contact_service.audit.events import AGENCY_CASE
from contact_service.factors.actions.agency_sign_in import (
    BAD_TOKENS_PER_WINDOW,
    LINK_LIMIT,
    QUESTION_LIMIT,
    allow_link,
)
from contact_service.identity.account import ABSOLUTE_LIMIT, IDLE_LIMIT
from contact_service.identity.actions import disable_staff
from contact_service.ids import AccountId
from contact_service.openid.provider import KNOWN_FOR
from contact_service.settings import Settings
from contact_service.staff_door import STAFF_COOKIE
from tests.cast import PASSWORD, House
from tests.openid_provider import CLIENT, SECRET, Running
from tests.pages.conftest import BASE, Browser, Client
from tests.pages.test_room_tickets import comes_in, leg

START, BACK, LOGOUT = "/w/sign-in/agency", "/w/sign-in/agency/back", "/w/sign-in/agency/logout"
CARD = "phishing-resistant"


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    running = Running().start()
    yield running
    running.stop()


@pytest.fixture
def provider(process: Running, house: House) -> Running:
    if process.process is None:
        process.start()
    process.behave(at=house.clock.at.timestamp())
    return process


def settings_for(issuer: str, **more: object) -> Settings:
    return Settings.model_validate(
        {
            "public_url": BASE,
            "ticket_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "relays": "relay-1=" + base64.b64encode(bytes(32)).decode(),
            "agency_name": "Northshire",
            "request_limits_times": 1000,
            "oidc_issuer": issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SECRET,
            "oidc_proof": f"acr:{CARD}",
        }
        | more
    )


@pytest.fixture
def app(provider: Running, house: House, every_route: FastAPI) -> ASGIApp:
    return furnish(every_route, settings_for(provider.issuer), house.installation)


@pytest.fixture
def karim(app: ASGIApp, provider: Running, house: House) -> Browser:
    """Karim's browser; an administrator lets him sign in through the agency."""
    allow(house, provider.issuer, house.cast.karim)
    return Browser(Client(app))


def allow(house: House, issuer: str, account: AccountId) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work:
        allow_link(work, account, issuer=issuer)


def fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def asked(browser: Browser) -> str:
    """Where the browser is sent to."""
    return address_in(browser.post(START))


def address_in(answer: httpx.Response) -> str:
    """Where the page that answers sends the browser."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'content="0; url=([^"]+)"', answer.text)
    assert found is not None
    return html.unescape(found[1])


def agreed(address: str) -> str:
    """Where the provider sends the browser back to."""
    answer = httpx.get(address, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"].removeprefix(BASE)


def brought_back(browser: Browser, there: str) -> httpx.Response:
    """What the page does by itself that the browser came back to."""
    return browser.post(BACK, fields(browser.get(there).text))


def through_agency(browser: Browser) -> httpx.Response:
    return brought_back(browser, agreed(asked(browser)))


def is_in(browser: Browser) -> bool:
    return browser.get("/w/today").status_code == 200


def one(house: House, question: str) -> Any:  # noqa: ANN401
    with house.installation.engine.connect() as connection:
        return connection.execute(text(question)).scalar()


def last_reason(house: House) -> object:
    """Why a sign-in did not count, or ended, as the evidence says it."""
    return house.entries(AGENCY_CASE)[-1].fields.get("reason")


# ---- as it is meant


def test_karim_signs_in_through_the_agency_with_code_pkce_state_and_nonce(
    karim: Browser, provider: Running, house: House
) -> None:
    answer = through_agency(karim)
    assert (answer.status_code, answer.headers["location"]) == (303, "/w/today")
    assert is_in(karim)
    sent, exchanged = provider.seen("authorize")[0], provider.seen("token")[0]
    assert sent["scope"] == "openid email"
    assert sent["max_age"] == str(int(ABSOLUTE_LIMIT.total_seconds()))
    assert len({sent["state"], sent["nonce"], sent["code_challenge"], exchanged["code_verifier"]}) == 4
    assert one(house, "SELECT count(*) FROM agency_question") == 0
    assert one(house, "SELECT authentication FROM staff_session") == "agency"


def test_the_cookies_are_strict_and_the_session_has_a_token_of_its_own(karim: Browser) -> None:
    karim.client.cookies.set(STAFF_COOKIE, "planted-by-somebody", domain="visits.example")
    address = asked(karim)
    before = dict(karim.client.cookies)["__Host-agency"]
    answer = brought_back(karim, agreed(address))
    set_now = " ".join(answer.headers.get_list("set-cookie")).lower()
    assert "samesite=strict" in set_now
    assert "samesite=lax" not in set_now
    token = dict(karim.client.cookies)[STAFF_COOKIE]
    assert token not in {"planted-by-somebody", before}
    assert len(token) >= 43
    assert "__Host-agency" not in dict(karim.client.cookies)


def test_coming_back_changes_nothing_before_the_page_posts(karim: Browser, house: House) -> None:
    there = agreed(asked(karim))
    before = house.snapshot()
    assert karim.get(there).status_code == 200
    assert house.snapshot() == before
    assert not is_in(karim)


def test_the_second_time_the_name_alone_counts(karim: Browser, provider: Running, house: House) -> None:
    through_agency(karim)
    provider.behave(at=house.clock.at.timestamp(), email="somebody.else@demo.example")
    again = Browser(Client(karim.client.app))
    assert through_agency(again).status_code == 303
    karim.client.cookies.clear()
    provider.behave(at=house.clock.at.timestamp(), sub="sub-other")
    assert through_agency(karim).status_code == 403, "the address alone signs nobody in any more"


def test_idle_and_absolute_limits_hold_for_it_too(karim: Browser, house: House) -> None:
    through_agency(karim)
    house.clock.forward(IDLE_LIMIT)
    assert not is_in(karim)


# ---- who is let in


def test_nobody_is_linked_whom_no_administrator_allowed(app: ASGIApp, house: House) -> None:
    stranger = Browser(Client(app))
    answer = through_agency(stranger)
    assert answer.status_code == 403
    assert "no account here is linked" in answer.text
    assert one(house, "SELECT count(*) FROM staff_session") == 0


@pytest.mark.parametrize(
    "told",
    [
        {"claims": {"email_verified": False}},
        {"claims": {"email_verified": "true"}},
        {"without": ["email_verified"]},
        {"without": ["email"]},
        {"email": "priya@demo.example"},
        {"email": "nobody@demo.example"},
    ],
)
def test_no_account_is_linked_or_made_by_an_address_that_does_not_count(
    karim: Browser, provider: Running, house: House, told: dict[str, Any]
) -> None:
    accounts = one(house, "SELECT count(*) FROM staff_account")
    provider.behave(at=house.clock.at.timestamp(), **told)
    assert through_agency(karim).status_code == 403
    assert not is_in(karim)
    assert one(house, "SELECT count(*) FROM staff_account") == accounts
    assert one(house, "SELECT count(*) FROM staff_link WHERE subject IS NOT NULL") == 0


def test_an_allowance_ends_after_a_week(karim: Browser, provider: Running, house: House) -> None:
    house.clock.forward(LINK_LIMIT)
    provider.behave(at=house.clock.at.timestamp())
    assert through_agency(karim).status_code == 403


def test_a_disabled_account_is_refused(karim: Browser, house: House) -> None:
    through_agency(karim)
    with house.as_actor(actor.COMMAND_LINE) as work:
        disable_staff(work, house.cast.karim)
    assert not is_in(karim)
    assert through_agency(karim).status_code == 403
    assert not is_in(karim)


@pytest.mark.parametrize(("said", "reached"), [({}, 303), ({"claims": {"acr": CARD}}, 200)])
def test_a_role_that_demands_a_passkey_is_reached_by_proof_alone(
    app: ASGIApp, provider: Running, house: House, said: dict[str, Any], reached: int
) -> None:
    priya = Browser(Client(app))
    object.__setattr__(house.installation, "demand_passkeys", True)
    allow(house, provider.issuer, house.cast.priya)
    mine = {"sub": "sub-priya", "email": "priya@demo.example"}
    provider.behave(at=house.clock.at.timestamp(), **(mine | said))
    assert through_agency(priya).status_code == 303
    answer = priya.get("/w/approvals")
    assert answer.status_code == reached
    if reached == 303:
        assert answer.headers["location"] == "/w/account"


def test_the_administrator_allows_and_takes_back_on_the_page(
    app: ASGIApp, karim: Browser, house: House
) -> None:
    through_agency(karim)
    ola = Browser(Client(app))
    ola.post("/w/sign-in", {"email": "ola@demo.example", "password": PASSWORD})
    page = f"/w/staff/{house.cast.karim}/sign-in"
    assert "They sign in through the agency since" in ola.get(page).text
    ola.post(f"{page}/end-agency", {"csrf": ola.csrf(page), "password": PASSWORD})
    assert not is_in(karim)
    assert through_agency(karim).status_code == 403
    ola.post(f"{page}/allow-agency", {"csrf": ola.csrf(page), "password": PASSWORD})
    assert "They did not yet" in ola.get(page).text
    assert through_agency(karim).status_code == 303


# ---- twelve bad tokens, and more


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"sign": "none"}, "wrong_algorithm"),
        ({"sign": "hs"}, "wrong_algorithm"),
        ({"sign": "secret"}, "wrong_algorithm"),
        ({"sign": "other_key"}, "not_signed_by_the_provider"),
        ({"sign": "wrong_kid"}, "not_signed_by_the_provider"),
        ({"sign": "jwk"}, "brings_a_key"),
        ({"sign": "jku"}, "brings_a_key"),
        ({"sign": "tampered"}, "not_signed_by_the_provider"),
        ({"sign": "huge"}, "too_long"),
        ({"sign": "rubbish"}, "not_a_token"),
        ({"claims": {"iss": "https://id.evil.example"}}, "wrong_issuer"),
        ({"claims": {"aud": "another-client"}}, "wrong_audience"),
        ({"claims": {"aud": [CLIENT, "another-client"]}}, "wrong_audience"),
        ({"claims": {"azp": "another-client"}}, "wrong_audience"),
        ({"claims": {"exp": 1_000_000_000}}, "expired"),
        ({"claims": {"nbf": 4_000_000_000}}, "not_yet"),
        ({"claims": {"iat": 4_000_000_000}}, "not_issued_now"),
        ({"claims": {"iat": 1_000_000_000}}, "not_issued_now"),
        ({"claims": {"nonce": "of-somebody-else"}}, "wrong_nonce"),
        ({"without": ["nonce"]}, "wrong_nonce"),
        ({"without": ["sub"]}, "no_sub"),
        ({"claims": {"sub": "x" * 256}}, "bad_sub"),
        ({"claims": {"sub": 7}}, "bad_sub"),
        ({"without": ["exp"]}, "no_exp"),
        ({"claims": {"exp": "tomorrow"}}, "no_exp"),
        ({"claims": {"auth_time": 1_000_000_000}}, "signed_in_too_long_ago"),
        ({"without": ["auth_time"]}, "no_auth_time"),
        ({"claims": {"events": {}}}, "wrong_type"),
        ({"answer": "no_token"}, "no_id_token"),
    ],
    ids=lambda value: value if isinstance(value, str) else re.sub(r"\W+", "-", str(value))[:40],
)
def test_a_bad_token_signs_nobody_in(
    karim: Browser, provider: Running, house: House, told: dict[str, Any], reason: str
) -> None:
    provider.behave(at=house.clock.at.timestamp(), **told)
    answer = through_agency(karim)
    assert answer.status_code == 403
    assert STAFF_COOKIE not in dict(karim.client.cookies)
    assert last_reason(house) == f"agency_{reason}"
    assert one(house, "SELECT count(*) FROM staff_link WHERE subject IS NOT NULL") == 0


# ---- answers that belong to somebody else


def test_a_link_with_the_attackers_code_signs_the_victim_in_nowhere(
    karim: Browser, app: ASGIApp, provider: Running
) -> None:
    theirs = agreed(asked(karim))
    victim = Browser(Client(app))
    assert brought_back(victim, theirs).status_code == 403
    asked(victim)  # also one who is on their own way there
    assert brought_back(victim, theirs).status_code == 403
    assert STAFF_COOKIE not in dict(victim.client.cookies)
    assert provider.seen("token") == [], "the code was not even asked about"


def test_the_attackers_code_with_the_victims_state_fails_at_the_verifier(
    karim: Browser, app: ASGIApp
) -> None:
    theirs = dict(parse_qsl(urlsplit(agreed(asked(karim))).query))
    victim = Browser(Client(app))
    mine = dict(parse_qsl(urlsplit(agreed(asked(victim))).query))
    answer = victim.post(BACK, mine | {"code": theirs["code"]})
    assert answer.status_code == 403
    assert STAFF_COOKIE not in dict(victim.client.cookies)


def test_an_answer_counts_once_and_for_five_minutes(karim: Browser, house: House, provider: Running) -> None:
    address = asked(karim)
    cookie = dict(karim.client.cookies)["__Host-agency"]
    there = agreed(address)
    assert brought_back(karim, there).status_code == 303
    karim.client.cookies.set("__Host-agency", cookie, domain="visits.example")
    assert brought_back(karim, there).status_code == 403
    late = agreed(asked(karim))
    house.clock.forward(QUESTION_LIMIT)
    provider.behave(at=house.clock.at.timestamp())
    assert brought_back(karim, late).status_code == 403


@pytest.mark.parametrize("state", ["", "of-somebody-else"])
def test_a_wrong_state_uses_the_question_up(karim: Browser, state: str) -> None:
    right = fields(karim.get(agreed(asked(karim))).text)
    assert karim.post(BACK, right | {"state": state}).status_code == 403
    assert karim.post(BACK, right).status_code == 403


@pytest.mark.parametrize("named", ["none", "other"])
def test_an_answer_of_another_provider_is_refused_before_its_code_is_used(
    karim: Browser, provider: Running, house: House, named: str
) -> None:
    provider.behave(at=house.clock.at.timestamp(), iss=named)
    assert through_agency(karim).status_code == 403
    assert provider.seen("token") == []
    assert last_reason(house) == "agency_another_provider"


@pytest.mark.parametrize("path", [START, BACK])
def test_another_site_starts_and_finishes_nothing(karim: Browser, path: str) -> None:
    right = fields(karim.get(agreed(asked(karim))).text) if path == BACK else {}
    answer = karim.post(path, right, sec_fetch_site="cross-site", origin="https://evil.example")
    assert answer.status_code == 403
    assert not is_in(karim)


def test_no_address_of_anybody_is_followed_after_the_sign_in(karim: Browser) -> None:
    there = agreed(asked(karim)) + "&next=https://evil.example&redirect_uri=//evil.example"
    answer = brought_back(karim, there)
    assert answer.headers["location"] == "/w/today"


def test_what_the_provider_says_in_the_address_is_not_shown(karim: Browser) -> None:
    page = karim.get(f"{BACK}?error=<script>alert(1)</script>&error_description=ring+0900")
    assert page.status_code == 403
    assert "alert(1)" not in page.text
    assert "0900" not in page.text


# ---- a provider that is gone, slow or lies about itself


@pytest.mark.parametrize(
    "discovery", ["redirects", "wrong_issuer", "token_inside", "keys_inside", "keys_file"]
)
def test_a_provider_that_leads_elsewhere_is_not_followed(
    karim: Browser, provider: Running, house: House, discovery: str
) -> None:
    provider.behave(at=house.clock.at.timestamp(), discovery=discovery)
    answer = karim.post(START)
    assert answer.status_code == 503
    assert "does not answer just now" in answer.text
    assert "__Host-agency" not in answer.headers.get("set-cookie", "")


def test_keys_without_end_are_not_read(karim: Browser, provider: Running, house: House) -> None:
    provider.behave(at=house.clock.at.timestamp(), keys="huge")
    began = time.monotonic()
    assert through_agency(karim).status_code == 503
    assert time.monotonic() - began < 20
    assert not is_in(karim)


def test_a_redirected_exchange_sends_the_secret_nowhere(
    karim: Browser, provider: Running, house: House
) -> None:
    provider.behave(at=house.clock.at.timestamp(), answer="redirects")
    assert through_agency(karim).status_code == 503


def test_without_the_provider_everybody_signs_in_here_and_is_told_so(
    karim: Browser, provider: Running
) -> None:
    there = agreed(asked(karim))
    provider.stop()
    late = brought_back(karim, there)
    assert late.status_code == 503
    assert "Sign in here with your password or your passkey instead." in late.text
    answer = karim.post("/w/sign-in", {"email": "karim@demo.example", "password": PASSWORD})
    assert answer.status_code == 303
    assert is_in(karim)


def test_keys_are_asked_for_once_a_minute_at_most_whatever_is_sent(
    karim: Browser, provider: Running, house: House
) -> None:
    through_agency(karim)
    assert len(provider.seen("keys")) == 1
    provider.behave(at=house.clock.at.timestamp(), sign="wrong_kid")
    for _ in range(3):
        assert logout(karim, provider.logout_token()).status_code == 400
    assert provider.seen("keys") == []
    house.clock.forward(KNOWN_FOR)
    for _ in range(3):
        assert logout(karim, provider.logout_token()).status_code == 400
    assert len(provider.seen("keys")) == 1


# ---- the provider says who signed out


def logout(browser: Browser, token: str) -> httpx.Response:
    """As the provider's server posts it: no browser, no cookie, no word on where it comes from."""
    return Client(browser.client.app).post(LOGOUT, data={"logout_token": token})


@pytest.mark.parametrize("named", [{}, {"sid": "sid-1"}, {"sub": None, "sid": "sid-1"}])
def test_signing_out_there_ends_the_pages_here(
    karim: Browser, provider: Running, house: House, named: dict[str, object]
) -> None:
    through_agency(karim)
    answer = logout(karim, provider.logout_token(**named))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert not is_in(karim)
    assert last_reason(house) == "agency_signed_out"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://id.evil.example"},
        {"aud": "another-client"},
        {"events": None},
        {"events": {"other": {}}},
        {"events": "http://schemas.openid.net/event/backchannel-logout"},
        {"nonce": "n"},
        {"jti": None},
        {"sub": None},
        {"iat": 1_000_000_000},
        {"exp": 1_000_000_000},
        {"exp": None},
    ],
)
def test_a_bad_logout_token_ends_nothing(
    karim: Browser, provider: Running, claims: dict[str, object]
) -> None:
    through_agency(karim)
    assert logout(karim, provider.logout_token(**claims)).status_code == 400
    assert is_in(karim)


@pytest.mark.parametrize("sign", ["none", "hs", "other_key", "jwk", "jku", "tampered", "huge", "rubbish"])
def test_a_logout_token_that_the_provider_did_not_sign_ends_nothing(
    karim: Browser, provider: Running, house: House, sign: str
) -> None:
    through_agency(karim)
    provider.behave(at=house.clock.at.timestamp(), sign=sign)
    assert logout(karim, provider.logout_token()).status_code == 400
    assert is_in(karim)


def test_a_logout_token_is_taken_once(karim: Browser, provider: Running) -> None:
    through_agency(karim)
    token = provider.logout_token()
    assert logout(karim, token).status_code == 200
    through_agency(karim)
    assert logout(karim, token).status_code == 400
    assert is_in(karim)


def test_a_network_that_sends_bad_logout_tokens_is_not_heard_and_keeps_no_good_one_out(
    karim: Browser, provider: Running
) -> None:
    through_agency(karim)
    theirs, providers = (Client(karim.client.app, address=f"203.0.113.{n}") for n in (9, 10))
    codes = [
        theirs.post(LOGOUT, data={"logout_token": "x"}).status_code for _ in range(BAD_TOKENS_PER_WINDOW + 1)
    ]
    assert codes == [400] * BAD_TOKENS_PER_WINDOW + [429]
    token = provider.logout_token()
    assert theirs.post(LOGOUT, data={"logout_token": token}).status_code == 429
    assert is_in(karim)
    assert providers.post(LOGOUT, data={"logout_token": token}).status_code == 200
    assert not is_in(karim)


def test_signing_out_there_ends_nobody_elses_and_no_sign_in_of_here(
    karim: Browser, app: ASGIApp, provider: Running
) -> None:
    through_agency(karim)
    by_password = Browser(Client(app))
    by_password.post("/w/sign-in", {"email": "karim@demo.example", "password": PASSWORD})
    assert logout(karim, provider.logout_token(sub="sub-somebody")).status_code == 200
    assert logout(karim, provider.logout_token(sid="sid-2")).status_code == 200
    assert is_in(karim)
    assert logout(karim, provider.logout_token()).status_code == 200
    assert not is_in(karim)
    assert is_in(by_password), "that one the provider knows nothing of"


def test_an_id_token_is_no_logout_token_and_the_other_way_round(
    karim: Browser, provider: Running, house: House
) -> None:
    through_agency(karim)
    provider.behave(at=house.clock.at.timestamp(), claims={"events": {"x": {}}})
    assert through_agency(Browser(Client(karim.client.app))).status_code == 403
    assert logout(karim, "").status_code == 400
    assert is_in(karim)


# ---- off by default


def test_without_settings_there_is_no_such_way_in(house: House, every_route: FastAPI) -> None:
    plain = Browser(Client(furnish(every_route, settings_for("", oidc_client_id=""), house.installation)))
    assert "Sign in with" not in plain.get("/w/sign-in").text.replace("Sign in with a passkey", "")
    assert plain.post(START).status_code == plain.post(BACK).status_code == 404
    assert plain.get(f"{BACK}?code=a&state=b").status_code == logout(plain, "x").status_code == 404


@pytest.mark.parametrize(
    "issuer",
    [
        "http://id.example",
        "https://id.example/?x=1",
        "https://id.example/#x",
        "https://a@id.example",
        "ftp://x.example",
    ],
)
def test_an_issuer_that_is_none_does_not_start(issuer: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        settings_for(issuer)


# ---- in a room


def test_signing_out_there_puts_the_supervisor_out_of_the_room_she_came_into(
    app: ASGIApp, provider: Running, house: House
) -> None:
    allow(house, provider.issuer, house.cast.lena)
    visit = house.live()
    hers = {"at": house.clock.at.timestamp(), "sub": "sub-lena", "email": "lena@demo.example"}
    provider.behave(**hers)
    lena = Browser(Client(app))
    assert through_agency(lena).status_code == 303
    comes_in(house, lena, visit, 1)
    assert logout(lena, provider.logout_token()).status_code == 200
    assert leg(house, visit) is None, "the relay closes socket and media of whoever is in no list"
    assert lena.get(f"/w/visit/{visit.id}/room").status_code == 303


def test_a_provider_that_is_gone_changes_nothing_in_a_running_visit(
    app: ASGIApp, provider: Running, house: House
) -> None:
    allow(house, provider.issuer, house.cast.lena)
    visit = house.live()
    provider.behave(at=house.clock.at.timestamp(), sub="sub-lena", email="lena@demo.example")
    lena = Browser(Client(app))
    assert through_agency(lena).status_code == 303
    provider.stop()
    house.clock.forward(timedelta(minutes=2))
    comes_in(house, lena, visit, 1)
    assert lena.get(f"/w/visit/{visit.id}/room").status_code == 200
