"""Why not, and what would make it possible: on the page of a refusal and at the command line."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from contact_service import actor
from contact_service.errors import BadInput, NotFound
from contact_service.plans import actions as plans
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.terms import Frequency, Period, SupervisionLevel
from contact_service.policy.decision import Permitted
from contact_service.policy.explaining import Change
from contact_service.policy_commands import Question, check, explained, rehearsed
from contact_service.restrictions import actions as restricting
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.queries.explaining import why_not
from contact_service.work import read
from tests.actions.test_plans_and_orders import approved, terms
from tests.cast import House


def asked(house: House, **changes: object) -> Change | None:
    with house.reading(house.cast.karim) as work:
        explanation = why_not(work, house.wish(**changes))
    if isinstance(explanation.decision, Permitted):
        return Change()
    return explanation.change


def wall(day: int, hour: int = 16) -> datetime:
    return datetime(2030, 5, day, hour)  # noqa: DTZ001  wall time


def test_what_may_be_booked_needs_no_change(house: House) -> None:
    assert asked(house) == Change()


def test_a_stricter_level_is_the_smallest_change_where_it_is_enough(house: House) -> None:
    assert asked(house, level=SupervisionLevel.MONITORED) == Change(level=SupervisionLevel.SUPERVISED)


def test_the_longest_length_that_is_allowed_is_named(house: House) -> None:
    assert asked(house, length=timedelta(minutes=90)) == Change(length=timedelta(minutes=45))


def test_two_wrong_things_are_changed_together_before_the_time_is(house: House) -> None:
    change = asked(house, level=SupervisionLevel.SUPPORTED, length=timedelta(minutes=90))
    assert change == Change(level=SupervisionLevel.SUPERVISED, length=timedelta(minutes=45))


def test_the_nearest_time_that_fits_is_found_around_school_and_the_plans_gap(house: House) -> None:
    approved(house, terms(house, frequency=Frequency(per=Period.WEEK, gap_days=3)))
    house.requested(wall_start=wall(17))
    school = QuietHours(
        kind=QuietKind.SCHOOL, window=Window(days=tuple(Weekday)[:5], earliest=480, latest=1020)
    )
    with house.work(house.cast.karim) as work:
        plans.add_quiet_hours(work, house.cast.mia, school)
    change = asked(house, wall_start=wall(16))
    assert change is not None
    assert change.size == 1
    assert change.starts_at is not None
    assert change.starts_at.replace(tzinfo=None) == wall(20, 17)


def test_nobody_is_told_a_way_around_an_order(house: House) -> None:
    assert asked(house, people=(house.cast.viktor,)) is None


def at_the_command_line(house: House, **changes: object) -> tuple[int, list[str]]:
    question: dict[str, object] = {
        "child": house.cast.mia,
        "people": (house.cast.dana,),
        "at": "2030-05-15T16:00",
        "minutes": 30,
        "level": "supervised",
    }
    with read(house.installation, actor.COMMAND_LINE) as work:
        return explained(work, Question(**(question | changes)))  # type: ignore[arg-type]


def test_the_command_line_gives_every_reason_with_its_rule_and_the_smallest_change(house: House) -> None:
    code, lines = at_the_command_line(house, at="2030-05-14T13:30", level="monitored")
    assert code == 1
    assert [line.partition(":")[0] for line in lines] == ["R5", "R7", "Smallest change"]
    assert re.search(r"the level supervised, Wednesday 15 May 2030, 13:00\.$", lines[-1])
    assert at_the_command_line(house)[0] == 0
    code, lines = at_the_command_line(house, people=(house.cast.viktor,))
    assert "none within a fortnight" in lines[-1]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"child": "0" * 32}, NotFound),
        ({"people": ("0" * 32,)}, NotFound),
        ({"at": "soon"}, BadInput),
        ({"level": "loosely"}, BadInput),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(
    house: House, changes: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        at_the_command_line(house, **changes)


def test_a_draft_is_checked_and_rehearsed_at_the_command_line(house: House) -> None:
    visit = house.approved()
    assert check("title: Ours")[0] == 0
    assert check("titel: Ours\nhours: {earliest: 25:00}")[1][0].startswith("line 1: ")
    with read(house.installation, actor.COMMAND_LINE) as work:
        lines = rehearsed(work, "hours: {earliest: 18:00, latest: 20:00}")
    assert lines[0] == "1 bookings were decided again."
    assert visit.id in lines[2]
    assert "R28" in lines[2]


def test_a_stop_that_ends_within_a_day_leaves_the_rest_of_that_day(house: House) -> None:
    ends_at = datetime(2030, 5, 16, 15, 0, tzinfo=ZoneInfo("Europe/London"))
    with house.work(house.cast.karim) as work:
        stop = NewRestriction(
            kind=RestrictionKind.NO_CONTACT,
            person=house.cast.dana,
            other=house.cast.mia,
            source=RestrictionSource.AGENCY_DECISION,
            ends_at=ends_at,
        )
        restricting.restrict(work, house.cast.case, stop)
    change = asked(house, wall_start=wall(15, 9))
    assert change == Change(starts_at=ends_at)


def test_a_fortnight_without_a_yes_is_searched_in_a_moment(house: House) -> None:
    statements: list[str] = []
    event.listen(house.installation.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert asked(house, people=(house.cast.viktor,)) is None
    assert len(statements) < 1000  # a day is looked at once, not each of its hours: those would be 12,000
