"""Looks at a page as it stands, at a phone's size and a laptop's: a picture of it, and what is wrong with it."""

import json
import os
import shutil
from pathlib import Path

from tests.browser.stage import Person

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / ".test" / "screens"
README_PICTURE = Path(__file__).parent / "screenshots" / "visit.png"
SIZES = ({"width": 390, "height": 844}, {"width": 1366, "height": 768})
AXE = ROOT / "tests" / "web" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RUN = f"""axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ["violations"]}})
  .then((r) => JSON.stringify(r.violations.map((v) => `${{v.id}}: ${{v.nodes.map((n) => n.html).join(" ")}}`)))"""
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"
REFUSED = "the server responded with a status of 4"  # what Chromium says of the error page that is looked at


class Gallery:
    """Pictures under ``.test/screens`` and, per page, what is wrong with it."""

    def __init__(self) -> None:
        self.faults: dict[str, list[str]] = {}
        shutil.rmtree(SCREENS, ignore_errors=True)
        SCREENS.mkdir(parents=True)

    def hang(self, person: Person, name: str, *, refused: bool = False) -> None:
        """Keep how the page looks and what is wrong with it; ``refused`` says that its status is 4xx by intent."""
        page, found = person.page, self.faults.setdefault(name, [])
        before = page.viewport_size
        for size in SIZES:
            width = size["width"]
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of the same shape
            page.screenshot(path=SCREENS / f"{name}-{width}.png", full_page=True)
            found += [f"{width}: {fault}" for fault in violations(person)]
            if page.evaluate(TOO_WIDE) > 0:
                found.append(f"{width}: scrolls sideways")
        if before:
            page.set_viewport_size(before)
        found += [text for text in person.complaints if not (refused and REFUSED in text)]
        found += [f"asked elsewhere: {url}" for url in person.outside]
        person.complaints.clear()

    def keep_for_readme(self, person: Person) -> None:
        """With UPDATE_SCREENSHOTS=1, the picture that the README shows."""
        if os.environ.get("UPDATE_SCREENSHOTS") == "1":
            README_PICTURE.parent.mkdir(exist_ok=True)
            person.page.screenshot(path=README_PICTURE)


def violations(person: Person) -> list[str]:
    """What axe-core finds, each with the elements it means."""
    session = person.context.new_cdp_session(person.page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    ask = {"expression": AXE_RUN, "awaitPromise": True, "returnByValue": True}
    answer = session.send("Runtime.evaluate", ask)
    session.detach()
    found: list[str] = json.loads(answer["result"]["value"])
    return found
