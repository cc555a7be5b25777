"""Large-neighbourhood search that solves each neighbourhood exactly, as a set packing, with OR-Tools.

It begins with the standard-library search.  Nothing depends on a clock: a neighbourhood ends after an amount of work,
and the same seed and steps give the same plan with the same release of OR-Tools.
"""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from contact_service.scheduling.grid import each
from contact_service.week.board import Board, Chance
from contact_service.week.instance import Placement, Solution
from contact_service.week.ortools_here import cp_sat
from contact_service.week.outcome import Limit, Outcome, Progress
from contact_service.week.packing import Packing, packing
from contact_service.week.prepared import Prepared
from contact_service.week.recreate import Search
from contact_service.week.ruin import related, shuffle

_WARM_PER_VISIT = 60  # steps of the standard-library search for each visit, before
_LEAST, _MOST, _BEGIN = 20, 90, 50
_GROWS = 6
_WORK = 1.0  # OR-Tools' deterministic time: about seconds
_GUESTS = 25
_FOR_ONE, _WEEKS = 0.55, 0.75  # shares: around one visit; weeks of workers; the rest are days of teams


def set_packing(prepared: Prepared, *, seed: int, limit: Limit, begin: Solution | None = None) -> Outcome:
    """The best plan found within ``limit``: steps of the first search, then neighbourhoods.

    Raises ``PlannerMissing``.
    """
    cp_sat()
    first = Search(prepared, seed=seed, begin=begin, steps_per_visit=_WARM_PER_VISIT)
    if not first.hopeful:
        return Outcome(solution=first.solution, steps=0)
    warm = max(1000, _WARM_PER_VISIT * len(prepared.visits))
    while first.steps < warm and (first.steps % 50 or limit.goes_on(first.progress)):
        if limit.steps is not None and first.steps >= limit.steps:
            break
        first.step()
    search = _Neighbourhoods(first, seed)
    while first.steps >= warm and limit.goes_on(search.progress):
        search.step()
    return Outcome(solution=search.board.solution, steps=search.steps)


class _Neighbourhoods:
    """The plan on ``board`` never gets worse."""

    def __init__(self, first: Search, seed: int) -> None:
        self.board, self.steps = first.board, first.steps
        first.put_back(first.best)
        self._chance = Random(seed + 1).random  # noqa: S311 - which visits are tried, no secret
        self._size = _BEGIN

    @property
    def progress(self) -> Progress:
        """How far it is."""
        placed = self.board.placed
        return Progress(steps=self.steps, points=self.board.total, placed=len(placed) - placed.count(None))

    def step(self) -> None:
        """Plan one neighbourhood anew."""
        self.steps += 1
        board, before = self.board, self.board.total
        taken, guests = _neighbourhood(board, self._size, self._chance)
        was = {number: board.take_off(number) for number in taken}
        found, proven = solved(packing(board, [*taken, *guests]), board, was, seed=self.steps)
        for number, place in (was if found is None else found).items():
            board.put(number, place)
        if board.total < before and found is not None:
            for number in found:
                board.take_off(number)
            for number, place in was.items():
                board.put(number, place)
        self._size = min(_MOST, self._size + _GROWS) if proven else max(_LEAST, self._size - 8)


def _neighbourhood(board: Board, size: int, chance: Chance) -> tuple[list[int], list[int]]:
    """About ``size`` placed visits to plan anew, and unplaced ones that may come in."""
    unplaced = [v.number for v in board.visits if v.possible and board.placed[v.number] is None]
    draw, wanted, must = chance(), None, list[int]()
    if unplaced and draw < _FOR_ONE:
        wanted = unplaced[int(chance() * len(unplaced))]
        must, blocks = related(board, board.visits[wanted]), _around_one(board, wanted, chance)
    else:
        blocks = _weeks_of_workers(board, chance) if draw < _WEEKS else _days_of_teams(board, chance)
    rivals: dict[int, None] = {}
    for block in blocks:
        rivals |= dict.fromkeys(block)
        if len(rivals) >= size:
            break
    chosen = list(rivals)
    shuffle(chosen, chance)
    taken = [n for n in dict.fromkeys((*must, *chosen[:size])) if not board.visits[n].pinned]
    workers = {worker for n in taken if (place := board.placed[n]) for worker in place.workers}
    guests = [n for n in unplaced if n != wanted and not workers.isdisjoint(board.visits[n].points)]
    shuffle(guests, chance)
    return taken, ([] if wanted is None else [wanted]) + guests[:_GUESTS]


