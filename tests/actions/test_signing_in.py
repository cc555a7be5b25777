"""Passwords, sessions and what a guesser learns: nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.actor import Role
from contact_service.audit.events import AGENCY_CASE
from contact_service.errors import BadInput, NotSignedIn
from contact_service.identity import actions as identity, queries
from contact_service.identity.account import ABSOLUTE_LIMIT, IDLE_LIMIT, check_password, parse_roles
from contact_service.identity.actions import SignedIn, SignInRefused
from contact_service.work import read
from tests.cast import PASSWORD, House


def sign_in(
    house: House, email: str = "karim@demo.example", password: str = PASSWORD, address: str = "192.0.2.1"
) -> SignedIn | SignInRefused:
    with house.as_actor(actor.NOBODY) as work:
        return identity.sign_in(work, email=email, password=password, address=address)


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
    "password", ["", "short", "x" * 201, "passwordpassword1", "aaaaaaaaaaaaaaaaaa", "karim qwerty welcome"]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(BadInput):
        check_password(password, email="karim@demo.example")


def test_roles_are_those_of_staff() -> None:
    assert parse_roles("worker, approver") == (Role.WORKER, Role.APPROVER)
    for wrong in ("", "boss", "relay", "family_member", "worker,"):
        with pytest.raises(BadInput):
            parse_roles(wrong)
