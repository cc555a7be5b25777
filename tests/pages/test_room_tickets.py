"""Which sign-in holds a room open: the one by whose ticket the device came in, and no other."""

from datetime import datetime, timedelta

import pytest

from contact_service.identity.account import IDLE_LIMIT
from contact_service.jobs.sign_ins import end_sign_ins
from contact_service.protocol.link import EventKind
from contact_service.rooms.queries import milliseconds
from contact_service.visits.visit import Visit
from tests.cast import House
from tests.pages.conftest import Browser, SignIn

MINUTE = timedelta(minutes=1)
LATER = datetime(2030, 5, 22, 16, 0)  # noqa: DTZ001  wall time


@pytest.fixture
def another(house: House) -> Visit:
    """A visit that Lena watches a week later."""
    return house.approved(wall_start=LATER)


@pytest.fixture
def live(house: House, another: Visit) -> Visit:  # noqa: ARG001  booked before, with its notice
    return house.live()


def asks(one: Browser, visit: Visit) -> int:
    """Ask for a ticket as the script of the room does."""
    answer = one.send(f"/w/visit/{visit.id}/room/ticket", {}, x_csrf=one.csrf("/w/account"))
    return answer.status_code


def comes_in(house: House, one: Browser, visit: Visit, number: int) -> None:
    """The device of this browser is in the room; its leg is named by ``number``."""
    assert asks(one, visit) == 200
    issued = milliseconds(house.clock.at)
    house.relay(
        visit,
        EventKind.JOINED,
        number,
        participant=visit.watcher.id,
        leg=f"{number:032x}",
        issued_at_ms=issued,
    )
    assert leg(house, visit) == f"{number:032x}"


def leg(house: House, visit: Visit) -> str | None:
    return house.visit(visit.id).watcher.leg


def test_a_ticket_that_was_refused_keeps_no_room_open(
    house: House, live: Visit, another: Visit, signed_in: SignIn
) -> None:
    comes_in(house, signed_in("lena"), live, 1)
    house.clock.forward(IDLE_LIMIT - MINUTE)
    assert asks(signed_in("lena"), another) == 409
    end_sign_ins(house.installation)
    assert leg(house, live)
    house.clock.forward(MINUTE)
    end_sign_ins(house.installation)
    assert leg(house, live) is None


def test_a_ticket_to_another_room_keeps_this_one_not_open(
    house: House, live: Visit, another: Visit, signed_in: SignIn
) -> None:
    comes_in(house, signed_in("lena"), live, 1)
    other = house.opened(another)
    here = signed_in("lena")
    comes_in(house, here, other, 2)
    house.clock.forward(MINUTE)
    end_sign_ins(house.installation)
    assert leg(house, live) is None
    assert leg(house, other)  # and the other room loses nobody


def test_whoever_took_the_room_over_with_a_newer_sign_in_stays(
    house: House, live: Visit, signed_in: SignIn
) -> None:
    comes_in(house, signed_in("lena"), live, 1)
    house.clock.forward(IDLE_LIMIT - MINUTE)
    comes_in(house, signed_in("lena"), live, 2)
    house.clock.forward(MINUTE)
    end_sign_ins(house.installation)
    assert leg(house, live)
    house.clock.forward(IDLE_LIMIT)
    end_sign_ins(house.installation)
    assert leg(house, live) is None
