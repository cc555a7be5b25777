"""Import a file: read it, take it in or leave everything as it was, and say what happened."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from contact_service import actor
from contact_service.actor import Role
from contact_service.caseload.actions import File, Imported, import_caseload
from contact_service.caseload.columns import Entry, read_entries
from contact_service.caseload.faults import CaseloadRefused, failed_rows
from contact_service.caseload.reading import LARGEST, read_rows
from contact_service.errors import BadInput
from contact_service.identity.queries import account_with_email
from contact_service.ids import AccountId
from contact_service.work import Installation, Work, begin

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be imported, and how.  ``failed``: where failed rows are written, if any."""

    file: Path
    system: str
    zone: str
    workers: tuple[str, ...]
    dry_run: bool
    failed: Path | None
    as_json: bool


class _OnlyTried(Exception):
    def __init__(self, done: Imported) -> None:
        self.done = done


def run(installation: Installation, asked: Question, *, out: Say, err: Say) -> int:
    """0 when everything was taken in, or would be, or was known; 1 when nothing was, with every reason told.

    Raises ``BadInput`` for a file that cannot be read, or failed rows that cannot be written.
    """
    if asked.failed is not None and asked.failed.resolve() == asked.file.resolve():
        raise BadInput("Write the failed rows into another file: this one holds the caseload.", "failed")
    try:
        done = _imported(installation, asked, err)
    except CaseloadRefused as refused:
        _tell_refused(refused, asked, out, err)
        return 1
    _tell_done(done, asked, out, err)
    return 0


def _imported(installation: Installation, asked: Question, err: Say) -> Imported:
    data = _bytes(asked.file)
    rows = read_rows(data)
    try:
        return _taken_in(installation, asked, hashlib.sha256(data).hexdigest(), read_entries(rows), err)
    except _OnlyTried as tried:
        return tried.done
    except CaseloadRefused as refused:
        raise CaseloadRefused(refused.faults, rows) from None


def _taken_in(
    installation: Installation, asked: Question, sha256: str, entries: list[Entry], err: Say
) -> Imported:
    with begin(installation, actor.COMMAND_LINE) as work:
        workers = tuple(_worker(work, email) for email in asked.workers)
        file = File(sha256=sha256, system=asked.system, zone=asked.zone, workers=workers)
        total = len(entries)
        done = import_caseload(work, entries, file, progress=lambda n: err(f"{n} of {total} ..."))
        if asked.dry_run:
            raise _OnlyTried(done)
    return done


def _worker(work: Work, email: str) -> AccountId:
    found = account_with_email(work, email)
    if Role.WORKER not in found.roles:
        raise BadInput(f"{email} is not a worker.", "worker")
    return found.id


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.", "file") from None


def _tell_refused(refused: CaseloadRefused, asked: Question, out: Say, err: Say) -> None:
    if asked.as_json:
        out(json.dumps({"imported": False, "faults": [asdict(fault) for fault in refused.faults]}))
    else:
        err(str(refused))
    lines = len({fault.line for fault in refused.faults})
    err(f"Nothing was imported: {lines} line(s) must be mended first.")
    if asked.failed is not None:
        _write(asked.failed, failed_rows(refused))
        err(f"They stand with their reasons in {asked.failed}.")


def _write(file: Path, rows: str) -> None:
    """Personal facts: readable by whoever runs the command, and by nobody else."""
    try:
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text(rows, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}.", "failed") from None


def _tell_done(done: Imported, asked: Question, out: Say, err: Say) -> None:
    if asked.as_json:
        counted = {k: v for k, v in vars(done).items() if k != "warnings"}
        warnings = [asdict(warning) for warning in done.warnings]
        out(json.dumps({"imported": not asked.dry_run, **counted, "warnings": warnings}))
        return
    for warning in done.warnings:
        err(f"line {warning.line}: {warning.reason}")
    if not done.changed:
        out(f"All {done.entries} lines are known already. Nothing was changed.")
        return
    verb = "would be imported" if asked.dry_run else "were imported"
    out(
        f"{done.people} people, {done.relations} relationships and {done.placements} placements {verb};"
        f" {done.cases} new case(s). {done.entries} lines were read."
    )
