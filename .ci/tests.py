"""Run everything: what the machine lacks is installed where it may be, and what is skipped is said plainly.

Three passes of tests: those that play media and measure, one at a time; beside them, in the time that they leave over,
those without a browser; then pages in browsers. What fails in a pass is asked once more, alone.
"""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".test"
PYTHON = sys.executable
BIN = Path(PYTHON).parent
PACKAGES = {
    "chromium": Path("/usr/bin/chromium"),
    "postgresql": Path("/usr/lib/postgresql"),
    "firefox-esr": Path("/usr/bin/firefox-esr"),
    "iproute2": Path("/usr/sbin/ip"),  # gives Firefox a network of its own
}
NICE = shutil.which("nice")
BEHIND = [NICE, "-n", "19"] if NICE else []
TESTS_FAILED = 1  # pytest's exit code: tests ran, some failed
MOST_ASKED_AGAIN = 12  # more than these is no matter of a busy machine
Counts = tuple[int, int, int]
SOURCES = ("contact_service", "tests", "web", "deploy", ".ci")


def main() -> int:
    """Return 0 when everything passed."""
    started = time.monotonic()
    REPORTS.mkdir(exist_ok=True)
    install_missing()
    checked = check()
    with ThreadPoolExecutor(1) as beside:
        # The others only have what those that measure leave over: these come first wherever both want a core.
        shared = beside.submit(SHARED.asked, behind=True)
        alone = ALONE.judged(ALONE.asked())
        print("\nThe shared tests go on; what they say comes at their end.", flush=True)
        while wait([shared], timeout=60).not_done:
            print(f"{time.monotonic() - started:.0f} s", flush=True)
    passes = [alone, SHARED.judged(shared.result()), PAGES.judged(PAGES.asked())]
    totals = [sum(counts) for counts in zip(*(counts for _, counts in passes), strict=True)]
    print(f"\nAll of it took {time.monotonic() - started:.0f} s.")
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 0 if checked and all(ok for ok, _ in passes) else 1


def install_missing() -> None:
    """Install Debian's packages where we may; say what stays missing and what that leaves out."""
    missing = [name for name, path in PACKAGES.items() if not path.exists()]
    if not missing:
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        print(f"Installing {', '.join(missing)} ...", flush=True)
        subprocess.run([apt, "update", "-qq"], check=False, env=environment, stdout=subprocess.DEVNULL)
        for name in missing:  # each by itself: one that this system does not know keeps no other away
            install = [apt, "install", "-y", "-qq", "--no-install-recommends", name]
            subprocess.run(install, check=False, env=environment, stdout=subprocess.DEVNULL)
    for name in (name for name in missing if not PACKAGES[name].exists()):
        print(
            f"SKIPPED: {name} is not installed and cannot be installed here; its tests are left out.",
            flush=True,
        )


def check() -> bool:
    """Format, lint, types and import contracts."""
    commands = (
        [BIN / "ruff", "format", "--check", "--quiet", *SOURCES],
        [BIN / "ruff", "check", "--quiet", *SOURCES],
        [BIN / "mypy", "--no-error-summary"],
        [BIN / "lint-imports"],
    )
    results = [
        run(f"check {Path(str(command[0])).name}", [str(part) for part in command]) for command in commands
    ]
    return all(results)


def run(what: str, command: list[str]) -> bool:
    """Run one command quietly; show what it said only when it failed."""
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    print(f"{what}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode:
        print(done.stdout[-6000:], done.stderr[-2000:], flush=True)
    return done.returncode == 0


@dataclass(frozen=True)
class Asked:
    """What one run of pytest came to: its exit code, how many passed, failed and were skipped, and which failed."""

    code: int
    counts: Counts
    failed: frozenset[str]


@dataclass(frozen=True)
class Pass:
    """Tests that are asked together.

    Many tests wait for real browsers, processes and clocks. The few that fail while others take the cores are asked
    once more, alone, and named; whatever is broken fails twice.
    """

    name: str
    marks: str
    spread: tuple[str, ...] = ()

    def asked(self, *, behind: bool = False) -> Asked:
        """Ask all of them; ``behind`` whatever else runs on this machine, and saying so at the end."""
        shutil.rmtree(self._cache, ignore_errors=True)
        return self._pytest(self.name, "--durations=8", *self.spread, behind=behind)

    def judged(self, first: Asked) -> tuple[bool, Counts]:
        """Whether it passed, and how many passed, failed and were skipped; a few that failed are asked once more."""
        if first.code != TESTS_FAILED or not 0 < len(first.failed) <= MOST_ASKED_AGAIN:
            return first.code == 0, first.counts
        again = self._pytest(
            f"{self.name} once more", "--last-failed", "--last-failed-no-failures=none", behind=False
        )
        if again.code not in (0, TESTS_FAILED) or sum(again.counts) < len(first.failed):
            return False, first.counts
        for test in sorted(first.failed - again.failed):
            print(f"failed beside others, passed alone: {test}", flush=True)
        passed, failed, _ = again.counts
        return again.code == 0, (first.counts[0] + passed, failed, first.counts[2])

    @property
    def _cache(self) -> Path:
        return REPORTS / f"{self.name.replace(' ', '-')}-cache"

    def _pytest(self, name: str, *arguments: str, behind: bool) -> Asked:
        report = REPORTS / f"{name.replace(' ', '-')}.xml"
        report.unlink(missing_ok=True)
        command = [PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", "-m", self.marks]
        command += ["-o", f"cache_dir={self._cache}", *arguments]
        if behind:
            done = subprocess.run([*BEHIND, *command], check=False, cwd=ROOT, stdout=subprocess.PIPE)
            print(f"\n--- {name}\n{done.stdout.decode(errors='replace')}", flush=True)
        else:
            print(f"\n--- {name}", flush=True)
            done = subprocess.run(command, check=False, cwd=ROOT)
        return _read(report, done.returncode)


def _read(report: Path, code: int) -> Asked:
    if not report.exists():
        return Asked(code or 1, (0, 1, 0), frozenset())
    suite = next(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  our own file
    failed = frozenset(
        f"{case.get('classname')}.{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    )
    skipped = int(suite.get("skipped", 0))
    return Asked(code, (int(suite.get("tests", 0)) - len(failed) - skipped, len(failed), skipped), failed)


SHARED = Pass("shared tests", "not browser", ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"))
# In processes of their own: a browser keeps an event loop running in each.
PAGES = Pass("pages in browsers", "browser and not alone", ("-n", "2", "--dist", "load"))
ALONE = Pass("tests alone", "alone")


if __name__ == "__main__":
    raise SystemExit(main())
