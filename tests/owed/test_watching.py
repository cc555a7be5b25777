"""Workers are told in time: a plan out of reach, an absence to decide, siblings apart, a review (B4, L3)."""

import threading
from datetime import date, timedelta

import pytest

from contact_service.demo.brother import Brother
from contact_service.follow_ups import actions as follow_ups
from contact_service.follow_ups.follow_up import REASONS, FollowUp, FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.invitations.actions import inviting, stopping
from contact_service.jobs.owing import check_owed_contact
from contact_service.jobs.schedule import schedule
from contact_service.people.actions.placements import place
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.plans.terms import Frequency, Period
from contact_service.policy.decision import Refused
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.loss import SideReason
from contact_service.visits.queries.owing import ledger_of
from contact_service.visits.queries.watching import siblings_apart
from contact_service.visits.reasons import CancelReason
from tests.cast import House
from tests.jobs.conftest import post_through
from tests.owed.lives import GIVEN, Lived, live, promise, weekly
from tests.owed.test_deciding import decides, meeting, missed, says

A_WEEK = Frequency(per=Period.WEEK, least=1)
DAY = timedelta(days=1)


def open_of(house: House, kind: FollowUpKind) -> list[FollowUp]:
    with house.reading(house.cast.karim) as work:
        return [one for one in open_follow_ups(work) if one.kind is kind]


def checked(house: House, kind: FollowUpKind) -> list[FollowUp]:
    """What is open after the job has looked."""
    check_owed_contact(house.installation)
    return open_of(house, kind)


def test_the_clock_looks_at_least_once_an_hour(house: House) -> None:
    [job] = [one for one in schedule(house.installation, post_through(1)) if one.name == "check owed contact"]
    assert job.seconds <= 3600
    promise(house, weekly(house.cast.dana, A_WEEK))
    house.clock.forward(5 * DAY)
    job.act()
    assert open_of(house, FollowUpKind.OWED_OUT_OF_REACH)


# ---- a plan out of reach


def test_a_plan_that_can_no_longer_be_kept_is_told_once(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    house.clock.forward(4 * DAY)  # Saturday noon: with a day's notice, Sunday is left
    assert checked(house, FollowUpKind.OWED_OUT_OF_REACH) == []
    house.clock.forward(DAY)
    [told] = checked(house, FollowUpKind.OWED_OUT_OF_REACH)
    assert (told.person, told.case) == (house.cast.mia, house.cast.case)
    assert told.due_at == house.clock.at + DAY
    before = house.snapshot()
    check_owed_contact(house.installation)
    assert house.snapshot() == before


def test_one_task_stands_as_long_as_the_plan_is_out_of_reach(house: House) -> None:
    promise(house, weekly(house.cast.dana, Frequency(per=Period.WEEK, least=5)))  # four from Tuesday on
    house.clock.forward(2 * DAY)
    [told] = checked(house, FollowUpKind.OWED_OUT_OF_REACH)
    house.approved(wall_start=house.wish().wall_start + 3 * DAY)
    assert [one.id for one in checked(house, FollowUpKind.OWED_OUT_OF_REACH)] == [told.id]


def test_what_is_booked_meanwhile_takes_it_back_and_a_loss_brings_it_again(house: House) -> None:
    promise(house, weekly(house.cast.dana, Frequency(per=Period.WEEK, least=1, gap_days=7)))
    house.clock.forward(3 * DAY)
    start = house.wish().wall_start + 4 * DAY
    visit = house.approved(wall_start=start)
    assert checked(house, FollowUpKind.OWED_OUT_OF_REACH) == []
    house.clock.forward(2 * DAY)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.STAFF_UNAVAILABLE)
    [first] = checked(house, FollowUpKind.OWED_OUT_OF_REACH)
    house.clock.forward(DAY)  # another week begins
    assert checked(house, FollowUpKind.OWED_OUT_OF_REACH) == []
    assert house.history()[-1] == "follow_up.done"
    with house.reading(house.cast.karim) as work:
        assert ledger_of(work, house.cast.mia).still_owed == 1
    house.clock.forward(6 * DAY)
    [second] = checked(house, FollowUpKind.OWED_OUT_OF_REACH)
    assert second.about != first.about


