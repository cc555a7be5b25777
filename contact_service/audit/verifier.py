"""Checks a whole database offline with the sealer's public key alone: bytes, leaves, root, signature.

Reads only; whatever is damaged becomes a named error.  It cannot tell that a whole log, or everything after
an older checkpoint, was removed together with its checkpoints: keep a checkpoint elsewhere.
"""

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from sqlmodel import Session

from contact_service.audit import queries
from contact_service.audit.checkpoint import Checkpoint, open_checkpoint
from contact_service.audit.errors import (
    AuditError,
    DatabaseUnreadable,
    DuplicateEntry,
    IndexGap,
    NoteMalformed,
    RolledBack,
    RootMismatch,
    StaleCheckpoint,
)
from contact_service.audit.merkle import CompactRange
from contact_service.audit.note import verifier_for
from contact_service.audit.reading import reading
from contact_service.audit.stretches import STRETCH_ENTRIES, Crew, stretches

EMBEDDED_DATABASE = "contact.db"


@dataclass(frozen=True, kw_only=True)
class LogReport:
    """One log: entries found, entries under the newest checkpoint, root over all, the first fault if any."""

    log: str
    entries: int = 0
    sealed: int = 0
    root: bytes = b""
    fault: AuditError | None = None

    @property
    def unsealed(self) -> int:
        """How many entries wait for the next checkpoint."""
        return self.entries - self.sealed


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """Every log, and the first fault of all."""

    logs: tuple[LogReport, ...]
    fault: AuditError | None

    @property
    def is_whole(self) -> bool:
        """Whether everything that was sealed is still exactly as it was."""
        return self.fault is None


def verify(database: str, verifier_keys: list[str], *, agency: str = "") -> VerifyReport:
    """Check every log of the database at this URL; faults come back in the report, none is raised.

    ``agency`` names the one whose logs are wanted, where the wall between agencies binds whoever looks.
    """
    try:
        with reading(database, agency) as session, Crew(database, agency) as crew:
            return _report(session, verifier_keys, crew)
    except AuditError as error:
        return VerifyReport(logs=(), fault=error)
    except Exception:  # noqa: BLE001  what a damaged database makes the driver raise has no end; all of it means this
        return VerifyReport(logs=(), fault=DatabaseUnreadable())


def main_verify(*, database: str | None, data: Path | None, key: str, out: TextIO, agency: str = "") -> int:
    """Print what ``verify`` finds and return 0, or 1 after a last line ``ERROR_NAME log index``.

    ``agency`` is as there.
    ``data`` is the folder of an embedded installation; ``key`` holds verifier keys with spaces between them.
    """
    if (database is None) == (data is None):
        print("Give either a database or a folder.", file=out)
        print(DatabaseUnreadable().line(), file=out)
        return 1
    url = database if database is not None else f"sqlite:///{data}/{EMBEDDED_DATABASE}"
    report = verify(url, key.split(), agency=agency)
    _print(report, out)
    return 0 if report.is_whole else 1


def _print(report: VerifyReport, out: TextIO) -> None:
    for log in report.logs:
        print(f"log {log.log!a}", file=out)
        if log.fault is None:
            print(
                f"  {log.entries} entries, {log.sealed} sealed, {log.unsealed} waiting for a seal", file=out
            )
            print(f"  root {log.root.hex()}", file=out)
        else:
            print(f"  {log.fault}", file=out)
    if report.fault is None:
        print("Everything that was sealed is exactly as it was.", file=out)
        return
    if not report.logs:
        print(report.fault, file=out)
    print(report.fault.line(), file=out)


def _report(session: Session, verifier_keys: list[str], crew: Crew | None = None) -> VerifyReport:
    found = queries.logs(session)
    if not found:
        raise StaleCheckpoint("There is no log in this database, so nothing was verified.")
    repeated = queries.repeated_entry(session)
    reports = tuple(
        _report_without(repeated, log) or _log_report(session, log, verifier_keys, crew) for log in found
    )
    return VerifyReport(logs=reports, fault=next((report.fault for report in reports if report.fault), None))


