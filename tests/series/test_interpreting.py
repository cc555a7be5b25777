"""Each visit of a series has somebody who interprets where nobody would understand: the same one where that can be."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from contact_service.audit.events import EventType
from contact_service.claims.actions import add_time, lock_time
from contact_service.claims.claim import Kind, Span
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.ids import PersonId
from contact_service.people.actions.members import change_details
from contact_service.people.queries.members import details_of
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.series.actions.asking import outlook
from contact_service.series.actions.changing import move_instance
from contact_service.series.actions.ending import extend_series
from contact_service.series.actions.splitting import Onward, split_series
from contact_service.series.series import Fit, Instance, Series
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.asking import wish_of
from contact_service.working_hours.actions import add_family_absence, add_family_hours, end_family_absence
from tests.actions.test_interpreter import another_interpreter, with_interpreter
from tests.pages.conftest import SignIn, app, signed_in as signed_in_page
from tests.series.asked import Serial, nearer, nth, states

signed_in = signed_in_page
__all__ = ["app"]
pytestmark = pytest.mark.rule("R51")
SECOND, THIRD = date(2030, 5, 22), date(2030, 5, 29)


def away(serial: Serial, person: PersonId, *days: date) -> list[str]:
    with serial.karim() as work:
        return [add_family_absence(work, person, (day, day), zone="Europe/London") for day in days]


def who(serial: Serial, one: Instance) -> PersonId:
    """Who takes part in an instance beside Dana."""
    assert one.visit is not None
    [other] = {*wish_of(one.visit).people} - {serial.house.cast.dana}
    return other


def test_a_series_has_an_interpreter_in_every_visit_and_claims_their_time(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    made = serial.asked()
    assert states(made) == ["booked"] * 8
    assert made.people == (serial.house.cast.dana,)
    for one in made.instances:
        assert one.visit is not None
        assert ida in serial.house.claimed(one.visit)
    assert serial.house.overlaps() == 0


def test_an_interpreter_who_was_chosen_for_all_of_it_is_not_replaced(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    otto = another_interpreter(serial.house)
    away(serial, otto, SECOND)
    made = serial.asked(people=(serial.house.cast.dana, otto))
    assert {who(serial, one) for one in made.instances} == {otto}
    assert ida not in made.people


def test_where_one_is_away_another_interprets_and_goes_on(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    otto = another_interpreter(serial.house)
    away(serial, ida, SECOND)
    made = serial.asked()
    assert [who(serial, one) for one in made.instances] == [ida] + [otto] * 7


def test_where_nobody_who_could_is_free_the_visit_waits_and_says_so(
    serial: Serial, signed_in: SignIn
) -> None:
    ida = with_interpreter(serial.house)
    away(serial, ida, SECOND)
    with serial.house.reading(serial.house.cast.karim) as work:
        said = outlook(work, serial.new())
    assert [one.fit for one in said] == [Fit.FITS, Fit.LATER] + [Fit.FITS] * 6
    assert said[1].lacks_interpreter
    made = serial.asked()
    assert states(made) == ["booked", "planned"] + ["booked"] * 6
    assert nth(made, 2).why == ("no_interpreter",)
    assert "Nobody who could interpret is free then" in signed_in("karim").get(f"/w/series/{made.id}").text


def test_it_is_booked_in_the_night_after_somebody_is_free_and_the_worker_is_asked_once_before(
    serial: Serial,
) -> None:
    ida = with_interpreter(serial.house)
    [absence] = away(serial, ida, SECOND)
    made = serial.asked()
    serial.night()
    assert nth(serial.now(made), 2).why == ("no_interpreter",)
    with serial.house.reading(serial.house.cast.karim) as work:
        assert [one.kind for one in open_follow_ups(work)] == [FollowUpKind.SERIES_LEFT_OUT]
    with serial.karim() as work:
        end_family_absence(work, ida, absence)
    serial.house.clock.forward(date(2030, 5, 16) - date(2030, 5, 15))
    serial.night()
    now = serial.now(made)
    assert states(now)[1] == "booked"
    assert who(serial, nth(now, 2)) == ida
    assert nth(now, 2).why == ()


def test_what_is_booked_later_has_an_interpreter_too(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    otto = another_interpreter(serial.house)
    nearer(serial.house, days=10)
    away(serial, ida, date(2030, 5, 15))
    made = serial.asked()
    assert states(made)[:3] == ["booked", "booked", "planned"]
    serial.house.clock.forward(SECOND - date(2030, 5, 15))
    serial.night()
    assert who(serial, nth(serial.now(made), 3)) == otto


def moved(serial: Serial, made: Series, number: int, wall: datetime) -> Series | Refused | object:
    with serial.karim() as work:
        return move_instance(work, made.id, nth(made, number).id, wall)


def test_one_that_moves_keeps_its_interpreter_or_gets_another_who_is_free(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    otto = another_interpreter(serial.house)
    made = serial.asked()
    first = who(serial, nth(made, 1))
    other = ({ida, otto} - {first}).pop()
    assert isinstance(moved(serial, made, 2, datetime(2030, 5, 23, 16)), Series)  # noqa: DTZ001
    assert who(serial, nth(serial.now(made), 2)) == first
    away(serial, first, date(2030, 5, 24))
    assert isinstance(moved(serial, made, 2, datetime(2030, 5, 24, 16)), Series)  # noqa: DTZ001
    assert who(serial, nth(serial.now(made), 2)) == other
    assert serial.house.overlaps() == 0


def test_one_moves_to_no_time_at_which_nobody_interprets(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    away(serial, ida, date(2030, 5, 23))
    made = serial.asked()
    answer = moved(serial, made, 2, datetime(2030, 5, 23, 16))  # noqa: DTZ001
    assert isinstance(answer, Refused)
    assert [reason.code for reason in answer.reasons] == ["no_interpreter"]
    assert nth(serial.now(made), 2).visit == nth(made, 2).visit


def test_this_and_all_that_follow_and_what_is_added_have_an_interpreter(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    tuesday = Window(days=(Weekday.TUESDAY, Weekday.WEDNESDAY), earliest=9 * 60, latest=17 * 60)
    with serial.karim() as work:
        add_family_hours(work, ida, tuesday, zone="Europe/London")
    made = serial.asked()
    onward = Onward(instance=nth(made, 3).id, wish=made.wish(nth(made, 3).wall), weekday=1, clock=time(16, 0))
    with serial.karim() as work:
        split = split_series(work, made.id, onward, series_id="5" * 32)
    assert isinstance(split, Series)
    assert {who(serial, one) for one in split.instances} == {ida}
    with serial.karim() as work:
        longer = extend_series(work, split.id, date(2030, 7, 23))
    assert isinstance(longer, Series)
    assert [who(serial, one) for one in longer.instances] == [ida] * 9


def test_a_series_that_nobody_could_interpret_is_refused_by_the_rule(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    with serial.karim() as work:
        change_details(work, ida, replace(details_of(work, ida), languages=()))
    with serial.house.reading(serial.house.cast.karim) as work:
        said = outlook(work, serial.new())
    assert {one.fit for one in said} == {Fit.REFUSED}
    assert {reason.code for one in said for reason in one.reasons} == {"language"}


def test_whoever_interprets_elsewhere_at_that_time_is_not_free(serial: Serial) -> None:
    ida = with_interpreter(serial.house)
    cast = serial.house.cast
    monday = datetime(2030, 5, 20, 16)  # noqa: DTZ001  wall time
    other = serial.house.requested(child=cast.jonas, people=(cast.emil,), wall_start=monday)
    starts_at = datetime(2030, 5, 22, 15, 10, tzinfo=UTC)
    taken = Span(who=ida, kind=Kind.PERSON, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))
    with serial.karim() as work:
        lock_time(work, {ida}, set(), set())
        add_time(work, other.id, [taken], held_until=starts_at)
        record(work, other.room, EventType.VISIT_CHANGED, Why(reason="taken"))
    made = serial.asked()
    assert states(made) == ["booked", "planned"] + ["booked"] * 6
    assert nth(made, 2).why == ("no_interpreter",)
