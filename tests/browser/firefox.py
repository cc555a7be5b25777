"""Debian's Firefox, driven as it is, over WebDriver BiDi (https://w3c.github.io/webdriver-bidi/)."""

import contextlib
import itertools
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from websockets.sync.client import connect

FIREFOX = Path("/usr/bin/firefox-esr")
_START_SECONDS = 60.0
_PREFERENCES = {
    "media.navigator.streams.fake": True,  # a made-up camera; everything behind it is real
    "media.navigator.permission.disabled": True,  # nobody is there to press "Allow"
    "media.autoplay.default": 0,
    "remote.active-protocols": 1,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
# The middle of what can be pressed and is called so, as a finger would find it.
_MIDDLE = """
((name) => {
  const found = [...document.querySelectorAll("button, a, [role=button]")]
    .find((one) => one.checkVisibility() && one.innerText.trim().startsWith(name));
  if (!found) return null;
  found.scrollIntoView({block: "center"});
  const box = found.getBoundingClientRect();
  return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
})
"""


class Firefox:
    """One window of a fresh profile, of the size of a phone."""

    def __init__(self, folder: Path, until: Callable[..., float]) -> None:
        self._until = until
        self._numbers = itertools.count(1)
        folder.mkdir(parents=True)
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(one)});\n" for name, one in _PREFERENCES.items())
        (folder / "user.js").write_text("".join(lines), encoding="ascii")
        self._process = subprocess.Popen(
            [FIREFOX, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        address = next(
            found[1]
            for line in self._process.stderr
            if (found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line))
        )
        self._socket = connect(f"{address}/session", max_size=None, open_timeout=_START_SECONDS)
        self._ask("session.new", capabilities={})
        self._tab = self._ask("browsingContext.create", type="tab")["context"]
        self._ask("browsingContext.setViewport", context=self._tab, viewport={"width": 390, "height": 844})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):  # whatever state it is in, it ends
            self._ask("browser.close")
        self._process.terminate()
        self._process.wait(20)

    def before_each_page(self, script: str) -> None:
        """Run ``script`` before anything of a page runs."""
        self._ask("script.addPreloadScript", functionDeclaration=f"() => {{ {script} }}")

    def go(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401  whatever the page says
        """The value of an expression, awaited."""
        asked = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        said = self._ask(
            "script.evaluate", expression=asked, target={"context": self._tab}, awaitPromise=True
        )
        return json.loads(said["result"]["value"])

    def press(self, name: str) -> None:
        """Press the button or link whose words begin so, once it is there."""
        places: list[list[int]] = []

        def there() -> bool:
            found = self.evaluate(f"{_MIDDLE}({json.dumps(name)})")
            places.extend([found] if found else [])
            return bool(found)

        self._until(there, f"there is something called {name!r} to press", seconds=30)
        x, y = places[-1]
        moves = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        touch = {"pointerType": "touch"}
        finger = {"type": "pointer", "id": "finger", "parameters": touch, "actions": moves}
        self._ask("input.performActions", context=self._tab, actions=[finger])

    def _ask(self, method: str, **parameters: object) -> Any:  # noqa: ANN401  the answer's result
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(timeout=60))
            if said.get("id") == number:
                assert said["type"] == "success", said
                return said["result"]
