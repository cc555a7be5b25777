"""Run everything: what the machine lacks is installed where it may be, and what is skipped is said plainly.

Three passes of tests: those without a browser and pages in browsers, which share the cores, then those that play media
and measure, one at a time. What fails in a pass is asked once more, alone.
"""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".test"
PYTHON = sys.executable
BIN = Path(PYTHON).parent
PACKAGES = {"chromium": Path("/usr/bin/chromium"), "postgresql": Path("/usr/lib/postgresql")}
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
    passes = [
        tests("shared tests", "not browser", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"),
        # In processes of their own: a browser keeps an event loop running in each.
        tests("pages in browsers", "browser and not alone", "-n", "2", "--dist", "load"),
        tests("tests alone", "alone"),
    ]
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
        install = [apt, "install", "-y", "-qq", "--no-install-recommends", *missing]
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


def tests(name: str, marks: str, *spread: str) -> tuple[bool, Counts]:
    """One pass of pytest: whether it passed, and how many passed, failed and were skipped.

    Many tests wait for real browsers, processes and clocks. The few that fail while others take the cores are asked
    once more, alone, and named; whatever is broken fails twice.
    """
    cache = REPORTS / f"{name.replace(' ', '-')}-cache"
    shutil.rmtree(cache, ignore_errors=True)
    common = ["-m", marks, "-o", f"cache_dir={cache}"]
    code, counts, failed = pytest(name, *common, "--durations=8", *spread)
    if code != TESTS_FAILED or not 0 < len(failed) <= MOST_ASKED_AGAIN:
        return code == 0, counts
    code, again, still = pytest(
        f"{name} once more", *common, "--last-failed", "--last-failed-no-failures=none"
    )
    if code not in (0, TESTS_FAILED) or sum(again) < len(failed):
        return False, counts
    for test in sorted(failed - still):
        print(f"failed beside others, passed alone: {test}", flush=True)
    return code == 0, (counts[0] + again[0], again[1], counts[2])


def pytest(name: str, *arguments: str) -> tuple[int, Counts, set[str]]:
    """Run pytest once: its exit code, how many passed, failed and were skipped, and the names of those that failed."""
    report = REPORTS / f"{name.replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    print(f"\n--- {name}", flush=True)
    code = subprocess.run(command, check=False, cwd=ROOT).returncode
    if not report.exists():
        return code or 1, (0, 1, 0), set()
    suite = next(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  our own file
    failed = {
        f"{case.get('classname')}.{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    }
    skipped = int(suite.get("skipped", 0))
    passed = int(suite.get("tests", 0)) - len(failed) - skipped
    return code, (passed, len(failed), skipped), failed


if __name__ == "__main__":
    raise SystemExit(main())
