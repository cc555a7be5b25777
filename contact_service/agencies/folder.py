"""Writes an export into a folder that only its owner may read."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import create_engine

from contact_service.agencies.export import LEFT_OUT, LOGS, File, manifest, read_me
from contact_service.agencies.queries import entries_of, lines_of, rows_of
from contact_service.database import metadata
from contact_service.errors import BadInput
from contact_service.wall import BESIDE
from contact_service.work import Work


def write_export(work: Work, folder: Path) -> list[File]:
    """The folder holds everything the agency of this Work owns, and a list of it.

    Raises ``BadInput`` when it is not empty.  Give it a Work that looks at one unchanging state of the database.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty. Choose a new folder.")
    for part in (folder, folder / "tables", folder / "evidence"):
        part.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = [
        _write(folder, f"tables/{table}.jsonl", lines_of(work, table))
        for table in sorted(metadata.tables.keys() - BESIDE.keys() - LEFT_OUT.keys())
    ]
    files += [_write(folder, f"evidence/{log}.jsonl", entries_of(work, log)) for log in ("contact", "access")]
    files.append(_listed(folder, "evidence.db", _copy_logs(work, folder / "evidence.db")))
    files.append(_write(folder, "README.txt", [read_me(agency=work.agency, made_at=work.now)]))
    _write(folder, "manifest.json", [manifest(agency=work.agency, made_at=work.now, files=files)])
    return files


def _copy_logs(work: Work, path: Path) -> int:
    """The logs as they stand, in a database file of their own; how many rows."""
    path.touch(mode=0o600)
    copy, rows = create_engine(f"sqlite:///{path}"), 0
    with copy.begin() as there:
        for name in LOGS:
            table = metadata.tables[name]
            table.create(there)
            for row in rows_of(work, name):
                there.execute(table.insert(), dict(row))
                rows += 1
    copy.dispose()
    return rows


def _write(folder: Path, name: str, lines: Iterable[str]) -> File:
    rows = 0
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(line)
            rows += 1
    return _listed(folder, name, rows)


def _listed(folder: Path, name: str, rows: int) -> File:
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(name=name, sha256=digest, size=path.stat().st_size, rows=rows)
