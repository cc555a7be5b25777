"""Plans of weeks that were kept, and their visits within the actor's reach."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from contact_service.actor import Role
from contact_service.agency_week.run import (
    LOST_AFTER,
    RUNNING,
    DraftState,
    Opening,
    PlannedVisit,
    PlanRun,
    RunKind,
    RunState,
    Was,
)
from contact_service.agency_week.tables import PlanRunRow, PlanRunVisitRow
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import AccountId, CaseId, PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.of_another import hidden
from contact_service.visits.queries.reaching import wished_within
from contact_service.visits.wish import ChildWished
from contact_service.week.instance import Instance
from contact_service.week.kept import instance_from
from contact_service.week.outcome import Run, Solver
from contact_service.work import Work

_SEES = (Role.WORKER, Role.APPROVER, Role.AUDITOR, Role.COMMAND_LINE, Role.SERVICE_ACCOUNT)
_PLANS = (Role.WORKER, Role.APPROVER, Role.COMMAND_LINE)
_SHOWN = 20


def demand_may_see(work: Work) -> None:
    """Raise ``NotAllowed`` for whoever works with no case."""
    if not any(work.actor.has(role) for role in _SEES):
        raise NotAllowed("Only workers, approvers and auditors see the plan of a week.")


def demand_may_plan(work: Work) -> None:
    """Raise ``NotAllowed`` for whoever plans no visits."""
    if not any(work.actor.has(role) for role in _PLANS):
        raise NotAllowed("Only a worker or an approver can plan a week.")


def run_for(work: Work, run: str) -> PlanRun:
    """A run of the agency as it stands now; raises ``NotFound``."""
    return _run(work, run_row(work, run))


def run_row(work: Work, run: str) -> PlanRunRow:
    """Its row; raises ``NotFound``, ``NotAllowed``."""
    demand_may_see(work)
    row = work.session.get(PlanRunRow, run)
    if row is None or row.agency != work.agency:
        raise NotFound
    return row


def runs_of_week(work: Work, week: date) -> list[PlanRun]:
    """The newest runs for a week, the newest first."""
    demand_may_see(work)
    query = (
        select(PlanRunRow)
        .where(PlanRunRow.agency == work.agency, PlanRunRow.week_on == week)
        .order_by(col(PlanRunRow.started_at).desc(), col(PlanRunRow.id))
        .limit(_SHOWN)
    )
    return [_run(work, row) for row in work.session.exec(query)]


def any_running(work: Work) -> bool:
    """Whether somebody searches for a plan of the agency just now."""
    query = select(PlanRunRow.id).where(
        PlanRunRow.agency == work.agency,
        col(PlanRunRow.state).in_(RUNNING),
        PlanRunRow.seen_at > work.now - LOST_AFTER,
    )
    return work.session.exec(query.limit(1)).first() is not None


def visits_of_run(work: Work, run: str) -> list[PlannedVisit]:
    """The visits of a run within the actor's reach, in its order.

    Why a place has not cleared somebody of a shared visit is told to those alone who work with each of its children.
    """
    query = select(PlanRunVisitRow).where(PlanRunVisitRow.run_id == run).order_by(col(PlanRunVisitRow.number))
    rows = list(work.session.exec(query))
    reach = set(people.within_reach(work, dict.fromkeys(CaseId(row.case_id) for row in rows)))
    found = [_visit(row) for row in rows if row.case_id in reach]
    return [_as_told(work, one) if one.sharing else one for one in found]


def how_many_visits(work: Work, run: str) -> int:
    """The number of visits of a run, also of those out of the actor's reach."""
    demand_may_see(work)
    query = select(func.count()).select_from(PlanRunVisitRow).where(PlanRunVisitRow.run_id == run)
    return work.session.exec(query).one()


