"""Plan the week of the agency, and do a kept plan again."""

import argparse
import json
import signal
import sys
from dataclasses import asdict
from datetime import date
from threading import Event
from typing import TYPE_CHECKING

from contact_service.cli.asking import Commands, Options, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contact_service.agency_week.run import Opening, PlannedVisit, PlanRun
    from contact_service.ids import AccountId

_SOLVERS = ("best-fit", "recreate", "set-packing")


def add_plan(commands: Commands) -> None:
    """Plan week, plan replay."""
    plan = commands.add_parser("plan", help="plan the week of the agency").add_subparsers(
        required=True, metavar="ACTION"
    )
    week = plan.add_parser("week", help="a draft of one week; nobody is told before somebody accepts it")
    week.add_argument("--week", required=True, type=_day, metavar="MONDAY", help="like 2026-12-07")
    week.add_argument("--solver", choices=_SOLVERS, default="recreate")
    week.add_argument("--seed", type=int, default=1)
    ends = week.add_mutually_exclusive_group()
    ends.add_argument("--seconds", type=int, default=30, help="Ctrl-C ends earlier, with the best so far")
    ends.add_argument("--steps", type=int, help="instead of seconds: the same plan on every machine")
    week.add_argument("--json", action="store_true")
    week.set_defaults(run=_week)
    again = plan.add_parser("replay", help="do a kept plan again, and compare")
    again.add_argument("plan_run", metavar="RUN")
    again.set_defaults(run=_replay)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write the day like 2026-12-07") from None


def _week(options: Options) -> int:
    """Plan, with the progress on stderr; 1 when nothing came of it."""
    from contact_service import actor, app
    from contact_service.agency_week.actions.keeping import start_run
    from contact_service.agency_week.carrying import carry_out
    from contact_service.agency_week.queries.runs import run_for, visits_of_run
    from contact_service.agency_week.run import Asked
    from contact_service.identity import queries as identity
    from contact_service.week.outcome import Progress, Solver
    from contact_service.work import begin, read

    settings = settings_of("plan")
    installation, ended = app.install(settings), Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    asked = Asked(
        week=options.week,
        solver=Solver(options.solver),
        seed=options.seed,
        steps=options.steps,
        seconds=options.seconds,
    )

    def watch(progress: Progress) -> bool:
        told = f"{progress.steps} steps, {progress.placed} visits placed, {progress.points} points"
        print(f"\r{told}", end="", file=sys.stderr, flush=True)
        return not ended.is_set()

    with begin(installation, actor.COMMAND_LINE) as work:
        run = start_run(work, asked, zone=settings.zone)
    carry_out(installation, actor.COMMAND_LINE, run, watch=watch)
    print(file=sys.stderr)
    with read(installation, actor.COMMAND_LINE) as work:
        found, visits = run_for(work, run), visits_of_run(work, run)
        staff = {one.id: one.name for one in identity.everybody(work)}
    if options.json:
        print(json.dumps({"run": asdict(found), "visits": [asdict(one) for one in visits]}, default=str))
        return 0
    _tell(found, visits, staff)
    return 0


def _tell(found: "PlanRun", visits: "Sequence[PlannedVisit]", staff: "Mapping[AccountId, str]") -> None:
    """The plan, its points, and each visit of it, by the clock of the world."""
    print(
        f"plan {found.id}: {found.state}, {found.placed} of {found.wanted} visits placed, {found.points} points"
    )
    print("  " + ", ".join(f"{name} {points}" for name, points in found.score.items()))
    if found.bound:
        print(f"  {100 * found.points / found.bound:.1f} % of what any plan could have")
    for one in visits:
        when = f"{one.starts_at:%a %H:%M} UTC" if one.starts_at else "no place  "
        print(f"  {when}  child {one.child[:8]}  {', '.join(one.reasons)}")
        if one.opening:
            print(f"      {_opened(one.opening, staff[one.opening.supervisor])}")


def _opened(opening: "Opening", supervisor: str) -> str:
    """Whose hours would give a visit a place."""
    return (
        f"would start on {opening.starts_at:%a %H:%M} UTC if {supervisor} were there "
        f"from {opening.first:%H:%M} to {opening.after:%H:%M} UTC"
    )


def _replay(options: Options) -> int:
    """0 when the same plan with the same points comes out, else 1."""
    from contact_service import actor, app
    from contact_service.agency_week.replaying import replay
    from contact_service.work import read

    with read(app.install(settings_of("plan")), actor.COMMAND_LINE) as work:
        again = replay(work, options.plan_run)
    print(f"kept: {again.kept_points} points, plan {again.kept_plan[:16]}")
    print(f"again: {again.points} points, plan {again.plan[:16]}")
    print("The same." if again.is_same else "Not the same.")
    return 0 if again.is_same else 1
