"""The week in a real browser, at a phone's size and a laptop's: plan it, see it, accept it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.agency_week.town import MONDAY, build_town
from tests.browser.stage import Person
from tests.browser.test_owed import Served, looked_at
from tests.cast import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


# Reasons whose tick is taller than a line, or stands on another line than the first of their words.
TORN = """[...document.querySelectorAll(".bit")].filter((bit) => {
  const [box, tick] = [bit, bit.querySelector("svg")].map((one) => one.getBoundingClientRect());
  const line = parseFloat(getComputedStyle(bit).lineHeight);
  return tick.height > line || tick.bottom > box.top + line * 1.2;
}).map((bit) => bit.textContent)"""


def test_a_week_is_planned_seen_and_accepted(house: House, browser: Browser) -> None:
    build_town(house, families=6, supervisors=2)
    with Served(house) as served:
        karim = Person(browser, served)
        karim.sign_in("karim")
        page = karim.page
        karim.go("/w/today")
        page.get_by_role("link", name="See the whole week").click()
        page.get_by_role("button", name="Plan a week").or_(
            page.get_by_role("link", name="Plan a week")
        ).click()
        looked_at(karim, "week-plan")
        page.get_by_label("How long may it search?").select_option("60 seconds")
        page.get_by_role("button", name="Plan this week").click()
        stop = page.get_by_role("button", name="Stop, and keep the best so far")
        expect(stop).to_be_visible()
        stop.click()
        expect(page.get_by_role("heading", name="Visits with a place")).to_be_visible(timeout=60_000)
        looked_at(karim, "week-draft")
        assert page.locator(".bit").count()
        assert page.evaluate(TORN) == []
        page.get_by_role("checkbox").first.uncheck()
        page.get_by_role("button", name="Ask for the visits that are ticked").click()
        expect(page.get_by_text("They wait for an approver.")).to_be_visible()
        expect(page.get_by_role("checkbox")).to_have_count(1)
        karim.go(f"/w/week?day={MONDAY + timedelta(days=2)}")
        expect(page.locator(".entry").first).to_be_visible()
        looked_at(karim, "week")
        karim.context.close()
