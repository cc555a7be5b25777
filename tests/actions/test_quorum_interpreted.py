"""Where some come only if they can, somebody interprets for those who come, and for nobody who stays away."""

import pytest

from contact_service.approvals.actions.meeting import approve_to_meet
from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.people.actions.members import add_to_case_of
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.plans.hours import Weekday, Window
from contact_service.visits.actions.narrowing import TooFewCanCome, with_those_who_can
from contact_service.visits.actions.staffing import read_family_file
from contact_service.visits.optional import IfTheyCan
from contact_service.visits.queries.asking import start_of
from contact_service.visits.queries.offered import OfferedTime
from contact_service.visits.queries.offering import times_for
from contact_service.working_hours.actions import add_family_hours
from tests.actions.test_interpreter import _in_plan, with_interpreter
from tests.cast import House


@pytest.fixture
def gran(house: House) -> PersonId:
    """Somebody who speaks English and whom Mia may meet; Dana speaks Polish, and Ida interprets."""
    details = Details(name="Gran Marlowe", known_as="Gran", email="gran@demo.example", born_on="1950-01-01")
    with house.work(house.cast.karim) as work:
        person = add_to_case_of(
            work, house.cast.mia, details, MemberRole.FAMILY_MEMBER, relation=Relation.OTHER, word="gran"
        )
    with house.work(house.cast.priya) as work:
        approve_to_meet(work, house.cast.mia, person)
    return person


def offers(house: House, people: tuple[PersonId, ...], optional: tuple[PersonId, ...]) -> list[OfferedTime]:
    with house.reading(house.cast.karim) as work:
        wish = house.wish(people=people)
        asked = IfTheyCan(people=optional)
        return list(times_for(work, wish, optional=asked, with_interpreter=True).offers)


def never(house: House, person: PersonId) -> None:
    hours = Window(days=tuple(Weekday), earliest=3 * 60, latest=4 * 60)
    with house.work(house.cast.karim) as work:
        add_family_hours(work, person, hours, zone="Europe/London")


def test_nobody_interprets_for_somebody_who_stays_away(house: House, gran: PersonId) -> None:
    ida = with_interpreter(house)
    _in_plan(house, house.cast.dana, gran, ida)
    both = offers(house, (gran, house.cast.dana), (house.cast.dana,))
    assert {(one.coming, one.interpreter) for one in both} == {((house.cast.dana,), ida)}
    never(house, house.cast.dana)
    alone = offers(house, (gran, house.cast.dana), (house.cast.dana,))
    assert alone
    assert {(one.coming, one.interpreter) for one in alone} == {((), None)}


def test_a_time_that_needs_no_interpreter_is_not_lost_because_she_could_not(
    house: House, gran: PersonId
) -> None:
    child = with_interpreter(house, born_on="2015-01-01")  # R51 asks for an adult
    _in_plan(house, house.cast.dana, gran, child)
    found = offers(house, (gran, house.cast.dana), (house.cast.dana,))
    assert found
    assert {(one.coming, one.interpreter) for one in found} == {((), None)}


def test_whoever_interprets_is_not_told_to_come_if_they_can(house: House, gran: PersonId) -> None:
    ida = with_interpreter(house)
    _in_plan(house, house.cast.dana, gran, ida)
    with pytest.raises(BadInput, match="interprets"):
        offers(house, (gran, ida), (ida,))
    with pytest.raises(BadInput, match="interprets"), house.work(house.cast.karim) as work:
        with_those_who_can(work, house.wish(people=(gran, ida)), IfTheyCan(people=(ida,)))


def test_who_is_busy_by_a_calendar_of_their_own_cannot_come(house: House, gran: PersonId) -> None:
    _in_plan(house, house.cast.dana, gran)
    wish = house.wish(people=(gran, house.cast.dana))
    with house.reading(house.cast.karim) as work:
        start = start_of(work, wish)
    event = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20300101T000000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT3H\r\n"
    file = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"
    with house.work(house.cast.karim) as work:
        read_family_file(work, house.cast.dana, file.encode(), zone="Europe/London")
    with pytest.raises(TooFewCanCome) as told, house.work(house.cast.karim) as work:
        with_those_who_can(work, wish, IfTheyCan(people=(house.cast.dana,), quorum=1))
    assert told.value.sentence.endswith("{can} can then: {names}. Choose another time.")  # what is translated
    assert str(told.value).endswith("0 can then: Dana. Choose another time.")
