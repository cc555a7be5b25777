"""A visit supervisor whose sign-in is ended elsewhere is out of the room within a second: socket and media."""

import re
import time

import pytest
from playwright.sync_api import Browser, WebSocket, expect

from tests.browser.stage import Demo, Person, until
from tests.browser.test_safety import Room

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(300)]


def test_an_ended_sign_in_closes_the_room_within_a_second(browser: Browser, demo: Demo) -> None:
    links = dict(re.findall(r"^  (Ines|Dana) +(http\S+)$", demo.said, re.MULTILINE))
    mother, carer = (Person(browser, demo, phone=True) for _ in range(2))
    lena, elsewhere = Person(browser, demo), Person(browser, demo)
    opened: list[WebSocket] = []
    closed: list[float] = []

    def note(socket: WebSocket) -> None:
        opened.append(socket)
        socket.on("close", lambda _: closed.append(time.monotonic()))

    lena.page.on("websocket", note)
    lena.sign_in("lena")
    visit = lena.page.locator("a[href^='/w/visit/']").first.get_attribute("href") or ""
    named = {name.lower(): link for name, link in links.items()}
    room = Room(browser, demo, visit.split("/")[3], named, mother, carer, lena)
    room.gathers()
    room.goes_live()
    elsewhere.sign_in("lena")
    elsewhere.go("/w/account")
    assert (len(opened), closed) == (1, [])
    ended: list[float] = []
    elsewhere.page.on(
        "response", lambda answer: ended.append(time.monotonic()) if answer.status == 303 else None
    )
    elsewhere.press("End all others")
    until(lambda: lena.page.evaluate("1") == 1 and bool(closed), "the socket is closed")
    assert closed[0] - ended[0] < 1.0, f"{closed[0] - ended[0]:.2f} s"
    until(lambda: mother.fact("state") == "held", "the families see the hold")
    packets = mother.packets()
    time.sleep(2)
    assert mother.packets() == packets
    assert len(opened) == 1, "without a sign-in there is no ticket"
    lena.go("/w/today")
    expect(lena.page).to_have_url(re.compile("/w/sign-in$"))
