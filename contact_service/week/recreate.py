"""Large-neighbourhood search with nothing but the standard library: take some visits off, put them on again better.

Chance comes from one stream and nothing depends on a clock, so that the same seed and steps give the same plan, and a
search that is stopped is the beginning of a longer one.  Source: Schrimpf and others 2000 (ruin and recreate);
Christiaens and Vanden Berghe 2020 (workers that are overlooked now and then).
"""

import math
from random import Random

from contact_service.week.best_fit import best_fit, fill
from contact_service.week.board import Board, chosen
from contact_service.week.instance import Placement, Solution
from contact_service.week.outcome import Limit, Outcome, Progress
from contact_service.week.prepared import Prepared
from contact_service.week.ruin import ruined

_LOOK_EVERY = 50
# Chosen on open seeds at 25,000 steps: hotter and longer rounds gave about one point in a hundred.
_HOT, _WARM, _COLD = 100.0, 50.0, 2.0
_ADDED = 20
_STEPS_PER_VISIT = 100


class Search:
    """A plan that gets better step by step: ``best`` so far; ``hopeful`` are the visits that may find a place."""

    def __init__(
        self,
        prepared: Prepared,
        *,
        seed: int,
        begin: Solution | None = None,
        only: frozenset[int] | None = None,
        steps_per_visit: int = _STEPS_PER_VISIT,
    ) -> None:
        """From ``begin`` as far as that still is possible, with best-fit for the rest.

        ``only``: the visits to place at all.  ``steps_per_visit``: how long the search takes to cool down.
        """
        if begin is None and only is None:
            self.board = best_fit(prepared)
        else:
            self.board = Board(prepared)
            self.board.load_from(begin or Solution(placed=()))
            fill(self.board, only=only)
        self.best, self.best_total = list(self.board.placed), self.board.total
        self.steps = 0
        self._chance = Random(seed).random  # noqa: S311 - which visits are tried, no secret
        self.hopeful = [
            visit.number
            for visit in prepared.visits
            if visit.possible and (only is None or visit.number in only)
        ]
        self._round = max(1000, steps_per_visit * len(prepared.visits))

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(
            steps=self.steps, points=self.best_total, placed=len(self.best) - self.best.count(None)
        )

    @property
    def solution(self) -> Solution:
        """The best plan so far."""
        return Solution(placed=tuple(self.best))

    def step(self) -> None:
        """Change a few visits; keep the change if it is better, and now and then if it is not."""
        if self.steps and self.steps % self._round == 0:
            self.put_back(self.best)
        self.steps += 1
        board, before, chance = self.board, self.board.total, self._chance
        unplaced = [number for number in self.hopeful if board.placed[number] is None]
        taken, wanted = ruined(board, unplaced, chance)
        was = [(number, board.take_off(number)) for number in taken]
        added = self._put_on(taken, unplaced, wanted)
        worse = before - board.total
        if worse > 0 and chance() >= math.exp(-worse / self._heat()):
            for number in added:
                board.take_off(number)
            for number, place in was:
                board.put(number, place)
        elif board.total > self.best_total:
            self.best, self.best_total = list(board.placed), board.total

    def _put_on(self, taken: list[int], unplaced: list[int], wanted: int | None) -> list[int]:
        board, chance = self.board, self._chance
        pool = taken + [unplaced[int(chance() * len(unplaced))] for _ in range(min(_ADDED, len(unplaced)))]
        if wanted is not None:
            pool.append(wanted)
        by_scarcity = chance() < 0.5  # noqa: PLR2004
        order = []
        for number in dict.fromkeys(pool):
            visit = board.visits[number]
            weight = visit.possible.bit_count() * (0.5 + chance()) if by_scarcity else chance()
            order.append((not visit.pinned, -visit.worth, number != wanted, weight, number))
        added = []
        for *_, number in sorted(order):
            if option := board.best(number, chance):
                board.put(number, chosen(option, chance))
                added.append(number)
        return added

    def _heat(self) -> float:
        """How much worse may be kept: it falls in each round; rounds after the first begin less hot."""
        number, within = divmod(self.steps, self._round)
        hot = _WARM if number else _HOT
        return float(hot * (_COLD / hot) ** (within / self._round))

    def put_back(self, placed: list[Placement | None]) -> None:
        """Go on from this plan, which was on the board before."""
        moved = [n for n, place in enumerate(placed) if place != self.board.placed[n]]
        for number in moved:
            if self.board.placed[number] is not None:
                self.board.take_off(number)
        for number in moved:
            if (place := placed[number]) is not None:
                self.board.put(number, place)


def recreate(
    prepared: Prepared,
    *,
    seed: int,
    limit: Limit,
    begin: Solution | None = None,
    only: frozenset[int] | None = None,
) -> Outcome:
    """The best plan found within ``limit``; it is never worse than where it began."""
    search = Search(prepared, seed=seed, begin=begin, only=only)
    if not search.hopeful:
        return Outcome(solution=search.solution, steps=0)
    while search.steps % _LOOK_EVERY or limit.goes_on(search.progress):
        if limit.steps is not None and search.steps >= limit.steps:
            break
        search.step()
    return Outcome(solution=search.solution, steps=search.steps)
