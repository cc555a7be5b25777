"""Bring a database to the newest schema, or say how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from contact_service import wall
from contact_service.errors import StartRefused

_HERE = Path(__file__).parent


class SchemaNotCurrent(StartRefused):
    """The database has another schema than this release. Run `contact-service migrate` first."""


def upgrade(engine: Engine, to: str = "head", *, role: str = "") -> None:
    """Run every missing migration in one transaction; a failure leaves the schema as it was.

    On PostgreSQL the wall between agencies stands around every table then, and ``role``, where named, may do what the
    product does; raises ``RoleMissing``.
    """
    with engine.connect() as connection, _free_to_rebuild(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            wall.lower(connection)
        _migrate(connection, to)
        wall.raise_around_all(connection, role)


def bring_schema(engine: Engine) -> None:
    """The newest schema as the migrations alone make it, without the wall: for whoever compares it with the models."""
    with engine.connect() as connection, _free_to_rebuild(connection), connection.begin():
        _migrate(connection, "head")


def _migrate(connection: Connection, to: str) -> None:
    configuration = _configuration()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, to)
    _demand_whole(connection)


@contextmanager
def _free_to_rebuild(connection: Connection) -> Iterator[None]:
    """Let SQLite drop and rename a table that others refer to (https://sqlite.org/lang_altertable.html, section 7).

    It can only be said outside a transaction, so the driver's own connection is told before ours begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _demand_whole(connection: Connection) -> None:
    """Raise when a row refers to one that is not there; the transaction is then rolled back."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise StartRefused(f"The migration would break {len(broken)} references. Nothing was changed.")


def demand_current(engine: Engine) -> None:
    """Raise ``SchemaNotCurrent`` unless the database has exactly the newest schema."""
    with engine.connect() as connection:
        found = set(MigrationContext.configure(connection).get_current_heads())
    if found != set(ScriptDirectory.from_config(_configuration()).get_heads()):
        raise SchemaNotCurrent


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_HERE))
    configuration.set_main_option("path_separator", "os")
    return configuration
