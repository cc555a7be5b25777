"""Pages on which a password is changed, or set anew with a code."""

import re

import pytest
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.factors.actions.passwords import invite
from contact_service.staff_door import STAFF_COOKIE
from tests.cast import PASSWORD, House
from tests.pages.conftest import Browser, SignIn, browser
from tests.pages.test_account import administrator
from tests.pages.test_signing_in import written_meanwhile

NEW = "seven quiet lanterns drift upstream"
CHANGE = "/w/account/password"
SET = "/w/sign-in/new-password"
CODE = re.compile(r"<li>((?:[a-z2-7]{6}-){3}[a-z2-7]{6})</li>")


def signs_in(app: ASGIApp, password: str) -> bool:
    one = browser(app)
    one.post("/w/sign-in", {"email": "karim@demo.example", "password": password})
    return STAFF_COOKIE in one.client.cookies


def test_a_password_is_changed_and_other_sign_ins_are_over(app: ASGIApp, signed_in: SignIn) -> None:
    karim, elsewhere = signed_in("karim"), signed_in("karim")
    form = {"csrf": karim.csrf("/w/account"), "password": PASSWORD, "new": NEW}
    done = karim.post(CHANGE, form)
    assert done.headers["location"] == "/w/account?changed=yes"
    assert "Your password is changed." in karim.get("/w/account?changed=yes").text
    assert elsewhere.get("/w/today").headers["location"] == "/w/sign-in"
    assert (signs_in(app, PASSWORD), signs_in(app, NEW)) == (False, True)


@pytest.mark.parametrize(
    ("password", "new", "says"),
    [
        ("not mine at all", NEW, "This is not your password."),
        (PASSWORD, "short", "Use at least 15 characters."),
        (PASSWORD, "karim aziz karim aziz", "mostly your own name"),
        (PASSWORD, PASSWORD, "This is your password already."),
        (PASSWORD, "", "Use at least 15 characters."),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    app: ASGIApp, signed_in: SignIn, password: str, new: str, says: str
) -> None:
    karim = signed_in("karim")
    form = {"csrf": karim.csrf("/w/account"), "password": password, "new": new}
    refused = karim.post(CHANGE, form)
    assert (refused.status_code, says in refused.text) == (422, True)
    assert signs_in(app, PASSWORD)


def test_the_present_password_is_looked_at_ten_times_a_minute(signed_in: SignIn) -> None:
    karim = signed_in("karim")
    form = {"csrf": karim.csrf("/w/account"), "password": "wrong", "new": NEW}
    for _ in range(10):
        karim.post(CHANGE, form)
    refused = karim.post(CHANGE, form | {"password": PASSWORD})
    assert "Wait one minute" in refused.text


def test_another_site_changes_no_password(app: ASGIApp, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    form = {"csrf": karim.csrf("/w/account"), "password": PASSWORD, "new": NEW}
    assert karim.post(CHANGE, form, sec_fetch_site="cross-site").status_code == 403
    assert karim.post(CHANGE, form | {"csrf": "another"}).status_code == 403
    assert signs_in(app, PASSWORD)


def test_others_write_while_passwords_are_checked_and_made(
    house: House, app: ASGIApp, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    karim, bo = signed_in("karim"), administrator(house, app)
    csrf = karim.csrf("/w/account")
    wrote = written_meanwhile(house, monkeypatch)
    assert karim.post(CHANGE, {"csrf": csrf, "password": PASSWORD, "new": NEW}).status_code == 303
    assert len(wrote) == 2
    code = code_for_karim(house, bo)
    assert len(wrote) == 3
    set_new(browser(app), code)
    assert len(wrote) == 4


def code_for_karim(house: House, bo: Browser) -> str:
    base = f"/w/staff/{house.cast.karim}/sign-in"
    shown = bo.post(f"{base}/new-password", {"csrf": bo.csrf(base), "password": PASSWORD})
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    found = CODE.search(shown.text)
    assert found is not None
    assert found[1] not in bo.get(base).text
    return found[1]


def set_new(one: Browser, code: str, new: str = NEW, email: str = " Karim@demo.example") -> str:
    assert "Set a new password" in one.get(SET).text
    answer = one.post(SET, {"email": email, "code": code, "new": new})
    return str(answer.headers.get("location", answer.text))


def test_an_administrator_has_a_code_made_with_which_its_owner_sets_a_password(
    house: House, app: ASGIApp, signed_in: SignIn
) -> None:
    bo, karim = administrator(house, app), signed_in("karim")
    base = f"/w/staff/{house.cast.karim}/sign-in"
    wrong = bo.post(f"{base}/new-password", {"csrf": bo.csrf(base), "password": "not mine at all"})
    assert (wrong.status_code, karim.get("/w/today").status_code) == (422, 200)
    code = code_for_karim(house, bo)
    assert karim.get("/w/today").headers["location"] == "/w/sign-in"
    assert not signs_in(app, PASSWORD)
    one = browser(app)
    assert "Use at least 15 characters." in set_new(one, code, "short")  # and the code is good still
    assert set_new(one, code) == "/w/sign-in?set=yes"
    assert "Your new password is set." in one.get("/w/sign-in?set=yes").text
    assert STAFF_COOKIE not in one.client.cookies
    assert signs_in(app, NEW)
    assert "code is not right" in set_new(one, code)


def test_nobody_has_a_code_made_for_themselves_or_without_the_role(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    form = {"csrf": karim.csrf("/w/account"), "password": PASSWORD}
    assert karim.post(f"/w/staff/{house.cast.lena}/sign-in/new-password", form).status_code == 403
    assert karim.post(f"/w/staff/{house.cast.karim}/sign-in/new-password", form).status_code == 403


def test_a_code_from_another_site_is_not_looked_at(house: House, app: ASGIApp) -> None:
    code = code_for_karim(house, administrator(house, app))
    form = {"email": "karim@demo.example", "code": code, "new": NEW}
    assert browser(app).post(SET, form, sec_fetch_site="cross-site").status_code == 403
    assert not signs_in(app, NEW)


def test_a_password_set_with_a_code_puts_out_of_the_room_too(house: House, app: ASGIApp) -> None:
    visit = house.live()
    with house.as_actor(actor.COMMAND_LINE) as work:
        code = invite(work, house.cast.lena)
    assert "code is not right" in set_new(browser(app), "wrong", email="lena@demo.example")
    assert house.visit(visit.id).watcher.leg
    assert set_new(browser(app), code, email="lena@demo.example") == "/w/sign-in?set=yes"
    assert house.visit(visit.id).watcher.leg is None


def test_a_script_without_a_sign_in_or_without_a_password_is_told_which(
    signed_in: SignIn, stranger: Browser
) -> None:
    ask = "/w/account/passkeys/ask"
    assert stranger.send(ask, {}, x_csrf="t").status_code == 401
    karim = signed_in("karim")
    refused = karim.send(ask, {}, x_csrf=karim.csrf("/w/account"))
    assert (refused.status_code, refused.json()) == (409, {"reasons": ["This is not your password."]})
