"""Calendars that many share: what they close is not booked, not offered, and in doubt where it was booked before."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from contact_service.audit.events import AGENCY_CASE
from contact_service.calendars import actions, queries
from contact_service.calendars.calendar import Effect, Source, Span
from contact_service.calendars.known_days import countries, parts_of, public_holidays, ramadan
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.plans.actions import add_quiet_hours
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking, closing
from contact_service.visits.queries.doubting import doubts
from contact_service.visits.queries.explaining import why_not
from contact_service.visits.queries.offered import DayWithout
from contact_service.visits.queries.offering import times_for
from tests.cast import House

WEDNESDAY = date(2030, 5, 15)
CLOSED = Span(name="Founders’ day", first=WEDNESDAY, last=WEDNESDAY)
SCHOOL = QuietHours(kind=QuietKind.SCHOOL, window=Window(days=tuple(Weekday)[:5], earliest=510, latest=915))


def calendar(
    house: House, *spans: Span, effect: Effect = Effect.NO_VISITS, name: str = "Northmoor office"
) -> str:
    """A calendar with days, which counts for nobody yet."""
    with house.work(house.cast.priya) as work:
        made = actions.add_calendar(work, name, effect)
        for span in spans:
            closing.add_entry(work, made, span)
    return made


def counts_for(house: House, made: str, person: PersonId | None = None) -> str:
    with house.work(house.cast.priya) as work:
        return closing.link(work, made, person)


def refused(house: House, **changes: object) -> list[tuple[str, str]]:
    with house.work(house.cast.karim) as work:
        result = booking.request_visit(work, house.wish(**changes), visit_id=work.new_id())
    return [(r.rule, r.words) for r in result.reasons] if isinstance(result, Refused) else []


def in_doubt(house: House) -> list[list[str]]:
    with house.reading(house.cast.priya) as work:
        return [[reason.code for reason in doubt.reasons] for doubt in doubts(work)]


def days_offered(house: House, **changes: object) -> tuple[set[date], dict[date, DayWithout]]:
    with house.reading(house.cast.karim) as work:
        found = times_for(work, house.wish(**changes))
    return {one.starts_at.date() for one in found.offers}, {one.day: one for one in found.without}


@pytest.mark.rule("R57")
def test_a_calendar_closes_nothing_until_it_counts_for_somebody_of_the_visit(house: House) -> None:
    made = calendar(house, CLOSED)
    counts_for(house, made, house.cast.rosa)
    with house.reading(house.cast.karim) as work:
        assert not queries.marked(work, house.wish().everybody, Effect.NO_VISITS, WEDNESDAY, WEDNESDAY)
    counts_for(house, made, house.cast.dana)
    words = "There are no visits on that day: Founders’ day (Northmoor office). Choose another day."
    assert refused(house) == [("R57", words)]
    assert refused(house, wall_start=datetime(2030, 5, 16, 16)) == []  # noqa: DTZ001  wall time


@pytest.mark.rule("R57")
@pytest.mark.parametrize("who", ["everybody", "mia", "ines", "dana"])
def test_it_closes_days_for_the_agency_the_child_the_caregiver_and_whoever_is_met(
    house: House, who: str
) -> None:
    made = calendar(house, CLOSED)
    counts_for(house, made, None if who == "everybody" else getattr(house.cast, who))
    assert [rule for rule, _ in refused(house)] == ["R57"]


@pytest.mark.rule("R57")
def test_days_that_are_added_later_put_what_is_booked_in_doubt_and_striking_them_out_clears_the_reason(
    house: House,
) -> None:
    house.approved()
    made = calendar(house)
    counts_for(house, made)
    assert in_doubt(house) == []
    with house.work(house.cast.priya) as work:
        entry = closing.add_entry(work, made, CLOSED)
    assert in_doubt(house) == [["closed"]]
    with house.work(house.cast.priya) as work:
        closing.strike_entry(work, made, entry)
    assert in_doubt(house) == [[]]
    with pytest.raises(NotFound), house.work(house.cast.priya) as work:
        closing.strike_entry(work, made, entry)


@pytest.mark.rule("R57")
def test_a_calendar_that_begins_to_count_puts_what_is_booked_in_doubt(house: House) -> None:
    house.approved()
    made = calendar(house, CLOSED)
    assert in_doubt(house) == []
    counts_for(house, made, house.cast.mia)
    assert in_doubt(house) == [["closed"]]


@pytest.mark.rule("R42")
def test_when_school_holidays_are_struck_out_what_was_booked_in_school_hours_is_in_doubt(
    house: House,
) -> None:
    with house.work(house.cast.karim) as work:
        add_quiet_hours(work, house.cast.mia, SCHOOL)
    noon = {"wall_start": datetime(2030, 5, 16, 12)}  # noqa: DTZ001
    assert [rule for rule, _ in refused(house, **noon)] == ["R42"]
    made = calendar(house, replace(CLOSED, last=date(2030, 5, 16)), effect=Effect.NO_SCHOOL)
    link = counts_for(house, made, house.cast.mia)
    house.approved(**noon)
    with house.work(house.cast.priya) as work:
        closing.unlink(work, link)
    assert in_doubt(house) == [["quiet_school"]]


@pytest.mark.rule("R57")
def test_no_time_is_offered_on_a_closed_day_and_the_calendar_is_named(house: House) -> None:
    open_days, _ = days_offered(house)
    assert WEDNESDAY in open_days
    made = calendar(house, replace(CLOSED, last=date(2030, 7, 1)))
    counts_for(house, made)
    offered, without = days_offered(house)
    assert not offered
    assert without[WEDNESDAY].why == (("closed", made),)


@pytest.mark.rule("R57")
def test_only_the_closed_hours_of_a_day_are_not_offered(house: House) -> None:
    """As in Ramadan, when nobody is asked to meet while the family breaks the fast."""
    evenings = Span(name="Ramadan", first=WEDNESDAY, last=date(2030, 7, 1), earliest=0, latest=18 * 60)
    counts_for(house, calendar(house, evenings), house.cast.dana)
    with house.reading(house.cast.karim) as work:
        found = times_for(work, house.wish()).offers
    assert found
    for one in found:
        london = one.starts_at + timedelta(hours=1)
        assert london.date() < WEDNESDAY or london.hour >= 18


@pytest.mark.rule("R42")
def test_times_in_school_hours_are_offered_on_days_without_school(house: House) -> None:
    with house.work(house.cast.karim) as work:
        add_quiet_hours(
            work, house.cast.mia, replace(SCHOOL, window=replace(SCHOOL.window, earliest=0, latest=1440))
        )
    assert {day.weekday() for day in days_offered(house)[0]} == {5, 6}
    counts_for(house, calendar(house, CLOSED, effect=Effect.NO_SCHOOL), house.cast.mia)
    assert WEDNESDAY in days_offered(house)[0]


@pytest.mark.rule("R57")
def test_the_question_why_not_proposes_a_day_that_is_open(house: House) -> None:
    counts_for(house, calendar(house, replace(CLOSED, last=date(2030, 5, 17))))
    with house.reading(house.cast.karim) as work:
        explained = why_not(work, house.wish())
    assert explained.change is not None
    assert explained.change.starts_at is not None
    assert explained.change.starts_at.date() == date(2030, 5, 18)


def test_public_holidays_become_days_that_somebody_may_strike_out_for_good(house: House) -> None:
    made = calendar(house)
    days = public_holidays("GB", "ENG", [2030])

    def take() -> list[str]:
        with house.work(house.cast.priya) as work:
            return closing.add_known_days(work, made, days, Source.PUBLIC_HOLIDAYS, "GB-ENG")

    with house.work(house.cast.priya) as work:
        before = len(take_ids := closing.add_known_days(work, made, days, Source.PUBLIC_HOLIDAYS, "GB-ENG"))
    assert before == 4  # those of 2030 that are still to come on 14 May
    with house.work(house.cast.priya) as work:
        closing.strike_entry(work, made, take_ids[0])
    assert take() == []
    with house.reading(house.cast.priya) as work:
        left = queries.entries_of(work, queries.calendar_for(work, made))
    assert [entry.span.name for entry in left] == ["Late Summer Bank Holiday", "Christmas Day", "Boxing Day"]


def test_countries_have_parts_and_their_holidays_differ() -> None:
    assert parts_of("GB") == {"ENG": "England", "NIR": "Northern Ireland", "SCT": "Scotland", "WLS": "Wales"}
    assert len(countries()) > 200
    names = {part: {span.name for span in public_holidays("GB", part, [2030])} for part in ("ENG", "SCT")}
    assert "Saint Andrew’s Day".replace("’", "'") in names["SCT"] - names["ENG"]


def test_ramadan_is_said_to_be_estimated_and_lasts_a_month() -> None:
    twice = ramadan([2030], earliest=17 * 60, latest=20 * 60)
    assert [(one.first, one.last) for one in twice] == [
        (date(2030, 1, 5), date(2030, 2, 3)),
        (date(2030, 12, 26), date(2031, 1, 23)),
    ]
    assert all(one.estimated and (one.earliest, one.latest) == (1020, 1200) for one in twice)
    assert [one.first for one in ramadan([2027, 2028])] == [date(2027, 2, 8), date(2028, 1, 28)]


@pytest.mark.parametrize(
    ("country", "part", "years", "field"),
    [
        ("XX", "", [2030], "country"),
        ("GB", "TX", [2030], "part"),
        ("GB", "", [], "years"),
        ("GB", "", [9], "years"),
    ],
)
def test_a_country_that_is_none_is_refused(country: str, part: str, years: list[int], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        public_holidays(country, part, years)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last": date(2030, 5, 14)}, "The last day is before the first"),
        ({"last": date(2031, 7, 1)}, "longer than a year"),
        ({"first": date(2030, 5, 1), "last": date(2030, 5, 2)}, "These days have passed"),
        ({"first": date(2050, 5, 1), "last": date(2050, 5, 2)}, "ten years ahead"),
        ({"name": " "}, "Write a name"),
        ({"name": "x" * 121}, "too long"),
        ({"earliest": 600, "latest": 600}, "The end is not after the start"),
        ({"earliest": 0, "latest": 1441}, "The end is not after the start"),
    ],
)
def test_days_that_cannot_be_are_refused_and_change_nothing(
    house: House, changes: dict[str, object], words: str
) -> None:
    made = calendar(house)
    before = house.snapshot()
    with pytest.raises(BadInput, match=words), house.work(house.cast.priya) as work:
        closing.add_entry(work, made, replace(CLOSED, **changes))  # type: ignore[arg-type]
    assert house.snapshot() == before


def test_a_day_without_school_is_whole_and_counts_for_children(house: House) -> None:
    made = calendar(house, effect=Effect.NO_SCHOOL)
    with pytest.raises(BadInput, match="whole day"), house.work(house.cast.priya) as work:
        closing.add_entry(work, made, replace(CLOSED, latest=600))
    with pytest.raises(BadInput, match="count for a child"):
        counts_for(house, made, house.cast.dana)


def test_managers_keep_calendars_and_workers_say_for_whom_they_count(house: House) -> None:
    made = calendar(house, CLOSED)
    for act in (
        lambda work: actions.add_calendar(work, "Mine", Effect.NO_VISITS),
        lambda work: closing.add_entry(work, made, CLOSED),
        lambda work: closing.link(work, made, None),
        lambda work: closing.end_calendar(work, made),
    ):
        with pytest.raises(NotAllowed), house.work(house.cast.karim) as work:
            act(work)
    with house.work(house.cast.karim) as work:
        link = closing.link(work, made, house.cast.dana)
    with pytest.raises(Conflict), house.work(house.cast.karim) as work:
        closing.link(work, made, house.cast.dana)
    with pytest.raises(NotFound), house.work(house.cast.lena) as work:
        closing.unlink(work, link)  # it is not her case
    with house.work(house.cast.karim) as work:
        closing.unlink(work, link)
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        closing.unlink(work, link)


def test_what_happens_to_calendars_is_recorded_and_what_concerns_a_person_in_their_case(house: House) -> None:
    made = calendar(house, CLOSED)
    counts_for(house, made, house.cast.mia)
    counts_for(house, made)
    with house.work(house.cast.priya) as work:
        closing.end_calendar(work, made)
    agency = [entry.type for entry in house.entries(AGENCY_CASE)]
    assert agency[-4:] == ["calendar.added", "calendar.entry_added", "calendar.linked", "calendar.ended"]
    assert house.history()[-1] == "calendar.linked"


def test_a_calendar_that_was_ended_closes_nothing(house: House) -> None:
    made = calendar(house, CLOSED)
    counts_for(house, made)
    with house.work(house.cast.priya) as work:
        closing.end_calendar(work, made)
    assert refused(house) == []
    with pytest.raises(NotFound):
        counts_for(house, made, house.cast.mia)
    assert calendar(house) != made  # its name is free again
