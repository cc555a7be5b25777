"""An approver says yes to several times, the family chooses one, and everything else about it is given back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contact_service import actor
from contact_service.approvals.actions import merging as approving_merges
from contact_service.audit.events import EventType
from contact_service.claims.queries import claims_of
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, Conflict, NotFound
from contact_service.follow_ups import queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.ids import VisitId
from contact_service.invitations.actions import inviting
from contact_service.notifications.message import MessageKind, OutboxState
from contact_service.people.actions import members, merging
from contact_service.people.person import Details, MemberRole
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import choosing, proposing
from contact_service.proposals.proposal import ChoiceOver
from contact_service.proposals.queries import asked_by_secret, choice_secret
from contact_service.visits.actions import booking, staffing
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.queries.finding import visit_for, visits_of_child
from contact_service.visits.reasons import DeclineReason
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import read
from contact_service.working_hours.hours import AbsenceKind
from tests.actions.test_doubts import publish
from tests.actions.test_emergency import AUTOMATIC, accept, met_before, together
from tests.cast import House
from tests.proposals.helpers import (
    FRIDAY,
    HALF_AN_HOUR,
    MONDAY,
    SATURDAY,
    THREE,
    choice,
    choose,
    opened,
    propose,
    proposed,
)

HOUR = timedelta(hours=1)


def kept(house: House, visit: Visit) -> list[tuple[datetime, datetime | None]]:
    """When Dana's time is taken for the visit, and until when it is only held."""
    with read(house.installation, actor.SCHEDULE) as work:
        found = [one for one in claims_of(work, visit.id) if one.span.who == house.cast.dana]
    return sorted((one.span.starts_at, one.held_until) for one in found)


def test_a_request_with_three_times_keeps_all_of_them_and_nobody_is_told_but_the_approver(
    house: House,
) -> None:
    visit = proposed(house)
    assert visit.state is VisitState.REQUESTED
    assert visit.time_open
    assert [start for start, _ in kept(house, visit)] == [one.starts_at for one in choice(house, visit).times]
    assert [until for _, until in kept(house, visit)] == [None] * 3
    assert {m.kind for m in house.messages(visit)} == {MessageKind.REQUEST_WAITING}


def test_the_times_are_judged_like_any_and_a_refused_one_books_none(house: House) -> None:
    refused = propose(house, times=(FRIDAY, SATURDAY.replace(hour=23)))
    assert isinstance(refused, Refused)
    assert "R28" in refused.rules
    with house.reading(house.cast.karim) as work:
        assert visits_of_child(work, house.cast.mia, VisitState) == []
    assert house.history()[-1] == EventType.BOOKING_REFUSED


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((FRIDAY,), "Choose two or three times."),
        ((FRIDAY, FRIDAY), "Choose two or three times."),
        ((*THREE, MONDAY + timedelta(days=1)), "Choose two or three times."),
        ((FRIDAY, FRIDAY + 2 * HALF_AN_HOUR - timedelta(minutes=1)), "Two of these times overlap."),
        ((datetime(2030, 5, 15, 13, 30), FRIDAY), "The first time comes too soon"),  # noqa: DTZ001
    ],
)
def test_times_of_which_no_choice_can_be_made_are_told_and_nothing_is_kept(
    house: House, times: tuple[datetime, ...], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        propose(house, times=times)
    assert house.overlaps() == 0
    with house.reading(house.cast.karim) as work, pytest.raises(NotFound):
        visit_for(work, VisitId("a" * 32))


def test_who_is_asked_belongs_to_the_visit(house: House) -> None:
    for asked in ((), (house.cast.rosa,), (house.cast.mia,)):
        with pytest.raises(BadInput, match="Choose who of the visit"):
            propose(house, asked=asked)


def test_a_double_click_is_one_visit_with_one_choice(house: House) -> None:
    assert proposed(house).id == proposed(house).id
    assert len(choice(house, proposed(house)).times) == 3


def test_a_child_has_at_most_two_open_choices(house: House) -> None:
    proposed(house)
    later = tuple(one + timedelta(days=7) for one in THREE)
    proposed(house, visit_id="b" * 32, times=later)
    with pytest.raises(Conflict, match="Two choices are open"):
        propose(house, visit_id="c" * 32, times=tuple(one + timedelta(days=14) for one in THREE))


def test_a_double_click_on_the_last_open_choice_is_still_one_visit(house: House) -> None:
    proposed(house)
    later = tuple(one + timedelta(days=7) for one in THREE)
    second = proposed(house, visit_id="b" * 32, times=later)
    assert proposed(house, visit_id="b" * 32, times=later).id == second.id


def test_the_most_open_choices_count_for_every_child_of_a_visit(house: House, brother: Brother) -> None:
    """Mia has none open; Finn, who would share the visit, has two."""
    for number, visit_id in enumerate(("a" * 32, "b" * 32)):
        times = tuple(one + number * timedelta(days=7) for one in THREE)
        with house.work(house.cast.karim) as work:
            wish = house.wish(child=brother.finn, caregiver=brother.tomas)
            own = proposing.propose(work, wish, times, (house.cast.dana,), visit_id=visit_id)
        assert isinstance(own, Visit), own
    with pytest.raises(Conflict, match="Two choices are open"):
        propose(
            house,
            visit_id="c" * 32,
            times=tuple(one + timedelta(days=14) for one in THREE),
            sharing=brother.shares,
        )


def test_two_workers_at_once_do_not_open_a_third_choice(house: House) -> None:
    proposed(house)

    def tries(number: int) -> object:
        try:
            times = tuple(one + number * timedelta(days=7) for one in THREE)
            return propose(house, visit_id=str(number) * 32, times=times)
        except Conflict as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(tries, [1, 2]))
    assert sum(isinstance(one, Visit) for one in results) == 1
    assert sum("Two choices are open" in str(one) for one in results) == 1


