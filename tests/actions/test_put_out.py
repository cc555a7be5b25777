"""Whoever was signed out stays out of the room, whatever ticket they took before; a new sign-in comes back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.audit.events import AGENCY_CASE
from contact_service.errors import NotFound, NotSignedIn
from contact_service.identity import actions as identity
from contact_service.identity.account import ABSOLUTE_LIMIT, IDLE_LIMIT
from contact_service.identity.queries import run_out, session_id
from contact_service.jobs.sign_ins import end_sign_ins
from contact_service.protocol.link import EventKind
from contact_service.rooms.actions import put_out
from contact_service.rooms.queries import milliseconds
from contact_service.visits.visit import Visit, VisitState
from tests.actions.test_signing_in import sign_in
from tests.cast import House

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def live(house: House) -> Visit:
    return house.live()


def leg(house: House, visit: Visit) -> str | None:
    return house.visit(visit.id).watcher.leg


def ends_sign_ins(house: House) -> None:
    """Lena is signed out, and out of the room."""
    with house.work(house.cast.lena) as work:
        identity.end_all_sessions(work, house.cast.lena)
        put_out(work, house.cast.lena)


def joins(house: House, visit: Visit, number: int, issued: datetime) -> None:
    at = milliseconds(issued)
    watcher = visit.watcher.id
    house.relay(visit, EventKind.JOINED, number, participant=watcher, leg="ee" * 16, issued_at_ms=at)


def signs_in(house: House, email: str = "lena@demo.example") -> str:
    signed = sign_in(house, email)
    assert isinstance(signed, identity.SignedIn)
    return signed.token


def has_ticket(house: House, visit: Visit) -> str:
    """The cookie of a new sign-in for which Lena's ticket was signed."""
    token = signs_in(house)
    with house.work(house.cast.lena) as work:
        identity.hold_session(work, token)
        identity.note_ticket(work, token, visit.watcher.id)
    return token


def came_by(house: House, visit: Visit, number: int = 1) -> str:
    """The cookie of a new sign-in by which Lena's device came in."""
    token = has_ticket(house, visit)
    joins(house, visit, number, house.clock.at)
    assert leg(house, visit) == "ee" * 16
    return token


def told(house: House, statement: str, **values: str) -> None:
    with house.installation.engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # which would not let an account go to another agency
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.execute(text(statement), values)


def comes_first(house: House, token: str) -> None:
    """The session is the first of those that are looked at."""
    told(house, "UPDATE staff_session SET id = :first WHERE id = :id", first="0" * 64, id=session_id(token))


def ended(house: House) -> list[object]:
    """Why sign-ins were ended."""
    return [e.fields.get("reason") for e in house.entries(AGENCY_CASE) if e.type == "staff.sessions_ended"]


def seen(house: House, token: str) -> None:
    with house.work(house.cast.lena) as work:
        identity.mark_seen(work, token)


def test_a_ticket_from_before_the_end_of_a_sign_in_is_refused(house: House, live: Visit) -> None:
    issued = house.clock.at
    house.clock.forward(SECOND)
    ends_sign_ins(house)
    joins(house, live, 1, issued)
    assert leg(house, live) is None
    joins(house, live, 2, house.clock.at)  # of the very moment
    assert leg(house, live) is None
    joins(house, live, 3, house.clock.at + SECOND)
    assert leg(house, live) == "ee" * 16


def test_a_device_that_no_ticket_is_known_of_stays_out_after_a_put_out(house: House, live: Visit) -> None:
    ends_sign_ins(house)
    house.relay(live, EventKind.JOINED, 1, participant=live.watcher.id, leg="ee" * 16)
    assert leg(house, live) is None


def test_a_ticket_that_was_not_used_yet_is_void_as_well(house: House) -> None:
    visit = house.waiting()
    before = house.rooms().version
    ends_sign_ins(house)
    joins(house, visit, 1, house.clock.at - SECOND)
    assert leg(house, visit) is None
    listed = house.rooms()
    assert listed.version > before
    after = [p.tickets_after_ms for room in listed.rooms for p in room.people if p.role == "supervisor"]
    assert after == [milliseconds(house.clock.at)]


def test_nobody_asks_for_a_ticket_with_a_sign_in_that_ended(house: House, live: Visit) -> None:
    token = came_by(house, live)
    ends_sign_ins(house)
    with house.work(house.cast.lena) as work, pytest.raises(NotSignedIn):
        identity.hold_session(work, token)


