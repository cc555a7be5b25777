"""The sealer signs what follows from its memory and nothing else, on both databases."""

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session

from contact_service.audit import queries
from contact_service.audit.checkpoint import open_checkpoint
from contact_service.audit.errors import (
    AuditError,
    EnvelopeDigest,
    Inconsistent,
    IndexGap,
    KeyUnknown,
    LeafMismatch,
    RolledBack,
    RootMismatch,
    SealerMemory,
)
from contact_service.audit.note import create_signer
from contact_service.audit.sealer import Seal, run
from contact_service.ids import AgencyId
from tests.audit.conftest import Log


def newest(log: Log) -> bytes | None:
    with Session(log.installation.engine) as session:
        return queries.newest_checkpoint(session, log.origin)


def test_an_empty_log_is_not_signed(log: Log) -> None:
    assert log.seal().size == 0
    assert newest(log) is None
    assert not log.memory_path.exists()


def test_each_pass_signs_what_came_since(log: Log) -> None:
    log.fill(3)
    assert (log.seal().size, log.seal().sealed) == (3, 0)
    log.fill(300)
    assert log.seal().sealed == 300
    note = newest(log)
    assert note is not None
    assert open_checkpoint(note, origin=log.origin, verifier_keys=[log.verifier_key]).size == 303
    assert log.verdict() == "OK"


def test_a_restarted_sealer_goes_on_from_its_memory(log: Log) -> None:
    log.fill(3)
    log.seal()
    log.installation.engine.dispose()
    log.fill(2)
    assert log.seal().size == 5


def test_a_checkpoint_that_was_signed_but_not_stored_is_stored_later(log: Log) -> None:
    log.fill(3)
    note = log.seal().note
    log.tamper("DELETE FROM audit_checkpoint")
    assert log.seal().sealed == 0
    assert newest(log) == note


ENTRY = (
    "UPDATE audit_entry SET {0} = (SELECT {0} FROM audit_entry AS other WHERE other.idx = 1) WHERE idx = 4"
)
FAULTS: dict[str, tuple[list[str], type[AuditError], int]] = {
    "an older database": (["DELETE FROM audit_entry WHERE idx > 0", "DELETE FROM audit_head"], RolledBack, 0),
    "a missing entry": (["DELETE FROM audit_entry WHERE idx = 4"], IndexGap, 4),
    "a missing tail": (["DELETE FROM audit_entry WHERE idx = 5"], IndexGap, 5),
    "an exchanged envelope": ([ENTRY.format("envelope")], EnvelopeDigest, 4),
    "an exchanged leaf": ([ENTRY.format("leaf")], LeafMismatch, 4),
    "a changed head": (["UPDATE audit_head SET size = 5"], RootMismatch, 5),
}


@pytest.mark.parametrize(("statements", "error", "index"), FAULTS.values(), ids=FAULTS.keys())
def test_a_log_that_does_not_follow_is_not_signed(
    log: Log, statements: list[str], error: type[AuditError], index: int
) -> None:
    log.fill(3)
    note = log.seal().note
    log.fill(3)
    log.tamper(*statements)
    for _ in range(2):
        with pytest.raises(error) as caught:
            log.seal()
        assert (caught.value.log, caught.value.index) == (log.origin, index)
    assert newest(log) == note


def test_a_history_rewritten_below_the_memory_is_not_signed(log: Log) -> None:
    log.fill(4)
    note = log.seal().note
    log.tamper("DELETE FROM audit_entry", "DELETE FROM audit_head", "DELETE FROM case_key")
    log.fill(6)
    with pytest.raises(RootMismatch):
        log.seal()
    assert newest(log) == note


def test_without_its_memory_the_sealer_signs_only_a_log_that_nobody_signed(log: Log) -> None:
    log.fill(3)
    log.seal()
    log.memory_path.unlink()
    with pytest.raises(SealerMemory):
        log.seal()
    log.tamper("DELETE FROM audit_checkpoint")
    assert log.seal().size == 3