def test_nobody_is_told_of_what_a_restriction_forbids(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    with house.work(house.cast.karim) as work:
        new = NewRestriction(
            kind=RestrictionKind.NO_CONTACT,
            person=house.cast.dana,
            other=house.cast.mia,
            source=RestrictionSource.AGENCY_DECISION,
        )
        stopping.restrict(work, house.cast.case, new)
    house.clock.forward(5 * DAY)
    assert checked(house, FollowUpKind.OWED_OUT_OF_REACH) == []


def test_two_processes_at_once_tell_once(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK), weekly(house.cast.rosa, A_WEEK))
    house.clock.forward(5 * DAY)
    both = [threading.Thread(target=check_owed_contact, args=(house.installation,)) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    check_owed_contact(house.installation)
    assert len(open_of(house, FollowUpKind.OWED_OUT_OF_REACH)) == 2
    assert house.history().count("follow_up.made") == 2


# ---- an absence to decide


def test_an_absence_waits_for_the_worker_until_it_is_decided(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    visit = missed(house, house.cast.ines)
    [task] = checked(house, FollowUpKind.OWED_DECISION)
    assert (task.visit, task.person) == (visit.id, house.cast.mia)
    # Wednesday 15 May; it may be explained until Wednesday 22 May, and is decided on the day after.
    assert task.due_at.isoformat() == "2030-05-23T16:00:00+00:00"
    decides(house, visit, owed=True)
    assert checked(house, FollowUpKind.OWED_DECISION) == []


def test_an_absence_that_turns_out_to_be_none_needs_no_decision(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    visit = missed(house, house.cast.ines)
    assert checked(house, FollowUpKind.OWED_DECISION)
    says(house, visit, house.cast.mia, SideReason.WAS_READY)
    says(house, visit, house.cast.dana, SideReason.DEVICE_OR_LINK)
    assert meeting(house, visit).waits_for_worker is False
    assert checked(house, FollowUpKind.OWED_DECISION) == []


def test_nobody_is_asked_what_makes_no_difference(house: House) -> None:
    missed(house, house.cast.ines)  # the plan names no number
    assert checked(house, FollowUpKind.OWED_DECISION) == []
    promise(house, weekly(house.cast.dana, A_WEEK))
    assert checked(house, FollowUpKind.OWED_DECISION)
    live(house, [Lived(fate=GIVEN[0], starts_at=house.clock.at - DAY / 9, number=1)])
    assert checked(house, FollowUpKind.OWED_DECISION) == []


# ---- brothers and sisters


def apart(house: House) -> list[FollowUp]:
    return checked(house, FollowUpKind.SIBLINGS_APART)


def met(house: House, days_ago: float, number: int = 1) -> None:
    live(
        house,
        [Lived(fate=GIVEN[0], starts_at=house.clock.at - days_ago * DAY, number=number)],
        person=house.cast.jonas,
    )


def test_brothers_and_sisters_with_nothing_in_31_days_are_told_of_once_for_both(house: House) -> None:
    house.clock.forward(30 * DAY)
    assert apart(house) == []
    house.clock.forward(DAY)
    [told] = apart(house)
    assert told.case == house.cast.case
    met(house, 0.1)
    assert apart(house) == []
    house.clock.forward(30 * DAY)
    assert apart(house) == []
    house.clock.forward(DAY)
    assert len(apart(house)) == 1


def test_they_are_told_of_again_after_another_31_days(house: House) -> None:
    house.clock.forward(31 * DAY)
    [told] = apart(house)
    with house.work(house.cast.karim) as work:
        follow_ups.mark_done(work, told.id, "spoken_to_them")
    house.clock.forward(30 * DAY)
    assert apart(house) == []
    house.clock.forward(DAY)
    assert len(apart(house)) == 1


def test_a_visit_that_is_booked_is_enough_until_it_is_lost(house: House) -> None:
    start = house.wish().wall_start + 40 * DAY
    visit = house.approved(people=(house.cast.jonas,), wall_start=start)
    house.clock.forward(35 * DAY)
    assert apart(house) == []
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.STAFF_UNAVAILABLE)
    assert len(apart(house)) == 1


def test_those_who_live_together_or_are_kept_apart_are_not_told_of(house: House, brother: Brother) -> None:
    house.clock.forward(40 * DAY)
    assert len(apart(house)) == 3  # Mia and Jonas; Mia and Finn, in the case of each
    days = Days(first=date(2030, 6, 1))
    with house.work(house.cast.karim) as work:
        for child in (house.cast.mia, house.cast.jonas):
            words = PlaceWords(name="Number nine")
            place(
                work,
                NewPlacement(child=child, carer=house.cast.ines, days=days, confidential=True, words=words),
            )
        new = NewRestriction(
            kind=RestrictionKind.APART,
            person=brother.finn,
            other=house.cast.mia,
            source=RestrictionSource.COURT_ORDER,
        )
        assert not isinstance(stopping.restrict(work, house.cast.case, new), Refused)
    assert apart(house) == []


def test_a_page_names_all_that_have_not_met_the_longest_first(house: House, brother: Brother) -> None:
    house.clock.forward(5 * DAY)
    met(house, 0.1)
    house.clock.forward(40 * DAY)
    with house.reading(house.cast.karim) as work:
        ledgers = {house.cast.mia: ledger_of(work, house.cast.mia)}
        found = siblings_apart(work, ledgers)[house.cast.mia]
    assert [(one.sibling, one.days) for one in found] == [(brother.finn, 45), (house.cast.jonas, 40)]


# ---- reviews


def test_a_review_that_is_due_is_told_until_the_next_version(house: House) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    kind = FollowUpKind.PLAN_REVIEW
    house.clock.forward(79 * DAY)
    assert [one.person for one in checked(house, kind)] == [house.cast.jonas] * 0
    house.clock.forward(DAY)
    told = checked(house, kind)
    assert {one.person for one in told} == {house.cast.mia, house.cast.jonas}
    promise(house, weekly(house.cast.dana, A_WEEK))
    assert {one.person for one in checked(house, kind)} == {house.cast.jonas}


@pytest.mark.parametrize("kind", list(FollowUpKind))
def test_every_task_can_be_done_for_a_reason_that_pages_have_words_for(kind: FollowUpKind) -> None:
    assert REASONS[kind]
