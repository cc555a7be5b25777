"""Appending through the unit of work, on both databases."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from contact_service import work
from contact_service.actor import COMMAND_LINE
from contact_service.audit import queries
from contact_service.audit.errors import AuditError, CaseSequenceGap, EnvelopeDigest, NotACode
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.database import connect
from contact_service.ids import AgencyId
from contact_service.keys import actions as key_actions
from contact_service.keys.errors import KekMismatch, WrappedKeyDamaged
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.provider import KeyProvider
from tests.audit.conftest import Log, some_provider

JOINED = AuditEvent(type=EventType.VISIT_JOINED, case="case-1", visit="visit-1")


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608  a constant


def name_somebody(log: Log) -> None:
    with work.begin(log.installation, COMMAND_LINE) as opened:
        key_actions.seal_for_person(
            opened.session, opened.keys, agency="kent", person="p1", plaintext=b"Mia", field="name"
        )
        opened.record(JOINED)


def record_free_text(log: Log) -> None:
    with work.begin(log.installation, COMMAND_LINE) as opened:
        opened.record(AuditEvent(type=EventType.VISIT_ENDED, case="case-2"))
        opened.record(AuditEvent(type=EventType.VISIT_ENDED, case="Mia Novak"))


def test_a_history_tells_the_key_first_and_then_what_happened(log: Log) -> None:
    log.append(JOINED, AuditEvent(type=EventType.STAFF_SIGNED_IN))
    log.append(AuditEvent(type=EventType.VISIT_LEFT, case="case-1", visit="visit-1"))
    assert [entry.type for entry in log.history()] == ["key.created", "visit.joined", "visit.left"]
    assert [entry.type for entry in log.history("agency")] == ["key.created", "staff.signed_in"]
    assert [entry.index for entry in log.history()] == [0, 1, 4]
    assert log.history("unknown") == []


def test_entries_of_a_case_are_chained(log: Log) -> None:
    log.append(JOINED, JOINED)
    entries = log.history()
    assert [entry.fields["case_seq"] for entry in entries] == [0, 1, 2]
    assert [entry.fields.get("prev_case") for entry in entries[1:]] == [
        e.leaf_hash.hex() for e in entries[:-1]
    ]


def test_the_database_refuses_to_change_or_delete_an_entry_or_a_checkpoint(log: Log) -> None:
    log.fill(2)
    log.seal()
    acts = ("UPDATE audit_entry SET idx = 9", "DELETE FROM audit_entry", "DELETE FROM audit_checkpoint",
            "UPDATE audit_checkpoint SET size = 9")  # fmt: skip
    for act in acts:
        with pytest.raises(DBAPIError, match="append-only"), log.installation.engine.begin() as connection:
            connection.execute(text(act))
    assert log.verdict() == "OK"


def test_when_the_append_fails_the_business_change_does_not_stand(log: Log) -> None:
    log.fill(3)
    log.tamper("UPDATE audit_head SET size = 1")
    with pytest.raises(AuditError):
        name_somebody(log)
    assert count(log.installation.engine, "person_key") == 0
    assert count(log.installation.engine, "audit_entry") == 3


def test_when_the_business_change_fails_nothing_is_appended(log: Log) -> None:
    log.fill(2)
    with pytest.raises(NotACode):
        record_free_text(log)
    assert count(log.installation.engine, "audit_entry") == 2
    assert count(log.installation.engine, "case_key") == 1


def test_a_wrong_provider_key_is_named_before_anything_is_opened_or_written(log: Log) -> None:
    log.fill(2)
    other = KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))
    log.installation = replace(log.installation, keys=other)
    with pytest.raises(KekMismatch):
        log.append(JOINED)
    with pytest.raises(KekMismatch):
        log.history()
    assert count(log.installation.engine, "audit_entry") == 2


def test_envelopes_that_change_places_do_not_open(log: Log) -> None:
    log.append(JOINED, AuditEvent(type=EventType.VISIT_JOINED, case="case-2"))
    other = "SELECT envelope FROM audit_entry AS other WHERE other.idx = 3"
    log.tamper(f"UPDATE audit_entry SET envelope = ({other}) WHERE idx = 1")  # noqa: S608  a constant
    with pytest.raises(EnvelopeDigest):
        log.history()


def test_a_case_key_that_is_given_to_another_case_opens_nothing(log: Log) -> None:
    log.append(JOINED)
    log.tamper("UPDATE case_key SET case_ref = 'case-3' WHERE case_ref = 'case-1'")
    with pytest.raises(WrappedKeyDamaged):
        log.history("case-3")


def test_a_case_that_lost_its_last_or_a_middle_entry_says_so(log: Log) -> None:
    log.append(JOINED, JOINED, JOINED)
    log.tamper("DELETE FROM audit_entry WHERE idx = 3")
    with pytest.raises(CaseSequenceGap):
        log.history()
    log.tamper("DELETE FROM audit_entry WHERE idx = 1")
    with pytest.raises(CaseSequenceGap) as caught:
        log.history()
    assert caught.value.index == 2


def test_the_tables_of_the_log_hold_no_name_case_or_type(log: Log) -> None:
    canary = Subject(ref="canary-person", role="child")
    log.append(
        AuditEvent(type=EventType.VISIT_JOINED, case="canary-case", visit="canary-visit", subjects=(canary,))
    )
    log.seal()
    held = b""
    with log.installation.engine.connect() as connection:
        for table in ("audit_head", "audit_entry", "audit_checkpoint"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608  a constant
                held += b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
        columns = {column["name"] for column in inspect(connection).get_columns("audit_entry")}
    assert not [
        word for word in (b"canary", b"visit.", b"joined", b"child", b"2026", b"command") if word in held
    ]
    # On PostgreSQL a row names the agency too, as its log does.
    assert columns - {"agency"} == {"log", "idx", "entry_id", "leaf", "envelope", "key_id"}


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ("rotated", ["key.created", "visit.joined", "visit.joined"]),
        ("destroyed", ["key.created", "visit.joined"]),
    ],
)
def test_an_append_that_waits_for_a_change_of_keys_goes_by_what_stands_then(
    log: Log, change: str, left: list[str]
) -> None:
    log.append(JOINED)
    with ThreadPoolExecutor(1) as pool:
        with work.begin(log.installation, COMMAND_LINE) as opened:
            queries.locked_head(opened.session, log.origin)
            if change == "rotated":
                key_actions.rotate_agency_root(opened.session, opened.keys, agency="kent")
            else:
                opened.session.connection().execute(text("DELETE FROM case_key"))
            waiting = pool.submit(log.append, JOINED)
            time.sleep(0.3)
            assert not waiting.done()
            opened.record(AuditEvent(type=EventType.KEY_ROTATED))
        waiting.result(timeout=10)
    assert [entry.type for entry in log.history()] == left
    log.seal()
    assert log.verdict() == "OK"


WRITERS, EACH = 8, 8


def write_entries(url: str, number: int) -> None:
    """What one process does in the tests below."""
    installation = work.Installation(
        engine=connect(url), keys=some_provider(), agency=AgencyId("kent"), log_origin="log.example"
    )
    for turn in range(EACH):
        with work.begin(installation, COMMAND_LINE) as opened:
            event = AuditEvent(type=EventType.VISIT_HELD, case=f"case-{(number + turn) % 3}")
            opened.record(event)
            opened.record(event)
    installation.engine.dispose()


def demand_dense(log: Log, keys: int = 3) -> None:
    entries = 2 * WRITERS * EACH + keys
    assert log.seal().size == entries
    assert log.verdict() == "OK"
    histories = [log.history(f"case-{number}") for number in range(3)]
    assert sorted(entry.index for history in histories for entry in history) == list(range(entries))


def test_eight_processes_write_one_dense_log(log: Log) -> None:
    processes = multiprocessing.get_context("fork")
    log.installation.engine.dispose()
    started = [
        processes.Process(target=write_entries, args=(log.database_url, number)) for number in range(WRITERS)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * WRITERS
    demand_dense(log)


def test_eight_connections_write_one_dense_log(log: Log) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda number: write_entries(log.database_url, number), range(WRITERS)))
    demand_dense(log)


def test_two_logs_in_one_database_do_not_mix(log: Log, make_log: Callable[[Engine, str], Log]) -> None:
    other = make_log(log.installation.engine, log.database_url)
    other.installation = replace(log.installation, agency=AgencyId("surrey"))
    log.fill(3)
    other.append(JOINED)
    assert [entry.index for entry in other.history()] == [0, 1]
    assert len(log.history()) == 3
