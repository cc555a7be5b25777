"""People say by their link that they come, or that they cannot and would at another time; nothing moves by itself."""

from datetime import datetime, timedelta

import pytest

from contact_service import actor
from contact_service.audit.events import EventType
from contact_service.claims.queries import claims_of
from contact_service.errors import NotFound
from contact_service.follow_ups import queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import replying
from contact_service.proposals.proposal import Answer, ChoiceOver, WhyNot
from contact_service.proposals.queries import replies_to
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import read
from tests.actions.test_doubts import publish
from tests.cast import House
from tests.proposals.helpers import FRIDAY, MONDAY

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY_AT_FOUR = datetime.fromisoformat("2030-05-20T15:00+00:00")


@pytest.fixture
def visit(house: House) -> Visit:
    """Mia and Dana on Friday at four, three days ahead."""
    return house.approved(wall_start=FRIDAY)


def says(
    house: House, visit: Visit, said: Answer, why: WhyNot | None = None, who: PersonId | None = None
) -> None:
    with house.as_family(who or house.cast.dana) as work:
        replying.answer(work, visit.id, said, why)


def wants(house: House, visit: Visit, at: datetime = MONDAY_AT_FOUR) -> Refused | None:
    with house.as_family(house.cast.dana) as work:
        return replying.ask_other_time(work, visit.id, at)


def to_do(house: House, kind: FollowUpKind) -> list[FollowUp]:
    with house.reading(house.cast.karim) as work:
        return [one for one in follow_ups.open_follow_ups(work) if one.kind is kind]


def kept(house: House, visit: Visit) -> list[tuple[datetime, datetime | None]]:
    with read(house.installation, actor.SCHEDULE) as work:
        found = [one for one in claims_of(work, visit.id) if one.span.who == house.cast.mia]
    return sorted((one.span.starts_at, one.held_until) for one in found)


def test_who_cannot_come_is_a_task_for_the_worker_and_the_visit_stands(house: House, visit: Visit) -> None:
    says(house, visit, Answer.CANNOT, WhyNot.ILL)
    says(house, visit, Answer.CANNOT, WhyNot.ILL)
    assert house.state(visit) is VisitState.APPROVED
    [task] = to_do(house, FollowUpKind.CANNOT_COME)
    assert (task.visit, task.person) == (visit.id, house.cast.dana)
    assert task.due_at == house.clock.at + DAY
    with house.reading(house.cast.karim) as work:
        reply = replies_to(work, visit)[house.cast.dana]
    assert (reply.answer, reply.why, reply.wants) == (Answer.CANNOT, WhyNot.ILL, None)
    assert house.history().count(EventType.INVITATION_ANSWERED) == 2


def test_who_thinks_again_and_comes_takes_the_task_away_and_who_then_cannot_makes_another(
    house: House, visit: Visit
) -> None:
    says(house, visit, Answer.CANNOT)
    says(house, visit, Answer.COMING)
    assert to_do(house, FollowUpKind.CANNOT_COME) == []
    says(house, visit, Answer.CANNOT)
    assert len(to_do(house, FollowUpKind.CANNOT_COME)) == 1


def test_another_time_is_kept_for_a_day_besides_the_booked_one(house: House, visit: Visit) -> None:
    says(house, visit, Answer.CANNOT, WhyNot.WORK)
    assert wants(house, visit) is None
    until = house.clock.at + DAY
    assert kept(house, visit) == [(visit.starts_at, None), (MONDAY_AT_FOUR, until)]
    with house.reading(house.cast.karim) as work:
        reply = replies_to(work, visit)[house.cast.dana]
    assert reply.wants == (MONDAY_AT_FOUR, MONDAY_AT_FOUR + timedelta(minutes=30))
    assert (reply.why, reply.kept_until) == (WhyNot.WORK, until)
    assert EventType.OTHER_TIME_ASKED in house.history()


def test_the_worker_moves_the_visit_to_the_time_that_was_kept_and_all_is_one_claim_again(
    house: House, visit: Visit
) -> None:
    says(house, visit, Answer.CANNOT)
    wants(house, visit)
    with house.work(house.cast.karim) as work:
        moved = inviting.change(work, visit.id, house.wish(wall_start=MONDAY))
    assert not isinstance(moved, Refused)
    assert kept(house, moved) == [(MONDAY_AT_FOUR, None)]
    assert to_do(house, FollowUpKind.CANNOT_COME) == []


