"""A1: a scanner that runs the scripts of the page, and presses nothing, leaves the link to its person."""

import re

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine, text

from contact_service.database import connect
from tests.browser.stage import Demo, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
TABLES = ("invitation", "throttle", "link_nonce")


def doors(engine: Engine) -> list[object]:
    """Every row about links and tries; the rest of a running demo moves by itself."""
    with engine.connect() as connection:
        return [
            sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}"))))  # noqa: S608
            for name in TABLES
        ]


def test_a1_a_scanner_that_runs_scripts_and_does_not_tap_changes_nothing(
    demo: Demo, browser: Browser
) -> None:
    link = re.findall(r"http://localhost:\d+/v#\S+", demo.said)[0]
    [file] = demo.folder.rglob("*.db")
    engine = connect(f"sqlite:///{file}")
    before = doors(engine)
    posted: list[str] = []
    for _ in range(2):
        scanner = Person(browser, demo)
        scanner.page.on("request", lambda asked: posted.append(asked.url) if asked.method != "GET" else None)
        scanner.go(link)
        scanner.sees("Open my visit")
        scanner.page.wait_for_timeout(1500)
        assert scanner.page.url == f"{demo.base}/v", "the secret has left the address"
        assert not scanner.complaints
        scanner.context.close()
    assert posted == []
    assert doors(engine) == before
    person = Person(browser, demo, phone=True)
    person.go(link)
    person.press("Open my visit")
    person.page.wait_for_url(re.compile(r"/v/[0-9a-f]{32}/"))
    assert doors(engine) != before
    engine.dispose()