@pytest.mark.parametrize("when", ["before the merge", "after the merge"])
def test_the_link_of_a_person_who_was_merged_meanwhile_still_chooses(house: House, when: str) -> None:
    """Their letter may leave before the merge or after it."""
    visit = opened(house)
    with house.work(house.cast.karim) as work:
        before = choice_secret(work, visit.id, house.cast.dana)
        details = Details(name="D. Marlowe", known_as="D.")
        double = members.add_person(work, house.cast.case, details, MemberRole.FAMILY_MEMBER)
        merge = merging.propose_merge(work, double, house.cast.dana)
    with house.work(house.cast.priya) as work:
        assert not isinstance(approving_merges.agree_to_merge(work, merge), approving_merges.MergeRefused)
    with read(house.installation, actor.SCHEDULE) as work:
        link = choice_secret(work, visit.id, double) if when.startswith("after") else before
        assert asked_by_secret(work, link) == (visit.id, double)
    assert not isinstance(choose(house, visit, 1, double), Refused)


@pytest.mark.rule("R58")
def test_the_ordinary_yes_does_not_book_a_visit_whose_time_is_open(house: House) -> None:
    visit = proposed(house)
    with house.work(house.cast.priya) as work:
        refused = inviting.approve(work, visit.id)
    assert isinstance(refused, Refused)
    assert refused.rules == ("R58",)
    assert house.state(visit) is VisitState.REQUESTED


def test_the_approvers_yes_opens_the_choice_and_sends_a_link_to_whoever_is_asked(house: House) -> None:
    visit = opened(house, asked=(house.cast.dana, house.cast.ines))
    until = choice(house, visit).times[0].starts_at - 24 * HOUR
    assert choice(house, visit).answer_by == until
    assert [held for _, held in kept(house, visit)] == [until] * 3
    asked = [m for m in house.messages(visit) if m.kind is MessageKind.CHOOSE_A_TIME]
    assert {m.person for m in asked} == {house.cast.dana, house.cast.ines}
    assert {m.useless_after for m in asked} == {until}
    assert house.state(visit) is VisitState.REQUESTED


def test_only_an_approver_who_did_not_ask_opens_a_choice(house: House) -> None:
    visit = proposed(house)
    with house.work(house.cast.karim) as work:
        refused = proposing.approve(work, visit.id)
    assert isinstance(refused, Refused)
    assert set(refused.rules) == {"R11", "R12"} | (set(refused.rules) & {"R30"})
    assert choice(house, visit).opened_at is None


def test_every_time_must_still_be_possible_when_the_approver_says_yes(house: House) -> None:
    visit = proposed(house)
    house.clock.at = choice(house, visit).times[0].starts_at - 2 * HOUR
    with house.work(house.cast.priya) as work, pytest.raises(BadInput, match="comes too soon"):
        proposing.approve(work, visit.id)
    assert choice(house, visit).opened_at is None


