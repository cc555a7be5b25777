"""The search beside the pages: stopped, killed, and never hanging; the command; a week that is mended."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from contact_service import actor
from contact_service.agency_week.actions.accepting import accept
from contact_service.agency_week.actions.keeping import ask_to_stop, start_run
from contact_service.agency_week.carrying import carry_out, carry_out_beside
from contact_service.agency_week.queries.runs import kept_instance, run_for, visits_of_run
from contact_service.agency_week.replaying import replay
from contact_service.agency_week.run import Asked, NothingPlanned, PlanRun, PlanUnderWay, RunKind, RunState
from contact_service.demo.cast import ZONE, staff_actor
from contact_service.errors import BadInput
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.visits.queries.doubting import reasons_against
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import VisitState
from contact_service.week.outcome import Progress
from contact_service.working_hours.actions import add_absence
from contact_service.working_hours.hours import AbsenceKind
from tests.agency_week.conftest import Plan
from tests.agency_week.town import MONDAY, Town
from tests.cast import House


def started(house: House, **changes: object) -> str:
    asked = Asked(**({"week": MONDAY, "seconds": 60} | changes))  # type: ignore[arg-type]
    with house.work(house.cast.karim) as work:
        return start_run(work, asked, zone=ZONE)


def seen(house: House, run: str) -> PlanRun:
    with house.reading(house.cast.karim) as work:
        return run_for(work, run)


@pytest.mark.usefixtures("town")
def test_a_stopped_search_keeps_the_best_so_far_and_is_the_same_again(house: House) -> None:
    run = started(house)
    carry_out(
        house.installation,
        staff_actor(house.installation, house.cast.karim),
        run,
        watch=lambda progress: progress.steps < 100,
        bound=False,
    )
    found = seen(house, run)
    assert found.state is RunState.STOPPED
    assert found.steps >= 100
    assert found.placed == 29
    with house.reading(house.cast.karim) as work:
        assert replay(work, run).is_same


@pytest.mark.usefixtures("town")
def test_somebody_else_stops_a_search_that_runs_beside(house: House) -> None:
    run = started(house)
    thread = carry_out_beside(house.installation, staff_actor(house.installation, house.cast.karim), run)
    with pytest.raises(PlanUnderWay):
        started(house)
    with house.work(house.cast.priya) as work:
        ask_to_stop(work, run)
    thread.join(timeout=60)
    assert seen(house, run).state is RunState.STOPPED


@pytest.mark.usefixtures("town")
def test_the_search_is_told_no_secret_of_the_process_that_starts_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTACT_DATABASE", "postgresql://app:not-for-the-search@127.0.0.1/x")
    monkeypatch.setenv("ANY_OTHER_PASSWORD", "not-for-the-search")
    run = started(house)
    here = threading.get_native_id()
    told: list[str] = []

    def look(_: Progress) -> bool:
        children = Path(f"/proc/{os.getpid()}/task/{here}/children").read_text().split()
        searching = [one for one in children if "search_process" in Path(f"/proc/{one}/cmdline").read_text()]
        told.extend(Path(f"/proc/{one}/environ").read_text() for one in searching)
        return not told

    carry_out(house.installation, staff_actor(house.installation, house.cast.karim), run, watch=look)
    assert told
    assert "not-for-the-search" not in "".join(told)
    assert "PATH=" in told[0]


@pytest.mark.usefixtures("town")
def test_a_search_that_is_killed_is_a_failed_one(house: House) -> None:
    run = started(house)
    who = staff_actor(house.installation, house.cast.karim)
    here = threading.get_native_id()

    def kill(_: Progress) -> bool:
        for child in Path(f"/proc/{os.getpid()}/task/{here}/children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_text()
            if "search_process" in command:
                os.kill(int(child), signal.SIGKILL)
        return True

    with pytest.raises(NothingPlanned):
        carry_out(house.installation, who, run, watch=kill)
    found = seen(house, run)
    assert found.state is RunState.FAILED
    assert found.failure == "NothingPlanned"
    with pytest.raises(NothingPlanned), house.work(house.cast.karim) as work:
        accept(work, run)
    started(house)


def test_a_search_ends_when_whoever_asked_is_gone(house: House, town: Town, plan: Plan) -> None:
    run = plan()
    with house.reading(house.cast.karim) as work:
        text = kept_instance(work, run).text
    asked = {"instance": text, "solver": "recreate", "seed": 1, "steps": None, "seconds": 300}
    process = subprocess.Popen(
        [sys.executable, "-m", "contact_service.agency_week.search_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    began = time.monotonic()
    out, _ = process.communicate(json.dumps(asked | {"repair_at": None, "bound": False}) + "\n", timeout=60)
    assert time.monotonic() - began < 30
    assert json.loads(out.splitlines()[-1])["done"]["stopped"] is True
    assert len(town.families) == 12


def test_what_is_no_week_or_no_limit_is_refused(house: House) -> None:
    for wrong in ({"week": MONDAY + timedelta(days=1)}, {"seconds": 0}, {"steps": -1}):
        with pytest.raises(BadInput):
            started(house, **wrong)


# ---- somebody is ill


def test_an_ill_supervisors_visits_are_mended_and_the_others_stay(
    house: House, town: Town, plan: Plan
) -> None:
    run = plan()
    with house.work(house.cast.karim) as work:
        assert all(one.visit for one in accept(work, run))
    with house.reading(house.cast.priya) as work:
        before = {v.id: v for v in visits_in(work, [VisitState.REQUESTED])}
    with house.work(house.cast.priya) as work:
        for visit in before:
            assert not isinstance(inviting.approve(work, visit), Refused)
    ill = max(town.supervisors, key=lambda s: sum(v.supervisor == s for v in before.values()))
    days = (MONDAY + timedelta(days=1), MONDAY + timedelta(days=1))
    with house.work(house.cast.priya) as work:
        add_absence(work, ill, days, AbsenceKind.ILL, zone=ZONE)
        hit = {v for v, visit in before.items() if reasons_against(work, visit)}
    assert hit
    mending = plan(kind=RunKind.REPAIR)
    with house.reading(house.cast.karim) as work:
        visits = visits_of_run(work, mending)
    changed = {v.booked for v in visits if "unchanged" not in v.reasons}
    assert hit <= changed
    assert len(changed) <= 1.3 * len(hit) + 1
    with house.work(house.cast.karim) as work:
        done = accept(work, mending)
    assert {one.planned.booked for one in done} == changed
    assert all(one.visit for one in done), [one.refused for one in done]
    with house.reading(house.cast.priya) as work:
        after = {v.id: v for v in visits_in(work, [VisitState.REQUESTED, VisitState.APPROVED])}
        assert after.keys() == before.keys()
        assert {v for v in after if after[v].state is VisitState.REQUESTED} == changed
        assert [v for v in after.values() if reasons_against(work, v)] == []
        assert replay(work, mending).is_same
    assert house.overlaps() == 0


def test_nothing_is_mended_where_nothing_is_broken(house: House, plan: Plan) -> None:
    visit = house.approved()
    monday = visit.starts_at.date() - timedelta(days=visit.starts_at.weekday())
    run = plan(kind=RunKind.REPAIR, week=monday)
    with house.reading(house.cast.karim) as work:
        [one] = visits_of_run(work, run)
        assert "unchanged" in one.reasons
    with house.work(house.cast.karim) as work:
        assert accept(work, run) == []


def test_the_command_line_plans_for_every_case(house: House, town: Town) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work:
        run = start_run(work, Asked(week=MONDAY, steps=50), zone=ZONE)
    carry_out(house.installation, actor.COMMAND_LINE, run, bound=False)
    with house.as_actor(actor.COMMAND_LINE) as work:
        assert {one.child for one in visits_of_run(work, run)} == {f.child for f in town.families[1:]} | {
            town.families[0].child
        }
