"""A worker repeats a visit in a real browser, at a laptop's size and a phone's, and sees the series booked."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.gallery import SCREENS, SIZES, violations
from tests.browser.stage import Person
from tests.browser.test_owed import TOO_WIDE, Served
from tests.cast import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def looks(person: Person, name: str) -> None:
    """A picture at either size; nothing scrolls sideways, and nothing is wrong for those who hear the page."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        person.page.set_viewport_size(size)  # type: ignore[arg-type]
        person.page.screenshot(path=SCREENS / f"{name}-{size['width']}.png", full_page=True)
        assert person.page.evaluate(TOO_WIDE) <= 0, name
        assert violations(person) == [], name


def test_a_worker_repeats_a_visit_and_sees_the_series_booked(browser: Browser, house: House) -> None:
    house.requested(child=house.cast.jonas, wall_start=house.wish().wall_start.replace(day=29))
    with Served(house) as served:
        karim = Person(browser, served)
        karim.sign_in("karim")
        _asks(karim, house)
        karim.sees("5 visits, checked to the last")
        karim.sees("Lena Voss has another visit then.")
        looks(karim, "series-ask")
        karim.press("Book the 4 that fit")
        expect(karim.page.get_by_role("heading", name="Every Wednesday at 16:00")).to_be_visible()
        expect(karim.page.get_by_text("Waiting for approval")).to_have_count(4)
        looks(karim, "series")
        _goes_on_otherwise(karim)
        expect(karim.page.get_by_role("heading", name="Every Thursday at 16:00")).to_be_visible()
        expect(karim.page.get_by_text("Waiting for approval")).to_have_count(2)
        assert karim.complaints == []
        assert karim.outside == []
        karim.context.close()


def _asks(karim: Person, house: House) -> None:
    """Mia and her mother on five Wednesdays."""
    page = karim.page
    karim.go(f"/w/book?child={house.cast.mia}")
    page.get_by_role("checkbox", name="Dana Marlowe, ").check()
    page.get_by_label("Ines Okafor").check()
    page.get_by_label("Date").fill("2030-05-15")
    page.get_by_label("Start").fill("16:00")
    page.get_by_label("Duty person").select_option(label="Priya Nair")
    karim.press("Repeat it every week")
    page.get_by_label("Last day").fill("2030-06-12")
    karim.press("Check every visit")


def _goes_on_otherwise(karim: Person) -> None:
    """From the page of one visit to its series, and on Thursdays from that visit on."""
    page = karim.page
    page.get_by_role("link", name="Wednesday 5 June", exact=True).click()
    page.get_by_role("link", name="One of 5 visits, every Wednesday at 16:00").click()
    page.get_by_role("link", name=re.compile("Change this and all that follow.*Wednesday 5 June")).click()
    looks(karim, "series-onward")
    page.get_by_label("Day of the week").select_option(label="Thursday")
    karim.press("Check every visit")
    looks(karim, "series-check")
    karim.press("Change the series")
