"""A password is changed by its owner, or set anew with a one-time code; nobody chooses one for another."""

from datetime import timedelta

import pytest

from contact_service import actor
from contact_service.actor import Role
from contact_service.audit.events import AGENCY_CASE
from contact_service.errors import BadInput, NotAllowed
from contact_service.factors.actions import passwords
from contact_service.factors.actions.passwords import CodeAsked
from contact_service.factors.actions.signing_in import BeginAgain, HalfSignedIn, prove_code
from contact_service.factors.factor import CODES_PER_WINDOW, PASSWORD_CODE_LIMIT
from contact_service.identity import actions as identity
from contact_service.identity.actions import SignedIn, SignInRefused, add_account
from contact_service.identity.hashing import kept_of
from contact_service.identity.queries import session_for, sessions_of
from contact_service.ids import AccountId
from contact_service.notifications.message import MessageKind
from tests.actions.test_factors import add_app, kinds
from tests.actions.test_signing_in import sign_in, token
from tests.cast import PASSWORD, House

NEW = "seven quiet lanterns drift upstream"
KARIM = "karim@demo.example"


@pytest.fixture
def boss(house: House) -> AccountId:
    with house.as_actor(actor.COMMAND_LINE) as work:
        roles = (Role.ADMINISTRATOR,)
        return add_account(work, email="bo@demo.example", name="Bo", roles=roles, password=PASSWORD)


@pytest.fixture
def code(house: House, boss: AccountId) -> str:
    """A code that an administrator had made for Karim."""
    with house.work(boss) as work:
        return passwords.reset_password(work, house.cast.karim)


def ask(house: House, code: str, email: str = KARIM) -> CodeAsked | SignInRefused:
    with house.as_actor(actor.NOBODY) as work:
        return passwords.ask_code(work, email=email, code=code, address="192.0.2.1")


def set_with(house: House, code: str, email: str = KARIM) -> SignInRefused | None:
    asked = ask(house, code, email)
    if isinstance(asked, SignInRefused):
        return asked
    with house.as_actor(actor.NOBODY) as work:
        return passwords.set_with_code(work, asked, kept_of(NEW, email=email))


def test_after_a_change_the_new_password_signs_in_and_the_old_one_does_not(house: House) -> None:
    here, elsewhere = token(house), token(house)
    with house.work(house.cast.karim) as work:
        passwords.change_password(work, kept_of(NEW, email=KARIM), keep=here)
        assert [one.this for one in sessions_of(work, house.cast.karim, token=here)] == [True]
    assert isinstance(sign_in(house), SignInRefused)
    assert isinstance(sign_in(house, password=NEW), SignedIn)
    assert "staff.password_changed" in [entry.type for entry in house.entries(AGENCY_CASE)]
    assert kinds(house) == [MessageKind.PASSWORD_CHANGED]
    assert elsewhere != here


