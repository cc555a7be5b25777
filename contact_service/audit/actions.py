"""Appends to the evidence log inside the business transaction.  The caller commits."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib import metadata
from typing import Any

from sqlalchemy import bindparam
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
from contact_service.keys.queries import CaseKey

# Built once: this is the path every change takes, and building a statement costs more than running it.
_INSERT_ENTRY = insert(AuditEntry)
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
    tree = _locked_head(session, origin)
    pen = _Pen(session=session, keys=keys, agency=agency, origin=origin, actor=actor, recorded_at=recorded_at)
    for event in events:
        pen.write(event)
    rows = [{"log": origin, "idx": tree.size + n} | row for n, row in enumerate(pen.rows)]
    tree = tree.add(pen.leaf_hashes)
    connection = session.connection()
    connection.execute(_INSERT_ENTRY, rows)
    connection.execute(_MOVE_HEAD, {"of_log": origin, "size": tree.size, "subtrees": tree.to_bytes()})
    key_actions.note_entries(session, list(pen.chains.values()))


def publish_checkpoint(session: Session, *, origin: str, size: int, note: bytes) -> None:
    """Store a signed head; one that stands is kept.  Only the sealer calls this."""
    key_actions.insert_if_new(session, AuditCheckpoint, {"log": origin, "size": size, "note": note})


@dataclass(kw_only=True)
class _Pen:
    """What one append has written so far."""

    session: Session
    keys: KeyProvider
    agency: str
    origin: str
    actor: Actor
    recorded_at: datetime
    chains: dict[str, CaseKey] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    leaf_hashes: list[bytes] = field(default_factory=list)

    def write(self, event: AuditEvent) -> None:
        """Seal one event at the end of its case's chain."""
        case = event.case or AGENCY_CASE
        if case not in self.chains:
            self._take_up(case)
        chain = self.chains[case]
        entry_id = secrets.token_bytes(16)
        fields = entry_fields(event, self._stamp(entry_id, chain))
        context = Context(origin=self.origin, agency=self.agency, case=case, key_id=chain.key_id)
        chance = Chance(entry_id=entry_id, salt=secrets.token_bytes(32), nonce=secrets.token_bytes(12))
        leaf, envelope = seal(fields, key=chain.key, context=context, chance=chance)
        self.rows.append({"entry_id": entry_id, "leaf": leaf, "envelope": envelope, "key_id": chain.key_id})
        self.leaf_hashes.append(merkle.leaf_hash(leaf))
        self.chains[case] = replace(chain, entries=chain.entries + 1, last_leaf=self.leaf_hashes[-1])

    def _take_up(self, case: str) -> None:
        chain = key_actions.case_key(self.session, self.keys, agency=self.agency, case=case, log=self.origin)
        self.chains[case] = chain
        if chain.created:
            facts = (("key", chain.key_id.hex()), ("epoch", chain.epoch))
            self.write(AuditEvent(type=EventType.KEY_CREATED, case=case, facts=facts))

    def _stamp(self, entry_id: bytes, chain: CaseKey) -> Stamp:
        return Stamp(
            entry_id=entry_id,
            actor=self.actor,
            recorded_at=self.recorded_at,
            case_seq=chain.entries,
            prev_case=chain.last_leaf,
            software=_software(),
        )


def _locked_head(session: Session, origin: str) -> CompactRange:
    if (tree := queries.head(session, origin, lock=True)) is not None:
        return tree
    key_actions.insert_if_new(session, AuditHead, {"log": origin, "size": 0, "subtrees": b""})
    tree = queries.head(session, origin, lock=True)
    assert tree is not None
    return tree


@cache
def _software() -> str:
    """The version of the installed package, or what stands for it where the sources run uninstalled."""
    try:
        return metadata.version("contact-service")
    except metadata.PackageNotFoundError:
        return "uninstalled"
