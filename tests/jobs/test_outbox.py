"""Who has a message in hand may say what became of it, and nobody else; what nobody said is decided by its kind."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contact_service import actor
from contact_service.follow_ups import actions as asked, queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.invitations.actions import inviting, stopping
from contact_service.jobs import letters
from contact_service.jobs.carriers import Carriers
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import look_after_letters, send_letters
from contact_service.notifications import actions as outbox
from contact_service.notifications.message import (
    MOST_ATTEMPTS,
    WHEN_UNKNOWN,
    Fate,
    InHand,
    MessageKind,
    OutboxState,
    Queued,
    Result,
)
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource, StopReason
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from tests.cast import House
from tests.jobs.conftest import Office
from tests.jobs.test_letters import states

At = tuple[Office, Post]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def take(house: House, most: int = 100) -> list[InHand]:
    with house.as_actor(actor.SCHEDULE) as work:
        return outbox.take_in_hand(work, most=most)


def settle(house: House, in_hand: InHand, fate: Fate = Fate.SENT) -> OutboxState | None:
    with house.as_actor(actor.SCHEDULE) as work:
        return outbox.settle(work, Result(in_hand=in_hand, fate=fate))


def of_kind(house: House, visit: Visit, kind: MessageKind) -> list[Queued]:
    return [m for m in house.messages(visit) if m.kind is kind]


def to_ring(house: House, visit: Visit) -> int:
    with house.reading(house.cast.karim) as work:
        return len(follow_ups.open_about(work, visit.id, FollowUpKind.NOT_REACHED))


def without_a_word(house: House) -> None:
    """Somebody takes everything that is due in hand, and is never heard of again; its minute passes."""
    take(house)
    house.clock.forward(MINUTE)


def test_every_kind_says_what_is_done_when_nobody_knows() -> None:
    assert set(WHEN_UNKNOWN) == set(MessageKind)


def test_whoever_was_late_changes_nothing(house: House) -> None:
    """Stopped for ten minutes, another process has sent it meanwhile; then the first goes on."""
    house.requested()
    [first] = take(house)
    house.clock.forward(10 * MINUTE)
    look_after_letters(house.installation)
    [second] = take(house)
    assert second.fence == first.fence + 1
    before = house.snapshot()
    assert settle(house, first, Fate.GIVEN_UP) is None
    assert house.snapshot() == before
    assert settle(house, second) is OutboxState.SENT
    assert settle(house, first, Fate.GIVEN_UP) is None
    assert settle(house, second) is None


def test_what_is_in_hand_is_nobody_elses(house: House) -> None:
    house.approved()
    with ThreadPoolExecutor(4) as threads:
        taken = [one.id for several in threads.map(lambda _: take(house, 2), range(4)) for one in several]
    assert len(taken) == len(set(taken)) == 4
    house.clock.forward(MINUTE - timedelta(seconds=1))
    look_after_letters(house.installation)
    assert states(house)["sending"] == 4


@pytest.mark.parametrize(("by_clock", "seconds"), [(timedelta(seconds=30), 0.0), (timedelta(0), 30.0)])
def test_whoever_is_late_does_not_hand_over(
    house: House, office: At, by_clock: timedelta, seconds: float
) -> None:
    """Late by the clock on the wall, or by one that nobody sets: the other may just have been set back."""
    keeper, post = office
    house.requested()
    [mine] = take(house)
    house.clock.forward(by_clock)
    with Carriers(post) as carriers:
        result = letters._send(house.installation, post, carriers, mine, time.monotonic() - seconds)
    assert (result.fate, keeper.offered) == (Fate.NOT_TRIED, 0)


def test_a_message_that_another_process_took_over_is_not_handed_over(house: House, office: At) -> None:
    keeper, post = office
    house.requested()
    [mine] = take(house)
    house.clock.forward(MINUTE)
    look_after_letters(house.installation)
    take(house)
    house.clock.forward(-HOUR)  # somebody sets the clock back: by it, the minute is not over
    with Carriers(post) as carriers:
        result = letters._send(house.installation, post, carriers, mine, time.monotonic())
    assert (result.fate, keeper.offered) == (Fate.NOT_TRIED, 0)


def cancelled(house: House) -> Visit:
    visit = house.approved()
    house.deliver(visit)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    return visit


def reminded(house: House) -> Visit:
    visit = house.approved()
    house.deliver(visit)
    house.clock.at = visit.starts_at - 2 * HOUR
    return visit


@pytest.mark.parametrize(
    ("made", "kind", "times"),
    [(reminded, MessageKind.REMINDER, 1), (cancelled, MessageKind.NOT_TAKING_PLACE, MOST_ATTEMPTS - 1)],
)
def test_what_may_have_left_goes_again_as_often_as_its_kind_allows(
    house: House, made: Callable[[House], Visit], kind: MessageKind, times: int
) -> None:
    visit = made(house)
    for _ in range(times):
        without_a_word(house)
        look_after_letters(house.installation)
        assert {m.state for m in of_kind(house, visit, kind)} == {OutboxState.QUEUED}
    assert to_ring(house, visit) == 0
    without_a_word(house)
    look_after_letters(house.installation)
    assert {m.state for m in of_kind(house, visit, kind)} == {OutboxState.UNKNOWN}
    assert to_ring(house, visit) == 2


def test_a_notice_of_a_stop_that_may_have_left_is_for_a_person(house: House, office: At) -> None:
    new = NewRestriction(
        kind=RestrictionKind.SUSPENDED,
        person=house.cast.dana,
        other=house.cast.mia,
        source=RestrictionSource.AGENCY_DECISION,
        reason=StopReason.SAFETY,
    )
    with house.work(house.cast.karim) as work:
        stopping.restrict(work, house.cast.case, new)
    without_a_word(house)
    look_after_letters(house.installation)
    keeper, post = office
    send_letters(house.installation, post)
    assert (keeper.offered, states(house)) == (0, {"unknown": 1})
    with house.reading(house.cast.karim) as work:
        asked = [f for f in follow_ups.open_follow_ups(work) if f.kind is FollowUpKind.NOT_REACHED]
    assert [one.person for one in asked] == [house.cast.dana]


def test_what_goes_again_keeps_its_name(house: House, office: At) -> None:
    """The server took it, and the process died before it could say so."""
    keeper, post = office
    house.requested()
    [mine] = take(house)
    with Carriers(post) as carriers:
        letters._send(house.installation, post, carriers, mine, time.monotonic())
    house.clock.forward(MINUTE)
    look_after_letters(house.installation)
    send_letters(house.installation, post)
    names = {text.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for text in keeper.texts()}
    assert (len(keeper.taken), len(names)) == (2, 1)
    assert states(house) == {"sent": 1}


def test_hours_without_a_mail_server_use_up_no_attempt(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    gone = replace(post, server=replace(post.server, port=1))
    for _ in range(40):
        house.clock.forward(10 * MINUTE)
        send_letters(house.installation, gone)
    assert {m.attempts for m in house.messages(visit)} == {0}
    send_letters(house.installation, post)
    assert states(house)["sent"] == len(keeper.taken) >= 4


def test_what_has_waited_for_an_hour_is_told_while_there_is_time_and_taken_back_when_it_leaves(
    house: House, office: At
) -> None:
    _, post = office
    visit = house.approved()
    house.clock.forward(HOUR)
    look_after_letters(house.installation)
    assert to_ring(house, visit) == 0
    house.clock.forward(timedelta(seconds=1))
    for _ in range(2):
        look_after_letters(house.installation)
    assert to_ring(house, visit) == 2
    send_letters(house.installation, post)
    assert to_ring(house, visit) == 0


def test_the_worker_is_written_to_once_for_a_booking(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    keeper.answer = "550 no such person"
    send_letters(house.installation, post)
    assert len(of_kind(house, visit, MessageKind.NOT_REACHED)) == 1
    assert to_ring(house, visit) == 2
    with house.reading(house.cast.karim) as work:
        [first, _] = follow_ups.open_about(work, visit.id, FollowUpKind.NOT_REACHED)
    assert house.clock.at < first.due_at <= visit.starts_at - HOUR


def test_asked_again_after_it_failed_again(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    keeper.answer = "550 no such person"
    send_letters(house.installation, post)
    with house.work(house.cast.karim) as work:
        for one in follow_ups.open_about(work, visit.id, FollowUpKind.NOT_REACHED):
            asked.mark_done(work, one.id, "sent_again")
        outbox.send_again(work, visit.id)
    house.clock.forward(MINUTE)
    send_letters(house.installation, post)
    assert to_ring(house, visit) == 2


def test_what_cannot_be_written_down_of_one_sends_no_other_again(house: House, office: At) -> None:
    keeper, post = office
    first = of_kind(house, reminded(house), MessageKind.INVITATION)[0]
    visit = house.approved(wall_start=house.wish().wall_start + timedelta(days=7))
    bad = of_kind(house, visit, MessageKind.INVITATION)[0]
    with house.installation.engine.begin() as connection:
        # The database itself says no: of these two, one alone may be sent.
        where = f"state = 'sent' AND id IN ('{first.id}', '{bad.id}')"
        connection.execute(text(f"CREATE UNIQUE INDEX one ON outbox (state) WHERE {where}"))
    with pytest.raises(IntegrityError):
        send_letters(house.installation, post)
    assert keeper.offered > 1
    assert states(house)["sending"] == 1


def test_a_message_that_cannot_be_written_keeps_no_other_waiting(
    house: House, office: At, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keeper, post = office
    visit = house.approved()
    some = tmp_path_factory.mktemp("messages")
    for path in post.messages_dir.glob("*.txt"):
        if not path.name.startswith("invitation"):
            (some / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    send_letters(house.installation, replace(post, messages_dir=some))
    assert len(keeper.taken) == 2  # the staff's
    assert {m.state for m in of_kind(house, visit, MessageKind.INVITATION)} == {OutboxState.QUEUED}
    house.clock.forward(MINUTE)
    send_letters(house.installation, post)
    assert len(keeper.taken) == 4
