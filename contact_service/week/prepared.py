"""What solvers look up a hundred thousand times, worked out once from an instance."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from contact_service.scheduling.grid import each, starts
from contact_service.week.instance import Instance, Placement, Wanted
from contact_service.week.judge import usual_points

Levels = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """One visit.  ``possible``: the starts at which everybody could, were nothing else placed.

    ``levels``: what starts are worth, the best first, as (points, the starts): together all that is possible.
    ``able``: workers with their points, the best first.  ``once``: keys of which one visit a day may be.
    ``speakers``: the workers with whom no interpreter is needed, or None when nobody needs one.
    """

    number: int
    plan: int
    gap: int
    length: int
    busy: int
    worth: int
    possible: int
    levels: Levels
    able: tuple[tuple[int, int], ...]
    points: dict[int, int]
    speakers: frozenset[int] | None
    interpreters: tuple[int, ...]
    parties: tuple[int, ...]
    once: tuple[int, ...]
    pool: int | None
    pair: bool
    pinned: bool

    def points_of_start(self, start: int) -> int:
        """What this start is worth; it must be a possible one."""
        return next(points for points, mask in self.levels if mask >> start & 1)

    def needs_interpreter(self, workers: tuple[int, ...]) -> bool:
        """Whether none of ``workers`` speaks the family's language."""
        return self.speakers is not None and self.speakers.isdisjoint(workers)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An instance with what is known of each visit, of each child's and pair's visits, and of each plan."""

    instance: Instance
    visits: tuple[Ready, ...]
    keys: int
    plans: dict[int, tuple[int, ...]]
    at_party: dict[int, tuple[int, ...]]
    at_key: dict[int, tuple[int, ...]]
    at_pool: dict[int, tuple[int, ...]]
    near: dict[int, tuple[int, ...]]


def prepare(instance: Instance) -> Prepared:
    """``instance`` as solvers want it."""
    keys = {
        ("apart", key): number
        for number, key in enumerate(sorted({k for v in instance.visits for k in v.apart}))
    }
    shift = len(keys)
    visits = tuple(
        _ready(
            instance,
            number,
            visit,
            (*(keys["apart", key] for key in visit.apart), *(shift + c for c in visit.children)),
        )
        for number, visit in enumerate(instance.visits)
    )
    gaps = sorted({visit.gap for visit in instance.visits})
    return Prepared(
        instance=instance,
        visits=visits,
        keys=shift + len(instance.parties),
        plans=_by((one.number, (one.plan,)) for one in visits),
        at_party=_by((one.number, one.parties) for one in visits),
        at_key=_by((one.number, one.once) for one in visits),
        at_pool=_by((one.number, () if one.pool is None else (one.pool,)) for one in visits),
        near={gap: tuple(instance.days_near(day, gap) for day in range(len(instance.days))) for gap in gaps},
    )


def feasible(instance: Instance, visit: Wanted, *, workers: bool = True) -> int:
    """The starts at which everybody who must be there could, were nothing else placed."""
    together = reduce(
        and_, (instance.parties[party].free for party in visit.parties), instance.grid.everything
    )
    if visit.pool is not None:
        together &= instance.pools[visit.pool].with_more_than(0)
    found = visit.allowed & starts(together, visit.length)
    if visit.pinned and visit.booked is not None:
        found &= 1 << visit.booked.start
    if workers:
        busy = visit.length + instance.write_up
        found &= reduce(or_, (starts(instance.workers[worker].free, busy) for worker, _ in visit.able), 0)
    return found


def _ready(instance: Instance, number: int, visit: Wanted, once: tuple[int, ...]) -> Ready:
    possible = feasible(instance, visit)
    points = {worker: instance.weights.of_known(known) for worker, known in visit.able}
    for worker in visit.booked.workers if visit.booked else ():
        if worker in points:
            points[worker] += instance.weights.keep_worker
    interpreters = (n for n, one in enumerate(instance.interpreters) if one.language == visit.language)
    return Ready(
        number=number,
        plan=visit.plan,
        gap=visit.gap,
        length=visit.length,
        busy=visit.length + instance.write_up,
        worth=instance.weights.of_priority(visit.priority),
        possible=possible,
        levels=_levels(instance, visit, possible),
        able=tuple(sorted(points.items(), key=lambda one: (-one[1], one[0]))),
        points=points,
        speakers=None
        if visit.language is None
        else frozenset(w for w in points if instance.speaks(w, visit)),
        interpreters=tuple(interpreters),
        parties=visit.parties,
        once=once,
        pool=visit.pool,
        pair=visit.workers_needed > 1,
        pinned=visit.pinned,
    )


def _levels(instance: Instance, visit: Wanted, possible: int) -> Levels:
    found: dict[int, int] = {}
    for start in each(possible):
        points = usual_points(instance, visit, start)
        if visit.booked is not None and visit.booked.start == start:
            points += instance.weights.keep_time
        found[points] = found.get(points, 0) | 1 << start
    return tuple(sorted(found.items(), reverse=True))


def _by(numbered: Iterable[tuple[int, tuple[int, ...]]]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for number, places in numbered:
        for place in places:
            found.setdefault(place, []).append(number)
    return {place: tuple(numbers) for place, numbers in found.items()}


def overlap(one: Placement, length: int, other: Placement, other_length: int) -> bool:
    """Whether two stretches of slots share one."""
    return one.start < other.start + other_length and other.start < one.start + length
