"""The wall between agencies in one PostgreSQL database: a row names its agency, and only that agency reaches it.

Raised after every migration around every table that ``BESIDE`` does not name, so that no new table stands outside.
The database itself writes the agency into a row, and judges every row that is read or written, by what ``database``
says at the begin of each transaction; where nothing was said it raises an error.  ``FORCE`` binds the owner too.  A
superuser is bound by nothing: ``is_open_to`` says so, and ``app`` then refuses to serve more than one agency.

SQLite has no such wall: one file holds one agency, and ``agencies`` sees to it.

A key that other rows refer to is a random id, and so is whatever holds one; every other key is made to hold within one
agency, so that nobody learns from a refusal what another agency has.  PostgreSQL follows a reference past the wall: so
each is made one to a row of the same agency.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import Connection, text

from contact_service.errors import StartRefused

# What belongs to the installation and to no agency, each with its reason.
BESIDE = {
    "agency": "which agencies there are: read by all, written by each for itself",
    "alembic_version": "the schema's own number",
    "process_heartbeat": "says that a process lives, which works for every agency",
}
# Rows of these are never changed: not even their own triggers need to be asked.
APPEND_ONLY = frozenset({"audit_checkpoint", "audit_entry"})

# What counts and beats before there is an agency is nobody's, and goes.
BEFORE_ANY = frozenset({"job_heartbeat", "job_turn", "relay_seen", "throttle"})

# A setting that was never made raises an error; one that ended with its transaction is empty: no such name.
_SAID = "current_setting('contact.agency')::agency_name"
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
    " ORDER BY relname"
)
_OPEN = (
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p')"
    " AND relnamespace = current_schema()::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER'))"
    " FROM pg_roles WHERE rolname = current_user"
)
# Keys that nothing refers to, that are no single id, and that hold neither the agency nor a reference.
_KEYS = """
SELECT key.conname, key.contype, array_agg(attname::text ORDER BY place)
FROM pg_constraint AS key, unnest(key.conkey) WITH ORDINALITY AS of (number, place), pg_attribute
WHERE key.conrelid = to_regclass(:quoted) AND key.contype IN ('p', 'u')
  AND attrelid = key.conrelid AND attnum = of.number
  AND NOT EXISTS (SELECT 1 FROM pg_constraint AS to_it
    WHERE to_it.contype = 'f' AND to_it.confrelid = key.conrelid AND key.conkey <@ to_it.confkey)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint AS other
    WHERE other.contype = 'f' AND other.conrelid = key.conrelid AND other.conkey && key.conkey)
GROUP BY key.conname, key.contype
HAVING NOT 'agency' = ANY (array_agg(attname)) AND NOT (key.contype = 'p' AND array_agg(attname) = ARRAY['id'::name])
ORDER BY key.conname
"""
_REFERENCES = """
SELECT own.conname, child.relname, parent.relname,
  array(SELECT attname::text FROM unnest(own.conkey) WITH ORDINALITY AS of (number, place)
    JOIN pg_attribute ON attrelid = own.conrelid AND attnum = of.number ORDER BY place),
  array(SELECT attname::text FROM unnest(own.confkey) WITH ORDINALITY AS of (number, place)
    JOIN pg_attribute ON attrelid = own.confrelid AND attnum = of.number ORDER BY place)
FROM pg_constraint AS own
JOIN pg_class AS child ON child.oid = own.conrelid JOIN pg_class AS parent ON parent.oid = own.confrelid
WHERE own.contype = 'f' AND own.connamespace = current_schema()::regnamespace
ORDER BY child.relname, own.conname
"""
_HAS = text(
    "SELECT 1 FROM pg_constraint WHERE conname = :name AND connamespace = current_schema()::regnamespace"
)


class AgenciesMixed(StartRefused):
    """This database holds rows of several agencies and no wall between them. Ask the makers before you go on."""


class RoleMissing(StartRefused):
    """The database has no role of that name. Let its administrator make it first; deploy/README.md says how."""


def lower(connection: Connection) -> None:
    """Let the owner see every row, for a migration moves them all; raise the wall again in the same transaction."""
    for table in walled(connection):
        connection.exec_driver_sql(f"ALTER TABLE {_quoted(connection, table)} NO FORCE ROW LEVEL SECURITY")


def raise_around_all(connection: Connection, role: str = "") -> None:
    """Every table but those ``BESIDE`` keeps agencies apart, and ``role``, where named, may do what the product does.

    Raises ``AgenciesMixed`` or ``RoleMissing``.
    """
    if connection.dialect.name != "postgresql" or "agency" not in _tables(connection):
        return
    if connection.execute(text("SELECT to_regtype('agency_name')")).scalar() is None:
        connection.exec_driver_sql("CREATE DOMAIN agency_name AS text CHECK (VALUE <> '')")
    _let_write_for_themselves(connection)
    owner = _only_agency(connection)
    within = [table for table in _tables(connection) if table not in BESIDE]
    for table in within:
        _name_agency(connection, table, owner)
    _keep_references_within(connection, within)
    for table in within:
        _raise_around(connection, table)
    if role:
        _grant(connection, role)


def walled(connection: Connection) -> list[str]:
    """The tables around which the wall stands."""
    found = connection.execute(text("SELECT tablename FROM pg_policies WHERE policyname = 'of_its_agency'"))
    return sorted(str(name) for (name,) in found)


def is_open_to(connection: Connection) -> bool:
    """Whether the wall does not bind whoever is connected: a superuser, or the owner, who may take it down."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.exec_driver_sql(_OPEN).scalar_one())


