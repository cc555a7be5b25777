"""The pages in Debian's Chromium: accessible, no sideways scrolling, nothing refused, links opened by a tap."""

import asyncio
import base64
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from cryptography.hazmat.primitives.serialization import load_der_public_key
from playwright.sync_api import Browser, Page, Route as PlaywrightRoute, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route

from contact_service.pages.headers import ProtectiveHeaders
from contact_service.pages.rendering import render, static_files
from tests.web.contexts import SAMPLES

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"phone": {"width": 390, "height": 844}, "laptop": {"width": 1366, "height": 768}}

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


class House:
    """The sample pages on a free port, behind the headers every answer gets; keeps what was posted."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        routes = [
            Mount("/static", static_files()),
            Route("/p/{name}", self.page),
            Route("/v/open", self.opened, methods=["POST"]),
            Route("/{rest:path}", self.checked, methods=["POST"]),
        ]
        self.server = uvicorn.Server(
            uvicorn.Config(ProtectiveHeaders(Starlette(routes=routes), https=False), log_level="critical")
        )
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{self.socket.getsockname()[1]}"

    async def page(self, request: Request) -> HTMLResponse:
        template, context = SAMPLES[request.path_params["name"]]
        return HTMLResponse(render(template, context))

    async def opened(self, request: Request) -> JSONResponse:
        self.posted.append(await request.json())
        return JSONResponse({"title": "Not open yet", "text": "Come back on Tuesday."})

    async def checked(self, request: Request) -> JSONResponse:
        self.posted.append(await request.json() | {"csrf": request.headers.get("x-csrf")})
        return JSONResponse({})

    def run(self) -> None:
        asyncio.run(self.server.serve(sockets=[self.socket]))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House()
    thread = threading.Thread(target=house.run)
    thread.start()
    yield house
    house.server.should_exit = True
    thread.join(10)
    house.socket.close()


NO_FORM_GOES = "HTMLFormElement.prototype.submit = HTMLFormElement.prototype.requestSubmit = () => {}"


def _stay(route: PlaywrightRoute) -> None:
    """A page that goes on by itself stays to be looked at."""
    if route.request.is_navigation_request() and "/p/" not in route.request.url:
        route.fulfill(status=204)
    else:
        route.continue_()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.route("**/*", _stay)
    page.add_init_script(NO_FORM_GOES)
    yield page
    page.close()


def violations(page: Page) -> list[Any]:
    """What axe finds on the page as it is shown now; axe itself is loaded once."""
    session = page.context.new_cdp_session(page)
    if not page.evaluate("'axe' in window"):
        session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    pick = "r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    run = f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then({pick})"
    answer = session.send(
        "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
    )
    found: list[Any] = json.loads(answer["result"]["value"])
    return found


HIDDEN = "[...document.querySelectorAll('[hidden]')].filter(e => e.getClientRects().length).map(e => e.id)"
SMALL = """least => [...document.querySelectorAll('.big, .control, .helpline a, .small')]
  .filter(e => e.getClientRects().length && !e.closest('.govuk-skip-link'))
  .map(e => [e.id || e.textContent.trim(), Math.round(e.getBoundingClientRect().height)])
  .filter(([, high]) => high < least)"""


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_whole_accessible_and_never_scrolls_sideways(house: House, page: Page, name: str) -> None:
    """Its own policy refuses nothing, what is hidden is hidden, and in families' pages fingers find the buttons."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{house.address}/p/{name}")
    assert [url for url in asked if not url.startswith((house.address, "data:", "blob:"))] == []
    assert page.evaluate(HIDDEN) == []
    of_families = SAMPLES[name][0].startswith("family/")
    for size in SIZES.values():
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of the same shape
        assert violations(page) == []
        assert not of_families or page.evaluate(SMALL, 48) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert not of_families or page.evaluate(SMALL, 48) == []
    assert [text for text in said if "Content Security Policy" in text or "TypeError" in text] == []


PADS = """() => ['break', 'leave'].map(id => {
  const pad = document.getElementById(id);
  pad.hidden = false;
  const { width, height } = pad.getBoundingClientRect();
  return [width >= 88, height >= 96];
})"""


def test_the_places_are_one_line_with_a_menu_on_a_phone_and_all_in_view_elsewhere(
    house: House, page: Page
) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{house.address}/p/today")
    last = page.get_by_role("link", name="Evidence log")
    menu = page.get_by_role("button", name="Menu", exact=True)
    expect(last).to_be_visible()
    expect(menu).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(last).to_be_hidden()
    bar = page.locator("nav.places").bounding_box()
    assert bar is not None
    assert bar["height"] < 60
    menu.click()
    expect(last).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Close the menu").click()
    expect(last).to_be_hidden()


