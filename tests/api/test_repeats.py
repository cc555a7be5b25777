"""What was asked once is done once, whatever happens on the way."""

import asyncio
import base64
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from contact_service.jobs.sweeps import sweep_answers
from contact_service.service_accounts.scope import Scope
from tests.api.conftest import Api, Machine, Person, problem
from tests.cast import House

pytestmark = pytest.mark.both

NADIA = {"name": "Nadia Ferrer", "known_as": "Nadia", "role": "family_member"}


NO_ANSWERS = {
    "sqlite": [
        "CREATE TRIGGER no_answers BEFORE UPDATE ON idempotency_key BEGIN SELECT RAISE(ABORT, 'full'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION no_answers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full'; END $$",
        "CREATE TRIGGER no_answers BEFORE UPDATE ON idempotency_key FOR EACH ROW EXECUTE FUNCTION no_answers()",
    ],
}


def people(house: House, one: Api) -> list[str]:
    return [person["name"] for person in one.get(f"/cases/{house.cast.case}/people").json()]


@pytest.fixture
def writer(machine: Machine) -> Api:
    return machine(Scope.PEOPLE_READ, Scope.PEOPLE_WRITE)


def test_the_same_request_is_answered_as_before_and_nothing_is_done_twice(house: House, writer: Api) -> None:
    path = f"/cases/{house.cast.case}/people"
    first = writer.post(path, NADIA, key="nadia-0001")
    entries = house.history()
    again = writer.post(path, dict(reversed(NADIA.items())), key="nadia-0001")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert house.history() == entries
    assert people(house, writer).count("Nadia Ferrer") == 1


def test_a_key_of_another_request_is_refused(house: House, writer: Api) -> None:
    path = f"/cases/{house.cast.case}/people"
    writer.post(path, NADIA, key="nadia-0001")
    problem(writer.post(path, NADIA | {"known_as": "Nana"}, key="nadia-0001"), 422, "idempotency-key-reused")
    problem(writer.post("/cases", {}, key="nadia-0001"), 422, "idempotency-key-reused")


def test_a_post_without_a_key_is_refused_before_anything_is_done(house: House, writer: Api) -> None:
    before = people(house, writer)
    problem(writer.post(f"/cases/{house.cast.case}/people", NADIA, key=None), 400, "idempotency-key-missing")
    assert people(house, writer) == before


def test_a_key_belongs_to_whoever_sent_it(house: House, writer: Api, person: Person) -> None:
    path = f"/cases/{house.cast.case}/people"
    one, other = (
        writer.post(path, NADIA, key="nadia-0001"),
        person("karim").post(path, NADIA, key="nadia-0001"),
    )
    assert one.json()["id"] != other.json()["id"]


def test_a_request_that_failed_may_be_sent_again_with_its_key(house: House, writer: Api) -> None:
    path = f"/cases/{house.cast.case}/people"
    problem(writer.post(path, NADIA | {"name": " "}, key="nadia-0001"), 422, "bad-input")
    assert writer.post(path, NADIA, key="nadia-0001").status_code == 201


def test_a_refusal_by_rules_is_an_answer_and_is_kept(house: House, machine: Machine) -> None:
    from tests.api.conftest import wish  # noqa: PLC0415

    one = machine(Scope.VISITS_REQUEST)
    first = one.post("/visits", wish(house), key="visit-0001")
    entries = house.history()
    again = one.post("/visits", wish(house), key="visit-0001")
    assert again.json() == first.json() == problem(again, 409, "refused-by-rules")
    assert house.history() == entries


def test_of_two_at_once_one_does_it_and_both_are_answered_alike(house: House, writer: Api) -> None:
    path = f"/cases/{house.cast.case}/people"

    async def race() -> list[httpx.Response]:
        said = {"Idempotency-Key": "nadia-0001"}
        asked = [
            Api(writer.app, writer.headers).asked("POST", path, json=NADIA, headers=said) for _ in range(4)
        ]
        return list(await asyncio.gather(*asked))

    answers = asyncio.run(race())
    done = [answer for answer in answers if answer.status_code == 201]
    assert done
    assert all(answer.status_code in (201, 409) for answer in answers)
    assert len({answer.text for answer in done}) == 1
    assert people(house, writer).count("Nadia Ferrer") == 1


def test_after_a_day_an_answer_is_forgotten(house: House, writer: Api) -> None:
    path = f"/cases/{house.cast.case}/people"
    writer.post(path, NADIA, key="nadia-0001")
    house.clock.forward(timedelta(hours=23, minutes=59))
    sweep_answers(house.installation)
    assert "idempotency-replayed" in writer.post(path, NADIA, key="nadia-0001").headers
    house.clock.forward(timedelta(minutes=1))
    sweep_answers(house.installation)
    with house.installation.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM idempotency_key")).scalar_one() == 0


def test_an_answer_a_day_old_counts_no_more_though_nobody_swept(house: House, writer: Api) -> None:
    path = f"/cases/{house.cast.case}/people"
    writer.post(path, NADIA, key="nadia-0001")
    house.clock.forward(timedelta(hours=24))
    assert "idempotency-replayed" not in writer.post(path, NADIA, key="nadia-0001").headers


def test_whoever_has_the_database_reads_neither_key_nor_request_nor_answer(house: House, writer: Api) -> None:
    answer = writer.post(f"/cases/{house.cast.case}/people", NADIA, key="nadia-0001")
    with house.installation.engine.connect() as connection:
        rows = repr(connection.execute(text("SELECT * FROM idempotency_key")).all())
    hidden = ("nadia-0001", "Nadia", answer.json()["id"], base64.b64encode(answer.content).decode())
    assert not any(word in rows for word in hidden)


def test_an_answer_that_cannot_be_kept_means_that_nothing_was_done(house: House, writer: Api) -> None:
    before = people(house, writer)
    with house.installation.engine.begin() as connection:
        for statement in NO_ANSWERS[house.installation.engine.dialect.name]:
            connection.execute(text(statement))
    answer = writer.post(f"/cases/{house.cast.case}/people", NADIA, key="nadia-0001")
    assert answer.status_code >= 500
    assert people(house, writer) == before
