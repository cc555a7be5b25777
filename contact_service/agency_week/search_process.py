"""The search, in a process of its own: a week as one line of JSON comes in, lines of progress and one answer go out.

It holds no database and no key.  A line ``stop``, or the end of what comes in, ends it with the best plan so far: when
whoever asked is gone, nobody searches on.
"""

import json
import sys
import threading
import time
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from contact_service.week.bound import upper_bound
from contact_service.week.errors import BadWeek, PlannerMissing
from contact_service.week.instance import Instance
from contact_service.week.judge import score, validate
from contact_service.week.kept import instance_from
from contact_service.week.outcome import Limit, Outcome, Progress, Solver
from contact_service.week.prepared import prepare
from contact_service.week.repair import repair
from contact_service.week.solving import planned
from contact_service.week.unplaced import Unplaced, unplaced

_EVERY = 0.25  # seconds between two lines of progress
_BOUND_SECONDS = 10.0
_REPAIR_STEPS = 3000


def main() -> int:
    """Answer the one question that is asked; 2 for one that cannot be."""
    try:
        asked = json.loads(sys.stdin.readline())
        instance = instance_from(asked["instance"])
        stop = threading.Event()
        threading.Thread(target=_listen, args=(stop,), daemon=True).start()
        answer = answered(instance, asked, _Watch(stop, asked["seconds"]))
    except (BadWeek, PlannerMissing, ValueError, KeyError) as error:
        _say({"failed": type(error).__name__})
        return 2
    _say({"done": answer})
    return 0


def _listen(stop: threading.Event) -> None:
    sys.stdin.readline()
    stop.set()


class _Watch:
    """Tells of the progress, and ends the search when the time is over or somebody says so."""

    def __init__(self, stop: threading.Event, seconds: float | None) -> None:
        self.stop, self._began, self._said = stop, time.monotonic(), -_EVERY
        self._seconds = seconds

    def __call__(self, progress: Progress) -> bool:
        passed = time.monotonic() - self._began
        if passed - self._said >= _EVERY:
            self._said = passed
            _say(asdict(progress))
        return not self.stop.is_set() and (self._seconds is None or passed < self._seconds)


def answered(instance: Instance, asked: dict[str, Any], watch: _Watch) -> dict[str, Any]:
    """The best plan, its points part by part, why others have no place, and how good any plan could be."""
    limit = Limit(steps=asked["steps"], watch=watch)
    instance, outcome = searched(instance, asked, limit)
    faults = validate(instance, outcome.solution)
    if faults:  # never seen; a plan that breaks a rule is shown to nobody
        raise BadWeek(f"The plan breaks {faults[0].rule}.")
    prepared = prepare(instance)
    return {
        "placed": [list(place) if place else None for place in outcome.solution.placed],
        "steps": outcome.steps,
        "score": asdict(score(instance, outcome.solution)),
        "plan": outcome.solution.digest,
        "stopped": watch.stop.is_set(),
        "unplaced": [_plain(one) for one in unplaced(prepared, outcome.solution)],
        "bound": None if watch.stop.is_set() or not asked["bound"] else _bound(instance),
    }


def searched(instance: Instance, asked: dict[str, Any], limit: Limit) -> tuple[Instance, Outcome]:
    """The plan, and the week of which it is one: in a repair, what begins soon is pinned."""
    seed: int = asked["seed"]
    if asked["repair_at"] is None:
        return instance, planned(prepare(instance), Solver(asked["solver"]), seed=seed, limit=limit)
    steps = _REPAIR_STEPS if limit.steps is None else limit.steps
    at = datetime.fromisoformat(asked["repair_at"])
    mended = repair(instance, at=at, seed=seed, limit=replace(limit, steps=steps))
    return mended.instance, mended.outcome


def _bound(instance: Instance) -> float | None:
    try:
        return upper_bound(prepare(instance), seconds=_BOUND_SECONDS)
    except PlannerMissing:
        return None


def _plain(one: Unplaced) -> dict[str, Any]:
    return {
        "visit": one.visit,
        "why": one.why.value,
        "opening": asdict(one.opening) if one.opening else None,
    }


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
