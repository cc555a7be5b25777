"""Hours of families narrow the times that are offered, say so, and forbid nothing."""

from datetime import date, timedelta

import pytest

from contact_service.errors import BadInput, NotFound
from contact_service.ids import PersonId
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking
from contact_service.visits.queries.offering import times_for
from contact_service.working_hours import actions, queries
from tests.cast import House

LONDON = "Europe/London"
SATURDAY = Window(days=(Weekday.SATURDAY,), earliest=9 * 60, latest=12 * 60)


def can(house: House, person: PersonId, window: Window = SATURDAY, zone: str = LONDON) -> str:
    with house.work(house.cast.karim) as work:
        return actions.add_family_hours(work, person, window, zone=zone)


@pytest.mark.parametrize("who", ["dana", "ines"])
def test_only_hours_of_a_family_member_and_of_the_carer_are_offered(house: House, who: str) -> None:
    person = getattr(house.cast, who)
    can(house, person)
    with house.reading(house.cast.karim) as work:
        found = times_for(work, house.wish())
    assert found.offers
    for one in found.offers:
        london = one.starts_at + timedelta(hours=1)
        assert london.weekday() == 5
        assert 9 <= london.hour < 12
    wednesday = next(one for one in found.without if one.day == date(2030, 5, 15))
    assert wednesday.why == ((f"family_hours/{person}".split("/")[0], person),)


def test_hours_are_by_the_clock_of_their_own_zone(house: House) -> None:
    can(house, house.cast.dana, zone="Asia/Tokyo")  # 9 to 12 there is 1 to 4 in London
    with house.reading(house.cast.karim) as work:
        assert times_for(work, house.wish()).offers == ()
    can(
        house,
        house.cast.dana,
        Window(days=(Weekday.SATURDAY,), earliest=18 * 60, latest=20 * 60),
        "Asia/Tokyo",
    )
    with house.reading(house.cast.karim) as work:
        offers = times_for(work, house.wish()).offers
    assert {(one.starts_at + timedelta(hours=1)).hour for one in offers} <= {10, 11}
    assert offers


def test_no_time_is_offered_on_days_away_and_they_are_taken_back(house: House) -> None:
    with house.work(house.cast.karim) as work:
        absence = actions.add_family_absence(
            work, house.cast.dana, (date(2030, 5, 14), date(2030, 7, 1)), zone=LONDON
        )
    with house.reading(house.cast.karim) as work:
        assert times_for(work, house.wish()).offers == ()
    with house.work(house.cast.karim) as work:
        actions.end_family_absence(work, house.cast.dana, absence)
    with house.reading(house.cast.karim) as work:
        assert times_for(work, house.wish()).offers
        assert queries.family_time_of(work, [house.cast.dana]) == {}
    assert house.history()[-2:] == ["family_absence.added", "family_absence.ended"]


def test_a_worker_who_has_spoken_to_the_family_books_outside_their_hours(house: House) -> None:
    can(house, house.cast.dana)
    with house.work(house.cast.karim) as work:
        visit = booking.request_visit(work, house.wish(), visit_id=work.new_id())
    assert not isinstance(visit, Refused)


def test_hours_that_are_none_are_refused_and_change_nothing(house: House) -> None:
    before = house.snapshot()
    for window, zone in (
        (Window(days=()), LONDON),
        (Window(earliest=9, latest=9), LONDON),
        (SATURDAY, "Mars"),
    ):
        with pytest.raises(BadInput):
            can(house, house.cast.dana, window, zone)
    for first, last in ((date(2030, 5, 20), date(2030, 5, 19)), (date(2030, 5, 1), date(2030, 5, 2))):
        with pytest.raises(BadInput), house.work(house.cast.karim) as work:
            actions.add_family_absence(work, house.cast.dana, (first, last), zone=LONDON)
    assert house.snapshot() == before


def test_hours_of_one_are_not_ended_as_those_of_another(house: House) -> None:
    hours = can(house, house.cast.dana)
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        actions.end_family_hours(work, house.cast.ines, hours)
    with house.work(house.cast.karim) as work:
        actions.end_family_hours(work, house.cast.dana, hours)
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        actions.end_family_hours(work, house.cast.dana, hours)
