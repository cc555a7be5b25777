"""A kept plan made again from what was kept: the same week, solver, seed and steps lead to the same plan."""

from dataclasses import dataclass

from contact_service.agency_week.queries.runs import kept_instance, kept_run, run_for
from contact_service.agency_week.run import NothingPlanned, RunKind, RunState
from contact_service.agency_week.search_process import searched
from contact_service.week.errors import BadWeek
from contact_service.week.judge import score
from contact_service.week.outcome import VERSION, Limit
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What was kept, and what came out now."""

    kept_points: int
    kept_plan: str
    points: int
    plan: str

    @property
    def is_same(self) -> bool:
        """Whether every visit is where it was."""
        return (self.kept_points, self.kept_plan) == (self.points, self.plan)


def replay(work: Work, run_id: str) -> Replay:
    """The plan of a run, made again; raises ``NothingPlanned`` without a plan, ``BadWeek`` for another release."""
    run = run_for(work, run_id)
    if run.state not in (RunState.DONE, RunState.STOPPED):
        raise NothingPlanned
    if run.version != VERSION:
        raise BadWeek(f"This plan was made by planner {run.version}; this is {VERSION}. Plan the week again.")
    kept, instance = kept_run(work, run_id), kept_instance(work, run_id)
    if instance.digest != kept.instance:
        raise BadWeek("What was kept of this week is damaged. Plan it again.")
    at = run.started_at.isoformat() if run.kind is RunKind.REPAIR else None
    asked = {"solver": kept.solver, "seed": kept.seed, "repair_at": at}
    week, outcome = searched(instance, asked, Limit(steps=kept.steps))
    return Replay(
        kept_points=kept.total,
        kept_plan=kept.plan,
        points=score(week, outcome.solution).total,
        plan=outcome.solution.digest,
    )
