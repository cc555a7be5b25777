"""A plan while it is made: a visit is put on and taken off in a few microseconds.

Every party, worker and pool is one set of slots.  The board never holds a plan that breaks a hard rule, as long as only
what it offers is put on.
"""

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import NamedTuple

from contact_service.scheduling.grid import each, starts
from contact_service.week.instance import Placement, Solution
from contact_service.week.prepared import Prepared, Ready

Chance = Callable[[], float]


class Option(NamedTuple):
    """The best that is offered: its points, the starts that are equally good, the workers and the interpreter."""

    points: int
    starts: int
    workers: tuple[int, ...]
    interpreter: int | None


class Board:
    """Which visits are placed where, who is free when, and the points of it all in ``total``."""

    def __init__(self, prepared: Prepared) -> None:
        instance = self.instance = prepared.instance
        self.prepared, self.visits, self.weights = prepared, prepared.visits, instance.weights
        self.placed: list[Placement | None] = [None] * len(instance.visits)
        self.total = 0
        self.load = [0] * len(instance.workers)
        self.on = [[dict[int, None]() for _ in instance.days] for _ in instance.workers]
        self._day_of = instance.day_of
        self._points = [0] * len(instance.visits)
        self._parties = [party.free for party in instance.parties]
        self._interpreters = [one.free for one in instance.interpreters]
        self._workers = [worker.free for worker in instance.workers]
        self._starts: list[dict[int, int]] = [{} for _ in instance.workers]
        # layers[n] of a pool: the slots in which more than n of its units are free
        self._pools = [[one.with_more_than(n) for n in range(one.units)] for one in instance.pools]
        self._open = [instance.grid.everything] * prepared.keys
        self._plan_days: dict[int, list[int]] = {plan: [] for plan in prepared.plans}
        self._plan_closed = dict.fromkeys(prepared.plans, 0)

    @property
    def solution(self) -> Solution:
        """The plan as it stands."""
        return Solution(placed=tuple(self.placed))

    def open_starts(self, number: int) -> int:
        """The starts at which everybody but the workers and interpreters is free and the plan's days allow it."""
        visit = self.visits[number]
        return self.open_starts_of(visit, visit.possible)

    def open_starts_of(self, visit: Ready, possible: int) -> int:
        """Those of the starts ``possible`` at which everybody but workers and interpreters is free, on open days."""
        free = -1
        for party in visit.parties:
            free &= self._parties[party]
        if visit.pool is not None:
            free &= self._pools[visit.pool][0]
        free = starts(free, visit.length) & possible & ~self._plan_closed[visit.plan]
        for key in visit.once:
            free &= self._open[key]
        return free

    def people_free(self, visit: Ready) -> int:
        """The starts at which the people of a visit are in no other."""
        return starts(reduce(and_, (self._parties[party] for party in visit.parties), -1), visit.length)

    def open_days(self, visit: Ready) -> int:
        """The slots of the days that the plan and the other visits of children and pairs leave open."""
        return reduce(and_, (self._open[key] for key in visit.once), ~self._plan_closed[visit.plan])

    def could_start(self, worker: int, busy: int) -> int:
        """The starts at which only the worker's hours stand in the way, not another visit and not the limits."""
        facts = self.instance.workers[worker]
        if self.load[worker] + busy > facts.most_slots:
            return 0
        taken = facts.free & ~self._workers[worker]
        found = starts(self.instance.grid.everything & ~taken, busy)
        for day, visits in enumerate(self.on[worker]):
            if len(visits) >= facts.most_on(day):
                found &= ~self.instance.days[day]
        return found

    def worker_starts(self, worker: int, busy: int) -> int:
        """The starts from which ``worker`` can give ``busy`` slots, by hours, by what is placed and by the limits."""
        known = self._starts[worker]
        found = known.get(busy)
        if found is None:
            facts = self.instance.workers[worker]
            found = 0
            if self.load[worker] + busy <= facts.most_slots:
                found = starts(self._workers[worker], busy)
                for day, visits in enumerate(self.on[worker]):
                    if len(visits) >= facts.most_on(day):
                        found &= ~self.instance.days[day]
            known[busy] = found
        return found

    def interpreter_starts(self, interpreter: int, length: int) -> int:
        """The starts from which ``interpreter`` is free for ``length`` slots."""
        return starts(self._interpreters[interpreter], length)

    def overload(self, worker: int, busy: int) -> int:
        """What ``busy`` slots more cost for being beyond the worker's fair share."""
        load = self.load[worker]
        beyond = load + busy - max(self.instance.workers[worker].fair_slots, load)
        return beyond * self.weights.overload if beyond > 0 else 0

    def units_free(self, pool: int, slot: int) -> int:
        """How many units of ``pool`` are free in ``slot``."""
        return sum(layer >> slot & 1 for layer in self._pools[pool])

    def has_days(self, plan: int) -> bool:
        """Whether a visit of ``plan`` is placed."""
        return bool(self._plan_days[plan])

    def best(self, number: int, chance: Chance | None = None) -> Option | None:
        """The best place for a visit as the board stands; with ``chance`` a worker is now and then not looked at."""
        visit = self.visits[number]
        free = self.open_starts(number)
        if not free:
            return None
        return self._best_pair(visit, free) if visit.pair else self._best_one(visit, free, chance)

    def _best_one(self, visit: Ready, free: int, chance: Chance | None) -> Option | None:
        best, found, busy = -(1 << 60), None, visit.busy
        most = visit.levels[0][0]
        for worker, points in visit.able:
            if points + most <= best:
                break
            slots = free & self.worker_starts(worker, busy)
            if not slots or (chance is not None and chance() < _BLINK):
                continue
            offer = self._level(visit, slots, points - self.overload(worker, busy), (worker,))
            if offer is not None and offer.points > best:
                best, found = offer.points, offer
        return found

    def _best_pair(self, visit: Ready, free: int) -> Option | None:
        best, found, busy = -(1 << 60), None, visit.busy
        able = [
            (worker, points - self.overload(worker, busy), slots)
            for worker, points in visit.able
            if (slots := free & self.worker_starts(worker, busy))
        ]
        for place, (one, one_points, one_slots) in enumerate(able):
            for other, other_points, other_slots in able[:place]:
                if both := one_slots & other_slots:
                    pair = (other, one) if other < one else (one, other)
                    offer = self._level(visit, both, one_points + other_points, pair)
                    if offer is not None and offer.points > best:
                        best, found = offer.points, offer
        return found

    def _level(self, visit: Ready, slots: int, points: int, workers: tuple[int, ...]) -> Option | None:
        """The best of ``slots`` for these workers, with an interpreter where one is needed."""
        if visit.speakers is not None and visit.speakers.isdisjoint(workers):
            return self._interpreted(visit, slots, points - self.weights.interpreter, workers)
        for level, mask in visit.levels:
            if both := slots & mask:
                return Option(points + level, both, workers, None)
        return None

    def _interpreted(self, visit: Ready, slots: int, points: int, workers: tuple[int, ...]) -> Option | None:
        able = [(one, starts(self._interpreters[one], visit.length) & slots) for one in visit.interpreters]
        for level, mask in visit.levels:
            for one, free in able:
                if both := free & mask:
                    return Option(points + level, both, workers, one)
        return None

    def put(self, number: int, place: Placement) -> None:
        """Place a visit."""
        visit, day = self.visits[number], self._day_of[place.start]
        length, closed = ((1 << visit.length) - 1) << place.start, ~self.instance.days[day]
        points = visit.worth + visit.points_of_start(place.start)
        for party in visit.parties:
            self._parties[party] &= ~length
        for key in visit.once:
            self._open[key] &= closed
        for worker in place.workers:
            points += visit.points[worker] - self.overload(worker, visit.busy)
            self._take(worker, number, visit.busy, place.start, day)
        if place.interpreter is not None:
            points -= self.weights.interpreter
            self._interpreters[place.interpreter] &= ~length
        if visit.pool is not None:
            layers = self._pools[visit.pool]
            for layer in range(len(layers)):
                above = layers[layer + 1] if layer + 1 < len(layers) else 0
                layers[layer] = layers[layer] & ~length | above & length
        if not self._plan_days[visit.plan]:
            points += self.weights.first_visit
        self._plan_days[visit.plan].append(day)
        self._plan_closed[visit.plan] |= self.prepared.near[visit.gap][day]
        self.placed[number] = place
        self.total += points

    def _take(self, worker: int, number: int, busy: int, start: int, day: int) -> None:
        self._workers[worker] &= ~(((1 << busy) - 1) << start)
        self.load[worker] += busy
        self.on[worker][day][number] = None
        self._starts[worker] = {}

    def take_off(self, number: int) -> Placement:
        """Take a placed visit off; returns where it was."""
        place = self.placed[number]
        assert place is not None
        visit, day = self.visits[number], self._day_of[place.start]
        length, opened = ((1 << visit.length) - 1) << place.start, self.instance.days[day]
        points = visit.worth + visit.points_of_start(place.start)
        for party in visit.parties:
            self._parties[party] |= length
        for key in visit.once:
            self._open[key] |= opened
        for worker in place.workers:
            self._give(worker, number, visit.busy, place.start, day)
            points += visit.points[worker] - self.overload(worker, visit.busy)
        if place.interpreter is not None:
            points -= self.weights.interpreter
            self._interpreters[place.interpreter] |= length
        if visit.pool is not None:
            layers = self._pools[visit.pool]
            for layer in reversed(range(len(layers))):
                below = layers[layer - 1] if layer else length
                layers[layer] = layers[layer] & ~length | below & length
        self._forget_day(visit, day)
        self.placed[number] = None
        self.total -= points + (0 if self._plan_days[visit.plan] else self.weights.first_visit)
        return place

    def _give(self, worker: int, number: int, busy: int, start: int, day: int) -> None:
        self._workers[worker] |= ((1 << busy) - 1) << start
        self.load[worker] -= busy
        del self.on[worker][day][number]
        self._starts[worker] = {}

    def _forget_day(self, visit: Ready, day: int) -> None:
        days, closed = self._plan_days[visit.plan], 0
        days.remove(day)
        for other in days:
            closed |= self.prepared.near[visit.gap][other]
        self._plan_closed[visit.plan] = closed

    def fits(self, number: int, place: Placement) -> bool:
        """Whether this very placement is possible as the board stands."""
        visit, bit = self.visits[number], 1 << place.start
        if len(place.workers) != 1 + visit.pair or not set(place.workers) <= visit.points.keys():
            return False
        if not all(self.worker_starts(worker, visit.busy) & bit for worker in place.workers):
            return False
        if visit.needs_interpreter(place.workers) != (place.interpreter is not None):
            return False
        if place.interpreter is not None and not (
            place.interpreter in visit.interpreters
            and self.interpreter_starts(place.interpreter, visit.length) & bit
        ):
            return False
        return bool(self.open_starts(number) & bit)

    def load_from(self, solution: Solution) -> None:
        """Place everything of ``solution`` that still is possible, pinned visits first."""
        for number in sorted(solution.numbers, key=lambda one: not self.visits[one].pinned):
            place = solution.placed[number]
            if place is not None and self.fits(number, place):
                self.put(number, place)


_BLINK = 0.005


def chosen(option: Option, chance: Chance | None = None) -> Placement:
    """One of the equally good starts: the earliest, or any with ``chance``."""
    if chance is None:
        start = (option.starts & -option.starts).bit_length() - 1
    else:
        able = list(each(option.starts))
        start = able[int(chance() * len(able))]
    return Placement(start, option.workers, option.interpreter)
