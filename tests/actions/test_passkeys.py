"""Passkeys: made and used on our own address alone, by whoever the device has checked, once per question."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.actor import Authentication
from contact_service.audit.events import AGENCY_CASE
from contact_service.errors import BadInput, NotFound
from contact_service.factors.actions import passkeys
from contact_service.factors.actions.signing_in import HalfSignedIn
from contact_service.factors.factor import CHALLENGE_LIMIT, MOST_PASSKEYS
from contact_service.factors.passkeys import Place
from contact_service.factors.queries import factors_of
from contact_service.identity import actions as identity
from contact_service.identity.actions import SignedIn, SignInRefused
from contact_service.ids import AccountId
from tests.actions.test_factors import give_password, how, kinds, last, ref
from tests.cast import House
from tests.passkey_device import Device

PLACE = Place(origin="https://visits.example", name="Family Visits")


def device(**lies: Any) -> Device:  # noqa: ANN401  whatever a device may lie about
    return Device(**({"origin": PLACE.origin, "host": PLACE.host} | lies))


def add(house: House, account: AccountId, one: Device, browser: str = "a browser") -> list[str] | None:
    with house.work(account) as work:
        asked = passkeys.ask_to_make(work, PLACE, browser=browser)
    with house.work(account) as work:
        return passkeys.add_passkey(work, PLACE, one.make(asked), name="My phone", browser=browser)


def ask(house: House, browser: str = "b") -> dict[str, Any]:
    with house.as_actor(actor.NOBODY) as work:
        return passkeys.ask_to_sign(work, PLACE, browser=browser)


def answer(house: House, said: dict[str, Any], browser: str = "b") -> SignedIn | SignInRefused:
    with house.as_actor(actor.NOBODY) as work:
        return passkeys.sign_in(work, PLACE, said, browser=browser, address="192.0.2.1")


def test_a_passkey_alone_signs_in_and_the_evidence_says_so(house: House) -> None:
    one = device()
    codes = add(house, house.cast.karim, one)
    assert codes is not None
    assert len(codes) == 10
    assert how(house, answer(house, one.sign(ask(house)))) is Authentication.PASSKEY
    assert last(house)[1]["authentication"] == "passkey"
    assert isinstance(give_password(house), HalfSignedIn)
    assert kinds(house) == ["sign_in_added"]


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://visits.example.evil.example"},
        {"origin": "http://visits.example"},
        {"origin": "https://other.visits.example"},
        {"host": "evil.example"},
        {"verified": False},
    ],
    ids=str,
)
def test_a_passkey_made_elsewhere_or_unverified_is_not_added(house: House, lie: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="could not be added"):
        add(house, house.cast.karim, device(**lie))
    with house.reading(house.cast.karim) as work:
        assert factors_of(work, house.cast.karim).passkeys == ()


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://visits.example"},
        {"host": "evil.example"},
        {"verified": False},
        {"count": 0},
    ],
    ids=str,
)
def test_a_signature_from_elsewhere_unverified_or_of_a_copy_opens_nothing(
    house: House, lie: dict[str, Any]
) -> None:
    one = device(count=7)
    add(house, house.cast.karim, one)
    assert isinstance(answer(house, replace(one, **lie).sign(ask(house))), SignInRefused)
    assert last(house)[0] == "staff.sign_in_failed"
    assert isinstance(answer(house, one.sign(ask(house))), SignedIn)


def test_a_signature_counts_once_in_its_own_browser_and_for_five_minutes(house: House) -> None:
    one = device()
    add(house, house.cast.karim, one)
    said = one.sign(ask(house))
    assert isinstance(answer(house, said, browser="another"), SignInRefused)
    assert isinstance(answer(house, said), SignedIn)
    assert isinstance(answer(house, said), SignInRefused)
    late = one.sign(ask(house))
    house.clock.forward(CHALLENGE_LIMIT)
    assert isinstance(answer(house, late), SignInRefused)


def test_a_copy_that_counts_on_its_own_is_noticed(house: House) -> None:
    one = device()
    add(house, house.cast.karim, one)
    copy = replace(one)
    assert isinstance(answer(house, one.sign(ask(house))), SignedIn)
    assert isinstance(answer(house, copy.sign(ask(house))), SignInRefused)
    entry = house.entries(AGENCY_CASE)[-1]
    assert (entry.type, entry.fields["reason"]) == ("staff.sign_in_failed", "passkey_copied")
    assert last(house)[1] == {"account": ref(house, house.cast.karim)}
    assert kinds(house) == ["sign_in_added", "sign_in_tried"]


def test_a_wrong_signature_with_an_old_count_is_no_copy(house: House) -> None:
    """Else anybody who knows a passkey's name could have its owner told that it was copied."""
    mine, theirs = device(count=7), device()
    add(house, house.cast.karim, mine)
    forged = theirs.sign(ask(house)) | {name: mine.sign(ask(house, "x"))[name] for name in ("id", "rawId")}
    assert isinstance(answer(house, forged), SignInRefused)
    assert house.entries(AGENCY_CASE)[-1].fields["reason"] == "passkey_refused"
    assert kinds(house) == ["sign_in_added"]


