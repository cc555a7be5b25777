"""How well and how fast the week of an invented agency is planned; in every mode an independent validator looks.

Seconds are those of the processor: what else the machine does is not counted, and one core is used.

First-fit, as most people would write it, is the peer in the same run; where OR-Tools is, the bound of the linear
programme says how much better any plan could be.
"""

import json
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from contact_service.bench.visitgen.changes import bad_morning, next_week
from contact_service.bench.visitgen.reading import instance_of, plan_of
from contact_service.bench.visitgen.wall import Document
from contact_service.bench.visitgen.week import Order, digest, invent
from contact_service.bench.week_validator import troubles
from contact_service.week.best_fit import best_fit, first_fit
from contact_service.week.board import Board
from contact_service.week.bound import upper_bound
from contact_service.week.errors import PlannerMissing
from contact_service.week.instance import Instance, Solution
from contact_service.week.judge import Score, score, validate
from contact_service.week.measures import measured
from contact_service.week.outcome import Limit, Outcome, Progress, Solver, run_of
from contact_service.week.prepared import Prepared, prepare
from contact_service.week.repair import repair
from contact_service.week.solving import planned
from contact_service.week.unplaced import unplaced

MODES = ("stress", "planted", "dst", "repair", "rolling")
_WEEKS, _REPAIR_STEPS = 8, 3000
Figures = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is measured.  ``steps`` instead of ``seconds`` makes the plan the same on every machine."""

    order: Order
    solver: Solver
    seconds: float
    steps: int | None
    bound_seconds: float


def run(asked: Asked, *, json_output: bool) -> int:
    """Plan and print the figures; 1 when a plan breaks a hard rule."""
    figures = _FIGURES.get(asked.order.mode, _one_week)(asked)
    figures["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if json_output:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name.replace('_', ' '):24} {_shown(value)}" for name, value in figures.items()))
    return 1 if figures["violations"] else 0


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_shown(one)}" for name, one in value.items())
    return str(value)


def _one_week(asked: Asked) -> Figures:
    document = invent(asked.order)
    instance = instance_of(document)
    prepared = prepare(instance)
    outcome, seconds = _planned(asked, prepared, asked.seconds)
    figures = _named(asked, document, instance) | _plan_figures(document, instance, outcome.solution)
    figures |= {
        "seconds": seconds,
        "steps": outcome.steps,
        "first_fit": _quick(prepared, first_fit),
        "best_fit": _quick(prepared, best_fit),
        "run": run_of(instance, asked.solver, asked.order.seed, outcome).text(),
    }
    return figures | _bounded(asked, prepared, figures)


def _named(asked: Asked, document: Document, instance: Instance) -> Figures:
    return {
        "mode": asked.order.mode,
        "seed": asked.order.seed,
        "solver": asked.solver.value,
        "workers": len(instance.workers),
        "children": sum(one["kind"] == "child" for one in document["parties"]),
        "document": digest(document),
    }


def _planned(asked: Asked, prepared: Prepared, seconds: float) -> tuple[Outcome, float]:
    began = time.process_time()

    def watch(_progress: Progress) -> bool:
        return asked.steps is not None or time.process_time() - began < seconds

    outcome = planned(
        prepared, asked.solver, seed=asked.order.seed, limit=Limit(steps=asked.steps, watch=watch)
    )
    return outcome, round(time.process_time() - began, 2)


def _plan_figures(document: Document, instance: Instance, solution: Solution) -> Figures:
    points: Score = score(instance, solution)
    return {
        **asdict(measured(instance, solution)),
        "points": points.total,
        "parts": asdict(points),
        "violations": len(_violations(document, instance, solution)),
    }


def _violations(document: Document, instance: Instance, solution: Solution) -> list[object]:
    """What the judge and the independent validator find."""
    return [*validate(instance, solution), *troubles(document, plan_of(instance, solution.placed))]


def _quick(prepared: Prepared, solver: Callable[[Prepared], Board]) -> Figures:
    took = []
    board = solver(prepared)
    for _ in range(5):
        began = time.process_time()
        board = solver(prepared)
        took.append(time.process_time() - began)
    points = score(prepared.instance, board.solution).total
    return {"ms": round(sorted(took)[2] * 1e3, 1), "points": points, "placed": len(board.solution.numbers)}


def _bounded(asked: Asked, prepared: Prepared, figures: Figures) -> Figures:
    """What share of the bound is reached; nothing where there is no OR-Tools or no time for it."""
    if asked.bound_seconds <= 0:
        return {}
    try:
        bound = upper_bound(prepared, seconds=asked.bound_seconds)
    except PlannerMissing:
        return {"bound": "OR-Tools is not installed"}
    shares = {name: figures[name]["points"] for name in ("first_fit", "best_fit")} | {
        "plan": figures["points"]
    }
    return {
        "bound": round(bound, 1),
        "percent_of_bound": {n: round(100 * p / bound, 2) for n, p in shares.items()},
    }


def _repair(asked: Asked) -> Figures:
    """Plan a week, let Monday morning happen, and mend it."""
    document = invent(asked.order)
    before = instance_of(document)
    plan, seconds = _planned(asked, prepare(before), asked.seconds)
    morning = bad_morning(document, plan_of(before, plan.solution.placed))
    broken = instance_of(morning.document)
    began = time.process_time()
    mended = repair(broken, at=morning.at, seed=asked.order.seed, limit=Limit(steps=_REPAIR_STEPS))
    took = time.process_time() - began
    after = mended.outcome.solution
    reasons = [
        one.why.value for one in unplaced(prepare(mended.instance), after) if one.visit in set(mended.lost)
    ]
    return _named(asked, document, before) | {
        **_plan_figures(morning.document, mended.instance, after),
        "plan_seconds": seconds,
        "repair_seconds": round(took, 2),
        "affected": len(mended.affected),
        "moved": len(mended.moved),
        "lost": len(mended.lost),
        "lost_because": {why: reasons.count(why) for why in sorted(set(reasons))},
        "moved_within_notice": _moved_soon(mended.instance, after),
    }


def _moved_soon(instance: Instance, after: Solution) -> int:
    return sum(
        visit.pinned and place is not None and visit.booked is not None and place.start != visit.booked.start
        for visit, place in zip(instance.visits, after.placed, strict=True)
    )


def _rolling(asked: Asked) -> Figures:
    """Eight weeks in a row: what was held is the usual time, what was lost is owed."""
    document, weeks, violations = invent(asked.order), [], 0
    figures: Figures = _named(asked, document, instance_of(document))
    for number in range(1, _WEEKS + 1):
        instance = instance_of(document)
        outcome, seconds = _planned(asked, prepare(instance), asked.seconds / _WEEKS)
        week = _plan_figures(document, instance, outcome.solution) | {"seconds": seconds}
        violations += week["violations"]
        weeks.append(
            {name: week[name] for name in ("visits", "placed", "known_percent", "usual_percent", "seconds")}
        )
        document = next_week(document, plan_of(instance, outcome.solution.placed), number)
    return figures | {"violations": violations, **{f"week_{n}": week for n, week in enumerate(weeks, 1)}}


_FIGURES: dict[str, Callable[[Asked], Figures]] = {"repair": _repair, "rolling": _rolling}