def test_a_sign_in_that_nobody_used_is_over_and_out_of_the_room(house: House, live: Visit) -> None:
    came_by(house, live)
    house.clock.forward(IDLE_LIMIT - SECOND)
    end_sign_ins(house.installation)
    assert leg(house, live)
    house.clock.forward(SECOND)
    end_sign_ins(house.installation)
    assert leg(house, live) is None
    assert ended(house) == ["ran_out"]
    before = house.snapshot()
    end_sign_ins(house.installation)
    assert house.snapshot() == before


def test_whoever_watches_is_not_idle(house: House, live: Visit) -> None:
    token = came_by(house, live)
    for _ in range(20):
        house.clock.forward(MINUTE)
        seen(house, token)
        end_sign_ins(house.installation)
    assert leg(house, live)


def test_after_twelve_hours_a_sign_in_is_over_whatever_was_done_with_it(house: House, live: Visit) -> None:
    token = came_by(house, live)
    house.clock.forward(ABSOLUTE_LIMIT - SECOND)
    seen(house, token)
    end_sign_ins(house.installation)
    assert leg(house, live)
    house.clock.forward(SECOND)
    end_sign_ins(house.installation)
    assert leg(house, live) is None
    assert house.state(live) is VisitState.LIVE  # the relay, which hears of it, holds it


def test_a_sign_in_elsewhere_that_runs_out_leaves_the_room_alone(house: House, live: Visit) -> None:
    came_by(house, live)
    house.clock.forward(10 * MINUTE)
    here = came_by(house, live, 2)
    house.clock.forward(6 * MINUTE)
    seen(house, here)
    end_sign_ins(house.installation)
    assert leg(house, live)
    assert ended(house) == ["ran_out"]


def test_a_session_that_was_seen_in_the_last_moment_goes_on(house: House, live: Visit) -> None:
    token = came_by(house, live)
    house.clock.forward(IDLE_LIMIT)
    with house.as_actor(actor.SCHEDULE) as work:
        (over,) = run_out(work)
    seen(house, token)
    with house.as_actor(actor.SCHEDULE) as work:
        assert identity.end_run_out(work, over) is None
    assert leg(house, live)


def test_a_sign_in_that_never_had_a_ticket_keeps_no_other_from_being_ended(house: House, live: Visit) -> None:
    comes_first(house, signs_in(house))
    came_by(house, live)
    house.clock.forward(IDLE_LIMIT)
    end_sign_ins(house.installation)
    assert leg(house, live) is None
    assert ended(house) == ["ran_out", "ran_out"]
    with house.as_actor(actor.SCHEDULE) as work:
        assert run_out(work) == []


def test_a_sign_in_that_never_had_a_ticket_puts_nobody_out(house: House, live: Visit) -> None:
    signs_in(house)
    house.clock.forward(IDLE_LIMIT)
    end_sign_ins(house.installation)
    assert ended(house) == ["ran_out"]
    assert leg(house, live)


def test_a_sign_in_that_cannot_be_ended_keeps_no_other(house: House, live: Visit) -> None:
    comes_first(house, signs_in(house, "karim@demo.example"))
    told(house, "UPDATE staff_account SET agency = 'another' WHERE id = :id", id=house.cast.karim)
    came_by(house, live)
    house.clock.forward(IDLE_LIMIT)
    with pytest.raises(NotFound):  # said once all were tried
        end_sign_ins(house.installation)
    assert leg(house, live) is None
    assert ended(house) == ["ran_out"]


def test_a_ticket_that_was_never_used_keeps_no_room_open(house: House, live: Visit) -> None:
    came_by(house, live)
    house.clock.forward(10 * MINUTE)
    unused = has_ticket(house, live)
    house.clock.forward(6 * MINUTE)
    seen(house, unused)
    end_sign_ins(house.installation)
    assert leg(house, live) is None


def test_a_device_of_which_no_sign_in_is_known_is_put_out_by_any(house: House, live: Visit) -> None:
    first = came_by(house, live)
    issued = house.clock.at
    house.clock.forward(SECOND)
    with house.work(house.cast.lena) as work:  # its last ticket is another than the one that is used
        identity.note_ticket(work, first, live.watcher.id)
    joins(house, live, 2, issued)
    house.clock.forward(IDLE_LIMIT)
    end_sign_ins(house.installation)
    assert leg(house, live) is None


def test_a_ticket_of_the_last_moment_opens_nothing_when_its_sign_in_is_over(house: House) -> None:
    visit = house.waiting()
    token = signs_in(house)
    house.clock.forward(ABSOLUTE_LIMIT - SECOND)
    seen(house, token)
    with house.work(house.cast.lena) as work:
        identity.note_ticket(work, token, visit.watcher.id)
    issued = house.clock.at
    house.clock.forward(SECOND)
    end_sign_ins(house.installation)
    joins(house, visit, 1, issued)
    assert leg(house, visit) is None
