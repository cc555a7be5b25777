"""Models and migrated schema agree; every table has a retention period; what may change unrecorded has a reason."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, inspect, text

import contact_service.migrations
from contact_service.database import connect, metadata
from contact_service.migrations.upgrade import bring_schema
from contact_service.retention.periods import PERIODS
from contact_service.work import HOUSEKEEPING
from tests.conftest import empty_database

MIGRATIONS = Path(contact_service.migrations.__file__).parent / "versions"


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_the_migrated_schema_is_the_one_the_models_describe(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        _compare(f"sqlite:///{tmp_path}/contact.db")
        return
    with empty_database(request.getfixturevalue("postgresql")) as url:
        _compare(url)


def _compare(url: str) -> None:
    """Without the wall, which stands around what is compared here; ``test_wall`` looks at that."""
    engine = connect(url)
    bring_schema(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_every_check_of_the_models_is_in_the_database(engine: Engine) -> None:
    inspector = inspect(engine)
    for table in metadata.tables.values():
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint) and c.name}
        found = {str(check["name"]) for check in inspector.get_check_constraints(table.name)}
        assert wanted <= found, table.name


def test_every_table_has_a_retention_period_and_no_period_is_without_table(engine: Engine) -> None:
    assert set(inspect(engine).get_table_names()) == set(PERIODS)


def test_what_may_change_unrecorded_is_a_table_with_a_reason() -> None:
    assert set(HOUSEKEEPING) <= set(metadata.tables)
    assert all(len(reason) > 20 for reason in HOUSEKEEPING.values())


def test_the_business_itself_never_changes_unrecorded() -> None:
    never = {
        "visit",
        "visit_participant",
        "consent",
        "restriction",
        "invitation",
        "staff_account",
        "visit_record",
    }
    assert not never & set(HOUSEKEEPING)


def test_migrations_carry_their_date_and_when_they_run() -> None:
    names = [path.name for path in MIGRATIONS.glob("*.py")]
    assert names
    assert [name for name in names if not re.fullmatch(r"\d{4}_\d\d_\d\d_(pre|post)_[a-z_]+\.py", name)] == []


def test_the_evidence_refuses_change_and_deletion(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            names = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).scalars()
        else:
            names = connection.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")).scalars()
        found = " ".join(names)
    assert "audit_entry" in found
    assert "audit_checkpoint" in found
