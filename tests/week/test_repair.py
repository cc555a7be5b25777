"""A broken week is mended with little change, pins hold, and what stays without a place is told why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_service.bench.visitgen.changes import bad_morning
from contact_service.bench.visitgen.reading import instance_of, plan_of
from contact_service.bench.visitgen.week import Order, invent
from contact_service.bench.week_validator import troubles
from contact_service.week.instance import Instance, Pool, Solution, with_visits
from contact_service.week.judge import validate
from contact_service.week.outcome import Limit, Solver
from contact_service.week.prepared import prepare
from contact_service.week.repair import Repair, booked, pinned, repair
from contact_service.week.solving import planned
from contact_service.week.unplaced import WORDS, Unplaced, Why, unplaced
from tests.week.weeks import ALL, DAY, GRID, NOON, a_worker, at, hours, invented, plan, wanted, week

MORNING = GRID.instant(34)
STEPS = Limit(steps=300)


def mended(instance: Instance, was: Solution) -> Repair:
    return repair(booked(instance, was), at=MORNING, seed=1, limit=STEPS)


def test_a_week_that_is_not_broken_stays_as_it_is() -> None:
    instance = invented(40)
    was = planned(prepare(instance), Solver.BEST_FIT, seed=1, limit=STEPS).solution
    after = mended(instance, was)
    assert after.outcome.solution == was
    assert after.affected == after.moved == after.lost == ()


def test_only_the_visits_of_a_worker_who_is_ill_change() -> None:
    ill = week([wanted(n) for n in range(4)], workers=(a_worker(0, free=0), a_worker(1), a_worker(2)))
    was = plan(at(2 * DAY, 0), at(2 * DAY, 1), at(NOON + DAY, 0), at(NOON + DAY, 1))
    after = mended(ill, was)
    assert after.affected == after.moved == (0, 2)
    placed = after.outcome.solution.placed
    assert (placed[1], placed[3]) == (was.placed[1], was.placed[3])
    assert [place.workers for place in (placed[0], placed[2]) if place] == [(1,), (1,)]
    assert validate(after.instance, after.outcome.solution) == ()


def test_another_worker_at_the_same_time_is_less_change_than_another_time() -> None:
    ill = week([wanted(0, usual=NOON + 40)], workers=(a_worker(0, free=0), a_worker(1), a_worker(2)))
    assert mended(ill, plan(at(NOON, 0))).outcome.solution.placed == (at(NOON, 1),)


def test_what_begins_within_four_hours_does_not_move() -> None:
    """Worker 1 could take it later, but it begins in three and a half hours: somebody must call the family."""
    free = ALL & ~hours(NOON, NOON + 8)
    ill = week([wanted(0), wanted(1)], workers=(a_worker(0, free=0), a_worker(1, free=free), a_worker(2)))
    after = mended(ill, plan(at(NOON, 0), at(50 + 1, 0)))
    assert after.instance.visits[0].pinned
    assert not after.instance.visits[1].pinned
    assert after.lost == (0,)
    assert after.moved == (1,)


def test_a_pin_holds_against_everything_else() -> None:
    """The pinned visit has the only place there is, although another one is worth more."""
    only = 1 << NOON + DAY
    visits = [
        wanted(
            0, allowed=only, priority="extra", booked=at(NOON + DAY, 0), pinned=True, able=wanted(0).able[:1]
        ),
        wanted(1, allowed=only, able=wanted(0).able[:1]),
    ]
    instance = week(visits)
    for solver in (Solver.BEST_FIT, Solver.RECREATE, Solver.SET_PACKING):
        solution = planned(prepare(instance), solver, seed=1, limit=Limit(steps=1003)).solution
        assert solution.placed == (at(NOON + DAY, 0), None)


def test_the_four_hours_end_where_they_say() -> None:
    edge = 34 + 16
    visits = [wanted(n, booked=at(start, 0)) for n, start in enumerate((10, edge - 1, edge))]
    after = pinned(week(visits), at=MORNING, notice=timedelta(hours=4))
    assert [visit.pinned for visit in after.visits] == [True, True, False]


def test_nobody_gives_way_to_a_visit_that_had_no_place() -> None:
    """The visit without a place is the court's, but the booked one was promised."""
    only, able = 1 << NOON + DAY, wanted(0).able[:1]
    visits = [
        wanted(0, allowed=only, able=able),
        wanted(1, allowed=ALL, able=able, priority="extra"),
        wanted(2),
    ]
    instance = week(visits, workers=(a_worker(0), a_worker(1, free=0), a_worker(2)))
    after = mended(instance, plan(None, at(NOON + DAY, 0), at(NOON + 2 * DAY, 1)))
    assert after.affected == (2,)
    assert after.outcome.solution.placed[1] == at(NOON + DAY, 0)
    assert after.outcome.solution.placed[0] is None


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_bad_morning_is_mended_with_few_moves(seed: int) -> None:
    document = invent(Order(visits=100, seed=seed, per_worker=10))
    before = instance_of(document)
    was = planned(prepare(before), Solver.RECREATE, seed=1, limit=Limit(steps=500)).solution
    morning = bad_morning(document, plan_of(before, was.placed))
    after = repair(instance_of(morning.document), at=morning.at, seed=1, limit=Limit(steps=800))
    solution = after.outcome.solution
    assert validate(after.instance, solution) == ()
    assert troubles(morning.document, plan_of(after.instance, solution.placed)) == []
    assert len(after.affected) > 5
    assert len(after.moved) <= 1.3 * len(after.affected)
    for visit, place in zip(after.instance.visits, solution.placed, strict=True):
        assert not (visit.pinned and place and visit.booked and place.start != visit.booked.start)


