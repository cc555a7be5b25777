"""The week as a set packing: a column is one visit at one start with its workers, and rows say what cannot be together.

The relaxation of this model is tight, where one of intervals on a line is weak.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from contact_service.scheduling.grid import each
from contact_service.week.board import Board
from contact_service.week.instance import Placement
from contact_service.week.prepared import Ready


class Column(NamedTuple):
    """A visit at a place, and its points; the first-visit points are in it where the plan has but this visit."""

    visit: int
    place: Placement
    points: int


@dataclass(frozen=True, kw_only=True)
class Load:
    """The columns of a worker with the slots that each takes; ``fair`` and ``most`` more slots are left."""

    columns: list[int]
    slots: list[int]
    fair: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Packing:
    """At most one column of each visit; at most ``n`` of each row; ``firsts``: sets of which any one earns points."""

    columns: list[Column]
    visits: list[list[int]]
    rows: list[tuple[list[int], int]]
    loads: list[Load]
    firsts: list[list[int]]


def packing(board: Board, numbers: Iterable[int]) -> Packing:
    """Every way to place the visits ``numbers``, none of which is on ``board``, beside what is on it."""
    chosen = list(numbers)
    several = _several(board, chosen)
    columns: list[Column] = []
    visits, firsts = [], dict[int, list[int]]()
    for number in chosen:
        visit = board.visits[number]
        first = 0 if visit.plan in several or board.has_days(visit.plan) else board.weights.first_visit
        begin = len(columns)
        columns += _columns(board, visit, first)
        own = list(range(begin, len(columns)))
        visits += [own] * bool(own)
        if visit.plan in several:
            firsts.setdefault(visit.plan, []).extend(own)
    return Packing(
        columns=columns,
        visits=visits,
        rows=_rows(board, columns),
        loads=_loads(board, columns),
        firsts=[own for own in firsts.values() if own],
    )


def _several(board: Board, chosen: list[int]) -> set[int]:
    """The plans without a placed visit of which more than one is to be placed."""
    counts: dict[int, int] = {}
    for number in chosen:
        plan = board.visits[number].plan
        counts[plan] = counts.get(plan, 0) + 1
    return {plan for plan, count in counts.items() if count > 1 and not board.has_days(plan)}


def _columns(board: Board, visit: Ready, first: int) -> Iterator[Column]:
    free = board.open_starts(visit.number)
    if not free:
        return
    able = [
        (worker, slots)
        for worker, _ in visit.able
        if (slots := free & board.worker_starts(worker, visit.busy))
    ]
    teams: Iterable[tuple[tuple[int, ...], int]] = (((worker,), slots) for worker, slots in able)
    if visit.pair:
        teams = (((min(a, b), max(a, b)), x & y) for (a, x), (b, y) in combinations(able, 2))
    interpreters = [(one, board.interpreter_starts(one, visit.length)) for one in visit.interpreters]
    for team, slots in teams:
        base = visit.worth + first + sum(visit.points[worker] for worker in team)
        comes: list[tuple[int | None, int]] = [(None, slots)]
        if visit.needs_interpreter(team):
            base -= board.weights.interpreter
            comes = [(one, slots & theirs) for one, theirs in interpreters]
        for points, level in visit.levels:
            for one, theirs in comes:
                for start in each(theirs & level):
                    yield Column(visit.number, Placement(start, team, one), base + points)


def _rows(board: Board, columns: list[Column]) -> list[tuple[list[int], int]]:
    rows = [
        (own, _most_of_day(board, kind, key, day))
        for (kind, key, day), own in _by_day(board, columns).items()
    ]
    for (kind, key), inside in _by_slot(board, columns).items():
        if kind == "pool":
            rows += [(own, board.units_free(key, slot)) for slot, own in inside.items()]
        else:
            rows += [(own, 1) for own in _maximal(inside)]
    return _needed(columns, rows)


def _by_day(board: Board, columns: list[Column]) -> dict[tuple[str, int, int], list[int]]:
    """The columns that count together on a day: a child's or pair's, a worker's, and a plan's within its gap."""
    days: dict[tuple[str, int, int], list[int]] = {}
    day_of = board.instance.day_of
    for number, column in enumerate(columns):
        visit, day = board.visits[column.visit], day_of[column.place.start]
        for key in visit.once:
            days.setdefault(("once", key, day), []).append(number)
        for worker in column.place.workers:
            days.setdefault(("worker", worker, day), []).append(number)
        if len(board.prepared.plans[visit.plan]) > 1:
            for near in range(max(0, day - visit.gap + 1), day + 1):
                days.setdefault(("plan", visit.plan, near), []).append(number)
    return days


def _by_slot(board: Board, columns: list[Column]) -> dict[tuple[str, int], dict[int, list[int]]]:
    """The columns that take a party, a worker, an interpreter or a unit of a pool, slot by slot."""
    slots: dict[tuple[str, int], dict[int, list[int]]] = {}
    for number, column in enumerate(columns):
        start = column.place.start
        for what, length in _things(board.visits[column.visit], column):
            inside = slots.setdefault(what, {})
            for slot in range(start, start + length):
                inside.setdefault(slot, []).append(number)
    return slots


def _things(visit: Ready, column: Column) -> Iterator[tuple[tuple[str, int], int]]:
    yield from ((("party", party), visit.length) for party in visit.parties)
    yield from ((("worker", worker), visit.busy) for worker in column.place.workers)
    if column.place.interpreter is not None:
        yield ("interpreter", column.place.interpreter), visit.length
    if visit.pool is not None:
        yield ("pool", visit.pool), visit.length


def _most_of_day(board: Board, kind: str, key: int, day: int) -> int:
    if kind != "worker":
        return 1
    return board.instance.workers[key].most_on(day) - len(board.on[key][day])


def _maximal(inside: dict[int, list[int]]) -> Iterator[list[int]]:
    """The rows of one party that say something which the row of the slot before or after does not say."""
    sets = {slot: frozenset(own) for slot, own in inside.items()}
    nothing = frozenset[int]()
    for slot, own in inside.items():
        if not (sets[slot] <= sets.get(slot - 1, nothing) or sets[slot] < sets.get(slot + 1, nothing)):
            yield own


def _needed(columns: list[Column], rows: list[tuple[list[int], int]]) -> list[tuple[list[int], int]]:
    """Without rows that too few visits could break, and those that say the same."""
    seen: dict[tuple[int, ...], int] = {}
    for own, most in rows:
        visits = {columns[number].visit for number in own}
        if len(visits) > most:
            name = tuple(own)
            seen[name] = min(most, seen.get(name, most))
    return [(list(own), most) for own, most in seen.items()]


def _loads(board: Board, columns: list[Column]) -> list[Load]:
    own: dict[int, list[int]] = {}
    for number, column in enumerate(columns):
        for worker in column.place.workers:
            own.setdefault(worker, []).append(number)
    return [_load(board, columns, worker, numbers) for worker, numbers in sorted(own.items())]


def _load(board: Board, columns: list[Column], worker: int, numbers: list[int]) -> Load:
    facts, load = board.instance.workers[worker], board.load[worker]
    return Load(
        columns=numbers,
        slots=[board.visits[columns[number].visit].busy for number in numbers],
        fair=max(0, facts.fair_slots - load),
        most=facts.most_slots - load,
    )
