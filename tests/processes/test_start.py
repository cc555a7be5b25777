"""Processes that must not start say in one line why, and leave everything as it was."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from contact_service.database import connect
from contact_service.demo import key_files
from contact_service.demo.key_files import KeySet
from contact_service.migrations.upgrade import upgrade

pytestmark = pytest.mark.slow  # each starts a process


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeySet:
    return key_files.make(tmp_path_factory.mktemp("set") / "keys", origin="tests.example", agency="agency")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('data')}/contact.db"
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    return url


def command(*arguments: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
    return subprocess.run(
        [sys.executable, "-m", "contact_service", *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=typed,
        timeout=60,
        env=inherited | {"CONTACT_LOG_LEVEL": "ERROR"} | environment,
    )


def settings(keys: KeySet, database: str) -> dict[str, str]:
    return keys.environment() | {"CONTACT_DATABASE_URL": database, "CONTACT_LISTEN": "127.0.0.1:1"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"CONTACT_KEYS_PATH": "/nowhere/agency.key"}, "The key file cannot be read"),
        ({"CONTACT_KEYS_PASSPHRASE": "not the words"}, "passphrase"),
        ({"CONTACT_KEYS_PASSPHRASE": ""}, "Set CONTACT_KEYS_PASSPHRASE"),
        ({"CONTACT_PORT": "8000"}, "CONTACT_PORT is not a setting"),
        ({"CONTACT_TICKET_KEY": "AAAA"}, "CONTACT_TICKET_KEY is not base64 of 32 bytes"),
        ({"CONTACT_DEMO": "true"}, "made-up family"),
    ],
)
def test_serve_does_not_start(keys: KeySet, database: str, change: dict[str, str], says: str) -> None:
    done = command("serve", **(settings(keys, database) | change))
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_serve_does_not_start_on_another_schema(keys: KeySet, tmp_path: Path) -> None:
    done = command("serve", **settings(keys, f"sqlite:///{tmp_path}/empty.db"))
    assert done.returncode == 1
    assert "contact-service migrate" in done.stderr


def test_a_damaged_key_file_is_said_to_be_damaged_and_kept(
    keys: KeySet, database: str, tmp_path: Path
) -> None:
    damaged = bytearray(keys.keys_path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "agency.key").write_bytes(damaged)
    done = command(
        "serve", **(settings(keys, database) | {"CONTACT_KEYS_PATH": str(tmp_path / "agency.key")})
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert (tmp_path / "agency.key").read_bytes() == bytes(damaged)


def test_the_relay_does_not_start_without_its_key() -> None:
    done = command("relay")
    assert done.returncode == 1
    assert "CONTACT_RELAY_KEY" in done.stderr


def test_an_account_is_made_from_the_command_line_and_its_owner_sets_the_password(
    keys: KeySet, database: str
) -> None:
    add = ("staff", "add", "new@agency.example", "--role", "worker", "--name", "New Worker")
    made = command(*add, **settings(keys, database))
    assert made.returncode == 0, made.stderr
    assert re.search(r"within the hour: ([a-z2-7]{6}-){3}[a-z2-7]{6}$", made.stdout, re.MULTILINE)
    assert "/w/sign-in/new-password" in made.stdout
    again = command(*add, **settings(keys, database))
    assert again.returncode == 1
    assert "account with this address" in again.stderr
    unknown = command("staff", "add", "a@b.example", "--role", "king", **settings(keys, database))
    assert "A role is one of" in unknown.stderr


def test_a_second_set_of_keys_never_replaces_the_first(keys: KeySet) -> None:
    before = keys.keys_path.read_bytes()
    done = command("keys", "new", str(keys.keys_path.parent))
    assert done.returncode == 1
    assert keys.keys_path.read_bytes() == before
