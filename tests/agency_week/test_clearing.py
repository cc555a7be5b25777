"""A week is planned with whoever takes part from a prison on the days alone on which its clearance stands."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from contact_service.agency_week.queries.runs import visits_of_run
from contact_service.agency_week.run import PlannedVisit
from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer
from contact_service.demo.cast import ZONE
from contact_service.pools import actions as pools
from contact_service.visits.actions import clearing, pooling
from contact_service.working_hours.actions import add_family_absence
from tests.agency_week.conftest import Plan
from tests.agency_week.town import MONDAY, Family, Town
from tests.cast import NOON, House

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
