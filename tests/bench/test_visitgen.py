"""Invented weeks are the same everywhere, their planted plans are legal, and the validator notices what is not."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contact_service.bench.visitgen.changes import bad_morning, next_week
from contact_service.bench.visitgen.reading import instance_of, plan_of
from contact_service.bench.visitgen.stream import Stream
from contact_service.bench.visitgen.wall import Document, clock, free_quarters, is_open, rule, week
from contact_service.bench.visitgen.week import Order, digest, invent, planted
from contact_service.bench.week_validator import troubles
from contact_service.scheduling.grid import each
from contact_service.week.best_fit import best_fit
from contact_service.week.judge import validate
from contact_service.week.prepared import prepare
from contact_service.week.weights import Priority

ROOT = Path(__file__).parents[2]
MODES = ("stress", "planted", "dst")
# Written down: a change of the generator is a new version of it, and figures of the old one are not comparable.
HASHES = {
    "stress": "33beba00892ac1d5a361363614ab418c6034ba2b0b040c207d98ba8cb74b4d7a",
    "planted": "df5c8de9a40bee37d701b55fc7c7883c71ed62e1a3020ec92a72717efa7f0920",
    "dst": "403b2a5c3232dbdcc8f9e44c87306d5a5281bab4a34957c8d88c3d75722f4501",
}


@pytest.mark.parametrize("mode", MODES)
def test_a_week_has_the_hash_that_is_written_down(mode: str) -> None:
    assert digest(invent(Order(visits=100, seed=1, mode=mode))) == HASHES[mode]


def test_another_process_invents_the_same() -> None:
    written = (
        "from contact_service.bench.visitgen.week import *\nprint(digest(invent(Order(visits=100, seed=1))))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "99", "PYTHONPATH": str(ROOT), "TZ": "Asia/Kathmandu"}
    done = subprocess.run(
        [sys.executable, "-c", written], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == HASHES["stress"]


def test_a_stream_is_the_same_everywhere_and_each_thing_has_its_own() -> None:
    draws = [
        Stream(1, "worker", 0).below(1000),
        Stream(1, "worker", 1).below(1000),
        Stream(2, "worker", 0).below(1000),
    ]
    assert draws == [626, 43, 430]
    stream = Stream(1, "shares")
    assert 250 < sum(stream.percent(30) for _ in range(1000)) < 350
    drawn = [stream.weighted((("a", 1), ("b", 3))) for _ in range(1000)]
    assert 200 < drawn.count("a") < 300
    assert sorted(stream.sample(range(5), 9)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "region", ["US", *(pytest.param(one, marks=pytest.mark.slow) for one in ("UK", "AU"))]
)
@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_a_planted_week_has_a_place_for_every_visit(region: str, seed: int) -> None:
    order = Order(visits=120, seed=seed, mode="planted", region=region)
    document, plan = invent(order), planted(order)
    assert len(plan) == sum(len(one["visits"]) for one in document["plans"]) == 120
    assert troubles(document, plan) == []


def test_other_modes_plant_nothing() -> None:
    assert planted(Order(visits=20, seed=1)) == {}


@pytest.mark.parametrize("region", ["US", "UK", "AU"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 4))])
def test_weeks_of_clock_changes_have_their_length_and_hours_mean_the_same_both_ways(
    region: str, seed: int
) -> None:
    """Sets of slots, and the clock quarter hour by quarter hour."""
    document = invent(Order(visits=30, seed=seed, mode="dst", region=region))
    instance = instance_of(document)
    assert instance.grid.slots == len(week(document["monday"], document["zone"])) in {668, 672, 676}
    assert {one["zone"] for one in document["parties"]} > {document["zone"]}
    for one, party in zip(document["parties"], instance.parties, strict=True):
        assert set(each(party.free)) == free_quarters(document, one["hours"], one["zone"])


def test_what_is_closed_beats_what_is_open() -> None:
    hours = [
        rule("open", 540, 1020, "shift", days=[0]),
        rule("blocked", 720, 750, "lunch", date="2026-10-26"),
    ]
    shown = [is_open(hours, "2026-10-26", 0, minute) for minute in (539, 540, 719, 720, 749, 750, 1019, 1020)]
    assert shown == [False, True, True, False, False, True, True, False]
    assert is_open(hours, "2026-11-02", 0, 730)
    assert not is_open(hours, "2026-10-27", 1, 730)


def test_the_clock_shows_what_it_shows_there() -> None:
    there = clock("2026-10-26", "America/Chicago", "Asia/Kathmandu")
    assert there[0] == ("2026-10-26", 0, 10 * 60 + 45)


def test_an_agency_is_what_its_rates_say() -> None:
    document = invent(Order(visits=420, seed=1))
    instance = instance_of(document)
    assert (len(instance.visits), len(instance.workers)) == (420, 30)
    court = sum(visit.priority is Priority.COURT for visit in instance.visits)
    assert 250 < court < 320
    assert {visit.length for visit in instance.visits} == {2, 3, 4, 6}
    assert max(len(visit.able) for visit in instance.visits) <= 12
    assert any(visit.workers_needed == 2 for visit in instance.visits)
    assert any(visit.apart for visit in instance.visits)
    children = {child for visit in instance.visits for child in visit.children}
    assert 250 < len(children) < 400


# ---- the validator


def found(document: Document, plan: dict[str, Document]) -> str:
    return "\n".join(troubles(document, plan))


def legal() -> tuple[Document, dict[str, Document]]:
    order = Order(visits=80, seed=4, mode="planted")
    return invent(order), planted(order)


def terms_of(document: Document, name: str) -> Document:
    return next(plan for plan in document["plans"] if any(visit["id"] == name for visit in plan["visits"]))


def test_the_validator_notices_times() -> None:
    document, plan = legal()
    name = next(iter(plan))
    later = datetime.fromisoformat(plan[name]["start"]) + timedelta(minutes=7)
    assert "quarter hour" in found(document, plan | {name: plan[name] | {"start": later.isoformat()}})
    night = datetime.fromisoformat(plan[name]["start"]).replace(hour=9)
    assert "away" in found(document, plan | {name: plan[name] | {"start": night.isoformat()}})


def test_the_validator_notices_who_watches() -> None:
    document, plan = legal()
    name = next(name for name in plan if terms_of(document, name)["workers_needed"] == 1)
    terms = terms_of(document, name)
    stranger = (
        next(one["id"] for one in document["workers"] if one["id"] not in terms["knows"])
        if len(document["workers"]) > 12
        else None
    )
    (watches,) = plan[name]["workers"]
    assert "number of workers" in found(document, plan | {name: plan[name] | {"workers": []}})
    assert "may not" in found(
        document | {"plans": [_with(one, terms, conflicts=[watches]) for one in document["plans"]]}, plan
    )
    staff = [one | {"female": False} for one in document["workers"]]
    women = {"plans": [_with(one, terms, female_only=True) for one in document["plans"]], "workers": staff}
    assert "no woman" in found(document | women, plan)
    assert stranger is None
    assert "nobody wanted" in found(document, plan | {"more": plan[name]})


def _with(one: Document, terms: Document, **changes: object) -> Document:
    return one | changes if one is terms else one


def test_the_validator_notices_languages() -> None:
    document, plan = legal()
    name = next(name for name in plan if plan[name]["interpreter"])
    assert "too few or too many" in found(document, plan | {name: plan[name] | {"interpreter": None}})
    other = next(
        one["id"]
        for one in document["interpreters"]
        if one["language"] != terms_of(document, name)["language"]
    )
    assert "interpreter cannot" in found(document, plan | {name: plan[name] | {"interpreter": other}})


def test_the_validator_notices_what_cannot_be_together() -> None:
    document, plan = legal()
    several = next(one for one in document["plans"] if len(one["visits"]) > 1)
    one, other = (visit["id"] for visit in several["visits"][:2])
    said = found(document, plan | {other: plan[one]})
    assert all(words in said for words in ("at once", "too close", "twice a day"))
    names = list(plan)
    apart = [one | {"apart": ["apart0"]} for one in document["plans"]]
    assert "kept apart" in found(document | {"plans": apart}, {name: plan[name] for name in names})


def test_the_validator_notices_limits_and_pins() -> None:
    document, plan = legal()
    tired = [one | {"most_a_day": 1, "most_minutes": 60} for one in document["workers"]]
    said = found(document | {"workers": tired}, plan)
    assert "too many visits a day" in said
    assert "too many hours" in said
    closed = [one | {"hours": []} for one in document["pools"]]
    assert "the pool is closed" in found(document | {"pools": closed}, plan)
    name = next(iter(plan))
    booked = plan[name] | {"start": "2026-10-26T09:00:00+00:00"}
    pinned = {name: {"pinned": True, "booked": booked}}
    plans = [
        one | {"visits": [visit | pinned.get(visit["id"], {}) for visit in one["visits"]]}
        for one in document["plans"]
    ]
    assert "pinned elsewhere" in found(document | {"plans": plans}, plan)


# ---- what happens to a week


def test_a_bad_morning_takes_two_workers_a_prison_and_a_home() -> None:
    document = invent(Order(visits=80, seed=2))
    instance = instance_of(document)
    plan = plan_of(instance, best_fit(prepare(instance)).solution.placed)
    before = digest(document)
    morning = bad_morning(document, plan)
    assert digest(document) == before
    changed = morning.document
    ill = [one for one in changed["workers"] if any(hours["why"] == "ill" for hours in one["hours"])]
    locked = [one for one in changed["pools"] if any(hours["why"] == "lockdown" for hours in one["hours"])]
    assert (len(ill), len(locked)) == (2, 1)
    assert len(changed["parties"]) == len(document["parties"]) + 1
    assert morning.at.isoformat() == "2026-10-26T13:30:00+00:00"
    assert troubles(changed, plan)
    visits = [visit for one in changed["plans"] for visit in one["visits"]]
    assert {visit["id"]: visit["booked"] for visit in visits if visit["booked"]} == plan


def test_the_week_after_keeps_what_was_held_and_owes_what_was_lost() -> None:
    document = invent(Order(visits=80, seed=2))
    instance = instance_of(document)
    plan = plan_of(instance, best_fit(prepare(instance)).solution.placed)
    follows = next_week(document, plan, 1)
    assert follows["monday"] == "2026-11-02"
    usual = {visit["id"]: visit["usual"] for one in follows["plans"] for visit in one["visits"]}
    after = instance_of(follows)
    for name in plan:
        assert usual[name] is not None
    made_up = [name for name in usual if "m" in name]
    unheld = {visit.plan for number, visit in enumerate(instance.visits) if visit.name not in plan}
    assert len(made_up) > len(unheld) > 0
    assert validate(after, best_fit(prepare(after)).solution) == ()
    again = next_week(follows, {}, 2)
    assert sum(len(one["visits"]) for one in again["plans"]) <= 80 + len(document["plans"])
