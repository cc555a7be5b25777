"""The week that a run is about, as the planner is given it."""

from datetime import datetime
from typing import Any

from contact_service.agency_week.building import Built, build
from contact_service.agency_week.known import week_of
from contact_service.agency_week.mending import build_booked
from contact_service.agency_week.pins import Pin, Pins
from contact_service.agency_week.queries.gathering import gather
from contact_service.agency_week.queries.runs import run_row
from contact_service.agency_week.run import RunKind
from contact_service.agency_week.tables import PlanRunRow
from contact_service.ids import AccountId
from contact_service.visits.queries.finding import visits_between
from contact_service.work import Work


def week_to_plan(work: Work, run: str) -> tuple[Built, dict[str, Any]]:
    """The week of a run as it stands now, and what the search process is asked."""
    row = run_row(work, run)
    gathered = gather(work, week_of(row.week_on, row.zone))
    if row.kind == RunKind.REPAIR:
        grid = gathered.week.grid
        built = build_booked(gathered, visits_between(work, grid.begins, grid.ends))
    else:
        built = build(gathered, _pins(row))
    asked = {
        "instance": built.instance.text,
        "solver": row.solver,
        "seed": row.seed,
        "steps": row.step_limit,
        "seconds": row.seconds,
        "repair_at": row.started_at.isoformat() if row.kind == RunKind.REPAIR else None,
    }
    return built, asked


def _pins(row: PlanRunRow) -> Pins:
    kept = {
        key: Pin(starts_at=datetime.fromisoformat(at), supervisor=AccountId(supervisor))
        for key, (at, supervisor) in row.pins.get("kept", {}).items()
    }
    return Pins(kept=kept, not_before=row.pins.get("not_before", {}))