def test_who_chooses_books_the_visit_invites_everybody_and_gives_the_other_times_back(house: House) -> None:
    visit = opened(house)
    booked = choose(house, visit, 2)
    assert not isinstance(booked, Refused)
    second = choice(house, visit).times[1]
    assert (booked.state, booked.starts_at, booked.time_open) == (
        VisitState.APPROVED,
        second.starts_at,
        False,
    )
    assert booked.approved_by == house.cast.priya
    assert kept(house, visit) == [(second.starts_at, None)]
    invited = {m.person for m in house.messages(visit) if m.kind is MessageKind.INVITATION}
    assert invited == {house.cast.dana, house.cast.ines}
    assert [m.state for m in house.messages(visit) if m.kind is MessageKind.CHOOSE_A_TIME] == [
        OutboxState.DROPPED
    ]
    assert (choice(house, visit).chosen_by, choice(house, visit).chosen_at) == (
        house.cast.dana,
        house.clock.at,
    )
    assert EventType.TIME_CHOSEN in house.history()


def test_the_times_that_were_not_chosen_can_be_booked_at_once_and_the_chosen_one_cannot(house: House) -> None:
    visit = opened(house)
    taken = propose(house, visit_id="b" * 32, child=house.cast.jonas, times=(SATURDAY, MONDAY))
    assert isinstance(taken, Refused)
    assert "R55" in taken.rules
    choose(house, visit, 1)
    with house.work(house.cast.karim) as work:
        free = inviting.request_visit(work, house.wish(wall_start=MONDAY, child=house.cast.jonas))
        again = inviting.request_visit(work, house.wish(wall_start=FRIDAY, child=house.cast.jonas))
    assert not isinstance(free, Refused) or "R55" not in free.rules
    assert isinstance(again, Refused)
    assert "R55" in again.rules


@pytest.mark.parametrize("place", [0, 4, -1])
def test_a_time_that_was_not_offered_is_not_chosen(house: House, place: int) -> None:
    visit = opened(house)
    with pytest.raises(ChoiceOver):
        choose(house, visit, place)
    assert house.state(visit) is VisitState.REQUESTED


def test_who_was_not_asked_does_not_choose(house: House) -> None:
    visit = opened(house)
    with pytest.raises(ChoiceOver):
        choose(house, visit, 1, house.cast.ines)
    with pytest.raises((ChoiceOver, NotFound)):
        choose(house, visit, 1, house.cast.rosa)


def test_nobody_chooses_before_the_approver_has_said_yes_or_after_the_end(house: House) -> None:
    visit = proposed(house)
    with pytest.raises(ChoiceOver):
        choose(house, visit, 1)
    with house.work(house.cast.priya) as work:
        proposing.approve(work, visit.id)
    until = choice(house, visit).answer_by
    assert until is not None
    house.clock.at = until
    with pytest.raises(ChoiceOver):
        choose(house, visit, 1)


def test_a_second_choice_finds_the_first(house: House) -> None:
    visit = opened(house, asked=(house.cast.dana, house.cast.ines))
    choose(house, visit, 1)
    with pytest.raises(ChoiceOver):
        choose(house, visit, 2, house.cast.ines)
    assert len(kept(house, visit)) == 1


def test_two_who_choose_at_once_book_one_visit(house: House) -> None:
    visit = opened(house, asked=(house.cast.dana, house.cast.ines))

    def tries(one: tuple[int, Any]) -> object:
        try:
            return choose(house, visit, *one)
        except (ChoiceOver, Conflict) as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(tries, [(1, house.cast.dana), (2, house.cast.ines)]))
    assert sum(isinstance(result, Visit) for result in results) == 1
    assert len(kept(house, visit)) == 1
    assert len([m for m in house.messages(visit) if m.kind is MessageKind.INVITATION]) == 2


def test_a_time_that_a_rule_forbids_by_now_is_refused_and_another_can_be_chosen(house: House) -> None:
    visit = opened(house)
    with house.work(house.cast.priya) as work:
        day = date(2030, 5, 18)
        staffing.add_absence(work, house.cast.lena, (day, day), AbsenceKind.LEAVE, zone="Europe/London")
    refused = choose(house, visit, 2)
    assert isinstance(refused, Refused)
    assert refused.rules == ("R56",)
    assert EventType.CHOICE_REFUSED in house.history()
    assert len(kept(house, visit)) == 3
    assert not isinstance(choose(house, visit, 3), Refused)


