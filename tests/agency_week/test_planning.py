"""The week of an agency is planned from its database, and what is accepted passes every rule."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from contact_service.agency_policy.document import Document, PlannedWeek
from contact_service.agency_week.actions.accepting import Accepted, accept
from contact_service.agency_week.building import build
from contact_service.agency_week.known import week_of
from contact_service.agency_week.pins import Pin, Pins
from contact_service.agency_week.queries.gathering import gather
from contact_service.agency_week.queries.runs import (
    kept_instance,
    kept_run,
    run_for,
    visits_of_run,
)
from contact_service.agency_week.replaying import replay
from contact_service.agency_week.run import DraftState, PlannedVisit
from contact_service.agency_week.wanted import Line, Part, asked_for
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.demo.cast import ZONE
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import AccountId, CaseId, PersonId
from contact_service.invitations.actions import inviting
from contact_service.plans.actions import add_quiet_hours
from contact_service.plans.hours import QuietHours, QuietKind, Window
from contact_service.plans.terms import Frequency, Period, PlanPerson, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.scheduling.grid import each
from contact_service.visits.queries.finding import visits_between
from contact_service.visits.visit import VisitState
from contact_service.visits.wish import Wish
from contact_service.week.judge import validate
from contact_service.week.kept import instance_from
from contact_service.week.solving import replayed
from contact_service.week.weights import Weights
from contact_service.working_hours.actions import add_absence
from contact_service.working_hours.hours import AbsenceKind
from tests.agency_week.conftest import Plan
from tests.agency_week.town import MONDAY, Town, build_town
from tests.cast import House


def drafted(house: House, run: str) -> list[PlannedVisit]:
    with house.reading(house.cast.karim) as work:
        return visits_of_run(work, run)


def accepted(house: House, run: str, chosen: list[str] | None = None) -> list[Accepted]:
    with house.work(house.cast.karim) as work:
        return accept(work, run, chosen)


def test_every_accepted_visit_passes_the_rules_and_is_booked_once(
    house: House, town: Town, plan: Plan
) -> None:
    run = plan()
    visits = drafted(house, run)
    # Twice a week for four mothers, once for eight, once a fortnight for twelve fathers, one pair of siblings.
    assert len(visits) == 4 * 2 + 8 + 12 + 1
    assert all(one.starts_at is not None for one in visits)
    local = [one.starts_at.astimezone(ZoneInfo(ZONE)) for one in visits if one.starts_at]
    # After school on school days; at the weekend the search may choose any hour that is open.
    assert {one.hour for one in local if one.weekday() < 5} <= {15, 16, 17}
    done = accepted(house, run)
    assert [one for one in done if one.visit is None] == []
    with house.reading(house.cast.karim) as work:
        asked = [v for v in visits_between(work, *_week()) if v.state is VisitState.REQUESTED]
    assert {v.id for v in asked} == {one.id for one in visits}
    assert house.overlaps() == 0
    assert len([v for v in asked if len(v.children) == 2]) == 1
    history = house.entries(town.families[5].case)
    assert "plan_run.accepted" in [entry.type for entry in history]
    again = accepted(house, run)
    assert {one.visit for one in again} == {one.id for one in visits}
    with house.reading(house.cast.karim) as work:
        assert len(visits_between(work, *_week())) == len(visits)


def _week() -> tuple[datetime, datetime]:
    grid = week_of(MONDAY, ZONE).grid
    return grid.begins, grid.ends


def test_the_plan_keeps_every_rule_of_the_judge_and_is_the_same_again(
    house: House, town: Town, plan: Plan
) -> None:
    first, second = plan(), plan()
    with house.reading(house.cast.karim) as work:
        one, other = kept_run(work, first), kept_run(work, second)
        assert one == other
        instance = kept_instance(work, first)
        assert instance.digest == run_for(work, first).digest
        again = replayed(instance, one)
        assert again.solution.digest == one.plan
        assert validate(instance, again.solution) == ()
        done = replay(work, first)
    assert done.is_same
    assert done.points == one.total
    assert instance_from(instance.text) == instance
    assert len(instance.workers) == len(town.supervisors) + 1  # and Lena


def test_what_is_booked_stays_and_is_not_asked_for_again(house: House, town: Town, plan: Plan) -> None:
    run = plan()
    one = next(v for v in drafted(house, run) if v.people == (town.families[1].mother,))
    accepted(house, run, [one.id])
    visits = drafted(house, plan())
    assert len(visits) == 28
    assert town.families[1].mother not in {p for v in visits for p in v.people}
    assert one.starts_at is not None
    same_child = [v for v in visits if town.families[1].child in (v.child, *v.meeting)]
    assert all(v.starts_at and v.starts_at.date() != one.starts_at.date() for v in same_child)
    taken = [v for v in visits if v.supervisor == one.supervisor and v.starts_at and one.ends_at]
    around = timedelta(minutes=30)
    assert all(v.starts_at >= one.ends_at + around or v.ends_at <= one.starts_at - around for v in taken)  # type: ignore[operator]


def test_hours_and_what_is_booked_are_in_the_week(house: House, town: Town, plan: Plan) -> None:
    run = plan()
    one = next(v for v in drafted(house, run) if v.people == (town.families[1].mother,))
    assert [done.visit for done in accepted(house, run, [one.id])] == [one.id]
    with house.reading(house.cast.karim) as work:
        instance = build(gather(work, week_of(MONDAY, ZONE))).instance
    child = next(party for party in instance.parties if party.name == one.child)
    hours = [instance.grid.instant(slot).astimezone(ZoneInfo(ZONE)) for slot in each(child.free)]
    assert one.starts_at is not None
    assert one.starts_at.date() not in {at.date() for at in hours}
    assert {at.hour for at in hours if at.weekday() < 5} == {7, 15, 16, 17, 18}
    watcher = next(worker for worker in instance.workers if worker.name == one.supervisor)
    if watcher.name in town.supervisors:
        there = [instance.grid.instant(slot).astimezone(ZoneInfo(ZONE)) for slot in each(watcher.free)]
        # From a quarter past: the time to prepare comes first.  What is booked takes its own and both sides.
        assert min(at.time() for at in there) == time(13, 15)
        after = one.starts_at + one.length + timedelta(minutes=30)
        busy = [at for at in there if one.starts_at <= at < after]
        assert busy == []
    assert sum(watcher.booked) == 1


def test_days_between_visits_count_from_what_is_booked(house: House, town: Town, plan: Plan) -> None:
    """Twice a week, two days apart: one is booked for Wednesday."""
    mother = town.families[3].mother
    first = next(one for one in drafted(house, plan()) if mother in one.people)
    wednesday = datetime.combine(MONDAY + timedelta(days=2), time(17))
    with house.work(house.cast.karim) as work:
        wish = Wish(
            child=first.child,
            people=first.people,
            caregiver=first.caregiver,
            wall_start=wednesday,
            length=first.length,
            level=first.level,
            supervisor=town.supervisors[0],
            duty=house.cast.karim,
        )
        assert not isinstance(inviting.request_visit(work, wish), Refused)
    [other] = [v for v in drafted(house, plan()) if mother in v.people]
    assert other.starts_at is not None
    assert abs((other.starts_at.date() - wednesday.date()).days) >= 2


def test_what_no_time_would_allow_is_told_with_its_rule(house: House, town: Town, plan: Plan) -> None:
    family = town.families[4]
    with house.work(house.cast.karim) as work:
        no = consent.NewAnswer(
            person=family.child,
            purpose=Purpose.TAKE_PART,
            state=ConsentState.WITHDRAWN,
            version=1,
            method=Method.BY_DECISION_HOLDER,
        )
        consent.answer(work, no)
    visits = [v for v in drafted(house, plan()) if v.child == family.child]
    assert {v.reasons for v in visits} == {("rule/child_consent_missing",)}
    assert all(v.starts_at is None for v in visits)


def test_a_visit_without_a_place_says_whose_hour_would_give_it_one(
    house: House, town: Town, plan: Plan
) -> None:
    """Everybody who watches is away but one, and she works one afternoon."""
    with house.work(house.cast.priya) as work:
        for one in (*town.supervisors[1:], house.cast.lena):
            add_absence(work, one, (MONDAY, MONDAY + timedelta(days=6)), AbsenceKind.LEAVE, zone=ZONE)
        rest = (MONDAY + timedelta(days=1), MONDAY + timedelta(days=6))
        add_absence(work, town.supervisors[0], rest, AbsenceKind.LEAVE, zone=ZONE)
    visits = drafted(house, plan())
    placed = [v for v in visits if v.starts_at is not None]
    assert 0 < len(placed) < len(visits)
    assert {v.starts_at.date() for v in placed if v.starts_at} == {MONDAY}
    openings = [v.opening for v in visits if v.opening is not None]
    assert openings
    assert all(one.first < one.after and one.supervisor for one in openings)


def test_what_a_rule_refuses_meanwhile_is_told_and_the_others_are_asked_for(
    house: House, town: Town, plan: Plan
) -> None:
    run, child = plan(), town.families[2].child
    with house.work(house.cast.karim) as work:
        add_quiet_hours(work, child, QuietHours(kind=QuietKind.OTHER, window=Window()))
    done = accepted(house, run)
    refused = [one for one in done if one.visit is None]
    assert {one.planned.child for one in refused} == {child}
    assert all(one.refused and "R42" in one.refused.rules for one in refused)
    kept = {v.id: v for v in drafted(house, run)}
    assert {v.state for v in kept.values()} == {DraftState.ACCEPTED, DraftState.REFUSED}
    assert kept[refused[0].planned.id].refusal == ("R42/quiet_other",)


def test_two_drafts_of_a_week_are_not_two_visits_where_one_is_asked_for(
    house: House, town: Town, plan: Plan
) -> None:
    """A second planner's draft names other times, and a plan that names no "at most" has no rule against both."""
    mine, theirs = plan(), plan(seed=7)
    one = next(v for v in drafted(house, mine) if town.families[2].father in v.people)
    accepted(house, mine, [one.id])
    done = accepted(house, theirs)
    [late] = [d for d in done if town.families[2].father in d.planned.people]
    assert (late.visit, late.code) == (None, "has_enough")
    assert "Plan the week again" in late.trouble
    assert {d.code for d in done if d is not late} == {""}
    kept = next(v for v in drafted(house, theirs) if v.id == late.planned.id)
    assert (kept.state, kept.refusal) == (DraftState.REFUSED, ("has_enough",))
    [again] = accepted(house, mine, [one.id])
    assert again.visit == one.id