def test_a_change_ends_half_done_sign_ins(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    half = sign_in(house)
    assert isinstance(half, HalfSignedIn)
    with house.work(house.cast.karim) as work:
        passwords.change_password(work, kept_of(NEW, email=KARIM), keep="")
    with house.as_actor(actor.NOBODY) as work:
        assert isinstance(prove_code(work, half.token, phone.code(house), address="192.0.2.1"), BeginAgain)


def test_a_code_is_made_by_another_administrator_alone(house: House, boss: AccountId) -> None:
    for somebody, whose in ((house.cast.priya, house.cast.karim), (boss, boss)):
        with house.work(somebody) as work, pytest.raises(NotAllowed):
            passwords.reset_password(work, whose)
    assert isinstance(sign_in(house), SignedIn)


def test_the_old_password_stops_at_once_and_every_sign_in_is_over(house: House, boss: AccountId) -> None:
    open_one = token(house)
    with house.work(boss) as work:
        passwords.reset_password(work, house.cast.karim)
        with pytest.raises(Exception, match="sign in"):
            session_for(work, open_one)
    assert isinstance(sign_in(house), SignInRefused)
    assert isinstance(sign_in(house, password=""), SignInRefused)
    assert kinds(house) == [MessageKind.PASSWORD_RESET]


def test_a_code_sets_a_password_once(house: House, code: str) -> None:
    assert set_with(house, f" {code.upper()} ".replace("-", " ")) is None
    assert isinstance(sign_in(house, password=NEW), SignedIn)
    assert isinstance(set_with(house, code), SignInRefused)
    assert set(kinds(house)) == {MessageKind.PASSWORD_RESET, MessageKind.PASSWORD_CHANGED}


def test_of_two_browsers_with_one_code_one_sets_the_password(house: House, code: str) -> None:
    first, second = ask(house, code), ask(house, code)
    assert isinstance(first, CodeAsked)
    assert isinstance(second, CodeAsked)
    with house.as_actor(actor.NOBODY) as work:
        assert passwords.set_with_code(work, second, kept_of(NEW, email=KARIM)) is None
    with house.as_actor(actor.NOBODY) as work:
        assert isinstance(passwords.set_with_code(work, first, "another"), SignInRefused)
    assert isinstance(sign_in(house, password=NEW), SignedIn)


def test_a_code_is_good_for_an_hour(house: House, code: str) -> None:
    house.clock.forward(PASSWORD_CODE_LIMIT - timedelta(seconds=1))
    assert isinstance(ask(house, code), CodeAsked)
    house.clock.forward(timedelta(seconds=1))
    assert isinstance(ask(house, code), SignInRefused)


def test_a_newer_code_and_a_change_void_the_older_one(house: House, boss: AccountId, code: str) -> None:
    with house.work(boss) as work:
        newer = passwords.reset_password(work, house.cast.karim)
    assert isinstance(ask(house, code), SignInRefused)
    assert isinstance(ask(house, newer), CodeAsked)
    with house.work(house.cast.karim) as work:
        passwords.change_password(work, kept_of(NEW, email=KARIM), keep="")
    assert isinstance(ask(house, newer), SignInRefused)


def test_app_and_passkeys_go_on_being_asked_for_after_a_reset(house: House, boss: AccountId) -> None:
    add_app(house, house.cast.karim)
    with house.work(boss) as work:
        code = passwords.reset_password(work, house.cast.karim)
    assert set_with(house, code) is None
    assert isinstance(sign_in(house, password=NEW), HalfSignedIn)


@pytest.mark.parametrize("email", ["lena@demo.example", "nobody@demo.example", "", "k\x00arim@demo.example"])
def test_of_a_wrong_address_and_a_wrong_code_the_same_is_said(house: House, code: str, email: str) -> None:
    wrong = ask(house, "abcdef-ghijkl-mnopqr-stuvwx")
    assert isinstance(wrong, SignInRefused)
    assert ask(house, code, email) == wrong
    assert ask(house, "é" * 200, email) == wrong
    assert house.entries(AGENCY_CASE)[-1].type == "staff.sign_in_failed"


def test_ten_codes_a_minute_are_looked_at(house: House, code: str) -> None:
    for _ in range(CODES_PER_WINDOW):
        ask(house, "wrong")
    refused = ask(house, code)
    assert isinstance(refused, SignInRefused)
    assert "Wait one minute" in refused.message
    house.clock.forward(timedelta(minutes=1))
    assert isinstance(ask(house, code), CodeAsked)


def test_the_code_of_an_account_that_was_closed_sets_nothing(
    house: House, boss: AccountId, code: str
) -> None:
    asked = ask(house, code)
    assert isinstance(asked, CodeAsked)
    with house.work(boss) as work:
        identity.disable_staff(work, house.cast.karim)
    assert isinstance(ask(house, code), SignInRefused)
    with house.as_actor(actor.NOBODY) as work:
        assert isinstance(passwords.set_with_code(work, asked, "kept"), SignInRefused)


def test_an_account_is_made_without_a_password_and_its_owner_sets_one(house: House) -> None:
    email = "new@demo.example"
    with house.as_actor(actor.COMMAND_LINE) as work:
        account = add_account(work, email=email, name="New", roles=(Role.WORKER,), password=None)
        code = passwords.invite(work, account)
    assert isinstance(sign_in(house, email, ""), SignInRefused)
    assert set_with(house, code, email) is None
    assert isinstance(sign_in(house, email, NEW), SignedIn)


def test_what_is_kept_of_a_weak_password_is_nothing() -> None:
    with pytest.raises(BadInput, match="15 characters"):
        kept_of("short", email=KARIM)
