"""Reminders are written with the booking and go with it; each person has their own."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.agency_policy.document import Document, Reminders
from contact_service.invitations.actions import inviting, stopping
from contact_service.invitations.actions.reminding import remind_all
from contact_service.notifications.message import MessageKind, OutboxState, Queued
from contact_service.people.actions import channels
from contact_service.people.channel import ChannelKind, SafeRule, SafeUse
from contact_service.people.queries.channels import channels_of
from contact_service.policy.decision import Refused
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.actions import booking
from contact_service.visits.reasons import CancelReason, DeclineReason
from contact_service.visits.visit import Visit
from tests.cast import House

HOUR = timedelta(hours=1)


def reminders(house: House, visit: Visit) -> list[Queued]:
    return [m for m in house.messages(visit) if m.kind is MessageKind.REMINDER]


def states(house: House, visit: Visit) -> set[OutboxState]:
    return {m.state for m in reminders(house, visit)}


def test_everybody_who_joins_by_link_is_reminded_a_day_and_two_hours_before(house: House) -> None:
    visit = house.approved()
    found = reminders(house, visit)
    assert {(m.person, visit.starts_at - m.due_at) for m in found} == {
        (person, before) for person in (house.cast.dana, house.cast.ines) for before in (24 * HOUR, 2 * HOUR)
    }
    assert all(m.useless_after == visit.starts_at - timedelta(minutes=15) for m in found)
    assert {m.revision for m in found} == {visit.booked_revision}


def test_nothing_is_written_before_somebody_has_approved(house: House) -> None:
    visit = house.requested()
    assert reminders(house, visit) == []
    with house.work(house.cast.priya) as work:
        booking.decline(work, visit.id, DeclineReason.NO_STAFF)
    assert reminders(house, visit) == []


def _approve_and_fail(house: House, visit: Visit) -> None:
    with house.work(house.cast.priya) as work:
        inviting.approve(work, visit.id)
        _ = 1 / 0


def test_a_booking_that_fails_leaves_no_reminder(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()

    with pytest.raises(ZeroDivisionError):
        _approve_and_fail(house, visit)
    assert house.snapshot() == before


def test_written_twice_they_are_there_once(house: House) -> None:
    visit = house.approved()
    before = house.snapshot()
    with house.as_actor(actor.SCHEDULE) as work:
        remind_all(work, visit)
    assert house.snapshot() == before


def test_a_visit_that_is_booked_an_hour_before_it_begins_has_none(house: House) -> None:
    visit = house.approved()
    with house.installation.engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
    house.clock.at = visit.starts_at - HOUR
    with house.as_actor(actor.SCHEDULE) as work:
        remind_all(work, visit)
    assert reminders(house, visit) == []


@pytest.mark.parametrize("use", [SafeUse.NEVER, SafeUse.CALL_ONLY])
def test_who_may_not_be_written_to_has_no_reminder(house: House, use: SafeUse) -> None:
    with house.work(house.cast.karim) as work:
        [email] = [c for c in channels_of(work, house.cast.dana) if c.kind is ChannelKind.EMAIL]
        channels.change_rule(work, house.cast.dana, email.id, SafeRule(use=use), confirmed=True)
    assert {m.person for m in reminders(house, house.approved())} == {house.cast.ines}


def test_cancelled_the_visit_reminds_nobody(house: House) -> None:
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    assert states(house, visit) == {OutboxState.SUPERSEDED}


def test_stopped_by_a_restriction_the_visit_reminds_nobody(house: House) -> None:
    visit = house.approved()
    new = NewRestriction(
        kind=RestrictionKind.NO_CONTACT,
        person=house.cast.dana,
        other=house.cast.mia,
        source=RestrictionSource.COURT_ORDER,
    )
    with house.work(house.cast.karim) as work:
        assert not isinstance(stopping.restrict(work, house.cast.case, new), Refused)
    assert states(house, visit) == {OutboxState.SUPERSEDED}


def test_moved_the_visit_has_new_reminders_when_it_is_approved_again(house: House) -> None:
    visit = house.approved()
    later = house.wish(wall_start=house.wish().wall_start + timedelta(days=3))
    with house.work(house.cast.karim) as work:
        inviting.change(work, visit.id, later)
    assert states(house, visit) == {OutboxState.SUPERSEDED}
    with house.work(house.cast.priya) as work:
        moved = inviting.approve(work, visit.id)
    assert not isinstance(moved, Refused)
    waiting = [m for m in reminders(house, visit) if m.state is OutboxState.QUEUED]
    assert {moved.starts_at - m.due_at for m in waiting} == {24 * HOUR, 2 * HOUR}
    assert {m.revision for m in waiting} == {moved.booked_revision}
    assert moved.booked_revision > visit.booked_revision


def test_of_two_reminders_the_earlier_one_knows_of_the_later(house: House) -> None:
    hers = [m for m in reminders(house, house.approved()) if m.person == house.cast.dana]
    assert [(a.said_again_at, b.said_again_at) for a, b in pairwise(hers)] == [(hers[1].due_at, None)]


@pytest.mark.parametrize(
    "before", [(HOUR, 2 * HOUR), (HOUR, HOUR), tuple(timedelta(hours=n) for n in (5, 4, 3, 2, 1))]
)
def test_a_policy_names_a_few_reminders_in_order(before: tuple[timedelta, ...]) -> None:
    with pytest.raises(ValueError, match="at most four reminders"):
        Reminders(before=before)
    assert Document().reminders.before == (24 * HOUR, 2 * HOUR)
