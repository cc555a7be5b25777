"""Under the application's role no row of another agency is read, written or guessed, whatever SQL is sent."""

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from contact_service.database import metadata, of_agency
from contact_service.wall import BESIDE, is_open_to, walled
from tests.agencies.conftest import NORTH, SOUTH, Two

pytestmark = pytest.mark.postgresql
TABLES = sorted(metadata.tables.keys() - BESIDE.keys())
NOT_ALLOWED, UNSET, NO_NAME, NO_SUCH_ROW = "42501", "42704", "23514", "23503"


def code_of(connection: Connection, statement: str) -> str | None:
    """PostgreSQL's own word for why it refuses, None when it does not; nothing of it stays."""
    attempt = connection.begin_nested()
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", error))
    finally:
        attempt.rollback()
    return None


def at(table: str, statement: str) -> str:
    """The statement at this table, whose name may be one of SQL's own words."""
    return statement.replace("TABLE_", f'"{table}"')


def test_a_wall_stands_around_every_table_that_is_not_the_installations(two: Two) -> None:
    with two.owner.connect() as connection:
        assert walled(connection) == TABLES
        forced = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        )
        assert set(TABLES) <= set(forced.scalars())
        named = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'agency'"
            " AND is_nullable = 'NO' AND column_default LIKE '%%current_setting(_contact.agency_%%'"
        )
        assert set(named.scalars()) == set(TABLES)
    assert all(len(reason) > 20 for reason in BESIDE.values())


def test_every_key_is_a_random_id_or_holds_within_one_agency(two: Two) -> None:
    with two.owner.connect() as connection:
        keys = connection.exec_driver_sql(_UNIQUE).all()
    assert len(keys) > 90
    loose = [(table, columns) for table, columns, refers, referred in keys if not refers and not referred]
    assert [pair for pair in loose if "agency" not in pair[1] and pair[1] != ["id"]] == []


_UNIQUE = """
SELECT relname, array_agg(attname::text),
  bool_or(EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conrelid = indrelid AND attnum = ANY (conkey))),
  bool_or(EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND confrelid = indrelid
    AND indkey::int2[] <@ confkey))
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
WHERE indisunique AND relnamespace = 'public'::regnamespace
  AND relname NOT IN ('agency', 'alembic_version', 'process_heartbeat')
GROUP BY relname, indexrelid
"""


def test_every_reference_is_to_a_row_of_the_same_agency(two: Two) -> None:
    with two.owner.connect() as connection:
        references = connection.exec_driver_sql(_REFERENCES).all()
    assert len(references) > 150
    assert [one for one in references if one[2][-1] != "agency" or one[3][-1] != "agency"] == []


_REFERENCES = """
SELECT conname, conrelid::regclass::text,
  array(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS of (number, place)
    JOIN pg_attribute ON attrelid = conrelid AND attnum = of.number ORDER BY place),
  array(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS of (number, place)
    JOIN pg_attribute ON attrelid = confrelid AND attnum = of.number ORDER BY place)
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


@pytest.mark.parametrize(
    ("table", "reference"),
    [
        ("visit", "child_id"),
        ("visit_participant", "person_id"),
        ("case_worker", "account_id"),
        ("case_member", "person_id"),
    ],
)
def test_no_row_is_turned_to_somebody_of_the_other_agency(two: Two, table: str, reference: str) -> None:
    """As who has stolen the application's password and knows an id of the other would."""
    with two.owner.connect() as connection:
        foreign = connection.exec_driver_sql(
            f"SELECT {reference} FROM {table} WHERE agency = %s AND {reference} IS NOT NULL LIMIT 1",  # noqa: S608
            (NORTH,),
        ).scalar_one()
    with of_agency(two.application, SOUTH).connect() as south:
        one = f"SELECT ctid FROM {table} WHERE {reference} IS NOT NULL LIMIT 1"  # noqa: S608
        assert south.exec_driver_sql(one).first() is not None
        turned = f"UPDATE {table} SET {reference} = '{foreign}' WHERE ctid = ({one})"  # noqa: S608
        assert code_of(south, turned) == NO_SUCH_ROW


def test_the_role_of_the_application_is_bound_and_the_owner_is_not(two: Two) -> None:
    with two.application.connect() as connection:
        assert not is_open_to(connection)
    with two.owner.connect() as connection:
        assert is_open_to(connection)


@pytest.mark.parametrize("table", TABLES)
def test_a_connection_that_names_no_agency_reads_and_writes_nothing(two: Two, table: str) -> None:
    refusals = {UNSET, NO_NAME, NOT_ALLOWED}
    with two.application.connect() as fresh:
        for statement in _everything(table):
            code = code_of(fresh, statement)
            assert code in refusals or (code is None and _is_empty(two, table)), statement
        assert code_of(fresh, at(table, "INSERT INTO TABLE_ (agency) VALUES ('south')")) in refusals
    if _is_empty(two, table):
        return
    with of_agency(two.application, SOUTH).connect() as before:
        before.exec_driver_sql(at(table, "SELECT count(*) FROM TABLE_"))
        driver = before.connection.driver_connection
        assert driver is not None
        driver.rollback()  # the same connection, after a transaction that named one
        with pytest.raises(Exception, match=r"agency_name|contact\.agency"):
            driver.execute(at(table, "SELECT * FROM TABLE_ WHERE agency IS NOT NULL"))
        driver.rollback()


def _is_empty(two: Two, table: str) -> bool:
    """Nobody judges rows where there are none."""
    with two.owner.connect() as connection:
        return connection.exec_driver_sql(at(table, "SELECT 1 FROM TABLE_ LIMIT 1")).first() is None


