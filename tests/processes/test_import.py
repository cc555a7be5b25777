"""A caseload from the command line, as somebody who sets an agency up does it."""

from pathlib import Path

import pytest

import contact_service.caseload
from contact_service import actor
from contact_service.accountability.actions import write_statement
from contact_service.actor import Role
from contact_service.app import install
from contact_service.demo.cast import MADE_UP
from contact_service.demo.key_files import KeySet
from contact_service.identity.actions import add_account
from contact_service.settings import Settings
from contact_service.work import begin
from tests.processes.test_start import command, database, keys, settings

pytestmark = pytest.mark.slow
__all__ = ["database", "keys"]  # fixtures
EXAMPLE = Path(contact_service.caseload.__file__).parent / "example.csv"


def test_a_caseload_is_tried_taken_in_and_known(keys: KeySet, database: str, tmp_path: Path) -> None:
    known = settings(keys, database)
    with begin(install(Settings.from_environment(known)), actor.COMMAND_LINE) as work:
        words = "a password of many words"
        add_account(work, email="wim@demo.example", name="Wim", roles=(Role.WORKER,), password=words)
    asked = ("import", "people", str(EXAMPLE), "--worker", "wim@demo.example")
    early = command(*asked, **known)
    assert (early.returncode, len(early.stderr.strip().splitlines())) == (1, 1), early.stderr
    assert "Nobody can be entered yet." in early.stderr
    with begin(install(Settings.from_environment(known)), actor.COMMAND_LINE) as work:
        write_statement(work, MADE_UP)
    tried = command(*asked, "--dry-run", **known)
    assert (tried.returncode, "8 people" in tried.stdout, "would be imported" in tried.stdout) == (
        0,
        True,
        True,
    )
    done = command(*asked, **known)
    assert (done.returncode, "were imported; 2 new case(s)" in done.stdout) == (0, True), done.stderr
    again = command(*asked, **known)
    assert again.stdout == "All 9 lines are known already. Nothing was changed.\n"
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(EXAMPLE.read_text().replace("2016-05-04", "4.5.2016"))
    refused = command("import", "people", str(wrong), "--failed", str(tmp_path / "failed.csv"), **known)
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[0] == "line 2: born_on: Write the day like 2018-03-14."
    assert "Nothing was imported: 1 line(s)" in refused.stderr
    assert (tmp_path / "failed.csv").read_text("utf-8-sig").splitlines()[1].startswith("2,born_on:")
    missing = command("import", "people", str(tmp_path / "none.csv"), **known)
    assert (missing.returncode, len(missing.stderr.strip().splitlines())) == (1, 1)
