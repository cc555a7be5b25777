"""Every hard rule, broken once, is noticed; the judge and the independent validator agree on plans good and bad."""

import os
from random import Random

import pytest

from contact_service.bench.visitgen.reading import instance_of, plan_of
from contact_service.bench.visitgen.week import Order, invent
from contact_service.bench.week_validator import troubles
from contact_service.week.best_fit import best_fit
from contact_service.week.errors import BadWeek
from contact_service.week.instance import Instance, Party, Placement, Pool, Solution
from contact_service.week.judge import Fault, Rule, score, validate
from contact_service.week.prepared import prepare
from contact_service.week.weights import Known, Priority
from tests.week.weeks import ALL, DAY, NOON, a_worker, at, hours, plan, wanted, week

MUTATIONS = int(os.environ.get("PLAN_CASES", "20"))
AWAY = ALL & ~hours(NOON + 2, NOON + 3)
SOMALI = wanted(0, language="so")
TWO = (wanted(0), wanted(1))
SAME = (at(NOON, 0), at(NOON, 1))
SEVEN = [wanted(number, parties=(), children=()) for number in range(7)]


def with_worker(**changes: object) -> tuple[object, ...]:
    return (a_worker(0, **changes), a_worker(1), a_worker(2))


BROKEN: list[tuple[Rule, Instance, Solution]] = [
    (Rule.OUT_OF_WEEK, week([wanted(0)]), plan(at(7 * DAY - 2, 0))),
    (Rule.OUT_OF_WEEK, week([wanted(0)]), plan(at(-1, 0))),
    (Rule.OUT_OF_WEEK, week([wanted(0)]), plan(at(NOON, 9))),
    (Rule.OUT_OF_WEEK, week([SOMALI]), plan(at(NOON, 0, interpreter=5))),
    (Rule.PLAN_HOURS, week([wanted(0, allowed=ALL & ~(1 << NOON))]), plan(at(NOON, 0))),
    (Rule.PARTY_AWAY, week([wanted(0)], parties=(Party(name="child", free=AWAY),)), plan(at(NOON, 0))),
    (Rule.PARTY_TWICE, week([wanted(0), wanted(1, parties=(0, 1))]), plan(at(NOON, 0), at(NOON + 2, 1))),
    (
        Rule.CHILD_TWICE_A_DAY,
        week([wanted(0), wanted(1, parties=(0,), children=(0,))]),
        plan(at(NOON, 0), at(NOON + 20, 0)),
    ),
    (Rule.APART, week([wanted(0, apart=(7,)), wanted(1, apart=(7,))]), plan(at(NOON, 0), at(NOON + 20, 0))),
    (
        Rule.SPACING,
        week([wanted(0, gap=2), wanted(1, plan=0, gap=2)]),
        plan(at(NOON, 0), at(NOON + DAY, 0)),
    ),
    (Rule.WORKER_COUNT, week([wanted(0, workers_needed=2)]), plan(at(NOON, 0))),
    (Rule.WORKER_COUNT, week([wanted(0, workers_needed=2)]), plan(at(NOON, 0, 0))),
    (Rule.WORKER_NOT_ABLE, week([wanted(0)]), plan(at(NOON, 2))),
    (
        Rule.WORKER_AWAY,  # during the writing up
        week([wanted(0)], workers=with_worker(free=ALL & ~(1 << NOON + 3))),
        plan(at(NOON, 0)),
    ),
    (Rule.WORKER_TWICE, week(TWO), plan(at(NOON, 0), at(NOON + 3, 0))),
    (
        Rule.WORKER_DAY,
        week(SEVEN, workers=with_worker(most_a_day=6)),
        plan(*(at(20 + 4 * number, 0) for number in range(7))),
    ),
    (
        Rule.WORKER_DAY,  # one is booked already
        week(TWO, workers=with_worker(most_a_day=2, booked=(1,) * 7)),
        plan(at(NOON, 0), at(NOON + 4, 0)),
    ),
    (Rule.WORKER_WEEK, week(TWO, workers=with_worker(most_slots=7)), plan(at(NOON, 0), at(NOON + DAY, 0))),
    (Rule.INTERPRETER_MISSING, week([SOMALI]), plan(at(NOON, 0))),
    (Rule.INTERPRETER_MISSING, week([SOMALI]), plan(at(NOON, 0, interpreter=1))),
    (Rule.INTERPRETER_NEEDLESS, week([wanted(0)]), plan(at(NOON, 0, interpreter=0))),
    (
        Rule.INTERPRETER_TWICE,
        week([SOMALI, wanted(1, language="so")]),
        plan(*(at(NOON, n, interpreter=0) for n in (0, 1))),
    ),
    (
        Rule.POOL_CLOSED,
        week([wanted(0, pool=0)], pools=(Pool(name="prison", free=AWAY, units=1),)),
        plan(at(NOON, 0)),
    ),
    (Rule.POOL_FULL, week([wanted(0, pool=0), wanted(1, pool=0)]), plan(*SAME)),
    (Rule.PIN_MOVED, week([wanted(0, booked=at(NOON, 0), pinned=True)]), plan(at(NOON + 1, 0))),
]