@pytest.mark.usefixtures("town")
def test_only_a_worker_of_the_child_accepts_and_sees(house: House, plan: Plan, sade: AccountId) -> None:
    run = plan(house.cast.priya)
    with pytest.raises(NotAllowed), house.work(house.cast.priya) as work:
        accept(work, run)
    with house.reading(house.cast.priya) as work:
        assert len(visits_of_run(work, run)) == 29
        one = visits_of_run(work, run)[0].id
    with house.work(sade) as work:
        assert visits_of_run(work, run) == []
        with pytest.raises(NotFound):
            accept(work, run, [one])
    with pytest.raises(NotAllowed), house.reading(house.cast.lena) as work:
        run_for(work, run)


@pytest.mark.usefixtures("town")
def test_a_pinned_visit_stays_and_another_is_not_before_its_hour(house: House, plan: Plan) -> None:
    first = drafted(house, plan())
    pinned, later = first[-1], first[0]
    again = {
        v.key: v for v in drafted(house, plan(seed=7, kept=(pinned.id,), not_before={later.key: 17 * 60}))
    }
    assert again[pinned.key].starts_at == pinned.starts_at
    assert again[pinned.key].supervisor == pinned.supervisor
    assert "pinned" in again[pinned.key].reasons
    moved = again[later.key].starts_at
    assert moved is not None
    assert moved.hour >= 16  # 17:00 in London