def _tables(connection: Connection) -> list[str]:
    return [str(name) for (name,) in connection.exec_driver_sql(_TABLES)]


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _only_agency(connection: Connection) -> str:
    """Whose the rows are that name nobody: a database without a wall holds one agency.  Empty in an empty database."""
    if walled(connection):
        return ""  # a migration that fills a new table names the agency of each row
    naming = [table for table in _tables(connection) if "agency" in _columns(connection, table)]
    named = " UNION ".join(f"SELECT agency FROM {_quoted(connection, table)}" for table in naming)  # noqa: S608
    found: Sequence[str] = connection.exec_driver_sql(named).scalars().all()
    if len(found) > 1:
        raise AgenciesMixed
    return str(found[0]) if found else ""


def _name_agency(connection: Connection, name: str, owner: str) -> None:
    table = _quoted(connection, name)
    if "agency" not in _columns(connection, name):
        if not owner and name in BEFORE_ANY:
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  a name of the catalogue
        literal = owner.replace("'", "''")
        # Without an owner there is no default, so that a row of nobody's stops the migration.
        whose = f" DEFAULT '{literal}'" if owner else ""
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN agency varchar NOT NULL{whose}")
    connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN agency SET DEFAULT {_SAID}")


def _keep_references_within(connection: Connection, tables: Collection[str]) -> None:
    """Let every reference among ``tables`` be to a row of the same agency."""
    for name, child, parent, columns, referred in connection.exec_driver_sql(_REFERENCES).all():
        if not {child, parent} <= {*tables} or "agency" in columns:
            continue
        own, theirs = (_listed(connection, (*these, "agency")) for these in (columns, referred))
        of, kept = _quoted(connection, parent), _quoted(connection, name)
        key = "_".join(("uq", parent, *referred, "agency"))
        if connection.execute(_HAS, {"name": key}).first() is None:
            connection.exec_driver_sql(f"ALTER TABLE {of} ADD CONSTRAINT {key} UNIQUE ({theirs})")
        connection.exec_driver_sql(
            f"ALTER TABLE {_quoted(connection, child)} DROP CONSTRAINT {kept},"
            f" ADD CONSTRAINT {kept} FOREIGN KEY ({own}) REFERENCES {of} ({theirs})"
        )


def _listed(connection: Connection, names: Iterable[str]) -> str:
    return ", ".join(_quoted(connection, name) for name in names)


def _raise_around(connection: Connection, name: str) -> None:
    table = _quoted(connection, name)
    for statement in _keys_within(connection, table):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    if name not in walled(connection):
        rule = f"agency = {_SAID}"
        connection.exec_driver_sql(
            f"CREATE POLICY of_its_agency ON {table} USING ({rule}) WITH CHECK ({rule})"
        )


def _columns(connection: Connection, table: str) -> set[str]:
    named = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = :name"
    )
    return {str(name) for (name,) in connection.execute(text(named), {"name": table})}


def _keys_within(connection: Connection, table: str) -> Iterator[str]:
    for name, kind, columns in connection.execute(text(_KEYS), {"quoted": table}).all():
        of = _listed(connection, (*columns, "agency"))
        kept, what = _quoted(connection, name), "PRIMARY KEY" if kind == "p" else "UNIQUE"
        yield f"ALTER TABLE {table} DROP CONSTRAINT {kept}, ADD CONSTRAINT {kept} {what} ({of})"


def _let_write_for_themselves(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE agency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for name, rule in (
        ("read_by_all", "FOR SELECT USING (true)"),
        ("made_by_itself", f"FOR INSERT WITH CHECK (name = {_SAID})"),
        ("changed_by_itself", f"FOR UPDATE USING (name = {_SAID})"),
    ):
        connection.exec_driver_sql(f"DROP POLICY IF EXISTS {name} ON agency")
        connection.exec_driver_sql(f"CREATE POLICY {name} ON agency {rule}")


def _grant(connection: Connection, role: str) -> None:
    if (
        connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": role}).first()
        is None
    ):
        raise RoleMissing
    to = _quoted(connection, role)
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {to}")
    rights = {"alembic_version": "SELECT", "agency": "SELECT, INSERT, UPDATE"}
    rights |= dict.fromkeys(APPEND_ONLY, "SELECT, INSERT")
    for table in _tables(connection):
        may = rights.get(table, "SELECT, INSERT, UPDATE, DELETE")
        connection.exec_driver_sql(f"GRANT {may} ON {_quoted(connection, table)} TO {to}")
