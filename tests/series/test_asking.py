"""Asking for a series: every instance is judged before it is offered, what fits is booked at once, the rest is kept."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from contact_service import actor
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.ids import AccountId, PersonId
from contact_service.invitations.actions import inviting
from contact_service.notifications.message import MessageKind
from contact_service.policy.decision import Refused
from contact_service.series.actions.asking import NotAll, ask_for_series, outlook
from contact_service.series.pattern import SeriesEndsBeforeStart, SeriesTooLong, VisitWithoutLength
from contact_service.series.queries.finding import series_for, series_of_child, series_of_visit
from contact_service.series.series import Fit, InstanceState, Judged, Series
from contact_service.visits.reasons import EmergencyReason
from contact_service.visits.visit import VisitState
from contact_service.work import read
from tests.series.asked import FOUR, WEDNESDAY, Serial, days, nearer, nth, states


def said(serial: Serial, **changes: Any) -> tuple[Judged, ...]:  # noqa: ANN401
    with serial.house.reading(serial.house.cast.karim) as work:
        return outlook(work, serial.new(**changes))


def fits(found: tuple[Judged, ...]) -> list[str]:
    return [one.fit.value for one in found]


def test_eight_wednesdays_are_eight_ordinary_visits_with_claims_and_one_line_for_the_series(
    serial: Serial,
) -> None:
    entries = len(serial.house.history())
    made = serial.asked()
    assert days(made) == ["05-15", "05-22", "05-29", "06-05", "06-12", "06-19", "06-26", "07-03"]
    assert states(made) == ["booked"] * 8
    for one in made.instances:
        assert one.visit is not None
        assert one.visit.state is VisitState.REQUESTED
        assert (one.at, one.original.time(), one.moved) == (one.starts_at, FOUR, False)
        assert set(serial.house.claimed(one.visit)) == {
            serial.house.cast.mia,
            serial.house.cast.dana,
            serial.house.cast.ines,
            serial.house.cast.lena,
        }
    written = [entry for entry in serial.house.since(entries) if entry != "visit.requested"]
    assert written == ["series.asked"]
    facts: Any = serial.house.last_entry()["facts"]
    assert (facts["instances"], facts["booked"], facts["left_out"]) == (8, 8, 0)


def test_each_visit_keeps_its_wall_time_and_the_zone_rules_it_was_reckoned_with(serial: Serial) -> None:
    made = serial.asked()
    with serial.house.installation.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT wall_start, tzdata, zone FROM visit").all()
    assert sorted(row[0] for row in rows) == [f"{one.original:%Y-%m-%dT%H:%M}" for one in made.instances]
    assert all(re.fullmatch(r"20\d\d[a-z]+", one.tzdata) for one in made.instances)
    assert {(row[1], row[2]) for row in rows} == {(made.instances[0].tzdata, "Europe/London")}


def test_the_approvers_hear_of_the_first_and_not_of_each(serial: Serial) -> None:
    made = serial.asked()
    waiting = [
        sum(m.kind is MessageKind.REQUEST_WAITING for m in serial.house.messages(one.visit))
        for one in made.instances
        if one.visit
    ]
    assert waiting == [1, 0, 0, 0, 0, 0, 0, 0]


def test_the_order_of_the_weeks_counts_as_if_the_earlier_ones_were_booked(serial: Serial) -> None:
    serial.often(per="month", most=2, gap_days=7)
    found = said(serial)
    assert fits(found) == ["fits", "fits", "refused", "fits", "fits", "refused", "refused", "fits"]
    assert found[2].why == ("R39/most_per_period",)
    made = serial.asked()
    assert states(made) == [
        "booked", "booked", "left_out", "booked", "booked", "left_out", "left_out", "booked",
    ]  # fmt: skip
    assert nth(made, 3).why == ("R39/most_per_period",)


def test_a_gap_that_is_longer_than_a_week_leaves_every_other_week(serial: Serial) -> None:
    serial.often(per="quarter", gap_days=10)
    assert fits(said(serial)) == ["fits", "refused"] * 4
    assert states(serial.asked()) == ["booked", "left_out"] * 4


def book_in_turn(serial: Serial, answers: list[bool]) -> None:
    """Book eight single visits in one transaction, and undo it all."""
    with serial.karim() as work:
        for week in range(8):
            wish = serial.house.wish(wall_start=datetime.combine(WEDNESDAY + timedelta(weeks=week), FOUR))
            answers.append(not isinstance(inviting.request_visit(work, wish), Refused))
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "limits", [{"per": "week", "most": 1}, {"per": "month", "most": 3}, {"per": "fortnight", "most": 1}]
)
def test_what_was_offered_is_what_is_booked_and_what_single_bookings_in_turn_would_be(
    serial: Serial, limits: dict[str, Any]
) -> None:
    house = serial.house
    serial.often(**limits)
    house.requested(wall_start=datetime(2030, 5, 30, 10, 0))  # noqa: DTZ001  in the way of a week
    offered = [one.fit is Fit.FITS for one in said(serial)]
    one_by_one: list[bool] = []
    with pytest.raises(ZeroDivisionError):
        book_in_turn(serial, one_by_one)
    assert offered == one_by_one
    assert [one.state is InstanceState.BOOKED for one in serial.asked().instances] == offered
    assert house.overlaps() == 0


def test_somebody_who_has_another_visit_is_in_the_way_of_that_week_alone(serial: Serial) -> None:
    serial.house.requested(
        child=serial.house.cast.jonas,
        wall_start=datetime(2030, 5, 29, 16, 15),  # noqa: DTZ001
    )
    found = said(serial)
    assert fits(found) == ["fits", "fits", "refused", *["fits"] * 5]
    assert found[2].why == ("R55/has_another_visit",)


def test_all_or_nothing_books_nothing_when_one_week_does_not_fit(serial: Serial) -> None:
    serial.house.requested(wall_start=datetime(2030, 5, 29, 16, 15))  # noqa: DTZ001
    before = serial.house.snapshot(leaving_out=frozenset({"resource"}))
    with serial.karim() as work:
        answer = ask_for_series(work, serial.new(only_all=True))
    assert isinstance(answer, NotAll)
    assert fits(answer.found).count("refused") == 1
    assert serial.house.snapshot(leaving_out=frozenset({"resource"})) == before


def test_a_series_of_which_nothing_fits_is_no_series(serial: Serial) -> None:
    with serial.karim() as work:
        answer = ask_for_series(work, serial.new(people=(serial.house.cast.viktor,)))
    assert isinstance(answer, NotAll)
    assert fits(answer.found) == ["refused"] * 8


def test_a_time_that_the_clock_skips_is_left_out_for_a_person_and_not_moved(serial: Serial) -> None:
    """London goes forward on Sunday 30 March 2031 at one in the morning."""
    serial.house.clock.at = datetime.fromisoformat("2031-03-01T12:00+00:00")
    changes = {"first": date(2031, 3, 16), "last": date(2031, 4, 6), "weekday": 6, "clock": time(1, 30)}
    found = said(serial, **changes)
    assert found[2].fit is Fit.NO_SUCH_TIME
    assert [one.fit for one in found].count(Fit.NO_SUCH_TIME) == 1
    assert found[2].occurrence.wall == datetime(2031, 3, 30, 1, 30)  # noqa: DTZ001


def test_of_a_time_that_comes_twice_the_first_is_booked(serial: Serial) -> None:
    """London goes back on Sunday 27 October 2030 at two; half past one is half past midnight in UTC first."""
    serial.house.clock.at = datetime.fromisoformat("2030-10-01T12:00+00:00")
    changes = {"first": date(2030, 10, 20), "last": date(2030, 11, 3), "weekday": 6, "clock": time(1, 30)}
    found = said(serial, **changes)
    assert [f"{one.occurrence.starts_at:%m-%d %H:%M}" for one in found] == [
        "10-20 00:30",
        "10-27 00:30",
        "11-03 01:30",
    ]
    assert not {"R9/local_time"} & {why for one in found for why in one.why}
    alone = serial.house.wish(wall_start=datetime(2030, 10, 27, 1, 30))  # noqa: DTZ001
    with serial.karim() as work:
        refused = inviting.request_visit(work, alone)
    assert isinstance(refused, Refused)
    assert "R9" in refused.rules


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"length": timedelta(0)}, VisitWithoutLength),
        ({"length": timedelta(minutes=-30)}, VisitWithoutLength),
        ({"length": timedelta(seconds=90)}, VisitWithoutLength),
        ({"last": WEDNESDAY - timedelta(1)}, SeriesEndsBeforeStart),
        ({"last": WEDNESDAY + timedelta(401)}, SeriesTooLong),
        ({"weekday": 7}, BadInput),
        ({"clock": time(16, 0, 30)}, BadInput),
        ({"emergency": EmergencyReason.COURT_DIRECTED}, BadInput),
        ({"people": (PersonId("f" * 32),)}, BadInput),
    ],
)
def test_what_cannot_be_a_series_changes_nothing(
    serial: Serial, changes: dict[str, Any], error: type[BadInput]
) -> None:
    before = serial.house.snapshot()
    with pytest.raises(error), serial.karim() as work:
        ask_for_series(work, serial.new(**changes))
    with pytest.raises(error):
        said(serial, **changes)
    assert serial.house.snapshot() == before


def test_only_a_worker_of_the_case_asks(serial: Serial, sade: AccountId) -> None:
    with pytest.raises(NotAllowed), serial.house.work(serial.house.cast.priya) as work:
        ask_for_series(work, serial.new())
    with pytest.raises(NotFound), serial.house.work(sade) as work:
        ask_for_series(work, serial.new())
    made = serial.asked()
    with pytest.raises(NotFound), serial.house.reading(sade) as work:
        series_for(work, made.id)
    with serial.house.reading(sade) as work:
        assert series_of_child(work, serial.house.cast.mia) == []
        visit = nth(made, 1).visit
        assert visit is not None
        assert series_of_visit(work, visit.id) is None


def test_a_double_click_is_one_series(serial: Serial) -> None:
    key = "5e" * 16

    def click(_: int) -> Series | NotAll | None:
        try:
            with serial.karim() as work:
                return ask_for_series(work, serial.new(), series_id=key)
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as clicks:
        answers = [one for one in clicks.map(click, range(2)) if one is not None]
    assert answers
    assert {one.id for one in answers if isinstance(one, Series)} == {key}
    with serial.house.reading(serial.house.cast.karim) as work:
        [series] = series_of_child(work, serial.house.cast.mia)
    assert len(series.visits) == 8
    with pytest.raises(BadInput), serial.karim() as work:
        ask_for_series(work, serial.new(), series_id="no id")


def test_two_workers_who_ask_for_the_same_hour_do_not_both_get_it(serial: Serial) -> None:
    serial.asked()
    with serial.karim() as work:
        answer = ask_for_series(work, serial.new())
    assert isinstance(answer, NotAll)
    assert all("R55/has_another_visit" in one.why for one in answer.found)
    assert serial.house.overlaps() == 0


@pytest.mark.slow
def test_children_of_two_cases_share_a_series_and_each_case_knows(serial: Serial, brother: Brother) -> None:
    made = serial.asked(sharing=brother.shares)
    assert states(made) == ["booked"] * 8
    for case in (serial.house.cast.case, brother.case):
        assert [entry.type for entry in serial.house.entries(case)].count("series.asked") == 1
    with read(serial.house.installation, actor.SCHEDULE) as work:
        assert [one.id for one in series_of_child(work, brother.finn)] == [made.id]


def test_what_is_too_far_ahead_waits_and_is_booked_when_it_comes_within_reach(serial: Serial) -> None:
    nearer(serial.house, days=21)
    found = said(serial)
    assert fits(found) == ["fits"] * 3 + ["later"] * 5
    made = serial.asked()
    assert states(made) == ["booked"] * 3 + ["planned"] * 5
    serial.house.clock.forward(timedelta(days=7))
    serial.night()
    assert states(serial.now(made)) == ["booked"] * 4 + ["planned"] * 4
    serial.night()
    assert states(serial.now(made)) == ["booked"] * 4 + ["planned"] * 4
    fourth = nth(serial.now(made), 4).visit
    assert fourth is not None
    assert fourth.requested_by == serial.house.cast.karim
    [asked] = [e for e in serial.house.entries() if e.type == "visit.requested"][-1:]
    person: Any = asked.fields["actor"]
    assert person["ref"] == "schedule"
