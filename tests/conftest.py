"""Fixtures for every test: a fresh, migrated database of each kind."""

import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from contact_service.database import connect
from contact_service.migrations.upgrade import upgrade

POSTGRESQL_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of this test process: a running one if named, else one of our own."""
    if named := os.environ.get("TEST_POSTGRESQL_URL"):
        yield named
        return
    if not POSTGRESQL_BINARIES:
        pytest.skip("no PostgreSQL server is installed (Debian package postgresql)")
    with _server(tmp_path_factory.mktemp("postgresql")) as url:
        yield url


class _server:  # noqa: N801  reads as a verb phrase at the call
    """A PostgreSQL server on a socket in ``folder``, run by a user other than root."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.port = 20000 + secrets.randbelow(20000)
        self.binaries = POSTGRESQL_BINARIES[0]

    def __enter__(self) -> str:
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            for parent in self.folder.parents:  # pytest keeps its folders to their owner
                if parent == Path("/tmp"):  # noqa: S108
                    break
                parent.chmod(parent.stat().st_mode | 0o011)
        self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        self._run("initdb", "-D", self.data, "-U", "tests", "--auth=trust", "-E", "UTF8", "--no-sync")
        options = f"-k {self.folder} -h 127.0.0.1 -p {self.port} -c fsync=off -c max_connections=60"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")
        return f"postgresql://tests@127.0.0.1:{self.port}/postgres"

    def __exit__(self, *_: object) -> None:
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.data, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.binaries / program), *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", timeout=60, **self.as_user)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> str:
    """A migrated database that others are copied from."""
    name = f"template_{secrets.token_hex(4)}"
    _admin(postgresql, f"CREATE DATABASE {name}")
    engine = connect(_other(postgresql, name))
    upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "contact.db"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "contact.db")
        yield f"sqlite:///{tmp_path}/contact.db"
        return
    server: str = request.getfixturevalue("postgresql")
    name = f"test_{secrets.token_hex(6)}"
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgresql_template')}")
    yield _other(server, name)
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the fresh database."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


def _other(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


def _admin(server: str, statement: str) -> None:
    engine = connect(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for attempt in range(5):
            try:
                connection.execute(text(statement))
            except Exception:
                if attempt == 4:
                    raise
                time.sleep(0.2)
            else:
                break
    engine.dispose()
