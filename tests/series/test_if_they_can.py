"""A series to which some come only if they can: each of its visits has those who can come then."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.plans.terms import Frequency, Period
from contact_service.policy.decision import Refused
from contact_service.series.actions.asking import NewSeries, NotAll, ask_for_series, outlook
from contact_service.series.actions.changing import move_instance
from contact_service.series.actions.ending import extend_series
from contact_service.series.actions.splitting import Onward, split_series
from contact_service.series.series import TOO_FEW, Fit, InstanceState, Series
from contact_service.visits.actions.narrowing import TooFewCanCome
from contact_service.visits.optional import IfTheyCan, LeftOut
from contact_service.visits.queries.optional import settled_of_each
from contact_service.working_hours.actions import add_family_absence
from tests.cast import House
from tests.series.asked import WEDNESDAY, Serial, nearer, nth, states
from tests.siblings import Sibling, siblings_of_mia

pytestmark = pytest.mark.slow  # each opens two cases first
SECOND = WEDNESDAY + timedelta(weeks=1)


@pytest.fixture
def leo(house: House) -> Sibling:
    """A brother who is away in the second week."""
    [one] = siblings_of_mia(house, "Leo")
    away(house, one.child, SECOND)
    return one


def away(house: House, person: PersonId, day: date) -> None:
    with house.work(house.cast.karim) as work:
        add_family_absence(work, person, (day, day), zone="Europe/London")


def wanted(serial: Serial, leo: Sibling, *, quorum: int = 0, weeks: int = 3) -> NewSeries:
    new = serial.new(sharing=(leo.wished,), last=WEDNESDAY + timedelta(weeks=weeks - 1))
    return replace(new, optional=IfTheyCan(people=(leo.child,), quorum=quorum))


def asked(serial: Serial, leo: Sibling, **changes: int) -> Series:
    with serial.karim() as work:
        made = ask_for_series(work, wanted(serial, leo, **changes))
    assert not isinstance(made, NotAll), made
    return made


def left_out(serial: Serial, series: Series) -> list[tuple[LeftOut, ...]]:
    with serial.house.reading(serial.house.cast.karim) as work:
        found = settled_of_each(work, series.visits)
    return [found[visit].left_out for visit in series.visits]


def test_each_visit_has_those_who_can_come_then_and_says_who_is_left_out(
    serial: Serial, leo: Sibling
) -> None:
    with serial.karim() as work:
        said = outlook(work, wanted(serial, leo))
    assert [(one.fit, one.left_out) for one in said] == [
        (Fit.FITS, ()),
        (Fit.FITS, (leo.child,)),
        (Fit.FITS, ()),
    ]
    series = asked(serial, leo)
    assert states(series) == ["booked"] * 3
    out = LeftOut(person=leo.child, caregiver=leo.carer)
    assert left_out(serial, series) == [(), (out,), ()]
    there = [leo.carer in one.visit.people for one in series.instances if one.visit]
    assert there == [True, False, True]
    assert series.optional == IfTheyCan(people=(leo.child,))


def test_one_to_which_too_few_can_come_does_not_fit_and_says_why(serial: Serial, leo: Sibling) -> None:
    with serial.karim() as work:
        said = outlook(work, wanted(serial, leo, quorum=1))
    assert [(one.fit, one.too_few) for one in said] == [
        (Fit.FITS, False),
        (Fit.REFUSED, True),
        (Fit.FITS, False),
    ]
    series = asked(serial, leo, quorum=1)
    assert states(series) == ["booked", "left_out", "booked"]
    assert nth(series, 2).why == (TOO_FEW,)


def test_a_longer_series_keeps_who_comes_if_they_can(serial: Serial, leo: Sibling) -> None:
    series = asked(serial, leo)
    away(serial.house, leo.child, WEDNESDAY + timedelta(weeks=4))
    with serial.karim() as work:
        longer = extend_series(work, series.id, WEDNESDAY + timedelta(weeks=4))
    assert isinstance(longer, Series)
    assert [len(one) for one in left_out(serial, longer)] == [0, 1, 0, 0, 1]


def test_a_series_that_goes_on_in_another_way_keeps_who_comes_if_they_can(
    serial: Serial, leo: Sibling
) -> None:
    series = asked(serial, leo)
    away(serial.house, leo.child, WEDNESDAY + timedelta(weeks=2, days=1))
    first = nth(series, 1)
    with serial.karim() as work:
        onward = Onward(
            instance=first.id,
            wish=series.wish(first.original),
            weekday=3,
            clock=series.pattern.clock,
            optional=series.optional,
        )
        made = split_series(work, series.id, onward, series_id="5" * 32)
    assert isinstance(made, Series)
    assert made.optional == series.optional
    # On the Thursday of the second week he can come, and on that of the third he cannot.
    assert [len(one) for one in left_out(serial, made)] == [0, 0, 1]
    assert [leo.carer in one.visit.people for one in made.instances if one.visit] == [True, True, False]


def test_one_that_moves_asks_anew_who_can_come(serial: Serial, leo: Sibling) -> None:
    series = asked(serial, leo)
    thursday = datetime(2030, 5, 23, 16)  # noqa: DTZ001
    with serial.karim() as work:
        moved = move_instance(work, series.id, nth(series, 2).id, thursday)
    assert isinstance(moved, Series)
    assert [len(one) for one in left_out(serial, moved)] == [0, 0, 0]
    away(serial.house, leo.child, thursday.date() + timedelta(days=1))
    with serial.karim() as work:
        moved = move_instance(work, series.id, nth(series, 2).id, thursday + timedelta(days=1))
    assert isinstance(moved, Series)
    assert [len(one) for one in left_out(serial, moved)] == [0, 1, 0]


def test_one_does_not_move_to_where_too_few_can_come(serial: Serial, leo: Sibling) -> None:
    series = asked(serial, leo, quorum=1)
    friday = datetime(2030, 5, 17, 16)  # noqa: DTZ001
    away(serial.house, leo.child, friday.date())
    with pytest.raises(TooFewCanCome), serial.karim() as work:
        move_instance(work, series.id, nth(series, 1).id, friday)
    assert states(serial.now(series)) == ["booked", "left_out", "booked"]
    with serial.karim() as work:
        answer = move_instance(work, series.id, nth(series, 2).id, friday)
    assert not isinstance(answer, Series | Refused)
    assert answer.too_few


def test_one_that_waits_is_booked_with_those_who_can_come_when_its_time_has_come(
    house: House, serial: Serial, leo: Sibling
) -> None:
    nearer(house, days=10)
    series = asked(serial, leo)
    assert states(series) == ["booked", "booked", "planned"]
    away(house, leo.child, WEDNESDAY + timedelta(weeks=2))
    house.clock.forward(timedelta(days=7))
    serial.night()
    series = serial.now(series)
    assert nth(series, 3).state is InstanceState.BOOKED
    assert [len(one) for one in left_out(serial, series)] == [0, 1, 1]


def test_a_visit_that_somebody_is_left_out_of_does_not_count_for_them(serial: Serial, leo: Sibling) -> None:
    """Ten days must lie between visits of Leo and Mia: in the second week he is away, in the fourth it is too soon."""
    serial.terms(leo.child, frequency=Frequency(per=Period.MONTH, gap_days=10))
    with serial.karim() as work:
        said = outlook(work, wanted(serial, leo, weeks=4))
    assert [one.left_out for one in said] == [(), (leo.child,), (), (leo.child,)]


def test_who_does_not_go_with_the_series_is_said_at_its_field(serial: Serial, leo: Sibling) -> None:
    for optional in (IfTheyCan(people=(serial.house.cast.mia,)), IfTheyCan(people=(leo.child,), quorum=2)):
        with pytest.raises(BadInput), serial.karim() as work:
            ask_for_series(work, replace(wanted(serial, leo), optional=optional))
