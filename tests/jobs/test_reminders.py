"""Reminders at the moment of sending: still true, still wanted, by day, each once, or somebody is told."""

import quopri
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import delete, text, update

from contact_service.consent.consent import ConsentState, Purpose
from contact_service.follow_ups import queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.jobs.reminders import write_missing_reminders
from contact_service.jobs.turns import once_per
from contact_service.notifications.message import MessageKind, OutboxState, Queued
from contact_service.notifications.tables import OutboxRow
from contact_service.people.channel import SafeUse
from contact_service.visits.actions import ending
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import EndReason, Visit, VisitState
from tests.actions.test_booking import withdraw_for_child
from tests.cast import House
from tests.jobs.conftest import Office, raw
from tests.jobs.test_doors import ready
from tests.jobs.test_letters import rule

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
At = tuple[Office, Post]


def reminders(house: House, visit: Visit, person: PersonId | None = None) -> list[Queued]:
    found = [m for m in house.messages(visit) if m.kind is MessageKind.REMINDER]
    return [m for m in found if person in (None, m.person)]


def arrived(keeper: Office) -> list[str]:
    """To whom a reminder came, in order."""
    soon = [e for e in keeper.taken if "Soon:" in str(message_from_bytes(raw(e))["Subject"])]
    return [e.rcpt_tos[0].partition("@")[0] for e in soon]


def to_be_rung(house: House, visit: Visit) -> list[PersonId | None]:
    with house.reading(house.cast.karim) as work:
        return [one.person for one in follow_ups.open_about(work, visit.id, FollowUpKind.NOT_REACHED)]


def test_each_person_is_reminded_twice_with_their_own_link(house: House, office: At) -> None:
    keeper, post = office
    visit = ready(house)
    for before in (24 * HOUR, 2 * HOUR):
        house.clock.at = visit.starts_at - before - MINUTE
        send_letters(house.installation, post)
        had = len(arrived(keeper))
        house.clock.forward(MINUTE)
        for _ in range(2):
            send_letters(house.installation, post)
        assert sorted(arrived(keeper)[had:]) == ["dana", "ines"]
    letter = quopri.decodestring(raw(keeper.taken[-1])).decode()
    person = house.cast.dana if "dana@" in keeper.taken[-1].rcpt_tos[0] else house.cast.ines
    assert f"/v#{house.secret(visit, person)}" in letter
    assert "Wednesday 15 May, 16:00 (BST)" in letter
    assert to_be_rung(house, visit) == []


@pytest.mark.parametrize("state", ["cancelled", "suspended", "requested"])
def test_of_a_visit_that_was_called_off_no_reminder_goes_even_if_it_still_waits(
    house: House, office: At, state: str
) -> None:
    """The row is put back by hand: the look before sending is a second lock on the same door."""
    keeper, post = office
    visit = ready(house)
    with house.work(house.cast.karim) as work:
        if state == "cancelled":
            inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
        elif state == "suspended":
            inviting.suspend(work, visit.id)
        else:
            inviting.change(work, visit.id, house.wish(wall_start=house.wish().wall_start + 24 * HOUR))
    with house.installation.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET state = 'queued' WHERE kind = 'reminder'"))
    house.clock.at = visit.starts_at - 2 * HOUR
    send_letters(house.installation, post)
    assert arrived(keeper) == []
    assert {m.state for m in reminders(house, visit)} == {OutboxState.SUPERSEDED}
    assert to_be_rung(house, visit) == []


def test_a_reminder_of_an_earlier_booking_never_goes(house: House, office: At) -> None:
    keeper, post = office
    visit = ready(house)
    with house.installation.engine.begin() as connection:
        connection.execute(update(OutboxRow).values(visit_revision=visit.booked_revision - 1))
    house.clock.at = visit.starts_at - 2 * HOUR
    send_letters(house.installation, post)
    assert arrived(keeper) == []


def test_who_has_said_no_is_not_reminded_and_the_other_is(house: House, office: At) -> None:
    keeper, post = office
    visit = ready(house)
    house.answers(house.cast.dana, Purpose.TAKE_PART, ConsentState.DECLINED)
    house.clock.at = visit.starts_at - 2 * HOUR
    send_letters(house.installation, post)
    assert arrived(keeper) == ["ines"]
    assert {m.state for m in reminders(house, visit, house.cast.dana)} <= {
        OutboxState.DROPPED, OutboxState.SUPERSEDED
    }  # fmt: skip


