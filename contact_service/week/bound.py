"""No plan of a week is better than this: a bound that holds whatever the solver of the linear programme did.

The prices it found for every row, however rough, give a true bound (Lagrange), which is reckoned here again.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contact_service.week.board import Board
from contact_service.week.ortools_here import linear
from contact_service.week.packing import Packing, packing
from contact_service.week.prepared import Prepared


@dataclass(frozen=True)
class _Prices:
    """The price of each row, of each worker's load and of each plan's first visit; none below zero."""

    rows: list[float]
    loads: list[float]
    firsts: list[float]


def upper_bound(prepared: Prepared, *, seconds: float, solver: str = "PDLP") -> float:
    """Points that no plan exceeds, after at most ``seconds`` of the solver; raises ``PlannerMissing``."""
    board = Board(prepared)
    whole = packing(board, range(len(prepared.visits)))
    return _true_bound(whole, board, _prices(whole, board, seconds, solver))


def _prices(whole: Packing, board: Board, seconds: float, solver: str) -> _Prices:
    programme = linear().ModelBuilderHelper()

    def column(points: float, most: float) -> int:
        place = int(programme.add_var())
        programme.set_var_lower_bound(place, 0)
        programme.set_var_upper_bound(place, most)
        programme.set_var_objective_coefficient(place, points)
        return place

    def row(terms: Iterable[tuple[int, int]], most: float) -> int:
        place = int(programme.add_linear_constraint())
        programme.set_constraint_lower_bound(place, -math.inf)
        programme.set_constraint_upper_bound(place, most)
        for number, slots in terms:
            programme.add_term_to_constraint(place, number, slots)
        return place

    # Columns come first: the programme numbers them as the packing does.
    for one in whole.columns:
        column(one.points, 1)
    for own in whole.visits:
        row(((number, 1) for number in own), 1)
    rows = [row(((number, 1) for number in own), most) for own, most in whole.rows]
    loads = []
    for load in whole.loads:
        beyond = column(-board.weights.overload, load.most - load.fair)
        loads.append(row([*zip(load.columns, load.slots, strict=True), (beyond, -1)], load.fair))
    firsts = []
    for own in whole.firsts:
        first = column(board.weights.first_visit, 1)
        firsts.append(row([*((number, -1) for number in own), (first, 1)], 0))
    programme.set_maximize(True)
    found = _solved(programme, seconds, solver)
    prices = [[max(0.0, found[place]) for place in places] for places in (rows, loads, firsts)]
    return _Prices(*prices)


def _solved(programme: Any, seconds: float, solver: str) -> list[float]:  # noqa: ANN401 - the library's own type
    """The prices of all rows; zero where the solver found none."""
    solving = linear().ModelSolverHelper(solver)
    solving.set_time_limit_in_seconds(seconds)
    solving.solve(programme)
    if not solving.has_solution():
        return [0.0] * int(programme.num_constraints())
    return [float(price) for price in solving.dual_values()]


def _true_bound(whole: Packing, board: Board, prices: _Prices) -> float:
    """What the best column of each visit is worth after the prices are paid, and what the prices bring."""
    rows, loads, firsts = prices.rows, prices.loads, prices.firsts
    left = [float(column.points) for column in whole.columns]
    total = 0.0
    for price, (own, most) in zip(rows, whole.rows, strict=True):
        total += price * most
        for number in own if price else ():
            left[number] -= price
    for price, load in zip(loads, whole.loads, strict=True):
        total += price * load.fair + max(0.0, price - board.weights.overload) * (load.most - load.fair)
        for number, slots in zip(load.columns, load.slots, strict=True):
            left[number] -= price * slots
    for price, own in zip(firsts, whole.firsts, strict=True):
        total += max(0.0, board.weights.first_visit - price)
        for number in own:
            left[number] += price
    return total + sum(max(0.0, *(left[number] for number in own)) for own in whole.visits)
