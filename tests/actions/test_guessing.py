"""A4: wrong secrets are counted, written down within bounds, told of once an hour; no good link is refused for them."""

import itertools
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.audit.events import AGENCY_CASE
from contact_service.identity.actions import add_account
from contact_service.invitations.actions import guessing, opening
from contact_service.invitations.actions.opening import Device, NotUsable, Opened
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from tests.cast import NOON, PASSWORD, House, Phone
from tests.jobs.conftest import Office, office  # noqa: F401  a fixture

PHONE = Phone()
PROXY = "127.0.0.1"


def guess(house: House, address: str, times: int = 1) -> None:
    with house.as_actor(actor.NOBODY) as work:
        for _ in range(times):
            guessing.note_unknown(work, address)


def written(house: House) -> Counter[str]:
    """How many lines of each reason there are about doors and links."""
    entries = [e for e in house.entries(AGENCY_CASE) if e.type in ("door.refused", "links.guessed")]
    return Counter(str(e.fields.get("reason") or e.type) for e in entries)


def letters(house: House) -> int:
    with house.installation.engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM outbox WHERE kind = 'links_guessed'"))
        return int(found.scalar_one())


def test_the_addresses_of_one_subscriber_are_counted_together(house: House) -> None:
    for n in range(12):
        guess(house, f"2001:db8:1:2::{n:x}")
    assert written(house) == {"unknown_link": 10, "guessing": 1}
    guess(house, "2001:db8:1:3::1")
    assert written(house)["unknown_link"] == 11


def test_an_address_is_counted_anew_each_minute(house: House) -> None:
    guess(house, "192.0.2.1", 12)
    house.clock.forward(timedelta(minutes=1))
    guess(house, "192.0.2.1", 12)
    assert written(house) == {"unknown_link": 20, "guessing": 2}


def test_an_address_that_may_be_everybodys_is_never_said_to_guess(house: House) -> None:
    guess(house, PROXY, 60)
    assert written(house) == {"unknown_link": 60}


def test_the_hundredth_wrong_secret_in_a_minute_raises_the_alarm_wherever_they_come_from(
    house: House,
) -> None:
    for n in range(99):
        guess(house, f"198.51.100.{n}")
    assert (written(house)["links.guessed"], letters(house)) == (0, 0)
    guess(house, PROXY)
    assert written(house) == {"unknown_link": 99, "links.guessed": 1}
    assert letters(house) == 1


def test_ninety_nine_in_a_minute_and_as_many_in_the_next_are_no_alarm(house: House) -> None:
    for _ in range(3):
        guess(house, PROXY, 99)
        house.clock.forward(timedelta(minutes=1))
    assert letters(house) == 0


def test_a_flood_is_a_hundred_lines_a_minute_and_one_alarm_an_hour(house: House) -> None:
    assert NOON.minute == 0
    networks = itertools.count()
    for _ in range(3):
        for _ in range(150):
            guess(house, f"2001:db8:0:{next(networks):x}::1")
        house.clock.forward(timedelta(minutes=1))
    assert written(house) == {"unknown_link": 297, "links.guessed": 1}
    assert letters(house) == 1
    house.clock.forward(timedelta(hours=1))
    guess(house, PROXY, 150)
    assert (written(house)["links.guessed"], letters(house)) == (2, 2)


def test_without_an_administrator_the_managers_are_told(house: House) -> None:
    with house.installation.engine.begin() as connection:
        connection.execute(
            text("UPDATE staff_account SET roles = 'worker' WHERE roles LIKE '%administrator%'")
        )
        managers = connection.execute(
            text("SELECT count(*) FROM staff_account WHERE roles LIKE '%approver%'")
        ).scalar_one()
    guess(house, PROXY, 100)
    assert letters(house) == managers > 0


def test_the_alarm_reaches_every_administrator_as_a_letter_without_an_address(
    house: House,
    office: tuple[Office, Post],  # noqa: F811
) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work:
        roles = (actor.Role.ADMINISTRATOR,)
        add_account(work, email="second@demo.example", name="Ade Cole", roles=roles, password=PASSWORD)
    guess(house, "203.0.113.7", 100)
    keeper, post = office
    send_letters(house.installation, post)
    assert "second@demo.example" in {one.rcpt_tos[0] for one in keeper.taken}
    assert len(keeper.taken) == letters(house) >= 1
    assert all(b"guess links" in one and b"203.0.113" not in one for one in keeper.texts())


@pytest.mark.parametrize("address", ["192.0.2.1", PROXY, "2001:db8::1", ""])
def test_a_good_link_opens_in_the_midst_of_a_flood_from_its_own_address(house: House, address: str) -> None:
    visit = house.waiting()
    secret = house.secret(visit, house.cast.dana)
    guess(house, address, 150)
    with house.as_actor(actor.NOBODY) as work:
        wrong = opening.redeem(work, "A" * 43, Device(key=PHONE.key, cookies={}, address=address))
        opened = opening.redeem(work, secret, Device(key=PHONE.key, cookies={}, address=address))
    assert wrong == NotUsable()
    assert isinstance(opened, Opened)
