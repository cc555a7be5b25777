"""Buckets of tokens: what is left, how long to wait, how much memory; and what kind of request each route is."""

import os
from pathlib import Path

import pytest

from contact_service.app import declared_routes
from contact_service.pages.request_limits import kinds_of
from contact_service.request_limits.buckets import Buckets
from contact_service.request_limits.kinds import LIMITS, Budget, Kind, kind_of, shape_of

KINDS = Path(__file__).with_name("request_limits.txt")
BUDGET = Budget(at_once=2, a_minute=6)


def test_so_many_at_once_and_the_next_after_the_time_that_is_said() -> None:
    buckets = Buckets()
    assert [buckets.take("one", BUDGET, at=0) for _ in range(3)] == [0, 0, 10]
    assert buckets.take("one", BUDGET, at=9.9) == 1
    assert buckets.take("one", BUDGET, at=10) == 0


def test_nobody_saves_up_more_than_the_bucket_holds() -> None:
    buckets = Buckets()
    buckets.take("one", BUDGET, at=0)
    assert [buckets.take("one", BUDGET, at=10_000) for _ in range(3)] == [0, 0, 10]


def test_asking_while_one_waits_makes_the_wait_no_longer() -> None:
    buckets = Buckets()
    for _ in range(100):
        buckets.take("one", BUDGET, at=0)
    assert buckets.take("one", BUDGET, at=10) == 0


def test_each_caller_has_a_bucket_and_a_setting_makes_it_larger() -> None:
    buckets = Buckets()
    assert [buckets.take("one", BUDGET, at=0) for _ in range(3)][-1] > 0
    assert buckets.take("other", BUDGET, at=0) == 0
    assert [buckets.take("third", BUDGET, at=0, times=2) for _ in range(5)] == [0, 0, 0, 0, 5]


def test_of_a_million_callers_only_so_many_are_remembered() -> None:
    buckets = Buckets(most=50)
    for number in range(10_000):
        buckets.take(number, BUDGET, at=number)
    assert len(buckets) == 50


def test_every_route_has_its_kind_in_the_list_and_no_line_is_without_route() -> None:
    """A new route fails until somebody read what kind it is; written anew with UPDATE_REQUEST_LIMITS=1."""
    text = "".join(f"{kind_of(*one):10} {one[0]:5} {one[1]}\n" for one in declared_routes())
    if os.environ.get("UPDATE_REQUEST_LIMITS"):
        KINDS.write_text(text, encoding="utf-8")
    assert text == KINDS.read_text(encoding="utf-8")


def test_every_kind_has_a_limit() -> None:
    assert set(LIMITS) == set(Kind)


def test_a_route_that_no_rule_names_stops_the_start() -> None:
    with pytest.raises(LookupError, match="has no limit"):
        kinds_of([("GET", "/elsewhere/{child}")])


def test_an_address_finds_the_kind_of_its_route() -> None:
    kinds = kinds_of(declared_routes())
    some = "0123456789abcdef" * 2
    for method, path, kind in (
        ("POST", f"/w/visit/{some}/room/end", Kind.SAFETY),
        ("POST", f"/v/{some}/withdraw", Kind.SAFETY),
        ("GET", f"/v/{some}/consent/3", Kind.ROOM),
        ("GET", "/w/policy/12", Kind.PAGE),
        ("GET", "/api/v1/weeks/2030-06-03/visits", Kind.API_READ),
    ):
        assert kinds[method, shape_of(path)] is kind


def test_no_two_routes_of_one_shape_have_different_kinds() -> None:
    found: dict[tuple[str, str], set[Kind]] = {}
    for method, route in declared_routes():
        found.setdefault((method, shape_of(route)), set()).add(kind_of(method, route))
    assert [shape for shape, kinds in found.items() if len(kinds) > 1] == []
