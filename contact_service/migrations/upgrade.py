"""Bring a database to the newest schema, or say how far it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from contact_service.errors import StartRefused

_HERE = Path(__file__).parent


class SchemaNotCurrent(StartRefused):
    """The database has another schema than this release. Run `contact-service migrate` first."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run every missing migration in one transaction; a failure leaves the schema as it was."""
    with engine.begin() as connection:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, to)


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