def _everything(table: str) -> list[str]:
    return [
        at(table, "SELECT * FROM TABLE_"),
        at(table, "SELECT count(*) FROM TABLE_"),
        at(table, "UPDATE TABLE_ SET agency = agency"),
        at(table, "DELETE FROM TABLE_"),
        at(table, "TRUNCATE TABLE_ CASCADE"),
        at(table, "ALTER TABLE TABLE_ DISABLE ROW LEVEL SECURITY"),
        at(table, "DROP POLICY of_its_agency ON TABLE_"),
    ]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(("mine", "other"), [(SOUTH, NORTH), (NORTH, SOUTH)])
def test_an_agency_sees_all_its_own_rows_and_none_of_the_others(
    two: Two, table: str, mine: str, other: str
) -> None:
    by_agency = text(at(table, "SELECT agency, count(*) FROM TABLE_ GROUP BY agency"))
    with two.owner.connect() as connection:
        there = dict(map(tuple, connection.execute(by_agency)))
    with of_agency(two.application, mine).connect() as connection:
        seen = dict(map(tuple, connection.execute(by_agency)))
        wanted = at(table, "SELECT * FROM TABLE_ WHERE agency = 'OTHER_'").replace("OTHER_", other)
        assert connection.exec_driver_sql(wanted).all() == []
    assert seen == {name: count for name, count in there.items() if name == mine}
    assert set(there) <= {SOUTH, NORTH}


@pytest.mark.parametrize("table", TABLES)
def test_no_statement_changes_takes_or_makes_a_row_of_the_other(two: Two, table: str) -> None:
    with of_agency(two.application, SOUTH).connect() as connection:
        assert code_of(connection, at(table, "INSERT INTO TABLE_ (agency) VALUES ('north')")) == NOT_ALLOWED
        mine = connection.exec_driver_sql(at(table, "SELECT count(*) FROM TABLE_")).scalar_one()
        moved = code_of(connection, at(table, "UPDATE TABLE_ SET agency = 'north'"))
        assert moved is not None or mine == 0
        for statement in (
            at(table, "UPDATE TABLE_ SET agency = 'south' WHERE agency = 'north'"),
            at(table, "DELETE FROM TABLE_ WHERE agency = 'north'"),
        ):
            assert _touched(connection, statement) == 0, statement


def _touched(connection: Connection, statement: str) -> int:
    """How many rows; a statement that is not allowed at all touches none."""
    if code_of(connection, statement) == NOT_ALLOWED:
        return 0
    attempt = connection.begin_nested()
    touched = connection.exec_driver_sql(statement).rowcount
    attempt.rollback()
    return touched


def test_both_have_the_same_e_mail_addresses_and_most_tables_have_rows_of_both(two: Two) -> None:
    with two.owner.connect() as connection:
        twice = connection.exec_driver_sql(
            "SELECT email FROM staff_account GROUP BY email HAVING count(DISTINCT agency) = 2"
        )
        assert len(twice.all()) >= 5
        filled = [
            table
            for table in TABLES
            if len(connection.exec_driver_sql(at(table, "SELECT DISTINCT agency FROM TABLE_")).all()) == 2
        ]
    assert len(filled) >= 30, filled


@pytest.mark.parametrize(
    ("act", "passes"),
    [("SUPERUSER", True), ("BYPASSRLS", True), ("IN ROLE CURRENT_USER", True), ("LOGIN", False)],
)
def test_a_role_that_could_pass_the_wall_is_known(two: Two, act: str, passes: bool) -> None:  # noqa: FBT001
    with two.owner.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE one_for_the_test {act}")
        connection.exec_driver_sql("SET LOCAL ROLE one_for_the_test")
        assert is_open_to(connection) == passes
        connection.rollback()


def test_the_wall_keeps_no_index_from_a_query(two: Two) -> None:
    """Behind the wall PostgreSQL looks a value up in an index only by operators that leak nothing of other rows."""
    with two.owner.connect() as connection:
        leaking = connection.exec_driver_sql(_LEAKING).scalars().all()
        assert connection.exec_driver_sql(_LEAKING.replace("NOT proleakproof AND", "")).first() is not None
    assert leaking == []


_LEAKING = """
SELECT DISTINCT amoplefttype::regtype::text
FROM pg_index JOIN pg_class AS ours ON ours.oid = indrelid, unnest(indclass) AS class
JOIN pg_opclass ON pg_opclass.oid = class JOIN pg_amop ON amopfamily = opcfamily AND amoplefttype = opcintype
  AND amoprighttype = opcintype AND amopmethod = 403 AND amopstrategy = 3
JOIN pg_operator ON pg_operator.oid = amopopr JOIN pg_proc ON pg_proc.oid = oprcode
WHERE NOT proleakproof AND relnamespace = 'public'::regnamespace
"""


def test_a_transaction_is_told_its_agency_without_a_statement_more(two: Two) -> None:
    """What is said rides with the BEGIN; whoever counts statements counts those that were asked for."""
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    event.listen(two.application, "before_cursor_execute", count)
    try:
        with of_agency(two.application, SOUTH).connect() as connection:
            wanted = "SELECT current_setting('contact.agency')"
            assert connection.exec_driver_sql(wanted).scalar_one() == SOUTH
    finally:
        event.remove(two.application, "before_cursor_execute", count)
    assert counted == [wanted]


def test_transactions_of_two_agencies_on_one_connection_do_not_know_each_other(two: Two) -> None:
    for name in (SOUTH, NORTH, SOUTH):
        with of_agency(two.application, name).connect() as connection:
            seen = set(connection.exec_driver_sql("SELECT agency FROM person").scalars())
            assert seen == {name}
            connection.rollback()
            assert set(connection.exec_driver_sql("SELECT agency FROM person").scalars()) == {name}
