"""R57 and what it changes of R42: days that shared calendars close, and days without school."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contact_service.agency_policy.document import Buffer, Document, Hours
from contact_service.calendars.calendar import Calendar, Effect, Marked, Span
from contact_service.ids import AccountId
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Permitted, Refused
from contact_service.policy.emergency import may_be_an_emergency
from contact_service.policy.facts import StaffFacts
from contact_service.working_hours.hours import StaffTime
from tests.rules.facts import booking, mother
from tests.rules.wording import codes

DAY_AND_NIGHT = Document(hours=Hours(earliest=0, latest=24 * 60))
SCHOOL = QuietHours(kind=QuietKind.SCHOOL, window=Window(days=tuple(Weekday)[:5], earliest=510, latest=900))
THERAPY = QuietHours(kind=QuietKind.THERAPY, window=SCHOOL.window)


def span(first: int, last: int, *, hours: tuple[int, int] = (0, 24), name: str = "Spring break") -> Span:
    """Days of May 2030, and whole hours of each."""
    earliest, latest = (hour * 60 for hour in hours)
    return Span(
        name=name, first=date(2030, 5, first), last=date(2030, 5, last), earliest=earliest, latest=latest
    )


def closed(*spans: Span, effect: Effect = Effect.NO_VISITS) -> tuple[Marked, ...]:
    calendar = Calendar(id="c", name="Northmoor", effect=effect)
    return tuple(Marked(calendar=calendar, span=one) for one in spans)


def at(hour: int, minute: int = 0, *, day: int = 15, minutes: int = 30) -> dict[str, Any]:
    """A visit by the clock in London; 15 May 2030 is a Wednesday."""
    start = datetime(2030, 5, day, hour, minute, tzinfo=ZoneInfo("Europe/London"))
    return {
        "starts_at": start,
        "ends_at": start + timedelta(minutes=minutes),
        "at": start - timedelta(days=2),
        "policy": DAY_AND_NIGHT,
        "people": (mother(window=None),),
    }


@pytest.mark.rule("R57")
@pytest.mark.parametrize(
    "facts",
    [
        {"closed": closed(span(15, 15))} | at(16),
        {"closed": closed(span(10, 20))} | at(16),
        {"closed": closed(span(16, 16))} | at(23, 45),  # it ends on the closed day
        {"closed": closed(span(15, 15))} | at(23, 45),
        {"closed": closed(span(1, 30, hours=(17, 20)))} | at(16, 45),
        {"closed": closed(span(1, 30, hours=(17, 20)))} | at(19, 59),
    ],
)
def test_a_visit_that_touches_what_a_calendar_closes_is_refused_by_one_rule(facts: dict[str, Any]) -> None:
    assert codes(may_book(booking(**facts))) == [("R57", "closed")]


@pytest.mark.rule("R57")
@pytest.mark.parametrize(
    "facts",
    [
        {"closed": closed(span(14, 14), span(16, 16))} | at(16),
        {"closed": closed(span(16, 16))} | at(23, 30),  # it ends when the closed day begins
        {"closed": closed(span(1, 30, hours=(17, 20)))} | at(16, 30),
        {"closed": closed(span(1, 30, hours=(17, 20)))} | at(20),
        {"closed": closed(span(15, 15)), "starts_at": None, "ends_at": None, "local_time_problem": ""},
    ],
)
def test_what_only_touches_a_closed_time_is_allowed(facts: dict[str, Any]) -> None:
    assert isinstance(may_book(booking(**facts)), Permitted)


@pytest.mark.rule("R57")
def test_a_day_is_that_of_the_clock_where_the_child_lives() -> None:
    late = at(23, day=15)  # still Wednesday in London, Thursday in Tokyo
    assert isinstance(may_book(booking(**late, closed=closed(span(16, 16)))), Permitted)
    assert codes(may_book(booking(**late, closed=closed(span(16, 16)), zone="Asia/Tokyo"))) == [
        ("R57", "closed")
    ]


@pytest.mark.rule("R57")
def test_the_refusal_names_the_day_and_its_calendar_once_each() -> None:
    twice = closed(span(15, 16), span(15, 15, name="Feast"), span(15, 15, name="Feast", hours=(16, 18)))
    decision = may_book(booking(**at(16, minutes=45), closed=(*twice, *twice)))
    assert isinstance(decision, Refused)
    assert [reason.words for reason in decision.reasons] == [
        "There are no visits on that day: Spring break (Northmoor). Choose another day.",
        "There are no visits on that day: Feast (Northmoor). Choose another day.",
        "There are no visits at that time: Feast (Northmoor). Choose another time.",
    ]


@pytest.mark.rule("R48")
def test_an_emergency_may_set_a_closed_day_aside() -> None:
    assert may_be_an_emergency(may_book(booking(**at(16), closed=closed(span(15, 15)))))


@pytest.mark.rule("R42")
def test_school_does_not_count_on_a_day_without_school_and_everything_else_does() -> None:
    holidays = {"no_school": closed(span(15, 15), effect=Effect.NO_SCHOOL)}
    assert isinstance(may_book(booking(**at(10), quiet=(SCHOOL,), **holidays)), Permitted)
    assert codes(may_book(booking(**at(10, day=16), quiet=(SCHOOL,), **holidays))) == [
        ("R42", "quiet_school")
    ]
    assert codes(may_book(booking(**at(10), quiet=(SCHOOL, THERAPY), **holidays))) == [
        ("R42", "quiet_therapy")
    ]


@pytest.mark.rule("R56")
@pytest.mark.parametrize(
    ("first", "after", "said"),
    [
        (-60, -15, []),  # busy until the preparation begins, in minutes from the start of the visit
        (-60, -14, [("R56", "busy")]),
        (10, 20, [("R56", "busy")]),
        (44, 60, [("R56", "busy")]),
        (45, 60, []),
    ],
)
def test_whoever_watches_is_not_busy_in_the_time_around_the_visit_either(
    first: int, after: int, said: list[tuple[str, str]]
) -> None:
    visit = at(16)
    begins, quarter = visit["starts_at"], timedelta(minutes=15)
    span_of_time = (begins + timedelta(minutes=first), begins + timedelta(minutes=after))
    time = StaffTime(account=AccountId("lena"), busy=(span_of_time,))
    one = StaffFacts(name="Lena Voss", time=time, buffer=Buffer(before=quarter, after=quarter))
    decision = may_book(booking(**visit, staff=(one,)))
    assert isinstance(decision, Permitted) if not said else codes(decision) == said
