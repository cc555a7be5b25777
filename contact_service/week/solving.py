"""One door to every way of planning, and a kept run done again."""

from contact_service.week.best_fit import best_fit, first_fit
from contact_service.week.errors import BadWeek
from contact_service.week.instance import Instance
from contact_service.week.outcome import Limit, Outcome, Run, Solver
from contact_service.week.prepared import Prepared, prepare
from contact_service.week.recreate import recreate
from contact_service.week.set_packing import set_packing


def planned(prepared: Prepared, solver: Solver, *, seed: int, limit: Limit) -> Outcome:
    """A plan by ``solver``; raises ``PlannerMissing`` where it needs OR-Tools and there is none."""
    match solver:
        case Solver.FIRST_FIT:
            return Outcome(solution=first_fit(prepared).solution, steps=0)
        case Solver.BEST_FIT:
            return Outcome(solution=best_fit(prepared).solution, steps=0)
        case Solver.RECREATE:
            return recreate(prepared, seed=seed, limit=limit)
        case Solver.SET_PACKING:
            return set_packing(prepared, seed=seed, limit=limit)


def replayed(instance: Instance, run: Run) -> Outcome:
    """The plan of a kept run, made again; raises ``BadWeek`` when the run is of another week."""
    if instance.digest != run.instance:
        raise BadWeek("This run is of another week, or the week has changed since. Plan it again.")
    return planned(prepare(instance), run.solver, seed=run.seed, limit=Limit(steps=run.steps))
