"""Whoever leaves a time goes before whoever comes to it."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from contact_service.agency_week.in_turn import in_turn
from contact_service.agency_week.run import DraftState, PlannedVisit, Was
from contact_service.ids import AccountId, CaseId, PersonId, VisitId
from contact_service.plans.terms import SupervisionLevel
from tests.cast import NOON

WATCHER = AccountId("watcher")


def moving(
    name: str, *, was: int, to: int | None, with_whom: str = "", by: AccountId = WATCHER
) -> PlannedVisit:
    """A booked visit of three quarters of an hour that moves from one hour of the week to another."""
    return PlannedVisit(
        id=VisitId(name),
        number=0,
        key=name,
        case=CaseId(name),
        child=PersonId(with_whom or f"child of {name}"),
        people=(PersonId(f"mother of {name}"),),
        caregiver=None,
        sharing=(),
        length=timedelta(minutes=45),
        level=SupervisionLevel.SUPERVISED,
        priority="agreed",
        makes_up=False,
        starts_at=None if to is None else NOON + timedelta(hours=to),
        supervisor=by,
        duty=None,
        pinned=False,
        reasons=(),
        opening=None,
        booked=VisitId(name),
        state=DraftState.DRAFT,
        refusal=(),
        was=Was(starts_at=NOON + timedelta(hours=was), supervisor=WATCHER, duty=WATCHER),
    )


def names(visits: list[PlannedVisit]) -> list[str]:
    return [one.key for one in visits]


def test_a_chain_of_moves_begins_where_a_place_is_free() -> None:
    chain = [
        moving("first", was=0, to=24),
        moving("second", was=24, to=48),
        moving("third", was=48, to=72),
    ]
    for order in permutations(chain):
        assert names(in_turn(order)) == ["third", "second", "first"]


def test_the_time_around_a_visit_counts() -> None:
    later, into = moving("later", was=24, to=48), moving("into", was=0, to=25)
    assert names(in_turn([into, later])) == ["later", "into"]


def test_another_visit_of_the_same_child_leaves_its_day_first() -> None:
    away = moving("away", was=24, to=96, with_whom="Mia", by=AccountId("another"))
    comes = moving("comes", was=0, to=30, with_whom="Mia", by=AccountId("a third"))
    assert names(in_turn([comes, away])) == ["away", "comes"]


def test_visits_of_others_do_not_wait() -> None:
    elsewhere = [
        replace(moving("one", was=0, to=24), number=1, supervisor=AccountId("another")),
        replace(moving("two", was=24, to=48), number=2),
    ]
    assert names(in_turn(elsewhere)) == ["one", "two"]


def test_a_ring_still_has_an_order_and_what_leads_out_of_it_comes_first() -> None:
    ring = [moving("one", was=0, to=24), moving("two", was=24, to=0), moving("free", was=48, to=96)]
    assert names(in_turn(ring))[0] == "free"
    assert {*names(in_turn(ring))} == {"one", "two", "free"}


@pytest.mark.parametrize("to", [24, None])
def test_what_was_refused_comes_last(to: int | None) -> None:
    refused = replace(moving("refused", was=0, to=to), state=DraftState.REFUSED)
    assert names(in_turn([refused, moving("new", was=100, to=120)])) == ["new", "refused"]
