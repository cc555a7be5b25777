"""Codes of an app, recovery codes, and the half-done sign-in between password and code."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.actor import Authentication, Role
from contact_service.audit.events import AGENCY_CASE
from contact_service.errors import BadInput, NotAllowed, NotSignedIn
from contact_service.factors.actions import enrolling, signing_in
from contact_service.factors.actions.signing_in import BeginAgain, HalfSignedIn
from contact_service.factors.codes import STEP_SECONDS, in_groups, secret_of, step_of
from contact_service.factors.factor import (
    CODES_PER_HALF,
    CODES_PER_WINDOW,
    ENROLMENT_LIMIT,
    HALF_LIMIT,
    WRONG_CODES_PER_DAY,
    WRONG_CODES_PER_HOUR,
)
from contact_service.factors.queries import factors_of, half_signed_in, pending_secret
from contact_service.identity import actions as identity, queries
from contact_service.identity.actions import SignedIn, SignInRefused
from contact_service.ids import AccountId
from contact_service.notifications.message import MessageKind
from contact_service.work import Work, read
from tests.actions.test_signing_in import typed
from tests.cast import NOON, PASSWORD, House

Outcome = SignedIn | HalfSignedIn | SignInRefused | BeginAgain


@dataclass
class Phone:
    """An authenticator app of one account, and what its owner wrote down."""

    secret: str
    codes: list[str] = field(default_factory=list)

    def code(self, house: House, *, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(house.clock.at, counter_offset=steps)


def add_app(house: House, account: AccountId, keep: str = "") -> Phone:
    """The phone of somebody who has added an app, a step ago."""
    with house.work(account) as work:
        enrolling.show_secret(work, browser=keep)
        secret = pending_secret(work, account, browser=keep)
    assert secret is not None
    phone = Phone(secret)
    with house.work(account) as work:
        phone.codes = enrolling.confirm_app(work, phone.code(house), keep=keep)
    house.clock.forward(timedelta(seconds=2 * STEP_SECONDS))
    return phone


def give_password(
    house: House, name: str = "karim", address: str = "192.0.2.1"
) -> SignedIn | HalfSignedIn | SignInRefused:
    return typed(house, f"{name}@demo.example", PASSWORD, address)


def half(house: House, address: str = "192.0.2.1") -> str:
    result = give_password(house, address=address)
    assert isinstance(result, HalfSignedIn)
    return result.token


def give_code(house: House, token: str, code: str, address: str = "192.0.2.1") -> Outcome:
    with house.as_actor(actor.NOBODY) as work:
        return signing_in.prove_code(work, token, code, address=address)


def how(house: House, result: Outcome) -> Authentication:
    assert isinstance(result, SignedIn), result
    with read(house.installation, actor.NOBODY) as work:
        return queries.session_for(work, result.token).account.actor().authentication


def kinds(house: House) -> list[str]:
    with house.installation.engine.connect() as connection:
        found = connection.execute(
            text("SELECT kind FROM outbox WHERE account_id IS NOT NULL ORDER BY made_at")
        )
        return [row for row in found.scalars() if row.startswith(("sign_in", "recovery", "password"))]


def last(house: House) -> tuple[str, dict[str, object]]:
    entry = house.entries(AGENCY_CASE)[-1]
    facts = entry.fields.get("facts", {})
    assert isinstance(facts, dict)
    return entry.type, facts


def ref(house: House, account: AccountId) -> str:
    with house.reading(account) as work:
        return queries.account_for(work, account).ref


@pytest.fixture
def boss(house: House) -> AccountId:
    """An administrator, whom the cast does without."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        roles = (Role.ADMINISTRATOR,)
        return identity.add_account(
            work, email="bo@demo.example", name="Bo Lund", roles=roles, password=PASSWORD
        )


# ---- RFC 6238, appendix B, cut to six digits


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(second: int, code: str) -> None:
    at = NOON + (timedelta(seconds=second) - timedelta(seconds=NOON.timestamp()))
    assert step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", code, at=at) == second // 30


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_taken_one_step_early_or_late(steps: int, *, taken: bool) -> None:
    secret = secret_of(b"twenty bytes of luck")
    assert (step_of(secret, pyotp.TOTP(secret).at(NOON, counter_offset=steps), at=NOON) is not None) == taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "१२३४५६", "\0", "-12345"])
