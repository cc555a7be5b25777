"""Whoever may know of a visit hears that it is off: of the time they know, and not after it is on again."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from contact_service import actor
from contact_service.follow_ups import actions as asked, queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import look_after_letters, send_letters
from contact_service.notifications import actions as outbox
from contact_service.notifications.message import Fate, MessageKind, OutboxState, Result
from contact_service.people.channel import SafeUse
from contact_service.policy.decision import Refused
from contact_service.visits.actions import ending
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from tests.cast import House
from tests.jobs.conftest import Office, raw
from tests.jobs.test_letters import rule

At = tuple[Office, Post]
WEEK, MINUTE = timedelta(days=7), timedelta(minutes=1)
THIS, NEXT = "Wednesday 15 May, 16:00 (BST)", "Wednesday 22 May, 16:00 (BST)"


def read_by(keeper: Office, name: str) -> list[str]:
    """What somebody has been sent, in order: words and calendar file."""
    letters = [e for e in keeper.taken if e.rcpt_tos[0].startswith(f"{name}@")]
    parsed = [message_from_bytes(raw(one), policy=policy.default) for one in letters]
    return [
        "\n".join(str(part.get_content()) for part in one.walk() if not part.is_multipart()) for one in parsed
    ]


def changed(house: House, visit: Visit, wish: Wish) -> Visit:
    with house.work(house.cast.karim) as work:
        found = inviting.change(work, visit.id, wish)
    assert not isinstance(found, Refused), found
    return found


def approved_again(house: House, visit: Visit) -> None:
    with house.work(house.cast.priya) as work:
        assert not isinstance(inviting.approve(work, visit.id), Refused)


def cancelled(house: House, visit: Visit) -> None:
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)


def called_off(house: House, visit: Visit) -> dict[PersonId | None, OutboxState]:
    """What became of the messages that it does not take place."""
    return {m.person: m.state for m in house.messages(visit) if m.kind is MessageKind.NOT_TAKING_PLACE}


def to_ring(house: House, visit: Visit) -> list[FollowUp]:
    with house.reading(house.cast.karim) as work:
        return follow_ups.open_about(work, visit.id, FollowUpKind.NOT_REACHED)


def test_of_a_visit_that_was_moved_the_time_they_know_is_called_off(house: House, office: At) -> None:
    """And nobody hears of the new one before it is approved."""
    keeper, post = office
    visit = house.approved()
    send_letters(house.installation, post)
    changed(house, visit, house.wish(wall_start=house.wish().wall_start + WEEK))
    send_letters(house.installation, post)
    off = read_by(keeper, "dana")[-1]
    assert f"your video visit on {THIS} does not take place" in off
    assert "DTSTART:20300515T150000Z" in off.replace("\r", "")
    assert not [text for text in read_by(keeper, "dana") if NEXT in text or "20300522" in text]
    approved_again(house, visit)
    send_letters(house.installation, post)
    assert f"your video visit is on {NEXT}" in read_by(keeper, "dana")[-1]


def test_a_link_that_is_just_leaving_is_called_off_too(house: House) -> None:
    visit = house.approved()
    with house.as_actor(actor.SCHEDULE) as work:
        leaving = outbox.take_in_hand(work, most=100)
    cancelled(house, visit)
    with house.as_actor(actor.SCHEDULE) as work:
        assert {outbox.settle(work, Result(in_hand=one, fate=Fate.SENT)) for one in leaving} == {
            OutboxState.SENT
        }
    assert called_off(house, visit).keys() == {house.cast.dana, house.cast.ines}


@pytest.mark.parametrize("times", [1, 2])
def test_a_link_of_which_nobody_knows_whether_it_left_is_called_off_too(house: House, times: int) -> None:
    visit = house.approved()
    for _ in range(times):
        with house.as_actor(actor.SCHEDULE) as work:
            for one in outbox.take_in_hand(work, most=100):
                outbox.settle(work, Result(in_hand=one, fate=Fate.MAY_HAVE_LEFT))
        house.clock.forward(MINUTE)
    cancelled(house, visit)
    assert called_off(house, visit).keys() == {house.cast.dana, house.cast.ines}


def test_whom_no_link_ever_left_for_hears_nothing(house: House) -> None:
    visit = house.approved()
    cancelled(house, visit)
    assert called_off(house, visit) == {}


def test_whoever_was_rung_because_no_message_came_is_rung_again(house: House, office: At) -> None:
    """They wait for the visit as everybody else does, and have no link by which anybody would know."""
    _, post = office
    rule(house, SafeUse.NEVER)
    visit = house.approved()
    send_letters(house.installation, post)
    [ring] = to_ring(house, visit)
    with house.work(house.cast.karim) as work:
        asked.mark_done(work, ring.id, "spoken_to_them")
    cancelled(house, visit)
    send_letters(house.installation, post)
    assert [one.person for one in to_ring(house, visit)] == [house.cast.dana]


def test_whoever_is_in_the_visit_no_more_and_was_not_reached_is_to_be_rung(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved(people=(house.cast.dana, house.cast.rosa))
    send_letters(house.installation, post)
    changed(house, visit, house.wish(people=(house.cast.dana,)))
    keeper.answer = "550 no such mailbox"
    send_letters(house.installation, post)
    assert house.cast.rosa in {one.person for one in to_ring(house, visit)}


def test_that_it_does_not_take_place_is_not_said_after_it_is_on_again(house: House, office: At) -> None:
    """It waited for the mail server, and the same time was approved anew: read last, it would keep them away."""
    keeper, post = office
    visit = house.approved()
    send_letters(house.installation, post)
    with house.work(house.cast.karim) as work:
        inviting.suspend(work, visit.id)
    with house.work(house.cast.karim) as work:
        ending.ask_again(work, visit.id)
    approved_again(house, visit)
    send_letters(house.installation, post)
    look_after_letters(house.installation)
    assert f"your video visit is on {THIS}" in read_by(keeper, "dana")[-1]
    assert not [text for text in read_by(keeper, "dana") if "does not take place" in text]
    assert set(called_off(house, visit).values()) == {OutboxState.SUPERSEDED}
    assert to_ring(house, visit) == []
