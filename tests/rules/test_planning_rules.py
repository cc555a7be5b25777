"""R32 to R38, each with facts that pass and facts that fail; periods, steps and what is different."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from contact_service.agency_policy.document import Document, LevelRule
from contact_service.ids import CaseId, OrderId, PersonId, PlanId, Ref
from contact_service.people.person import Relation
from contact_service.plans.hours import PartOfDay, Weekday, Window
from contact_service.plans.order import CourtOrder, OrderStatus, OrderSubject, OrderWords
from contact_service.plans.plan import ContactPlan, PlanBasis, PlanState, plan_difference
from contact_service.plans.terms import (
    Frequency,
    LevelStep,
    Medium,
    Period,
    PlanPerson,
    Risk,
    SupervisionLevel,
    period_around,
)
from contact_service.policy.decision import Permitted
from contact_service.policy.facts import PlanDecisionFacts, PlanFacts, TermsFacts
from contact_service.policy.planning import latest_review, may_approve_plan, may_propose_plan
from tests.rules.wording import codes

TODAY = date(2030, 5, 14)
APPLIED = ("R32", "R33", "R34", "R35", "R36", "R37")
SUPERVISED, MONITORED, SUPPORTED = list(SupervisionLevel)[:3]
DANA = TermsFacts(
    name="Dana",
    medium=Medium.VIDEO,
    relation=Relation.PARENT,
    risk=Risk.STANDARD,
    in_case=True,
    is_child=False,
    barred_from_child=False,
    levels=(SUPERVISED,),
    minutes=45,
    fits_window=True,
    frequency_problem="",
    order_stands=None,
    trainings=(),
)

WATCHED = Document(levels=(LevelRule(relation=Relation.PARENT, least=MONITORED),))


def plan(*terms: TermsFacts, **changes: Any) -> PlanFacts:  # noqa: ANN401
    right = PlanFacts(
        child_name="Mia",
        terms=terms or (DANA,),
        review_on=TODAY + timedelta(days=80),
        policy=Document(),
        today=TODAY,
    )
    return replace(right, **changes)


def dana(**changes: Any) -> PlanFacts:  # noqa: ANN401
    return plan(replace(DANA, **changes))


def test_a_plan_that_breaks_no_rule_may_be_proposed() -> None:
    assert may_propose_plan(plan()) == Permitted(passed=APPLIED)


@pytest.mark.parametrize(
    ("rule", "code", "facts"),
    [
        ("R32", "not_in_case", dana(in_case=False)),
        ("R32", "own_plan", dana(is_child=True)),
        ("R32", "twice", plan(DANA, DANA)),
        ("R33", "no_contact", dana(barred_from_child=True)),
        ("R34", "least_over_most", dana(frequency_problem="least_over_most")),
        ("R34", "gap_too_wide", dana(frequency_problem="gap_too_wide")),
        ("R34", "window_too_short", dana(fits_window=False)),
        ("R35", "length", dana(minutes=4)),
        ("R35", "length", dana(minutes=181)),
        ("R35", "agency_level", dana(risk=Risk.HIGH, levels=(MONITORED,))),
        ("R35", "agency_level", replace(dana(levels=(SUPERVISED, SUPPORTED)), policy=WATCHED)),
        ("R36", "review_past", plan(review_on=TODAY)),
        ("R36", "review_late", plan(review_on=date(2030, 8, 15))),
        ("R37", "order_gone", dana(order_stands=False)),
    ],
)
def test_one_wrong_fact_is_one_refusal_by_its_rule(rule: str, code: str, facts: PlanFacts) -> None:
    decision = may_propose_plan(facts)
    assert codes(decision) == [(rule, code)]
    assert decision.passed == tuple(number for number in APPLIED if number != rule)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(plan(DANA, replace(DANA, medium=Medium.IN_PERSON)), marks=pytest.mark.rule("R32")),
        pytest.param(dana(minutes=5), marks=pytest.mark.rule("R35")),
        pytest.param(dana(minutes=180), marks=pytest.mark.rule("R35")),
        pytest.param(
            replace(dana(levels=(SUPERVISED, MONITORED)), policy=WATCHED), marks=pytest.mark.rule("R35")
        ),
        pytest.param(plan(review_on=date(2030, 8, 14)), marks=pytest.mark.rule("R36")),
        pytest.param(plan(review_on=TODAY + timedelta(days=1)), marks=pytest.mark.rule("R36")),
        pytest.param(dana(order_stands=True), marks=pytest.mark.rule("R37")),
    ],
)
def test_the_edge_of_what_is_allowed_is_allowed(facts: PlanFacts) -> None:
    assert isinstance(may_propose_plan(facts), Permitted)


def decision_facts(**changes: Any) -> PlanDecisionFacts:  # noqa: ANN401
    right = PlanDecisionFacts(
        is_approver=True, is_author=False, still_proposed=True, is_newest=True, plan=plan()
    )
    return replace(right, **changes)


@pytest.mark.rule("R38")
@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("own_plan_version", {"is_author": True}),
        ("not_an_approver", {"is_approver": False}),
        ("overtaken", {"still_proposed": False}),
        ("overtaken", {"is_newest": False}),
        ("no_contact", {"plan": dana(barred_from_child=True)}),
        ("order_gone", {"plan": dana(order_stands=False)}),
        ("agency_level", {"plan": dana(risk=Risk.HIGH, levels=(MONITORED,))}),
    ],
)
def test_a_plan_is_approved_by_a_second_person_while_it_is_sound(code: str, changes: dict[str, Any]) -> None:
    assert codes(may_approve_plan(decision_facts(**changes))) == [("R38", code)]
    assert may_approve_plan(decision_facts()) == Permitted(passed=("R38",))


@pytest.mark.rule("R38")
def test_a_review_date_that_has_come_near_since_stops_no_approval() -> None:
    assert isinstance(may_approve_plan(decision_facts(plan=plan(review_on=TODAY))), Permitted)


@pytest.mark.parametrize(
    ("today", "months", "last"),
    [
        (date(2030, 5, 14), 3, date(2030, 8, 14)),
        (date(2030, 11, 30), 3, date(2031, 2, 28)),
        (date(2031, 11, 30), 3, date(2032, 2, 29)),
        (date(2030, 12, 31), 6, date(2031, 6, 30)),
        (date(2030, 10, 15), 3, date(2031, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(today: date, months: int, last: date) -> None:
    assert latest_review(today, months) == last


@pytest.mark.parametrize(
    ("per", "first", "after"),
    [
        (Period.WEEK, date(2030, 5, 13), date(2030, 5, 20)),
        (Period.MONTH, date(2030, 5, 1), date(2030, 6, 1)),
        (Period.QUARTER, date(2030, 4, 1), date(2030, 7, 1)),
    ],
)
def test_a_period_holds_its_day(per: Period, first: date, after: date) -> None:
    assert period_around(TODAY, per) == (first, after)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(Period))
def test_periods_cover_the_calendar_without_gap_or_overlap(day: date, per: Period) -> None:
    first, after = period_around(day, per)
    assert first <= day < after
    assert period_around(first, per) == (first, after)
    assert period_around(after, per)[0] == after
    assert first.weekday() == 0 or per in (Period.MONTH, Period.QUARTER)


@pytest.mark.parametrize(
    ("often", "code"),
    [
        (Frequency(per=Period.WEEK), ""),
        (Frequency(per=Period.WEEK, least=2, most=2), ""),
        (Frequency(per=Period.WEEK, least=3, most=2), "least_over_most"),
        (Frequency(per=Period.WEEK, least=2, gap_days=6), ""),
        (Frequency(per=Period.WEEK, least=2, gap_days=7), "gap_too_wide"),
        (Frequency(per=Period.MONTH, least=5, gap_days=7), "gap_too_wide"),
    ],
)
def test_a_frequency_says_whether_it_can_be_kept(often: Frequency, code: str) -> None:
    assert often.problem() == code


def terms(**changes: Any) -> PlanPerson:  # noqa: ANN401
    right = PlanPerson(person=PersonId("dana"), level=SUPERVISED, length=timedelta(minutes=30))
    return replace(right, **changes)


def test_a_step_binds_from_its_day_whatever_the_order_in_which_it_was_written() -> None:
    steps = (LevelStep(on=date(2030, 8, 1), level=SUPPORTED), LevelStep(on=date(2030, 6, 1), level=MONITORED))
    plan_terms = terms(steps=steps)
    days = (date(2030, 5, 31), date(2030, 6, 1), date(2030, 7, 31), date(2030, 8, 1))
    assert [plan_terms.level_on(day) for day in days] == [SUPERVISED, MONITORED, MONITORED, SUPPORTED]


def test_a_window_holds_what_lies_inside_it() -> None:
    window = Window(days=(Weekday.TUESDAY,), earliest=600, latest=660)
    assert window.holds(PartOfDay(day=TODAY, start=600, end=660))
    assert not window.holds(PartOfDay(day=TODAY, start=599, end=650))
    assert not window.holds(PartOfDay(day=TODAY, start=610, end=661))
    assert not window.holds(PartOfDay(day=TODAY + timedelta(days=1), start=600, end=660))


def version(number: int, *people: PlanPerson) -> ContactPlan:
    return ContactPlan(
        id=PlanId(str(number)),
        version=number,
        state=PlanState.APPROVED,
        case=CaseId("c"),
        child=PersonId("mia"),
        people=people,
        basis=PlanBasis.AGREEMENT,
        review_on=TODAY,
        recorded_by=Ref("karim"),
        recorded_at=datetime(2030, 5, 14, tzinfo=UTC),
        decided_by=None,
        decided_at=None,
    )


@pytest.mark.parametrize(
    ("before", "after", "loosens"),
    [
        (terms(), terms(level=MONITORED), True),
        (terms(), terms(steps=(LevelStep(on=TODAY, level=MONITORED),)), True),
        (terms(level=MONITORED), terms(), False),
        (terms(), terms(length=timedelta(minutes=45)), False),
    ],
)
def test_a_change_that_loosens_the_level_is_known_as_one(
    before: PlanPerson, after: PlanPerson, *, loosens: bool
) -> None:
    (change,) = plan_difference(version(1, before), version(2, after))
    assert change.loosens is loosens


def test_a_new_person_is_a_level_decision_and_a_removed_one_is_not() -> None:
    (added,) = plan_difference(None, version(1, terms()))
    (gone,) = plan_difference(version(1, terms()), version(2))
    assert (added.loosens, gone.loosens) == (True, False)
    assert plan_difference(version(1, terms()), version(2, terms())) == ()


@pytest.mark.parametrize(
    ("status", "day", "stands"),
    [
        ("in_force", date(2030, 5, 1), True),
        ("in_force", date(2030, 4, 30), False),
        ("in_force", date(2030, 6, 30), True),
        ("in_force", date(2030, 7, 1), False),
        ("varied", date(2030, 5, 1), True),
        ("discharged", date(2030, 5, 1), False),
    ],
)
def test_an_order_stands_from_its_first_day_to_its_last(status: str, day: date, *, stands: bool) -> None:
    order = CourtOrder(
        id=OrderId("o"),
        version=1,
        case=CaseId("c"),
        child=PersonId("mia"),
        about=OrderSubject.CONTACT,
        decided_on=date(2030, 4, 1),
        starts_on=date(2030, 5, 1),
        ends_on=date(2030, 6, 30),
        status=OrderStatus(status),
        words=OrderWords(court="Court", reference="1"),
        recorded_at=datetime(2030, 5, 1, tzinfo=UTC),
    )
    assert order.stands_on(day) is stands
    assert OrderWords.from_bytes(order.words.to_bytes()) == order.words
