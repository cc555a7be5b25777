"""R44 to R46, and where a restriction stands."""

from datetime import UTC, datetime, timedelta

import pytest

from contact_service.ids import CaseId, PersonId, Ref, RestrictionId
from contact_service.policy.decision import Permitted
from contact_service.policy.restricting import (
    ContinueFacts,
    LiftFacts,
    UrgentStopFacts,
    may_go_on,
    may_lift,
    may_stop_urgently,
)
from contact_service.restrictions.restriction import Restriction, RestrictionKind, RestrictionSource
from tests.rules.wording import codes

NOON = datetime(2030, 5, 14, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.rule("R44")
@pytest.mark.parametrize(
    ("asked", "asker", "decides", "found"),
    [
        (True, False, True, []),
        (False, False, True, ["not_asked"]),
        (True, True, True, ["same_person"]),
        (True, False, False, ["not_an_approver"]),
        (False, True, False, ["not_asked", "same_person", "not_an_approver"]),
    ],
)
def test_two_people_lift(found: list[str], *, asked: bool, asker: bool, decides: bool) -> None:
    decision = may_lift(LiftFacts(is_asked=asked, is_asker=asker, may_decide=decides))
    assert codes(decision) == [("R44", code) for code in found]
    assert isinstance(decision, Permitted) is (found == [])


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("urgent", "allows", "found"),
    [
        (True, True, []),
        (True, None, ["no_order"]),
        (True, False, ["order_does_not_allow"]),
        (False, True, ["not_an_urgent_stop"]),
    ],
)
def test_an_order_carries_an_urgent_stop_on(found: list[str], *, urgent: bool, allows: bool | None) -> None:
    decision = may_go_on(ContinueFacts(is_urgent_stop=urgent, order_allows=allows))
    assert codes(decision) == [("R45", code) for code in found]


@pytest.mark.rule("R46")
@pytest.mark.parametrize(
    ("ended", "found"),
    [
        (None, []),
        (NOON - WEEK, []),
        (NOON - WEEK + timedelta(seconds=1), ["stopped_before"]),
        (NOON + timedelta(days=1), ["stopped_before"]),
    ],
)
def test_a_stop_does_not_follow_a_stop(ended: datetime | None, found: list[str]) -> None:
    decision = may_stop_urgently(UrgentStopFacts(last_ended_at=ended, lasts=WEEK, at=NOON))
    assert codes(decision) == [("R46", code) for code in found]


def restriction(**changes: object) -> Restriction:
    values: dict[str, object] = {
        "id": RestrictionId("r"),
        "case": CaseId("c"),
        "kind": RestrictionKind.NO_CONTACT,
        "people": frozenset({PersonId("a"), PersonId("b")}),
        "source": RestrictionSource.POLICE,
        "reason": None,
        "order": None,
        "starts_at": NOON,
        "ends_at": NOON + WEEK,
        "recorded_by": Ref("k"),
        "lift_asked_by": None,
        "lifted_by": None,
    }
    return Restriction(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NOON - timedelta(microseconds=1), "pending"),
        (NOON, "active"),
        (NOON + WEEK - timedelta(microseconds=1), "active"),
        (NOON + WEEK, "ended"),
    ],
)
def test_it_binds_from_its_start_and_not_at_its_end(at: datetime, state: str) -> None:
    assert restriction().state(at) == state
    assert restriction().in_force(at) is (state == "active")
    assert restriction(ends_at=None).in_force(NOON + 100 * WEEK)


def test_it_concerns_both_together_or_the_one_it_is_about() -> None:
    a, b, c = map(PersonId, "abc")
    assert restriction().concerns({a, b, c})
    assert not restriction().concerns({a, c})
    assert restriction(people=frozenset({a})).concerns({a, c})


def test_apart_bars_nobody_from_anybody_by_itself() -> None:
    assert [kind.value for kind in RestrictionKind if kind.bars] == ["no_contact", "suspended"]