def test_the_childs_pads_are_large_even_on_the_smallest_phone(house: House, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{house.address}/p/child-room")
    assert page.evaluate(PADS) == [[True, True], [True, True]]


def test_a_link_is_erased_at_once_and_opened_by_a_tap(house: House, page: Page) -> None:
    house.posted.clear()
    page.goto(f"{house.address}/p/opener#c2VjcmV0")
    page.locator("#open").wait_for()
    assert page.url == f"{house.address}/p/opener"
    assert house.posted == []
    page.locator("#open").click()
    page.get_by_text("Come back on Tuesday.").wait_for()
    (sent,) = house.posted
    assert sent["secret"] == "c2VjcmV0"
    assert sent["nonce"] == "bm9uY2U="
    assert load_der_public_key(base64.b64decode(sent["device_key"])).curve.name == "secp256r1"  # type: ignore[union-attr]


def test_the_device_keeps_one_key_and_will_not_show_it(house: House, page: Page) -> None:
    house.posted.clear()
    for _ in range(2):
        page.goto("about:blank")
        page.goto(f"{house.address}/p/opener#c2VjcmV0")
        page.locator("#open").click()
        page.get_by_text("Come back on Tuesday.").wait_for()
    first, second = (sent["device_key"] for sent in house.posted)
    assert first == second
    module = next(url for url in static_urls(page) if url.endswith("opener.js")).replace(
        "opener.js", "device_key.js"
    )
    reach = f"import('{module}').then(m => m.deviceKey()).then(k => k.privateKey.extractable)"
    assert page.evaluate(reach) is False


def static_urls(page: Page) -> list[str]:
    found: list[str] = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    return found


@pytest.mark.parametrize(
    "sink", ["document.body.innerHTML = text", "document.createElement('script').text = text"]
)
def test_no_script_can_write_what_the_browser_would_read_as_markup_or_script(
    house: House, page: Page, sink: str
) -> None:
    """Trusted Types without any policy: words become nothing but words, whoever's they are."""
    page.goto(f"{house.address}/p/opener")
    attempt = f"(text) => {{ try {{ {sink}; return 'written' }} catch (error) {{ return error.name }} }}"
    assert page.evaluate(attempt, "<b>Rosa</b>") == "TypeError"


def test_an_opener_without_a_secret_offers_no_button(house: House, page: Page) -> None:
    page.goto(f"{house.address}/p/opener")
    assert page.locator("#open").is_hidden()
    assert page.get_by_text("Please press the link in your message again.").is_visible()


def test_device_check_finds_camera_and_sound_and_says_so(house: House, page: Page) -> None:
    house.posted.clear()
    page.goto(f"{house.address}/p/check")
    page.locator("#turn-on").click()
    page.get_by_text("Your camera works.").wait_for()
    assert page.locator("#ready").is_visible()
    page.wait_for_timeout(300)
    assert house.posted == [{"camera": "ok", "microphone": "ok", "csrf": "token-for-forms"}]


@pytest.mark.parametrize(
    ("fault", "finding", "words"),
    [
        ("NotAllowedError", "blocked", "The camera is blocked."),
        ("NotFoundError", "missing", "We found no camera"),
        ("NotReadableError", "busy", "Another app uses the camera."),
        ("WeirdError", "other", "It did not work."),
    ],
)
def test_device_check_says_what_to_do(house: House, page: Page, fault: str, finding: str, words: str) -> None:
    house.posted.clear()
    no = f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{fault}'))"
    page.add_init_script(no)
    page.goto(f"{house.address}/p/check")
    page.locator("#turn-on").click()
    page.get_by_text(words).wait_for()
    page.get_by_text("Try again").wait_for()
    page.wait_for_timeout(300)
    assert house.posted[0]["camera"] == finding


# Chromium here has no voice: the test stands in for the device's own, which are outside our walls.
VOICES = """voices => {
  const said = window.said = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  const speech = {
    speaking: false, getVoices: () => voices, addEventListener() {},
    speak(one) { said.push([one.text, one.voice.name]); this.speaking = true; },
    cancel() { said.push("silent"); this.speaking = false; },
  };
  Object.defineProperty(window, "speechSynthesis", { value: speech });
}"""
HERE = {"name": "here", "lang": "en-GB", "localService": True}
AFAR = {"name": "afar", "lang": "en-GB", "localService": False}
POLISH = {"name": "polish", "lang": "pl-PL", "localService": True}


@pytest.mark.parametrize("name", ["consent", "consent-optional", "start", "company", "withdraw"])
def test_a_page_is_read_by_a_voice_of_the_device_itself(house: House, page: Page, name: str) -> None:
    page.add_init_script(f"({VOICES})({json.dumps([AFAR, POLISH, HERE])})")
    page.goto(f"{house.address}/p/{name}")
    page.get_by_role("button", name="Read it to me").click()
    said = page.evaluate("window.said")
    shown = page.locator("[data-aloud]").all_inner_texts()
    assert [text for text, _ in said] == [" ".join(text.split()) for text in shown]
    assert {voice for _, voice in said} == {"here"}
    page.get_by_role("button", name="Read it to me").click()
    assert page.evaluate("window.said.at(-1)") == "silent"


@pytest.mark.parametrize("voices", [[], [AFAR], [POLISH]], ids=["none", "afar", "polish"])
def test_no_button_reads_where_the_words_would_go_elsewhere(
    house: House, page: Page, voices: list[dict[str, object]]
) -> None:
    page.add_init_script(f"({VOICES})({json.dumps(voices)})")
    page.goto(f"{house.address}/p/company")
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("button", name="Read it to me").count() == 0


RINGING = """async (module) => {
  const { Ringing } = await import(module);
  window.said = [];
  const keep = async (said) => { window.said.push(said); return window.kept; };
  window.ringing = new Ringing("/w/visit/1/room", { call: "Call {number}" }, keep);
}"""
DUE = {"key": "adult/1/2", "title": "Ring Dana now", "why": "They are not here yet."}
WITH_NUMBER = DUE | {
    "participant": "1",
    "number_id": "2",
    "number": "01632 960101",
    "mind": ["Say nothing."],
    "results": [{"value": "reached_coming", "text": "Reached: they are coming"}],
}


ALSO_DUE = {"key": "carer/3/4", "title": "Ring Ines now", "why": "Mia is not here yet."}
ANOTHER = WITH_NUMBER | ALSO_DUE | {"participant": "3", "number_id": "4", "number": "01632 960102"}


def ringing(house: House, page: Page, *due: dict[str, str]) -> None:
    """The visit supervisor is shown the number of the first of those who are due."""
    numbers = {call["key"]: call for call in (WITH_NUMBER, ANOTHER)}
    page.route(
        "**/room/call?*",
        lambda route: route.fulfill(
            json={"call": numbers[parse_qs(urlsplit(route.request.url).query)["key"][0]]}
        ),
    )
    page.goto(f"{house.address}/p/room")
    page.wait_for_function("performance.getEntriesByType('resource').some(e => /ringing.*js/.test(e.name))")
    module = next(url for url in static_urls(page) if "ringing" in url)
    page.evaluate(RINGING, module)
    page.evaluate("due => window.ringing.show(due)", list(due))
    page.get_by_text("01632 960101").wait_for()


def on_the_phone(house: House, page: Page) -> None:
    """The visit supervisor was shown a number, and then the call was not due any more."""
    ringing(house, page, DUE)
    assert page.locator("#ringing-not").is_hidden(), "it is still due"
    page.evaluate("window.ringing.show([])")


def test_whoever_is_on_the_phone_keeps_the_card_without_its_number_until_they_say_what_came_of_it(
    house: House, page: Page
) -> None:
    on_the_phone(house, page)
    assert page.locator("#ringing").is_visible()
    assert "960101" not in page.locator("#ringing").inner_html()
    page.evaluate("window.kept = false")
    page.get_by_text("Reached: they are coming").click()
    assert page.locator("#ringing").is_visible(), "it was refused, and may be said again"
    page.evaluate("window.kept = true")
    page.get_by_text("Reached: they are coming").click()
    page.locator("#ringing").wait_for(state="hidden")
    assert page.evaluate("window.said[1]") == {"participant": "1", "number": "2", "result": "reached_coming"}


def test_whoever_did_not_ring_says_so_and_the_card_is_gone(house: House, page: Page) -> None:
    on_the_phone(house, page)
    page.locator("#ringing-not").click()
    assert page.locator("#ringing").is_hidden()
    assert page.evaluate("window.said") == []


def test_whoever_else_is_late_is_named_and_their_number_takes_the_place_of_the_first(
    house: House, page: Page
) -> None:
    ringing(house, page, DUE, ALSO_DUE)
    card = page.locator("#ringing")
    assert "960102" not in card.inner_html()
    page.get_by_role("button", name="Ring Ines now").click()
    page.get_by_text("01632 960102").wait_for()
    assert "960101" not in card.inner_html(), "one number at a time"
    assert page.get_by_role("button", name="Ring Dana now").is_visible()
    page.evaluate("window.kept = true")
    page.get_by_text("Reached: they are coming").click()
    page.evaluate("due => window.ringing.show(due)", [DUE])
    page.get_by_text("01632 960101").wait_for()
    assert page.evaluate("window.said[0].participant") == "3"
