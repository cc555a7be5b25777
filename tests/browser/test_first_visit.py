"""The whole story in real browsers, from the booking of a visit to the verified log."""

import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import RELAY, Demo, Person, books_a_visit, links_of, until

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")


def test_the_first_visit(browser: Browser, demo: Demo) -> None:  # noqa: PLR0915  one story, told in one go
    karim, priya = Person(browser, demo), Person(browser, demo)
    karim.sign_in("karim")
    visit = books_a_visit(karim, minutes_ahead=3)

    priya.sign_in("priya")
    priya.go("/w/approvals")
    priya.press("Approve")
    priya.sees("Nothing is waiting for a decision.")
    links = links_of(demo, karim, count=2)

    mother, carer, lena = (
        Person(browser, demo, phone=True),
        Person(browser, demo, phone=True),
        Person(browser, demo),
    )
    lena.sign_in("lena")
    until(lambda: _state(karim, visit) == "waiting", "the door opens")
    mother.walks_to_the_waiting_room(links["dana"])
    carer.walks_to_the_waiting_room(links["ines"], caregiver=True)
    lena.go(f"/w/visit/{visit}/room")
    until(lambda: lena.fact("connected") == "true", "the supervisor is connected")

    # Nothing flows before admission, to anybody.
    time.sleep(1.5)
    assert [p.packets() for p in (mother, carer, lena)] == [0, 0, 0]

    # The supervisor looks at one person alone, to tell who it is.
    lena.looks_at("Dana")
    until(lambda: mother.frames() > 5 and lena.frames() > 5, "Dana and Lena see each other")
    assert carer.packets() == 0
    lena.seat("Dana").get_by_role("button", name="Let in").click()
    expect(lena.page.locator("#alert")).to_contain_text("Look at their room first")
    lena.lets_in("Dana")
    lena.looks_at("Mia")
    until(lambda: carer.frames() > 5, "Mia and Lena see each other")
    lena.lets_in("Mia")

    # Picture from each to each.
    for person in (mother, carer, lena):
        person.sees_others(2, frames=20)

    # Hold stops every frame; only an explicit resume lets them flow again.
    lena.press("Hold everybody")
    until(
        lambda: mother.fact("state") == "held" and carer.fact("state") == "held",
        "everybody is on hold",
        seconds=1,
    )
    time.sleep(0.3)
    counts = [p.packets() for p in (mother, carer, lena)]
    time.sleep(1.5)
    assert [p.packets() for p in (mother, carer, lena)] == counts
    mother.sees("A short pause")
    until(lambda: _state(karim, visit) == "held", "the hold is recorded")
    lena.press("Resume")
    before = mother.frames()
    until(lambda: mother.frames() > before + 10, "frames flow again")

    # A break holds everybody and only the supervisor knows who asked.
    carer.press("Break")
    until(lambda: mother.fact("state") == "held", "the break holds everybody", seconds=1)
    lena.sees("asked for a break")
    lena.press("Resume")
    until(lambda: mother.fact("state") == "live", "the visit goes on")

    lena.page.get_by_label("What you see and hear").fill("They laughed together.")
    lena.press("Add note")
    lena.sees("They laughed together.")

    _only_the_relay_is_known(mother, carer, lena)

    lena.press("End visit")
    lena.page.get_by_role("dialog").get_by_role("button", name="End visit").click()
    expect(mother.page).to_have_url(re.compile("/thanks$"))
    expect(carer.page).to_have_url(re.compile("/thanks$"))

    expect(lena.page).to_have_url(re.compile("/record$"))
    lena.page.get_by_label("What happened").fill("Mia and Dana drew together and laughed.")
    lena.press("Submit the record")
    lena.sees("Record written")

    noor = Person(browser, demo)
    noor.sign_in("noor")
    noor.go("/w/cases")
    noor.press("Mia Marlowe")
    noor.sees("Verified: no gap, no change")
    noor.sees("A visit started")
    noor.go("/w/log")
    key = noor.page.locator("pre.bytes").nth(1).inner_text().strip()
    verified = subprocess.run(
        [
            sys.executable,
            "-m",
            "contact_service",
            "audit",
            "verify",
            "--data",
            str(demo.folder),
            "--key",
            key,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stdout
    assert all(p.outside == [] for p in (karim, priya, mother, carer, lena, noor))


def _state(worker: Person, visit: str) -> str:
    """The visit's state in words, from its page."""
    worker.go(f"/w/visit/{visit}")
    shown = worker.page.locator(".head .state").inner_text().strip()
    return {"Waiting room open": "waiting", "On hold": "held", "Live": "live"}.get(shown, shown)


def _only_the_relay_is_known(*people: Person) -> None:
    for person in people:
        assert person.remote_addresses() == {RELAY}
        told = "\n".join(person.told())
        assert set(ADDRESS.findall(told)) <= {RELAY, "0.0.0.0"}, set(ADDRESS.findall(told))  # noqa: S104
