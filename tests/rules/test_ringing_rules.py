"""R69: who is rung when a side of a visit does not appear, and when."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contact_service.policy.decision import Permitted
from contact_service.policy.ringing import (
    CallDue,
    CallFacts,
    CallMade,
    CallResult,
    CallTo,
    Late,
    Minutes,
    RingFacts,
    calls_due,
    may_write_call,
)
from tests.rules.facts import NOON
from tests.rules.wording import codes

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MINUTES = Minutes(adult=3 * MINUTE, carer=5 * MINUTE, duty=10 * MINUTE)
DANA = Late(participant="dana", to=CallTo.ADULT, since=NOON, numbers=("mobile",))
INES = Late(participant="ines", to=CallTo.CARER, since=NOON, numbers=("landline",))


def due(
    *late: Late, after: timedelta, calls: tuple[CallMade, ...] = (), alone: datetime | None = None
) -> CallDue | None:
    """The call that is due first."""
    return next(iter(every(*late, after=after, calls=calls, alone=alone)), None)


def every(
    *late: Late, after: timedelta, calls: tuple[CallMade, ...] = (), alone: datetime | None = None
) -> tuple[CallDue, ...]:
    return calls_due(RingFacts(late=late, nobody_since=alone, calls=calls, minutes=MINUTES, at=NOON + after))


def rang(who: str | None, result: CallResult, *, number: str | None = "mobile", after: int = 3) -> CallMade:
    number = number if who else None
    return CallMade(participant=who, number=number, result=result, at=NOON + after * MINUTE)


@pytest.mark.rule("R69")
@pytest.mark.parametrize(
    ("late", "before"), [(DANA, MINUTES.adult), (INES, MINUTES.carer)], ids=["adult", "carer"]
)
def test_each_side_is_rung_at_its_second_and_not_before(late: Late, before: timedelta) -> None:
    assert due(late, after=before - SECOND) is None
    assert due(late, after=before) == CallDue(
        to=late.to, about=late.participant, number=late.numbers[0], since=NOON
    )


@pytest.mark.rule("R69")
@pytest.mark.parametrize("result", [CallResult.COMING, CallResult.NOT_COMING, CallResult.NO_ANSWER])
def test_whoever_was_rung_is_left_in_peace_until_the_duty_desk_is_due(result: CallResult) -> None:
    calls = (rang("dana", result),)
    assert due(DANA, after=10 * MINUTE - SECOND, calls=calls) is None
    asked = due(DANA, after=10 * MINUTE, calls=calls)
    assert asked == CallDue(to=CallTo.DUTY, about="dana", number=None, since=NOON)


@pytest.mark.rule("R69")
def test_each_further_number_is_tried_until_somebody_is_reached() -> None:
    both = replace(DANA, numbers=("mobile", "landline"))
    for result, then in (
        (CallResult.NO_ANSWER, "landline"),
        (CallResult.WRONG_NUMBER, "landline"),
        (CallResult.COMING, None),
    ):
        found = due(both, after=4 * MINUTE, calls=(rang("dana", result),))
        assert (found.number if found else None) == then


@pytest.mark.rule("R69")
def test_somebody_who_must_not_be_rung_is_for_the_duty_desk_at_once() -> None:
    unsafe = replace(DANA, numbers=())
    assert due(unsafe, after=3 * MINUTE - SECOND) is None
    found = due(unsafe, after=3 * MINUTE)
    assert found == CallDue(to=CallTo.DUTY, about="dana", number=None, since=NOON, instead=True)
    told = (rang(None, CallResult.REACHED),)
    assert due(unsafe, after=30 * MINUTE, calls=told) is None


@pytest.mark.rule("R69")
def test_a_number_that_stopped_being_safe_after_it_was_rung_calls_nobody_early() -> None:
    rung = (rang("dana", CallResult.COMING),)
    assert due(replace(DANA, numbers=()), after=4 * MINUTE, calls=rung) is None


@pytest.mark.rule("R69")
def test_a_duty_desk_that_did_not_answer_is_rung_again() -> None:
    late = replace(DANA, numbers=())
    silent = (rang(None, CallResult.NO_ANSWER, after=10),)
    assert due(late, after=13 * MINUTE - SECOND, calls=silent) is None
    assert due(late, after=13 * MINUTE, calls=silent) is not None


@pytest.mark.rule("R69")
def test_of_two_who_are_late_the_one_who_was_due_first_is_rung_first() -> None:
    rosa = replace(DANA, participant="rosa", since=NOON - MINUTE)
    found = due(DANA, rosa, after=3 * MINUTE)
    assert found is not None
    assert found.about == "rosa"
    then = due(DANA, rosa, after=3 * MINUTE, calls=(rang("rosa", CallResult.COMING),))
    assert then is not None
    assert then.about == "dana"


@pytest.mark.rule("R69")
def test_what_the_duty_desk_was_told_before_is_not_about_whoever_is_late_since() -> None:
    later = replace(INES, since=NOON + 20 * MINUTE)
    calls = (rang(None, CallResult.REACHED, after=10), rang("ines", CallResult.NO_ANSWER, number="landline"))
    assert due(later, after=29 * MINUTE, calls=calls) is None
    assert due(later, after=30 * MINUTE, calls=calls) is not None


@pytest.mark.rule("R69")
def test_where_nobody_came_the_duty_desk_is_rung_and_nobody_counts_as_late() -> None:
    assert due(after=10 * MINUTE - SECOND, alone=NOON) is None
    assert due(after=10 * MINUTE, alone=NOON) == CallDue(to=CallTo.DUTY, about=None, number=None, since=NOON)
    assert due(after=10 * MINUTE, alone=NOON, calls=(rang(None, CallResult.REACHED, after=10),)) is None


CALL = CallFacts(
    is_visit_supervisor=True,
    in_conflict=False,
    visit_running=True,
    starts_at=NOON,
    at=NOON,
    known=True,
    safe=True,
    to=CallTo.ADULT,
    result=CallResult.NO_ANSWER,
)


@pytest.mark.parametrize(
    ("rule", "code", "changes"),
    [
        ("R21", "not_supervisor", {"is_visit_supervisor": False}),
        ("R59", "conflict_of_interest", {"in_conflict": True}),
        ("R69", "not_running", {"visit_running": False}),
        ("R69", "too_early", {"at": NOON - SECOND}),
        ("R69", "not_in_visit", {"known": False}),
        ("R69", "not_safe", {"safe": False}),
        ("R69", "no_result", {"result": None}),
        ("R69", "no_result", {"result": CallResult.REACHED}),
        ("R69", "no_result", {"to": CallTo.DUTY, "result": CallResult.COMING}),
    ],
)
def test_a_call_is_refused_by_its_rule(rule: str, code: str, changes: dict[str, object]) -> None:
    assert codes(may_write_call(replace(CALL, **changes))) == [(rule, code)]  # type: ignore[arg-type]


@pytest.mark.rule("R69")
def test_a_call_in_order_is_written_down() -> None:
    assert isinstance(may_write_call(CALL), Permitted)
    assert isinstance(may_write_call(replace(CALL, to=CallTo.DUTY)), Permitted)


def test_while_one_rings_the_other_who_is_late_is_to_be_rung_too() -> None:
    rosa = replace(DANA, participant="rosa", numbers=("hers", "work"), since=NOON - MINUTE)
    assert [(one.about, one.number) for one in every(DANA, rosa, after=3 * MINUTE)] == [
        ("rosa", "hers"),
        ("dana", "mobile"),
    ]
    assert [one.about for one in every(DANA, rosa, after=2 * MINUTE)] == ["rosa"], "not before their time"
    then = every(DANA, rosa, after=3 * MINUTE, calls=(rang("dana", CallResult.NO_ANSWER),))
    assert [one.about for one in then] == ["rosa"]


def test_the_duty_desk_is_rung_when_nobody_is_left_to_ring_and_once() -> None:
    rosa = replace(DANA, participant="rosa")
    rung = tuple(rang(who, CallResult.NO_ANSWER) for who in ("dana", "rosa"))
    assert [one.to for one in every(DANA, rosa, after=11 * MINUTE, calls=rung[:1])] == [CallTo.ADULT]
    assert [one.to for one in every(DANA, rosa, after=11 * MINUTE, calls=rung)] == [CallTo.DUTY]
