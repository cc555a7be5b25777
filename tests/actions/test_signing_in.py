"""Passwords, sessions and what a guesser learns: nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.actor import Role
from contact_service.audit.events import AGENCY_CASE
from contact_service.errors import BadInput, NotSignedIn
from contact_service.factors.actions import signing_in
from contact_service.factors.actions.signing_in import HalfSignedIn
from contact_service.identity import actions as identity, queries
from contact_service.identity.account import ABSOLUTE_LIMIT, IDLE_LIMIT, parse_roles
from contact_service.identity.actions import SignedIn, SignInRefused
from contact_service.identity.network import network_of
from contact_service.identity.passwords import check_password
from contact_service.work import read
from tests.cast import PASSWORD, House


def typed(house: House, email: str, password: str, address: str) -> SignedIn | HalfSignedIn | SignInRefused:
    """Somebody types an address and a password, as the page does it: asked, checked, proved."""
    with house.as_actor(actor.NOBODY) as work:
        asked = identity.ask_password(work, email=email, address=address)
    if isinstance(asked, SignInRefused):
        return asked
    right = asked.is_right(password)
    with house.as_actor(actor.NOBODY) as work:
        return signing_in.sign_in(work, asked, right=right, address=address)


def sign_in(
    house: House, email: str = "karim@demo.example", password: str = PASSWORD, address: str = "192.0.2.1"
) -> SignedIn | HalfSignedIn | SignInRefused:
    return typed(house, email, password, address)


def token(house: House) -> str:
    result = sign_in(house, email=" Karim@Demo.example ")
    assert isinstance(result, SignedIn)
    return result.token


def session(house: House, cookie: str) -> queries.StaffSession:
    with read(house.installation, actor.NOBODY) as work:
        return queries.session_for(work, cookie)


def test_a_right_password_starts_a_session_and_stores_no_token(house: House) -> None:
    cookie = token(house)
    assert session(house, cookie).account.id == house.cast.karim
    with house.installation.engine.connect() as connection:
        assert cookie not in repr(connection.execute(text("SELECT * FROM staff_session")).all())
    assert house.entries(AGENCY_CASE)[-1].type == "staff.signed_in"


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(house: House) -> None:
    wrong, unknown = sign_in(house, password="wrong " * 3), sign_in(house, email="nobody@demo.example")
    assert isinstance(wrong, SignInRefused)
    assert wrong == unknown
    assert [e.type for e in house.entries(AGENCY_CASE)[-2:]] == ["staff.sign_in_failed"] * 2


def test_a_disabled_account_is_out_at_once_and_stays_out(house: House) -> None:
    cookie = token(house)
    with house.installation.engine.begin() as connection:
        connection.execute(
            text("UPDATE staff_account SET disabled_at = '2030-01-01 00:00:00' WHERE id = :id"),
            {"id": house.cast.karim},
        )
    with pytest.raises(NotSignedIn):
        session(house, cookie)
    assert isinstance(sign_in(house), SignInRefused)


def test_an_idle_session_ends(house: House) -> None:
    cookie = token(house)
    house.clock.forward(IDLE_LIMIT - timedelta(seconds=1))
    assert session(house, cookie).account.id == house.cast.karim
    house.clock.forward(timedelta(seconds=1))
    with pytest.raises(NotSignedIn):
        session(house, cookie)


def test_a_busy_session_ends_after_twelve_hours(house: House) -> None:
    cookie = token(house)
    started = house.clock.at
    while house.clock.at + IDLE_LIMIT / 2 < started + ABSOLUTE_LIMIT:
        house.clock.forward(IDLE_LIMIT / 2)
        with house.as_actor(actor.COMMAND_LINE) as work:
            identity.mark_seen(work, cookie)
    assert session(house, cookie).account.id == house.cast.karim
    house.clock.at = started + ABSOLUTE_LIMIT
    with pytest.raises(NotSignedIn):
        session(house, cookie)


def test_signing_out_ends_the_session_once(house: House) -> None:
    cookie = token(house)
    for _ in range(2):
        with house.work(house.cast.karim) as work:
            identity.sign_out(work, cookie)
    with pytest.raises(NotSignedIn):
        session(house, cookie)


@pytest.mark.parametrize("cookie", ["", "x", "\0", "é" * 40])
def test_an_unknown_cookie_is_no_session(house: House, cookie: str) -> None:
    with pytest.raises(NotSignedIn):
        session(house, cookie)


@pytest.mark.slow
def test_guessing_is_slowed_for_the_guesser_alone(house: House) -> None:
    for _ in range(identity.ATTEMPTS_PER_WINDOW):
        sign_in(house, password="wrong " * 3)
    refused = sign_in(house)
    assert isinstance(refused, SignInRefused)
    assert "one minute" in refused.message
    assert isinstance(sign_in(house, address="192.0.2.2"), SignedIn)
    assert isinstance(sign_in(house, email="lena@demo.example"), SignedIn)
    house.clock.forward(timedelta(minutes=1))
    assert isinstance(sign_in(house), SignedIn)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::4", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_attempts_count_by_the_network_that_one_subscriber_holds(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.slow
def test_an_address_gets_a_hundred_wrong_passwords_an_hour_whoever_they_are_of(house: House) -> None:
    for number in range(identity.FAILURES_PER_ADDRESS):
        refused = sign_in(house, email=f"{number}@demo.example", address=f"2001:db8:1:2::{number:x}")
        assert isinstance(refused, SignInRefused)
        assert "not right" in refused.message
    refused = sign_in(house, address="2001:db8:1:2::ffff")
    assert isinstance(refused, SignInRefused)
    assert "one hour" in refused.message
    assert isinstance(sign_in(house, address="2001:db8:1:3::1"), SignedIn)
    house.clock.forward(timedelta(hours=1))
    assert isinstance(sign_in(house, address="2001:db8:1:2::ffff"), SignedIn)


def test_attempts_from_many_threads_are_all_counted(house: House) -> None:
    def count(_: int) -> int:
        with house.as_actor(actor.NOBODY) as work:
            return identity.count_attempt(work, "door")

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(count, range(12))) == list(range(1, 13))


@pytest.mark.parametrize("email", ["", "no-at", "a@b@c", "a b@c.example", "a\0@c.example", "a\n@c.example"])
def test_an_account_needs_a_proper_address(house: House, email: str) -> None:
    with pytest.raises(BadInput), house.as_actor(actor.COMMAND_LINE) as work:
        identity.add_account(work, email=email, name="X", roles=(Role.WORKER,), password=PASSWORD)


def test_an_address_is_used_once(house: House) -> None:
    with pytest.raises(BadInput), house.as_actor(actor.COMMAND_LINE) as work:
        identity.add_account(
            work, email="Karim@demo.example", name="X", roles=(Role.WORKER,), password=PASSWORD
        )


@pytest.mark.parametrize("email", ["a\0@demo.example", "\0", "'; DROP TABLE visit; --", "%"])
def test_whatever_is_typed_as_an_address_is_only_wrong(house: House, email: str) -> None:
    assert isinstance(sign_in(house, email=email), SignInRefused)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "15 characters"),
        ("fourteen chars", "15 characters"),
        ("x" * 201, "at most 200"),
        ("passwordpassword1", "first that are tried"),
        ("P@ssw0rdP@ssw0rd", "first that are tried"),
        ("aaaaaaaaaaaaaaaaaa", "first that are tried"),
        ("qwertyuiopasdfgh", "first that are tried"),
        ("1234567890123456", "first that are tried"),
        ("Summer2026!Summer2026!", "first that are tried"),
        ("KarimHadid-2026", "your own name"),
        ("karim@demo.example", "your own name"),
        ("contact visits 2026", "your own name"),
        ("northfields northfields", "your own name"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_change(password: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        check_password(password, email="karim@demo.example", known=("Karim Hadid", "northfields"))


@pytest.mark.parametrize(
    "password",
    [
        "lamp river sixteen stone",
        "a" * 60 + " lamp river sixteen stone"[:25],
        "3f9c-a1b2-77de-0c41",
        "Ünïcöde sängt im Garten",
    ],
)
def test_a_long_password_of_unrelated_words_is_taken_as_it_is(password: str) -> None:
    check_password(password, email="karim@demo.example", known=("Karim Hadid", "northfields"))


def test_a_new_account_is_refused_its_own_name_as_password(house: House) -> None:
    with pytest.raises(BadInput, match="your own name"), house.as_actor(actor.COMMAND_LINE) as work:
        identity.add_account(
            work,
            email="x@demo.example",
            name="Wilhelmina Overbeck",
            roles=(Role.WORKER,),
            password="Wilhelmina-Overbeck-1",
        )


def test_roles_are_those_of_staff() -> None:
    assert parse_roles("worker, approver") == (Role.WORKER, Role.APPROVER)
    for wrong in ("", "boss", "relay", "family_member", "worker,"):
        with pytest.raises(BadInput):
            parse_roles(wrong)


@pytest.mark.parametrize(
    ("address", "waits"),
    [("127.0.0.1", False), ("10.1.2.3", False), ("fd00::1", False), ("", False), ("192.0.2.1", True)],
)
def test_what_strangers_do_through_a_proxy_keeps_nobody_out(house: House, address: str, waits: bool) -> None:  # noqa: FBT001
    with house.as_actor(actor.NOBODY) as work:
        for _ in range(identity.FAILURES_PER_ADDRESS):
            identity.count_attempt(work, f"sign-in|{network_of(address)}", per=identity.HOUR)
    assert isinstance(sign_in(house, address=address), SignInRefused) is waits
