"""Whatever is done to a sealed log is found and named, on both databases."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from contact_service.audit import merkle, verifier
from contact_service.audit.note import create_signer
from contact_service.audit.verifier import main_verify, verify
from contact_service.database import connect
from tests.audit.conftest import Log


@pytest.fixture
def sealed(log: Log) -> Log:
    """Six entries under two checkpoints, and two that wait."""
    for count in (4, 2):
        log.fill(count)
        log.seal()
    log.fill(2)
    return log


@pytest.fixture
def small(sqlite_template: Path, tmp_path: Path, make_log: Callable[[Engine, str], Log]) -> Log:
    """The same on SQLite alone, closed, for what is done to every byte."""
    path = tmp_path / "contact.db"
    path.write_bytes(sqlite_template.read_bytes())
    log = make_log(connect(f"sqlite:///{path}"), f"sqlite:///{path}")
    log.fill(2)
    log.seal()
    log.fill(1)
    log.tamper()
    log.installation.engine.dispose()
    return log


def test_a_whole_log_is_whole_and_its_tail_is_counted(sealed: Log) -> None:
    report = sealed.verify()
    assert report.is_whole
    assert [(log.entries, log.sealed, log.unsealed) for log in report.logs] == [(8, 6, 2)]


DROP_KEYS = {
    "sqlite": (
        "CREATE TABLE bare AS SELECT * FROM audit_entry",
        "DROP TABLE audit_entry",
        "ALTER TABLE bare RENAME TO audit_entry",
    ),
    "postgresql": (
        "ALTER TABLE audit_entry DROP CONSTRAINT pk_audit_entry",
        "ALTER TABLE audit_entry DROP CONSTRAINT uq_audit_entry_entry_id",
    ),
}
COPY = "UPDATE audit_entry SET {0} = (SELECT {0} FROM audit_entry AS other WHERE other.idx = 4) WHERE idx = 1"
DAMAGE = {
    "a dropped entry": (["DELETE FROM audit_entry WHERE idx = 2"], "INDEX_GAP 2"),
    "the first entry dropped": (["DELETE FROM audit_entry WHERE idx = 0"], "INDEX_GAP 0"),
    "a truncated tail": (["DELETE FROM audit_entry WHERE idx >= 7"], "INDEX_GAP 7"),
    "truncated below a checkpoint": (["DELETE FROM audit_entry WHERE idx >= 5"], "ROLLBACK 5"),
    "an emptied log": (["DELETE FROM audit_entry", "DELETE FROM audit_head"], "ROLLBACK 0"),
    "two entries swapped": (
        [
            "UPDATE audit_entry SET idx = 99 WHERE idx = 2",
            "UPDATE audit_entry SET idx = 2 WHERE idx = 3",
            "UPDATE audit_entry SET idx = 3 WHERE idx = 99",
        ],
        "ROOT_MISMATCH 4",
    ),
    "two waiting entries swapped": (
        [
            "UPDATE audit_entry SET idx = 99 WHERE idx = 6",
            "UPDATE audit_entry SET idx = 6 WHERE idx = 7",
            "UPDATE audit_entry SET idx = 7 WHERE idx = 99",
        ],
        "ROOT_MISMATCH 8",
    ),
    "an envelope of another entry": ([COPY.format("envelope")], "ENVELOPE_DIGEST 1"),
    "a leaf of another entry": ([COPY.format("leaf")], "LEAF_MISMATCH 1"),
    "another key id": (["UPDATE audit_entry SET key_id = entry_id WHERE idx = 1"], "CONTEXT_MISMATCH 1"),
    "no checkpoint": (["DELETE FROM audit_checkpoint"], "STALE_CHECKPOINT 8"),
    "a head that lies about its size": (["UPDATE audit_head SET size = 16"], "INDEX_GAP 8"),
    "a head without subtrees": (["UPDATE audit_head SET size = 7"], "ROOT_MISMATCH -"),
    "no head": (["DELETE FROM audit_head"], "ROOT_MISMATCH 8"),
    "a garbage note": (
        ["UPDATE audit_checkpoint SET note = leaf FROM audit_entry WHERE idx = 1"], "NOTE_MALFORMED 4"),
    "a checkpoint of another size": (["UPDATE audit_checkpoint SET size = 5 WHERE size = 6"], "NOTE_MALFORMED 5"),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "line"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_named_with_its_place(sealed: Log, statements: list[str], line: str) -> None:
    sealed.tamper(*statements)
    verdict = sealed.verdict()
    if (
        line == "ROOT_MISMATCH -"
    ):  # the subtree roots of sizes 7 and 8 differ in number, so the head reads as no head
        assert verdict == line
    assert verdict.split()[0] == line.split(maxsplit=1)[0]
    assert verdict == line


def test_a_replayed_entry_is_named(sealed: Log) -> None:
    dialect = sealed.installation.engine.dialect.name
    replay = "UPDATE audit_entry SET {0} = (SELECT {0} FROM audit_entry AS other WHERE other.idx = 1) WHERE idx = 3"
    columns = ("entry_id", "leaf", "envelope", "key_id")
    sealed.tamper(*DROP_KEYS[dialect], *(replay.format(column) for column in columns))
    assert sealed.verdict() == "DUPLICATE_ENTRY 3"


def test_history_rewritten_from_some_row_on_is_a_root_mismatch(sealed: Log) -> None:
    sealed.tamper(
        "DELETE FROM audit_entry WHERE idx >= 3", "DELETE FROM audit_head", "UPDATE case_key SET entries = 3"
    )
    sealed.tamper(
        "INSERT INTO audit_head (log, size, subtrees) VALUES (:log, 0, :none)", log=sealed.origin, none=b""
    )
    rewind_head(sealed)
    sealed.fill(5)
    assert sealed.verdict() == "ROOT_MISMATCH 4"


def rewind_head(log: Log) -> None:
    """Set the head to what it was after the entries that are left, as a careful forger would."""
    with log.installation.engine.connect() as connection:
        leaves = connection.execute(text("SELECT leaf FROM audit_entry ORDER BY idx")).scalars().all()
    tree = merkle.CompactRange().add(merkle.leaf_hash(leaf) for leaf in leaves)
    log.tamper(
        "UPDATE audit_head SET size = :size, subtrees = :subtrees", size=tree.size, subtrees=tree.to_bytes()
    )


def test_a_checkpoint_of_another_log_is_an_origin_mismatch(sealed: Log) -> None:
    for table in ("audit_head", "audit_entry", "audit_checkpoint"):
        sealed.tamper(f"UPDATE {table} SET log = 'log.example/kent/other'")  # noqa: S608  a constant
    assert sealed.verdict() == "ORIGIN_MISMATCH log.example/kent/other 4"


def test_the_key_of_somebody_else_is_named(sealed: Log) -> None:
    _, stranger = create_signer(sealed.origin)
    for keys, code in (([stranger], "KEY_UNKNOWN"), ([], "KEY_UNKNOWN"), (["not a key"], "KEY_UNKNOWN")):
        fault = verify(sealed.database_url, keys).fault
        assert fault is not None
        assert fault.code == code


@pytest.mark.timeout(60)
def test_every_flipped_byte_of_a_small_log_is_found_and_named_by_layer(small: Log) -> None:
    named = {
        "leaf": {"LEAF_MISMATCH", "ENVELOPE_DIGEST", "ROOT_MISMATCH"},
        "envelope": {"ENVELOPE_DIGEST"},
        "note": {"NOTE_MALFORMED", "SIG_INVALID", "KEY_UNKNOWN"},
        "entry_id": {"LEAF_MISMATCH"},
        "key_id": {"CONTEXT_MISMATCH"},
        "subtrees": {"ROOT_MISMATCH"},
    }
    with small.installation.engine.connect() as connection, Session(connection) as session:
        for table, columns in (
            ("audit_entry", ("leaf", "envelope", "entry_id", "key_id")),
            ("audit_checkpoint", ("note",)),
            ("audit_head", ("subtrees",)),
        ):
            for column in columns:
                flip_each(session, small, (table, column), named[column])
    assert small.verdict() == "OK"


def flip_each(session: Session, log: Log, place: tuple[str, str], named: set[str]) -> None:
    table, column = place
    run = session.connection().execute
    put = text(f"UPDATE {table} SET {column} = :content WHERE rowid = :row")  # noqa: S608  constants
    for row, content in run(text(f"SELECT rowid, {column} FROM {table}")).all():  # noqa: S608  constants
        for at in range(len(content)):
            flipped = bytearray(content)
            flipped[at] ^= 1 << (at % 8)
            run(put, {"content": bytes(flipped), "row": row})
            fault = verifier._report(session, [log.verifier_key]).fault
            assert fault is not None, (place, row, at)
            assert fault.code in named, (place, row, at)
        run(put, {"content": content, "row": row})


def command(**arguments: object) -> tuple[int, list[str]]:
    out = io.StringIO()
    given: dict[str, object] = {"database": None, "data": None, "key": "", "out": out} | arguments
    code = main_verify(**given)  # type: ignore[arg-type]
    return code, out.getvalue().splitlines()


def test_the_command_says_zero_or_one_and_the_name_last(sealed: Log) -> None:
    code, lines = command(database=sealed.database_url, key=sealed.verifier_key)
    assert code == 0
    assert "  8 entries, 6 sealed, 2 waiting for a seal" in lines
    sealed.tamper("DELETE FROM audit_entry WHERE idx = 2")
    code, lines = command(database=sealed.database_url, key=sealed.verifier_key)
    assert (code, lines[-1]) == (1, f"INDEX_GAP {sealed.origin} 2")


def test_the_command_takes_the_folder_of_an_embedded_installation(small: Log) -> None:
    assert command(data=small.folder, key=small.verifier_key)[0] == 0
    code, lines = command(data=small.folder / "elsewhere", key=small.verifier_key)
    assert (code, lines[-1]) == (1, "DATABASE_UNREADABLE - -")
    assert not (small.folder / "elsewhere").exists()


def test_the_command_wants_exactly_one_place() -> None:
    for places in ({}, {"database": "sqlite:///x.db", "data": Path()}):
        code, lines = command(**places)
        assert (code, lines[-1]) == (1, "DATABASE_UNREADABLE - -")


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "garbage": lambda _: b"garbage" * 1000,
    "cut in half": lambda content: content[: len(content) // 2],
    "one page left": lambda content: content[:4096],
    "zeros after the first page": lambda content: content[:4096] + bytes(len(content) - 4096),
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_a_named_error_and_never_a_traceback(
    small: Log, damage: Callable[[bytes], bytes]
) -> None:
    path = Path(small.database_url.removeprefix("sqlite:///"))
    path.write_bytes(damage(path.read_bytes()))
    code, lines = command(database=small.database_url, key=small.verifier_key)
    assert code == 1
    assert lines[-1] in {"DATABASE_UNREADABLE - -", "STALE_CHECKPOINT - -"}


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:////nowhere/x.db", "postgresql://127.0.0.1:1/x"],
)
def test_an_address_that_leads_nowhere_is_a_named_error(url: str) -> None:
    code, lines = command(database=url, key="x")
    assert (code, lines[-1]) == (1, "DATABASE_UNREADABLE - -")


@pytest.mark.parametrize("table", ["audit_entry", "audit_head", "audit_checkpoint"])
def test_a_missing_table_is_a_named_error(small: Log, table: str) -> None:
    small.tamper(f"DROP TABLE {table}")
    assert small.verdict() == "DATABASE_UNREADABLE - -"


WRONG_KINDS = [
    "idx = 'one'", "idx = -7", "idx = NULL", "leaf = NULL", "leaf = 5", "leaf = 'text'", "envelope = NULL",
    "envelope = 1e300", "entry_id = 7", "key_id = NULL", "log = x'ff00'", "leaf = zeroblob(5000000)",
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_KINDS)
def test_a_value_of_the_wrong_kind_is_a_named_error(small: Log, wrong: str) -> None:
    small.tamper(*DROP_KEYS["sqlite"], f"UPDATE audit_entry SET {wrong} WHERE idx = 1")  # noqa: S608  constants
    code, lines = command(database=small.database_url, key=small.verifier_key)
    assert code == 1
    assert len(lines[-1].split()) == 3
    assert lines[-1].split()[0].isupper()


@pytest.mark.parametrize("index", ["'one'", "x'00'", "1e30", "-1e30", 2**63 - 1, -(2**63), 9, -7, "NULL"])
def test_a_row_that_was_slipped_in_is_named_wherever_it_sorts(small: Log, index: object) -> None:
    columns = "log, {}, randomblob(16), leaf, envelope, key_id FROM audit_entry WHERE idx = 1"
    small.tamper(*DROP_KEYS["sqlite"], f"INSERT INTO audit_entry SELECT {columns.format(index)}")
    assert small.verdict().startswith("INDEX_GAP")


@pytest.mark.parametrize("wrong", ["note = NULL", "note = 5", "size = 'six'", "size = NULL", "log = NULL"])
def test_a_checkpoint_of_the_wrong_kind_is_a_named_error(small: Log, wrong: str) -> None:
    copy = "CREATE TABLE bare AS SELECT * FROM audit_checkpoint"
    small.tamper(copy, "DROP TABLE audit_checkpoint", "ALTER TABLE bare RENAME TO audit_checkpoint")
    small.tamper(f"UPDATE audit_checkpoint SET {wrong}")  # noqa: S608  constants
    code, lines = command(database=small.database_url, key=small.verifier_key)
    assert code == 1
    assert len(lines[-1].split()) == 3


def test_an_empty_database_is_not_called_whole(small: Log) -> None:
    small.tamper(*(f"DELETE FROM {table}" for table in ("audit_entry", "audit_head", "audit_checkpoint")))  # noqa: S608
    assert small.verdict() == "STALE_CHECKPOINT - -"


def test_verifying_changes_nothing(small: Log) -> None:
    before = {path.name: path.read_bytes() for path in small.folder.iterdir() if path.name == "contact.db"}
    assert small.verdict() == "OK"
    assert {
        path.name: path.read_bytes() for path in small.folder.iterdir() if path.name == "contact.db"
    } == before