def test_whatever_is_typed_as_a_code_is_only_wrong(house: House, code: str) -> None:
    add_app(house, house.cast.karim)
    assert isinstance(give_code(house, half(house), code), SignInRefused)


def test_a_secret_and_a_recovery_code_are_typed_in_groups(house: House) -> None:
    assert in_groups("ABCDEFGH2") == "abcd efgh 2"
    one, other = add_app(house, house.cast.karim), add_app(house, house.cast.lena)
    assert len(one.secret) == 32  # 20 bytes
    assert one.secret != other.secret
    assert len({*one.codes, *other.codes}) == 20
    assert {[len(part) for part in code.split("-")] == [6, 6, 6, 6] for code in one.codes} == {
        True
    }  # 15 bytes


# ---- an app


def test_without_an_app_a_password_is_enough_and_the_evidence_says_so(house: House) -> None:
    assert how(house, give_password(house)) is Authentication.PASSWORD
    facts = {"account": ref(house, house.cast.karim), "authentication": "password"}
    assert last(house) == ("staff.signed_in", facts)


def test_with_an_app_a_password_is_half_and_a_code_is_the_other(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    token = half(house)
    result = give_code(house, token, f" {phone.code(house)[:3]} {phone.code(house)[3:]} ")
    assert how(house, result) is Authentication.PASSWORD_AND_APP
    assert last(house)[1]["authentication"] == "password_and_app"
    assert isinstance(result, SignedIn)
    assert result.token != token
    assert isinstance(give_code(house, token, phone.code(house, steps=1)), BeginAgain)


def test_half_a_sign_in_opens_nothing(house: House) -> None:
    add_app(house, house.cast.karim)
    token = half(house)
    with pytest.raises(NotSignedIn), read(house.installation, actor.NOBODY) as work:
        queries.session_for(work, token)
    assert house.entries(AGENCY_CASE)[-1].type != "staff.signed_in"


def test_a_code_is_taken_once(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    code = phone.code(house)
    assert isinstance(give_code(house, half(house), code), SignedIn)
    assert isinstance(give_code(house, half(house), code), SignInRefused)
    assert isinstance(give_code(house, half(house), phone.code(house, steps=-1)), SignInRefused)
    assert isinstance(give_code(house, half(house), phone.code(house, steps=1)), SignedIn)


def test_the_code_that_adds_an_app_does_not_sign_in_as_well(house: House) -> None:
    with house.work(house.cast.karim) as work:
        enrolling.show_secret(work, browser="")
        secret = pending_secret(work, house.cast.karim, browser="")
    assert secret is not None
    code = pyotp.TOTP(secret).at(house.clock.at)
    with house.work(house.cast.karim) as work:
        enrolling.confirm_app(work, code, keep="")
    assert isinstance(give_code(house, half(house), code), SignInRefused)


def test_of_many_browsers_with_one_code_one_gets_in(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    tokens = [half(house) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda token: give_code(house, token, phone.code(house)), tokens))
    assert sum(isinstance(result, SignedIn) for result in results) == 1


def test_the_question_for_a_code_ends_after_five_minutes(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    token = half(house)
    house.clock.forward(HALF_LIMIT - timedelta(seconds=1))
    with read(house.installation, actor.NOBODY) as work:
        assert half_signed_in(work, token) == house.cast.karim
    house.clock.forward(timedelta(seconds=1))
    assert isinstance(give_code(house, token, phone.code(house)), BeginAgain)


def test_after_five_wrong_codes_the_password_is_asked_for_again_and_the_owner_told(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    token = half(house)
    results = [give_code(house, token, "000000") for _ in range(CODES_PER_HALF)]
    assert [type(one) for one in results] == [SignInRefused] * (CODES_PER_HALF - 1) + [BeginAgain]
    assert isinstance(give_code(house, token, phone.code(house)), BeginAgain)
    failed = [entry for entry in house.entries(AGENCY_CASE) if entry.type == "staff.sign_in_failed"]
    assert len(failed) == CODES_PER_HALF
    assert kinds(house).count(MessageKind.SIGN_IN_TRIED) == 1


def test_ten_codes_a_minute_are_looked_at(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    for _ in range(CODES_PER_WINDOW // CODES_PER_HALF):
        token = half(house)
        for _ in range(CODES_PER_HALF):
            give_code(house, token, "000000")
    refused = give_code(house, half(house), phone.code(house))
    assert isinstance(refused, SignInRefused)
    assert "Wait one minute" in refused.message
    house.clock.forward(timedelta(minutes=1))
    assert isinstance(give_code(house, half(house), phone.codes[0]), SignedIn)


def guess(house: House, number: int, *, address: str) -> list[Outcome]:
    """Wrong codes in one half-done sign-in."""
    token = half(house, address)
    return [give_code(house, token, "000000", address) for _ in range(number)]


def test_wrong_codes_count_against_the_account_across_halves_and_addresses(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    for number in range(WRONG_CODES_PER_HOUR // 2):
        guess(house, 2, address=f"192.0.2.{number}")
    assert kinds(house).count(MessageKind.SIGN_IN_TRIED) == 1
    token = half(house, "198.51.100.1")
    refused = give_code(house, token, phone.code(house), "198.51.100.1")
    assert isinstance(refused, SignInRefused)
    assert "recovery code" in refused.message
    assert how(house, give_code(house, token, phone.codes[0], "198.51.100.1")) is Authentication.RECOVERY_CODE
    house.clock.forward(timedelta(hours=1))
    assert isinstance(give_code(house, half(house), phone.code(house)), SignedIn)


def test_a_hundred_wrong_codes_a_day_are_looked_at(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    for _ in range(WRONG_CODES_PER_DAY // WRONG_CODES_PER_HOUR):
        for address in ("192.0.2.3", "192.0.2.4"):
            guess(house, CODES_PER_HALF, address=address)
        house.clock.forward(timedelta(hours=1))
    refused = give_code(house, half(house), phone.code(house))
    assert isinstance(refused, SignInRefused)
    assert "recovery code" in refused.message
    house.clock.forward(timedelta(days=1))
    assert isinstance(give_code(house, half(house), phone.code(house)), SignedIn)


def test_right_codes_are_not_counted(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    for _ in range(WRONG_CODES_PER_HOUR + 2):
        assert isinstance(give_code(house, half(house), phone.code(house)), SignedIn)
        house.clock.forward(timedelta(seconds=2 * STEP_SECONDS))


def test_of_guesses_at_one_moment_five_are_looked_at(house: House) -> None:
    add_app(house, house.cast.karim)
    token = half(house)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: give_code(house, token, "000000", f"192.0.2.{n}"), range(8)))
    looked = [entry for entry in house.entries(AGENCY_CASE) if entry.type == "staff.sign_in_failed"]
    assert len(looked) == CODES_PER_HALF
    assert sum(isinstance(one, BeginAgain) for one in results) == 8 - CODES_PER_HALF + 1
    assert kinds(house).count(MessageKind.SIGN_IN_TRIED) == 1


def test_the_secret_lies_sealed_in_the_database_and_the_codes_hashed(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    with house.installation.engine.connect() as connection:
        tables = ("staff_app", "staff_recovery_code")
        stored = repr([connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables])  # noqa: S608
    assert phone.secret not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in phone.codes)


def test_a_secret_is_shown_for_a_quarter_of_an_hour_and_counts_from_its_first_code(house: House) -> None:
    with house.work(house.cast.karim) as work:
        enrolling.show_secret(work, browser="")
    assert isinstance(give_password(house), SignedIn)
    house.clock.forward(ENROLMENT_LIMIT)
    with pytest.raises(BadInput, match="too long"), house.work(house.cast.karim) as work:
        enrolling.confirm_app(work, "000000", keep="")


def test_a_secret_is_seen_and_confirmed_by_the_session_that_asked_for_it_alone(house: House) -> None:
    with house.work(house.cast.karim) as work:
        enrolling.show_secret(work, browser="mine")
        assert pending_secret(work, house.cast.karim, browser="another") is None
        secret = pending_secret(work, house.cast.karim, browser="mine")
    assert secret is not None
    code = pyotp.TOTP(secret).at(house.clock.at)
    with pytest.raises(BadInput, match="Begin again"), house.work(house.cast.karim) as work:
        enrolling.confirm_app(work, code, keep="another")
    with house.work(house.cast.karim) as work:
        assert len(enrolling.confirm_app(work, code, keep="mine")) == 10


def test_ten_first_codes_a_minute_are_looked_at(house: House) -> None:
    with house.work(house.cast.karim) as work:
        enrolling.show_secret(work, browser="mine")
        secret = pending_secret(work, house.cast.karim, browser="mine")
    assert secret is not None

    def confirm(code: str) -> str:
        with house.work(house.cast.karim) as work:
            try:
                enrolling.confirm_app(work, code, keep="mine")
            except BadInput as error:
                return str(error)
        return ""

    said = [confirm("000000") for _ in range(CODES_PER_WINDOW)]
    assert all("not right" in words for words in said)
    assert "Wait one minute" in confirm(pyotp.TOTP(secret).at(house.clock.at))
    assert last(house)[0] == "staff.sign_in_failed"
    house.clock.forward(timedelta(minutes=1))
    assert confirm(pyotp.TOTP(secret).at(house.clock.at)) == ""


def test_an_app_is_not_shown_again_nor_replaced_by_another(house: House) -> None:
    add_app(house, house.cast.karim)
    with house.reading(house.cast.karim) as work:
        assert pending_secret(work, house.cast.karim, browser="") is None
    with pytest.raises(BadInput, match="already"), house.work(house.cast.karim) as work:
        enrolling.show_secret(work, browser="")


# ---- recovery codes


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    assert len(phone.codes) == 10
    first = phone.codes[0].upper().replace("-", " ")
    assert how(house, give_code(house, half(house), first)) is Authentication.RECOVERY_CODE
    assert kinds(house) == [MessageKind.SIGN_IN_ADDED, MessageKind.RECOVERY_CODE_USED]
    assert isinstance(give_code(house, half(house), phone.codes[0]), SignInRefused)
    with house.reading(house.cast.karim) as work:
        assert factors_of(work, house.cast.karim).codes_left == 9


def test_a_recovery_code_is_one_persons_alone(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    add_app(house, house.cast.lena)
    result = give_password(house, "lena")
    assert isinstance(result, HalfSignedIn)
    assert isinstance(give_code(house, result.token, phone.codes[0]), SignInRefused)


def test_new_codes_replace_the_old_ones_and_the_last_way_takes_them_along(house: House) -> None:
    phone = add_app(house, house.cast.karim)
    with house.work(house.cast.karim) as work:
        codes = enrolling.show_new_codes(work, keep="")
    assert isinstance(give_code(house, half(house), phone.codes[0]), SignInRefused)
    assert isinstance(give_code(house, half(house), codes[0]), SignedIn)
    with house.work(house.cast.karim) as work:
        enrolling.remove_app(work, keep="")
        assert factors_of(work, house.cast.karim).codes_left == 0
    assert how(house, give_password(house)) is Authentication.PASSWORD
    with pytest.raises(BadInput, match="first"), house.work(house.cast.karim) as work:
        enrolling.show_new_codes(work, keep="")


# ---- changes


def test_a_change_ends_the_other_sign_ins_and_is_told(house: House) -> None:
    here, there = give_password(house), give_password(house)
    assert isinstance(here, SignedIn)
    assert isinstance(there, SignedIn)
    add_app(house, house.cast.karim, keep=here.token)
    with read(house.installation, actor.NOBODY) as work:
        assert [one.this for one in queries.sessions_of(work, house.cast.karim, token=here.token)] == [True]
        with pytest.raises(NotSignedIn):
            queries.session_for(work, there.token)
    with house.work(house.cast.karim) as work:
        enrolling.remove_app(work, keep=here.token)
    assert kinds(house) == [MessageKind.SIGN_IN_ADDED, MessageKind.SIGN_IN_REMOVED]
    assert last(house)[0] == "staff.factor_removed"


def test_a_half_done_sign_in_is_over_when_sign_ins_are_ended_or_changed(
    house: House, boss: AccountId
) -> None:
    phone, karim = add_app(house, house.cast.karim), house.cast.karim

    def opens_nothing_after(who: AccountId, act: Callable[[Work], object]) -> None:
        token = half(house)
        with house.work(who) as work:
            act(work)
        with read(house.installation, actor.NOBODY) as work:
            assert half_signed_in(work, token) is None
        assert isinstance(give_code(house, token, phone.code(house)), BeginAgain)

    opens_nothing_after(karim, lambda work: identity.end_all_sessions(work, karim))
    opens_nothing_after(karim, lambda work: enrolling.show_new_codes(work, keep=""))
    opens_nothing_after(boss, lambda work: identity.end_all_sessions(work, karim))
    opens_nothing_after(boss, lambda work: enrolling.reset_factors(work, karim))
    phone = add_app(house, karim)
    opens_nothing_after(boss, lambda work: identity.disable_staff(work, karim))


def test_old_half_done_sign_ins_go_as_new_ones_come(house: House) -> None:
    add_app(house, house.cast.karim)
    for _ in range(3):
        half(house)
    house.clock.forward(HALF_LIMIT)
    half(house)
    with house.installation.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM half_sign_in")).scalar() == 1


def test_the_password_is_asked_for_again_ten_times_a_minute(house: House) -> None:
    def again(password: str) -> str:
        with house.work(house.cast.karim) as work:
            asked = identity.ask_again(work, address="192.0.2.1")
        right = asked is not None and asked.is_right(password)
        with house.work(house.cast.karim) as work:
            try:
                identity.demand_password(work, asked, right=right)
            except BadInput as error:
                return str(error)
        return ""

    assert again(PASSWORD) == ""
    said = [again("wrong") for _ in range(identity.ATTEMPTS_PER_WINDOW)]
    assert said[0] == "This is not your password."
    assert "Wait one minute" in said[-1]
    assert "Wait one minute" in again(PASSWORD)
    assert last(house)[0] == "staff.sign_in_failed"


def test_an_administrator_resets_somebody_else_and_they_are_told(house: House, boss: AccountId) -> None:
    phone = add_app(house, house.cast.karim)
    signed = give_code(house, half(house), phone.code(house))
    assert isinstance(signed, SignedIn)
    with house.work(boss) as work:
        enrolling.reset_factors(work, house.cast.karim)
    assert last(house) == ("staff.factors_reset", {"account": ref(house, house.cast.karim)})
    assert kinds(house)[-1] == MessageKind.SIGN_IN_RESET
    with pytest.raises(NotSignedIn), read(house.installation, actor.NOBODY) as work:
        queries.session_for(work, signed.token)
    assert how(house, give_password(house)) is Authentication.PASSWORD


def test_the_command_line_resets_a_lone_administrator(house: House, boss: AccountId) -> None:
    add_app(house, boss)
    with house.as_actor(actor.COMMAND_LINE) as work:
        enrolling.reset_factors(work, boss)
    assert last(house) == ("staff.factors_reset", {"account": ref(house, boss)})
    by = house.entries(AGENCY_CASE)[-1].fields["actor"]
    assert isinstance(by, dict)
    assert by["ref"] == "command-line"
    assert kinds(house)[-1] == MessageKind.SIGN_IN_RESET
    assert how(house, give_password(house, "bo")) is Authentication.PASSWORD


def test_nobody_resets_their_own_and_only_an_administrator_resets(house: House, boss: AccountId) -> None:
    def reset(work: Work, account: AccountId) -> None:
        enrolling.reset_factors(work, account)

    with pytest.raises(NotAllowed, match="another administrator"), house.work(boss) as work:
        reset(work, boss)
    for account in (house.cast.priya, house.cast.noor, house.cast.lena):
        with pytest.raises(NotAllowed, match="An administrator does"), house.work(account) as work:
            reset(work, house.cast.karim)
