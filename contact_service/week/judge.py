"""Whether a plan breaks a hard rule, and how good it is: one judge for every solver, and independent of each.

It counts slot by slot in plain dictionaries, and shares nothing with the sets that solvers keep.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import combinations

from contact_service.week.instance import USUAL_WITHIN, Instance, Placement, Solution, Wanted
from contact_service.week.weights import Known


class Rule(StrEnum):
    """A rule that no plan may break."""

    OUT_OF_WEEK = "out_of_week"
    PLAN_HOURS = "plan_hours"
    PARTY_AWAY = "party_away"
    PARTY_TWICE = "party_twice"
    CHILD_TWICE_A_DAY = "child_twice_a_day"
    APART = "apart"
    SPACING = "spacing"
    WORKER_COUNT = "worker_count"
    WORKER_NOT_ABLE = "worker_not_able"
    WORKER_AWAY = "worker_away"
    WORKER_TWICE = "worker_twice"
    WORKER_DAY = "worker_day"
    WORKER_WEEK = "worker_week"
    INTERPRETER_MISSING = "interpreter_missing"
    INTERPRETER_NEEDLESS = "interpreter_needless"
    INTERPRETER_AWAY = "interpreter_away"
    INTERPRETER_TWICE = "interpreter_twice"
    POOL_CLOSED = "pool_closed"
    POOL_FULL = "pool_full"
    PIN_MOVED = "pin_moved"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A rule that is broken, by which visits."""

    rule: Rule
    visits: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Score:
    """How good a plan is, in points of the instance's weights; costs are negative."""

    priority: int
    continuity: int
    usual: int
    fairness: int
    interpreter: int
    load: int
    kept: int

    @property
    def total(self) -> int:
        """Every part together: what solvers make large."""
        return sum(asdict(self).values())


def validate(instance: Instance, solution: Solution) -> tuple[Fault, ...]:
    """Every hard rule that ``solution`` breaks; nothing when it may be shown to a person."""
    if len(solution.placed) != len(instance.visits):
        raise ValueError("a plan of another week")
    outside = {
        number for number, _, place in _placed(instance, solution) if not _within(instance, number, place)
    }
    if outside:  # what has no place in the week has no day either
        return tuple(Fault(rule=Rule.OUT_OF_WEEK, visits=(number,)) for number in sorted(outside))
    return (
        *(
            fault
            for number, visit, place in _placed(instance, solution)
            for fault in _own(instance, number, visit, place)
        ),
        *_crowded(instance, solution),
        *_pairs(instance, solution),
        *_loads(instance, solution),
    )


def score(instance: Instance, solution: Solution) -> Score:
    """The points of ``solution``, part by part."""
    weights, placed = instance.weights, list(_placed(instance, solution))
    plans = {visit.plan for _, visit, _ in placed}
    return Score(
        priority=sum(weights.of_priority(visit.priority) for _, visit, _ in placed),
        continuity=sum(
            weights.of_known(visit.known(worker) or Known.STRANGER)
            for _, visit, place in placed
            for worker in place.workers
        ),
        usual=sum(usual_points(instance, visit, place.start) for _, visit, place in placed),
        fairness=weights.first_visit * len(plans),
        interpreter=-weights.interpreter * sum(place.interpreter is not None for _, _, place in placed),
        load=-weights.overload * _overload(instance, solution),
        kept=sum(kept_points(instance, visit, place) for _, visit, place in placed),
    )


def usual_points(instance: Instance, visit: Wanted, start: int) -> int:
    """What this start is worth for being the usual one, or on the usual day; where none is, for suiting a child."""
    if visit.usual is None:
        return instance.weights.usual_day if visit.suits >> start & 1 else 0
    if abs(start - visit.usual) <= USUAL_WITHIN:
        return instance.weights.usual_time
    same = instance.day_of[start] == instance.day_of[visit.usual]
    return instance.weights.usual_day if same else 0


def kept_points(instance: Instance, visit: Wanted, place: Placement) -> int:
    """What it is worth that a booked visit keeps its time, and each of its workers."""
    if visit.booked is None:
        return 0
    keeps = len(set(place.workers) & set(visit.booked.workers))
    time = instance.weights.keep_time if place.start == visit.booked.start else 0
    return time + instance.weights.keep_worker * keeps


def _placed(instance: Instance, solution: Solution) -> Iterator[tuple[int, Wanted, Placement]]:
    for number, place in enumerate(solution.placed):
        if place is not None:
            yield number, instance.visits[number], place


def _within(instance: Instance, number: int, place: Placement) -> bool:
    last = place.start + instance.visits[number].length
    interpreter = place.interpreter is None or 0 <= place.interpreter < len(instance.interpreters)
    workers = all(0 <= worker < len(instance.workers) for worker in place.workers)
    return place.start >= 0 and last <= instance.grid.slots and interpreter and workers


def _covered(free: int, first: int, length: int) -> bool:
    return all(free >> slot & 1 for slot in range(first, first + length))


