"""What a solver hands back, when it stops, and a run that was kept so that it can be done again."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

from contact_service.week.errors import BadWeek
from contact_service.week.instance import Instance, Solution, canonical
from contact_service.week.judge import score

VERSION = "week/1"


class Solver(StrEnum):
    """The ways of planning a week."""

    FIRST_FIT = "first-fit"
    BEST_FIT = "best-fit"
    RECREATE = "recreate"
    SET_PACKING = "set-packing"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a search is: whole steps done, the points of the best plan so far, and how many visits it places."""

    steps: int
    points: int
    placed: int


Watch = Callable[[Progress], bool]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """When a search ends: after ``steps`` (None: never), or when ``watch`` says False.

    A search that was stopped after n steps is the same as one that was allowed n.
    """

    steps: int | None = None
    watch: Watch | None = None

    def goes_on(self, progress: Progress) -> bool:
        """Whether another step may be taken."""
        if self.steps is not None and progress.steps >= self.steps:
            return False
        return self.watch is None or self.watch(progress)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A plan, and the steps that led to it: ``steps`` given as a limit lead there again."""

    solution: Solution
    steps: int


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as it is kept: what was planned, how, and what came of it."""

    version: str
    instance: str
    solver: Solver
    seed: int
    steps: int
    total: int
    plan: str

    def text(self) -> str:
        """Canonical JSON, which ``run_from`` reads."""
        return canonical(asdict(self)).decode()


def run_of(instance: Instance, solver: Solver, seed: int, outcome: Outcome) -> Run:
    """The run that led to ``outcome``, ready to be kept."""
    return Run(
        version=VERSION,
        instance=instance.digest,
        solver=solver,
        seed=seed,
        steps=outcome.steps,
        total=score(instance, outcome.solution).total,
        plan=outcome.solution.digest,
    )


def run_from(text: str) -> Run:
    """The run that was kept as ``text``; raises ``BadWeek`` when it is none, or of another version."""
    try:
        kept = json.loads(text)
        run = Run(**{**kept, "solver": Solver(kept["solver"])})
    except (ValueError, KeyError, TypeError):
        raise BadWeek("This is not a run of the planner.") from None
    if run.version != VERSION:
        raise BadWeek(f"This run was made by planner {run.version}; this is {VERSION}. Plan the week again.")
    return run
