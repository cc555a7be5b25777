"""No default account: a code makes the first administrator, who says who answers for the data."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from contact_service import actor
from contact_service.accountability.actions import write_statement
from contact_service.accountability.queries import statement, statements
from contact_service.accountability.statement import NewStatement, StatementMissing
from contact_service.actor import Role
from contact_service.audit.events import AGENCY_CASE
from contact_service.errors import BadInput, NotAllowed
from contact_service.factors.actions.first_run import (
    FirstRun,
    SomebodyIsThere,
    ask_first_code,
    make_first,
    make_first_code,
)
from contact_service.factors.factor import CODES_PER_WINDOW, PASSWORD_CODE_LIMIT
from contact_service.identity import actions as identity
from contact_service.identity.actions import SignInRefused
from contact_service.identity.hashing import kept_of
from contact_service.identity.queries import everybody
from contact_service.ids import AccountId, AgencyId
from contact_service.keys.provider import KeyProvider
from contact_service.people.actions.members import add_person
from contact_service.people.person import Details, MemberRole
from contact_service.work import Installation, begin
from tests.cast import NOON, PASSWORD, Hands, House

EMAIL = "bo@agency.example"
SAID = NewStatement(
    assessed_on=date(2030, 1, 5),
    reference="File DP-17",
    controller="Example County Council",
    legal_bases="Children Act 1989, s.34",
    processors="Nobody",
)
SOMEBODY = Details(name="Mia Marlowe", known_as="Mia", born_on="2018-03-14")


@pytest.fixture
def empty(engine: Engine, key_provider: KeyProvider) -> Installation:
    return Installation(
        engine=engine,
        keys=key_provider,
        agency=AgencyId("agency"),
        log_origin="tests.example",
        clock=Hands(NOON),
    )


@pytest.fixture
def code(empty: Installation) -> str:
    return new_code(empty)


def new_code(empty: Installation) -> str:
    with begin(empty, actor.COMMAND_LINE) as work:
        return make_first_code(work)


def ask(empty: Installation, code: str) -> FirstRun | SignInRefused:
    with begin(empty, actor.NOBODY) as work:
        return ask_first_code(work, code, address="192.0.2.1")


def make(empty: Installation, asked: FirstRun, email: str = EMAIL) -> AccountId | SignInRefused:
    kept = kept_of(PASSWORD, email=email)
    with begin(empty, actor.NOBODY) as work:
        return make_first(work, asked, email=email, name="Bo Lund", kept=kept)


def forward(empty: Installation, by: timedelta) -> None:
    assert isinstance(empty.clock, Hands)
    empty.clock.forward(by)


def test_a_fresh_installation_has_no_account_and_the_code_makes_one_administrator(
    empty: Installation, code: str
) -> None:
    with begin(empty, actor.NOBODY) as work:
        assert everybody(work) == []
    asked = ask(empty, code)
    assert isinstance(asked, FirstRun)
    assert not isinstance(make(empty, asked), SignInRefused)
    with begin(empty, actor.NOBODY) as work:
        (bo,) = everybody(work)
        entered = identity.ask_password(work, email=EMAIL, address="192.0.2.1")
    assert (bo.email, bo.roles) == (EMAIL, (Role.ADMINISTRATOR,))
    assert not isinstance(entered, SignInRefused)
    assert entered.is_right(PASSWORD)


def test_the_code_works_once_also_for_two_browsers_at_one_moment(empty: Installation, code: str) -> None:
    first, second = ask(empty, code), ask(empty, code)
    assert isinstance(first, FirstRun)
    assert isinstance(second, FirstRun)
    assert not isinstance(make(empty, second), SignInRefused)
    assert isinstance(make(empty, first, "another@agency.example"), SignInRefused)
    assert isinstance(ask(empty, code), SignInRefused)
    with begin(empty, actor.NOBODY) as work:
        assert [one.email for one in everybody(work)] == [EMAIL]


def test_only_the_hash_of_the_code_is_kept(empty: Installation, code: str) -> None:
    with empty.engine.connect() as connection:
        rows = connection.execute(text("SELECT hash FROM first_run_code")).scalars().all()
    assert len(rows) == 1
    assert code not in rows[0]
    assert code.replace("-", "") not in rows[0]


def test_the_code_is_good_for_an_hour_and_a_newer_one_voids_it(empty: Installation, code: str) -> None:
    forward(empty, PASSWORD_CODE_LIMIT - timedelta(seconds=1))
    assert isinstance(ask(empty, code), FirstRun)
    forward(empty, timedelta(seconds=1))
    assert isinstance(ask(empty, code), SignInRefused)
    older, newer = new_code(empty), new_code(empty)
    assert isinstance(ask(empty, older), SignInRefused)
    assert isinstance(ask(empty, newer), FirstRun)


def test_a_wrong_address_does_not_use_up_the_code(empty: Installation, code: str) -> None:
    asked = ask(empty, code)
    assert isinstance(asked, FirstRun)
    with pytest.raises(BadInput, match="e-mail address"):
        make(empty, asked, "no address")
    assert not isinstance(make(empty, asked), SignInRefused)


def test_ten_codes_a_minute_are_looked_at(empty: Installation, code: str) -> None:
    for _ in range(CODES_PER_WINDOW):
        assert isinstance(ask(empty, "wrong"), SignInRefused)
    refused = ask(empty, code)
    assert isinstance(refused, SignInRefused)
    assert "Wait one minute" in refused.message


def test_there_is_no_first_run_where_anybody_has_an_account(house: House) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work, pytest.raises(SomebodyIsThere):
        make_first_code(work)


def test_a_code_from_before_somebody_was_added_by_command_makes_nobody(
    empty: Installation, code: str
) -> None:
    asked = ask(empty, code)
    assert isinstance(asked, FirstRun)
    with begin(empty, actor.COMMAND_LINE) as work:
        roles = (Role.WORKER,)
        identity.add_account(work, email="a@agency.example", name="A", roles=roles, password=PASSWORD)
    assert isinstance(make(empty, asked), SignInRefused)
    assert isinstance(ask(empty, code), SignInRefused)


# ---- who answers for the data


@pytest.fixture
def unsaid(house: House) -> House:
    """An installation with people in it, from before anybody was asked who answers for the data."""
    with house.installation.engine.begin() as connection:
        connection.execute(text("DELETE FROM data_statement"))
    return house


def enters(house: House) -> None:
    with house.work(house.cast.karim) as work:
        add_person(work, house.cast.case, SOMEBODY, MemberRole.CHILD)


def writes(house: House, account: AccountId, said: NewStatement = SAID) -> int:
    with house.work(account) as work:
        return write_statement(work, said)


def test_nobody_is_entered_before_it_is_written_down(unsaid: House) -> None:
    before = unsaid.snapshot()
    with pytest.raises(StatementMissing, match="An administrator first fills in the page"):
        enters(unsaid)
    assert unsaid.snapshot() == before
    assert writes(unsaid, unsaid.cast.ola) == 1
    enters(unsaid)


def test_booked_visits_go_on_without_it(unsaid: House) -> None:
    unsaid.live()


def test_an_administrator_alone_writes_it_down_and_it_is_evidence(unsaid: House) -> None:
    for other in (unsaid.cast.karim, unsaid.cast.priya, unsaid.cast.noor, unsaid.cast.lena):
        with pytest.raises(NotAllowed):
            writes(unsaid, other)
    writes(unsaid, unsaid.cast.ola)
    assert unsaid.entries(AGENCY_CASE)[-1].type == "data_statement.written"


def test_a_newer_version_takes_the_place_of_an_older_one_which_stays(unsaid: House) -> None:
    writes(unsaid, unsaid.cast.ola)
    assert writes(unsaid, unsaid.cast.ola, replace(SAID, processors="Example Hosting Ltd")) == 2
    with unsaid.reading(unsaid.cast.noor) as work:
        newest = statement(work)
        assert newest is not None
        assert (newest.version, newest.processors) == (2, "Example Hosting Ltd")
        assert [one.processors for one in statements(work)] == ["Example Hosting Ltd", "Nobody"]


@pytest.mark.parametrize("field", ["reference", "controller", "legal_bases", "processors"])
@pytest.mark.parametrize("bad", ["", " \n ", "x" * 5000, "a\x00b"])
def test_whatever_is_missing_too_long_or_unprintable_is_named(unsaid: House, field: str, bad: str) -> None:
    with pytest.raises(BadInput) as refused:
        writes(unsaid, unsaid.cast.ola, replace(SAID, **{field: bad}))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_an_assessment_that_is_still_to_come_does_not_count(unsaid: House) -> None:
    with pytest.raises(BadInput) as refused:
        writes(unsaid, unsaid.cast.ola, replace(SAID, assessed_on=NOON.date() + timedelta(days=1)))
    assert refused.value.field == "assessed_on"
    writes(unsaid, unsaid.cast.ola, replace(SAID, assessed_on=NOON.date()))