def _own(instance: Instance, number: int, visit: Wanted, place: Placement) -> Iterator[Fault]:
    """What one placement breaks whatever the others are."""
    busy = visit.length + instance.write_up
    broken = {
        Rule.PLAN_HOURS: not visit.allowed >> place.start & 1,
        Rule.PARTY_AWAY: not all(
            _covered(instance.parties[party].free, place.start, visit.length) for party in visit.parties
        ),
        Rule.WORKER_COUNT: len(set(place.workers)) != visit.workers_needed
        or len(place.workers) != visit.workers_needed,
        Rule.WORKER_NOT_ABLE: any(visit.known(worker) is None for worker in place.workers),
        Rule.WORKER_AWAY: not all(
            _covered(instance.workers[worker].free, place.start, busy) for worker in place.workers
        ),
        Rule.POOL_CLOSED: visit.pool is not None
        and not _covered(instance.pools[visit.pool].free, place.start, visit.length),
        Rule.PIN_MOVED: visit.pinned and visit.booked is not None and visit.booked.start != place.start,
        **_interpreting(instance, visit, place),
    }
    yield from (Fault(rule=rule, visits=(number,)) for rule, is_broken in broken.items() if is_broken)


def _interpreting(instance: Instance, visit: Wanted, place: Placement) -> dict[Rule, bool]:
    spoken = any(instance.speaks(worker, visit) for worker in place.workers)
    if place.interpreter is None:
        return {Rule.INTERPRETER_MISSING: not spoken}
    comes = instance.interpreters[place.interpreter]
    return {
        Rule.INTERPRETER_NEEDLESS: spoken,
        Rule.INTERPRETER_MISSING: comes.language != visit.language,
        Rule.INTERPRETER_AWAY: not _covered(comes.free, place.start, visit.length),
    }


def _crowded(instance: Instance, solution: Solution) -> Iterator[Fault]:
    """Whoever is in two visits in one slot, and pools with more visits than units."""
    inside: dict[tuple[Rule, int, int], list[int]] = {}
    for number, visit, place in _placed(instance, solution):
        for rule, thing, length in _takes(instance, visit, place):
            for slot in range(place.start, place.start + length):
                inside.setdefault((rule, thing, slot), []).append(number)
    found = {
        (rule, tuple(visits))
        for (rule, thing, slot), visits in inside.items()
        if len(visits) > (instance.pools[thing].left_in(slot) if rule is Rule.POOL_FULL else 1)
    }
    yield from (Fault(rule=rule, visits=visits) for rule, visits in sorted(found))


def _takes(instance: Instance, visit: Wanted, place: Placement) -> Iterator[tuple[Rule, int, int]]:
    yield from ((Rule.PARTY_TWICE, party, visit.length) for party in visit.parties)
    yield from ((Rule.WORKER_TWICE, worker, visit.length + instance.write_up) for worker in place.workers)
    if place.interpreter is not None:
        yield Rule.INTERPRETER_TWICE, place.interpreter, visit.length
    if visit.pool is not None:
        yield Rule.POOL_FULL, visit.pool, visit.length


def _pairs(instance: Instance, solution: Solution) -> Iterator[Fault]:
    """Two visits on days on which both may not be."""
    for (one, first, here), (other, second, there) in combinations(_placed(instance, solution), 2):
        between = abs(instance.day_of[here.start] - instance.day_of[there.start])
        broken = {
            Rule.SPACING: first.plan == second.plan and between < first.gap,
            Rule.CHILD_TWICE_A_DAY: between == 0 and bool(set(first.children) & set(second.children)),
            Rule.APART: between == 0 and bool(set(first.apart) & set(second.apart)),
        }
        yield from (Fault(rule=rule, visits=(one, other)) for rule, is_broken in broken.items() if is_broken)


def _loads(instance: Instance, solution: Solution) -> Iterator[Fault]:
    days: dict[tuple[int, int], list[int]] = {}
    for number, _, place in _placed(instance, solution):
        for worker in place.workers:
            days.setdefault((worker, instance.day_of[place.start]), []).append(number)
    for (worker, day), visits in sorted(days.items()):
        if len(visits) > instance.workers[worker].most_on(day):
            yield Fault(rule=Rule.WORKER_DAY, visits=tuple(visits))
    for worker, taken in sorted(slots_of_workers(instance, solution).items()):
        if taken > instance.workers[worker].most_slots:
            own = (number for number, _, place in _placed(instance, solution) if worker in place.workers)
            yield Fault(rule=Rule.WORKER_WEEK, visits=tuple(own))


def slots_of_workers(instance: Instance, solution: Solution) -> Counter[int]:
    """The slots that each worker spends in visits and writing them up."""
    taken: Counter[int] = Counter()
    for _, visit, place in _placed(instance, solution):
        for worker in place.workers:
            taken[worker] += visit.length + instance.write_up
    return taken


def _overload(instance: Instance, solution: Solution) -> int:
    taken = slots_of_workers(instance, solution)
    return sum(max(0, slots - instance.workers[worker].fair_slots) for worker, slots in taken.items())
