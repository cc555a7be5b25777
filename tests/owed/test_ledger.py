"""The ledger of a child from the rows of both databases."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from contact_service.approvals.actions.planning import approve_plan, propose_plan
from contact_service.database import metadata
from contact_service.demo.brother import Brother
from contact_service.invitations.actions import inviting, stopping
from contact_service.plans.queries import approved_plans, plan_for
from contact_service.plans.terms import Frequency, Medium, Period
from contact_service.protocol.link import EventKind
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.loss import Cause, Facts, MakeUpRule, Standing, how_it_counts
from contact_service.visits.owed import Account, Meeting, promises_of
from contact_service.visits.queries.owing import Ledger, ledger_of, ledgers_of_cases
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Outcome, VisitState
from tests.cast import House
from tests.owed.lives import AHEAD, GIVEN, LONDON, LOST, STOPPED, Lived, live, lives, promise, weekly
from tests.owed.plain import chance, plain

A_WEEK = Frequency(per=Period.WEEK, least=1)
NAMES = ("entitled", "given", "not_owed", "to_decide", "owed", "made_up")


def ledger(house: House, child: str = "mia") -> Ledger:
    with house.reading(house.cast.karim) as work:
        return ledger_of(work, getattr(house.cast, child))


def account(house: House, medium: Medium = Medium.VIDEO) -> Account:
    """What Mia is owed with Dana."""
    [one] = [a for a in ledger(house).accounts if (a.person, a.medium) == (house.cast.dana, medium)]
    return one


def only_meeting(house: House) -> Meeting:
    [one] = account(house).meetings
    return one


def at(house: House, days: float) -> datetime:
    return house.clock.at + timedelta(days=days)


# ---- one visit at a time


def test_what_became_of_a_visit_counts_as_one_reads_it(house: House) -> None:
    several = [
        Lived(fate=fate, starts_at=at(house, -2 - n), number=n) for n, fate in enumerate([*GIVEN, *LOST])
    ]
    live(house, several)
    met = {meeting.visit: meeting for meeting in ledger(house).met[house.cast.dana]}
    assert met == {one.id: one.meeting(None) for one in several}


def test_what_is_still_to_come_is_not_lost(house: House) -> None:
    several = [
        Lived(fate=fate, starts_at=at(house, 2 + n), number=n) for n, fate in enumerate([*AHEAD, STOPPED])
    ]
    live(house, several)
    standings = [meeting.standing for meeting in ledger(house).met[house.cast.dana]]
    assert standings == [one.fate.counts for one in several]


def test_a_visit_that_took_place_is_given_with_its_minutes(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    visit = house.live()
    house.clock.forward(timedelta(minutes=25))
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    one = only_meeting(house)
    assert (one.standing, one.minutes, one.on) == (Standing.GIVEN, 25, date(2030, 5, 15))
    running = account(house).running
    assert running is not None
    assert (running.entitled, running.given, running.missing) == (1, 1, 0)


def test_a_visit_that_staff_called_off_is_owed_when_the_week_is_over(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.STAFF_UNAVAILABLE)
    assert account(house).still_owed == 0
    house.clock.forward(timedelta(days=7))
    one = account(house)
    assert (one.still_owed, one.periods[0].owed_by) == (1, ((Cause.STAFF, 1),))


@pytest.mark.parametrize("reason", list(CancelReason))
def test_every_reason_for_calling_off_has_a_cause_of_its_own(house: House, reason: CancelReason) -> None:
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, reason)
    cause = only_meeting(house).cause
    assert cause is not None
    assert (cause is Cause.AGENCY) is False
    theirs = reason in (CancelReason.ADULT_ASKED, CancelReason.CHILD_DECLINED)
    assert (only_meeting(house).rule is MakeUpRule.WORKER_DECIDES) == theirs


def test_a_visit_counts_on_the_day_where_the_child_lives(house: House) -> None:
    """23:30 in London on Sunday is Sunday, whatever the day is in UTC or in winter."""
    promise(house, weekly(house.cast.dana, A_WEEK))
    late = datetime(2030, 5, 19, 23, 30, tzinfo=LONDON).astimezone(UTC)
    live(house, [Lived(fate=GIVEN[0], starts_at=late, number=1)])
    house.clock.at = datetime(2030, 5, 21, tzinfo=UTC)
    assert [p.given for p in account(house).periods] == [1, 0]
    assert only_meeting(house).on == date(2030, 5, 19)


def test_video_never_fills_what_was_promised_in_person(house: House) -> None:
    in_person = weekly(house.cast.dana, A_WEEK, medium=Medium.IN_PERSON)
    promise(house, in_person, weekly(house.cast.dana, A_WEEK))
    live(house, [Lived(fate=GIVEN[0], starts_at=at(house, 0.1), number=1)])
    house.clock.forward(timedelta(days=1))
    other = account(house, Medium.IN_PERSON)
    assert (other.is_kept, other.periods, other.meetings, other.terms) == (False, (), (), in_person)
    assert account(house).periods[0].given == 1


def test_what_an_order_forbids_is_not_owed_and_what_the_agency_stops_is(house: House) -> None:
    promise(house, weekly(house.cast.rosa, A_WEEK), weekly(house.cast.dana, A_WEEK))
    for person, source in (
        (house.cast.dana, RestrictionSource.COURT_ORDER),
        (house.cast.rosa, RestrictionSource.AGENCY_DECISION),
    ):
        with house.work(house.cast.karim) as work:
            new = NewRestriction(
                kind=RestrictionKind.NO_CONTACT, person=person, other=house.cast.mia, source=source
            )
            stopping.restrict(work, house.cast.case, new)
    house.clock.forward(timedelta(days=14))
    by_person = {one.person: one.still_owed for one in ledger(house).kept}
    assert (by_person[house.cast.dana], by_person[house.cast.rosa]) == (0, 2)


def test_whoever_the_plan_names_no_more_is_owed_nothing_new(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    house.clock.forward(timedelta(days=14))
    with house.work(house.cast.karim) as work:
        plan = plan_for(work, house.cast.mia)
        assert plan is not None
        others = [one for one in plan.people if one.person != house.cast.dana]
        new = propose_plan(work, house.cast.mia, with_people=others, review_on=plan.review_on)
    assert isinstance(new, str)
    with house.work(house.cast.priya) as work:
        approve_plan(work, new)
    before = account(house)
    house.clock.forward(timedelta(days=28))
    assert before.terms is None
    assert account(house).still_owed == before.still_owed == 2
    assert ledger(house).still_owed == 0  # nobody can give it any more


# ---- shared visits


def test_a_shared_visit_counts_for_each_child_as_it_went_for_them(house: House, brother: Brother) -> None:
    visit = house.shared(brother)
    house.clock.forward(timedelta(minutes=4))
    carer = house.device_in(visit, brother.tomas)
    house.relay(visit, EventKind.WITHDRAWN, 1, participant=carer.id)
    house.clock.forward(timedelta(minutes=25))
    house.relay(visit, EventKind.ENDED, 2, reason="completed")
    with house.reading(house.cast.karim) as work:
        found = ledgers_of_cases(work, [house.cast.case, brother.case])
    mia, finn = found[house.cast.mia].met, found[brother.finn].met
    assert mia[house.cast.dana][0].standing is Standing.GIVEN
    for one in (mia[brother.finn], finn[house.cast.mia], finn[house.cast.dana]):
        assert (one[0].standing, one[0].cause) == (Standing.LOST, Cause.CHILD_SAID_NO)
    assert brother.tomas not in mia
    assert house.cast.ines not in finn


def test_what_an_adult_called_off_stays_owed_to_brother_and_sister(house: House, brother: Brother) -> None:
    """Neither of them asked for it, so nobody decides that they are owed nothing."""
    visit = house.approved(sharing=brother.shares)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.ADULT_ASKED)
    with house.reading(house.cast.karim) as work:
        mia = ledger_of(work, house.cast.mia).met
    assert [one.cause for one in mia[house.cast.dana]] == [Cause.ADULT_ASKED]
    assert [one.rule for one in mia[brother.finn]] == [MakeUpRule.ALWAYS_OWED]


def test_when_the_adult_left_early_it_stays_owed_to_brother_and_sister() -> None:
    facts = Facts(
        state=VisitState.SIGNED_OFF,
        reason="",
        outcomes=(Outcome.ENDED_EARLY_ADULT, Outcome.ENDED_EARLY_ADULT),
        planned=timedelta(minutes=30),
        together=timedelta(minutes=5),
        child_there=True,
        person_there=True,
        supervisor_there=True,
        person_is_child=True,
        is_past=True,
    )
    assert how_it_counts(facts) == (Standing.LOST, Cause.UNKNOWN)
    assert how_it_counts(replace(facts, person_is_child=False)) == (Standing.LOST, Cause.ADULT_ASKED)


def test_a_brother_who_joins_by_his_own_link_has_met_his_sister_too(house: House) -> None:
    live(
        house,
        [Lived(fate=GIVEN[0], starts_at=at(house, -1), number=1)],
        person=house.cast.jonas,
    )
    for child, other in (("mia", house.cast.jonas), ("jonas", house.cast.mia)):
        met = ledger(house, child).met
        assert [m.standing for m in met[other]] == [Standing.GIVEN]
    assert set(ledger(house, "jonas").met) == {house.cast.mia}


def test_a_sister_who_was_not_brought_was_not_brought_by_somebody(house: House) -> None:
    live(house, [Lived(fate=LOST[17], starts_at=at(house, -1), number=1)], person=house.cast.jonas)
    [met] = ledger(house).met[house.cast.jonas]
    assert met.cause is Cause.CAREGIVER


# ---- many at a time


def decided(house: House, one: Lived, answer: bool) -> None:  # noqa: FBT001
    values = {"visit_id": one.id, "child_id": house.cast.mia, "person_id": house.cast.dana, "number": 1}
    values |= {"id": one.id, "owed": answer, "reason": "wants_another", "decided_by": "karim"}
    with house.installation.engine.begin() as connection:
        connection.execute(
            insert(metadata.tables["owed_decision"]).values(values | {"decided_at": house.clock.at})
        )


def as_the_plain_way(house: House, seed: int) -> None:
    """A year of plan versions and visits at random, read from the rows and reckoned twice."""
    random = chance(seed)
    start = house.clock.at
    for _ in range(random.randint(1, 3)):
        often = Frequency(per=random.choice(list(Period)), least=random.choice((None, 1, 2, 4)))
        promise(house, weekly(house.cast.dana, often))
        house.clock.forward(timedelta(days=random.randint(5, 120), hours=random.randrange(24)))
    written = lives(random, start.date(), house.clock.at.date() + timedelta(days=9), now=house.clock.at)
    live(house, written)
    answers = {}
    for one in written:
        if one.fate.counts is Standing.LOST and random.random() < 0.5:
            answers[one.id] = random.random() < 0.5
            decided(house, one, answers[one.id])
    found = account(house)
    meetings = [one.meeting(answers.get(one.id)) for one in written]
    with house.reading(house.cast.karim) as work:
        versions = [
            (plan.decided_at.astimezone(LONDON).date(), plan.people)
            for plan in approved_plans(work, [house.cast.mia])[house.cast.mia]
            if plan.decided_at
        ]
    promises = promises_of(versions, house.cast.dana, Medium.VIDEO)
    today = house.clock.at.astimezone(LONDON).date()
    expected = plain(promises, meetings, [], today)
    got = [
        {name: getattr(p, name) for name in NAMES} | {"lost": sum(n for _, n in p.lost)}
        for p in found.periods
    ]
    assert got == expected, seed
    assert set(found.meetings) == set(meetings)


@pytest.mark.parametrize("seed", range(3))
def test_the_ledger_of_random_rows_is_what_the_plain_way_reckons(house: House, seed: int) -> None:
    as_the_plain_way(house, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_the_ledger_of_more_random_rows_is_what_the_plain_way_reckons(house: House, seed: int) -> None:
    as_the_plain_way(house, seed)


def test_two_years_of_weekly_visits_are_read_and_reckoned_in_no_time(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    weeks = [Lived(fate=(GIVEN + LOST)[n % 9], starts_at=at(house, 7 * n), number=n) for n in range(104)]
    live(house, weeks)
    house.clock.forward(timedelta(weeks=105))
    spans = []
    for _ in range(9):
        with house.reading(house.cast.karim) as work:
            begun = time.process_time()
            found = ledger_of(work, house.cast.mia)
            spans.append(time.process_time() - begun)
            assert len(found.met[house.cast.dana]) == 104
    # Processor time of our own: the aim is 20 ms, and a machine that others use at the same time gets more.
    assert min(spans) < 0.05, f"{min(spans) * 1000:.1f} ms"
