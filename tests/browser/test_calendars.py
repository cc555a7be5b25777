"""Calendars in a real browser: a manager closes days, a worker is offered no time on them and is told why."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import Person
from tests.browser.test_owed import Served, looked_at
from tests.cast import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
DENTIST = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Dentist\r\nDTSTART:20300515T143000Z\r\nDURATION:PT1H\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_a_manager_closes_days_and_no_time_is_offered_on_them(browser: Browser, house: House) -> None:
    with Served(house) as served:
        priya, karim = Person(browser, served), Person(browser, served)
        priya.sign_in("priya")
        _adds_a_calendar(priya)
        _takes_holidays_and_ramadan(priya)
        karim.sign_in("karim")
        assert "15 May" in _offered(karim, house)
        _closes(priya)
        offered = _offered(karim, house)
        assert "15 May" not in offered
        assert "16 May" in offered
        looked_at(karim, "calendars-times")
        _chosen_for_the_child(karim, house)
        priya.context.close()
        karim.context.close()


def _adds_a_calendar(priya: Person) -> None:
    priya.go("/w/calendars")
    priya.page.get_by_label("Name").fill("Office closed")
    priya.page.get_by_label("What do its days mean?").select_option("No visits on its days")
    priya.page.get_by_role("button", name="Add the calendar").click()
    expect(priya.page.get_by_role("heading", level=1)).to_have_text("Office closed")
    priya.page.get_by_role("button", name="Let it count for the whole agency").click()
    expect(priya.page.get_by_text("For the whole agency", exact=True)).to_be_visible()


def _takes_holidays_and_ramadan(priya: Person) -> None:
    priya.page.get_by_role("link", name="Add the public holidays of a country").click()
    looked_at(priya, "calendars-country")
    priya.page.get_by_label("Which country?").select_option("United Kingdom")
    priya.page.get_by_role("button", name="Continue").click()
    priya.page.get_by_label("Only of a part of the country?").select_option("England")
    looked_at(priya, "calendars-holidays")
    priya.page.get_by_role("button", name="Add these holidays").click()
    expect(priya.page.get_by_text("Spring Bank Holiday").first).to_be_visible()
    priya.page.get_by_text("Add Ramadan").first.click()
    priya.page.get_by_role("checkbox", name="2030").check()
    priya.page.get_by_label("No visits from").fill("15:30")
    priya.page.locator("#ramadan_latest").fill("18:00")
    priya.page.get_by_role("button", name="Add Ramadan").click()
    expect(priya.page.get_by_text("it may be a day earlier or later")).to_be_visible()
    looked_at(priya, "calendars-one")


def _closes(priya: Person) -> None:
    priya.page.get_by_text("Add days").first.click()
    priya.page.get_by_label("What is it?").fill("Court closed")
    priya.page.get_by_label("First day").fill("2030-05-15")
    priya.page.get_by_role("button", name="Add these days").click()
    expect(priya.page.get_by_text("Court closed", exact=True).first).to_be_visible()
    looked_at(priya, "calendars-closed")
    priya.go("/w/calendars")
    looked_at(priya, "calendars-all")


def _offered(karim: Person, house: House) -> str:
    """What the page of times says it offers."""
    karim.go(f"/w/book?child={house.cast.mia}")
    for name in ("Dana", "Ines"):
        karim.page.get_by_role("checkbox", name=name).first.check()
    karim.page.get_by_role("button", name="Find times").first.click()
    expect(karim.page.get_by_role("heading", level=1)).to_be_visible()
    return karim.page.locator("main").inner_text().partition("no time")[0]


def _chosen_for_the_child(karim: Person, house: House) -> None:
    karim.go(f"/w/child/{house.cast.mia}/calendars")
    karim.page.get_by_text("Choose a calendar").first.click()
    karim.page.get_by_label("Which calendar?").select_option(index=1)
    karim.page.get_by_label("For whom?").select_option(label="Mia")
    karim.page.get_by_role("button", name="Save").click()
    expect(karim.page.get_by_text("for Mia").first).to_be_visible()
    looked_at(karim, "calendars-child")


def test_a_calendar_file_is_brought_on_the_page_of_hours(browser: Browser, house: House) -> None:
    with Served(house) as served:
        lena = Person(browser, served)
        lena.sign_in("lena")
        lena.go(f"/w/hours/{house.cast.lena}")
        lena.page.get_by_text("Bring a calendar file").click()
        lena.page.get_by_label("Calendar file").set_input_files(
            {"name": "my.ics", "mimeType": "text/calendar", "buffer": b"%PDF-1.7"}
        )
        lena.page.get_by_role("button", name="Read this file").click()
        expect(lena.page.get_by_role("alert")).to_contain_text("This is not a calendar file")
        looked_at(lena, "calendars-wrong-file", refused=True)
        lena.page.get_by_label("Calendar file").set_input_files(
            {"name": "my.ics", "mimeType": "text/calendar", "buffer": DENTIST}
        )
        lena.page.get_by_role("button", name="Read this file").click()
        expect(lena.page.get_by_text("1 busy time")).to_be_visible()
        looked_at(lena, "calendars-hours")
        lena.context.close()
