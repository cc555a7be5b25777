"""The pages of a first run: the first administrator, and who answers for the data."""

import base64
import secrets

import pytest
from sqlalchemy import Engine, text
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.app import pages_app
from contact_service.factors.actions.first_run import make_first_code
from contact_service.ids import AgencyId
from contact_service.keys.provider import KeyProvider
from contact_service.settings import Settings
from contact_service.staff_door import STAFF_COOKIE
from contact_service.work import Installation, begin
from tests.cast import NOON, PASSWORD, Hands, House
from tests.pages.conftest import BASE, SignIn, browser

PATH = "/w/data-protection"
SAID = {
    "assessed_on": "2030-01-05",
    "reference": "File DP-17",
    "controller": "Example <County> Council",
    "legal_bases": "Children Act 1989, s.34",
    "processors": "Nobody",
}
PERSON = {
    "name": "Agnes Marlowe",
    "known_as": "Agnes",
    "role": "family_member",
    "relation": "kin",
    "word": "aunt",
}


@pytest.fixture
def empty(engine: Engine, key_provider: KeyProvider) -> Installation:
    return Installation(
        engine=engine,
        keys=key_provider,
        agency=AgencyId("agency"),
        log_origin="tests.example",
        clock=Hands(NOON),
    )


def app_of(installation: Installation) -> ASGIApp:
    settings = {
        "public_url": BASE,
        "ticket_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "relays": "relay-1=" + base64.b64encode(bytes(32)).decode(),
        "agency_name": "Family Visits",
    }
    return pages_app(Settings.model_validate(settings), installation)


def test_the_first_administrator_is_made_signs_in_and_says_who_answers_for_the_data(
    empty: Installation,
) -> None:
    with begin(empty, actor.COMMAND_LINE) as work:
        code = make_first_code(work)
    one = browser(app_of(empty))
    assert "contact-service first-run" in one.get("/w/first-run").text
    form = {"code": code, "name": "Bo Lund", "email": "Bo@agency.example", "new": PASSWORD}
    for wrong, says in (
        ({"code": "abcdef"}, "This code is not right"),
        ({"new": "short"}, "Use at least 15 characters."),
        ({"new": "bo lund bo lund bo lund"}, "mostly your own name"),
        ({"email": "nowhere"}, "Write an e-mail address"),
        ({"name": ""}, "Write your name"),
    ):
        refused = one.post("/w/first-run", form | wrong)
        assert (refused.status_code, says in refused.text) == (422, True), wrong
        assert code not in refused.text
    assert one.post("/w/first-run", form, sec_fetch_site="cross-site").status_code == 403
    assert one.post("/w/first-run", form).headers["location"] == "/w/sign-in?set=yes"
    again = one.post("/w/first-run", form | {"email": "another@agency.example"})
    assert (again.status_code, STAFF_COOKIE in one.client.cookies) == (422, False)
    one.post("/w/sign-in", {"email": "bo@agency.example", "password": PASSWORD})
    page = one.get(PATH)
    assert "No person can be entered before this is written down." in page.text
    kept = one.post(PATH, SAID | {"csrf": one.csrf(PATH)})
    assert kept.headers["location"] == f"{PATH}?kept=yes"
    shown = one.get(kept.headers["location"]).text
    assert "People can be entered." in shown
    assert "Example &lt;County&gt; Council" in shown
    assert "Bo Lund" in shown


def test_what_is_missing_is_named_and_what_was_typed_stays(signed_in: SignIn) -> None:
    ola = signed_in("ola")
    form = SAID | {"csrf": ola.csrf(PATH)}
    for wrong, says in (
        ({"assessed_on": "soon"}, "Write the day"),
        ({"assessed_on": ""}, "Write the day"),
        ({"legal_bases": ""}, "on which law"),
    ):
        refused = ola.post(PATH, form | wrong)
        assert (refused.status_code, says in refused.text) == (422, True)
        assert "File DP-17" in refused.text


def test_who_checks_reads_it_and_nobody_else_writes_it(signed_in: SignIn) -> None:
    for name, read, written in (("priya", 200, 403), ("noor", 200, 403), ("karim", 403, 403)):
        one = signed_in(name)
        assert one.get(PATH).status_code == read
        assert one.post(PATH, SAID | {"csrf": one.csrf("/w/account")}).status_code == written


def test_a_worker_is_told_in_plain_words_why_nobody_can_be_entered(house: House, signed_in: SignIn) -> None:
    with house.installation.engine.begin() as connection:
        connection.execute(text("DELETE FROM data_statement"))
    karim = signed_in("karim")
    page = f"/w/child/{house.cast.mia}/people"
    before = house.snapshot()
    refused = karim.post(page, PERSON | {"csrf": karim.csrf("/w/account")})
    assert refused.status_code == 422
    assert "Nobody can be entered yet. An administrator first fills in the page" in refused.text
    assert "Agnes Marlowe" in refused.text
    assert house.snapshot() == before