@pytest.mark.parametrize("ends", ["declined", "withdrawn", "changed"])
def test_a_choice_dies_with_its_request(house: House, ends: str) -> None:
    visit = opened(house) if ends != "declined" else proposed(house)
    who = house.cast.priya if ends == "declined" else house.cast.karim
    with house.work(who) as work:
        match ends:
            case "declined":
                booking.decline(work, visit.id, DeclineReason.NO_STAFF)
            case "withdrawn":
                booking.withdraw_request(work, visit.id)
            case _:
                inviting.change(work, visit.id, house.wish(wall_start=MONDAY + timedelta(days=1)))
    with pytest.raises((ChoiceOver, NotFound)):
        choose(house, visit, 1)
    assert len(kept(house, visit)) == (1 if ends == "changed" else 0)
    assert not house.visit(visit.id).time_open


def lapse(house: House, visit: Visit) -> None:
    with house.as_actor(actor.SCHEDULE) as work:
        choosing.lapse_choice(work, visit.id)


def test_a_choice_that_nobody_made_lapses_and_the_worker_rings(house: House) -> None:
    visit = opened(house)
    lapse(house, visit)
    assert house.state(visit) is VisitState.REQUESTED
    until = choice(house, visit).answer_by
    assert until is not None
    house.clock.at = until
    lapse(house, visit)
    lapse(house, visit)
    assert house.state(visit) is VisitState.LAPSED
    assert kept(house, visit) == []
    with house.reading(house.cast.karim) as work:
        asked = [one for one in follow_ups.open_follow_ups(work) if one.kind is FollowUpKind.NO_TIME_CHOSEN]
    assert [one.visit for one in asked] == [visit.id]


def test_times_kept_too_long_hold_up_nobody_though_no_job_has_run(house: House) -> None:
    visit = opened(house)
    until = choice(house, visit).answer_by
    assert until is not None
    house.clock.at = until + timedelta(seconds=1)
    with house.work(house.cast.karim) as work:
        other = inviting.request_visit(work, house.wish(wall_start=MONDAY, child=house.cast.jonas))
    assert not isinstance(other, Refused) or "R55" not in other.rules


@pytest.mark.rule("R50")
def test_what_the_policy_says_yes_to_by_itself_opens_at_once(house: House) -> None:
    publish(house, AUTOMATIC)
    accept(house)
    met_before(house)
    start = house.clock.at.replace(tzinfo=None, hour=16, minute=0, second=0, microsecond=0)
    times = tuple(start + timedelta(days=days) for days in (3, 5))
    visit = proposed(house, times=times, **together(house, asked=(house.cast.ines,)))
    assert (visit.state, choice(house, visit).automatic) == (VisitState.REQUESTED, "brothers_and_sisters")
    booked = choose(house, visit, 2, house.cast.ines)
    assert not isinstance(booked, Refused)
    assert (booked.automatic, booked.approved_by) == ("brothers_and_sisters", None)


@pytest.mark.rule("R50")
def test_a_policy_that_now_wants_a_persons_yes_books_no_choice_by_itself(house: House) -> None:
    publish(house, AUTOMATIC)
    accept(house)
    met_before(house)
    start = house.clock.at.replace(tzinfo=None, hour=16, minute=0, second=0, microsecond=0)
    times = tuple(start + timedelta(days=days) for days in (3, 5))
    visit = proposed(house, times=times, **together(house, asked=(house.cast.ines,)))
    publish(house, "title: Plain\n")
    refused = choose(house, visit, 2, house.cast.ines)
    assert isinstance(refused, Refused)
    assert refused.rules == ("R50",)
    assert house.state(visit) is VisitState.REQUESTED
    with house.reading(house.cast.karim) as work:
        asked = [one.kind for one in follow_ups.open_follow_ups(work)]
    assert FollowUpKind.NO_TIME_CHOSEN in asked


def test_a_visit_that_was_asked_for_at_one_time_is_no_choice_and_keeps_its_claims(house: House) -> None:
    """Back from the booked visit to the times that were found: the same form, sent again as a choice."""
    with house.work(house.cast.karim) as work:
        booked = inviting.request_visit(work, house.wish(wall_start=FRIDAY), visit_id="a" * 32)
    assert not isinstance(booked, Refused)
    before = kept(house, booked)
    with pytest.raises(Conflict, match="at one time already"):
        propose(house, visit_id="a" * 32)
    assert kept(house, booked) == before == [(booked.starts_at, None)]


def test_a_hold_that_is_over_spoils_no_transaction_that_only_looks(house: House) -> None:
    visit = opened(house)
    until = choice(house, visit).answer_by
    assert until is not None
    house.clock.at = until + timedelta(seconds=1)
    with house.work(house.cast.karim) as work:
        lock_everybody(work, house.wish(wall_start=MONDAY))
    assert len(kept(house, visit)) == 3
