"""The week takes an interpreter who may and can: of several the one who has more of the week left."""

from dataclasses import replace
from datetime import date

import pytest

from contact_service.agency_week.actions.accepting import accept
from contact_service.agency_week.building import Built, build
from contact_service.agency_week.known import week_of
from contact_service.agency_week.queries.gathering import gather
from contact_service.demo.cast import ZONE
from contact_service.ids import PersonId
from contact_service.people.actions.members import change_details
from contact_service.people.language import Language
from contact_service.people.queries.members import details_of
from contact_service.plans.terms import Frequency, Period
from contact_service.visits.actions.staffing import read_family_file
from contact_service.working_hours.actions import add_family_absence
from tests.actions.test_busy_times import ics
from tests.actions.test_interpreter import another_interpreter, with_interpreter
from tests.agency_week.conftest import Plan
from tests.agency_week.town import MONDAY
from tests.cast import House
from tests.series.asked import Serial

pytestmark = pytest.mark.rule("R51")


def interpreters(house: House) -> tuple[PersonId, PersonId]:
    """Ida, whom the plan names first, and Otto; Dana is to be seen twice a week."""
    both = with_interpreter(house), another_interpreter(house)
    Serial(house=house).terms(frequency=Frequency(per=Period.WEEK, least=2, most=3))
    return both


def built(house: House) -> Built:
    with house.reading(house.cast.karim) as work:
        return build(gather(work, week_of(MONDAY, ZONE)))


def chosen(house: House) -> list[PersonId]:
    """Who interprets in each visit with Dana."""
    wants = [one for one in built(house).wants if house.cast.dana in one.people]
    assert wants
    return [person for one in wants for person in one.people if person != house.cast.dana]


def away(house: House, person: PersonId, first: int, last: int) -> None:
    with house.work(house.cast.karim) as work:
        days = (date(2030, 5, first), date(2030, 5, last))
        add_family_absence(work, person, days, zone="Europe/London")


def test_several_who_could_take_turns(house: House) -> None:
    both = interpreters(house)
    assert sorted(chosen(house)) == sorted(both)


def test_whoever_is_away_in_that_week_is_not_taken(house: House) -> None:
    ida, otto = interpreters(house)
    away(house, ida, 20, 25)
    assert set(chosen(house)) == {otto}


def test_whoever_does_not_know_the_language_is_not_taken_though_named_first(house: House) -> None:
    ida, otto = interpreters(house)
    with house.work(house.cast.karim) as work:
        change_details(work, ida, replace(details_of(work, ida), languages=(Language(tag="so"),)))
    assert set(chosen(house)) == {otto}


def test_busy_times_of_a_calendar_count_in_the_week(house: House) -> None:
    ida, otto = interpreters(house)
    with house.work(house.cast.karim) as work:
        week = ics("DTSTART:20300520T000000Z\nDURATION:P6D")
        read_family_file(work, ida, week, zone="Europe/London")
    assert set(chosen(house)) == {otto}


def test_two_drafts_count_the_visits_of_two_whoever_interprets(house: House, plan: Plan) -> None:
    """Ida interprets in one visit of a draft and Otto in the other; together they are what the plan asks for."""
    interpreters(house)
    Serial(house=house).terms(frequency=Frequency(per=Period.WEEK, least=2))
    mine, theirs = plan(), plan(seed=7)
    with house.work(house.cast.karim) as work:
        assert all(one.visit for one in accept(work, mine))
    with house.work(house.cast.karim) as work:
        done = accept(work, theirs)
    assert len(done) == 2
    assert {(one.visit, one.code) for one in done} == {(None, "has_enough")}
