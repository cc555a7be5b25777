"""For each visit that found no place: why, in plain words, and which hour of which worker would give it one."""

from dataclasses import dataclass
from enum import StrEnum

from contact_service.scheduling.grid import each
from contact_service.texts import N_
from contact_service.week.board import Board
from contact_service.week.instance import Instance, Solution, Wanted
from contact_service.week.prepared import Prepared, Ready, feasible


class Why(StrEnum):
    """The first thing that stands in the way."""

    NEVER_TOGETHER = "never_together"
    DAYS_TAKEN = "days_taken"
    PEOPLE_TAKEN = "people_taken"
    POOL_FULL = "pool_full"
    NOBODY_ABLE = "nobody_able"
    NO_WORKER = "no_worker"
    NO_INTERPRETER = "no_interpreter"
    ROOM_LEFT = "room_left"


WORDS = {
    Why.NEVER_TOGETHER: N_("The people who must be there are never all free for long enough this week."),
    Why.DAYS_TAKEN: N_(
        "On every day that would suit, the child has another visit, the plan wants days between, or two people are "
        "kept apart."
    ),
    Why.PEOPLE_TAKEN: N_(
        "Whenever it would suit, one of the people or the home’s device is in another visit."
    ),
    Why.POOL_FULL: N_("Whenever it would suit, all links or rooms are in use."),
    Why.NOBODY_ABLE: N_(
        "Nobody may watch over this visit: gender, conflict of interest or training forbid it."
    ),
    Why.NO_WORKER: N_("Whenever it would suit, nobody who may watch over it is free."),
    Why.NO_INTERPRETER: N_("Whenever it would suit, no interpreter for this language is free."),
    Why.ROOM_LEFT: N_("There is a place for it. Plan again."),
}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Hours that would give the visit a place: the ``worker`` would have to be there from ``first``, before ``after``.

    Slots; the visit would start at ``start`` with ``team``.
    """

    worker: int
    first: int
    after: int
    start: int
    team: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """One visit without a place."""

    visit: int
    why: Why
    opening: Opening | None

    @property
    def words(self) -> str:
        """Why, for a person."""
        return WORDS[self.why]


def unplaced(prepared: Prepared, solution: Solution) -> tuple[Unplaced, ...]:
    """Every visit that ``solution`` does not place, what the court ordered first."""
    board = Board(prepared)
    board.load_from(solution)
    left = [visit for visit in prepared.visits if board.placed[visit.number] is None]
    return tuple(_explained(board, visit) for visit in sorted(left, key=lambda one: (-one.worth, one.number)))


def _explained(board: Board, visit: Ready) -> Unplaced:
    instance, wanted = board.instance, board.instance.visits[visit.number]
    anybody = board.open_starts_of(visit, feasible(instance, wanted, workers=False))
    why = _why(board, visit, wanted, anybody)
    opening = _opening(board, visit, anybody) if why in {Why.NO_WORKER, Why.NO_INTERPRETER} else None
    return Unplaced(visit=visit.number, why=why, opening=opening)


def _why(board: Board, visit: Ready, wanted: Wanted, anybody: int) -> Why:
    possible = feasible(board.instance, wanted, workers=False)
    if not possible:
        return Why.NEVER_TOGETHER
    if len(visit.able) <= visit.pair:
        return Why.NOBODY_ABLE
    on_days = possible & board.open_days(visit)
    if not on_days:
        return Why.DAYS_TAKEN
    if not anybody:
        return (
            Why.POOL_FULL
            if visit.pool is not None and on_days & board.people_free(visit)
            else Why.PEOPLE_TAKEN
        )
    if board.best(visit.number) is not None:
        return Why.ROOM_LEFT
    return Why.NO_INTERPRETER if _has_worker(board, visit, anybody) else Why.NO_WORKER


def _has_worker(board: Board, visit: Ready, anybody: int) -> bool:
    """Whether workers enough are free at one of the starts, whatever they speak."""
    free = [anybody & board.worker_starts(worker, visit.busy) for worker, _ in visit.able]
    return any(sum(slots >> start & 1 for slots in free) > visit.pair for start in each(anybody))


def _opening(board: Board, visit: Ready, anybody: int) -> Opening | None:
    """The fewest hours that one worker would have to be there, beyond the shift, for the visit to have a place."""
    best: tuple[int, Opening] | None = None
    for worker, _ in visit.able:
        mates = _mates(board, visit, worker)
        for start in each(anybody & board.could_start(worker, visit.busy)):
            team = next((team for team, slots in mates if slots >> start & 1), None)
            if team is None or not _interpreted(board, visit, team, start):
                continue
            opening = _missing(board.instance, visit, worker, start, team)
            size = opening.after - opening.first
            if best is None or size < best[0]:
                best = size, opening
    return best[1] if best else None


def _mates(board: Board, visit: Ready, worker: int) -> list[tuple[tuple[int, ...], int]]:
    """Whom the worker would watch with, and when they are free: nobody else where one is enough."""
    if not visit.pair:
        return [((worker,), -1)]
    return [
        ((min(worker, mate), max(worker, mate)), board.worker_starts(mate, visit.busy))
        for mate, _ in visit.able
        if mate != worker
    ]


def _interpreted(board: Board, visit: Ready, team: tuple[int, ...], start: int) -> bool:
    return not visit.needs_interpreter(team) or any(
        board.interpreter_starts(one, visit.length) >> start & 1 for one in visit.interpreters
    )


def _missing(instance: Instance, visit: Ready, worker: int, start: int, team: tuple[int, ...]) -> Opening:
    needed = ((1 << visit.busy) - 1) << start & ~instance.workers[worker].free
    first = (needed & -needed).bit_length() - 1 if needed else start
    after = needed.bit_length() if needed else start
    return Opening(worker=worker, first=first, after=after, start=start, team=team)