def _as_told(work: Work, one: PlannedVisit) -> PlannedVisit:
    children = (ChildWished(child=one.child, caregiver=one.caregiver), *one.sharing)
    if len(wished_within(work, children)) == len(children):
        return one
    reasons, refusal = (tuple(dict.fromkeys(map(hidden, kept))) for kept in (one.reasons, one.refusal))
    return replace(one, reasons=reasons, refusal=refusal)


def is_stop_asked(work: Work, run: str) -> bool:
    """Whether somebody wants the search to end."""
    row = work.session.get(PlanRunRow, run)
    return row is None or row.stop_asked_at is not None


def kept_instance(work: Work, run: str) -> Instance:
    """The week as it was planned."""
    return instance_from(run_row(work, run).instance)


def kept_run(work: Work, run: str) -> Run:
    """What it takes to do the run again."""
    row = run_row(work, run)
    return Run(
        version=row.version,
        instance=row.digest,
        solver=Solver(row.solver),
        seed=row.seed,
        steps=row.steps,
        total=row.points,
        plan=row.plan,
    )


def _run(work: Work, row: PlanRunRow) -> PlanRun:
    state = RunState(row.state)
    if state in RUNNING and row.seen_at + LOST_AFTER <= work.now:
        state = RunState.LOST
    weights: dict[str, int] = json.loads(row.instance)["weights"] if row.instance else {}
    return PlanRun(
        id=row.id,
        kind=RunKind(row.kind),
        week=row.week_on,
        zone=row.zone,
        solver=Solver(row.solver),
        version=row.version,
        seed=row.seed,
        step_limit=row.step_limit,
        seconds=row.seconds,
        state=state,
        failure=row.failure,
        digest=row.digest,
        plan=row.plan,
        policy_version=row.policy_version,
        steps=row.steps,
        points=row.points,
        placed=row.placed,
        wanted=row.wanted,
        score=row.score,
        bound=row.bound,
        weights=weights,
        started_by=row.started_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
        stop_asked=row.stop_asked_at is not None,
    )


def _visit(row: PlanRunVisitRow) -> PlannedVisit:
    wish = row.wish
    return PlannedVisit(
        id=VisitId(row.id),
        number=row.number,
        key=row.key,
        case=CaseId(row.case_id),
        child=PersonId(row.child_id),
        people=tuple(map(PersonId, wish["people"])),
        caregiver=PersonId(wish["caregiver"]) if wish["caregiver"] else None,
        sharing=tuple(_sharing(one) for one in wish["sharing"]),
        length=timedelta(minutes=wish["minutes"]),
        level=SupervisionLevel(wish["level"]),
        priority=row.priority,
        makes_up=row.makes_up,
        starts_at=row.starts_at,
        supervisor=AccountId(row.supervisor_id) if row.supervisor_id else None,
        duty=AccountId(row.duty_id) if row.duty_id else None,
        pinned=row.pinned,
        reasons=tuple(row.reasons),
        opening=_opening(row.opening),
        booked=VisitId(row.visit_id) if row.visit_id else None,
        state=DraftState(row.state),
        refusal=tuple(row.refusal),
        was=_was(wish.get("was")),
        in_week=wish.get("in_week"),
    )


def _was(kept: dict[str, str] | None) -> Was | None:
    if kept is None:
        return None
    return Was(
        starts_at=datetime.fromisoformat(kept["starts_at"]),
        supervisor=AccountId(kept["supervisor"]),
        duty=AccountId(kept["duty"]),
    )


def _sharing(kept: dict[str, Any]) -> ChildWished:
    carer = kept["caregiver"]
    return ChildWished(child=PersonId(kept["child"]), caregiver=PersonId(carer) if carer else None)


def _opening(kept: dict[str, Any] | None) -> Opening | None:
    if kept is None:
        return None
    return Opening(
        supervisor=AccountId(kept["supervisor"]),
        first=datetime.fromisoformat(kept["first"]),
        after=datetime.fromisoformat(kept["after"]),
        starts_at=datetime.fromisoformat(kept["starts_at"]),
    )
