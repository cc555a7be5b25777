"""The page "Your sign-in", the second page of a sign-in, and what an administrator does for somebody else."""

import re
from dataclasses import replace

import pyotp
import pytest
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.actor import STAFF_ROLES, Authentication, Role
from contact_service.app import pages_app
from contact_service.audit.events import AGENCY_CASE, AuditEvent, EventType
from contact_service.errors import BadInput
from contact_service.factors.actions import passkeys
from contact_service.factors.factor import HALF_LIMIT
from contact_service.factors.passkeys import Place
from contact_service.factors.queries import pending_secret
from contact_service.identity.account import lacks_passkey
from contact_service.identity.actions import add_account, add_machine
from contact_service.pages.sign_in import HALF_COOKIE
from contact_service.settings import Settings
from contact_service.staff_door import STAFF_COOKIE
from tests.actions.test_factors import Phone, add_app
from tests.cast import PASSWORD, House
from tests.pages.conftest import BASE, Browser, SignIn, browser
from tests.passkey_device import Device

FORM = {"email": "karim@demo.example", "password": PASSWORD}
PLACE = Place(origin=BASE, name="Family Visits")


def half_signed_in(app: ASGIApp) -> Browser:
    one = browser(app)
    answer = one.post("/w/sign-in", FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/w/sign-in/code")
    return one


@pytest.fixture
def phone(house: House) -> Phone:
    return add_app(house, house.cast.karim)


@pytest.fixture
def bo(house: House, app: ASGIApp) -> Browser:
    """An administrator, signed in."""
    return administrator(house, app)


def administrator(house: House, app: ASGIApp) -> Browser:
    with house.as_actor(actor.COMMAND_LINE) as work:
        roles = (Role.ADMINISTRATOR,)
        add_account(work, email="bo@demo.example", name="Bo Lund", roles=roles, password=PASSWORD)
    one = browser(app)
    assert one.post("/w/sign-in", {"email": "bo@demo.example", "password": PASSWORD}).status_code == 303
    return one


# ---- the second page


@pytest.mark.usefixtures("phone")
def test_half_a_sign_in_reaches_no_page(app: ASGIApp) -> None:
    one = half_signed_in(app)
    assert STAFF_COOKIE not in one.client.cookies
    half = one.client.cookies[HALF_COOKIE]
    for name in (HALF_COOKIE, STAFF_COOKIE):
        one.client.cookies.set(name, half)
        for path in ("/w/today", "/w/account", "/w/account/app", "/w/languages"):
            answer = one.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/w/sign-in")
        assert one.client.get("/api/v1/me", headers={"accept": "application/json"}).status_code in (401, 404)


@pytest.mark.usefixtures("phone")
def test_the_question_is_the_browsers_own_and_its_cookie_is_kept_from_scripts(
    app: ASGIApp, stranger: Browser
) -> None:
    cookie = browser(app).post("/w/sign-in", FORM).headers["set-cookie"].lower()
    assert cookie.startswith("__host-half=")
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= {p.strip() for p in cookie.split(";")}
    assert stranger.get("/w/sign-in/code").headers["location"] == "/w/sign-in"
    assert stranger.post("/w/sign-in/code", {"code": "123456"}).headers["location"] == "/w/sign-in?again=yes"


def test_a_right_code_signs_in_with_a_token_of_its_own(house: House, app: ASGIApp, phone: Phone) -> None:
    one = half_signed_in(app)
    before = one.client.cookies[HALF_COOKIE]
    assert "six digits" in one.get("/w/sign-in/code").text
    wrong = one.post("/w/sign-in/code", {"code": "000000"})
    assert (wrong.status_code, STAFF_COOKIE in one.client.cookies) == (422, False)
    answer = one.post("/w/sign-in/code", {"code": phone.code(house)})
    assert answer.headers["location"] == "/w/today"
    assert one.client.cookies[STAFF_COOKIE] != before
    assert HALF_COOKIE not in one.client.cookies
    assert one.get("/w/today").status_code == 200


def test_a_code_from_another_site_is_not_looked_at(house: House, app: ASGIApp, phone: Phone) -> None:
    one = half_signed_in(app)
    sent = one.post("/w/sign-in/code", {"code": phone.code(house)}, sec_fetch_site="cross-site")
    assert sent.status_code == 403
    assert one.post("/w/sign-in/code", {"code": phone.code(house)}).status_code == 303


def test_too_late_a_code_leads_back_with_a_word_why(house: House, app: ASGIApp, phone: Phone) -> None:
    one = half_signed_in(app)
    house.clock.forward(HALF_LIMIT)
    answer = one.post("/w/sign-in/code", {"code": phone.code(house)})
    assert answer.headers["location"] == "/w/sign-in?again=yes"
    assert "Please begin again" in one.get("/w/sign-in?again=yes").text


# ---- your sign-in


def test_an_app_is_added_after_the_password_and_the_codes_are_shown_once(
    house: House, signed_in: SignIn
) -> None:
    karim, elsewhere = signed_in("karim"), signed_in("karim")
    csrf = karim.csrf("/w/account")
    refused = karim.post("/w/account/app", {"csrf": csrf, "password": "not mine"})
    assert (refused.status_code, "This is not your password." in refused.text) == (422, True)
    assert karim.get("/w/account/app").status_code == 303
    karim.post("/w/account/app", {"csrf": csrf, "password": PASSWORD})
    page = karim.get("/w/account/app")
    assert "<svg" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert elsewhere.get("/w/account/app").headers["location"] == "/w/account"
    with house.reading(house.cast.karim) as work:
        secret = pending_secret(work, house.cast.karim, browser=karim.client.cookies[STAFF_COOKIE])
    assert secret is not None
    assert secret.lower()[:4] in page.text
    assert karim.post("/w/account/app/confirm", {"csrf": csrf, "code": "000000"}).status_code == 422
    shown = karim.post(
        "/w/account/app/confirm", {"csrf": csrf, "code": pyotp.TOTP(secret).at(house.clock.at)}
    )
    codes = re.findall(r"<li>((?:[a-z2-7]{6}-){3}[a-z2-7]{6})</li>", shown.text)
    assert len(codes) == 10
    assert codes[0] not in karim.get("/w/account").text
    assert elsewhere.get("/w/today").headers["location"] == "/w/sign-in"


def test_codes_and_app_go_after_the_password_alone(house: House, app: ASGIApp, phone: Phone) -> None:
    one = half_signed_in(app)
    one.post("/w/sign-in/code", {"code": phone.code(house)})
    form = {"csrf": one.csrf("/w/account"), "password": PASSWORD}
    for act in ("codes", "app/remove"):
        assert one.post(f"/w/account/{act}", form | {"password": ""}).status_code == 422
    new = one.post("/w/account/codes", form)
    assert (new.status_code, phone.codes[0] in new.text) == (200, False)
    assert one.post("/w/account/app/remove", form).status_code == 303
    assert browser(app).post("/w/sign-in", FORM).headers["location"] == "/w/today"


def test_sign_ins_are_listed_and_ended_one_by_one_or_together(signed_in: SignIn) -> None:
    here, one, other = signed_in("karim"), signed_in("karim"), signed_in("karim")
    page = here.get("/w/account").text
    assert page.count("this one") == 1
    ends = re.findall(r"/w/account/sign-ins/([0-9a-f]{32})/end", page)
    assert len(ends) == 2
    csrf = here.csrf("/w/account")
    lena = signed_in("lena")
    lena.post(f"/w/account/sign-ins/{ends[0]}/end", {"csrf": lena.csrf()})
    assert [b.get("/w/today").status_code for b in (one, other)] == [200, 200]
    here.post(f"/w/account/sign-ins/{ends[0]}/end", {"csrf": csrf})
    assert sorted(b.get("/w/today").status_code for b in (one, other)) == [200, 303]
    here.post("/w/account/sign-ins/end", {"csrf": csrf})
    assert [b.get("/w/today").status_code for b in (here, one, other)] == [200, 303, 303]


# ---- passkeys over the pages


def test_a_passkey_signs_in_over_the_pages_and_not_from_another_browser(
    app: ASGIApp, signed_in: SignIn
) -> None:
    karim, device = signed_in("karim"), Device(origin=BASE, host="visits.example")
    csrf = karim.csrf("/w/account")
    refused = karim.send("/w/account/passkeys/ask", {"password": "not mine"}, x_csrf=csrf)
    assert (refused.status_code, refused.json()["reasons"]) == (409, ["This is not your password."])
    asked = karim.send("/w/account/passkeys/ask", {"password": PASSWORD}, x_csrf=csrf).json()
    made = karim.send("/w/account/passkeys", {"name": "P", "passkey": device.make(asked)}, x_csrf=csrf)
    assert len(made.json()["codes"]) == 10
    one, thief = browser(app), browser(app)
    said = device.sign(one.send("/w/sign-in/passkey/ask", {}).json())
    assert thief.send("/w/sign-in/passkey", {"passkey": said}).status_code == 403
    assert one.send("/w/sign-in/passkey", {"passkey": said}).json() == {"go": "/w/today"}
    assert "Passkey" in one.get("/w/account").text


# ---- somebody else's


@pytest.mark.usefixtures("phone")
def test_an_administrator_resets_ends_and_closes_after_their_own_password(
    house: House, app: ASGIApp, bo: Browser, signed_in: SignIn
) -> None:
    lena = signed_in("lena")
    page = f"/w/staff/{house.cast.karim}/sign-in"
    assert "An app that makes codes, since" in bo.get(page).text
    form = {"csrf": bo.csrf(page), "password": PASSWORD}
    assert bo.post(f"{page}/reset", form | {"password": "wrong"}).status_code == 422
    assert bo.post(f"{page}/reset", form).status_code == 303
    karim = browser(app)
    assert karim.post("/w/sign-in", FORM).headers["location"] == "/w/today"
    bo.post(f"{page}/end-sign-ins", form)
    assert karim.get("/w/today").status_code == 303
    bo.post(f"/w/staff/{house.cast.lena}/sign-in/disable", form)
    assert lena.get("/w/today").status_code == 303
    assert lena.post("/w/sign-in", FORM | {"email": "lena@demo.example"}).status_code == 422
    kinds = [entry.type for entry in house.entries(AGENCY_CASE)]
    assert {"staff.factors_reset", "staff.sessions_ended", "staff.disabled"} <= set(kinds)


def test_nobody_else_sees_or_does_it_and_no_administrator_for_themselves(
    house: House, bo: Browser, signed_in: SignIn
) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work:
        own = work.session.connection().exec_driver_sql(
            "SELECT id FROM staff_account WHERE email = 'bo@demo.example'"
        )
        mine = own.scalar_one()
    for one, account in ((bo, mine), (signed_in("priya"), house.cast.karim), (signed_in("noor"), mine)):
        page = f"/w/staff/{account}/sign-in"
        assert one.get(page).status_code == 403
        for act in ("reset", "end-sign-ins", "disable"):
            form = {"csrf": one.csrf("/w/account"), "password": PASSWORD}
            assert one.post(f"{page}/{act}", form).status_code == 403


def test_a_service_account_has_no_sign_in_to_look_after(house: House, bo: Browser) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work:
        machine = add_machine(work, name="A case system", owner=house.cast.karim)
        work.record(AuditEvent(type=EventType.SERVICE_ACCOUNT_ADDED))
    page = f"/w/staff/{machine}/sign-in"
    assert bo.get(page).status_code == 404
    for act in ("reset", "end-sign-ins", "disable"):
        form = {"csrf": bo.csrf("/w/account"), "password": PASSWORD}
        assert bo.post(f"{page}/{act}", form).status_code == 404
    assert "staff.disabled" not in [entry.type for entry in house.entries(AGENCY_CASE)]


# ---- roles that ask for a passkey


@pytest.fixture
def strict(house: House) -> ASGIApp:
    """The pages of an installation that demands passkeys."""
    settings = Settings.model_validate(
        {"public_url": BASE, "ticket_key": "A" * 43 + "=", "relays": "relay-1=" + "A" * 43 + "="}
    )
    return pages_app(settings, replace(house.installation, demand_passkeys=True))


def give(app: ASGIApp, name: str) -> Browser:
    one = browser(app)
    one.post("/w/sign-in", {"email": f"{name}@demo.example", "password": PASSWORD})
    return one


def test_without_a_passkey_an_approver_reaches_the_page_to_add_one_and_nothing_else(strict: ASGIApp) -> None:
    priya, karim = give(strict, "priya"), give(strict, "karim")
    assert karim.get("/w/today").status_code == 200
    for path in ("/w/today", "/w/approvals", "/w/languages", "/w/policy"):
        assert priya.get(path).headers["location"] == "/w/account"
    assert "Your role asks for a passkey" in priya.get("/w/account").text
    csrf, device = priya.csrf("/w/account"), Device(origin=BASE, host="visits.example")
    assert priya.client.get("/api/v1/visits", headers={"accept": "application/json"}).status_code == 403
    asked = priya.send("/w/account/passkeys/ask", {"password": PASSWORD}, x_csrf=csrf).json()
    priya.send("/w/account/passkeys", {"passkey": device.make(asked)}, x_csrf=csrf)
    assert priya.get("/w/approvals").status_code == 303
    again = browser(strict)
    said = device.sign(again.send("/w/sign-in/passkey/ask", {}).json())
    again.send("/w/sign-in/passkey", {"passkey": said})
    assert again.get("/w/approvals").status_code == 200


def test_whoever_has_a_passkey_adds_another_only_with_it(house: House, strict: ASGIApp) -> None:
    """Else a fished code of the app, or a recovery code, would make a passkey role of itself."""
    first = Device(origin=BASE, host="visits.example")
    with house.work(house.cast.priya) as work:
        codes = passkeys.add_passkey(
            work, PLACE, first.make(passkeys.ask_to_make(work, PLACE, browser="b")), name="", browser="b"
        )
    assert codes is not None
    one = give(strict, "priya")
    one.post("/w/sign-in/code", {"code": codes[0]})
    csrf = one.csrf("/w/account")
    refused = one.send("/w/account/passkeys/ask", {"password": PASSWORD}, x_csrf=csrf)
    assert (refused.status_code, "the passkey that you have" in refused.text) == (409, True)


@pytest.fixture
def priya_phone(house: House) -> Phone:
    """An approver with an app and no passkey."""
    return add_app(house, house.cast.priya)


def asked_to_add(one: Browser) -> tuple[int, str]:
    answer = one.send("/w/account/passkeys/ask", {"password": PASSWORD}, x_csrf=one.csrf("/w/account"))
    return answer.status_code, answer.text


def test_nobody_takes_a_demanded_passkey_away_without_it(house: House, strict: ASGIApp) -> None:
    device = Device(origin=BASE, host="visits.example")
    with house.work(house.cast.priya) as work:
        asked = passkeys.ask_to_make(work, PLACE, browser="b")
        codes = passkeys.add_passkey(work, PLACE, device.make(asked), name="", browser="b")
    assert codes is not None
    one = give(strict, "priya")
    one.post("/w/sign-in/code", {"code": codes[0]})
    remove = re.findall(r"/w/account/passkeys/[0-9a-f]{32}/remove", one.get("/w/account").text)[0]
    form = {"csrf": one.csrf("/w/account"), "password": PASSWORD}
    refused = one.post(remove, form)
    assert (refused.status_code, "Sign in with a passkey, then remove this one" in refused.text) == (
        422,
        True,
    )
    owner = browser(strict)
    said = device.sign(owner.send("/w/sign-in/passkey/ask", {}).json())
    owner.send("/w/sign-in/passkey", {"passkey": said})
    assert owner.post(remove, {"csrf": owner.csrf("/w/account"), "password": PASSWORD}).status_code == 303


def test_a_recovery_code_makes_no_first_passkey_nor_clears_the_way_for_one(
    strict: ASGIApp, priya_phone: Phone
) -> None:
    one = give(strict, "priya")
    one.post("/w/sign-in/code", {"code": priya_phone.codes[0]})
    status, words = asked_to_add(one)
    assert (status, "Sign in with a code of your app" in words) == (409, True)
    form = {"csrf": one.csrf("/w/account"), "password": PASSWORD}
    refused = one.post("/w/account/app/remove", form)
    assert (refused.status_code, "then remove the app" in refused.text) == (422, True)


def test_a_first_passkey_is_added_with_the_app_where_there_is_one(
    house: House, strict: ASGIApp, priya_phone: Phone
) -> None:
    one = give(strict, "priya")
    one.post("/w/sign-in/code", {"code": priya_phone.code(house)})
    assert asked_to_add(one)[0] == 200
    with house.work(house.cast.priya) as work:
        asked = passkeys.ask_to_make(work, PLACE, browser="b")
    strictly = replace(house, installation=replace(house.installation, demand_passkeys=True))
    made = Device(origin=BASE, host="visits.example").make(asked)
    with pytest.raises(BadInput, match="code of your app"), strictly.work(house.cast.priya) as work:
        passkeys.add_passkey(work, PLACE, made, name="", browser="b")


def test_the_roles_that_ask_for_a_passkey() -> None:
    asked = {role for role in STAFF_ROLES if lacks_passkey((Role.WORKER, role), Authentication.RECOVERY_CODE)}
    assert asked == {Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR}
    assert not lacks_passkey(STAFF_ROLES, Authentication.PASSKEY)
    assert not Settings().demand_passkeys


# ---- the room


def watching(house: House) -> list[str | None]:
    roles = [p for room in house.rooms().rooms for p in room.people if p.role == "supervisor"]
    return [p.leg for p in roles]


def test_an_ended_sign_in_is_out_of_the_room_list_at_once(house: House, signed_in: SignIn) -> None:
    house.live()
    lena, elsewhere = signed_in("lena"), signed_in("lena")
    before = house.rooms()
    assert watching(house) != [None]
    lena.post("/w/account/sign-ins/end", {"csrf": lena.csrf("/w/account")})
    assert elsewhere.get("/w/today").status_code == 303
    assert watching(house) == [None]
    assert house.rooms().version > before.version


def test_signing_out_is_out_of_the_room_list_at_once(house: House, signed_in: SignIn) -> None:
    house.live()
    lena = signed_in("lena")
    assert watching(house) != [None]
    lena.post("/w/sign-out", {"csrf": lena.csrf("/w/account")})
    assert watching(house) == [None]


def test_a_disabled_supervisor_is_in_no_room_whatever_the_relay_reports(house: House, app: ASGIApp) -> None:
    visit = house.live()
    bo = administrator(house, app)
    page = f"/w/staff/{house.cast.lena}/sign-in"
    assert bo.post(f"{page}/disable", {"csrf": bo.csrf(page), "password": PASSWORD}).status_code == 303
    assert watching(house) == [None]
    house.joins(house.visit(visit.id), visit.watcher, "e" * 16)
    assert watching(house) == [None]


def test_a_reset_puts_out_of_the_room_too(house: House, app: ASGIApp) -> None:
    house.live()
    bo = administrator(house, app)
    page = f"/w/staff/{house.cast.lena}/sign-in"
    assert bo.post(f"{page}/reset", {"csrf": bo.csrf(page), "password": PASSWORD}).status_code == 303
    assert watching(house) == [None]
