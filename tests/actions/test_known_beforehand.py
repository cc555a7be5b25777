"""What is read of many at once says the same as what is read one by one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contact_service.calendars.calendar import Effect, Span
from contact_service.calendars.queries import know_marked, marked
from contact_service.claims.claim import Who
from contact_service.claims.queries import claims_of_each, know_claims
from contact_service.demo.brother import Brother
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.visits.queries.finding import visits_of_child
from contact_service.visits.queries.near import meetings_around
from contact_service.visits.visit import COUNTED
from contact_service.visits.weeks import week_around, week_around_each, weeks_around, weeks_around_each
from contact_service.working_hours.queries import know_busy, time_of
from tests.actions.test_busy_times import bring
from tests.actions.test_calendars import calendar, counts_for
from tests.cast import House

LATER = datetime(2030, 6, 3, 16)  # noqa: DTZ001  wall time, another month and beyond any week around the first visit


@pytest.mark.slow
def test_whom_a_child_meets_is_what_its_visits_say(house: House, brother: Brother) -> None:
    shared, alone = house.requested(sharing=brother.shares), house.requested(wall_start=LATER)
    children, first = [house.cast.mia, brother.finn], shared.starts_at.date()
    with house.reading(house.cast.karim) as work:
        found = meetings_around(work, children, COUNTED, (first, first + timedelta(days=30)))
        for child in children:
            said = [(one.id, one.starts_at, one.people) for one in visits_of_child(work, child, COUNTED)]
            assert [(one.id, one.starts_at, one.people) for one in found[child]] == said
        near = meetings_around(work, children, COUNTED, (first, first))
        assert [one.id for one in near[house.cast.mia]] == [shared.id]
    assert [one.id for one in found[house.cast.mia]] == [shared.id, alone.id]
    assert [one.id for one in found[brother.finn]] == [shared.id]


def test_whose_time_is_taken_is_the_same_read_at_once_and_day_by_day(house: House) -> None:
    first, second = house.requested(), house.requested(wall_start=LATER)
    who: list[Who] = [house.cast.mia, house.cast.dana, house.cast.lena, house.cast.rosa]
    weeks = week_around_each(first.starts_at - timedelta(days=9), second.starts_at + timedelta(days=9))
    with house.reading(house.cast.karim) as work:
        one_by_one = [claims_of_each(work, who, week) for week in weeks]
    with house.reading(house.cast.karim) as work:
        know_claims(work, who, weeks)
        assert [claims_of_each(work, who, week) for week in weeks] == one_by_one
    busy = [bool(each[house.cast.dana]) for each in one_by_one]
    assert busy.count(True) == 14  # a week around each of two visits
    assert not any(each[house.cast.rosa] for each in one_by_one)


def test_a_claim_that_only_touches_a_stretch_is_not_in_it(house: House) -> None:
    visit = house.requested()
    with house.reading(house.cast.karim) as work:
        (claim,) = claims_of_each(work, [house.cast.dana], week_around(visit.starts_at))[house.cast.dana]
        starts_at, ends_at = claim.span.starts_at, claim.span.ends_at
        hour, minute = timedelta(hours=1), timedelta(minutes=1)
        stretches = [(starts_at - hour, starts_at), (ends_at, ends_at + hour), (ends_at - minute, ends_at)]
        know_claims(work, [house.cast.dana], stretches)
        found = [claims_of_each(work, [house.cast.dana], one)[house.cast.dana] for one in stretches]
    assert found == [(), (), (claim,)]


def test_what_staff_and_calendars_say_is_the_same_read_at_once(house: House) -> None:
    bring(house, house.cast.lena, "DTSTART:20300515T090000Z\nDTEND:20300515T100000Z")
    holidays = Span(name="Holidays", first=date(2030, 5, 20), last=date(2030, 5, 24))
    outing = Span(name="Outing", first=date(2030, 6, 10), last=date(2030, 6, 10))
    counts_for(house, calendar(house, holidays, name="Town"))
    counts_for(house, calendar(house, outing, name="School"), house.cast.mia)
    begins = datetime(2030, 5, 1, tzinfo=UTC)
    blocks = weeks_around_each(begins, begins + timedelta(days=60))
    days = [(first.date(), after.date()) for first, after in blocks]
    everybody = frozenset({house.cast.mia, house.cast.dana})
    accounts = [house.cast.lena, house.cast.priya]
    with house.reading(house.cast.karim) as work:
        busy = [time_of(work, accounts, between=one) for one in blocks]
        closed = [marked(work, everybody, Effect.NO_VISITS, *one) for one in days]
        for_dana = [marked(work, frozenset({house.cast.dana}), Effect.NO_VISITS, *one) for one in days]
    with house.reading(house.cast.karim) as work:
        know_busy(work, accounts, blocks)
        know_marked(work, everybody, days)
        assert [time_of(work, accounts, between=one) for one in blocks] == busy
        assert [marked(work, everybody, Effect.NO_VISITS, *one) for one in days] == closed
        assert [
            marked(work, frozenset({house.cast.dana}), Effect.NO_VISITS, *one) for one in days
        ] == for_dana
    assert {len(one[house.cast.lena].busy) for one in busy} == {0, 1}
    assert {one.calendar.name for each in closed for one in each} == {"Town", "School"}
    assert {one.calendar.name for each in for_dana for one in each} == {"Town"}


def test_who_somebody_is_to_a_child_is_the_same_read_at_once(house: House) -> None:
    cast = house.cast
    those: list[PersonId] = [cast.mia, cast.jonas, cast.dana, cast.rosa, cast.ines]
    children = (cast.mia, cast.jonas)
    with house.reading(cast.karim) as work:
        one_by_one = {(c, p): people.member(work, p, child=c) for c in children for p in those}
        everybody = people.members_of(work, people.case_of(work, cast.mia), child=cast.mia)
    with house.reading(cast.karim) as work:
        people.know_members(work, those, children)
        assert {(c, p): people.member(work, p, child=c) for c in children for p in those} == one_by_one
    assert {one_by_one[cast.mia, one.person] for one in everybody if one.person in those} <= {*everybody}


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_week_around_holds_a_long_visit_at_any_hour_of_the_same_day_wherever_that_is(hour: int) -> None:
    at = datetime(2030, 5, 15, hour, tzinfo=UTC)
    first, after = week_around(at)
    a_day, long_visit = timedelta(hours=25), timedelta(hours=40)
    assert first <= at - a_day - long_visit
    assert at + a_day + long_visit <= after
    assert week_around_each(at, at) == (week_around(at), week_around(at + timedelta(days=1)))
    assert weeks_around(at) in weeks_around_each(at - timedelta(days=40), at + timedelta(days=1))
