"""What a person wants to know of a plan beside its points: who is served, by whom, and how the work is spread."""

from dataclasses import dataclass

from contact_service.week.instance import Instance, Placement, Solution, Wanted
from contact_service.week.judge import slots_of_workers, usual_points
from contact_service.week.weights import Known, Priority

_KNOWS = {Known.PRIMARY, Known.FAMILIAR}


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Counts, and shares in a hundred.

    ``known_percent``: placed visits whose workers know the family.  ``usual_percent``: of those with a usual time, at
    most half an hour from it.  ``load_spread``: between the workers of the tenth and the ninetieth percentile, how much
    more of the hours that each may give.  ``least_served_percent``: what the tenth of the plans that get least get.
    """

    visits: int
    placed: int
    court: int
    court_placed: int
    known_percent: float
    usual_percent: float
    load_spread: float
    least_served_percent: float


def measured(instance: Instance, solution: Solution) -> Measures:
    """The measures of a plan."""
    placed = [
        (instance.visits[number], place) for number in solution.numbers if (place := solution.placed[number])
    ]
    with_usual = [(visit, place) for visit, place in placed if visit.usual is not None]
    court = [visit for visit in instance.visits if visit.priority is Priority.COURT]
    taken = slots_of_workers(instance, solution)
    shares = sorted(100 * taken[number] / worker.most_slots for number, worker in enumerate(instance.workers))
    usual, lowest = instance.weights.usual_time, _lowest(instance, solution)
    return Measures(
        visits=len(instance.visits),
        placed=len(placed),
        court=len(court),
        court_placed=sum(visit.priority is Priority.COURT for visit, _ in placed),
        known_percent=_percent(sum(_is_known(visit, place) for visit, place in placed), len(placed)),
        usual_percent=_percent(
            sum(usual_points(instance, visit, place.start) == usual for visit, place in with_usual),
            len(with_usual),
        ),
        load_spread=round(_at(shares, 90) - _at(shares, 10), 1),
        least_served_percent=_percent(sum(lowest), len(lowest)),
    )


def _is_known(visit: Wanted, place: Placement) -> bool:
    return any(visit.known(worker) in _KNOWS for worker in place.workers)


def _percent(part: float, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 100.0


def _at(shares: list[float], percent: int) -> float:
    return shares[min(len(shares) - 1, len(shares) * percent // 100)] if shares else 0.0


def _lowest(instance: Instance, solution: Solution) -> list[float]:
    """Of each plan in the tenth that gets least, the share of its visits that has a place."""
    wanted: dict[int, list[bool]] = {}
    for visit, place in zip(instance.visits, solution.placed, strict=True):
        wanted.setdefault(visit.plan, []).append(place is not None)
    shares = sorted(sum(own) / len(own) for own in wanted.values())
    return shares[: max(1, len(shares) // 10)]
