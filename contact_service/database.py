"""The engine (SQLite or PostgreSQL), the naming convention and the column types.  Sessions are opened by ``work``."""

import math
import select
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BindParameter,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    bindparam,
    create_engine,
    event,
)
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
# How long a thread of the same process waits for its turn before that: others are ahead of it, and go on.
TURN_SECONDS = 20
# How many threads of one process write at once on PostgreSQL.  Measured with 2, 3, 4 and 6 side by side, 200 who ask at
# once for one slot: with 2 and 3 the slowest waited longer in most rounds; 4 and 6 could not be told apart.
WRITERS = 4
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


def some(name: str) -> BindParameter[str]:
    """Ids that a statement is given when it is asked, as ``params={name: [...]}``.

    A statement that many requests ask is put together once: that takes three times as long as to ask it.
    """
    return bindparam(name, expanding=True, type_=String)


def connect(url: str) -> Engine:
    """An engine for ``url`` on which a committed row survives a power cut."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    return _postgresql(url)


@contextmanager
def turn_to_write(engine: Engine) -> Iterator[None]:
    """Wait until few enough other threads of this process write.

    SQLite has one writer, and lets those who wait try again now and then: without turns somebody could wait for ever
    while others who came later are served.  PostgreSQL has many, but the threads of one process share one processor:
    forty at once get half as much done as a few, and hold each other's locks for longer.
    """
    turn = _turns.get(engine.dialect)
    if turn is None:  # an engine of somebody else's making
        yield
        return
    # Another process may be writing as well; the database itself says so when that takes too long.
    taken = turn.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if taken:
            turn.release()


class _Turns:
    """So many at once, and whoever came first goes first.

    A plain semaphore lets whoever gives back a turn and asks for the next at once go ahead of all who wait.
    """

    def __init__(self, at_once: int) -> None:
        self._free, self._door = at_once, Lock()
        self._waiting: deque[Event] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for a turn; False when none came in that many seconds."""
        with self._door:
            if self._free:
                self._free -= 1
                return True
            mine = Event()
            self._waiting.append(mine)
        if mine.wait(timeout):
            return True
        with self._door:
            if mine.is_set():  # it was handed over at the last moment
                return True
            self._waiting.remove(mine)
            return False

    def release(self) -> None:
        """Hand the turn to whoever has waited longest."""
        with self._door:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


# By what an engine shares with those made of it for one agency each: a process has one database.
_turns: WeakKeyDictionary[Dialect, _Turns] = WeakKeyDictionary()


def _postgresql(url: str) -> Engine:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=10,
        # Together as many as one web process answers at once: nobody inside its door waits for a connection.
        max_overflow=30,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c lock_timeout={LOCK_SECONDS}s -c idle_in_transaction_session_timeout=30s -c timezone=UTC",
        },
    )

    _turns[engine.dialect] = _Turns(WRITERS)

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

    event.listen(engine, "begin", _tell_agency)
    return engine


def of_agency(engine: Engine, agency: str) -> Engine:
    """The same engine, every transaction of which is this agency's: behind the wall it reaches no other row.

    It shares the connections: the agency is told to PostgreSQL when a transaction begins, and forgotten at its end.
    """
    return engine.execution_options(agency=agency)


def _tell_agency(connection: Connection) -> None:
    """Begin the transaction, and say whose it is, in one round trip."""
    agency: str | None = connection.get_execution_options().get("agency")
    driver = connection.connection.driver_connection
    if agency is None or driver is None:
        return
    try:
        with driver.pipeline():
            driver.execute(_TELL, (agency,))
    except connection.dialect.loaded_dbapi.Error:
        # Once more, so that SQLAlchemy hears of a broken connection as of every other, and lets its pool go.
        connection.exec_driver_sql(_TELL, (agency,))


_TELL = "SELECT set_config('contact.agency', %s, true)"


def _has_word(socket: int) -> bool:
    """Whether anything arrived on an idle connection, its end included."""
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": LOCK_SECONDS})
    _turns[engine.dialect] = _Turns(1)

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
