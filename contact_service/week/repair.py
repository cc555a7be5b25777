"""When a planned week is broken by illness, a lockdown or a move: mend it, and leave as much as can be as it was."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contact_service.week.best_fit import fill
from contact_service.week.board import Board
from contact_service.week.instance import Instance, Placement, Solution, with_visits
from contact_service.week.outcome import Limit, Outcome
from contact_service.week.prepared import Prepared, prepare
from contact_service.week.recreate import recreate

NOTICE = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A mended week, for a person to accept.

    ``affected``: booked visits that cannot be as they were.  ``moved``: booked visits at another time or with other
    workers, the affected among them.  ``lost``: booked visits without a place: somebody must call the families.
    """

    instance: Instance
    outcome: Outcome
    affected: tuple[int, ...]
    moved: tuple[int, ...]
    lost: tuple[int, ...]


def booked(instance: Instance, solution: Solution) -> Instance:
    """The week with the places of ``solution`` as what is booked."""
    pairs = zip(instance.visits, solution.placed, strict=True)
    return with_visits(instance, (replace(visit, booked=place) for visit, place in pairs))


def pinned(instance: Instance, *, at: datetime, notice: timedelta = NOTICE) -> Instance:
    """The week with every visit pinned that has begun by ``at``, or begins within ``notice`` from then."""
    soon = at + notice
    return with_visits(
        instance,
        (
            replace(one, pinned=True)
            if one.booked is not None and instance.starts_at(one.booked) < soon
            else one
            for one in instance.visits
        ),
    )


def repair(instance: Instance, *, at: datetime, seed: int, limit: Limit) -> Repair:
    """Plan the booked visits of ``instance`` again, whose hours are those that are known ``at`` that instant.

    No booked visit gives way to one that had no place; those come last, where they disturb nobody.
    """
    week = pinned(instance, at=at)
    prepared = prepare(week)
    was = Solution(placed=tuple(visit.booked for visit in week.visits))
    affected = _affected(prepared, was)
    only = frozenset(was.numbers)
    outcome = (
        recreate(prepared, seed=seed, limit=limit, begin=was, only=only)
        if affected
        else Outcome(solution=was, steps=0)
    )
    board = Board(prepared)
    board.load_from(outcome.solution)
    fill(board)
    after = board.solution
    return Repair(
        instance=week,
        outcome=Outcome(solution=after, steps=outcome.steps),
        affected=affected,
        moved=tuple(n for n in was.numbers if (place := after.placed[n]) and _differs(was.placed[n], place)),
        lost=tuple(number for number in was.numbers if after.placed[number] is None),
    )


def _affected(prepared: Prepared, was: Solution) -> tuple[int, ...]:
    board = Board(prepared)
    board.load_from(was)
    return tuple(number for number in was.numbers if board.placed[number] is None)


def _differs(was: Placement | None, now: Placement) -> bool:
    return was is None or (was.start, was.workers) != (now.start, now.workers)
