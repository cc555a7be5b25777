"""The first answers: each visit once, in an order, where it fits.  Milliseconds."""

from collections.abc import Callable, Iterable

from contact_service.scheduling.grid import each
from contact_service.week.board import Board, chosen
from contact_service.week.instance import Placement
from contact_service.week.prepared import Prepared, Ready


def best_fit(prepared: Prepared) -> Board:
    """The best of a few boards on which every visit has the best place that was left when its turn came."""
    boards = []
    for order in _ORDERS:
        board = Board(prepared)
        fill(board, sorted(prepared.visits, key=order))
        boards.append(board)
    return max(boards, key=lambda board: board.total)


def fill(board: Board, visits: Iterable[Ready] | None = None, *, only: frozenset[int] | None = None) -> None:
    """Give every visit that is not on ``board`` the best place that is left when its turn comes.

    What a court ordered comes first, and of two alike the one with fewer places to be.  ``only``: the visits that are
    placed at all.
    """
    for visit in sorted(board.visits, key=_ORDERS[0]) if visits is None else visits:
        number = visit.number
        if (
            board.placed[number] is None
            and (only is None or number in only)
            and (option := board.best(number))
        ):
            board.put(number, chosen(option))


def _ways(visit: Ready) -> int:
    """About how many places it could be in."""
    return visit.possible.bit_count() * len(visit.able)


# Each is the best for some weeks: by priority and scarcity; that, but long visits sooner; both weighed together.
_ORDERS: tuple[Callable[[Ready], tuple[float, ...]], ...] = (
    lambda visit: (not visit.pinned, -visit.worth, _ways(visit)),
    lambda visit: (not visit.pinned, -visit.worth, _ways(visit) / visit.busy),
    lambda visit: (not visit.pinned, _ways(visit) / max(1, visit.worth) ** 2),
    lambda visit: (not visit.pinned, -visit.worth, visit.possible.bit_count()),
)


def first_fit(prepared: Prepared) -> Board:
    """The peer: visits as they come, each at the first start at which any able worker is free."""
    board = Board(prepared)
    for visit in prepared.visits:
        if place := _first(board, visit):
            board.put(visit.number, place)
    return board


def _first(board: Board, visit: Ready) -> Placement | None:
    free = board.open_starts(visit.number)
    able = [(worker, free & board.worker_starts(worker, visit.busy)) for worker in sorted(visit.points)]
    for start in each(free):
        workers = [worker for worker, slots in able if slots >> start & 1]
        team = tuple(workers[: 1 + visit.pair])
        if len(team) <= visit.pair:
            continue
        if not visit.needs_interpreter(team):
            return Placement(start, team)
        for one in visit.interpreters:
            if board.interpreter_starts(one, visit.length) >> start & 1:
                return Placement(start, team, one)
    return None
