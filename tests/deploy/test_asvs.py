"""What deploy/ASVS.md says is shown by a test is shown by a test that exists."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
TABLE = (TESTS.parent / "deploy" / "ASVS.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.splitlines()
    if re.match(r"\| \d", line)
]
STATES = {"shown", "read", "deviation", "open"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[2]}")
def test_a_row_says_what_holds_and_names_what_shows_it(row: list[str]) -> None:
    _, level, what, state, by = row
    named = re.findall(r"`([a-z]+/test_\w+\.py)(?:::(test_\w+))?`", by)
    assert re.fullmatch(r"[1-3](-[1-3])?", level)
    assert what
    assert state in STATES
    assert by
    assert named or state != "shown"
    for file, name in named:
        text = (TESTS / file).read_text(encoding="utf-8")
        assert f"def {name}(" in text if name else "def test_" in text


def test_the_table_covers_every_chapter_that_applies() -> None:
    chapters = {int(row[0].partition(".")[0]) for row in ROWS}
    assert chapters == set(range(1, 18))
    assert len(ROWS) >= 100
