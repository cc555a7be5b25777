"""Signs log heads and refuses whatever does not follow from what it signed before.

A process of its own without any decryption key.  Its memory is a file: the last checkpoint it signed and the
subtree roots that growth needs.  A lock is held from reading to replacing it, so two sealers never both sign.
FORMAT.md has the bytes.
"""

import base64
import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from contact_service.audit import actions, queries
from contact_service.audit.checkpoint import Checkpoint, open_checkpoint
from contact_service.audit.errors import (
    AuditError,
    Inconsistent,
    IndexGap,
    NoteMalformed,
    RolledBack,
    RootMismatch,
    SealerMemory,
)
from contact_service.audit.merkle import CompactRange
from contact_service.audit.note import signer_for, verifier_of
from contact_service.audit.stored import grown
from contact_service.database import of_agency

MEMORY_FORMAT = "contact-service-sealer/1"
EVERY_SECONDS = 1.0
PAGE_ENTRIES = 1024

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SealResult:
    """What one pass did: the size now signed, how many entries that added, and the note."""

    size: int
    sealed: int
    note: bytes | None


@dataclass(frozen=True, kw_only=True)
class _Memory:
    note: bytes
    tree: CompactRange


@dataclass(frozen=True, kw_only=True)
class Seal:
    """A log to seal: its origin, the key that signs its heads, and the file that remembers what was signed."""

    origin: str
    signer_key: str
    memory_path: Path

    def for_agency(self, origin: str, agency: str) -> "Seal":
        """The seal of another agency's log: the same key under its origin, a memory of its own."""
        return Seal(
            origin=origin,
            signer_key=signer_for(self.signer_key, origin),
            memory_path=self.memory_path.with_name(f"{self.memory_path.name}@{agency}.log"),
        )

    def for_log(self, origin: str) -> "Seal":
        """The seal of another log of the same agency: the same key under the other origin, a memory of its own."""
        return Seal(
            origin=origin,
            signer_key=signer_for(self.signer_key, origin),
            memory_path=self.memory_path.with_name(f"{self.memory_path.name}-{origin.rpartition('/')[2]}"),
        )


def run(
    engine: Engine,
    look: Callable[[], Sequence[Seal]],
    *,
    beat: Callable[[], None],
    stop: Event,
    every_seconds: float = EVERY_SECONDS,
) -> None:
    """Seal each log every ``every_seconds`` until ``stop`` is set; call ``beat`` after each clean pass over all.

    ``look`` says before each pass which logs there are: those of an agency that was added since are sealed as well.
    A fault is logged and tried again: the process stays, the other logs are sealed, and meanwhile nothing beats.
    Only a signer key that is none ends it at once, with ``KeyUnknown``.
    """
    seals = look()
    for seal in seals:
        verifier_of(seal.signer_key)
    while not stop.is_set():
        clean = [_sealed(engine, seal) for seal in seals]
        if all(clean):
            beat()
        stop.wait(every_seconds)
        seals = _looked(look) or seals


def _looked(look: Callable[[], Sequence[Seal]]) -> Sequence[Seal]:
    """The logs there are now; nothing while that cannot be read."""
    try:
        return look()
    except SQLAlchemyError as error:
        _logger.error("which logs there are could not be read", extra={"error": type(error).__name__})  # noqa: TRY400
        return ()


def _sealed(engine: Engine, seal: Seal) -> bool:
    """Whether one pass over a log was clean; what was wrong is logged."""
    try:
        seal_once(engine, seal.origin, seal.signer_key, seal.memory_path)
    except AuditError as error:
        fields = {"code": error.code, "log": error.log or seal.origin, "index": error.index}
        _logger.error("the log was not sealed", extra=fields)  # noqa: TRY400  the code says it all
    except (SQLAlchemyError, OSError) as error:
        _logger.error("the log could not be read", extra={"error": type(error).__name__})  # noqa: TRY400
    else:
        return True
    return False