def test_a_pin_stays_with_its_visit_when_another_of_the_two_was_booked_since(
    house: House, town: Town, plan: Plan
) -> None:
    """The first child sees their mother twice a week; the first of the two is booked, the second was pinned."""
    mother = town.families[0].mother
    draft = plan()
    one, other = sorted((v for v in drafted(house, draft) if mother in v.people), key=lambda v: v.key)
    accepted(house, draft, [one.id])
    [left] = [v for v in drafted(house, plan(seed=7, kept=(one.id, other.id))) if mother in v.people]
    assert (left.starts_at, left.supervisor) == (other.starts_at, other.supervisor)
    assert "pinned" in left.reasons


@pytest.mark.parametrize("booked", [0, 1])
def test_a_pin_whose_visit_is_booked_pins_no_other(booked: int) -> None:
    at = [datetime(2030, 5, 21 + number, 15, tzinfo=UTC) for number in range(2)]
    pins = Pins(
        kept={
            f"mia:dana:2030-05-20:{number}": Pin(starts_at=at[number], supervisor=AccountId("lena"))
            for number in range(2)
        }
    )
    left = pins.among(["mia:dana:2030-05-20:0"], {"mia:dana": [at[booked]]})
    assert {key: pin.starts_at for key, pin in left.kept.items()} == {"mia:dana:2030-05-20:0": at[1 - booked]}


