"""F3, A4: a code that is read out opens once, within ten minutes; guessing one is held back, stops all, and is told."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.invitations.actions import coding
from contact_service.invitations.actions.coding import WRONG_IN_ALL, WRONG_OF_ADDRESS, redeem_code
from contact_service.invitations.actions.opening import Device, NotUsable, Opened, bind
from contact_service.invitations.reissue import Reissued, Way, digits_of, in_fours
from contact_service.notifications.message import MessageKind
from contact_service.visits.visit import Visit
from tests.actions.test_reissuing import codes, replace, replaced
from tests.cast import House, Phone

HOME, PROXY = "192.0.2.1", "127.0.0.1"


def read_out(house: House, visit: Visit) -> str:
    code = replaced(house, visit, Way.READ_OUT).code
    assert code is not None
    return code


def typed(house: House, code: str, address: str = HOME, phone: Phone | None = None) -> object:
    with house.as_actor(actor.NOBODY) as work:
        return redeem_code(work, code, Device(key=(phone or Phone()).key, cookies={}, address=address))


def wrong(code: str) -> str:
    """Another code of eight digits."""
    return f"{(int(code) + 1) % 10**8:08}"


def stored(house: House) -> list[str]:
    with house.installation.engine.connect() as connection:
        return [str(row) for row in connection.execute(text("SELECT * FROM link_code"))]


def test_it_opens_the_new_link_once_on_the_device_on_which_it_is_typed(house: House) -> None:
    visit = house.waiting()
    old = house.secret(visit, house.cast.dana)
    code = read_out(house, visit)
    opened = typed(house, in_fours(code))
    assert isinstance(opened, Opened)
    assert opened.cookie
    assert opened.invitation.id == house.invitation(visit, house.cast.dana).id
    assert isinstance(typed(house, code), NotUsable)
    assert stored(house) == []
    assert house.secret(visit, house.cast.dana) != old


def test_after_ten_minutes_it_opens_nothing(house: House) -> None:
    code = read_out(house, house.waiting())
    house.clock.forward(timedelta(minutes=10))
    assert isinstance(typed(house, code), NotUsable)


def test_only_a_keyed_hash_is_stored(house: House) -> None:
    code = read_out(house, house.waiting())
    assert len(stored(house)) == 1
    assert code not in stored(house)[0]


def test_a_second_code_for_the_same_person_ends_the_first(house: House) -> None:
    visit = house.waiting()
    first, second = read_out(house, visit), read_out(house, visit)
    assert isinstance(typed(house, first), NotUsable)
    assert isinstance(typed(house, second), Opened)


def test_a_link_that_is_replaced_once_more_takes_its_code_with_it(house: House) -> None:
    visit = house.waiting()
    code = read_out(house, visit)
    replaced(house, visit, Way.SENT)
    assert stored(house) == []
    assert isinstance(typed(house, code), NotUsable)


@pytest.mark.parametrize(
    ("what", "digits"),
    [
        ("1234 5678", "12345678"),
        ("1234-5678 ", "12345678"),
        ("١٢٣٤ ٥٦٧٨", "12345678"),
        ("۱۲۳۴۵۶۷۸", "12345678"),
        ("1234 567", None),
        ("123456789", None),
        ("1234567x", None),
        ("²²²²²²²²", None),
        ("", None),
    ],
)
def test_a_code_is_read_as_people_type_it(what: str, digits: str | None) -> None:
    assert digits_of(what) == digits


# ---- guessing


def test_an_address_that_guesses_is_not_listened_to_even_with_the_right_code(house: House) -> None:
    code = read_out(house, house.waiting())
    for _ in range(WRONG_OF_ADDRESS):
        assert isinstance(typed(house, wrong(code)), NotUsable)
    assert isinstance(typed(house, code), NotUsable)
    assert isinstance(typed(house, code, "198.51.100.7"), Opened)


def test_the_addresses_of_one_subscriber_are_one(house: House) -> None:
    code = read_out(house, house.waiting())
    for n in range(WRONG_OF_ADDRESS):
        typed(house, wrong(code), f"2001:db8:1:2::{n:x}")
    assert isinstance(typed(house, code, "2001:db8:1:2::ffff"), NotUsable)


def test_one_home_line_of_256_networks_cannot_stop_every_code(house: House) -> None:
    code = read_out(house, house.waiting())
    for n in range(WRONG_IN_ALL + 2):
        assert isinstance(typed(house, wrong(code), f"2001:db8:1:{n:x}::1"), NotUsable)
    assert len(stored(house)) == 1
    assert isinstance(typed(house, code, "2001:db8:1:ff::1"), NotUsable)
    assert isinstance(typed(house, code, "2001:db8:1:100::1"), Opened)


def test_a_right_code_does_not_count_as_a_wrong_one(house: House) -> None:
    visit = house.waiting()
    for _ in range(WRONG_OF_ADDRESS + 2):
        assert isinstance(typed(house, read_out(house, visit)), Opened)


def test_an_hour_later_an_address_is_listened_to_again(house: House) -> None:
    visit = house.waiting()
    house.clock.at = visit.starts_at - timedelta(minutes=5)
    for _ in range(WRONG_OF_ADDRESS + 1):
        typed(house, "00000000")
    house.clock.at = visit.starts_at + timedelta(minutes=5)
    assert isinstance(typed(house, read_out(house, visit)), Opened)


def flood(house: House, code: str) -> None:
    for n in range(WRONG_IN_ALL):
        assert isinstance(typed(house, wrong(code), f"2001:db8:{n:x}::1"), NotUsable)


def test_a_flood_from_many_stops_every_code_and_tells_who_read_it_out(house: House) -> None:
    visit = house.waiting()
    code = read_out(house, visit)
    flood(house, code)
    assert stored(house) == []
    assert isinstance(typed(house, code, "198.51.100.7"), NotUsable)
    told = [m for m in house.messages(visit) if m.kind is MessageKind.CODE_STOPPED]
    assert [one.account for one in told] == [house.cast.karim]
    assert "invitation.code_stopped" in house.history()


def test_until_the_hour_is_over_no_code_is_made_and_a_link_can_still_be_sent(house: House) -> None:
    visit = house.waiting()
    flood(house, read_out(house, visit))
    assert codes(replace(house, visit, way=Way.READ_OUT)) == {"codes_guessed"}
    replaced(house, visit, Way.SENT)


def test_whoever_comes_through_a_proxy_of_everybody_counts_in_all_alone(house: House) -> None:
    code = read_out(house, house.waiting())
    for _ in range(WRONG_IN_ALL - 1):
        typed(house, wrong(code), PROXY)
    assert isinstance(typed(house, code, PROXY), Opened)


# ---- races


def test_a_code_typed_while_its_link_is_replaced_opens_or_does_not_and_nobody_fails_ten_times(
    house: House,
) -> None:
    visit = house.waiting()
    for _ in range(10):
        code, before = read_out(house, visit), house.invitation(visit, house.cast.dana).generation
        with ThreadPoolExecutor(2) as pool:
            opening = pool.submit(typed, house, code)
            making = pool.submit(replace, house, visit)
            opened, made = opening.result(timeout=60), making.result(timeout=60)
        assert isinstance(made, Reissued)
        assert isinstance(opened, Opened | NotUsable)
        now = house.invitation(visit, house.cast.dana)
        assert (now.generation, now.device_key) == (before + 1, "")
        assert stored(house) == []


def test_a_replacement_in_the_midst_of_the_typing_of_a_code_waits_and_neither_fails(house: House) -> None:
    visit = house.waiting()
    code = read_out(house, visit)
    link = house.invitation(visit, house.cast.dana)
    with ThreadPoolExecutor(1) as pool:
        with house.as_actor(actor.NOBODY) as work:
            assert coding._standing(work, code) is not None
            making = pool.submit(replace, house, visit)
            time.sleep(0.5)  # until it waits for the code
            device = Device(key=Phone().key, cookies={}, address=HOME)
            assert isinstance(bind(work, link, device), Opened)
        assert isinstance(making.result(timeout=60), Reissued)
    assert house.invitation(visit, house.cast.dana).device_key == ""


@pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)
def test_a_new_code_does_not_wait_for_one_that_is_over_and_typed_just_now(house: House) -> None:
    visit = house.waiting()
    over = read_out(house, visit)
    house.clock.forward(timedelta(minutes=10))
    with ThreadPoolExecutor(1) as pool, house.as_actor(actor.NOBODY) as work:
        assert coding._standing(work, over) is not None
        making = pool.submit(replace, house, visit, house.cast.ines, Way.READ_OUT)
        assert isinstance(making.result(timeout=30), Reissued)
    assert len(stored(house)) == 2


def test_a_refused_replacement_leaves_the_code_as_it_was(house: House) -> None:
    visit = house.waiting()
    code = read_out(house, visit)
    assert codes(replace(house, visit, known_by=None)) == {"not_identified"}
    assert isinstance(typed(house, code), Opened)


def test_codes_are_drawn_from_all_eight_digits(house: House) -> None:
    with house.work(house.cast.karim) as work:
        drawn = {coding._unused(work) for _ in range(200)}
        work.session.rollback()
    assert len(drawn) == 200
    assert all(len(one) == 8 and one.isascii() and one.isdigit() for one in drawn)