def seal_once(engine: Engine, origin: str, signer_key: str, memory_path: Path) -> SealResult:
    """Check everything since the last signed head and sign the head that stands.

    Raises, having signed nothing, ``RolledBack``, ``IndexGap``, ``LeafMismatch``, ``EnvelopeDigest``,
    ``ContextMismatch``, ``RootMismatch`` or ``Inconsistent`` for a log that does not follow from the memory,
    and ``SealerMemory`` for a memory that is damaged, older than the log's checkpoints, or gone.
    """
    engine = of_agency(engine, origin.rpartition("/")[0].rpartition("/")[2])
    with _held(memory_path):
        memory = _remembered(memory_path, origin=origin, verifier_key=verifier_of(signer_key))
        try:
            tree = _checked(engine, origin=origin, memory=memory)
        except AuditError as error:
            raise error.at(log=origin) from None
        if tree.size == 0:
            return SealResult(size=0, sealed=0, note=None)
        if memory is None or tree.size > memory.tree.size:
            note = Checkpoint(origin=origin, size=tree.size, root=tree.root()).signed(signer_key)
            _remember(memory_path, _Memory(note=note, tree=tree))
        else:
            note = memory.note
        _publish(engine, origin=origin, size=tree.size, note=note)
    return SealResult(size=tree.size, sealed=tree.size - (memory.tree.size if memory else 0), note=note)


def _checked(engine: Engine, *, origin: str, memory: _Memory | None) -> CompactRange:
    """The tree of the whole log, grown from the memory by entries that were each checked."""
    reading = engine.connect().execution_options(reading=True)
    with reading as connection, Session(connection) as session:
        _demand_same_past(session, origin, memory)
        tree = memory.tree if memory else CompactRange()
        head = queries.stored_head(session, origin) or CompactRange()
        if head.size < tree.size:
            raise RolledBack(index=head.size)
        while tree.size < head.size:
            below = min(tree.size + PAGE_ENTRIES, head.size)
            page = queries.stored_entries(session, origin, start=tree.size, below=below, most=PAGE_ENTRIES)
            if not page:
                raise IndexGap(index=tree.size)
            tree = grown(tree, page)
    if tree != head:
        raise RootMismatch(index=tree.size)
    return tree


def _demand_same_past(session: Session, origin: str, memory: _Memory | None) -> None:
    """Raise unless the newest stored checkpoint is one that the memory knows of."""
    size = queries.newest_checkpoint_size(session, origin)
    known = memory.tree.size if memory else 0
    if size > known:
        raise SealerMemory(index=size)
    if memory and size == known and queries.newest_checkpoint(session, origin) != memory.note:
        raise Inconsistent(index=size)


def _publish(engine: Engine, *, origin: str, size: int, note: bytes) -> None:
    with engine.connect().execution_options(reading=True) as connection, Session(connection) as session:
        if queries.newest_checkpoint_size(session, origin) == size:
            return
    with engine.begin() as connection, Session(connection) as session:
        actions.publish_checkpoint(session, origin=origin, size=size, note=note)


@contextmanager
def _held(memory_path: Path) -> Iterator[None]:
    """Keep every other sealer of this memory out."""
    with memory_path.with_suffix(memory_path.suffix + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remembered(path: Path, *, origin: str, verifier_key: str) -> _Memory | None:
    """The memory, None when there is no file; raise ``SealerMemory`` for one that does not hold together."""
    try:
        content = json.loads(path.read_bytes())
        if content["format"] != MEMORY_FORMAT:
            raise SealerMemory(log=origin)
        note = content["note"].encode()
        checkpoint = open_checkpoint(note, origin=origin, verifier_keys=[verifier_key])
        tree = CompactRange.from_bytes(checkpoint.size, base64.b64decode(content["subtrees"], validate=True))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, NoteMalformed, RootMismatch):
        raise SealerMemory(log=origin) from None
    except AuditError as error:
        raise error.at(log=origin) from None
    if tree.root() != checkpoint.root:
        raise SealerMemory(log=origin)
    return _Memory(note=note, tree=tree)


def _remember(path: Path, memory: _Memory) -> None:
    """Replace the file in one step that survives a power cut."""
    subtrees = base64.b64encode(memory.tree.to_bytes()).decode()
    content = {"format": MEMORY_FORMAT, "note": memory.note.decode(), "subtrees": subtrees}
    draft = path.with_suffix(path.suffix + ".new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
