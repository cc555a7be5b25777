"""A booked week is mended: what can no longer be as it is moves, what may stay stays, and nothing is overwritten."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from contact_service.agency_policy.actions import accept_policy
from contact_service.agency_policy.queries import policy_in_force
from contact_service.agency_policy.version import PolicyAct
from contact_service.agency_week.actions.accepting import accept
from contact_service.agency_week.queries.runs import visits_of_run
from contact_service.agency_week.run import DraftState, PlannedVisit, RunKind
from contact_service.calendars import actions as calendars
from contact_service.calendars.calendar import Effect, Span
from contact_service.demo.cast import ZONE
from contact_service.ids import AccountId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.people.actions.members import put_on_caseload
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.visits.actions import closing
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.doubting import reasons_against
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import Visit, VisitState
from contact_service.working_hours.actions import add_absence, add_family_hours
from contact_service.working_hours.hours import AbsenceKind
from tests.agency_week.conftest import Plan
from tests.agency_week.town import MONDAY, Town
from tests.cast import House

TUESDAY = MONDAY + timedelta(days=1)
_ASKED = (VisitState.REQUESTED, VisitState.APPROVED)


def booked_week(house: House, plan: Plan) -> dict[VisitId, Visit]:
    """The town's week as its plans ask for it, asked for and approved."""
    run = plan()
    with house.work(house.cast.karim) as work:
        assert all(one.visit for one in accept(work, run))
    return booked(house)


def booked(house: House) -> dict[VisitId, Visit]:
    """Every visit that is asked for or approved; whatever was only asked for is approved."""
    with house.work(house.cast.priya) as work:
        for visit in visits_in(work, [VisitState.REQUESTED]):
            assert not isinstance(inviting.approve(work, visit.id), Refused)
    with house.reading(house.cast.priya) as work:
        return {v.id: v for v in visits_in(work, _ASKED)}


def mended(house: House, plan: Plan, **changes: object) -> dict[VisitId, PlannedVisit]:
    run = plan(kind=RunKind.REPAIR, **changes)
    with house.reading(house.cast.karim) as work:
        found = {v.booked: v for v in visits_of_run(work, run)}
    return {visit: one for visit, one in found.items() if visit is not None}


def broken(house: House, visits: dict[VisitId, Visit]) -> set[VisitId]:
    with house.reading(house.cast.priya) as work:
        return {v for v, visit in visits.items() if reasons_against(work, visit)}


def local(visit: Visit) -> datetime:
    return visit.starts_at.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None)


def on(visit: Visit | PlannedVisit) -> object:
    assert visit.starts_at is not None
    return visit.starts_at.astimezone(ZoneInfo(ZONE)).date()


@pytest.mark.usefixtures("town")
@pytest.mark.rule("R57")
def test_visits_of_a_day_that_is_closed_meanwhile_move_to_another(house: House, plan: Plan) -> None:
    before = booked_week(house, plan)
    with house.work(house.cast.priya) as work:
        made = calendars.add_calendar(work, "Northmoor office", Effect.NO_VISITS)
        closing.add_entry(work, made, Span(name="Founders’ day", first=TUESDAY, last=TUESDAY))
        closing.link(work, made, None)
    hit = broken(house, before)
    assert hit == {v for v, visit in before.items() if on(visit) == TUESDAY}
    assert hit
    run = plan(kind=RunKind.REPAIR)
    with house.work(house.cast.karim) as work:
        visits = {v.booked: v for v in visits_of_run(work, run)}
        assert all(on(one) != TUESDAY for one in visits.values() if one.starts_at)
        done = accept(work, run)
    assert all(one.visit for one in done), [one.refused for one in done]
    moved = {one.visit for one in done}
    assert hit - moved == {v for v, one in visits.items() if one.starts_at is None}
    after = booked(house)
    assert broken(house, after) == hit - moved
    assert moved


@pytest.mark.usefixtures("town")
def test_another_duty_person_is_found_for_one_who_is_away_and_can_be_accepted(
    house: House, plan: Plan
) -> None:
    before = booked_week(house, plan)
    assert {visit.duty for visit in before.values()} == {house.cast.karim}
    with house.work(house.cast.priya) as work:
        add_absence(work, house.cast.karim, (TUESDAY, TUESDAY), AbsenceKind.LEAVE, zone=ZONE)
    hit = broken(house, before)
    assert hit == {v for v, visit in before.items() if on(visit) == TUESDAY}
    run = plan(kind=RunKind.REPAIR)
    with house.work(house.cast.karim) as work:
        visits = {v.booked: v for v in visits_of_run(work, run)}
        assert {v for v, one in visits.items() if "unchanged" not in one.reasons} == hit
        assert all(visits[v].reasons[-1] == "another_duty" for v in hit)
        done = accept(work, run)
    assert {one.visit for one in done} == hit
    after = booked(house)
    assert broken(house, after) == set()
    assert {v for v in after if after[v].duty != house.cast.karim} == hit
    assert all(
        (after[v].starts_at, after[v].supervisor) == (before[v].starts_at, before[v].supervisor) for v in hit
    )


