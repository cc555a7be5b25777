"""A photo that a worker brought is shown to the visit supervisor alone, while they look at that person alone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import Demo, Person, until
from tests.photos import photo_file

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(180)]


def test_a_worker_brings_a_photo_and_the_supervisor_compares_it(
    browser: Browser, demo: Demo, tmp_path: Path
) -> None:
    karim, lena, dana = Person(browser, demo), Person(browser, demo), Person(browser, demo, phone=True)
    karim.sign_in("karim")
    visit = _brings(karim, tmp_path / "dana.jpg")
    link = re.search(r"^  Dana +(http\S+)$", demo.said, re.MULTILINE)
    assert link is not None
    dana.walks_to_the_waiting_room(link[1])
    lena.sign_in("lena")
    lena.go(f"{visit}/room")
    until(lambda: lena.fact("connected") == "true", "the visit supervisor is connected")
    shows = lena.page.get_by_role("button", name="Show the photo")
    expect(shows).to_have_count(0)  # before she looks at Dana alone
    lena.looks_at("Dana")
    shows.click()
    lena.sees("Is this Dana?")
    until(lambda: _width(lena) > 0, "the photo is there")
    lena.page.screenshot(path=".test/screens/room-photo.png")
    lena.press("Back to waiting")
    until(lambda: _width(lena) == 0, "the photo is gone from the page")
    expect(lena.page.get_by_text("Is this Dana?")).to_be_hidden()
    assert [person.outside for person in (karim, lena, dana)] == [[]] * 3
    assert lena.complaints == []


def _brings(karim: Person, file: Path) -> str:
    """The address of the visit page."""
    file.write_bytes(photo_file())
    visit = karim.page.locator("a[href^='/w/visit/']").first.get_attribute("href")
    assert visit is not None
    karim.go(visit)
    child = karim.page.locator("a[href^='/w/child/']").first.get_attribute("href")
    assert child is not None
    found = re.match(r"/w/child/[0-9a-f]{32}", child)
    assert found is not None
    karim.go(f"{found[0]}/people")
    karim.page.get_by_role("link", name="Dana").first.click()
    karim.press("Bring a photo")
    karim.page.set_input_files("input[type=file]", file)
    karim.press("Keep the photo")
    karim.sees("A photo was kept by Karim Aziz")
    return visit


def _width(lena: Person) -> int:
    """Of the picture as it is drawn, in pixels of the file; 0 where there is none."""
    width: int = lena.page.evaluate("document.getElementById('asking-photo').naturalWidth")
    return width
