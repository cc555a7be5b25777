"""Nobody is booked to watch or to answer who is away or does not work then; what was booked before is put in doubt."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import AccountId
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking, staffing
from contact_service.visits.queries.doubting import doubts
from contact_service.visits.queries.offering import times_for
from contact_service.working_hours import actions, queries
from contact_service.working_hours.hours import AbsenceKind
from tests.cast import House

LONDON = "Europe/London"
OFFICE = Window(days=tuple(Weekday)[:5], earliest=9 * 60, latest=17 * 60)
WEDNESDAY = date(2030, 5, 15)


def works(house: House, account: AccountId, window: Window = OFFICE) -> str:
    with house.work(account) as work:
        return staffing.add_hours(work, account, window, zone=LONDON)


def away(house: House, account: AccountId, first: date = WEDNESDAY, last: date = WEDNESDAY) -> str:
    with house.work(account) as work:
        return staffing.add_absence(work, account, (first, last), AbsenceKind.LEAVE, zone=LONDON)


def refused(house: House, **changes: object) -> list[tuple[str, str]]:
    with house.work(house.cast.karim) as work:
        result = booking.request_visit(work, house.wish(**changes), visit_id=work.new_id())
    return [(r.rule, r.words) for r in result.reasons] if isinstance(result, Refused) else []


@pytest.mark.rule("R56")
def test_a_supervisor_and_a_duty_person_who_are_away_are_not_booked(house: House) -> None:
    away(house, house.cast.lena)
    away(house, house.cast.priya)
    assert refused(house) == [
        ("R56", "Lena Voss is away that day. Choose another day, or somebody else."),
        ("R56", "Priya Nair is away that day. Choose another day, or somebody else."),
    ]
    assert refused(house, wall_start=datetime(2030, 5, 16, 16)) == []  # noqa: DTZ001  wall time


@pytest.mark.rule("R56")
def test_hours_that_touch_are_one_span_and_go_on_over_midnight(house: House) -> None:
    evening, night = (
        replace(OFFICE, earliest=12 * 60, latest=24 * 60),
        replace(OFFICE, earliest=0, latest=6 * 60),
    )
    for window in (replace(OFFICE, latest=12 * 60), evening, night):
        works(house, house.cast.lena, window)
    with house.work(house.cast.lena) as work:
        time = queries.time_of(work, [house.cast.lena])[house.cast.lena]
    noon, midnight = datetime(2030, 5, 15, 11, tzinfo=UTC), datetime(2030, 5, 15, 23, tzinfo=UTC)
    quarter = timedelta(minutes=15)
    assert time.is_at_work(noon - quarter, noon + quarter)
    assert time.is_at_work(midnight - quarter, midnight + quarter)
    assert not time.is_at_work(
        midnight + timedelta(hours=5, minutes=50), midnight + timedelta(hours=6, minutes=5)
    )
    friday = midnight + timedelta(days=2)
    assert not time.is_at_work(friday - quarter, friday + quarter)


@pytest.mark.rule("R56")
def test_a_supervisor_works_while_preparing_and_writing_up_too_and_the_duty_person_during_the_visit(
    house: House,
) -> None:
    works(house, house.cast.lena)
    works(house, house.cast.priya)
    late = {"wall_start": datetime(2030, 5, 15, 16, 30)}  # noqa: DTZ001
    off = "Lena Voss does not work then. Choose another time, or somebody else."
    assert refused(house, **late) == [("R56", off)]
    assert refused(house, wall_start=datetime(2030, 5, 15, 16, 15)) == []  # noqa: DTZ001


@pytest.mark.rule("R56")
def test_leave_that_comes_later_puts_a_booked_visit_in_doubt(house: House) -> None:
    visit = house.approved()
    absence = away(house, house.cast.lena)
    with house.reading(house.cast.priya) as work:
        [doubt] = doubts(work)
        assert (doubt.visit.id, [reason.code for reason in doubt.reasons]) == (visit.id, ["away"])
    with house.work(house.cast.lena) as work:
        actions.end_absence(work, house.cast.lena, absence)
    with house.reading(house.cast.priya) as work:
        assert [doubt.reasons for doubt in doubts(work)] == [()]  # and somebody says that it is right again


def test_times_are_offered_only_when_a_supervisor_works(house: House) -> None:
    tuesday = Window(days=(Weekday.TUESDAY,), earliest=15 * 60, latest=16 * 60)
    works(house, house.cast.lena, tuesday)
    with house.reading(house.cast.karim) as work:
        found = times_for(work, house.wish(supervisor=None))
    starts = {(offer.starts_at.weekday(), offer.starts_at + timedelta(hours=1)) for offer in found.offers}
    assert {weekday for weekday, _ in starts} == {1}
    assert {(at.hour, at.minute) for _, at in starts} == {
        (15, 15)
    }  # 15:15 in London, a quarter before and after
    away(house, house.cast.lena, date(2030, 5, 20), date(2030, 6, 30))
    with house.reading(house.cast.karim) as work:
        assert times_for(work, house.wish(supervisor=None)).offers == ()


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (Window(days=()), "days"),
        (Window(earliest=600, latest=600), "latest"),
        (Window(earliest=700, latest=600), "latest"),
        (Window(earliest=0, latest=1441), "latest"),
    ],
)
def test_hours_that_are_none_are_refused_and_nothing_is_kept(
    house: House, window: Window, field: str
) -> None:
    before = house.snapshot()
    with pytest.raises(BadInput) as caught:
        works(house, house.cast.lena, window)
    assert caught.value.field == field
    assert house.snapshot() == before


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2030, 5, 20), date(2030, 5, 19), "The last day is before the first"),
        (date(2030, 5, 1), date(2030, 5, 13), "These days have passed"),
        (date(2030, 5, 20), date(2032, 5, 20), "longer than two years"),
    ],
)
def test_days_away_that_cannot_be_are_refused(house: House, first: date, last: date, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        away(house, house.cast.lena, first, last)


def test_an_unknown_zone_is_refused(house: House) -> None:
    with pytest.raises(BadInput, match="time zone"), house.work(house.cast.lena) as work:
        actions.add_hours(work, house.cast.lena, OFFICE, zone="Mars/Olympus")


def test_everybody_writes_their_own_and_a_manager_those_of_others(house: House) -> None:
    with pytest.raises(NotAllowed), house.work(house.cast.karim) as work:
        actions.add_hours(work, house.cast.lena, OFFICE, zone=LONDON)
    with house.work(house.cast.priya) as work:
        hours = actions.add_hours(work, house.cast.lena, OFFICE, zone=LONDON)
    with pytest.raises(NotFound), house.work(house.cast.priya) as work:
        actions.end_hours(work, house.cast.karim, hours)
    with house.work(house.cast.lena) as work:
        actions.end_hours(work, house.cast.lena, hours)
    with pytest.raises(NotFound), house.work(house.cast.lena) as work:
        actions.end_hours(work, house.cast.lena, hours)
    with house.reading(house.cast.lena) as work:
        assert queries.time_of(work, [house.cast.lena])[house.cast.lena].weekly == ()
