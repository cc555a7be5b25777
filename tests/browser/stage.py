"""The whole product on this machine, and people at their browsers."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from contact_service.clock import utc_now

RELAY = "127.0.0.2"  # not 127.0.0.1, so that a page that learns another address is caught
LONDON = ZoneInfo("Europe/London")
START_SECONDS = 60

# Keeps everything that a page's connections were told or found out, for the test to read.
SPY = """
window.__told = [];
window.__pcs = [];
const now = () => performance.timeOrigin + performance.now();
// Kept across pages, because some presses lead to another page.
addEventListener("click", () => (sessionStorage.pressed = now()), true);
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...args) { super(...args); window.__pcs.push(this); }
  setRemoteDescription(d) { window.__told.push(d.sdp); return super.setRemoteDescription(d); }
  addIceCandidate(c) { window.__told.push(JSON.stringify(c)); return super.addIceCandidate(c); }
};
const RealSocket = window.WebSocket;
window.WebSocket = class extends RealSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", (event) => {
      const { type } = JSON.parse(event.data);
      if (type === "done" || type === "ended") sessionStorage[type] = now();
      window.__told.push(String(event.data));
    });
  }
};
window.__remote = async () => {
  const found = [];
  for (const pc of window.__pcs) {
    (await pc.getStats()).forEach((s) => { if (s.type === "remote-candidate") found.push(s.address ?? s.ip); });
  }
  return found;
};
window.__frames = async () => {
  let frames = 0;
  for (const pc of window.__pcs) {
    (await pc.getStats()).forEach((s) => { if (s.type === "inbound-rtp") frames += s.framesDecoded ?? 0; });
  }
  return frames;
};
// The last packet of each stream that ever came, by the clock that all pages of one machine share.
window.__streams = async () => {
  const found = [];
  for (const [number, pc] of window.__pcs.entries()) {
    (await pc.getStats()).forEach((s) => {
      if (s.type !== "inbound-rtp" || !s.packetsReceived) return;
      found.push({ id: `${number} ${s.id}`, last: s.lastPacketReceivedTimestamp, at: now() });
    });
  }
  return found;
};
window.__packets = async () => {
  let packets = 0;
  for (const pc of window.__pcs) {
    (await pc.getStats()).forEach((s) => { if (s.type === "inbound-rtp") packets += s.packetsReceived ?? 0; });
  }
  return packets;
};
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Demo:
    """``contact-service demo`` as a user starts it, its relay on another loopback address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        self.said = ""

    def start(self) -> None:
        environment = os.environ | {"CONTACT_RELAY_ADDRESS": RELAY, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "contact_service",
                "demo",
                "--port",
                str(self.port),
                "--folder",
                str(self.folder),
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        assert "Ctrl-C" in self.said, self.said
        found = re.search(r"password: (\S+)", self.said)
        assert found is not None
        self.password = found[1]

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        with self.process:
            return self.process.wait(timeout=30)

    def healthy(self) -> bool:
        with urlopen(f"{self.base}/healthz", timeout=5) as answer:  # noqa: S310  our own address
            return bool(json.load(answer)["ok"])


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, browser: Browser, demo: Demo, *, phone: bool = False) -> None:
        self.demo = demo
        size = {"width": 390, "height": 844} if phone else {"width": 1366, "height": 768}
        self.context: BrowserContext = browser.new_context(viewport=size, base_url=demo.base, locale="en-GB")  # type: ignore[arg-type]
        self.context.grant_permissions(["camera", "microphone"], origin=demo.base)
        self.context.add_init_script(SPY)
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = self.new_page()

    def new_page(self) -> Page:
        """Another tab of the same browser; what it asks for and complains of is kept."""
        page = self.context.new_page()
        page.on("request", self._note)
        page.on("console", self._complained)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(15_000)
        return page

    def _complained(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _note(self, request: object) -> None:
        url = getattr(request, "url", "")
        if not url.startswith((self.demo.base, "data:", "blob:", f"ws://localhost:{self.demo.port}")):
            self.outside.append(url)

    def go(self, path: str) -> None:
        self.page.goto(path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sign_in(self, who: str) -> None:
        self.go("/w/sign-in")
        self.page.get_by_label("E-mail address").fill(f"{who}@demo.example")
        self.page.get_by_label("Password").fill(self.demo.password)
        self.press("Sign in")
        if who == "noor":
            self.page.get_by_label("What for?").select_option(label="An inspection")
            self.page.get_by_label("Which one?").fill("Inspection 2030/17")
            self.press("Go on")
            self.sees("You read for: An inspection.")
            return
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Today")

    def fact(self, name: str) -> str | None:
        value: str | None = self.page.evaluate(f"document.documentElement?.dataset.{name}")
        return value

    def frames(self) -> int:
        value: int = self.page.evaluate("window.__frames()")
        return value

    def packets(self) -> int:
        value: int = self.page.evaluate("window.__packets()")
        return value

    def streams_flowing(self) -> int:
        """How many streams brought a packet within the last 200 ms."""
        value: int = self.page.evaluate(
            "window.__streams().then((all) => all.filter((s) => s.at - s.last < 200).length)"
        )
        return value

    def frames_from(self) -> dict[str, int]:
        """Decoded frames by the participant they come from."""
        return json.loads(self.fact("frames") or "{}")  # type: ignore[no-any-return]

    def told(self) -> list[str]:
        value: list[str] = self.page.evaluate("window.__told")
        return value

    def remote_addresses(self) -> set[str]:
        return set(self.page.evaluate("window.__remote()"))

    def looks_at(self, name: str) -> None:
        """See one waiting person alone."""
        self.seat(name).get_by_role("button", name="Look").click()
        self.seat(name).get_by_role("button", name="Let in").wait_for()

    def lets_in(self, name: str) -> None:
        seat = self.seat(name)
        seat.get_by_label("I have seen who is in the room").check()
        if seat.get_by_label("Where are they now?").count():
            seat.get_by_label("Where are they now?").fill(f"{name}, 12 Canary Yard, Hexham")
            seat.get_by_label("Number to ring them back").fill("+44 1632 960301")
        self.seat(name).get_by_role("button", name="Let in").click()
        self.seat(name).get_by_role("button", name="Mute").wait_for()

    def resumes_if_held(self) -> None:
        """The visit goes on, whether or not it was on hold."""

        def lives() -> bool:
            if self.fact("state") == "held":
                with contextlib.suppress(Error):  # the button is gone again: the visit went on meanwhile
                    self.page.locator("#resume").click(timeout=500)
            return self.fact("state") == "live"

        until(lives, "the visit is live")

    def seat(self, name: str) -> Locator:
        """One person's seat in the visit supervisor's list."""
        return self.page.locator(".seat", has_text=name)

    def sees_others(self, count: int, *, frames: int = 5) -> None:
        """Wait for picture of so many others."""

        def seen() -> bool:
            counts = self.frames_from()
            return len(counts) == count and min(counts.values()) > frames

        until(seen, f"the picture of {count} others comes")

    def walks_to_the_waiting_room(
        self,
        link: str,
        *,
        caregiver: bool = False,
        child: str = "Mia",
        before_handing_over: Callable[[], None] = lambda: None,
    ) -> None:
        """From the link in the message to the waiting room, as a family member does."""
        self.page.goto(link)
        self.press("Open my visit")
        self.gets_ready()
        if caregiver:
            before_handing_over()
            self.press(f"Hand over to {child}")
        until(lambda: self.fact("connected") == "true", "the device is connected to the relay")

    def gets_ready(self) -> None:
        """From the landing page through the cards and the check."""
        self.press("Get ready")
        for _ in range(4):
            if "/consent/" in self.page.url:
                self.press("Yes, OK")
        self.page.wait_for_load_state()
        if "/answers" in self.page.url:
            self.press("Go on")
        self.press("Turn on camera and sound")
        self.press("It works. I am ready")
        self.press("Nobody else")


def until(holds: Callable[[], bool], what: str, *, seconds: float = 15) -> float:
    """Wait until ``holds``; the seconds it took."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if holds():
            return time.monotonic() - started
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


