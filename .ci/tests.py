"""Run everything: what the machine lacks is installed where it may be, and what is skipped is said plainly.

Two passes of tests: those that share the cores, then those that drive browsers and measure, one at a time.
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
SOURCES = ("contact_service", "tests", "web", "deploy", ".ci")


def main() -> int:
    """Return 0 when everything passed."""
    started = time.monotonic()
    REPORTS.mkdir(exist_ok=True)
    install_missing()
    checked = check()
    passes = [
        tests("shared", "-n", "2", "--dist", "loadfile", "-m", "not browser"),
        tests("browser", "-m", "browser"),
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


def tests(name: str, *arguments: str) -> tuple[bool, tuple[int, int, int]]:
    """One pass of pytest: whether it passed, and how many passed, failed and were skipped."""
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pytest", "-q", "--durations=8", f"--junitxml={report}", *arguments]
    print(f"\n--- {name} tests", flush=True)
    done = subprocess.run(command, check=False, cwd=ROOT)
    if not report.exists():
        return False, (0, 1, 0)
    suite = next(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  our own file
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped = int(suite.get("skipped", 0))
    passed = int(suite.get("tests", 0)) - failed - skipped
    return done.returncode == 0, (passed, failed, skipped)


if __name__ == "__main__":
    raise SystemExit(main())
