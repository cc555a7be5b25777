"""A long log is shared out to two processes, and they find what one finds, on both databases."""

import os

import pytest

from contact_service.audit import stretches
from contact_service.audit.stretches import STRETCH_ENTRIES, Crew
from tests.audit.conftest import Log

# Two whole stretches, which are shared out, and the start of a third; checkpoints lie within, at an edge, and after.
SEALED = (STRETCH_ENTRIES - 7, STRETCH_ENTRIES, STRETCH_ENTRIES + 1000, 2 * STRETCH_ENTRIES + 5)
ENTRIES = SEALED[-1] + 3
EDGE, FAR = STRETCH_ENTRIES, 10**9
DROP = "DELETE FROM audit_entry WHERE idx {}"
MOVE = "UPDATE audit_entry SET idx = {1} WHERE idx = {0}"
SPOIL = "UPDATE audit_entry SET envelope = leaf WHERE idx IN ({})"
DAMAGE = {
    f"ENVELOPE_DIGEST {EDGE + 9}": [SPOIL.format(f"{EDGE + 9}, {2 * EDGE + 1}")],
    "ENVELOPE_DIGEST 3": [SPOIL.format(f"3, {EDGE + 9}"), DROP.format("= 4")],
    f"ENVELOPE_DIGEST {2 * EDGE + 1}": [SPOIL.format(2 * EDGE + 1)],
    f"INDEX_GAP {EDGE - 1}": [DROP.format(f"= {EDGE - 1}")],
    f"INDEX_GAP {EDGE}": [DROP.format(f"BETWEEN {EDGE} AND {2 * EDGE}")],
    "INDEX_GAP 0": [MOVE.format(0, FAR)],
    f"ROLLBACK {EDGE + 500}": [DROP.format(f">= {EDGE + 500}")],
    f"ROLLBACK {2 * EDGE}": [DROP.format(f">= {2 * EDGE}")],
    f"ROOT_MISMATCH {EDGE + 1000}": [
        MOVE.format(a, b) for a, b in ((EDGE, FAR), (EDGE + 1, EDGE), (FAR, EDGE + 1))
    ],
}


@pytest.fixture
def long(log: Log) -> Log:
    """A log under four checkpoints, a few entries that wait, and a copy of its entries."""
    for size, before in zip(SEALED, (0, *SEALED[:-1]), strict=True):
        log.fill(size - before)
        log.seal()
    log.fill(ENTRIES - SEALED[-1])
    log.tamper("CREATE TABLE kept AS SELECT * FROM audit_entry")
    return log


@pytest.mark.slow
def test_two_processes_name_every_fault_where_one_names_it(
    long: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    for line, statements in {"OK": list[str](), **DAMAGE}.items():
        long.tamper(*statements)
        monkeypatch.setattr(stretches, "SHARED_FROM", ENTRIES)
        assert long.verdict() == line
        monkeypatch.setattr(stretches, "SHARED_FROM", ENTRIES + 1)
        assert long.verdict() == line
        long.tamper("DELETE FROM audit_entry", "INSERT INTO audit_entry SELECT * FROM kept")
    assert long.verdict() == "OK"


def test_a_crew_checks_the_whole_stretches_below_the_size_it_is_told(
    long: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(stretches, "SHARED_FROM", 1)
    with Crew(long.database_url) as crew:
        found = list(crew.stretches(long.origin, SEALED, below=2 * EDGE + 1))
        assert [(part.start, part.tree.size, len(part.cuts)) for part in found] == [
            (0, EDGE, 2),
            (EDGE, EDGE, 1),
        ]
        assert len(list(crew.stretches(long.origin, SEALED, below=EDGE - 1))) == 0


def test_a_head_that_claims_a_monstrous_size_ends_like_any_other(
    long: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    long.tamper(
        "UPDATE audit_head SET size = :size, subtrees = :subtrees", size=2**31 - 1, subtrees=bytes(31 * 32)
    )
    assert long.verdict() == f"INDEX_GAP {ENTRIES}"


def test_one_core_checks_alone(long: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "SHARED_FROM", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    with Crew(long.database_url) as crew:
        assert list(crew.stretches(long.origin, SEALED, below=ENTRIES)) == []
