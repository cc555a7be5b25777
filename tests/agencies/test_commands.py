"""Agencies from the command line, as an operator types."""

import base64
import json
import re
from pathlib import Path

import pytest

from contact_service.demo import key_files
from contact_service.demo.key_files import KeySet
from contact_service.installing import install_all
from contact_service.settings import Settings
from tests.agencies.conftest import Two
from tests.processes.test_start import command, database, settings

pytestmark = pytest.mark.slow
__all__ = ["database"]  # a fixture
NEW = ("agency", "create", "east", "--name", "East Visits", "--public-url", "https://east.example")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeySet:
    return key_files.make(tmp_path_factory.mktemp("set") / "keys", origin="tests.example", agency="agency")


def test_on_sqlite_a_second_agency_is_refused_and_nothing_changes(keys: KeySet, database: str) -> None:
    said = settings(keys, database)
    done = command(*NEW, **said)
    assert done.returncode == 1
    assert "An SQLite database holds one agency" in done.stderr
    listed = command("agency", "list", **said)
    assert re.findall(r"^\w+", listed.stdout, re.MULTILINE) == ["agency"]


def test_another_name_does_not_begin_another_agency_by_mistake(keys: KeySet, database: str) -> None:
    said = settings(keys, database)
    assert command("first-run", **said).returncode == 0
    done = command("first-run", **said | {"CONTACT_AGENCY": "agnecy"})
    assert done.returncode == 1
    assert "holds another agency than CONTACT_AGENCY names" in done.stderr


@pytest.mark.postgresql
def test_an_agency_is_added_listed_taken_away_and_closed(two: Two, keys: KeySet, tmp_path: Path) -> None:
    said = settings(keys, two.url) | {"CONTACT_AGENCY": "middle", "CONTACT_RELAYS": _relay("relay-1")}
    # The two of the fixture have keys of another file; this one begins as the agency of the settings.
    assert command("first-run", **said).returncode == 0
    made = command(*NEW, **said)
    assert made.returncode == 0, made.stderr
    assert re.search(r"This code makes its first administrator, once, within the hour: \S+", made.stdout)
    assert "https://east.example/w/first-run" in made.stdout
    assert command(*NEW, **said).returncode == 1
    listed = command("agency", "list", **said).stdout
    assert "east  East Visits, https://east.example, relay-east, open" in listed
    taken = command("agency", "export", "east", "--out", str(tmp_path / "east"), **said)
    assert taken.returncode == 0, taken.stderr
    lines = (tmp_path / "east" / "evidence" / "contact.jsonl").read_text("utf-8").splitlines()
    types = {json.loads(line)["entry"]["type"] for line in lines}
    assert types == {
        "agency.added",
        "installation.marked",
        "key.created",
        "first_run.code_made",
        "agency.exported",
    }
    closed = command("agency", "close", "east", **said)
    assert closed.returncode == 0, closed.stderr
    assert (
        "East Visits, https://east.example, relay-east, closed on" in command("agency", "list", **said).stdout
    )
    assert command("agency", "close", "nobody", **said).returncode == 1
    # Its relay, which the operator forgot to take out, becomes nobody else's.
    forgotten = said | {"CONTACT_RELAYS": f"{_relay('relay-1')},{_relay('relay-east')}"}
    (middle,) = install_all(Settings.from_environment(forgotten))
    middle.installation.engine.dispose()
    assert middle.settings.relays == _relay("relay-1")


@pytest.mark.postgresql
def test_as_owner_of_the_database_no_second_agency_is_added_or_served(two: Two, keys: KeySet) -> None:
    url = two.owner.url.render_as_string(hide_password=False)
    said = settings(keys, url) | {"CONTACT_AGENCY": "east", "CONTACT_RELAYS": _relay("relay-1")}
    for done in (command("agency", "create", "far", *NEW[3:], **said), command("schedule", **said)):
        assert done.returncode == 1
        assert "a database role that no wall binds" in done.stderr


def _relay(name: str) -> str:
    return f"{name}={base64.b64encode(bytes(32)).decode()}"
