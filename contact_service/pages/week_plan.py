"""Plan a week: press, watch it search, stop it; look at the draft, accept it or plan again around what should stay."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_week.accepting_parts import accept_in_parts
from contact_service.agency_week.actions import keeping
from contact_service.agency_week.carrying import carry_out_beside
from contact_service.agency_week.queries.runs import (
    demand_may_plan,
    demand_may_see,
    how_many_visits,
    run_for,
    runs_of_week,
    visits_of_run,
)
from contact_service.agency_week.run import Asked, RunKind
from contact_service.errors import BadInput, NotFound
from contact_service.pages.access import AnId, Desk, StaffForm, StaffQuestion, StaffReading
from contact_service.pages.forms import Posted, minute_of, problem
from contact_service.pages.rendering import render
from contact_service.pages.week import monday_of, today_of
from contact_service.pages.week_draft import draft_shown, results_shown, run_shown
from contact_service.work import read

router = APIRouter()
_REFRESH = {"Refresh": "3"}
SECONDS = (10, 30, 60, 120)


class PlanForm(Posted):
    """A week to plan.  ``chosen`` are visits of ``run`` that stay; ``after`` goes with ``keys``: not before a time."""

    week: str = ""
    seconds: str = "30"
    kind: str = "plan"
    run: str = ""
    chosen: list[str] = Field(default_factory=list, max_length=2000)
    keys: list[str] = Field(default_factory=list, max_length=2000)
    after: list[str] = Field(default_factory=list, max_length=2000)


class AcceptForm(PlanForm):
    """The visits of a draft that shall be asked for."""


@router.get("/w/week/plan")
def plan_page(desk: StaffReading, week: Annotated[str, Query(max_length=10)] = "") -> HTMLResponse:
    """Choose a week; the plans that were made for it."""
    demand_may_see(desk.work)
    monday = monday_of(desk, week) if week else monday_of(desk, "") + timedelta(days=7)
    return _plan_page(desk, monday)


def _plan_page(desk: Desk, monday: date, errors: list[dict[str, str]] | None = None) -> HTMLResponse:
    context = desk.context(
        monday=monday,
        sunday=monday + timedelta(days=6),
        previous=monday - timedelta(days=7),
        next=monday + timedelta(days=7),
        is_past=monday + timedelta(days=6) < today_of(desk),
        may_plan=_may_plan(desk),
        seconds=[str(one) for one in SECONDS],
        runs=[run_shown(desk, run) for run in runs_of_week(desk.work, monday)],
        errors=errors or [],
    )
    page = render("staff/week_plan.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _may_plan(desk: Desk) -> bool:
    return desk.work.actor.has(Role.WORKER) or desk.work.actor.has(Role.APPROVER)


@router.post("/w/week/plan")
def plan(desk: StaffForm, form: Annotated[PlanForm, Form()]) -> Response:
    """Plan the week beside the pages, and show how far it is."""
    demand_may_plan(desk.work)
    try:
        run = keeping.start_run(desk.work, _asked(form), zone=desk.site.zone)
    except BadInput as error:
        return _plan_page(desk, monday_of(desk, form.week), problem(error))
    carry_out_beside(desk.site.installation, desk.work.actor, run)
    return RedirectResponse(f"/w/week/plan/{run}", status_code=303)


def _asked(form: PlanForm) -> Asked:
    try:
        week = date.fromisoformat(form.week)
        seconds = int(form.seconds)
        kind = RunKind(form.kind)
    except ValueError:
        raise BadInput("Choose a week that begins on a Monday.", "week") from None
    pairs = zip(form.keys, form.after, strict=False)
    not_before = {key: minute_of(typed, "week") for key, typed in pairs if typed}
    return Asked(week=week, kind=kind, seconds=seconds, kept=tuple(form.chosen), not_before=not_before)


@router.get("/w/week/plan/{plan_run}")
def run_page(desk: StaffReading, plan_run: AnId) -> HTMLResponse:
    """How far the search is, or the draft it came to."""
    return _run_page(desk, plan_run)


def _run_page(desk: Desk, plan_run: str, results: dict[str, object] | None = None) -> HTMLResponse:
    run = run_for(desk.work, plan_run)
    visits = visits_of_run(desk.work, plan_run)
    context = desk.context(
        run=run_shown(desk, run),
        draft=draft_shown(desk, run, visits) | {"hidden": how_many_visits(desk.work, plan_run) - len(visits)},
        may_accept=desk.work.actor.has(Role.WORKER),
        may_plan=_may_plan(desk),
        results=results,
        now=desk.work.now,
    )
    page = render("staff/week_draft.html", context, zone=run.zone)
    status = 409 if results and results["refused"] else 200
    return HTMLResponse(page, status_code=status, headers=_REFRESH if run.is_running else None)


@router.post("/w/week/plan/{plan_run}/stop")
def stop(desk: StaffForm, plan_run: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001  the form's token
    """End the search with the best plan so far."""
    keeping.ask_to_stop(desk.work, plan_run)
    return RedirectResponse(f"/w/week/plan/{plan_run}", status_code=303)


@router.post("/w/week/plan/{plan_run}/accept")
def accept_draft(desk: StaffQuestion, plan_run: AnId, form: Annotated[AcceptForm, Form()]) -> Response:
    """Ask for the chosen visits, each by every rule; what is refused is listed with its rule."""
    if not form.chosen:
        error = [{"id": "", "name": "", "rule": "", "text": "Choose at least one visit."}]
        run_for(desk.work, plan_run)
        return _run_page(desk, plan_run, {"asked": 0, "refused": error})
    known = {one.id for one in visits_of_run(desk.work, plan_run)}
    if not set(form.chosen) <= known:
        raise NotFound
    installation, actor = desk.site.installation, desk.work.actor
    done = accept_in_parts(installation, actor, plan_run, form.chosen)
    with read(installation, actor) as work:
        return _run_page(replace(desk, work=work), plan_run, results_shown(desk, done))
