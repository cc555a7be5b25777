"""The engine (SQLite or PostgreSQL), the naming convention and the column types.  Sessions are opened by ``work``."""

import math
import select
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

metadata: MetaData = SQLModel.metadata

# How long a writer waits for the database before it gives up with an error that may be tried again.
LOCK_SECONDS = 5
# A connection that rested longer is asked whether its server is still there before it is used, and so is one on which
# the server has said something unasked, such as goodbye.  Asking always would cost every transaction a round trip.
TRUSTED_SECONDS = 1.0


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant.  SQLite has no zones, so they are taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a naive datetime was about to be stored"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def connect(url: str) -> Engine:
    """An engine for ``url`` on which a committed row survives a power cut."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    return _postgresql(url)


def _postgresql(url: str) -> Engine:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=10,
        max_overflow=20,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c lock_timeout={LOCK_SECONDS}s -c idle_in_transaction_session_timeout=30s -c timezone=UTC",
        },
    )

    @event.listens_for(engine, "checkin")
    def _rest(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        rested = time.monotonic() - record.info.get("rests_since", -math.inf)
        if rested < TRUSTED_SECONDS and not _has_word(connection.fileno()):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the pool makes a new connection instead

    return engine


def _has_word(socket: int) -> bool:
    """Whether anything arrived on an idle connection, its end included."""
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # The driver must not open transactions of its own: ours begin IMMEDIATE, before anything is read.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.cursor().execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading: Any = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
