"""The week from the command line: planned, the same again, ended by Ctrl-C with the best so far."""

import json
import os
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest

from contact_service import clock
from contact_service.agency_policy.document import Document
from contact_service.app import install
from contact_service.demo.cast import load
from contact_service.demo.key_files import KeySet
from contact_service.settings import Settings
from tests.agency_week.town import build_town
from tests.cast import PASSWORD, Hands, House
from tests.processes.test_start import command, database, keys, settings

pytestmark = pytest.mark.slow
__all__ = ["database", "keys"]  # fixtures


def a_monday() -> date:
    """The Monday after the next."""
    today = clock.utc_now().date()
    return today + timedelta(days=14 - today.weekday())


@pytest.fixture(scope="module")
def known(keys: KeySet, database: str) -> dict[str, str]:
    """The settings of an installation with a town in it."""
    said = settings(keys, database)
    installation = install(Settings.from_environment(said))
    cast = load(installation, password=PASSWORD, policy=Document(), demo=False)
    build_town(House(installation=installation, cast=cast, clock=Hands(clock.utc_now())))
    return said


def test_a_week_is_planned_and_is_the_same_again(known: dict[str, str]) -> None:
    planned = command("plan", "week", "--week", a_monday().isoformat(), "--steps", "60", "--json", **known)
    assert planned.returncode == 0, planned.stderr
    assert "visits placed" in planned.stderr
    told = json.loads(planned.stdout)
    assert told["run"]["state"] == "done"
    assert told["run"]["placed"] >= 20
    again = command("plan", "replay", told["run"]["id"], **known)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.endswith("The same.\n")
    wrong = command("plan", "week", "--week", (a_monday() + timedelta(days=1)).isoformat(), **known)
    assert wrong.returncode == 1
    assert "A week begins on a Monday." in wrong.stderr
    assert command("plan", "replay", "0" * 32, **known).returncode == 1


def test_ctrl_c_keeps_the_best_so_far(known: dict[str, str]) -> None:
    process = subprocess.Popen(
        (
            sys.executable,
            "-m",
            "contact_service",
            "plan",
            "week",
            "--week",
            str(a_monday()),
            "--seconds",
            "120",
        ),
        env=os.environ | known,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    seen = ""
    while "steps" not in seen:
        seen += process.stderr.read(1)
        assert process.poll() is None, seen
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    assert "stopped" in out
