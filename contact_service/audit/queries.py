"""Reads the evidence log.  Takes a session, because ``work`` stands above and the sealer stands beside it."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, func, select

from contact_service.audit import merkle
from contact_service.audit.envelope import Context, open_entry
from contact_service.audit.errors import AuditError, CaseSequenceGap, RootMismatch
from contact_service.audit.fields import from_milliseconds
from contact_service.audit.merkle import CompactRange
from contact_service.audit.stored import StoredEntry
from contact_service.audit.tables import AuditCheckpoint, AuditEntry, AuditHead
from contact_service.keys import queries as key_queries
from contact_service.keys.provider import KeyProvider
from contact_service.keys.stored import CaseKey, StoredCaseKey
from contact_service.keys.tables import AgencyRoot, CaseKeyRow

_BEFORE_ANY_INDEX = -(2**63)
_STORED = (
    "SELECT idx, entry_id, leaf, envelope, key_id FROM audit_entry"
    " WHERE log = ? AND idx > ? AND idx < ? ORDER BY idx LIMIT ?"
)
# Built once: every change reads these.
_LOCKED_HEAD = (
    select(AuditHead.size, AuditHead.subtrees).where(AuditHead.log == bindparam("of_log")).with_for_update()
)
_LOCKED_CHAINS = (
    select(CaseKeyRow, AgencyRoot, AuditHead.size, AuditHead.subtrees)
    .join(
        AgencyRoot,
        (col(AgencyRoot.agency) == CaseKeyRow.agency) & (col(AgencyRoot.version) == CaseKeyRow.root_version),
    )
    .join(AuditHead, col(AuditHead.log) == CaseKeyRow.log)
    .where(col(CaseKeyRow.agency) == bindparam("of_agency"), col(CaseKeyRow.log) == bindparam("of_log"))
    .where(col(CaseKeyRow.case_ref).in_(bindparam("of_cases", expanding=True)))
    .order_by(col(CaseKeyRow.epoch))
    .with_for_update(of=[AuditHead, CaseKeyRow])
)
# In three parts, each of which the key's index answers.
_STRAY = " UNION ALL ".join(
    f"SELECT 1 FROM audit_entry WHERE log = :log AND idx {elsewhere}"  # noqa: S608  three constants
    for elsewhere in ("< 0", ">= :size", "IS NULL")
)
_REPEATED = (
    "SELECT log, idx FROM audit_entry WHERE entry_id IN"
    " (SELECT entry_id FROM audit_entry GROUP BY entry_id HAVING count(*) > 1) ORDER BY log, idx LIMIT 2"
)


@dataclass(frozen=True, kw_only=True)
class OpenedEntry:
    """One decrypted entry, where it stands, its leaf hash, and the object of FORMAT.md, section 1."""

    index: int
    leaf_hash: bytes
    fields: dict[str, Any]

    @property
    def type(self) -> str:
        """The event type's text; a newer release may have added types."""
        return str(self.fields["type"])

    @property
    def recorded_at(self) -> datetime:
        """When it was written down."""
        return from_milliseconds(self.fields["recorded_at"])

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""
        return from_milliseconds(self.fields["occurred_at"])


def history_of(
    session: Session, *, keys: KeyProvider, agency: str, origin: str, case: str
) -> list[OpenedEntry]:
    """Every entry of the case, oldest first, each proved to be whole and none left out.

    Raises ``CaseSequenceGap``, any error of ``envelope.open_entry``, or a ``KeyError_``.
    """
    opened: list[OpenedEntry] = []
    case_keys = key_queries.case_keys(session, keys, agency=agency, case=case, log=origin)
    for key in case_keys:
        context = Context(origin=origin, agency=agency, case=case, key_id=key.key_id)
        for row in _entries_under(session, origin, key.key_id):
            opened.append(_opened(row, key=key.key, context=context))
            _demand_next(opened, origin)
    if case_keys and len(opened) != case_keys[-1].entries:
        raise CaseSequenceGap(log=origin)
    return opened


def newest_checkpoint(session: Session, origin: str) -> bytes | None:
    """The note of the log's largest checkpoint, None before the first."""
    largest = col(AuditCheckpoint.size).desc()
    wanted = select(AuditCheckpoint.note).where(AuditCheckpoint.log == origin).order_by(largest)
    return session.exec(wanted).first()


def newest_checkpoint_size(session: Session, origin: str) -> int:
    """How many entries the log's largest checkpoint covers, 0 before the first."""
    return (
        session.exec(select(func.max(AuditCheckpoint.size)).where(AuditCheckpoint.log == origin)).one() or 0
    )


def log_size(session: Session, origin: str) -> int:
    """How many entries the log has."""
    return session.exec(select(AuditHead.size).where(AuditHead.log == origin)).first() or 0


def locked_head(session: Session, origin: str) -> CompactRange | None:
    """Where the log stands, None before its first entry; others are kept out until the commit."""
    row = session.connection().execute(_LOCKED_HEAD, {"of_log": origin}).first()
    return CompactRange.from_bytes(*row) if row else None


