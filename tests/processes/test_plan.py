"""The week from the command line: planned, the same again, ended by Ctrl-C with the best so far."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest

from contact_service import actor, clock
from contact_service.actor import Role
from contact_service.agency_policy.document import Document
from contact_service.app import install
from contact_service.demo.cast import ZONE, load
from contact_service.demo.key_files import KeySet
from contact_service.identity import queries as identity
from contact_service.settings import Settings
from contact_service.work import begin
from contact_service.working_hours.actions import add_absence
from contact_service.working_hours.hours import AbsenceKind
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


def test_what_has_no_place_is_told_with_whose_hours_would_give_it_one(known: dict[str, str]) -> None:
    week = a_monday() + timedelta(days=7)
    with begin(install(Settings.from_environment(known)), actor.COMMAND_LINE) as work:
        for one in identity.everybody(work):
            if Role.VISIT_SUPERVISOR in one.roles:
                days = (week, week + timedelta(days=6))
                add_absence(work, one.id, days, AbsenceKind.LEAVE, zone=ZONE)
    planned = command("plan", "week", "--week", week.isoformat(), "--steps", "5", **known)
    assert planned.returncode == 0, planned.stderr
    assert re.search(
        r"no_worker\n +would start on \w{3} \d\d:\d\d UTC if [\w ]+ were there from \d\d:\d\d to \d\d:\d\d UTC",
        planned.stdout,
    ), planned.stdout


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
