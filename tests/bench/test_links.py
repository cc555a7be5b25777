"""The bench of links tries what it says, and would see a hit, another answer or a slow one."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from contact_service.bench import link_answers, links
from contact_service.bench.link_answers import compared
from contact_service.bench.link_client import Answer
from contact_service.bench.place import fresh
from contact_service.invitations.token import looks_like_secret

FEW = links.Asked(count=1500, redeemed=120, rounds=2, seed=3, seconds=60)
PART = {"hits": 0}


@pytest.fixture
def made() -> Iterator[links.Links]:
    with fresh(None) as place:
        yield links.make_links(place)


def figures(**changes: dict[str, Any] | bool) -> dict[str, object]:
    door = {"different_answers": 1, "medians_apart_ms": 0.4}
    fine = {"at_the_door": door, "looked_up": PART, "redeemed": PART, "the_good_link_is_found": True}
    return fine | changes


def test_no_random_secret_opens_anything_and_all_dead_links_are_answered_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert links.run(FEW, database_url=None, json_output=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["looked_up"]["secrets"], told["looked_up"]["hits"]) == (1500, 0)
    assert (told["redeemed"]["secrets"], told["redeemed"]["hits"]) == (120, 0)
    assert told["at_the_door"]["different_answers"] == 1
    assert told["at_the_door"]["answers"] == 10
    assert set(told["at_the_door"]["medians_ms"]) == {
        "unknown",
        "expired",
        "revoked",
        "used by another device",
        "of another agency",
    }
    assert all(took >= 248 for took in told["at_the_door"]["medians_ms"].values())
    asked = told["limits_of_the_door"]
    assert asked["told_to_wait"] + asked["looked_up"] == asked["requests"] == link_answers.PRESSED


def test_a_secret_that_is_somebodys_is_seen_among_random_ones(made: links.Links) -> None:
    one, other = (links.random_secrets(seed, 1200) for seed in "12")
    found = links.look_up_all(made.office, chain(one, [made.good], other))
    assert (found["secrets"], found["hits"]) == (2401, 1)
    few = links.random_secrets("3", 20)
    found = links.redeem_all(made.office, chain(few, [made.good]))
    assert (found["secrets"], found["hits"]) == (21, 1)


def test_dead_links_are_real_ones_that_open_nothing(made: links.Links) -> None:
    found = {
        kind: links.look_up_all(made.office, iter([secret]))["hits"] for kind, secret in made.dead.items()
    }
    assert found == {
        "unknown": 0,
        "expired": 1,
        "revoked": 1,
        "used by another device": 1,
        "of another agency": 0,
    }
    assert links.redeem_all(made.office, iter(made.dead.values()))["hits"] == 0


def test_the_look_ups_end_in_time(made: links.Links) -> None:
    found = links.look_up_all(made.office, links.random_secrets("1", 10**9), seconds=0.05)
    assert 1000 <= found["secrets"] < 10**6


def test_random_secrets_have_the_shape_of_links_and_the_same_seed_makes_the_same() -> None:
    once, again, others = (list(links.random_secrets(seed, 50)) for seed in "112")
    assert once == again
    assert len({*once, *others}) == 100
    assert all(looks_like_secret(one) for one in once)


@pytest.mark.parametrize(
    "changes",
    [
        {"looked_up": {"hits": 1}},
        {"redeemed": {"hits": 1}},
        {"at_the_door": {"different_answers": 2, "medians_apart_ms": 0.4}},
        {"at_the_door": {"different_answers": 1, "medians_apart_ms": 2.0}},
        {"the_good_link_is_found": False},
    ],
)
def test_each_of_these_fails_the_run(changes: dict[str, Any]) -> None:
    assert links.holds(figures())
    assert not links.holds(figures(**changes))


@pytest.mark.parametrize(("rounds", "apart"), [(link_answers.JUDGED_FROM, 3.0), (5, None)])
def test_medians_are_judged_where_they_are_no_chance(rounds: int, apart: float | None) -> None:
    seen = (200, (), b"{}")
    answers = [Answer(kind=kind, seen=seen, took=took) for kind, took in (("a", 0.25), ("b", 0.253))]
    told = compared(answers, rounds)
    assert (told["medians_apart_ms"], told["different_answers"]) == (apart, 1)
    other = Answer(kind="a", seen=(200, (), b"{ }"), took=0.25)
    assert compared([*answers, other], rounds)["different_answers"] == 2
