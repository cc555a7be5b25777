"""Agencies that are added and closed while ``serve``, ``schedule`` and ``seal`` run: nobody starts anything anew."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from contact_service import actor
from contact_service.agencies.actions import add_agency
from contact_service.database import connect
from contact_service.demo import key_files
from contact_service.demo.key_files import KeySet
from contact_service.installing import agency_of, install
from contact_service.keys.text import private_key
from contact_service.migrations.upgrade import upgrade
from contact_service.settings import Settings
from contact_service.work import begin
from tests.agencies.conftest import bound
from tests.agencies.test_serving import WEST, linked, public_text, rooms_told
from tests.api.test_relay_link import until as next_of
from tests.openid_provider import free_port
from tests.processes.test_start import command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
NOT_YOU = 4401  # the relay is not registered here
HERE, EAST = "first.example", "east.example"
WAIT_SECONDS = 60  # on a machine that does much else; alone it is two or three


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeySet:
    return key_files.make(tmp_path_factory.mktemp("set") / "keys", origin="tests.example", agency="agency")


@dataclass(frozen=True, kw_only=True)
class Running:
    """The processes of an installation; ``owner`` sees all rows of its database."""

    environment: dict[str, str]
    owner: Engine

    def asked(self, host: str, path: str = "/w/sign-in") -> tuple[int, str]:
        """Status and body of what is answered under a host; 0 while nobody listens."""
        connection = http.client.HTTPConnection(self.environment["CONTACT_LISTEN"], timeout=30)
        try:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            return 0, ""
        finally:
            connection.close()

    def status(self, host: str) -> int:
        return self.asked(host)[0]

    @property
    def link(self) -> str:
        return f"ws://{self.environment['CONTACT_LINK_LISTEN']}/link"

    def found(self, query: str) -> list[object]:
        with self.owner.connect() as connection:
            return list(connection.execute(text(query)).scalars())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def running(request: pytest.FixtureRequest, keys: KeySet, tmp_path: Path) -> Iterator[Running]:
    """One agency served, ticking and sealed, its first run begun."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path}/contact.db"
            owner = connect(url)
            upgrade(owner)
            stack.callback(owner.dispose)
        else:
            owner, url = stack.enter_context(bound(request.getfixturevalue("postgresql")))
        yield stack.enter_context(_started(keys, url, owner, tmp_path))


@contextmanager
def _started(keys: KeySet, url: str, owner: Engine, folder: Path) -> Iterator[Running]:
    said = keys.environment() | {
        "CONTACT_DATABASE_URL": url,
        "CONTACT_LOG_ORIGIN": "tests.example",
        "CONTACT_PUBLIC_URL": f"https://{HERE}",
        "CONTACT_LISTEN": f"127.0.0.1:{free_port()}",
        "CONTACT_LINK_LISTEN": f"127.0.0.1:{free_port()}",
        "CONTACT_SEAL_MEMORY_PATH": str(folder / "seal-memory"),
    }
    assert command("first-run", **said).returncode == 0
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
    processes = [
        subprocess.Popen([sys.executable, "-m", "contact_service", name], env=inherited | said)
        for name in ("serve", "schedule", "seal")
    ]
    running = Running(environment=said, owner=owner)
    try:
        until(lambda: running.status(HERE) == 200)
        yield running
        assert [process.poll() for process in processes] == [None] * 3, "one of them ended by itself"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


def until(come_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not come_true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)


def has_ended(running: Running, agency: str) -> bool:
    """Whether no job of the agency begins any more, which would be one every second."""
    ticks = "SELECT begun_at FROM job_heartbeat WHERE job = 'open doors'"
    if running.owner.dialect.name == "postgresql":
        ticks += f" AND agency = '{agency}'"
    before = running.found(ticks)
    time.sleep(4)
    return running.found(ticks) == before


def close(running: Running, agency: str, host: str, *, link: str, key: Ed25519PrivateKey) -> None:
    """Close it, and see its pages, the link of its relay and its jobs end."""
    with linked(running.link, link, key) as socket:
        assert next_of(socket, "rooms")
        done = command("agency", "close", agency, **running.environment)
        assert done.returncode == 0, done.stderr
        assert closed_with(socket) == NOT_YOU
    until(lambda: running.status(host) == 410)
    until(lambda: has_ended(running, agency))
    with pytest.raises(ConnectionClosed):
        rooms_told(running.link, link, key)


def closed_with(socket: ClientConnection) -> int | None:
    """The code with which the other side closed it, whatever it says before."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=WAIT_SECONDS)
    return socket.close_code


@pytest.mark.parametrize("running", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_an_agency_is_added_and_closed_while_everything_runs(running: Running, keys: KeySet) -> None:
    key = Ed25519PrivateKey.generate()
    assert running.status(EAST) == 421
    made = command(
        *("agency", "create", "east", "--name", "East Visits", "--public-url", f"https://{EAST}"),
        *("--relay-key", public_text(key)),
        **running.environment,
    )
    assert made.returncode == 0, made.stderr
    assert "restart" not in made.stdout
    until(lambda: running.status(EAST) == 200)
    assert "East Visits" in running.asked(EAST)[1]
    assert "East Visits" not in running.asked(HERE)[1]
    until(
        lambda: bool(
            running.found("SELECT 1 FROM job_heartbeat WHERE agency = 'east' AND ended_at IS NOT NULL")
        )
    )
    until(lambda: "tests.example/east/contact" in running.found("SELECT log FROM audit_checkpoint"))
    for name, wrong in (("relay-east", private_key(keys.relay[0], setting="relay")), ("relay-1", key)):
        with pytest.raises(ConnectionClosed):
            rooms_told(running.link, name, wrong)
    close(running, "east", EAST, link="relay-east", key=key)
    assert running.status(HERE) == 200
    assert rooms_told(running.link, "relay-1", private_key(keys.relay[0], setting="relay"))
    assert not has_ended(running, "agency")


def test_an_only_agency_that_is_closed_answers_nobody_any_more(running: Running, keys: KeySet) -> None:
    close(running, "agency", HERE, link="relay-1", key=private_key(keys.relay[0], setting="relay"))
    assert running.status("127.0.0.1") == 410


@pytest.mark.parametrize("running", ["sqlite"], indirect=True)
def test_without_a_wall_an_agency_that_got_in_is_not_opened_and_the_first_goes_on(running: Running) -> None:
    settings = Settings.from_environment(running.environment)
    first = install(settings)
    with begin(replace(first, agency=WEST.name), actor.COMMAND_LINE) as work:
        add_agency(work, WEST, of_settings=agency_of(settings))
    first.engine.dispose()
    time.sleep(5)
    assert running.status(WEST.host) == 421
    assert running.status(HERE) == 200
    assert not has_ended(running, "agency")