@pytest.mark.parametrize(
    ("rule", "instance", "solution"), BROKEN, ids=[f"{n} {rule}" for n, (rule, *_) in enumerate(BROKEN)]
)
def test_a_rule_that_is_broken_is_noticed(rule: Rule, instance: Instance, solution: Solution) -> None:
    assert rule in {fault.rule for fault in validate(instance, solution)}


def test_every_rule_is_broken_above() -> None:
    assert {rule for rule, *_ in BROKEN} | {Rule.INTERPRETER_AWAY} == set(Rule)


def test_an_interpreter_who_is_away_is_noticed() -> None:
    instance = week([SOMALI])
    away = week(
        [SOMALI],
        interpreters=tuple(
            type(one)(name=one.name, free=AWAY, language="so") for one in instance.interpreters
        ),
    )
    assert validate(instance, plan(at(NOON, 0, interpreter=0))) == ()
    assert validate(away, plan(at(NOON, 0, interpreter=0))) == (
        Fault(rule=Rule.INTERPRETER_AWAY, visits=(0,)),
    )


@pytest.mark.parametrize(
    ("instance", "solution"),
    [
        (week(TWO), plan(*SAME)),
        (week(TWO), plan(at(NOON, 0), at(NOON + 4, 0))),
        (week([wanted(0, gap=2), wanted(1, plan=0, gap=2)]), plan(at(NOON, 0), at(NOON + 2 * DAY, 0))),
        (week([wanted(0, pool=0), wanted(1, pool=0)]), plan(at(NOON, 0), at(NOON + 3, 1))),
        (week([wanted(0, workers_needed=2)]), plan(at(NOON, 0, 1))),
        (week([SOMALI], workers=with_worker(languages=("en", "so"))), plan(at(NOON, 0))),
        (week(TWO), plan(None, None)),
    ],
)
def test_what_just_keeps_the_rules_is_legal(instance: Instance, solution: Solution) -> None:
    assert validate(instance, solution) == ()


def test_a_plan_of_another_week_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="another week"):
        validate(week(TWO), plan(None))


def test_every_part_of_the_points_is_counted() -> None:
    visits = [
        wanted(0, usual=NOON + 2),
        wanted(1, usual=NOON + 9, priority=Priority.AGREED, booked=at(NOON + DAY, 1)),
        wanted(2, plan=1, priority=Priority.EXTRA, language="so"),
    ]
    instance = week(visits, workers=with_worker(fair_slots=3))
    points = score(instance, plan(at(NOON, 0), at(NOON + DAY, 1), at(NOON + 3 * DAY, 1, interpreter=0)))
    assert (points.priority, points.continuity, points.usual) == (2100, 80, 25)
    assert (points.fairness, points.interpreter, points.load, points.kept) == (100, -15, -3, 600)
    assert points.total == 2887


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parties": (9,)}, "a party"),
        ({"children": (1,)}, "a party"),
        ({"able": ((3, Known.TEAM),)}, "a worker"),
        ({"pool": 1}, "a pool"),
        ({"usual": 7 * DAY}, "usual time"),
        ({"length": 0}, "a length"),
        ({"workers_needed": 3}, "a length"),
        ({"pinned": True}, "not booked"),
    ],
)
def test_a_week_that_points_at_nothing_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(BadWeek, match=words):
        week([wanted(0, **changes)])


def test_days_that_overlap_and_gaps_that_differ_are_refused() -> None:
    with pytest.raises(BadWeek, match="cover"):
        week([], days=(ALL, 1))
    with pytest.raises(BadWeek, match="another gap"):
        week([wanted(0, gap=2), wanted(1, plan=0, gap=1)])


# ---- against the validator that goes minute by minute


def moved_somehow(random: Random, instance: Instance, placed: list[Placement | None]) -> None:
    """Change one visit: a little later, anywhere, another worker, another interpreter, or nowhere."""
    number = random.randrange(len(placed))
    was = placed[number] or at(random.randrange(instance.grid.slots - 6), 0)
    workers = tuple(
        sorted(random.sample(range(len(instance.workers)), instance.visits[number].workers_needed))
    )
    placed[number] = random.choice(
        [
            was._replace(start=min(instance.grid.slots - 6, was.start + random.choice([1, 2, 4]))),
            was._replace(start=random.randrange(instance.grid.slots - 6)),
            was._replace(workers=workers),
            was._replace(interpreter=random.choice([None, *range(len(instance.interpreters))])),
            None,
        ]
    )


@pytest.mark.parametrize("mode", ["stress", "planted", "dst"])
def test_the_judge_says_what_the_validator_says(mode: str) -> None:
    seen = {True: 0, False: 0}
    for seed in range(1, 1 + MUTATIONS // 20):
        document = invent(Order(visits=24, seed=seed, mode=mode))
        instance = instance_of(document)
        best = best_fit(prepare(instance)).solution
        random = Random(seed)  # noqa: S311 - which visit is moved
        for _ in range(20):
            placed = list(best.placed)
            moved_somehow(random, instance, placed)
            solution = Solution(placed=tuple(placed))
            found = validate(instance, solution)
            said = troubles(document, plan_of(instance, solution.placed))
            assert bool(found) == bool(said), (found, said)
            seen[bool(found)] += 1
    assert min(seen.values()) > MUTATIONS // 10
