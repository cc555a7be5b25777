"""Fixtures for every test: a fresh, migrated database of each kind, and one browser."""

import gc
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, text

from contact_service import actor
from contact_service.actor import Role
from contact_service.agency_policy.document import Document
from contact_service.app import public_routes
from contact_service.database import connect
from contact_service.demo.brother import Brother, load_brother
from contact_service.demo.cast import Cast, load
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId, AgencyId
from contact_service.keys.provider import KeyProvider
from contact_service.migrations.upgrade import upgrade
from contact_service.work import Installation
from tests.cast import NOON, PASSWORD, Hands, House
from tests.renewing import KEPT, Renewed, administer, copy, other

# A slow machine is no failure.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--autoplay-policy=no-user-gesture-required",
]

ONE_IN = 3  # of a file of tests of pages is asked of PostgreSQL too
_ROOM_OF_A_SERVER = 2 * 1024**3
_ROOM_OF_A_FILE = 32 * 1024**2
POSTGRESQL_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A third of the tests of pages on PostgreSQL, and what may take longest first."""
    if os.environ.get("DATABASES") != "all" and not _are_chosen(config):
        left = _left_out_of_postgresql(items)
        config.hook.pytest_deselected(items=left)
        gone = {id(item) for item in left}
        items[:] = [item for item in items if id(item) not in gone]
    _longest_first(items)


def _are_chosen(config: pytest.Config) -> bool:
    """Whether somebody asks for some tests by name or by file: whoever does wants them on both databases."""
    return bool(config.option.keyword) or any(".py" in one for one in config.args)


def _left_out_of_postgresql(items: list[pytest.Item]) -> list[pytest.Item]:
    """Two of three tests that show what a page or an operation of the API says, asked of SQLite already.

    Every statement that they lead to is asked of both databases in ``actions/``, and every page and operation is by the
    access matrix and by whoever knocks at the doors of another agency.  ``DATABASES=all`` leaves out nothing.
    """
    of_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        on_both = item.get_closest_marker("postgresql") and "database" in getattr(item, "fixturenames", ())
        if on_both and item.path.parent.name in {"pages", "api"} and not item.get_closest_marker("both"):
            of_file.setdefault(item.path, []).append(item)
    return [item for found in of_file.values() for number, item in enumerate(found) if number % ONE_IN]


def _longest_first(items: list[pytest.Item]) -> None:
    """File by file: begun last, what takes longest would let one worker wait for the other."""
    longest: dict[Path, float] = {}
    for item in items:
        limit = item.get_closest_marker("timeout")
        allowed = float(limit.args[0]) if limit else 0.0
        longest[item.path] = max(longest.get(item.path, 0.0), allowed)
    items.sort(key=lambda item: -longest[item.path])


def pytest_collection_finish() -> None:
    """Modules, tables and routes stay: the collector of garbage need not look at them again with every test."""
    gc.collect()
    gc.freeze()


class Kept:
    """An engine for each kind of database, led to another database for each test."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._engines: dict[str, Engine] = {}

    def on(self, database_url: str) -> Engine:
        """The engine of this kind, on this database.

        A file of SQLite is reached over a link: SQLite names its logs after the file itself, so that a connection
        somebody left open never touches those of the next test.
        """
        url = database_url
        if url.startswith("sqlite"):
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(url.removeprefix("sqlite:///"))
            url = f"sqlite:///{self._link}"
        else:
            url = f"{url}?application_name={KEPT}"
        if url not in self._engines:
            self._engines[url] = connect(url)
        return self._engines[url]

    def let_go(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for every browser test of this process: starting another takes longer than most of them."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium is installed (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process: a running one if named, else one of our own."""
    if named := os.environ.get("TEST_POSTGRESQL_URL"):
        yield named
        return
    if not POSTGRESQL_BINARIES:
        pytest.skip("no PostgreSQL server is installed (Debian package postgresql)")
    with _server() as url:
        yield url


@contextmanager
def _server() -> Iterator[str]:
    """A PostgreSQL server of this process alone, run by a user other than root, gone with its data afterwards.

    Its folder is not one of pytest's: those belong to one user, and another run at the same time resets them.
    """
    folder = Path(tempfile.mkdtemp(prefix="contact-postgresql-", dir=_memory(_ROOM_OF_A_SERVER)))
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(folder, user.pw_uid, user.pw_gid)
    data, port = folder / "data", _free_port()
    try:
        _run(user, "initdb", "-D", data, "-U", "tests", "--auth=trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -h 127.0.0.1 -p {port} -c fsync=off -c max_connections=60"
        _run(user, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://tests@127.0.0.1:{port}/postgres"
        finally:
            _run(user, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(user: pwd.struct_passwd, program: str, *arguments: object) -> None:
    command = [str(POSTGRESQL_BINARIES[0] / program), *map(str, arguments)]
    asked = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(  # type: ignore[call-overload]  # the three keywords go together
        command, check=False, capture_output=True, text=True, cwd="/", timeout=60, **asked
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> str:
    """A migrated, empty database that others are copied from."""
    name = f"template_{secrets.token_hex(4)}"
    administer(postgresql, f"CREATE DATABASE {name}")
    _migrate(other(postgresql, name))
    return name


@pytest.fixture(scope="session")
def postgresql_house(
    postgresql: str, postgresql_template: str, key_provider: KeyProvider
) -> tuple[str, Cast]:
    """A database with the cast in it, and who is who."""
    name = f"house_{secrets.token_hex(4)}"
    copy(postgresql, name, postgresql_template)
    return name, _load_cast(other(postgresql, name), key_provider)


@pytest.fixture(scope="session")
def renewed_template(postgresql: str, postgresql_template: str) -> Iterator[Renewed]:
    """A migrated, empty database for one test after the other."""
    renewed = Renewed(postgresql, postgresql_template)
    yield renewed
    renewed.drop()


@pytest.fixture(scope="session")
def renewed_house(postgresql: str, postgresql_house: tuple[str, Cast]) -> Iterator[tuple[Renewed, Cast]]:
    """A database with the cast in it for one test after the other, and who is who."""
    template, cast = postgresql_house
    renewed = Renewed(postgresql, template)
    yield renewed, cast
    renewed.drop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file that others are copied from."""
    path = tmp_path_factory.mktemp("template") / "contact.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_house(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, key_provider: KeyProvider
) -> tuple[Path, Cast]:
    """A database file with the cast in it, and who is who."""
    path = tmp_path_factory.mktemp("house") / "contact.db"
    shutil.copy(sqlite_template, path)
    return path, _load_cast(f"sqlite:///{path}", key_provider)


def _migrate(url: str) -> None:
    engine = connect(url)
    upgrade(engine)
    engine.dispose()


def _load_cast(url: str, keys: KeyProvider) -> Cast:
    engine = connect(url)
    installation = Installation(
        engine=engine, keys=keys, agency=AgencyId("agency"), log_origin="tests.example", clock=Hands(NOON)
    )
    cast = load(installation, password=PASSWORD, policy=Document(), demo=False)
    _ease_passwords(engine)
    engine.dispose()  # the last connection of SQLite folds its log into the file
    return cast


def _ease_passwords(engine: Engine) -> None:
    """Keep the cast's password under a cheap hash: thousands of tests sign in, few are about what that costs."""
    easy = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE staff_account SET password_hash = :hash WHERE password_hash <> ''"), {"hash": easy}
        )


@pytest.fixture
def memory_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the machine has one: a test's database need not outlive a power cut."""
    memory = _memory(_ROOM_OF_A_FILE)
    if memory is None:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="contact-sqlite-", dir=memory) as folder:
        yield Path(folder)


def _memory(room: int) -> str | None:
    """The machine's folder in memory, where it has one with so many bytes of room; containers often have 64 MB."""
    memory = "/dev/shm"  # noqa: S108
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= room else None


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, memory_folder: Path) -> Iterator[tuple[str, Cast | None]]:
    """A fresh database, once on SQLite and once on PostgreSQL; with the cast in it when the test asks for ``house``."""
    housed = "house" in request.fixturenames
    if request.param == "sqlite":
        path, cast = (
            request.getfixturevalue("sqlite_house")
            if housed
            else (request.getfixturevalue("sqlite_template"), None)
        )
        shutil.copy(path, memory_folder / "contact.db")
        yield f"sqlite:///{memory_folder}/contact.db", cast
        return
    renewed, cast = (
        request.getfixturevalue("renewed_house")
        if housed
        else (request.getfixturevalue("renewed_template"), None)
    )
    yield renewed.fresh(), cast


@pytest.fixture
def database_url(database: tuple[str, Cast | None]) -> str:
    """The address of the fresh database."""
    return database[0]


@pytest.fixture(scope="session")
def kept_engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The two engines of this process: a new one would compile every statement anew."""
    kept = Kept(tmp_path_factory.mktemp("kept") / "database")
    yield kept
    kept.let_go()


@pytest.fixture
def engine(database_url: str, kept_engines: Kept) -> Iterator[Engine]:
    """An engine on the fresh database.

    On PostgreSQL its connections stay: a new one plans every statement anew, and reads anew what every table is.
    """
    engine = kept_engines.on(database_url)
    yield engine
    if engine.dialect.name == "sqlite":
        engine.dispose()


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """A database with nothing in it, not even tables; gone afterwards."""
    name = f"empty_{secrets.token_hex(6)}"
    administer(server, f"CREATE DATABASE {name}")
    yield other(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def every_route() -> FastAPI:
    """The public application of this process, for whoever furnishes it: one at a time."""
    return public_routes(demo=False, described=False)


@pytest.fixture(scope="session")
def key_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one key file of every test stands, once there is a ``key_provider``."""
    return tmp_path_factory.mktemp("keys") / "agency.key"


@pytest.fixture(scope="session")
def key_provider(key_path: Path) -> KeyProvider:
    """One key file for every test: sealing it costs a deliberate moment."""
    return KeyProvider.create(key_path, "a passphrase for tests")


@pytest.fixture
def clock() -> Hands:
    """The clock of the house: noon on a Tuesday in May."""
    return Hands(NOON)


@pytest.fixture
def installation(engine: Engine, key_provider: KeyProvider, clock: Hands) -> Installation:
    """An empty installation on the fresh database."""
    return Installation(
        engine=engine,
        keys=key_provider,
        agency=AgencyId("agency"),
        log_origin="tests.example",
        clock=clock,
    )


@pytest.fixture
def house(installation: Installation, clock: Hands, database: tuple[str, Cast | None]) -> House:
    """The cast at home."""
    cast = database[1]
    assert cast is not None
    return House(installation=installation, cast=cast, clock=clock)


@pytest.fixture
def sade(house: House) -> AccountId:
    """A worker who knows the case of Mia's half-brother alone."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        return add_account(
            work, email="sade@demo.example", name="Sade Obi", roles=(Role.WORKER,), password=PASSWORD
        )


@pytest.fixture
def brother(house: House, sade: AccountId) -> Brother:
    """Mia's half-brother, who has a case, a carer and a worker of his own."""
    return load_brother(house.installation, house.cast, workers=(sade,))
