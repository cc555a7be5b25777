"""Dana's phone dies in the waiting room: a worker makes a new link, the old page has ended, another phone comes in."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import Demo, Person, links_of, until

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(300)]
FACEBOOK = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 [FBAN/FBIOS;FBAV/468.0]"
)


def asks_for(karim: Person, way: str) -> None:
    """Karim goes to Dana's row of the visit, says who asked, and chooses how the new link reaches her."""
    karim.go("/w/today")
    karim.page.locator("a[href^='/w/visit/']").first.click()
    karim.page.locator(".row", has_text="Dana Marlowe").get_by_role(
        "link", name=re.compile("New link")
    ).click()
    karim.page.get_by_label("How did you make sure who asked?").select_option(
        label="They stand in front of me"
    )
    karim.press(way)


def has_ended(phone: Person) -> None:
    """The page that waited says so, by itself and within seconds; its camera is off."""
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    assert "Mia" not in phone.page.inner_text("body")


def test_the_old_phone_is_out_and_others_come_in_by_link_and_by_code(browser: Browser, demo: Demo) -> None:
    link = dict(re.findall(r"^  (Ines|Dana) +(http\S+)$", demo.said, re.MULTILINE))["Dana"]
    dead, second, third = (Person(browser, demo, phone=True) for _ in range(3))
    karim = Person(browser, demo)
    karim.sign_in("karim")
    dead.walks_to_the_waiting_room(link)
    asks_for(karim, "Send the new link")
    expect(karim.page.get_by_text("A new link was made, and the old one stopped").first).to_be_visible()
    has_ended(dead)
    dead.go(link)
    dead.press("Open my visit")
    dead.sees("This link does not work now")

    second.walks_to_the_waiting_room(links_of(demo, karim, count=1)["dana"])
    asks_for(karim, "Read out a code")
    code = karim.page.locator(".code-shown").last.inner_text()
    has_ended(second)
    third.go("/code")
    third.page.get_by_label("Your code").fill("0000 0000")
    third.press("Open my visit")
    third.sees("This code does not work now")
    third.page.get_by_label("Your code").fill(code)
    third.press("Open my visit")
    third.gets_ready()
    until(lambda: third.fact("connected") == "true", "the third phone is in the waiting room")
    for one in (dead, second, third, karim):
        assert one.outside == []


def test_inside_another_app_the_link_is_copied_and_nothing_is_bound(browser: Browser, demo: Demo) -> None:
    link = "/v#" + "A" * 43
    context = browser.new_context(user_agent=FACEBOOK, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(demo.base + link)
    expect(page.get_by_text("You opened this inside another app.")).to_be_visible()
    expect(page.locator("#open")).to_be_hidden()
    page.get_by_role("button", name="Copy my link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == demo.base + link
    assert page.url == f"{demo.base}/v"
    assert set(sent) == {"GET"}
    page.get_by_role("button", name="Go on here").click()
    expect(page.get_by_role("button", name="Open my visit")).to_be_visible()
    context.close()


def test_a_browser_without_any_camera_is_not_bound_either(browser: Browser, demo: Demo) -> None:
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    page = context.new_page()
    page.goto(f"{demo.base}/v#" + "A" * 43)
    expect(page.get_by_role("button", name="Copy my link")).to_be_visible()
    expect(page.get_by_role("button", name="Go on here")).to_be_hidden()
    expect(page.locator("#open")).to_be_hidden()
    context.close()
