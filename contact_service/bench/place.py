"""An empty database to measure on, of the kind that is named.

Nothing is written into the named database itself: on PostgreSQL a database of its own is made and dropped, on SQLite a
file in a folder beside the named one, on the same disk.
"""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from contact_service.database import connect


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database that was made for one run, and a folder beside it."""

    engine: Engine
    database_url: str
    folder: Path


@contextmanager
def fresh(database_url: str | None) -> Iterator[Place]:
    """A place that is gone afterwards; a temporary SQLite file when no database is named."""
    backend = make_url(database_url).get_backend_name() if database_url else "sqlite"
    named = make_url(database_url).database if database_url and backend == "sqlite" else None
    beside = Path(named).parent if named else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=beside) as folder:
        if backend == "sqlite":
            yield from _fresh_sqlite(Path(folder))
        else:
            assert database_url is not None
            yield from _fresh_postgresql(database_url, Path(folder))


def _fresh_sqlite(folder: Path) -> Iterator[Place]:
    url = f"sqlite:///{folder}/contact.db"
    engine = connect(url)
    yield Place(engine=engine, database_url=url, folder=folder)
    engine.dispose()


def _fresh_postgresql(database_url: str, folder: Path) -> Iterator[Place]:
    name = f"bench_{secrets.token_hex(6)}"
    url = make_url(database_url).set(database=name).render_as_string(hide_password=False)
    server = connect(database_url).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        engine = connect(url)
        try:
            yield Place(engine=engine, database_url=url, folder=folder)
        finally:
            engine.dispose()
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()
