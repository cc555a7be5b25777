"""What is owed: tables for what people can check by hand, and random histories against a second way to reckon."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import contact_service.visits
from contact_service.ids import PersonId, VisitId
from contact_service.plans.hours import Weekday, Window
from contact_service.plans.terms import Frequency, Medium, Period
from contact_service.visits.loss import RULE_OF, Cause, MakeUpRule, Standing
from contact_service.visits.owed import (
    Account,
    Meeting,
    PeriodAccount,
    Promise,
    Span,
    promises_of,
    reckon,
)
from contact_service.visits.still_possible import how_many_fit, short_by
from tests.owed.plain import DANA, DAY, FOR_THE_WORKER, History, chance, history, plain, terms

MONDAY = date(2030, 5, 6)


def promise(
    per: Period, least: int, *, first: date = MONDAY, until: date | None = None, **more: int
) -> Promise:
    often = Frequency(per=per, least=least, **more)
    return Promise(first=first, until=until, terms=replace(terms(chance(1)), frequency=often))


def at(on: date, standing: Standing = Standing.GIVEN, cause: Cause | None = None, **more: bool) -> Meeting:
    return Meeting(visit=VisitId(f"{on:%j}"), on=on, standing=standing, cause=cause, **more)


def lost(on: date, cause: Cause, **more: bool) -> Meeting:
    return at(on, Standing.LOST, cause, **more)


def figures(periods: tuple[PeriodAccount, ...]) -> list[dict[str, int]]:
    names = ("entitled", "given", "not_owed", "to_decide", "owed", "made_up")
    return [{name: getattr(p, name) for name in names} | {"lost": sum(n for _, n in p.lost)} for p in periods]


def account_of(one: Promise, meetings: list[Meeting], today: date, barred: tuple[Span, ...] = ()) -> Account:
    periods = reckon([one], meetings, barred=barred, today=today)
    return Account(
        person=DANA,
        medium=Medium.VIDEO,
        is_kept=True,
        terms=one.terms,
        periods=periods,
        meetings=tuple(meetings),
    )


# ---- by hand


def test_a_week_in_which_nothing_was_booked_is_owed_and_was_never_offered() -> None:
    [week, running] = reckon([promise(Period.WEEK, 1)], [], barred=[], today=MONDAY + 7 * DAY)
    assert (week.owed, week.owed_by, week.offered) == (1, ((Cause.NEVER_OFFERED, 1),), 0)
    assert (running.is_over, running.owed, running.missing) == (False, 0, 1)


@pytest.mark.parametrize("cause", [c for c in Cause if c is not Cause.NEVER_OFFERED])
def test_who_lost_it_decides_whether_it_is_owed(cause: Cause) -> None:
    worker = str(cause) in FOR_THE_WORKER
    assert (RULE_OF[cause] is MakeUpRule.WORKER_DECIDES) == worker
    for decided, owed, waiting in (
        (None, not worker, worker),
        (True, True, False),
        (False, not worker, False),
    ):
        meeting = replace(lost(MONDAY, cause), still_owed=decided)
        [week, _] = reckon([promise(Period.WEEK, 1)], [meeting], barred=[], today=MONDAY + 7 * DAY)
        assert (week.owed, week.to_decide) == (owed, waiting), decided
        assert week.owed_by == (((cause, 1),) if owed else ())
        assert week.not_owed == (worker and decided is False)


def test_another_one_given_in_the_same_week_leaves_nothing_owed() -> None:
    meetings = [lost(MONDAY, Cause.STAFF), at(MONDAY + 3 * DAY)]
    [week, _] = reckon([promise(Period.WEEK, 1)], meetings, barred=[], today=MONDAY + 7 * DAY)
    assert (week.owed, week.offered, week.given, week.lost) == (0, 2, 1, ((Cause.STAFF, 1),))


def test_what_is_given_beyond_the_number_of_a_later_week_makes_up_for_the_oldest_first() -> None:
    weeks = [MONDAY + 7 * n * DAY for n in range(4)]
    meetings = [at(weeks[2]), at(weeks[2] + DAY)]
    found = reckon([promise(Period.WEEK, 1)], meetings, barred=[], today=weeks[3])
    assert [(p.owed, p.made_up) for p in found] == [(1, 1), (1, 0), (0, 0), (0, 0)]


def test_nothing_is_made_up_before_it_was_lost() -> None:
    meetings = [at(MONDAY), at(MONDAY + DAY)]
    found = reckon([promise(Period.WEEK, 1)], meetings, barred=[], today=MONDAY + 14 * DAY)
    assert [(p.owed, p.made_up) for p in found] == [(0, 0), (1, 0), (0, 0)]


@pytest.mark.parametrize(
    ("first", "entitled"), [(MONDAY, 1), (MONDAY + 3 * DAY, 1), (MONDAY + 4 * DAY, 0), (MONDAY + 6 * DAY, 0)]
)
def test_a_plan_that_begins_within_a_week_counts_from_half_a_week(first: date, entitled: int) -> None:
    [week, *_] = reckon([promise(Period.WEEK, 1, first=first)], [], barred=[], today=MONDAY + 7 * DAY)
    assert week.entitled == entitled


def test_a_number_that_changes_within_a_month_counts_by_its_days() -> None:
    old = promise(Period.MONTH, 2, first=date(2030, 6, 1), until=date(2030, 6, 16))
    new = promise(Period.MONTH, 4, first=date(2030, 6, 16))
    [june, _] = reckon([old, new], [], barred=[], today=date(2030, 7, 1))
    assert june.entitled == 3
    assert june.covered == (date(2030, 6, 1), date(2030, 7, 1))


def test_a_change_of_somebody_elses_terms_changes_nothing() -> None:
    one = replace(terms(chance(1)), frequency=Frequency(per=Period.WEEK, least=1))
    other = replace(one, person=PersonId("e" * 32))
    versions = [(MONDAY, [one]), (MONDAY + 2 * DAY, [one, other]), (MONDAY + 5 * DAY, [one])]
    assert promises_of(versions, DANA, Medium.VIDEO) == [Promise(first=MONDAY, until=None, terms=one)]
    assert promises_of(versions, DANA, Medium.IN_PERSON) == []


def test_of_two_versions_of_one_day_the_later_counts() -> None:
    one = replace(terms(chance(1)), frequency=Frequency(per=Period.WEEK, least=1))
    found = promises_of([(MONDAY, [one]), (MONDAY, [])], DANA, Medium.VIDEO)
    assert found == []


def test_while_a_court_forbids_it_nothing_is_promised() -> None:
    barred = [(MONDAY, MONDAY + 14 * DAY)]
    found = reckon([promise(Period.WEEK, 1)], [], barred=barred, today=MONDAY + 21 * DAY)
    assert [p.entitled for p in found] == [0, 0, 1, 1]


def test_overlapping_bars_take_a_day_once() -> None:
    barred = [(MONDAY, MONDAY + 2 * DAY), (MONDAY + DAY, MONDAY + 3 * DAY), (MONDAY, MONDAY + DAY)]
    [week, *_] = reckon([promise(Period.WEEK, 1)], [], barred=barred, today=MONDAY + 7 * DAY)
    assert week.entitled == 1  # four of seven days are left


def test_the_causes_of_what_is_owed_come_in_order_of_time() -> None:
    meetings = [lost(MONDAY + n * DAY, cause) for n, cause in enumerate((Cause.STAFF, Cause.CAREGIVER))]
    [week, _] = reckon([promise(Period.WEEK, 1)], meetings, barred=[], today=MONDAY + 7 * DAY)
    assert week.owed_by == ((Cause.STAFF, 1),)


# ---- against the second way


def against_the_plain_way(seeds: range) -> None:
    counted = 0
    for seed in seeds:
        one = history(chance(seed))
        found = reckon(one.promises, one.meetings, barred=one.barred, today=one.today)
        assert figures(found) == plain(one.promises, one.meetings, one.barred, one.today), seed
        counted += sum(p.made_up for p in found) > 0
        nothing_is_lost_or_counted_twice(found)
    assert counted > len(seeds) // 20  # the histories hold what is to be reckoned


def nothing_is_lost_or_counted_twice(periods: tuple[PeriodAccount, ...]) -> None:
    for period in periods:
        used = min(period.given, period.entitled)
        rest = period.not_owed + period.to_decide + period.missing
        assert used + rest == period.entitled
        assert 0 <= period.made_up <= period.owed <= period.missing
        assert sum(n for _, n in period.owed_by) == period.owed
    spare = sum(max(0, p.given - p.entitled) for p in periods)
    assert sum(p.made_up for p in periods) <= spare


def test_random_histories_are_reckoned_as_the_plain_way_reckons_them() -> None:
    against_the_plain_way(range(50))


@pytest.mark.slow
def test_a_thousand_random_histories_are_reckoned_as_the_plain_way_reckons_them() -> None:
    against_the_plain_way(range(50, 1050))


@given(st.integers(0, 10**6))
def test_one_more_visit_given_never_leaves_more_owed(seed: int) -> None:
    random = chance(seed)
    one = history(random)
    more = replace(at(one.today - DAY * random.randint(1, 200)), visit=VisitId("more"))
    before, after = total(one), total(replace(one, meetings=[*one.meetings, more]))
    assert before - 1 <= after <= before


@given(st.integers(0, 10**6))
def test_the_order_in_which_visits_are_read_changes_nothing(seed: int) -> None:
    random = chance(seed)
    one = history(random)
    shuffled = random.sample(one.meetings, len(one.meetings))
    assert reckon(one.promises, shuffled, barred=one.barred, today=one.today) == reckon(
        one.promises, one.meetings, barred=one.barred, today=one.today
    )


def total(one: History) -> int:
    return sum(p.still_owed for p in reckon(one.promises, one.meetings, barred=one.barred, today=one.today))


# ---- what is left of a period


def most_by_trying(days: list[date], taken: list[date], gap: int) -> int:
    """The most days that can be taken, by trying every choice."""
    if not days:
        return 0
    first, rest = days[0], days[1:]
    skipped = most_by_trying(rest, taken, gap)
    if any(abs((first - one).days) < gap for one in taken):
        return skipped
    return max(skipped, 1 + most_by_trying(rest, [*taken, first], gap))


@given(st.sets(st.integers(0, 11), max_size=9), st.sets(st.integers(0, 11), max_size=3), st.integers(0, 5))
def test_as_many_fit_as_trying_every_choice_finds(free: set[int], taken: set[int], gap: int) -> None:
    days, booked = ([MONDAY + n * DAY for n in sorted(some)] for some in (free, taken))
    assert how_many_fit(days, booked, gap) == most_by_trying(days, booked, max(1, gap))


EVERY_DAY = tuple(Weekday)


@pytest.mark.parametrize(
    ("days_gone", "booked", "short"),
    [(0, 0, 0), (2, 0, 0), (5, 0, 1), (5, 1, 0), (6, 0, 1), (6, 2, 0)],
)
def test_a_week_that_can_no_longer_be_kept_is_short(days_gone: int, booked: int, short: int) -> None:
    """Two a week with two days between: from Saturday only one of them fits."""
    one = promise(Period.WEEK, 2, gap_days=2)
    ahead = [at(MONDAY + (3 + 3 * n) * DAY, Standing.AHEAD) for n in range(booked)]
    account = account_of(one, ahead, MONDAY)
    found = short_by(account, earliest=MONDAY + days_gone * DAY, barred=(), open_on=EVERY_DAY)
    assert found == short


def test_days_that_the_agency_or_the_plan_does_not_have_do_not_count() -> None:
    one = promise(Period.WEEK, 1)
    sunday = {"earliest": MONDAY + 6 * DAY, "barred": ()}
    weekdays = EVERY_DAY[:5]
    assert short_by(account_of(one, [], MONDAY), open_on=EVERY_DAY, **sunday) == 0  # type: ignore[arg-type]
    assert short_by(account_of(one, [], MONDAY), open_on=weekdays, **sunday) == 1  # type: ignore[arg-type]
    narrow = replace(one, terms=replace(one.terms, window=Window(days=weekdays)))
    assert short_by(account_of(narrow, [], MONDAY), open_on=EVERY_DAY, **sunday) == 1  # type: ignore[arg-type]


def test_a_week_in_which_they_may_not_meet_is_nobodys_to_mend() -> None:
    one = promise(Period.WEEK, 1)
    for barred, short in (((MONDAY + 5 * DAY, MONDAY + 9 * DAY), 0), ((MONDAY, MONDAY + 5 * DAY), 0)):
        account = account_of(one, [], MONDAY)
        found = short_by(account, earliest=MONDAY + 5 * DAY, barred=(barred,), open_on=EVERY_DAY)
        assert found == short


def test_the_most_of_a_plan_leaves_no_more_room() -> None:
    one = promise(Period.WEEK, 2, most=2)
    gone = [lost(MONDAY, Cause.STAFF), at(MONDAY + DAY)]
    account = account_of(one, gone, MONDAY + 2 * DAY)
    room = {"barred": (), "open_on": EVERY_DAY}
    assert short_by(account, earliest=MONDAY + 3 * DAY, **room) == 0  # type: ignore[arg-type]
    tight = replace(one, terms=replace(one.terms, frequency=Frequency(per=Period.WEEK, least=2, most=1)))
    assert short_by(account_of(tight, gone, MONDAY), earliest=MONDAY + 3 * DAY, **room) == 1  # type: ignore[arg-type]


def test_two_years_of_weekly_visits_take_no_time() -> None:
    days = [MONDAY + timedelta(weeks=n) for n in range(104)]
    found = reckon([promise(Period.WEEK, 1)], [at(day) for day in days], barred=[], today=days[-1] + 7 * DAY)
    assert sum(p.given for p in found) == 104
    assert sum(p.still_owed for p in found) == 0


def test_the_document_has_the_rule_of_every_cause() -> None:
    text = (Path(contact_service.visits.__file__).parent / "OWED.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| ([\w ]+) \|$", text, re.MULTILINE))
    words = {MakeUpRule.ALWAYS_OWED: "always owed", MakeUpRule.WORKER_DECIDES: "the worker decides"}
    assert rows == {str(cause): words[RULE_OF[cause]] for cause in Cause}
