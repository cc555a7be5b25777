"""Moving, calling off, splitting, extending and ending a series; what a person decided about one visit stays."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from contact_service import actor
from contact_service.actor import Role
from contact_service.errors import BadInput, Conflict, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_about, open_follow_ups
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting
from contact_service.notifications.message import MessageKind
from contact_service.policy.decision import Refused
from contact_service.series.actions.asking import NotAll
from contact_service.series.actions.changing import call_off_instance, move_instance
from contact_service.series.actions.ending import end_series, extend_series, outlook_longer
from contact_service.series.actions.splitting import Onward, outlook_onward, split_series
from contact_service.series.pattern import SeriesEndsBeforeStart, SeriesTooLong, SeriesWithoutVisits
from contact_service.series.queries.finding import series_of_visit
from contact_service.series.series import Fit, InstanceDecided, Judged, Series, SeriesOver
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit, VisitState
from tests.cast import PASSWORD, House
from tests.series.asked import WEDNESDAY, Serial, days, nearer, nth, states

ILL = CancelReason.CHILD_ILL


def visit_of(series: Series, number: int) -> Visit:
    visit = nth(series, number).visit
    assert visit is not None
    return visit


def moved(serial: Serial, series: Series, number: int, wall: str) -> Series:
    with serial.karim() as work:
        after = move_instance(work, series.id, nth(series, number).id, datetime.fromisoformat(wall))
    assert isinstance(after, Series), after
    return after


def called_off(serial: Serial, series: Series, number: int) -> Series:
    with serial.karim() as work:
        return call_off_instance(work, series.id, nth(series, number).id, ILL)


def split(serial: Serial, series: Series, number: int, **changes: Any) -> Series:  # noqa: ANN401
    """The series goes on from one instance with other people, or at another time."""
    onward = {"weekday": changes.pop("weekday", 2), "clock": changes.pop("clock", time(16, 0))}
    with serial.karim() as work:
        made = split_series(
            work,
            series.id,
            Onward(instance=nth(series, number).id, wish=serial.house.wish(**changes), **onward),
            series_id=work.new_id(),
        )
    assert isinstance(made, Series), made
    return made


def approve_all(house: House, series: Series) -> None:
    for visit in series.visits:
        with house.work(house.cast.priya) as work:
            assert not isinstance(inviting.approve(work, visit), Refused)


# ---- one instance


def test_one_is_moved_and_the_others_stay_and_its_original_start_stays_known(serial: Serial) -> None:
    series = serial.asked()
    after = moved(serial, series, 3, "2030-05-30T10:15")
    assert days(after) == days(series)
    assert [one.moved for one in after.instances] == [False, False, True, *[False] * 5]
    assert visit_of(after, 3).starts_at == datetime.fromisoformat("2030-05-30T09:15+00:00")
    assert f"{nth(after, 3).original:%m-%d %H:%M}" == "05-29 16:00"
    assert serial.house.history()[-2:] == ["visit.changed", "series.changed"]


def test_one_that_is_moved_on_the_page_of_its_visit_is_known_as_moved_too(serial: Serial) -> None:
    series = serial.asked()
    with serial.karim() as work:
        wish = serial.house.wish(wall_start=datetime(2030, 5, 30, 10, 0))  # noqa: DTZ001
        inviting.change(work, visit_of(series, 3).id, wish)
    assert nth(serial.now(series), 3).moved


def test_a_move_that_a_rule_refuses_says_which_and_moves_nothing(serial: Serial) -> None:
    series = serial.asked()
    serial.house.requested(child=serial.house.cast.jonas, wall_start=datetime(2030, 5, 30, 10, 0))  # noqa: DTZ001
    with serial.karim() as work:
        answer = move_instance(work, series.id, nth(series, 3).id, datetime(2030, 5, 30, 10, 0))  # noqa: DTZ001
    assert isinstance(answer, Refused)
    assert answer.rules == ("R55",) * len(answer.rules)
    assert serial.now(series) == series


def test_one_is_called_off_and_never_comes_back(serial: Serial) -> None:
    series = serial.asked()
    after = called_off(serial, series, 2)
    assert visit_of(after, 2).state is VisitState.WITHDRAWN
    approve_all(serial.house, Series(**{**vars(after), "instances": after.instances[2:]}))
    after = called_off(serial, after, 5)
    assert visit_of(after, 5).state is VisitState.CANCELLED
    assert [one.called_off for one in after.instances] == [False, True, False, False, True, *[False] * 3]
    assert serial.house.claimed(visit_of(after, 2)) == serial.house.claimed(visit_of(after, 5)) == {}


def test_one_that_waits_is_called_off_or_moved_before_it_is_booked(serial: Serial) -> None:
    nearer(serial.house, days=21)
    series = serial.asked()
    after = moved(serial, called_off(serial, series, 5), 6, "2030-06-20T11:00")
    assert states(after)[3:] == ["planned", "called_off", "planned", "planned", "planned"]
    after = moved(serial, after, 7, "2030-05-31T11:00")
    assert states(after)[6] == "booked"
    for _ in range(5):
        serial.house.clock.forward(timedelta(weeks=1))
        serial.night()
    after = serial.now(series)
    assert states(after) == ["booked"] * 4 + ["called_off"] + ["booked"] * 3
    assert visit_of(after, 6).starts_at == datetime.fromisoformat("2030-06-20T10:00+00:00")
    with pytest.raises(Conflict), serial.karim() as work:
        call_off_instance(work, series.id, nth(series, 5).id, ILL)


def test_a_time_that_the_clock_skipped_gets_another_from_a_person(serial: Serial) -> None:
    serial.house.clock.at = datetime.fromisoformat("2031-03-14T12:00+00:00")
    nearer(serial.house, days=300, hours=("00:00", "24:00"))
    series = serial.asked(first=date(2031, 3, 16), last=date(2031, 4, 6), weekday=6, clock=time(1, 30))
    assert states(series) == ["booked", "booked", "left_out", "booked"]
    assert nth(series, 3).why == ("no_such_time",)
    with serial.karim() as work:
        same = move_instance(work, series.id, nth(series, 3).id, datetime(2031, 3, 30, 1, 15))  # noqa: DTZ001
    assert isinstance(same, Judged)
    assert same.fit is Fit.NO_SUCH_TIME
    after = moved(serial, series, 3, "2031-03-30T02:30")
    assert states(after)[2] == "booked"


def test_what_is_not_there_and_what_is_no_wall_time_are_errors(serial: Serial) -> None:
    series = serial.asked()
    with pytest.raises(NotFound), serial.karim() as work:
        call_off_instance(work, series.id, "f" * 32, ILL)
    with pytest.raises(BadInput), serial.karim() as work:
        move_instance(work, series.id, nth(series, 1).id, serial.house.clock.at)


# ---- this and all that follow


def test_a_split_moves_this_and_all_that_follow_and_links_both(serial: Serial) -> None:
    series = serial.asked()
    new = split(serial, series, 4, weekday=3, clock=time(17, 30))
    old = serial.now(series)
    assert days(old) == ["05-15", "05-22", "05-29"]
    assert (old.followed_by, new.follows) == (new.id, old.id)
    assert days(new) == ["06-06", "06-13", "06-20", "06-27", "07-04"]
    assert new.visits == series.visits[3:]
    assert [f"{one.visit.starts_at:%m-%d %H:%M}" for one in new.instances if one.visit] == [
        f"{day} 16:30" for day in days(new)
    ]
    assert serial.house.history()[-1] == "series.split"
    assert serial.house.overlaps() == 0
    with pytest.raises(SeriesOver):
        split(serial, old, 2)


def test_with_another_supervisor_the_day_stays_and_every_visit_asks_for_approval_again(
    serial: Serial,
) -> None:
    series = serial.asked()
    approve_all(serial.house, series)
    noor = supervisor(serial.house)
    new = split(serial, series, 4, supervisor=noor)
    assert [one.visit.supervisor for one in new.instances if one.visit] == [noor] * 5
    assert {one.visit.state for one in new.instances if one.visit} == {VisitState.REQUESTED}
    assert {one.visit.state for one in serial.now(series).instances if one.visit} == {VisitState.APPROVED}


def supervisor(house: House) -> AccountId:
    with house.as_actor(actor.COMMAND_LINE) as work:
        return add_account(
            work, email="ivo@demo.example", name="Ivo", roles=(Role.VISIT_SUPERVISOR,), password=PASSWORD
        )


def test_what_a_person_decided_about_one_survives_a_split_with_its_original_start(serial: Serial) -> None:
    series = called_off(serial, moved(serial, serial.asked(), 5, "2030-06-14T10:00"), 6)
    new = split(serial, series, 4, weekday=3, clock=time(17, 30))
    assert days(new) == ["06-06", "06-12", "06-19", "06-27", "07-04"]
    assert [(one.moved, one.called_off) for one in new.instances] == [
        (False, False), (True, False), (False, True), (False, False), (False, False),
    ]  # fmt: skip
    assert nth(new, 2).visit == visit_of(series, 5)
    assert nth(new, 2).id == nth(series, 5).id
    again = split(serial, new, 1, weekday=1, clock=time(15, 0))
    assert days(again) == ["06-04", "06-12", "06-19", "06-25", "07-02"]
    assert states(serial.now(new)) == []


def test_a_visit_that_a_rule_refuses_in_its_new_form_stays_as_it_was_and_says_so(serial: Serial) -> None:
    series = serial.asked()
    serial.house.requested(child=serial.house.cast.jonas, wall_start=datetime(2030, 6, 13, 17, 30))  # noqa: DTZ001
    new = split(serial, series, 4, weekday=3, clock=time(17, 30))
    assert days(new) == ["06-06", "06-12", "06-20", "06-27", "07-04"]
    assert nth(new, 2).visit == visit_of(series, 5)
    assert nth(new, 2).why == ("R55/has_another_visit",)
    assert nth(new, 3).why == ()


def test_a_visit_that_stays_counts_where_it_stays(serial: Serial) -> None:
    """It stays on a Wednesday; the Tuesday after it would be six days later, and the plan asks for seven."""
    series = serial.asked()
    serial.often(per="month", gap_days=7)
    serial.house.requested(child=serial.house.cast.jonas, wall_start=datetime(2030, 6, 11, 16, 0))  # noqa: DTZ001
    new = split(serial, series, 5, weekday=1)
    assert {"R40/gap"} <= {why for one in new.instances for why in one.why}
    starts = [
        one.visit.starts_at.date() for one in (*serial.now(series).instances, *new.instances) if one.visit
    ]
    assert all((after - before).days >= 7 for before, after in pairwise(starts))


def test_a_split_of_all_or_nothing_changes_nothing_when_one_is_refused(serial: Serial) -> None:
    series = serial.asked()
    serial.house.requested(child=serial.house.cast.jonas, wall_start=datetime(2030, 6, 13, 17, 30))  # noqa: DTZ001
    wish = serial.house.wish()
    onward = Onward(instance=nth(series, 4).id, wish=wish, weekday=3, clock=time(17, 30), only_all=True)
    with serial.house.reading(serial.house.cast.karim) as work:
        said = outlook_onward(work, series.id, onward)
    with serial.karim() as work:
        answer = split_series(work, series.id, onward, series_id="ab" * 16)
    assert isinstance(answer, NotAll)
    assert answer.found == said
    assert [one.fit.value for one in said] == ["fits", "refused", "fits", "fits", "fits"]
    assert serial.now(series) == series


def test_a_double_click_splits_once(serial: Serial) -> None:
    series = serial.asked()
    onward = Onward(instance=nth(series, 4).id, wish=serial.house.wish(), weekday=3, clock=time(17, 30))
    made = []
    for _ in range(2):
        with serial.karim() as work:
            made.append(split_series(work, series.id, onward, series_id="ab" * 16))
    assert made[0] == made[1]


def test_after_a_split_an_approver_is_told_though_every_visit_was_only_changed(serial: Serial) -> None:
    """Their approvals are void and their links dead: without a word to anybody they would lapse."""
    series = serial.asked()
    approve_all(serial.house, series)
    new = split(serial, series, 2, weekday=3)
    waiting = [one.visit for one in new.instances if one.visit and one.visit.state is VisitState.REQUESTED]
    told = [
        m for visit in waiting for m in serial.house.messages(visit) if m.kind is MessageKind.REQUEST_WAITING
    ]
    asked = {m.revision for m in told if any(m.revision == visit.revision for visit in waiting)}
    assert asked, "nobody was told of what waits now"


def test_what_has_begun_or_was_decided_by_itself_is_no_place_to_split(serial: Serial) -> None:
    series = moved(serial, serial.asked(), 3, "2030-05-30T10:15")
    with pytest.raises(InstanceDecided):
        split(serial, series, 3)
    serial.house.clock.forward(timedelta(days=9))
    with pytest.raises(InstanceDecided):
        split(serial, series, 2)
    with pytest.raises(BadInput):
        split(serial, series, 4, child=serial.house.cast.jonas)


# ---- longer, over, another plan


def test_a_series_goes_on_for_as_long_as_somebody_says(serial: Serial) -> None:
    series = serial.asked(every=2)
    later = WEDNESDAY + timedelta(weeks=12)
    with serial.house.reading(serial.house.cast.karim) as work:
        assert [f"{one.occurrence.wall:%m-%d}" for one in outlook_longer(work, series.id, later)] == [
            "07-10",
            "07-24",
            "08-07",
        ]
    for _ in range(2):
        with serial.karim() as work:
            assert isinstance(extend_series(work, series.id, later), Series)
    longer = serial.now(series)
    assert days(longer) == ["05-15", "05-29", "06-12", "06-26", "07-10", "07-24", "08-07"]
    assert states(longer) == ["booked"] * 7
    assert serial.house.history().count("series.extended") == 1


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (WEDNESDAY, SeriesEndsBeforeStart),
        (WEDNESDAY + timedelta(weeks=7, days=3), SeriesWithoutVisits),
        (WEDNESDAY + timedelta(days=500), SeriesTooLong),
    ],
)
def test_what_is_no_longer_series_is_an_error(serial: Serial, last: date, error: type[BadInput]) -> None:
    series = serial.asked()
    with pytest.raises(error), serial.karim() as work:
        extend_series(work, series.id, last)
    assert serial.now(series) == series


def test_ending_calls_off_all_that_is_to_come_and_nothing_more_is_booked(serial: Serial) -> None:
    nearer(serial.house, days=21)
    series = moved(serial, serial.asked(), 3, "2030-05-30T10:15")
    approve_all(serial.house, Series(**{**vars(series), "instances": series.instances[1:3]}))
    serial.house.clock.forward(timedelta(days=2))
    for _ in range(2):
        with serial.karim() as work:
            end_series(work, series.id, CancelReason.TIME_DOES_NOT_SUIT)
    over = serial.now(series)
    assert [one.called_off for one in over.instances] == [False, *[True] * 7]
    assert states(over) == ["booked"] * 3 + ["called_off"] * 5
    assert serial.house.history().count("series.ended") == 1
    serial.house.clock.forward(timedelta(weeks=4))
    serial.night()
    assert serial.now(series) == over
    with pytest.raises(SeriesOver), serial.karim() as work:
        extend_series(work, series.id, WEDNESDAY + timedelta(weeks=12))


def test_what_a_new_plan_no_longer_allows_is_in_doubt_on_the_visits_of_the_series(serial: Serial) -> None:
    series = serial.asked()
    approve_all(serial.house, series)
    serial.terms(length=timedelta(minutes=20))
    with serial.house.reading(serial.house.cast.priya) as work:
        doubts = [bool(open_about(work, visit, FollowUpKind.IN_DOUBT)) for visit in series.visits]
    assert doubts == [True] * 8


def test_one_that_is_refused_when_its_time_comes_asks_the_worker_and_is_not_silent(serial: Serial) -> None:
    nearer(serial.house, days=21)
    series = serial.asked()
    serial.terms(length=timedelta(minutes=20))
    serial.house.clock.forward(timedelta(days=7))
    for _ in range(2):
        serial.night()
    after = serial.now(series)
    assert states(after) == ["booked"] * 3 + ["left_out"] + ["planned"] * 4
    assert nth(after, 4).why == ("R6/longer_than_plan",)
    with serial.house.reading(serial.house.cast.karim) as work:
        asked = [one for one in open_follow_ups(work) if one.kind is FollowUpKind.SERIES_LEFT_OUT]
    assert [one.person for one in asked] == [serial.house.cast.mia]


def test_until_its_asker_has_read_the_newest_policy_it_waits_and_they_are_asked(serial: Serial) -> None:
    nearer(serial.house, days=21)
    series = serial.asked()
    nearer(serial.house, days=22, accepted=False)
    serial.house.clock.forward(timedelta(days=7))
    for _ in range(2):
        serial.night()
    assert states(serial.now(series)) == ["booked"] * 3 + ["planned"] * 5
    with serial.house.reading(serial.house.cast.karim) as work:
        kinds = [one.kind for one in open_follow_ups(work)]
    assert kinds.count(FollowUpKind.SERIES_LEFT_OUT) == 1
    nearer(serial.house, days=23)
    serial.house.clock.forward(timedelta(days=1))
    serial.night()
    assert states(serial.now(series))[3] == "booked"


def test_a_visit_knows_its_series_and_its_place(serial: Serial) -> None:
    series = serial.asked()
    with serial.house.reading(serial.house.cast.karim) as work:
        found = series_of_visit(work, visit_of(series, 5).id)
        alone = series_of_visit(work, serial.house.requested(wall_start=datetime(2030, 5, 31, 9, 0)).id)  # noqa: DTZ001
    assert found is not None
    assert found.number_of(visit_of(series, 5).id) == 5
    assert alone is None


def test_a_series_goes_on_from_a_visit_that_stayed_on_a_later_day_of_its_last_week(serial: Serial) -> None:
    series = serial.asked()
    serial.house.requested(child=serial.house.cast.jonas, wall_start=datetime(2030, 7, 1, 16, 0))  # noqa: DTZ001
    monday = split(serial, series, 6, weekday=0)
    assert days(monday) == ["06-17", "06-24", "07-03"]
    again = split(serial, monday, 3, weekday=1)
    assert days(again) == ["07-02"]


def test_what_waits_before_a_split_is_booked_when_it_is_due(serial: Serial) -> None:
    nearer(serial.house, days=21)
    series = serial.asked()
    new = split(serial, series, 6, weekday=3)
    old = serial.now(series)
    assert states(old) == ["booked"] * 3 + ["planned"] * 2
    assert states(new) == ["planned"] * 3
    with pytest.raises(SeriesOver), serial.karim() as work:
        extend_series(work, series.id, WEDNESDAY + timedelta(weeks=12))
    for _ in range(7):
        serial.house.clock.forward(timedelta(weeks=1))
        serial.night()
    assert states(serial.now(old)) == ["booked"] * 5
    assert states(serial.now(new)) == ["booked"] * 3


def test_one_that_waits_is_not_moved_next_to_another_that_waits(serial: Serial) -> None:
    nearer(serial.house, days=21)
    serial.often(per="month", gap_days=7)
    series = serial.asked()
    with serial.karim() as work:
        answer = move_instance(work, series.id, nth(series, 7).id, datetime(2030, 6, 20, 16, 0))  # noqa: DTZ001
    assert isinstance(answer, Judged)
    assert "R40/gap" in answer.why
    assert serial.now(series) == series