def test_without_the_consent_for_the_child_nobody_is_reminded(house: House, office: At) -> None:
    keeper, post = office
    visit = ready(house)
    withdraw_for_child(house)
    house.clock.at = visit.starts_at - 2 * HOUR
    send_letters(house.installation, post)
    assert arrived(keeper) == []


def test_after_a_day_of_downtime_one_reminder_goes_and_not_two(house: House, office: At) -> None:
    keeper, post = office
    visit = ready(house)
    house.clock.at = visit.starts_at - HOUR
    send_letters(house.installation, post)
    assert sorted(arrived(keeper)) == ["dana", "ines"]
    assert sorted(m.state for m in reminders(house, visit)) == ["sent", "sent", "superseded", "superseded"]


def test_too_late_it_is_never_sent_and_the_worker_is_told(house: House, office: At) -> None:
    keeper, post = office
    visit = ready(house)
    house.clock.at = visit.starts_at - 15 * MINUTE
    send_letters(house.installation, post)
    assert arrived(keeper) == []
    assert {m.state for m in reminders(house, visit)} == {OutboxState.EXPIRED}
    assert sorted(map(str, to_be_rung(house, visit))) == sorted([house.cast.dana, house.cast.ines])
    assert house.history().count("message.failed") == 4


def test_a_visit_that_is_over_when_the_jobs_come_back_is_told_of_too(house: House, office: At) -> None:
    keeper, post = office
    visit = house.live()
    house.clock.at = visit.ends_at + 24 * HOUR
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    send_letters(house.installation, post)
    assert arrived(keeper) == []
    assert house.state(visit) is VisitState.ENDED
    assert len(to_be_rung(house, visit)) == 2


def test_what_is_late_waits_for_the_morning(house: House, office: At) -> None:
    """The mail server was gone in the evening: at eleven nobody is written to."""
    keeper, post = office
    visit = ready(house)
    wall = visit.starts_at  # 16:00 in London
    with house.installation.engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox WHERE said_again_at IS NULL"))
        connection.execute(text("UPDATE outbox SET said_again_at = NULL"))
    house.clock.at = wall - 17 * HOUR  # 23:00
    send_letters(house.installation, post)
    assert arrived(keeper) == []
    assert {m.due_at for m in reminders(house, visit)} == {wall - 8 * HOUR}
    assert {m.attempts for m in reminders(house, visit)} == {0}
    house.clock.at = wall - 8 * HOUR - timedelta(seconds=1)
    send_letters(house.installation, post)
    assert arrived(keeper) == []
    house.clock.forward(timedelta(seconds=1))
    send_letters(house.installation, post)
    assert sorted(arrived(keeper)) == ["dana", "ines"]


def test_safe_hours_that_lie_in_the_night_are_no_time_to_remind_anybody(house: House, office: At) -> None:
    keeper, post = office
    rule(house, SafeUse.BETWEEN, 22 * 60, 23 * 60)
    visit = ready(house)
    house.clock.at = visit.starts_at - 2 * HOUR
    send_letters(house.installation, post)
    assert "dana" not in arrived(keeper)
    assert house.cast.dana in to_be_rung(house, visit)


def test_visits_booked_before_there_were_reminders_get_them_once(house: House) -> None:
    visit = ready(house)
    with house.installation.engine.begin() as connection:
        connection.execute(delete(OutboxRow).where(OutboxRow.kind == MessageKind.REMINDER))  # type: ignore[arg-type]
    for _ in range(2):
        once_per(house.installation, "write missing reminders", write_missing_reminders)
    assert len(reminders(house, visit)) == 4


def test_reminders_of_an_earlier_policy_stay_as_they_are(house: House) -> None:
    visit = ready(house)
    with house.installation.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET dedupe_key = id"))  # as if it had named other times
    once_per(house.installation, "write missing reminders", write_missing_reminders)
    assert len(reminders(house, visit)) == 4
