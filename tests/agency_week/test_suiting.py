"""The planner gives no visit to somebody with a conflict of interest, or who is not as the plan asks (R59, R60)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_service.agency_week.known import Gathered, week_of
from contact_service.agency_week.lines import lines_of, wants_of
from contact_service.agency_week.may_meet import codes_against, who_may_watch
from contact_service.agency_week.queries.gathering import gather
from contact_service.agency_week.wanted import Want
from contact_service.approvals.actions import planning
from contact_service.demo.cast import ZONE
from contact_service.ids import AccountId, PersonId
from contact_service.plans.queries import plan_for
from contact_service.plans.terms import Demands, GenderReason
from contact_service.policy.decision import Refused
from contact_service.suitability.actions import NewConflict
from contact_service.suitability.fit import ConflictKind, Gender
from contact_service.visits.actions import suiting
from contact_service.visits.queries.doubting import reasons_against
from tests.agency_week.conftest import Plan
from tests.agency_week.test_mending import booked, booked_week, mended
from tests.agency_week.town import MONDAY, Family, Town
from tests.cast import House

WOMAN = Demands(gender=Gender.WOMAN, why=GenderReason.CHILD_ASKED)


def conflict(house: House, account: AccountId, family: Family, person: PersonId | None) -> None:
    with house.work(house.cast.karim) as work:
        new = NewConflict(account=account, case=family.case, person=person, kind=ConflictKind.FRIEND)
        suiting.declare_conflict(work, new)


def asks_for_a_woman(house: House, family: Family) -> None:
    with house.work(house.cast.karim) as work:
        plan = plan_for(work, family.child)
        assert plan is not None
        terms = [replace(t, demands=WOMAN) if t.person == family.mother else t for t in plan.people]
        new = planning.propose_plan(work, family.child, with_people=terms, review_on=plan.review_on)
    assert not isinstance(new, Refused), new
    with house.work(house.cast.priya) as work:
        assert not isinstance(planning.approve_plan(work, new), Refused)


def week(house: House) -> tuple[Gathered, list[Want]]:
    with house.reading(house.cast.karim) as work:
        gathered = gather(work, week_of(MONDAY, ZONE))
    wants = [w for key, both in lines_of(gathered).items() for w, _ in wants_of(gathered, key, both)]
    return gathered, wants


def able(gathered: Gathered, want: Want) -> set[AccountId]:
    return {one.id for one in who_may_watch(gathered, want)}


@pytest.mark.rule("R59")
def test_whoever_has_a_conflict_is_not_given_the_visit(house: House, town: Town) -> None:
    watcher, family = town.supervisors[0], town.families[2]
    conflict(house, watcher, family, family.mother)
    conflict(house, watcher, town.families[3], None)
    gathered, wants = week(house)
    for want in wants:
        barred = family.mother in want.people or want.case == town.families[3].case
        assert (watcher in able(gathered, want)) != barred
        assert set(town.supervisors[1:]) <= able(gathered, want)


@pytest.mark.rule("R60")
def test_where_a_woman_is_asked_for_whoever_says_so_is_given_the_visit(house: House, town: Town) -> None:
    family = town.families[2]
    asks_for_a_woman(house, family)
    gathered, wants = week(house)
    [want] = [w for w in wants if family.mother in w.people][:1]
    assert codes_against(gathered, want) == ("woman",)
    with house.work(town.supervisors[1]) as work:
        suiting.state_gender(work, town.supervisors[1], Gender.WOMAN)
    gathered, _ = week(house)
    assert codes_against(gathered, want) == ()
    assert able(gathered, want) == {town.supervisors[1]}


@pytest.mark.rule("R59")
@pytest.mark.slow
def test_a_booked_visit_whose_supervisor_has_come_into_conflict_is_given_to_another(
    house: House, town: Town, plan: Plan
) -> None:
    before = booked_week(house, plan)
    visit = next(v for v in before.values() if v.supervisor in town.supervisors and len(v.children) == 1)
    family = next(one for one in town.families if one.child == visit.child)
    conflict(house, visit.supervisor, family, None)
    with house.reading(house.cast.priya) as work:
        assert [r.rule for r in reasons_against(work, visit)] == ["R59"]
    after = mended(house, plan)[visit.id]
    assert after.supervisor not in (None, visit.supervisor)
    assert timedelta(0) < after.length == visit.ends_at - visit.starts_at
    assert booked(house).keys() == before.keys()


@pytest.mark.rule("R59")
@pytest.mark.slow
def test_a_booked_visit_whose_duty_person_has_come_into_conflict_is_answered_for_by_another(
    house: House, town: Town, plan: Plan
) -> None:
    before = booked_week(house, plan)
    visit = next(v for v in before.values() if v.duty == house.cast.karim and len(v.children) == 1)
    family = next(one for one in town.families if one.child == visit.child)
    conflict(house, visit.duty, family, None)
    after = mended(house, plan)[visit.id]
    assert after.duty not in (None, visit.duty)
    assert after.supervisor is not None
