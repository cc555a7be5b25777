"""Opens a whole database for reading alone, on one unchanging view of it; for whoever checks it from outside."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

from contact_service.audit.errors import DatabaseUnreadable
from contact_service.database import connect, of_agency


@contextmanager
def reading(database: str, agency: str = "") -> Iterator[Session]:
    """A session on the database at this URL, as it stands when first read; raise ``DatabaseUnreadable``.

    Whoever is bound by the wall between agencies names the one to read.
    """
    engine = of_agency(_engine(database), agency) if agency else _engine(database)
    try:
        with engine.connect() as connection, Session(connection) as session:
            yield session
    finally:
        engine.dispose()


def _engine(database: str) -> Engine:
    url = make_url(database)
    if url.get_backend_name() == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return connect(database).execution_options(**options)
    path = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or not path.is_file():
        raise DatabaseUnreadable(f"There is no database file {path.name!a} there.")
    return create_engine("sqlite://", creator=lambda: _opened_file(path))


def _opened_file(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, isolation_level=None
    )
    connection.execute("BEGIN")
    return connection
