"""No plan of a week is better than this: a bound that holds whatever the solver of the linear programme did.

The prices it found for every row, however rough, give a true bound (Lagrange), which is reckoned here again.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contact_service.week.board import Board
from contact_service.week.ortools_here import linear
from contact_service.week.packing import Packing, packing
from contact_service.week.prepared import Prepared

# How closely the programme is solved, as a share.  Rough prices come in a tenth of the time that those take which are
# the solver's own wish (1e-6), and are worth nearly as much; with the fine ones no more than 0.001 % is given away.
# Each may take half of the time.
_CLOSELY = ("1e-3", "1e-5")


@dataclass(frozen=True)
class _Prices:
    """The price of each row, of each worker's load and of each plan's first visit; none below zero."""

    rows: list[float]
    loads: list[float]
    firsts: list[float]


def upper_bound(prepared: Prepared, *, seconds: float) -> float:
    """Points that no plan exceeds, after at most ``seconds`` of the solver; raises ``PlannerMissing``."""
    return min(bounds(prepared, seconds=seconds))


def bounds(prepared: Prepared, *, seconds: float) -> Iterator[float]:
    """Bounds that hold, one closer than the other: without prices, with rough ones, and with fine ones if in time."""
    board = Board(prepared)
    whole = packing(board, range(len(prepared.visits)))
    for prices in _prices(whole, board, seconds):
        yield _true_bound(whole, board, prices)


@dataclass(frozen=True)
class _Programme:
    """The relaxation for the solver, and which of its rows are those of the packing, the loads and the firsts."""

    model: Any
    rows: list[int]
    loads: list[int]
    firsts: list[int]

    def priced(self, found: list[float]) -> _Prices:
        """What was found for every row, as prices."""
        prices = [[max(0.0, found[place]) for place in own] for own in (self.rows, self.loads, self.firsts)]
        return _Prices(*prices)


def _prices(whole: Packing, board: Board, seconds: float) -> Iterator[_Prices]:
    """None at all, and then those that are found in time."""
    programme = _programme(whole, board)
    yield programme.priced([0.0] * int(programme.model.num_constraints()))
    for closely in _CLOSELY:
        found = _solved(programme.model, seconds / len(_CLOSELY), closely)
        if found is None:
            return
        yield programme.priced(found)


def _programme(whole: Packing, board: Board) -> _Programme:
    model = linear().ModelBuilderHelper()

    def column(points: float, most: float) -> int:
        place = int(model.add_var())
        model.set_var_lower_bound(place, 0)
        model.set_var_upper_bound(place, most)
        model.set_var_objective_coefficient(place, points)
        return place

    def row(terms: Iterable[tuple[int, int]], most: float) -> int:
        place = int(model.add_linear_constraint())
        model.set_constraint_lower_bound(place, -math.inf)
        model.set_constraint_upper_bound(place, most)
        for number, slots in terms:
            model.add_term_to_constraint(place, number, slots)
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
    model.set_maximize(True)
    return _Programme(model=model, rows=rows, loads=loads, firsts=firsts)


def _solved(model: Any, seconds: float, closely: str) -> list[float] | None:  # noqa: ANN401 - the library's own type
    """The prices of all rows; None where the solver found none in its time."""
    solving = linear().ModelSolverHelper("PDLP")
    solving.set_time_limit_in_seconds(seconds)
    close = f"eps_optimal_absolute: {closely} eps_optimal_relative: {closely}"
    solving.set_solver_specific_parameters(
        f"termination_criteria {{ simple_optimality_criteria {{ {close} }} }}"
    )
    solving.solve(model)
    return [float(price) for price in solving.dual_values()] if solving.has_solution() else None


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
