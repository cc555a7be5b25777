"""The week: what is booked, and plans of it; asking for the visits of a plan is for people."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import Field

from contact_service.agency_week.actions import keeping
from contact_service.agency_week.actions.accepting import Accepted, accept
from contact_service.agency_week.carrying import carry_out_beside
from contact_service.agency_week.queries.runs import how_many_visits, run_for, runs_of_week, visits_of_run
from contact_service.agency_week.run import (
    MOST_SECONDS,
    MOST_STEPS,
    Asked,
    DraftState,
    PlannedVisit,
    PlanRun,
    RunKind,
    RunState,
    Was,
)
from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import (
    MOST_ENTRIES,
    AnId,
    Answer,
    Body,
    Day,
    Done,
    Id,
    Nothing,
)
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.problems import RefusingRule
from contact_service.api.v1.visits import KnownVisit, shown
from contact_service.errors import BadInput
from contact_service.plans.terms import SupervisionLevel
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.finding import visits_between
from contact_service.week.outcome import Solver

router = APIRouter(route_class=OnceRoute, tags=["weeks"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Asker = Annotated[Desk, writing(Scope.VISITS_REQUEST)]
Decider = Annotated[Desk, deciding()]
_MOST = 2000
AgencyMinute = Annotated[
    int, Field(ge=0, le=24 * 60, description="Minutes after midnight by the agency's clock.")
]
Monday = Annotated[Day, Field(description="A Monday.", examples=["2030-05-20"])]


class WeekBody(Body):
    """A week to plan.  With ``steps`` the same week is planned the same on every machine."""

    week: Monday
    kind: RunKind = RunKind.PLAN
    solver: Solver = Solver.RECREATE
    seed: Annotated[int, Field(ge=0, lt=1 << 31)] = 1
    seconds: Annotated[int, Field(ge=1, le=MOST_SECONDS)] = 30
    steps: Annotated[int | None, Field(ge=0, le=MOST_STEPS)] = None
    kept: Annotated[list[Id], Field(max_length=_MOST)] = Field(
        default_factory=list, description="Visits of an earlier draft that stay where they are."
    )
    not_before: dict[str, AgencyMinute] = Field(
        default_factory=dict, description="By the key of a visit of an earlier draft.", max_length=_MOST
    )


class AcceptDraft(Body):
    """Which visits of a draft shall be asked for; null for the first fifty with a place that nobody has accepted."""

    visits: Annotated[list[Id] | None, Field(max_length=MOST_ENTRIES)] = None


class OpeningHours(Answer):
    """A visit would start at ``starts_at`` if this supervisor were there from ``first`` until ``after``."""

    supervisor: str
    first: datetime
    after: datetime
    starts_at: datetime


class StoodBefore(Answer):
    """When a booked visit was when its week was read, and with whom."""

    starts_at: datetime
    visit_supervisor: str
    duty: str


class DraftVisit(Answer):
    """A visit of a plan; without a place ``starts_at``, ``visit_supervisor`` and ``duty`` are null."""

    id: str
    key: str
    child: str
    people: list[str]
    sharing: list[str]
    minutes: int
    level: SupervisionLevel
    priority: str = Field(examples=["court"])
    starts_at: datetime | None
    visit_supervisor: str | None
    duty: str | None
    reasons: list[str] = Field(examples=[["usual_time", "knows_best"]])
    opening: OpeningHours | None
    booked: str | None = Field(description="The booked visit that would change.")
    before: StoodBefore | None = Field(description="Of a booked visit; it stands so until it is changed.")
    state: DraftState
    refusal: list[str]


class WeekPlan(Answer):
    """A plan of a week, and how far it is.  ``bound``: no plan could have more points."""

    id: str
    kind: RunKind
    week: date
    zone: str = Field(description="By whose clock the days of the week are.", examples=["Europe/London"])
    state: RunState
    stop_asked: bool
    solver: Solver
    version: str
    seed: int
    steps: int
    placed: int
    wanted: int
    points: int
    score: dict[str, int]
    weights: dict[str, int]
    policy_version: int = Field(description="Whose weights they are; 0 before the week was read.")
    bound: float | None
    instance: str
    plan: str
    started_by: str = Field(description="Whoever planned it, as the evidence log calls them.")
    started_at: datetime
    ended_at: datetime | None


class WholePlan(WeekPlan):
    """A plan with the visits within reach; ``hidden``: so many others are of children out of reach."""

    visits: list[DraftVisit]
    hidden: int


class AcceptedVisit(Answer):
    """What became of one visit of a draft; ``visit`` is null where it was refused."""

    draft: str
    visit: str | None
    rules: list[RefusingRule]
    trouble: str


@router.get("/weeks/{monday}/visits", operation_id="listWeek", summary="The visits of a week")
def week(desk: Reader, request: Request, monday: Monday) -> list[KnownVisit]:
    """Within reach, by start; days are those of the agency."""
    _demand_monday(monday)
    zone = ZoneInfo(request.app.state.zone)
    first, last = (
        datetime.combine(day, time.min, tzinfo=zone) for day in (monday, monday + timedelta(days=7))
    )
    return [shown(desk.work, visit) for visit in visits_between(desk.work, first, last)]


@router.post("/plan-runs", operation_id="planWeek", summary="Plan a week", status_code=201)
def plan(desk: Asker, request: Request, body: WeekBody) -> Done:
    """Begins a search; `GET /plan-runs/{plan_run}` tells how far it is.  Nobody is told of a draft."""
    asked = Asked(
        week=body.week,
        kind=body.kind,
        solver=body.solver,
        seed=body.seed,
        seconds=body.seconds,
        steps=body.steps,
        kept=tuple(body.kept),
        not_before=body.not_before,
    )
    run = keeping.start_run(desk.work, asked, zone=request.app.state.zone)
    carry_out_beside(desk.installation, desk.work.actor, run)
    return Done(id=run, at=desk.work.now)


@router.get("/plan-runs", operation_id="listPlanRuns", summary="The newest plans of a week")
def plans(desk: Reader, week: Annotated[Monday, Query()]) -> list[WeekPlan]:
    """Newest first."""
    return [WeekPlan(**_facts(run)) for run in runs_of_week(desk.work, week)]


@router.get("/plan-runs/{plan_run}", operation_id="readPlanRun", summary="One plan, with its visits")
def read_plan(desk: Reader, plan_run: AnId) -> WholePlan:
    """The visits are there once it is done."""
    run = run_for(desk.work, plan_run)
    visits = [_visit(one) for one in visits_of_run(desk.work, plan_run)]
    hidden = how_many_visits(desk.work, plan_run) - len(visits)
    return WholePlan(**_facts(run), visits=visits, hidden=hidden)


@router.post("/plan-runs/{plan_run}/stop", operation_id="stopPlanRun", summary="End a search")
def stop(desk: Asker, plan_run: AnId, body: Nothing) -> Done:  # noqa: ARG001  refuses unknown members
    """The best plan so far is kept."""
    keeping.ask_to_stop(desk.work, plan_run)
    return Done(id=plan_run, at=desk.work.now)


@router.post(
    "/plan-runs/{plan_run}/accept", operation_id="acceptPlanRun", summary="Ask for the visits of a plan"
)
def accepted(desk: Decider, plan_run: AnId, body: AcceptDraft) -> list[AcceptedVisit]:
    """Each by every rule of booking; what is refused comes with its rules, the others are asked for.  Once each."""
    return [_accepted(one) for one in accept(desk.work, plan_run, body.visits, most=MOST_ENTRIES)]


def _demand_monday(day: date) -> None:
    if day.weekday():
        raise BadInput("A week begins on a Monday. Choose one.", "monday")


def _facts(run: PlanRun) -> dict[str, Any]:
    names = WeekPlan.model_fields.keys() - {"instance"}
    return {name: getattr(run, name) for name in names} | {"instance": run.digest}


def _visit(one: PlannedVisit) -> DraftVisit:
    return DraftVisit(
        id=one.id,
        key=one.key,
        child=one.child,
        people=list(one.people),
        sharing=[other.child for other in one.sharing],
        minutes=int(one.length.total_seconds() // 60),
        level=one.level,
        priority=one.priority,
        starts_at=one.starts_at,
        visit_supervisor=one.supervisor,
        duty=one.duty,
        reasons=list(one.reasons),
        opening=OpeningHours(**vars(one.opening)) if one.opening else None,
        booked=one.booked,
        before=_before(one.was),
        state=one.state,
        refusal=list(one.refusal),
    )


def _before(was: Was | None) -> StoodBefore | None:
    if was is None:
        return None
    return StoodBefore(starts_at=was.starts_at, visit_supervisor=was.supervisor, duty=was.duty)


def _accepted(one: Accepted) -> AcceptedVisit:
    return AcceptedVisit(
        draft=one.planned.id,
        visit=one.visit,
        rules=problems.rules_of(one.refused.reasons if one.refused else ()),
        trouble=one.trouble,
    )
