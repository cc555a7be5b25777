"""A week is planned with whoever takes part from a prison on the days alone on which its clearance stands."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from contact_service.actor import COMMAND_LINE, Role
from contact_service.agency_week.queries.runs import visits_of_run
from contact_service.agency_week.run import PlannedVisit
from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer
from contact_service.demo.cast import ZONE
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId, PersonId, PoolId
from contact_service.people.actions.members import put_on_caseload
from contact_service.pools import actions as pools
from contact_service.visits.actions import clearing, pooling
from contact_service.working_hours.actions import add_family_absence
from tests.agency_week.conftest import Plan
from tests.agency_week.town import MONDAY, Family, Town
from tests.cast import NOON, PASSWORD, House

SAID = ("rule/clearance_missing", "rule/another_child_unsettled")
TUESDAY = MONDAY + timedelta(days=1)
THURSDAY = MONDAY + timedelta(days=3)
pytestmark = pytest.mark.rule("R68")

Imprison = Callable[[date], str]


@pytest.fixture
def family(town: Town) -> Family:
    return town.families[4]


@pytest.fixture
def imprison(house: House, family: Family) -> Imprison:
    """The mother takes part from a prison from a day on, and it is asked; returns the question."""

    def imprison(first: date) -> str:
        with house.work(house.cast.karim) as work:
            prison = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
            clearing.set_desk(work, prison, "bookings@northmoor.example")
            pooling.link(work, family.mother, prison, first, None)
            return actions.ask(work, family.mother, family.child, prison, "")

    return imprison


def with_her(house: House, family: Family, run: str) -> list[PlannedVisit]:
    with house.reading(house.cast.karim) as work:
        return [
            one
            for one in visits_of_run(work, run)
            if one.child == family.child and family.mother in one.people
        ]


def says(house: House, family: Family, asked: str, answer: Answer, last: date | None = None) -> None:
    with house.work(house.cast.karim) as work:
        clearing.answer(work, family.mother, asked, answer, reference="OMU 117", last=last)


def test_before_the_prison_has_said_yes_no_time_is_sought(
    house: House, family: Family, plan: Plan, imprison: Imprison
) -> None:
    imprison(NOON.date())
    [visit] = with_her(house, family, plan())
    assert (visit.starts_at, visit.reasons) == (None, ("rule/clearance_asked",))


def test_a_no_is_told_as_one(house: House, family: Family, plan: Plan, imprison: Imprison) -> None:
    says(house, family, imprison(NOON.date()), Answer.REFUSED)
    [visit] = with_her(house, family, plan())
    assert (visit.starts_at, visit.reasons) == (None, ("rule/clearance_refused",))


def away(house: House, family: Family, first: date, last: date) -> None:
    with house.work(house.cast.karim) as work:
        add_family_absence(work, family.mother, (first, last), zone=ZONE)


def test_a_visit_is_placed_on_a_day_on_which_a_yes_still_stands_and_on_no_other(
    house: House, family: Family, plan: Plan, imprison: Imprison
) -> None:
    says(house, family, imprison(NOON.date()), Answer.GRANTED, TUESDAY)
    [visit] = with_her(house, family, plan())
    assert visit.starts_at is not None
    assert visit.starts_at.date() <= TUESDAY
    away(house, family, MONDAY, TUESDAY)
    [visit] = with_her(house, family, plan())
    assert visit.starts_at is None


def test_a_visit_is_placed_on_a_day_before_she_goes_there_and_on_no_other(
    house: House, family: Family, plan: Plan, imprison: Imprison
) -> None:
    imprison(THURSDAY)
    [visit] = with_her(house, family, plan())
    assert visit.starts_at is not None
    assert visit.starts_at.date() < THURSDAY
    away(house, family, MONDAY, THURSDAY - timedelta(days=1))
    [visit] = with_her(house, family, plan())
    assert visit.starts_at is None


@pytest.fixture
def unit(house: House, town: Town) -> PoolId:
    """The carer of the first child, who shares visits with the second, brings that child from a unit."""
    with house.work(house.cast.karim) as work:
        made = pools.add_pool(work, "Hill House", 2, zone="Europe/London")
        clearing.set_desk(work, made, "desk@hill-house.example")
        pooling.link(work, town.families[0].carer, made, NOON.date(), None)
    return made


def shared(house: House, run: str, reader: AccountId | None = None) -> PlannedVisit | None:
    with house.reading(reader or house.cast.karim) as work:
        return next((one for one in visits_of_run(work, run) if one.sharing), None)


def grant(house: House, town: Town, unit: PoolId, last: date, *people: PersonId) -> None:
    for person in people:
        with house.work(house.cast.karim) as work:
            asked = actions.ask(work, person, town.families[1].child, unit)
            clearing.answer(work, person, asked, Answer.GRANTED, reference="HH 7", last=last)


def test_a_shared_visit_is_placed_where_the_carer_and_the_child_from_there_have_a_yes_and_nowhere_else(
    house: House, town: Town, plan: Plan, unit: PoolId
) -> None:
    one = town.families[0]
    visit = shared(house, plan())
    assert visit is not None
    assert (visit.starts_at, visit.reasons) == (None, SAID[:1])
    grant(house, town, unit, TUESDAY, one.carer)
    visit = shared(house, plan())
    assert visit is not None
    assert (visit.starts_at, visit.reasons) == (None, SAID[:1])
    grant(house, town, unit, TUESDAY, one.child)
    visit = shared(house, plan())
    assert visit is not None
    assert visit.starts_at is not None
    assert visit.starts_at.date() <= TUESDAY
    with house.work(house.cast.karim) as work:
        add_family_absence(work, town.families[1].carer, (MONDAY, TUESDAY), zone=ZONE)
    visit = shared(house, plan())
    assert visit is not None
    assert visit.starts_at is None


def test_why_a_shared_visit_has_no_place_is_told_to_those_alone_who_work_with_each_child(
    house: House, plan: Plan, unit: PoolId
) -> None:
    run = plan()
    assert unit
    whole = shared(house, run)
    assert whole is not None
    with house.as_actor(COMMAND_LINE) as work:
        alone = add_account(
            work, email="alone@demo.example", name="Alone", roles=(Role.WORKER,), password=PASSWORD
        )
    with house.work(house.cast.karim) as work:
        put_on_caseload(work, whole.case, alone)
    told = shared(house, run, alone)
    assert told is not None
    assert (whole.reasons, told.reasons) == (SAID[:1], SAID[1:])
