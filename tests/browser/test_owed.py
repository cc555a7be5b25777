"""The pages of owed contact in a real browser, at a phone's size and a laptop's, on screen and on paper."""

import base64
import secrets
import threading
from datetime import timedelta
from typing import Self

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from contact_service.app import pages_app
from contact_service.jobs.owing import check_owed_contact
from contact_service.plans.terms import Frequency, Medium, Period
from contact_service.settings import Settings
from contact_service.visits.visit import Visit
from tests.browser.gallery import SCREENS, SIZES, violations
from tests.browser.stage import Demo, Person, free_port, until
from tests.cast import PASSWORD, House
from tests.owed.lives import GIVEN, LOST, Lived, live, promise, weekly
from tests.owed.test_deciding import missed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


class Served(Demo):
    """The pages over the test's own house, whose clock the test moves."""

    def __init__(self, house: House, **more: str) -> None:
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        self.password = PASSWORD
        settings = Settings.model_validate(
            {
                "public_url": self.base,
                "ticket_key": base64.b64encode(secrets.token_bytes(32)).decode(),
                "relays": "relay-1=" + base64.b64encode(bytes(32)).decode(),
                "agency_name": "Family Visits",
            }
            | more
        )
        app = pages_app(settings, house.installation)
        self.server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="warning", lifespan="off")
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        until(lambda: self.server.started, "the pages are served")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=20)


@pytest.fixture
def lost(house: House) -> Visit:
    """Ten weeks of Mia's visits with Dana and Jonas, and one that Dana did not join."""
    twice = Frequency(per=Period.WEEK, least=2)
    monthly = Frequency(per=Period.MONTH, least=1)
    promise(
        house,
        weekly(house.cast.dana, twice),
        weekly(house.cast.dana, monthly, medium=Medium.IN_PERSON),
        weekly(house.cast.jonas, monthly),
    )
    fates = [*GIVEN[:1] * 5, LOST[0], *GIVEN[:1] * 2, LOST[17], GIVEN[0], LOST[5]]
    days = [timedelta(weeks=week, days=day, hours=3) for week in range(10) for day in (0, 2)]
    lives = [
        Lived(fate=fates[n % len(fates)], starts_at=house.clock.at + after, number=n)
        for n, after in enumerate([*days, timedelta(weeks=8, days=4)])
    ]
    live(house, lives)
    house.clock.forward(timedelta(weeks=10))
    visit = missed(house, house.cast.ines, wall_start=house.wish().wall_start + timedelta(weeks=10))
    house.clock.forward(timedelta(days=1))
    check_owed_contact(house.installation)
    return visit


def test_a_worker_sees_what_is_owed_hears_both_sides_and_decides(
    browser: Browser, house: House, lost: Visit
) -> None:
    with Served(house) as served:
        karim = Person(browser, served)
        karim.sign_in("karim")
        karim.go("/w/today")
        looked_at(karim, "owed-today")
        karim.go("/w/owed")
        expect(karim.page.get_by_role("row").nth(1)).to_contain_text("Mia Marlowe")
        looked_at(karim, "owed-overview")
        karim.page.get_by_role("link", name="Mia Marlowe").click()
        drawing = karim.page.get_by_role("img", name="Visits with Dana Marlowe")
        expect(drawing).to_be_visible()
        looked_at(karim, "owed-child")
        karim.page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]
        card = karim.page.get_by_role("region", name="Dana Marlowe (mother)", exact=True)
        card.screenshot(path=SCREENS / "owed-card-390.png")
        karim.page.emulate_media(media="print")
        expect(karim.page.get_by_role("navigation", name="About Mia")).to_be_hidden()
        expect(drawing).to_be_visible()
        karim.page.pdf(path=SCREENS / "owed-child.pdf")
        karim.page.emulate_media(media="screen")
        karim.go(f"/w/child/{house.cast.mia}/owed/{lost.id}")
        looked_at(karim, "owed-lost")
        _hears(karim, "Mia Marlowe and the carer", "Was ready for the visit")
        _hears(karim, "Dana Marlowe", "Could not get to a device in time")
        _decides(karim)
        karim.context.close()


def _decides(karim: Person) -> None:
    """Too early that it is not owed; then that it is."""
    card = karim.page.get_by_role("region", name="With Dana Marlowe")
    card.get_by_label("Is it still owed?").select_option("Not owed: they gave no reason")
    card.get_by_role("button", name="Decide").click()
    expect(karim.page.get_by_role("alert")).to_contain_text("They may explain it until")
    looked_at(karim, "owed-too-early", refused=True)
    card.get_by_label("Is it still owed?").select_option("Still owed: they could not help it")
    card.get_by_role("button", name="Decide").click()
    expect(card.locator(".state")).to_have_text("Owed")
    looked_at(karim, "owed-decided")


def _hears(karim: Person, side: str, words: str) -> None:
    card = karim.page.get_by_role("region", name=side, exact=True)
    card.get_by_label("What do they say?").select_option(words)
    card.get_by_role("button", name="Keep").click()
    expect(card).to_contain_text(words)


def looked_at(karim: Person, name: str, *, refused: bool = False) -> None:
    """A picture at both sizes; nothing that axe finds, nothing wider than the screen, no complaint."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        karim.page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of the same shape
        karim.page.screenshot(path=SCREENS / f"{name}-{size['width']}.png", full_page=True)
        assert violations(karim) == [], name
        assert karim.page.evaluate(TOO_WIDE) <= 0, name
    if not refused:
        assert karim.complaints == [], name
    karim.complaints.clear()
