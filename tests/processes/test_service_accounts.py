"""Service accounts from the command line to a first request."""

import re
from pathlib import Path

import pytest

from contact_service import actor
from contact_service.actor import Role
from contact_service.app import install
from contact_service.demo.key_files import KeySet
from contact_service.errors import NotSignedIn
from contact_service.identity.actions import add_account
from contact_service.service_accounts.queries import service_account_of_token
from contact_service.settings import Settings
from contact_service.work import begin, read
from tests.processes.test_start import command, database, keys, settings

pytestmark = pytest.mark.slow
__all__ = ["database", "keys"]  # fixtures
ADD = ("service-account", "add", "Caseworks", "--owner", "olive@demo.example")


@pytest.fixture(scope="module")
def known(keys: KeySet, database: str) -> dict[str, str]:
    """The settings of an installation in which Olive may answer for a machine."""
    said = settings(keys, database)
    with begin(install(Settings.from_environment(said)), actor.COMMAND_LINE) as work:
        add_account(
            work,
            email="olive@demo.example",
            name="Olive",
            roles=(Role.APPROVER,),
            password="a password of many words",
        )
    return said


def test_an_account_is_made_listed_and_revoked(known: dict[str, str], tmp_path: Path) -> None:
    made = command(
        *ADD, "--scope", "visits:read", "--scope", "people:read,staff:read", "--days", "30", **known
    )
    assert made.returncode == 0, made.stderr
    token = made.stdout.splitlines()[-1]
    account = re.search(r"[0-9a-f]{32}", made.stdout)
    assert account is not None
    with read(install(Settings.from_environment(known)), actor.COMMAND_LINE) as work:
        assert service_account_of_token(work, token).account == account[0]
    listed = command("service-account", "list", **known).stdout
    assert f"{account[0]}  Caseworks, good until" in listed
    assert "answered for by Olive: people:read, staff:read, visits:read" in listed
    assert token not in listed
    revoked = command("service-account", "revoke", account[0], **known)
    assert revoked.returncode == 0, revoked.stderr
    with (
        read(install(Settings.from_environment(known)), actor.COMMAND_LINE) as work,
        pytest.raises(NotSignedIn),
    ):
        service_account_of_token(work, token)
    again = command("service-account", "revoke", account[0], **known)
    assert (again.returncode, "revoked already" in again.stderr) == (1, True)
    assert "Caseworks, ended" in command("service-account", "list", **known).stdout
    assert token.encode() not in b"".join(path.read_bytes() for path in tmp_path.parent.rglob("*.db*"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("--scope", "visits:read", "--scope", "everything"), "A scope is one of: people:read"),
        (("--scope", "cases:all"), "A scope is one of"),
        (("--scope", "visits:read", "--days", "0"), "lasts from 1 to 400 days"),
        (("--scope", "visits:read", "--days", "9999999999999"), "lasts from 1 to 400 days"),
        (
            ("--scope", "visits:read", "--owner", "nobody@demo.example"),
            "Nobody signs in as nobody@demo.example",
        ),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    known: dict[str, str], change: tuple[str, ...], says: str
) -> None:
    done = command(*ADD, *change, **known)
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_each_scope_is_for_is_told_without_a_database() -> None:
    assert "people:write" in command("service-account", "scopes").stdout
