"""Members of staff from the command line."""

import re
import secrets
from pathlib import Path

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.actor import Role
from contact_service.app import install
from contact_service.demo.key_files import KeySet
from contact_service.factors.actions.enrolling import renew_codes
from contact_service.factors.queries import factors_of
from contact_service.identity.actions import add_account
from contact_service.settings import Settings
from contact_service.work import begin, read
from tests.processes.test_start import command, database, keys, settings

pytestmark = pytest.mark.slow
__all__ = ["database", "keys"]  # fixtures


def test_a_lone_administrator_is_reset_from_the_command_line_and_told(keys: KeySet, database: str) -> None:
    said = settings(keys, database)
    installation = install(Settings.from_environment(said))
    email = f"{secrets.token_hex(4)}@demo.example"
    with begin(installation, actor.COMMAND_LINE) as work:
        account = add_account(
            work, email=email, name="Olive", roles=(Role.ADMINISTRATOR,), password="a password of many words"
        )
        renew_codes(work, account)
        assert factors_of(work, account).codes_left
    done = command("staff", "reset", email.upper(), **said)
    assert done.returncode == 0, done.stderr
    assert f"{email} signs in with the password alone now" in done.stdout
    with read(installation, actor.COMMAND_LINE) as work:
        assert not factors_of(work, account).codes_left
    with installation.engine.connect() as connection:
        letters = connection.execute(
            text("SELECT kind FROM outbox WHERE account_id = :account"), {"account": account}
        )
        assert letters.scalars().all() == ["sign_in_reset"]
    unknown = command("staff", "reset", "nobody@demo.example", **said)
    assert unknown.returncode == 1
    assert "Nobody signs in as nobody@demo.example" in unknown.stderr


def test_a_password_that_somebody_else_knows_is_cured_from_the_command_line(
    keys: KeySet, database: str
) -> None:
    said = settings(keys, database)
    email = f"{secrets.token_hex(4)}@demo.example"
    with begin(install(Settings.from_environment(said)), actor.COMMAND_LINE) as work:
        words = "a password of many words"
        add_account(work, email=email, name="Olive", roles=(Role.ADMINISTRATOR,), password=words)
    done = command("staff", "new-password", email, **said)
    assert done.returncode == 0, done.stderr
    assert re.search(r"within the hour: ([a-z2-7]{6}-){3}[a-z2-7]{6}$", done.stdout, re.MULTILINE)
    with install(Settings.from_environment(said)).engine.connect() as connection:
        kept = text("SELECT password_hash FROM staff_account WHERE email = :email")
        assert connection.execute(kept, {"email": email}).scalars().all() == [""]


def test_a_first_run_prints_a_code_only_while_nobody_has_an_account(keys: KeySet, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fresh.db"
    said = settings(keys, url)
    assert command("migrate", **said).returncode == 0
    first = command("first-run", **said)
    assert first.returncode == 0, first.stderr
    assert re.search(r"within the hour: ([a-z2-7]{6}-){3}[a-z2-7]{6}$", first.stdout, re.MULTILINE)
    assert "/w/first-run" in first.stdout
    assert command("staff", "add", "a@demo.example", "--role", "worker", **said).returncode == 0
    late = command("first-run", **said)
    assert (late.returncode, len(late.stderr.strip().splitlines())) == (1, 1)
    assert "There is an account already" in late.stderr