CALLS_OFF = """async ([first, last]) => {
  const me = await (await fetch('/api/v1/me')).json();
  const span = new URLSearchParams({first, last});
  const visits = await (await fetch('/api/v1/visits?' + span)).json();
  for (const visit of visits.filter(one => ['requested', 'approved', 'ready', 'waiting'].includes(one.state))) {
    const answer = await fetch(`/api/v1/visits/${visit.id}/cancel`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', 'X-Csrf': me.csrf, 'Idempotency-Key': crypto.randomUUID()},
      body: JSON.stringify({revision: visit.revision, reason: 'staff_unavailable'}),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
}"""


def frees_everybody(worker: Person, around: datetime) -> None:
    """Call off what is booked so near to an hour that Lena could not do both: the demo's own visit, for one."""
    near = timedelta(minutes=50)
    worker.page.evaluate(CALLS_OFF, [(around - near).isoformat(), (around + near).isoformat()])


def books_a_visit(
    worker: Person, *, minutes_ahead: float = 2, length: int = 15, shared_with: str = ""
) -> str:
    """Karim books Mia and Dana, and a brother who shares it, if named; the visit's id."""
    start = (utc_now().astimezone(LONDON) + timedelta(minutes=minutes_ahead)).replace(second=0) + timedelta(
        minutes=1
    )
    page = worker.page
    frees_everybody(worker, start)
    worker.press("Book a visit")
    page.get_by_label("Which child?").select_option(
        label=next(
            text
            for text in page.get_by_label("Which child?").locator("option").all_inner_texts()
            if "Mia" in text
        )
    )
    worker.press("Continue")
    page.get_by_role("checkbox", name="Dana Marlowe, ").check()
    page.get_by_label("Ines Okafor").check()
    if shared_with:
        page.get_by_text("Does a brother or sister share it?").click()
        page.get_by_label(f"{shared_with}, brother").select_option(index=1)
    page.get_by_label("Date").fill(f"{start:%Y-%m-%d}")
    page.get_by_label("Start").fill(f"{start:%H:%M}")
    page.get_by_label("Length").select_option(str(length))
    page.get_by_label("Duty person").select_option(label="Priya Nair")
    worker.press("Send for approval")
    worker.sees("Waiting for approval")
    return page.url.rsplit("/", 1)[1]


def links_of(demo: Demo, reader: Person, *, count: int) -> dict[str, str]:
    """The newest link per recipient, from the messages that went out."""

    def read() -> dict[str, str]:
        reader.go("/demo/messages")
        text = reader.page.inner_text("main")
        found: dict[str, str] = {}
        for block in reversed(re.split(r"(?=\b[a-z]+@demo\.example)", text)):
            who = re.match(r"([a-z]+)@demo\.example", block)
            link = re.search(r"http://localhost:\d+/v#\S+", block)
            if who and link and link[0] not in demo.said:  # not those of the demo's own visit
                found[who[1]] = link[0]
        return found

    before = time.monotonic()
    while time.monotonic() - before < 15:
        found = read()
        if len(found) >= count:
            return found
        time.sleep(0.3)
    raise AssertionError(f"messages did not arrive: {read()}")