def test_an_old_memory_is_refused(log: Log) -> None:
    log.fill(3)
    log.seal()
    old = log.memory_path.read_bytes()
    log.fill(2)
    log.seal()
    log.memory_path.write_bytes(old)
    with pytest.raises(SealerMemory):
        log.seal()


def test_a_stored_checkpoint_that_differs_from_the_memory_is_refused(log: Log) -> None:
    log.fill(3)
    log.seal()
    log.tamper("UPDATE audit_checkpoint SET note = :note", note=b"another")
    with pytest.raises(Inconsistent):
        log.seal()


def test_a_memory_of_another_log_or_key_is_refused(log: Log) -> None:
    log.fill(2)
    log.seal()
    other = replace(log, installation=replace(log.installation, agency=AgencyId("surrey")))
    with pytest.raises(AuditError, match="another log"):
        other.seal()
    signer_key, _ = create_signer(log.origin)
    with pytest.raises(AuditError, match="key"):
        replace(log, signer_key=signer_key).seal()


def spoilt(memory: Path, **changes: object) -> bytes:
    return json.dumps(json.loads(memory.read_bytes()) | changes).encode()


def test_a_damaged_memory_is_refused(log: Log) -> None:
    log.fill(3)
    log.seal()
    whole, zeros = log.memory_path.read_bytes(), base64.b64encode(bytes(64)).decode()
    changes: list[dict[str, object]] = [
        {"format": "x"},
        {"note": 5},
        {"note": "x"},
        {"subtrees": ""},
        {"subtrees": zeros},
    ]
    for content in (
        b"",
        b"[]",
        b"{}",
        whole[:40],
        *(spoilt(log.memory_path, **change) for change in changes),
    ):
        log.memory_path.write_bytes(content)
        with pytest.raises(SealerMemory):
            log.seal()
    log.memory_path.write_bytes(whole)
    assert log.seal().size == 3


def test_two_sealers_at_once_never_disagree(log: Log) -> None:
    def seal(_: int) -> int:
        log.fill(2)
        return log.seal().size

    log.fill(2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(seal, range(8)))
    assert log.seal().size == 18
    assert log.verdict() == "OK"


def test_the_process_beats_while_it_can_sign_and_stays_silent_while_it_cannot(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    log.fill(3)
    beats, stop = [0], threading.Event()

    def beat() -> None:
        beats[0] += 1
        if beats[0] == 2:
            log.tamper("UPDATE audit_head SET size = 1, subtrees = :one", one=bytes(32))
            threading.Timer(0.3, stop.set).start()

    run(
        log.installation.engine,
        lambda: [Seal(origin=log.origin, signer_key=log.signer_key, memory_path=log.memory_path)],
        beat=beat,
        stop=stop,
        every_seconds=0.01,
    )
    assert beats == [2]
    assert {getattr(record, "code", "") for record in caplog.records} == {"ROLLBACK"}


def test_the_process_outlives_a_database_that_goes_away(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.fill(1)
    log.tamper("ALTER TABLE audit_head RENAME TO gone")
    stop, beats = threading.Event(), [0]

    def beat() -> None:
        beats[0] += 1
        stop.set()

    def come_back() -> None:
        log.tamper("ALTER TABLE gone RENAME TO audit_head")

    threading.Timer(0.2, come_back).start()
    run(
        log.installation.engine,
        lambda: [Seal(origin=log.origin, signer_key=log.signer_key, memory_path=log.memory_path)],
        beat=beat,
        stop=stop,
        every_seconds=0.02,
    )
    assert beats == [1]
    assert "the log could not be read" in caplog.messages


def test_a_signer_key_that_is_none_ends_the_process_at_once(log: Log) -> None:
    with pytest.raises(KeyUnknown):
        run(
            log.installation.engine,
            lambda: [Seal(origin=log.origin, signer_key="no_signer_key", memory_path=log.memory_path)],
            beat=lambda: None,
            stop=threading.Event(),
        )
