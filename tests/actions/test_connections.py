"""A PostgreSQL connection that was lost while it rested is replaced before anybody notices."""

import pytest
from sqlalchemy import Engine, text

from contact_service import database
from contact_service.database import connect

pytestmark = pytest.mark.postgresql


@pytest.fixture
def rested(postgresql: str) -> tuple[Engine, int]:
    """An engine with one resting connection, and the number of its server process."""
    engine = connect(postgresql)
    return engine, process(engine)


def process(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def end(postgresql: str, number: int) -> None:
    """End the server process and return when it is gone."""
    other = connect(postgresql)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
    other.dispose()


def test_a_connection_whose_server_said_goodbye_a_moment_ago_is_replaced(
    postgresql: str, rested: tuple[Engine, int]
) -> None:
    engine, number = rested
    end(postgresql, number)
    assert process(engine) != number
    engine.dispose()


@pytest.mark.parametrize("trusted", [-1.0, database.TRUSTED_SECONDS])
def test_a_connection_that_stands_is_used_again_asked_or_not(
    rested: tuple[Engine, int], trusted: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, number = rested
    monkeypatch.setattr(database, "TRUSTED_SECONDS", trusted)
    assert process(engine) == number
    engine.dispose()


def test_a_server_that_is_gone_without_a_word_is_noticed_after_a_rest(
    postgresql: str, rested: tuple[Engine, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, number = rested
    end(postgresql, number)
    monkeypatch.setattr(database, "_has_word", lambda _: False)
    monkeypatch.setattr(database, "TRUSTED_SECONDS", 0.0)
    assert process(engine) != number
    engine.dispose()
