"""The smallest change that makes a visit possible, found among levels, lengths and the times that are offered."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.booking import may_approve, may_book, may_have_by_policy
from contact_service.policy.decision import Permitted, Reason, Refused, all_of, problem
from contact_service.policy.explaining import Change, Explanation, _makes_it, explain, is_within_reach
from contact_service.policy.facts import BookingFacts
from tests.rules.facts import NOON, TOMORROW, approval, booking, mother
from tests.rules.wording import codes

MINUTES = timedelta(minutes=1)
LATER, LATEST = TOMORROW + timedelta(hours=1), TOMORROW + timedelta(hours=2)


def moved(facts: BookingFacts, **changes: object) -> Callable[[datetime], BookingFacts]:
    """The facts as they are at another time."""

    def there(at: datetime) -> BookingFacts:
        assert facts.starts_at is not None
        assert facts.ends_at is not None
        return booking(starts_at=at, ends_at=at + (facts.ends_at - facts.starts_at), **changes)

    return there


def found(facts: BookingFacts, *times: datetime, **there: object) -> Change | None:
    explanation = explain(facts, times, moved(facts, **there))
    assert explanation.decision == may_book(facts)
    return explanation.change


def lasting(minutes: int, **changes: object) -> BookingFacts:
    return booking(ends_at=TOMORROW + minutes * MINUTES, **changes)


def test_what_is_permitted_needs_no_change() -> None:
    assert explain(booking(), (LATER,), moved(booking())) == Explanation(
        decision=may_book(booking()), change=None
    )


@pytest.mark.parametrize(
    ("facts", "change"),
    [
        (booking(level=SupervisionLevel.MONITORED), Change(level=SupervisionLevel.SUPERVISED)),
        (booking(level=SupervisionLevel.UNSUPERVISED), Change(level=SupervisionLevel.SUPERVISED)),
        (lasting(90), Change(length=45 * MINUTES)),
        (lasting(46), Change(length=45 * MINUTES)),
        (lasting(60, people=(mother(plan_minutes=12),)), Change(length=10 * MINUTES)),
        (lasting(60, people=(mother(plan_minutes=5),)), Change(length=5 * MINUTES)),
        (lasting(240, people=(mother(plan_minutes=None),)), Change(length=60 * MINUTES)),
        (
            lasting(90, level=SupervisionLevel.SUPPORTED),
            Change(level=SupervisionLevel.SUPERVISED, length=45 * MINUTES),
        ),
        (lasting(20, people=(mother(plan_minutes=4),)), None),
    ],
)
def test_a_stricter_level_or_a_shorter_visit_at_the_time_asked_for(
    facts: BookingFacts, change: Change | None
) -> None:
    assert found(facts) == change


@pytest.mark.parametrize(
    ("least", "level"),
    [
        (SupervisionLevel.SUPPORTED, SupervisionLevel.SUPPORTED),
        (SupervisionLevel.MONITORED, SupervisionLevel.MONITORED),
    ],
)
def test_the_level_that_is_asked_for_is_the_loosest_that_is_enough(
    least: SupervisionLevel, level: SupervisionLevel
) -> None:
    kin = mother(plan_level=least)
    assert found(booking(people=(kin,), level=SupervisionLevel.UNSUPERVISED)) == Change(level=level)


def test_of_the_times_offered_the_first_that_works_with_the_fewest_changes() -> None:
    late = booking(at=TOMORROW)
    assert found(late, LATER, LATEST) == Change(starts_at=LATER)
    loose = booking(at=TOMORROW, level=SupervisionLevel.MONITORED)
    change = Change(level=SupervisionLevel.SUPERVISED, starts_at=LATER)
    assert found(loose, LATER, LATEST, level=SupervisionLevel.MONITORED) == change
    assert found(loose, LATER, LATEST) == Change(starts_at=LATER)
    assert change.size == 2
    assert Change(level=SupervisionLevel.SUPERVISED, length=MINUTES, starts_at=LATER).size == 3


def test_a_time_that_does_not_work_is_passed_over() -> None:
    late = booking(at=TOMORROW)

    def there(at: datetime) -> BookingFacts:
        return moved(late, people=(mother(barred_from_child=at == LATER),))(at)

    assert explain(late, (LATER, LATEST), there).change == Change(starts_at=LATEST)


def test_a_start_is_worth_offering_when_the_visit_fits_there_as_it_is_or_with_a_change() -> None:
    assert is_within_reach(booking())
    assert is_within_reach(booking(level=SupervisionLevel.UNSUPERVISED))
    assert is_within_reach(booking(ends_at=TOMORROW + timedelta(minutes=60)))
    assert not is_within_reach(booking(people=(mother(barred_from_child=True),)))
    assert not is_within_reach(booking(starts_at=None, ends_at=None, local_time_problem="No."))


def test_what_no_change_makes_possible_is_said_so() -> None:
    barred = booking(people=(mother(barred_from_child=True),))
    assert found(barred, LATER, people=(mother(barred_from_child=True),)) is None


@pytest.mark.parametrize("missing", [{"starts_at": None}, {"ends_at": None}])
def test_a_time_that_does_not_exist_is_not_made_to(missing: dict[str, None]) -> None:
    facts = booking(local_time_problem="No.", **missing)
    assert explain(facts, (), moved(booking())).change is None
    assert not _makes_it(facts, Change(length=MINUTES))
    other = explain(facts, (LATER,), moved(booking())).change
    assert other == Change(starts_at=LATER)


def test_several_decisions_are_one_with_the_reasons_of_all() -> None:
    yes, also = Permitted(passed=("R1",)), Permitted(passed=("R2",))
    no = Refused(passed=("R3",), reasons=(Reason(rule="R4", problem=problem("four", "Four.")),))
    never = Refused(passed=("R5",), reasons=(Reason(rule="R6", problem=problem("six", "Six.")),))
    assert all_of((yes, also)) == Permitted(passed=("R1", "R2"))
    assert all_of((yes, no)) == Refused(passed=("R1", "R3"), reasons=no.reasons)
    assert all_of((no, yes)) == Refused(passed=("R3", "R1"), reasons=no.reasons)
    assert all_of(iter((no, never))) == Refused(passed=("R3", "R5"), reasons=no.reasons + never.reasons)


def test_of_several_decisions_each_reason_is_told_once_and_a_rule_that_failed_has_not_passed() -> None:
    no = Refused(passed=("R3",), reasons=(Reason(rule="R4", problem=problem("four", "Four.")),))
    assert all_of((no, no)) == no
    assert all_of((no, Permitted(passed=("R3", "R4")))) == no


@pytest.mark.rule("R54")
def test_whoever_approves_works_with_every_child() -> None:
    decision = may_approve(approval(reaches_child=False))
    assert codes(decision) == [("R54", "child_out_of_reach")]


@pytest.mark.rule("R58")
def test_a_visit_whose_time_is_still_to_be_chosen_is_not_approved_as_it_stands() -> None:
    assert codes(may_approve(approval(time_open=True))) == [("R58", "time_open")]


@pytest.mark.rule("R5")
def test_by_the_policy_alone_the_notice_counts_when_one_asks_and_not_later() -> None:
    soon = booking(at=TOMORROW - timedelta(hours=1), people=(mother(barred_from_child=True),))
    assert codes(may_have_by_policy(soon, with_notice=True)) == [("R5", "too_soon")]
    assert may_have_by_policy(soon, with_notice=False) == Permitted(passed=("R6", "R27", "R28", "R29"))
    right = may_have_by_policy(booking(at=NOON), with_notice=True)
    assert right == Permitted(passed=("R5", "R6", "R27", "R28", "R29"))