def _report_without(repeated: tuple[str, int] | None, log: str) -> LogReport | None:
    """The report of a log in which an entry stands twice, else None."""
    if repeated is None or repeated[0] != log:
        return None
    return LogReport(log=log, fault=DuplicateEntry(index=repeated[1]).at(log=log))


def _log_report(session: Session, log: str, verifier_keys: list[str], crew: Crew | None) -> LogReport:
    try:
        checkpoints = _checkpoints(session, log, _keys_for(log, verifier_keys))
        tree = _checked_tree(session, log, checkpoints, crew)
        _demand_head(session, log, tree)
        if tree.size and not checkpoints:
            raise StaleCheckpoint(index=tree.size)
    except AuditError as error:
        return LogReport(log=log, fault=error.at(log=log))
    sealed = checkpoints[-1].size if checkpoints else 0
    return LogReport(log=log, entries=tree.size, sealed=sealed, root=tree.root())


def _keys_for(log: str, verifier_keys: list[str]) -> list[str]:
    """The keys given, and under this log's name those of the agency's other logs: one key seals them all."""
    agency = log.rpartition("/")[0]
    names = {key: key.partition("+")[0] for key in verifier_keys}
    beside = [key for key, name in names.items() if name != log and name.rpartition("/")[0] == agency]
    return [*verifier_keys, *(verifier_for(key, log) for key in beside)]


def _checkpoints(session: Session, log: str, verifier_keys: list[str]) -> list[Checkpoint]:
    """Every checkpoint of the log, each signature verified, smallest first."""
    with closing(queries.stored_checkpoints(session, log)) as stored:
        return [_opened(size, note, log, verifier_keys) for size, note in stored]


def _opened(size: object, note: object, log: str, verifier_keys: list[str]) -> Checkpoint:
    """The checkpoint in ``note``, which stands in the row of ``size``."""
    try:
        if not isinstance(note, bytes):
            raise NoteMalformed
        checkpoint = open_checkpoint(note, origin=log, verifier_keys=verifier_keys)
        if checkpoint.size != size:
            raise NoteMalformed
    except AuditError as error:
        raise error.at(log=log, index=size if isinstance(size, int) else None) from None
    return replace(checkpoint, origin=log)  # one string for all of them


def _checked_tree(
    session: Session, log: str, checkpoints: list[Checkpoint], crew: Crew | None
) -> CompactRange:
    """The tree of all entries, each checked, compared with every checkpoint on the way."""
    tree, waiting = CompactRange(), checkpoints[::-1]
    while waiting and waiting[-1].size == 0:
        _demand_root(tree, waiting.pop())
    sizes, below = [checkpoint.size for checkpoint in checkpoints], _said_size(session, log)
    for stretch in stretches(session, log, sizes, crew=crew, below=below):
        for cut in stretch.cuts:
            _demand_root(tree.join(cut), waiting.pop())
        if stretch.fault:
            raise stretch.fault
        tree = tree.join(stretch.tree)
        if stretch.tree.size < STRETCH_ENTRIES:
            break
    if queries.stray_entry(session, log, tree.size):
        raise IndexGap(index=tree.size)
    if waiting:
        raise RolledBack(index=tree.size)
    return tree


def _said_size(session: Session, log: str) -> int:
    """The size that the head row claims, 0 when it cannot be read: how much work may lie ahead, and nothing more."""
    try:
        head = queries.stored_head(session, log)
    except RootMismatch:
        return 0
    return head.size if head else 0


def _demand_root(tree: CompactRange, checkpoint: Checkpoint) -> None:
    if tree.root() != checkpoint.root:
        raise RootMismatch(index=checkpoint.size)


def _demand_head(session: Session, log: str, tree: CompactRange) -> None:
    head = queries.stored_head(session, log) or CompactRange()
    if head.size > tree.size:
        raise IndexGap(index=tree.size)
    if head != tree:
        raise RootMismatch(index=tree.size)