def locked_chains(
    session: Session, keys: KeyProvider, *, agency: str, origin: str, cases: Sequence[str]
) -> tuple[CompactRange | None, list[CaseKey]]:
    """Where the log stands, and the keys in force of those of ``cases`` whose rows this look could lock.

    None, and nothing locked, when there was none.  A case that is left out has no key yet, or PostgreSQL had to wait
    for who made or changed it: ask again, now that the log is locked.  Whoever ends a key's epoch must change its row
    too, so that it is left out here.
    """
    values = {"of_agency": agency, "of_log": origin, "of_cases": cases}
    rows = session.connection().execute(_LOCKED_CHAINS, values).all()
    if not rows:
        return None, []
    # The rows come by epoch, so the newest of each case is the one that stays.
    newest = {row.case_ref: row for row in (StoredCaseKey.of(row[:-2]) for row in rows)}
    return CompactRange.from_bytes(*rows[0][-2:]), [row.opened(keys.key_in(row)) for row in newest.values()]


def logs(session: Session) -> list[str]:
    """The origin of every log of which anything is left, in order."""
    tables = ("audit_head", "audit_entry", "audit_checkpoint")
    union = " UNION ".join(f"SELECT DISTINCT log FROM {table}" for table in tables)  # noqa: S608  three constants
    return sorted(str(row[0]) for row in session.connection().execute(text(union)))


def agencies_besides(session: Session) -> list[str]:
    """The names of agencies that were added to this installation, by name; for a sealer, which opens no Work."""
    return [
        str(row[0]) for row in session.connection().execute(text("SELECT name FROM agency ORDER BY name"))
    ]


def stored_head(session: Session, origin: str) -> CompactRange | None:
    """The log's head as stored, None without one; raise ``RootMismatch`` for what cannot be a head."""
    wanted = text("SELECT size, subtrees FROM audit_head WHERE log = :log")
    row = session.connection().execute(wanted, {"log": origin}).first()
    if row is None:
        return None
    if not isinstance(row[0], int) or not isinstance(row[1], bytes):
        raise RootMismatch
    return CompactRange.from_bytes(row[0], row[1])


def stored_checkpoints(session: Session, origin: str) -> Generator[tuple[object, object]]:
    """Size and note of every checkpoint as stored, smallest first; close it when the rest is not wanted."""
    wanted = text("SELECT size, note FROM audit_checkpoint WHERE log = :log ORDER BY size")
    stream = {"yield_per": 1024}
    with session.connection().execute(wanted, {"log": origin}, execution_options=stream) as rows:
        for row in rows:
            yield row[0], row[1]


def stored_entries(
    session: Session, origin: str, *, start: int | None, below: int, most: int
) -> list[StoredEntry]:
    """At most ``most`` entries of the log as stored, by index: from ``start`` on, or the least, and below ``below``."""
    connection = session.connection()
    after = _BEFORE_ANY_INDEX if start is None else start - 1
    # By the driver: this runs for ten million entries, and PostgreSQL writes bytes as hexadecimal unless asked not to.
    if connection.dialect.name == "postgresql":
        cursor, mark = connection.connection.cursor(binary=True), "%s"
    else:
        cursor, mark = connection.connection.cursor(), "?"
    cursor.execute(_STORED.replace("?", mark), (origin, after, below, most))
    return [StoredEntry._make(row) for row in cursor.fetchall()]


def stray_entry(session: Session, origin: str, size: int) -> bool:
    """Whether a row of the log stands anywhere but at the indexes below ``size``.

    On SQLite an index may be of any kind, and text and bytes sort behind every number: no upper bound will do.
    """
    values = {"log": origin, "size": size}
    return session.connection().execute(text(_STRAY + " LIMIT 1"), values).first() is not None


def repeated_entry(session: Session) -> tuple[str, int] | None:
    """Log and index of an entry whose id already stands elsewhere, None when there is none."""
    wanted = text(_REPEATED)
    rows = session.connection().execute(wanted).all()
    return (str(rows[-1][0]), int(rows[-1][1])) if rows else None


def _entries_under(session: Session, origin: str, key_id: bytes) -> list[AuditEntry]:
    wanted = select(AuditEntry).where(AuditEntry.log == origin, AuditEntry.key_id == key_id)
    return list(session.exec(wanted.order_by(col(AuditEntry.idx))))


def _opened(row: AuditEntry, *, key: bytes, context: Context) -> OpenedEntry:
    try:
        fields = open_entry(row.leaf, row.envelope, key=key, context=context)
    except AuditError as error:
        raise error.at(log=row.log, index=row.idx) from None
    return OpenedEntry(index=row.idx, leaf_hash=merkle.leaf_hash(row.leaf), fields=fields)


def _demand_next(opened: list[OpenedEntry], origin: str) -> None:
    """Raise unless the last entry follows the one before it."""
    last, before = opened[-1], opened[-2].leaf_hash.hex() if len(opened) > 1 else None
    if last.fields.get("case_seq") != len(opened) - 1 or last.fields.get("prev_case") != before:
        raise CaseSequenceGap(log=origin, index=last.index)
