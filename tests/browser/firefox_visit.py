"""A visit of a mother at Firefox, in a network of its own: run by ``test_firefox.py``.

Firefox gathers no address of a machine that has the loopback alone, so the relay is on one that leads nowhere.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import stage
from tests.browser.firefox import Firefox
from tests.browser.stage import SPY, Demo, Person, until
from tests.conftest import CHROMIUM, FLAGS

ADDRESS = "10.77.0.1"
_NETWORK = (
    "ip link set lo up",
    "ip link add near type veth peer name far",
    f"ip addr add {ADDRESS}/24 dev near",
    "ip link set near up",
    "ip link set far up",
    "ip route add default dev near",
)


def main(folder: Path) -> None:
    """Play the visit and print what was seen as one line of JSON."""
    for line in _NETWORK:
        subprocess.run(line.split(), check=True)
    os.environ["CONTACT_RELAY_ADDRESS"] = stage.RELAY = ADDRESS
    demo = Demo(folder / "demo")
    demo.start()
    try:
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS) as browser,
            Firefox(folder / "profile", until) as dana,
        ):
            print(json.dumps(_visit(browser, dana, demo)))  # noqa: T201  for the test to read
    finally:
        demo.stop()


def _visit(browser: Browser, dana: Firefox, demo: Demo) -> dict[str, object]:
    dana.before_each_page(SPY)
    dana.go(next(line.split()[-1] for line in demo.said.splitlines() if line.strip().startswith("Dana")))
    dana.press("Open my visit")
    _gets_ready(dana)
    lena = Person(browser, demo)
    lena.sign_in("lena")
    lena.page.locator("a[href^='/w/visit/'][href$='/room']").first.click()
    until(lambda: lena.fact("connected") == "true", "the supervisor is connected", seconds=40)
    before = dana.evaluate("window.__packets()")
    lena.looks_at("Dana")
    until(lambda: _frames(dana) > 5 and lena.frames() > 5, "they see each other", seconds=40)
    lena.lets_in("Dana")
    start = _frames(dana), lena.frames()
    until(lambda: _frames(dana) > start[0] + 50 and lena.frames() > start[1] + 50, "it goes on", seconds=40)
    lena.page.locator("#hold").click()
    until(lambda: lena.fact("state") == "held", "the visit is held", seconds=20)
    time.sleep(1.0)
    held = _frames(dana), lena.frames()
    time.sleep(2.0)
    still = _frames(dana), lena.frames()
    lena.resumes_if_held()
    until(lambda: _frames(dana) > still[0] + 20 and lena.frames() > still[1] + 20, "it resumed", seconds=40)
    return {
        "agent": dana.evaluate("navigator.userAgent"),
        "before": before,
        "held": held,
        "still": still,
        "addresses": dana.evaluate("window.__remote()"),
        "lost": dana.evaluate(_LOST),
    }


_LOST = """(async () => {
  let lost = 0, came = 0;
  for (const pc of window.__pcs) (await pc.getStats()).forEach((s) => {
    if (s.type === "inbound-rtp") { lost += s.packetsLost ?? 0; came += s.packetsReceived ?? 0; }
  });
  return [lost, came];
})()"""


def _gets_ready(dana: Firefox) -> None:
    dana.press("Get ready")
    while "/check" not in dana.evaluate("location.pathname"):
        dana.press("Go on" if "/answers" in dana.evaluate("location.pathname") else "Yes, OK")
        time.sleep(0.5)
    for name in ("Turn on camera and sound", "It works. I am ready", "Nobody else"):
        dana.press(name)
    until(
        lambda: dana.evaluate("document.documentElement?.dataset.connected") == "true",
        "the mother is connected",
        seconds=40,
    )


def _frames(dana: Firefox) -> int:
    return int(dana.evaluate("window.__frames()"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