def test_a_device_without_a_count_signs_in_again_and_again(house: House) -> None:
    add(house, house.cast.karim, one := device())
    for _ in range(2):
        one.count = -1
        assert isinstance(answer(house, one.sign(ask(house))), SignedIn)


def test_a_used_up_question_is_used_up_by_a_refusal_too(house: House) -> None:
    one = device()
    add(house, house.cast.karim, one)
    asked = ask(house)
    assert isinstance(answer(house, replace(one, verified=False).sign(asked)), SignInRefused)
    assert isinstance(answer(house, one.sign(asked)), SignInRefused)


def test_a_strangers_passkey_and_anothers_signature_open_nothing(house: House) -> None:
    mine, theirs, stranger = device(), device(), device()
    add(house, house.cast.karim, mine)
    add(house, house.cast.lena, theirs)
    assert isinstance(answer(house, stranger.sign(ask(house))), SignInRefused)
    said = theirs.sign(ask(house))
    stolen = said | {name: mine.sign(ask(house, "x"))[name] for name in ("id", "rawId")}
    assert isinstance(answer(house, stolen), SignInRefused)


@pytest.mark.parametrize(
    "said", [{}, {"id": 5}, {"id": "x" * 9999}, {"id": "a", "response": []}, {"id": "\0"}]
)
def test_whatever_is_sent_as_a_passkey_is_only_refused(house: House, said: dict[str, Any]) -> None:
    ask(house)
    assert isinstance(answer(house, said), SignInRefused)
    with house.work(house.cast.karim) as work:
        passkeys.ask_to_make(work, PLACE, browser="a")
        with pytest.raises(BadInput):
            passkeys.add_passkey(work, PLACE, said, name="", browser="a")


def test_a_signature_asked_for_is_no_passkey_made(house: House) -> None:
    """A question of one kind is not answered by an answer of the other, nor in another session."""
    one = device()
    with house.work(house.cast.karim) as work:
        asked = passkeys.ask_to_make(work, PLACE, browser="a")
        with pytest.raises(BadInput):
            passkeys.add_passkey(work, PLACE, one.make(asked), name="", browser="another session")
        with pytest.raises(BadInput):
            passkeys.add_passkey(work, PLACE, one.sign(asked), name="", browser="a")


def test_the_questions_are_random_and_ask_for_a_verified_holder(house: House) -> None:
    asked = [ask(house) for _ in range(20)]
    assert len({one["challenge"] for one in asked}) == 20
    assert {len(one["challenge"]) for one in asked} == {43}  # 32 bytes
    assert asked[0]["userVerification"] == "required"
    assert asked[0]["rpId"] == "visits.example"
    with house.work(house.cast.karim) as work:
        make = passkeys.ask_to_make(work, PLACE, browser="a")
    assert make["authenticatorSelection"]["userVerification"] == "required"
    assert make["authenticatorSelection"]["residentKey"] == "required"


def test_old_questions_go_as_new_ones_come(house: House) -> None:
    for number in range(5):
        ask(house, f"browser {number}")
    house.clock.forward(CHALLENGE_LIMIT)
    ask(house, "the last")
    with house.installation.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM passkey_challenge")).scalar() == 1


def test_one_passkey_is_one_persons_and_ten_are_enough(house: House) -> None:
    one = device()
    add(house, house.cast.karim, one)
    with pytest.raises(BadInput, match="already"):
        add(house, house.cast.lena, one)
    for _ in range(MOST_PASSKEYS - 1):
        assert add(house, house.cast.karim, device()) is None
    with pytest.raises(BadInput, match="Remove one"):
        add(house, house.cast.karim, device())


def test_a_removed_passkey_and_one_of_a_disabled_account_open_nothing(house: House) -> None:
    one = device()
    add(house, house.cast.karim, one)
    with house.reading(house.cast.karim) as work:
        key = factors_of(work, house.cast.karim).passkeys[0].id
    with pytest.raises(NotFound), house.work(house.cast.lena) as work:
        passkeys.remove_passkey(work, key, keep="")
    with house.work(house.cast.karim) as work:
        passkeys.remove_passkey(work, key, keep="")
    assert isinstance(answer(house, one.sign(ask(house))), SignInRefused)
    assert isinstance(give_password(house), SignedIn)
    with house.installation.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM staff_recovery_code")).scalar() == 0
    add(house, house.cast.karim, one)
    with house.installation.engine.begin() as connection:
        connection.execute(text("UPDATE staff_account SET disabled_at = '2020-01-01 00:00:00'"))
    assert isinstance(answer(house, one.sign(ask(house))), SignInRefused)


def test_failures_alone_are_counted_and_a_good_signature_is_never_refused(house: House) -> None:
    one = device()
    add(house, house.cast.karim, one)
    for _ in range(identity.ATTEMPTS_PER_WINDOW + 1):
        assert isinstance(answer(house, one.sign(ask(house))), SignedIn)
    said = [answer(house, {"id": "x"}) for _ in range(identity.ATTEMPTS_PER_WINDOW + 1)]
    waits = [isinstance(one, SignInRefused) and "Wait one minute" in one.message for one in said]
    assert waits == [False] * identity.ATTEMPTS_PER_WINDOW + [True]
    assert isinstance(answer(house, one.sign(ask(house))), SignedIn)
    assert [e.type for e in house.entries(AGENCY_CASE)].count("staff.sign_in_failed") == 11
