"""What ends a whole visit at once, in real browsers.  A demo of its own: nobody is in another visit meanwhile."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.measuring import LIMIT_MS, keep
from tests.browser.stage import Demo, Person, books_a_visit, links_of, until
from tests.browser.test_safety import Room

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]


def test_a_child_who_stops_ends_the_visit_for_everybody_at_once(browser: Browser, demo: Demo) -> None:
    karim, priya = Person(browser, demo), Person(browser, demo)
    karim.sign_in("karim")
    priya.sign_in("priya")
    visit, links = _booked(karim, priya, minutes_ahead=2)
    mother, carer = (Person(browser, demo, phone=True) for _ in range(2))
    room = Room(browser, demo, visit, links, mother, carer, Person(browser, demo))
    room.gathers()
    room.goes_live()
    carer.press("I do not want this any more")
    carer.page.get_by_role("dialog").get_by_role("button", name="Yes, stop").click()
    for person, end in ((mother, "thanks"), (room.lena, "record"), (carer, "withdraw")):
        person.page.wait_for_url(f"**/{end}")
    pressed = carer.page.evaluate("Number(sessionStorage.pressed)")
    ended_ms = _all_told(mother, room.lena) - pressed
    keep("child_withdrawal_ended", [ended_ms])
    assert 0 < ended_ms < LIMIT_MS
    karim.go(f"/w/visit/{visit}")
    karim.sees("Consent withdrawn")
    assert "Consent was withdrawn" not in mother.page.inner_text("body")


def test_an_order_ends_the_visit_and_shuts_the_next_one(browser: Browser, demo: Demo) -> None:
    karim, priya = Person(browser, demo), Person(browser, demo)
    karim.sign_in("karim")
    priya.sign_in("priya")
    later, later_links = _booked(karim, priya, minutes_ahead=20 * 60)
    now, links = _booked(karim, priya, minutes_ahead=2)
    mother, carer = (Person(browser, demo, phone=True) for _ in range(2))
    room = Room(browser, demo, now, links, mother, carer, Person(browser, demo))
    room.gathers()
    room.goes_live()
    answered = _forbids(karim, later)
    for person, end in ((mother, "thanks"), (carer, "thanks"), (room.lena, "record")):
        person.page.wait_for_url(f"**/{end}")
    ended_ms = _all_told(*room.everybody) - answered
    keep("order_ended", [ended_ms])
    assert ended_ms < LIMIT_MS
    karim.go(f"/w/visit/{later}")
    karim.sees("Suspended")
    stranger = Person(browser, demo, phone=True)
    stranger.go(later_links["dana"])
    stranger.press("Open my visit")
    stranger.sees("This link does not work now")
    assert not re.search("Dana|Mia|order|suspended", stranger.page.inner_text("body"))


def _all_told(*people: Person) -> float:
    """When the last of them was told that it has ended, in milliseconds; a page that left first was told it is done."""
    said = "Number(sessionStorage.ended || sessionStorage.done || 0)"
    told: list[float] = [person.page.evaluate(said) for person in people]
    assert any(told)
    return max(told)


def _booked(karim: Person, priya: Person, *, minutes_ahead: float) -> tuple[str, dict[str, str]]:
    """A visit that is booked, approved and invited to: its id and its links."""
    karim.go("/demo/messages")
    known = set(re.findall(r"http://localhost:\d+/v#\S+", karim.page.inner_text("main")))
    karim.go("/w/today")
    visit = books_a_visit(karim, minutes_ahead=minutes_ahead)
    priya.go("/w/approvals")
    priya.press("Approve")
    priya.sees("Nothing is waiting for a decision.")
    links: dict[str, str] = {}

    def arrived() -> bool:
        links.update(links_of(karim.demo, karim, count=2))
        return not known & set(links.values())

    until(arrived, "the messages arrive")
    return visit, links


def _forbids(karim: Person, visit: str) -> float:
    """The worker enters a court order between Dana and Mia; when the server answered, in milliseconds."""
    karim.go(f"/w/visit/{visit}")
    karim.page.get_by_role("link", name="Mia", exact=True).click()
    karim.page.get_by_text("Add a restriction").click()
    karim.page.get_by_label("Kind").select_option(label="No contact")
    karim.page.get_by_label("Who?", exact=True).select_option(label="Dana Marlowe")
    karim.page.get_by_label("Who decided it?").select_option(index=1)
    with karim.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        karim.press("Add restriction")
    timing = answered.value.request.timing
    return timing["startTime"] + timing["responseStart"]
