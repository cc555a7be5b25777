"""In real browsers: a worker offers times, a mother on her phone presses one, then cannot come and asks for another."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import Demo, Person, links_of, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def finds_times(worker: Person) -> None:
    """From the booking form to the times that fit Mia and Dana."""
    page = worker.page
    worker.press("Book a visit")
    option = page.get_by_label("Which child?").locator("option", has_text="Mia")
    page.get_by_label("Which child?").select_option(value=option.get_attribute("value"))
    worker.press("Continue")
    page.get_by_role("checkbox", name="Dana Marlowe, ").check()
    page.get_by_label("Ines Okafor").check()
    page.get_by_label("Duty person").select_option(label="Priya Nair")
    worker.press("Find times that fit")
    worker.sees("Or let the family choose")


def link_to(demo: Demo, reader: Person, who: str, *, besides: str = "") -> str:
    """The newest link that somebody was sent, as soon as it is another one than ``besides``."""
    found: dict[str, str] = {}

    def arrived() -> bool:
        found.update(links_of(demo, reader, count=1))
        return found.get(who, besides) != besides

    until(arrived, "the message arrives")
    return found[who]


def test_a_choice_and_a_change_of_mind(browser: Browser, demo: Demo) -> None:  # noqa: PLR0915  one story
    karim, priya = Person(browser, demo), Person(browser, demo)
    mother = Person(browser, demo, phone=True)
    karim.sign_in("karim")
    finds_times(karim)
    boxes = karim.page.get_by_label("Offer it")
    for place in (2, 3, 4):
        boxes.nth(place).check()
    karim.press("Ask for these times")
    karim.sees("One of these times")
    visit = karim.page.url

    priya.sign_in("priya")
    priya.go("/w/approvals")
    priya.press("Approve these times")
    priya.sees("Nothing is waiting for a decision.")

    chosen = link_to(demo, karim, "dana")
    mother.go(chosen.removeprefix(demo.base))
    mother.press("Open my visit")
    mother.sees("Choose a time")
    assert "#" not in mother.page.url
    buttons = mother.page.locator("form button")
    expect(buttons).to_have_count(3)
    wanted = buttons.nth(1).inner_text()
    buttons.nth(1).click()
    mother.sees("Your visit is booked")
    mother.sees(wanted.partition(",")[0])

    invited = link_to(demo, karim, "dana", besides=chosen)
    mother.go(invited.removeprefix(demo.base))
    mother.press("Open my visit")
    mother.sees("Your visit is not open yet")
    mother.press("Tell us if you come")
    mother.sees("Will you be there?")
    mother.page.get_by_text("No, I cannot come").click()
    mother.press("I have to work")
    mother.sees("Would one of these times suit you?")
    other = mother.page.locator("form button").first.inner_text()
    mother.page.locator("form button").first.click()
    mother.sees("We have asked for this time")

    karim.go("/w/today")
    karim.sees("Dana says that they cannot come.")
    karim.page.goto(visit)
    karim.sees("They say: “I have to work”.")
    karim.press("Change the visit to this time")
    hour = re.findall(r"\d\d:\d\d", other)[0]
    expect(karim.page.get_by_label("Start")).to_have_value(hour)
    karim.press("Send for approval")
    karim.sees("Waiting for approval")
    karim.sees(other.partition(",")[0])
    for person in (mother, karim, priya):
        assert person.outside == []
        assert person.complaints == []
