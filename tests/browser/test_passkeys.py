"""Signing in in a real browser: a passkey on Chromium's own virtual device, an app, and the pages at two sizes."""

import re

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.gallery import Gallery
from tests.browser.stage import Person
from tests.browser.test_owed import Served
from tests.cast import PASSWORD, House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def with_device(person: Person, *, verifies: bool = True) -> None:
    """Give the browser a device that holds passkeys."""
    session = person.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def give_password(person: Person) -> None:
    person.go("/w/sign-in")
    person.page.get_by_label("E-mail address").fill("karim@demo.example")
    person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    person.page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_made_and_then_signs_in_alone(house: House, browser: Browser) -> None:
    with Served(house) as served:
        karim = Person(browser, served)
        with_device(karim)
        give_password(karim)
        karim.go("/w/account")
        karim.page.get_by_text("Add a passkey").first.click()
        form = karim.page.locator("#passkey-form")
        form.get_by_label("Your password").fill(PASSWORD)
        form.get_by_label("Name of the passkey").fill("My laptop")
        form.get_by_role("button").click()
        codes = karim.page.locator("#passkey-codes li")
        expect(codes).to_have_count(10)
        assert re.fullmatch(r"([a-z2-7]{6}-){3}[a-z2-7]{6}", codes.first.inner_text())
        karim.go("/w/account")
        expect(karim.page.get_by_text("My laptop", exact=True)).to_be_visible()
        karim.press("Sign out")
        karim.press("Sign in with a passkey")
        karim.page.wait_for_url("**/w/today")
        karim.go("/w/account")
        expect(karim.page.get_by_text("this one")).to_be_visible()
        assert karim.complaints == []
        assert karim.outside == []


def test_a_device_that_does_not_check_its_holder_signs_nobody_in(house: House, browser: Browser) -> None:
    with Served(house) as served:
        karim = Person(browser, served)
        with_device(karim, verifies=False)
        give_password(karim)
        karim.go("/w/account")
        karim.page.get_by_text("Add a passkey").first.click()
        form = karim.page.locator("#passkey-form")
        form.get_by_label("Your password").fill(PASSWORD)
        form.get_by_role("button").click()
        expect(karim.page.locator("#passkey-problem")).to_have_text("No passkey was added. Try again.")


def test_an_app_is_added_and_asked_for_on_pages_that_read_well(house: House, browser: Browser) -> None:
    gallery = Gallery()
    with Served(house) as served:
        karim = Person(browser, served)
        give_password(karim)
        karim.go("/w/account")
        gallery.hang(karim, "account-before")
        secret = shown_secret(karim)
        gallery.hang(karim, "account-app")
        karim.page.get_by_label("Code").fill(pyotp.TOTP(secret).at(house.clock.at))
        karim.press("Go on")
        expect(karim.page.locator(".spelt li")).to_have_count(10)
        gallery.hang(karim, "account-codes")
        code = karim.page.locator(".spelt li").first.inner_text()
        karim.press("I have written them down")
        gallery.hang(karim, "account-after")
        karim.press("Sign out")
        gallery.hang(karim, "sign-in")
        give_password(karim)
        gallery.hang(karim, "sign-in-code")
        karim.page.get_by_label("Code").fill("123456")
        karim.press("Go on")
        gallery.hang(karim, "sign-in-code-again", refused=True)
        karim.page.get_by_label("Code").fill(code)
        karim.press("Go on")
        karim.page.wait_for_url("**/w/today")
    assert {name: found for name, found in gallery.faults.items() if found} == {}


def shown_secret(person: Person) -> str:
    """The key of the app that is added, as it is shown for typing."""
    person.page.get_by_text("Add an app").first.click()
    person.page.locator("#password-app").fill(PASSWORD)
    person.page.get_by_role("button", name="Add an app").click()
    person.page.get_by_text("I cannot use the camera").click()
    return person.page.locator(".spelt").inner_text().replace(" ", "").upper()