# ---- what found no place


def one_left(instance: Instance, solution: Solution) -> Unplaced:
    (found,) = unplaced(prepare(instance), solution)
    assert found.words == WORDS[found.why]
    return found


BUSY = wanted(1, parties=(0, 1), children=(1,), allowed=1 << NOON)
FEW = 1 << NOON | 1 << NOON + 1
LEFT: list[tuple[Why, Instance, Solution]] = [
    (Why.NEVER_TOGETHER, week([wanted(0, allowed=0)]), plan(None)),
    (Why.NOBODY_ABLE, week([wanted(0, able=())]), plan(None)),
    (Why.NOBODY_ABLE, week([wanted(0, workers_needed=2, able=wanted(0).able[:1])]), plan(None)),
    (
        Why.DAYS_TAKEN,
        week([wanted(0, allowed=FEW), wanted(1, plan=0, parties=(1,), children=(1,))]),
        plan(None, at(NOON + 9, 1)),
    ),
    (Why.PEOPLE_TAKEN, week([wanted(0, allowed=FEW), BUSY]), plan(None, at(NOON, 1))),
    (
        Why.POOL_FULL,
        week([wanted(0, allowed=FEW, pool=0), wanted(1, pool=0)]),
        plan(None, at(NOON, 1)),
    ),
    (
        Why.NO_INTERPRETER,
        week([wanted(0, allowed=FEW, language="so"), wanted(1, language="so")]),
        plan(None, at(NOON, 1, interpreter=0)),
    ),
    (Why.ROOM_LEFT, week([wanted(0)]), plan(None)),
]


@pytest.mark.parametrize(
    ("why", "instance", "solution"), LEFT, ids=[f"{n} {why}" for n, (why, *_) in enumerate(LEFT)]
)
def test_why_a_visit_has_no_place_is_told(why: Why, instance: Instance, solution: Solution) -> None:
    assert one_left(instance, solution).why is why


def test_a_link_that_is_free_is_not_to_blame() -> None:
    instance = week([wanted(0, allowed=FEW, pool=0), BUSY], pools=(Pool(name="prison", free=ALL, units=2),))
    assert one_left(instance, plan(None, at(NOON, 1))).why is Why.PEOPLE_TAKEN


def test_the_hour_that_would_place_it_is_the_shortest() -> None:
    """Worker 0 goes home at twelve; worker 1 half an hour later."""
    workers = (a_worker(0, free=hours(30, NOON)), a_worker(1, free=hours(30, NOON + 2)), a_worker(2))
    instance = week([wanted(0, allowed=1 << NOON)], workers=workers)
    found = one_left(instance, plan(None))
    assert found.why is Why.NO_WORKER
    assert found.opening is not None
    opening = found.opening
    assert (opening.worker, opening.first, opening.after, opening.start) == (1, NOON + 2, NOON + 4, NOON)


def test_a_worker_in_another_visit_or_at_the_limit_has_no_hour_to_give() -> None:
    workers = (a_worker(0), a_worker(1, free=0, most_a_day=0), a_worker(2))
    instance = week([wanted(0, allowed=FEW), wanted(1)], workers=workers)
    found = one_left(instance, plan(None, at(NOON, 0)))
    assert (found.why, found.opening) == (Why.NO_WORKER, None)


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))])
def test_the_hour_that_is_named_does_place_the_visit(seed: int) -> None:
    instance = invented(100, seed=seed)
    prepared = prepare(instance)
    solution = planned(prepared, Solver.BEST_FIT, seed=1, limit=STEPS).solution
    openings = [one for one in unplaced(prepared, solution) if one.opening]
    assert openings
    for one in openings:
        assert one.opening
        extra = hours(one.opening.first, one.opening.after)
        workers = list(instance.workers)
        workers[one.opening.worker] = replace(
            workers[one.opening.worker], free=workers[one.opening.worker].free | extra
        )
        (again,) = [
            left
            for left in unplaced(prepare(replace(instance, workers=tuple(workers))), solution)
            if left.visit == one.visit
        ]
        assert again.why is Why.ROOM_LEFT


def test_the_courts_visits_are_named_first() -> None:
    instance = invented(100)
    solution = planned(prepare(instance), Solver.BEST_FIT, seed=1, limit=STEPS).solution
    found = [instance.visits[one.visit].priority for one in unplaced(prepare(instance), solution)]
    assert len(found) == 100 - len(solution.numbers)
    assert found == sorted(found, key=["court", "agreed", "extra"].index)


def test_a_booked_week_is_the_same_week_with_places() -> None:
    instance = week([wanted(0)])
    assert with_visits(instance, booked(instance, plan(at(NOON, 0))).visits).visits[0].booked == at(NOON, 0)
