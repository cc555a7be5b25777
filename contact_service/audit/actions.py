"""Appends to the evidence log inside the business transaction.  The caller commits."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import metadata
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, insert, update

from contact_service.actor import Actor
from contact_service.audit import merkle, queries
from contact_service.audit.envelope import Chance, Context, seal
from contact_service.audit.events import AGENCY_CASE, AuditEvent, EventType
from contact_service.audit.fields import Stamp, entry_fields
from contact_service.audit.merkle import CompactRange
from contact_service.audit.tables import AuditCheckpoint, AuditEntry, AuditHead
from contact_service.keys import actions as key_actions
from contact_service.keys.provider import KeyProvider
from contact_service.keys.stored import CaseKey

# Built once: this is the path every change takes, and building a statement costs more than running it.
_INSERT_ENTRY = insert(AuditEntry)
_APPEND_ONE = text(
    """
    WITH head AS (UPDATE audit_head SET size = :size, subtrees = :subtrees WHERE log = :log),
        chain AS (UPDATE case_key SET entries = :entries, last_leaf = :last_leaf WHERE key_id = :key_id)
    INSERT INTO audit_entry (log, idx, entry_id, leaf, envelope, key_id)
    VALUES (:log, :idx, :entry_id, :leaf, :envelope, :key_id)
    """
)
_MOVE_HEAD = update(AuditHead).where(col(AuditHead.log) == bindparam("of_log"))


def append(  # noqa: PLR0913  work hands over all that a transaction knows
    session: Session,
    events: Sequence[AuditEvent],
    *,
    keys: KeyProvider,
    agency: str,
    origin: str,
    actor: Actor,
    recorded_at: datetime,
) -> None:
    """Write ``events`` at the end of the log ``origin``, in order; a new case's key is recorded too.

    The log's head is locked until the commit, so indexes are dense and every case's sequence is too.
    """
    cases = sorted({event.case or AGENCY_CASE for event in events})
    tree, found = queries.locked_chains(session, keys, agency=agency, origin=origin, cases=cases)
    tree = tree or _locked_head(session, origin)
    pen = _Pen(session=session, keys=keys, agency=agency, origin=origin, actor=actor, recorded_at=recorded_at)
    for key in found:
        pen.take_up(key)
    for event in events:
        pen.write(event)
    rows = [{"log": origin, "idx": tree.size + n} | row for n, row in enumerate(pen.rows)]
    _write_down(session, rows, list(pen.chains.values()), tree.add(pen.leaf_hashes))


def publish_checkpoint(session: Session, *, origin: str, size: int, note: bytes) -> None:
    """Store a signed head; one that stands is kept.  Only the sealer calls this."""
    key_actions.insert_if_new(session, AuditCheckpoint, {"log": origin, "size": size, "note": note})


@dataclass(kw_only=True)
class _Chain:
    """Where a case stands while an append writes; ``last_leaf`` is the leaf hash of its last entry."""

    key: CaseKey
    context: Context
    entries: int
    last_leaf: bytes | None

    def end(self) -> dict[str, Any]:
        """What its key's row keeps of it."""
        return {"entries": self.entries, "last_leaf": self.last_leaf}


@dataclass(kw_only=True)
class _Pen:
    """What one append has written so far."""

    session: Session
    keys: KeyProvider
    agency: str
    origin: str
    actor: Actor
    recorded_at: datetime
    chains: dict[str, _Chain] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    leaf_hashes: list[bytes] = field(default_factory=list)

    def take_up(self, key: CaseKey) -> None:
        """Be ready to write at the end of the chain of this key's case."""
        context = Context(origin=self.origin, agency=self.agency, case=key.case, key_id=key.key_id)
        self.chains[key.case] = _Chain(key=key, context=context, entries=key.entries, last_leaf=key.last_leaf)

    def write(self, event: AuditEvent) -> None:
        """Seal one event at the end of its case's chain."""
        case = event.case or AGENCY_CASE
        if case not in self.chains:
            self._open_case(case)
        chain = self.chains[case]
        chance = Chance(
            entry_id=secrets.token_bytes(16), salt=secrets.token_bytes(32), nonce=secrets.token_bytes(12)
        )
        fields = entry_fields(event, self._stamp(chance.entry_id, chain))
        leaf, envelope = seal(fields, key=chain.key.key, context=chain.context, chance=chance)
        row = {"entry_id": chance.entry_id, "leaf": leaf, "envelope": envelope, "key_id": chain.key.key_id}
        self.rows.append(row)
        chain.entries, chain.last_leaf = chain.entries + 1, merkle.leaf_hash(leaf)
        self.leaf_hashes.append(chain.last_leaf)

    def _open_case(self, case: str) -> None:
        """Make the case's key, and say so in its first entry."""
        key = key_actions.case_key(self.session, self.keys, agency=self.agency, case=case, log=self.origin)
        self.take_up(key)
        if key.created:
            facts = (("key", key.key_id.hex()), ("epoch", key.epoch))
            self.write(AuditEvent(type=EventType.KEY_CREATED, case=case, facts=facts))

    def _stamp(self, entry_id: bytes, chain: _Chain) -> Stamp:
        return Stamp(
            entry_id=entry_id,
            actor=self.actor,
            recorded_at=self.recorded_at,
            case_seq=chain.entries,
            prev_case=chain.last_leaf,
            software=_software(),
        )


def _write_down(
    session: Session, rows: list[dict[str, Any]], chains: list[_Chain], tree: CompactRange
) -> None:
    """Store the entries, where the log stands now, and where each of their cases stands."""
    head = {"size": tree.size, "subtrees": tree.to_bytes()}
    connection = session.connection()
    if len(rows) == 1 and connection.dialect.name == "postgresql":
        # Three statements in one: over a connection the round trips cost more than the work.
        (chain,) = chains
        connection.execute(_APPEND_ONE, rows[0] | head | chain.end())
        return
    connection.execute(_INSERT_ENTRY, rows)
    connection.execute(_MOVE_HEAD, head | {"of_log": rows[0]["log"]})
    key_actions.note_entries(session, {chain.key.key_id: chain.end() for chain in chains})


def _locked_head(session: Session, origin: str) -> CompactRange:
    if (tree := queries.locked_head(session, origin)) is not None:
        return tree
    key_actions.insert_if_new(session, AuditHead, {"log": origin, "size": 0, "subtrees": b""})
    tree = queries.locked_head(session, origin)
    assert tree is not None
    return tree


@cache
def _software() -> str:
    """The version of the installed package, or what stands for it where the sources run uninstalled."""
    try:
        return metadata.version("contact-service")
    except metadata.PackageNotFoundError:
        return "uninstalled"
