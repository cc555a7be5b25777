"""Plans that a second person approves, orders that are varied and never edited, hours without visits."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from contact_service.approvals.actions import planning as approvals
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.ids import OrderId, PersonId, PlanId
from contact_service.invitations.actions import inviting
from contact_service.plans import actions as plans, queries
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.order import OrderStatus, OrderSubject, OrderWords
from contact_service.plans.plan import ContactPlan, PlanState
from contact_service.plans.terms import Frequency, LevelStep, Medium, Period, PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from tests.cast import House

REVIEW = date(2030, 8, 1)
ORDER = OrderWords(court="Family Court", reference="ZW30C00001", says="Contact once a week.")


def terms(house: House, **changes: object) -> PlanPerson:
    right = PlanPerson(
        person=house.cast.dana, level=SupervisionLevel.SUPERVISED, length=timedelta(minutes=45)
    )
    return replace(right, **changes)  # type: ignore[arg-type]


def proposed(house: House, *people: PlanPerson) -> PlanId:
    with house.work(house.cast.karim) as work:
        plan = approvals.propose_plan(work, house.cast.mia, with_people=people, review_on=REVIEW)
    assert not isinstance(plan, Refused), plan
    return plan


def approved(house: House, *people: PlanPerson) -> ContactPlan:
    plan = proposed(house, *people)
    with house.work(house.cast.priya) as work:
        result = approvals.approve_plan(work, plan)
    assert not isinstance(result, Refused), result
    return result


def in_force(house: House) -> ContactPlan:
    with house.reading(house.cast.karim) as work:
        plan = queries.plan_for(work, house.cast.mia)
    assert plan is not None
    return plan


def wall(day: int, hour: int = 16) -> datetime:
    return datetime(2030, 5, day, hour)  # noqa: DTZ001  wall time


def asked(house: House, **changes: object) -> list[tuple[str, str]]:
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish(**changes))
    return [(r.rule, r.code) for r in result.reasons] if isinstance(result, Refused) else []


def test_every_part_of_the_terms_is_kept(house: House) -> None:
    whole = terms(
        house,
        medium=Medium.IN_PERSON,
        frequency=Frequency(per=Period.FORTNIGHT, least=1, most=2, gap_days=3),
        window=Window(days=(Weekday.SATURDAY, Weekday.SUNDAY), earliest=600, latest=1080),
        steps=(LevelStep(on=date(2030, 7, 1), level=SupervisionLevel.MONITORED),),
        supervised_by=house.cast.lena,
    )
    plan = approved(house, whole, terms(house))
    assert set(plan.people) == {whole, terms(house)}
    assert in_force(house) == plan
    assert (plan.state, plan.version) == (PlanState.APPROVED, 2)


def test_a_proposed_plan_changes_nothing_until_a_second_person_approves_it(house: House) -> None:
    proposed(house, terms(house, length=timedelta(minutes=10)))
    assert in_force(house).version == 1
    assert asked(house) == []


@pytest.mark.rule("R38")
def test_nobody_approves_or_declines_their_own_plan_and_the_refusal_is_recorded(house: House) -> None:
    with house.work(house.cast.priya) as work:
        plan = approvals.propose_plan(work, house.cast.mia, with_people=[terms(house)], review_on=REVIEW)
    assert not isinstance(plan, Refused)
    with house.work(house.cast.priya) as work:
        result = approvals.approve_plan(work, plan)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["own_plan_version"]
    assert house.history()[-1] == EventType.PLAN_REFUSED
    with pytest.raises(NotAllowed), house.work(house.cast.priya) as work:
        approvals.decline_plan(work, plan)


def test_the_database_itself_refuses_one_person_for_both_parts(house: House) -> None:
    plan = proposed(house, terms(house))
    statement = (
        "UPDATE contact_plan SET state = 'approved', decided_by = recorded_by, decided_at = recorded_at"
        " WHERE id = :plan"
    )
    with pytest.raises(Exception, match="two_people"), house.installation.engine.begin() as connection:
        connection.execute(text(statement), {"plan": plan})


@pytest.mark.rule("R33")
def test_nobody_who_is_barred_gets_into_a_plan_and_nothing_is_kept(house: House) -> None:
    with house.work(house.cast.karim) as work:
        result = approvals.propose_plan(
            work,
            house.cast.mia,
            with_people=[terms(house, person=house.cast.viktor), terms(house, person=PersonId("f" * 32))],
            review_on=REVIEW,
        )
    assert isinstance(result, Refused)
    assert [(r.rule, r.code) for r in result.reasons] == [("R32", "not_in_case"), ("R33", "no_contact")]
    with house.reading(house.cast.karim) as work:
        assert [plan.version for plan in queries.plans_of(work, house.cast.mia)] == [1]
    assert house.history()[-1] == EventType.PLAN_REFUSED


@pytest.mark.rule("R38")
def test_only_the_newest_version_is_approved(house: House) -> None:
    old = proposed(house, terms(house, length=timedelta(minutes=20)))
    proposed(house, terms(house, length=timedelta(minutes=25)))
    with house.work(house.cast.priya) as work:
        result = approvals.approve_plan(work, old)
    assert isinstance(result, Refused)
    assert [reason.code for reason in result.reasons] == ["overtaken"]


def test_a_declined_plan_stays_in_the_list_and_never_in_force(house: House) -> None:
    plan = proposed(house, terms(house))
    with house.work(house.cast.priya) as work:
        assert approvals.decline_plan(work, plan).state is PlanState.DECLINED
    assert in_force(house).version == 1
    with pytest.raises(Conflict), house.work(house.cast.priya) as work:
        approvals.decline_plan(work, plan)


def test_a_plan_of_a_case_out_of_reach_is_not_there(house: House) -> None:
    with pytest.raises(NotFound), house.work(house.cast.lena) as work:
        approvals.propose_plan(work, house.cast.mia, with_people=[terms(house)], review_on=REVIEW)


def test_a_booked_visit_keeps_the_plan_version_it_was_approved_under(house: House) -> None:
    visit = house.approved()
    approved(house, terms(house, length=timedelta(minutes=30)))
    kept = house.visit(visit.id)
    assert (kept.plan_version, in_force(house).version) == (1, 2)


@pytest.mark.rule("R39")
def test_no_more_visits_than_the_plan_allows_and_requests_count(house: House) -> None:
    approved(house, terms(house, frequency=Frequency(per=Period.WEEK, most=1)))
    first = house.requested(wall_start=wall(15))
    assert asked(house, wall_start=wall(17)) == [("R39", "most_per_period")]
    assert asked(house, wall_start=wall(20)) == []
    with house.work(house.cast.priya) as work:
        assert not isinstance(inviting.approve(work, first.id), Refused)


@pytest.mark.rule("R40")
def test_days_lie_between_visits_also_across_weeks(house: House) -> None:
    approved(house, terms(house, frequency=Frequency(per=Period.WEEK, gap_days=3)))
    house.requested(wall_start=wall(19))
    assert asked(house, wall_start=wall(21)) == [("R40", "gap")]
    assert asked(house, wall_start=wall(22)) == []


@pytest.mark.rule("R40")
@pytest.mark.parametrize(("gap_days", "month"), [(10, 12), (150, 10)])
def test_days_lie_between_visits_also_across_months_and_years(
    house: House, gap_days: int, month: int
) -> None:
    approved(house, terms(house, frequency=Frequency(per=Period.WEEK, gap_days=gap_days)))
    middle = datetime(2030, month, 29, 16)  # noqa: DTZ001  wall time
    house.requested(wall_start=middle)
    for sign in (-1, 1):
        too_near = middle + sign * timedelta(days=gap_days - 1)
        assert asked(house, wall_start=too_near) == [("R40", "gap")]
        assert asked(house, wall_start=too_near + sign * timedelta(days=1)) == []


@pytest.mark.rule("R39")
def test_the_first_and_the_last_day_of_a_quarter_count_for_one_in_its_middle(house: House) -> None:
    approved(house, terms(house, frequency=Frequency(per=Period.QUARTER, most=2)))
    for day in (date(2030, 6, 30), date(2030, 7, 1), date(2030, 9, 30), date(2030, 10, 1)):
        house.requested(wall_start=datetime(day.year, day.month, day.day, 16))  # noqa: DTZ001  wall time
    for day in (date(2030, 7, 4), date(2030, 8, 15), date(2030, 9, 27)):
        at = datetime(day.year, day.month, day.day, 16)  # noqa: DTZ001  wall time
        assert asked(house, wall_start=at) == [("R39", "most_per_period")]
    assert asked(house, wall_start=datetime(2030, 6, 27, 16)) == []  # noqa: DTZ001  wall time


@pytest.mark.rule("R1")
def test_terms_in_person_are_no_terms_for_video(house: House) -> None:
    approved(house, terms(house, medium=Medium.IN_PERSON))
    assert asked(house) == [("R1", "not_in_plan")]


@pytest.mark.rule("R7")
def test_a_step_of_the_plan_counts_on_the_day_of_the_visit(house: House) -> None:
    step = LevelStep(on=date(2030, 5, 20), level=SupervisionLevel.MONITORED)
    approved(house, terms(house, steps=(step,)))
    monitored = {"level": SupervisionLevel.MONITORED}
    assert asked(house, wall_start=wall(19), **monitored) == [("R7", "level")]
    assert asked(house, wall_start=wall(20), **monitored) == []


@pytest.mark.rule("R41")
def test_the_plan_says_on_which_days_and_when(house: House) -> None:
    saturdays = Window(days=(Weekday.SATURDAY,), earliest=600, latest=720)
    approved(house, terms(house, window=saturdays))
    assert asked(house, wall_start=wall(18, 16)) == [("R41", "plan_hours")]
    assert asked(house, wall_start=wall(18, 11)) == []


@pytest.mark.rule("R42")
def test_quiet_hours_refuse_a_time_until_they_are_ended(house: House) -> None:
    school = QuietHours(
        kind=QuietKind.SCHOOL, window=Window(days=tuple(Weekday)[:5], earliest=510, latest=970)
    )
    with house.work(house.cast.karim) as work:
        quiet = plans.add_quiet_hours(work, house.cast.mia, school)
    assert asked(house) == [("R42", "quiet_school")]
    with house.work(house.cast.karim) as work:
        plans.end_quiet_hours(work, house.cast.mia, quiet)
    assert asked(house) == []
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        plans.end_quiet_hours(work, house.cast.mia, quiet)
    kinds = house.history()
    assert {EventType.QUIET_HOURS_ADDED, EventType.QUIET_HOURS_ENDED} <= set(kinds)


@pytest.mark.parametrize(("days", "earliest", "latest"), [((), 0, 60), ((Weekday.MONDAY,), 60, 60)])
def test_hours_that_are_none_are_refused(
    house: House, days: tuple[Weekday, ...], earliest: int, latest: int
) -> None:
    window = Window(days=days, earliest=earliest, latest=latest)
    with pytest.raises(BadInput), house.work(house.cast.karim) as work:
        plans.add_quiet_hours(work, house.cast.mia, QuietHours(kind=QuietKind.BEDTIME, window=window))


def order(house: House, **changes: object) -> plans.NewOrder:
    right = plans.NewOrder(
        child=house.cast.mia,
        about=OrderSubject.CONTACT,
        decided_on=date(2030, 5, 1),
        starts_on=date(2030, 5, 1),
        ends_on=None,
        status=OrderStatus.IN_FORCE,
        words=ORDER,
    )
    return replace(right, **changes)  # type: ignore[arg-type]


def recorded(house: House, **changes: object) -> OrderId:
    with house.work(house.cast.karim) as work:
        return plans.record_order(work, order(house, **changes))


def test_an_order_is_varied_by_its_next_version_and_never_edited(house: House) -> None:
    first = recorded(house)
    again = recorded(house, replaces=first, status=OrderStatus.DISCHARGED)
    with house.reading(house.cast.karim) as work:
        versions = queries.order_versions(work, first)
        (newest,) = queries.orders_of(work, house.cast.mia)
    assert again == first
    assert [(v.version, v.status) for v in versions] == [(2, "discharged"), (1, "in_force")]
    assert newest.words == ORDER
    assert house.history()[-2:] == [EventType.ORDER_RECORDED, EventType.ORDER_VARIED]


def test_what_an_order_says_is_sealed_and_stands_nowhere_in_clear(house: House) -> None:
    recorded(house)
    with house.installation.engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM court_order")).mappings().all()
    assert b"ZW30C00001" not in bytes(row["sealed"])
    assert not any("Family Court" in str(value) for name, value in row.items() if name != "sealed")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("decided_on", {"decided_on": date(2018, 3, 13), "starts_on": date(2030, 5, 1)}),
        ("decided_on", {"starts_on": date(2018, 3, 13)}),
        ("decided_on", {"decided_on": date(2030, 5, 15)}),
        ("ends_on", {"ends_on": date(2030, 4, 30)}),
        ("court", {"words": replace(ORDER, court=" ")}),
        ("reference", {"words": replace(ORDER, reference="")}),
        ("says", {"words": replace(ORDER, says="x" * 8001)}),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_nothing_is_kept(
    house: House, field: str, changes: dict[str, object]
) -> None:
    before = len(house.history())
    with pytest.raises(BadInput) as refused:
        recorded(house, **changes)
    assert refused.value.field == field
    assert len(house.history()) == before


@pytest.mark.rule("R37")
def test_terms_rest_on_an_order_only_while_it_stands(house: House) -> None:
    first = recorded(house)
    approved(house, terms(house, order=first))
    recorded(house, replaces=first, status=OrderStatus.DISCHARGED)
    with house.work(house.cast.karim) as work:
        result = approvals.propose_plan(
            work, house.cast.mia, with_people=[terms(house, order=first)], review_on=REVIEW
        )
    assert isinstance(result, Refused)
    assert [(r.rule, r.code) for r in result.reasons] == [("R37", "order_gone")]


def test_an_order_of_another_child_is_not_replaced(house: House) -> None:
    first = recorded(house)
    with pytest.raises(NotFound):
        recorded(house, replaces=first, child=house.cast.jonas)