def locks(house: House) -> tuple[list[set[object]], Callable[..., None]]:
    """Whom each statement locks, in order, and the listener to take away afterwards."""
    found: list[set[object]] = []

    def listen(_c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:  # noqa: ANN401
        if "FOR UPDATE" in statement and "FROM resource" in statement:
            found.append({*parameters.values()})

    event.listen(house.installation.engine, "before_cursor_execute", listen)
    return found, listen


@pytest.mark.usefixtures("town")
def test_everybody_whom_a_mended_week_frees_or_needs_is_locked_at_once(house: House, plan: Plan) -> None:
    """Whoever is locked one after the other may be waited for in a circle, by somebody who changes one visit."""
    before = booked_week(house, plan)
    ill = next(iter(before.values())).supervisor
    with house.work(house.cast.priya) as work:
        add_absence(work, ill, (MONDAY, MONDAY + timedelta(days=6)), AbsenceKind.ILL, zone=ZONE)
    run = plan(kind=RunKind.REPAIR)
    found, listener = locks(house)
    with house.work(house.cast.karim) as work:
        done = accept(work, run)
    event.remove(house.installation.engine, "before_cursor_execute", listener)
    assert any(one.visit for one in done)
    if house.installation.engine.dialect.name == "postgresql":
        first, *later = found
        assert later
        assert [one - first for one in later] == [set()] * len(later)


def test_a_duty_person_who_is_no_worker_of_the_child_stays(house: House, plan: Plan) -> None:
    visit = house.approved()
    assert visit.duty == house.cast.priya
    assert visit.duty != house.cast.karim
    monday = visit.starts_at.date() - timedelta(days=visit.starts_at.weekday())
    [one] = mended(house, plan, week=monday).values()
    assert (one.duty, "unchanged" in one.reasons) == (visit.duty, True)


# ---- between a draft and its acceptance


@pytest.mark.rule("R54")
def test_a_visit_of_a_child_out_of_reach_is_refused_and_the_others_are_asked_for(
    house: House, town: Town, plan: Plan, sade: AccountId
) -> None:
    run = plan()
    with house.reading(house.cast.karim) as work:
        visits = visits_of_run(work, run)
    [shared] = [one for one in visits if one.sharing]
    with house.work(house.cast.karim) as work:
        put_on_caseload(work, shared.case, sade)
    with house.work(sade) as work:
        accept_policy(work, PolicyAct.BOOK, version=policy_in_force(work).version)
    with house.work(sade) as work:
        within = visits_of_run(work, run)
        assert {one.child for one in within if not one.sharing} <= {f.child for f in town.families[:2]}
        done = {one.planned.id: one for one in accept(work, run)}
    assert len(within) == len(done) > 1
    assert done[shared.id].visit is None
    assert "every child" in done[shared.id].trouble
    assert all(one.visit for v, one in done.items() if v != shared.id), [one.refused for one in done.values()]
    with house.work(house.cast.karim) as work:
        [kept] = [one for one in visits_of_run(work, run) if one.id == shared.id]
        assert (kept.state, kept.refusal) == (DraftState.REFUSED, ("R54/child_out_of_reach",))
        assert [one.visit for one in accept(work, run, [shared.id])] == [shared.id]


@pytest.mark.usefixtures("town")
def test_a_booked_visit_of_a_child_out_of_reach_is_left_as_it_is(
    house: House, plan: Plan, sade: AccountId
) -> None:
    before = booked_week(house, plan)
    [shared] = [visit for visit in before.values() if len(visit.children) > 1]
    with house.work(house.cast.priya) as work:
        add_absence(work, shared.supervisor, (MONDAY, MONDAY + timedelta(days=6)), AbsenceKind.ILL, zone=ZONE)
    run = plan(kind=RunKind.REPAIR)
    with house.work(house.cast.karim) as work:
        [one] = [v for v in visits_of_run(work, run) if v.booked == shared.id]
        assert one.starts_at is not None
        put_on_caseload(work, one.case, sade)
    with house.work(sade) as work:
        [refused] = accept(work, run, [one.id])
    assert (refused.visit, refused.code) == (None, "R54/child_out_of_reach")
    assert house.visit(shared.id) == shared


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("changed", ["duty", "length", "wall_start"])
def test_what_somebody_changed_after_the_draft_is_not_overwritten(
    house: House, plan: Plan, changed: str
) -> None:
    before = booked_week(house, plan)
    ill = max(
        {v.supervisor for v in before.values()}, key=lambda s: sum(v.supervisor == s for v in before.values())
    )
    with house.work(house.cast.priya) as work:
        add_absence(work, ill, (MONDAY, MONDAY + timedelta(days=6)), AbsenceKind.ILL, zone=ZONE)
    run = plan(kind=RunKind.REPAIR)
    with house.work(house.cast.karim) as work:
        ahead = [v for v in visits_of_run(work, run) if v.starts_at and "unchanged" not in v.reasons]
    one = next(v for v in ahead if v.booked and v.supervisor and not v.sharing)
    assert one.booked is not None
    visit = before[one.booked]
    with house.work(house.cast.karim) as work:
        wish = replace(wish_of(visit), wall_start=local(visit), supervisor=one.supervisor)
        wish = {
            "duty": replace(wish, duty=house.cast.priya),
            "length": replace(wish, length=timedelta(minutes=30)),
            "wall_start": replace(wish, wall_start=local(visit) + timedelta(minutes=5)),
        }[changed]
        assert not isinstance(inviting.change(work, visit.id, wish), Refused)
    theirs = house.visit(visit.id)
    with house.work(house.cast.karim) as work:
        done = {each.planned.id: each for each in accept(work, run)}
    assert (done[one.id].visit, done[one.id].code) == (None, "changed_since")
    assert "after the plan" in done[one.id].trouble
    assert house.visit(visit.id) == theirs
    assert any(each.visit for each in done.values())


# ---- what planning asks for and no rule does


def test_a_visit_outside_a_familys_usual_hours_stays_and_one_that_moves_lies_in_them(
    house: House, town: Town, plan: Plan
) -> None:
    before = booked_week(house, plan)
    mothers = {one.mother for one in town.families}
    visit = next(v for v in before.values() if on(v) == TUESDAY and mothers & {*wish_of(v).people})
    [guest] = wish_of(visit).people
    with house.work(house.cast.karim) as work:
        evening = Window(days=tuple(Weekday), earliest=18 * 60, latest=19 * 60)
        add_family_hours(work, guest, evening, zone=ZONE)
    assert local(visit).hour < 18
    assert all("unchanged" in one.reasons for one in mended(house, plan).values())
    with house.work(house.cast.priya) as work:
        made = calendars.add_calendar(work, "Northmoor office", Effect.NO_VISITS)
        closing.add_entry(work, made, Span(name="Founders’ day", first=TUESDAY, last=TUESDAY))
        closing.link(work, made, visit.child)
    moved = mended(house, plan)[visit.id]
    assert moved.starts_at is not None
    assert moved.starts_at.astimezone(ZoneInfo(ZONE)).hour == 18
    assert on(moved) != TUESDAY


# ---- off the quarter hour

FIVE_PAST = datetime(2030, 5, 15, 16, 5)  # noqa: DTZ001  wall time
THIS_WEEK = date(2030, 5, 13)


def test_a_visit_that_keeps_its_time_keeps_it_to_the_minute(house: House, plan: Plan) -> None:
    visit = house.approved(wall_start=FIVE_PAST)
    [one] = mended(house, plan, week=THIS_WEEK).values()
    assert (one.starts_at, "unchanged" in one.reasons) == (visit.starts_at, True)
    with house.work(house.cast.priya) as work:
        add_absence(work, visit.duty, (visit.starts_at.date(),) * 2, AbsenceKind.LEAVE, zone=ZONE)
    run = plan(kind=RunKind.REPAIR, week=THIS_WEEK)
    with house.work(house.cast.karim) as work:
        [done] = accept(work, run)
    assert done.visit == visit.id
    after = house.visit(visit.id)
    assert (after.starts_at, after.ends_at) == (visit.starts_at, visit.ends_at)
    assert after.duty != visit.duty


def test_the_last_minutes_of_a_visit_off_the_quarter_hour_count(house: House, plan: Plan) -> None:
    """From 16:05 to 16:35, and from half past four nobody may."""
    visit = house.approved(wall_start=FIVE_PAST)
    day = visit.starts_at.date()
    with house.work(house.cast.priya) as work:
        made = calendars.add_calendar(work, "Northmoor office", Effect.NO_VISITS)
        closed = Span(name="Cleaning", first=day, last=day, earliest=16 * 60 + 30, latest=18 * 60)
        closing.add_entry(work, made, closed)
        closing.link(work, made, None)
    assert broken(house, {visit.id: visit})
    [one] = mended(house, plan, week=THIS_WEEK).values()
    assert one.starts_at != visit.starts_at
    assert "unchanged" not in one.reasons