def test_a_time_kept_for_somebody_holds_up_others_only_so_long(house: House, visit: Visit) -> None:
    says(house, visit, Answer.CANNOT)
    wants(house, visit)

    def asks() -> Refused | Visit:
        with house.work(house.cast.karim) as work:
            return inviting.request_visit(work, house.wish(child=house.cast.jonas, wall_start=MONDAY))

    first = asks()
    assert isinstance(first, Refused)
    assert "R55" in first.rules
    house.clock.forward(DAY)
    second = asks()
    assert not isinstance(second, Refused) or "R55" not in second.rules


def test_who_said_nothing_or_comes_asks_for_no_other_time(house: House, visit: Visit) -> None:
    with pytest.raises(ChoiceOver):
        wants(house, visit)
    says(house, visit, Answer.COMING)
    with pytest.raises(ChoiceOver):
        wants(house, visit)


def test_a_time_that_cannot_be_is_refused_with_its_rule_and_nothing_is_kept(
    house: House, visit: Visit
) -> None:
    says(house, visit, Answer.CANNOT)
    refused = wants(house, visit, MONDAY_AT_FOUR + 8 * HOUR)
    assert isinstance(refused, Refused)
    assert "R28" in refused.rules
    assert kept(house, visit) == [(visit.starts_at, None)]
    soon = wants(house, visit, house.clock.at + 2 * HOUR)
    assert isinstance(soon, Refused)
    assert "R5" in soon.rules


def test_so_many_other_times_as_the_policy_allows(house: House, visit: Visit) -> None:
    says(house, visit, Answer.CANNOT)
    wants(house, visit)
    with pytest.raises(ChoiceOver):
        wants(house, visit, MONDAY_AT_FOUR + DAY)
    assert len(kept(house, visit)) == 2


def test_not_too_late(house: House, visit: Visit) -> None:
    house.clock.at = visit.starts_at - DAY
    says(house, visit, Answer.CANNOT)
    with pytest.raises(ChoiceOver):
        wants(house, visit)
    assert len(to_do(house, FollowUpKind.CANNOT_COME)) == 1


def test_nobody_answers_to_a_visit_that_was_called_off_or_has_begun(house: House, visit: Visit) -> None:
    house.clock.at = visit.starts_at
    with pytest.raises(ChoiceOver):
        says(house, visit, Answer.COMING)
    house.clock.at = visit.starts_at - DAY
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.STAFF_UNAVAILABLE)
    with pytest.raises((ChoiceOver, NotFound)):
        says(house, visit, Answer.COMING)
    with pytest.raises(NotFound):
        says(house, visit, Answer.COMING, who=house.cast.rosa)


def test_an_answer_to_the_visit_as_it_was_is_none_to_the_visit_as_it_is(house: House, visit: Visit) -> None:
    says(house, visit, Answer.COMING)
    with house.work(house.cast.karim) as work:
        inviting.change(work, visit.id, house.wish(wall_start=MONDAY))
    with house.work(house.cast.priya) as work:
        inviting.approve(work, visit.id)
    with house.reading(house.cast.karim) as work:
        assert replies_to(work, house.visit(visit.id)) == {}


def silence(house: House, visit: Visit) -> list[str]:
    with house.as_actor(actor.SCHEDULE) as work:
        replying.ask_for_the_silent(work, visit.id)
    return sorted(str(one.person) for one in to_do(house, FollowUpKind.NOT_CONFIRMED))


def test_whoever_has_not_said_that_they_come_in_time_is_rung_once_and_never_the_child(
    house: House, visit: Visit
) -> None:
    publish(house, "title: Confirm\nfamily:\n  confirm_before: 24 h\n")
    says(house, visit, Answer.COMING, who=house.cast.ines)
    assert silence(house, visit) == []
    house.clock.at = visit.starts_at - DAY
    assert silence(house, visit) == [house.cast.dana]
    assert silence(house, visit) == [house.cast.dana]
    says(house, visit, Answer.COMING)
    assert silence(house, visit) == []


def test_without_a_cut_off_in_the_policy_nobody_is_rung(house: House, visit: Visit) -> None:
    house.clock.at = visit.starts_at - HOUR
    assert silence(house, visit) == []


def test_what_one_asks_for_stands_when_another_answers_or_they_say_it_once_more(
    house: House, visit: Visit
) -> None:
    says(house, visit, Answer.CANNOT)
    wants(house, visit)
    says(house, visit, Answer.COMING, who=house.cast.ines)
    says(house, visit, Answer.CANNOT, WhyNot.ILL)
    assert len(kept(house, visit)) == 2
    with house.reading(house.cast.karim) as work:
        reply = replies_to(work, visit)[house.cast.dana]
    assert (reply.why, reply.wants and reply.wants[0]) == (WhyNot.ILL, MONDAY_AT_FOUR)
    says(house, visit, Answer.COMING)
    assert kept(house, visit) == [(visit.starts_at, None)]