def _around_one(board: Board, wanted: int, chance: Chance) -> Iterator[list[int]]:
    """Day by day, the visits of the workers who could watch over ``wanted``, and what their plans have elsewhere."""
    visit = board.visits[wanted]
    days = sorted({board.instance.day_of[start] for start in each(visit.possible)})
    shuffle(days, chance)
    for day in days:
        rivals = _on(board, visit.points, [day])
        plans = dict.fromkeys(board.visits[number].plan for number in rivals)
        yield rivals + [
            n for plan in plans for n in board.prepared.plans[plan] if board.placed[n] is not None
        ]


def _weeks_of_workers(board: Board, chance: Chance) -> Iterator[list[int]]:
    """Worker by worker, everything of the week: a team's, and then others'."""
    workers = list(range(len(board.on)))
    shuffle(workers, chance)
    team = board.instance.workers[workers[0]].team
    for worker in sorted(workers, key=lambda one: board.instance.workers[one].team != team):
        yield _on(board, [worker], range(len(board.instance.days)))


def _days_of_teams(board: Board, chance: Chance) -> Iterator[list[int]]:
    """One day, team by team."""
    teams = sorted({worker.team for worker in board.instance.workers})
    shuffle(teams, chance)
    day = int(chance() * len(board.instance.days))
    for team in teams:
        yield _on(board, [n for n, worker in enumerate(board.instance.workers) if worker.team == team], [day])


def _on(board: Board, workers: Iterable[int], days: Iterable[int]) -> list[int]:
    chosen = list(days)
    return [number for worker in workers for day in chosen for number in board.on[worker][day]]


def solved(
    part: Packing, board: Board, was: dict[int, Placement], *, seed: int
) -> tuple[dict[int, Placement] | None, bool]:
    """The best places for a part of the week, None when there are none or no time; and whether they are proven best."""
    cp = cp_sat()
    model = cp.CpModel()
    chosen = [model.new_bool_var("") for _ in part.columns]
    objective: list[Any] = list(chosen)
    points = [column.points for column in part.columns]
    for own in part.visits:
        model.add_at_most_one([chosen[number] for number in own])
    for own, most in part.rows:
        inside = [chosen[number] for number in own]
        if most == 1:
            model.add_at_most_one(inside)
        else:
            model.add(cp.LinearExpr.sum(inside) <= most)
    for load in part.loads:
        beyond = model.new_int_var(0, load.most - load.fair, "")
        inside = [chosen[number] for number in load.columns]
        model.add(cp.LinearExpr.weighted_sum([*inside, beyond], [*load.slots, -1]) <= load.fair)
        objective.append(beyond)
        points.append(-board.weights.overload)
    for own in part.firsts:
        first = model.new_bool_var("")
        model.add_bool_or([first.negated(), *(chosen[number] for number in own)])
        objective.append(first)
        points.append(board.weights.first_visit)
    model.maximize(cp.LinearExpr.weighted_sum(objective, points))
    for variable, column in zip(chosen, part.columns, strict=True):
        model.add_hint(variable, was.get(column.visit) == column.place)
    return _answer(cp, model, chosen, part, seed)


def _answer(
    cp: Any,  # noqa: ANN401 - the library's own types
    model: Any,  # noqa: ANN401
    chosen: list[Any],
    part: Packing,
    seed: int,
) -> tuple[dict[int, Placement] | None, bool]:
    solver = cp.CpSolver()
    settings = solver.parameters
    settings.num_workers = 1
    settings.random_seed = seed % 2**31
    settings.max_deterministic_time = _WORK
    settings.linearization_level = 2
    settings.symmetry_level = 0
    settings.cp_model_probing_level = 0
    status = solver.solve(model)
    if status not in {cp.OPTIMAL, cp.FEASIBLE}:
        return None, False
    found = {
        column.visit: column.place
        for variable, column in zip(chosen, part.columns, strict=True)
        if solver.boolean_value(variable)
    }
    return found, status == cp.OPTIMAL