@pytest.mark.slow
def test_more_families_are_no_more_questions(house: House) -> None:
    build_town(house, families=4)
    few = _questions(house)
    build_town(house, families=8, first=100)
    assert _questions(house) == few


def _questions(house: House) -> int:
    asked: list[str] = []

    def count(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    engine = house.installation.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        with house.reading(house.cast.karim) as work:
            build(gather(work, week_of(MONDAY, ZONE)))
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(asked)


def test_children_eight_hours_away_have_visits_on_days_that_are_the_same(house: House, plan: Plan) -> None:
    there = ZoneInfo("America/Los_Angeles")
    build_town(house, families=2, zone=there.key)
    run = plan()
    visits = [v for v in drafted(house, run) if v.starts_at is not None]
    assert len(visits) >= 4
    for one in visits:
        assert one.starts_at is not None
        local, here = one.starts_at.astimezone(there), one.starts_at.astimezone(ZoneInfo(ZONE))
        assert local.date() == here.date()
    assert all(one.visit for one in accepted(house, run))


def test_a_week_in_which_the_clocks_change_is_longer() -> None:
    week = week_of(date(2026, 10, 19), ZONE)
    assert [day.bit_count() for day in week.days] == [96] * 6 + [100]
    assert sum(week.days) == week.grid.everything


# ---- what a plan asks for in a week


def line(often: Frequency | None, *, owed: int = 0) -> Line:
    terms = PlanPerson(
        person=PersonId("b" * 32),
        level=SupervisionLevel.SUPERVISED,
        length=timedelta(minutes=30),
        frequency=often,
    )
    return Line(
        child=PersonId("a" * 32), case=CaseId("c" * 32), terms=terms, sharing=False, ordered=False, owed=owed
    )


WEEK = date(2030, 5, 20)
PER_MONTH = Frequency(per=Period.MONTH, least=2)


@pytest.mark.parametrize(
    ("often", "booked", "week", "visits"),
    [
        (None, [], WEEK, 0),
        (Frequency(per=Period.WEEK, most=3), [], WEEK, 0),
        (Frequency(per=Period.WEEK, least=2), [], WEEK, 2),
        (Frequency(per=Period.WEEK, least=2), [WEEK], WEEK, 1),
        (Frequency(per=Period.WEEK, least=2), [WEEK - timedelta(days=1)], WEEK, 2),
        (Frequency(per=Period.WEEK, least=1), [WEEK, WEEK + timedelta(days=2)], WEEK, 0),
        (PER_MONTH, [], date(2030, 5, 6), 1),  # twelve days of thirty-one come to 0.8 of two
        (PER_MONTH, [date(2030, 5, 2)], date(2030, 5, 6), 0),
        (PER_MONTH, [date(2030, 5, 2)], date(2030, 5, 20), 1),
        (
            PER_MONTH,
            [date(2030, 5, 30)],
            date(2030, 5, 20),
            1,
        ),  # 1.7 by the end of the week, and one is booked
        (Frequency(per=Period.QUARTER, least=1), [], date(2030, 4, 15), 0),
        (Frequency(per=Period.QUARTER, least=1), [], date(2030, 5, 13), 1),
        (Frequency(per=Period.WEEK, least=7, gap_days=2), [], WEEK, 4),
    ],
)
def test_a_plan_asks_for_its_share_of_a_period(
    often: Frequency | None, booked: list[date], week: date, visits: int
) -> None:
    assert sum(part.visits for part in asked_for(line(often), booked, week)) == visits


def test_a_week_in_two_months_keeps_them_apart() -> None:
    """The week of 29 April: what April lacks is for Monday and Tuesday, May has not begun to lack anything."""
    parts = list(asked_for(line(PER_MONTH), [date(2030, 4, 3)], date(2030, 4, 29)))
    assert parts == [Part(first=date(2030, 4, 29), after=date(2030, 5, 1), visits=1)]


def test_what_is_owed_is_made_up_one_a_week_where_the_plan_has_room() -> None:
    assert [p.makes_up for p in asked_for(line(Frequency(per=Period.WEEK, least=1), owed=3), [], WEEK)] == [1]
    full = Frequency(per=Period.WEEK, least=1, most=1)
    assert [p.makes_up for p in asked_for(line(full, owed=3), [], WEEK)] == [0]


def test_the_weights_of_the_policy_are_those_of_the_planner() -> None:
    policy = PlannedWeek()
    assert {n: getattr(policy, n) for n in Weights.__dataclass_fields__} == vars(Weights())
    assert Document().week == policy
