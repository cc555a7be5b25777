"""A worker opens a record that is not theirs; an approver is told, ends it and writes down what they found."""

import re
import sqlite3

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import Demo, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def cover_for_karim(demo: Demo) -> None:
    """A second worker, who has Karim's password and no case."""
    with sqlite3.connect(demo.folder / "contact.db", timeout=30) as database:
        database.execute(
            "INSERT INTO staff_account (id, agency, ref, email, name, roles, password_hash) "
            "SELECT lower(hex(randomblob(16))), agency, lower(hex(randomblob(16))), 'sami@demo.example', "
            "'Sami Korhonen', 'worker', password_hash FROM staff_account WHERE email = 'karim@demo.example'"
        )


def _told(priya: Person) -> None:
    """The message leaves within seconds; its page does not look again by itself."""
    told = priya.page.get_by_text("A colleague has opened a record in an emergency").first
    for _ in range(30):
        priya.go("/demo/messages")
        if told.is_visible():
            return
        priya.page.wait_for_timeout(500)
    expect(told).to_be_visible()


def test_a_worker_opens_it_and_an_approver_ends_it_and_looks_at_it(browser: Browser, demo: Demo) -> None:
    cover_for_karim(demo)
    sami, priya = Person(browser, demo), Person(browser, demo, phone=True)
    sami.sign_in("sami")
    sami.go("/w/visit/0123456789abcdef0123456789abcdef")
    sami.press("Emergency access")
    sami.page.get_by_text("I need a record now").click()
    sami.press("Open the record now")
    sami.sees("Choose what kind of emergency it is.")
    sami.page.get_by_label("The child’s whole name").fill("Mia Marlowe")
    sami.page.get_by_label("Whole name of somebody else of the case").fill("Dana Marlowe")
    sami.page.get_by_label("What kind of emergency is it?").select_option(label="A child may come to harm")
    sami.page.get_by_label("What has happened").fill("Her school rang: nobody has fetched her.")
    sami.press("Open the record now")
    expect(sami.page).to_have_url(re.compile("/w/child/[0-9a-f]{32}$"))
    child = sami.page.url.removeprefix(demo.base)
    sami.sees("Mia")

    priya.sign_in("priya")
    _told(priya)
    priya.go("/w/emergency-access")
    priya.sees("Her school rang: nobody has fetched her.")
    priya.press("End it now")
    priya.page.get_by_label("What did you find?").select_option(label="It was right")
    priya.press("Write it down")
    priya.sees("It is written down.")
    sami.go(child)
    sami.sees("We cannot find this page")
