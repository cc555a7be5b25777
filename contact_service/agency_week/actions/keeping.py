"""Keep a plan of the week while it is made: asked for, built, searched, done."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from contact_service.agency_week.answer import Draft, SearchAnswer
from contact_service.agency_week.building import Built
from contact_service.agency_week.queries.runs import any_running, demand_may_plan, run_row
from contact_service.agency_week.run import RUNNING, Asked, PlanUnderWay, RunState
from contact_service.agency_week.tables import PlanRunRow, PlanRunVisitRow
from contact_service.errors import BadInput, Conflict
from contact_service.week.outcome import VERSION, Progress
from contact_service.work import Work

_DAYS, _FARTHEST_DAYS = 7, 730


def start_run(work: Work, asked: Asked, *, zone: str) -> str:
    """Keep that somebody wants a week planned; returns the run's id.  Whoever searches comes next.

    Raises ``PlanUnderWay`` while another plan is made, ``BadInput`` for a week that is over or years ahead.
    """
    demand_may_plan(work)
    _demand_ahead(work, asked.week, zone)
    if any_running(work):
        raise PlanUnderWay
    row = PlanRunRow(
        id=work.new_id(),
        agency=work.agency,
        kind=asked.kind,
        week_on=asked.week,
        zone=zone,
        solver=asked.solver,
        version=VERSION,
        seed=asked.seed,
        step_limit=asked.steps,
        seconds=None if asked.steps is not None else asked.seconds,
        pins=_pins(work, asked),
        state=RunState.BUILDING,
        score={},
        started_by=work.actor.ref,
        started_at=work.now,
        seen_at=work.now,
    )
    work.session.add(row)
    return row.id


def _demand_ahead(work: Work, week: date, zone: str) -> None:
    """Also because days that no calendar has come after the last one."""
    today = work.now.astimezone(ZoneInfo(zone)).date()
    if (today - week).days >= _DAYS:
        raise BadInput("This week is over. Choose one that is not.", "week")
    if (week - today).days > _FARTHEST_DAYS:
        raise BadInput("Choose a week within the next two years.", "week")


def _pins(work: Work, asked: Asked) -> dict[str, Any]:
    """What stays: visits of an earlier draft, each where it was, unless it is not to be before another hour."""
    kept: dict[str, list[str]] = {}
    for visit in asked.kept:
        row = work.session.get(PlanRunVisitRow, visit)
        if row is None or row.key in asked.not_before:
            continue
        if row.starts_at is not None and row.supervisor_id is not None:
            kept[row.key] = [row.starts_at.isoformat(), row.supervisor_id]
    return {"kept": kept, "not_before": dict(asked.not_before)}


def built(work: Work, run: str, week: Built) -> None:
    """Keep the week that is about to be searched."""
    row = run_row(work, run)
    row.state, row.seen_at = RunState.SEARCHING, work.now
    row.instance, row.digest = week.instance.text, week.instance.digest
    row.wanted = len(week.wants)
    row.policy_version = week.gathered.policy_version
    work.session.add(row)


def told(work: Work, run: str, progress: Progress) -> bool:
    """Keep how far the search is; False when somebody wants it to end."""
    row = run_row(work, run)
    row.steps, row.points, row.placed = progress.steps, progress.points, progress.placed
    row.seen_at = work.now
    work.session.add(row)
    return row.stop_asked_at is None


def ask_to_stop(work: Work, run: str) -> None:
    """Let the search end with the best so far; of a run that is over nothing changes."""
    demand_may_plan(work)
    row = run_row(work, run)
    if RunState(row.state) in RUNNING and row.stop_asked_at is None:
        row.stop_asked_at = work.now
        work.session.add(row)


def finish(work: Work, run: str, answer: SearchAnswer, drafts: Sequence[Draft]) -> None:
    """Keep the plan that was found, and every visit of it; raises ``Conflict`` for a run that is over."""
    row = run_row(work, run)
    if RunState(row.state) not in RUNNING:
        raise Conflict("This plan is finished already.")
    row.state = RunState.STOPPED if answer.stopped else RunState.DONE
    row.steps, row.score, row.points = answer.steps, dict(answer.score), sum(answer.score.values())
    row.placed, row.plan, row.bound = answer.placed_count, answer.plan, answer.bound
    row.seen_at = row.ended_at = work.now
    work.session.add(row)
    for number, draft in enumerate(drafts):
        work.session.add(_visit_row(work, run, number, draft))


def _visit_row(work: Work, run: str, number: int, draft: Draft) -> PlanRunVisitRow:
    want, place = draft.want, draft.place
    return PlanRunVisitRow(
        id=work.new_id(),
        run_id=run,
        number=number,
        key=want.key,
        case_id=want.case,
        child_id=want.child,
        wish={
            "people": list(want.people),
            "caregiver": want.caregiver,
            "sharing": [{"child": one.child, "caregiver": one.caregiver} for one in want.sharing],
            "minutes": int(want.length.total_seconds() // 60),
            "level": want.level,
            "was": _was(draft),
            "in_week": want.in_week,
        },
        priority=draft.priority,
        makes_up=want.makes_up,
        starts_at=place.starts_at if place else None,
        supervisor_id=place.supervisor if place else None,
        duty_id=place.duty if place else None,
        pinned=draft.pinned,
        reasons=list(draft.reasons),
        opening=draft.opening,
        visit_id=want.visit,
        refusal=[],
    )


def _was(draft: Draft) -> dict[str, str] | None:
    """When a booked visit is now and with whom, so that what somebody changes meanwhile is seen."""
    if draft.was is None:
        return None
    visit = draft.was
    return {"starts_at": visit.starts_at.isoformat(), "supervisor": visit.supervisor, "duty": visit.duty}


def fail(work: Work, run: str, why: str) -> None:
    """Keep that a search came to nothing; of a run that is over nothing changes."""
    row = run_row(work, run)
    if RunState(row.state) in RUNNING:
        row.state, row.failure, row.ended_at = RunState.FAILED, why, work.now
        work.session.add(row)
