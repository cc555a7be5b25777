"""What is wrong with a caseload, line by line; and the file of the lines that failed.  Pure."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contact_service.errors import BadInput
from contact_service.spreadsheets import harmless

MOST_SHOWN = 20


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """What is wrong on a line of the file, counted from 1, the line of the column names."""

    line: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line under the column names: the cells by their column, without spaces around them."""

    line: int
    cells: Mapping[str, str]


class CaseloadRefused(BadInput):
    """Nothing was taken in.  Each fault stands with its line."""

    def __init__(self, faults: Iterable[Fault], rows: Iterable[Row] = ()) -> None:
        """``rows`` are what the file held, as far as it could be read into lines and cells."""
        self.faults = tuple(sorted(set(faults)))
        self.rows = tuple(rows)
        shown = [f"line {fault.line}: {fault.reason}" for fault in self.faults[:MOST_SHOWN]]
        more = len(self.faults) - len(shown)
        super().__init__("\n".join([*shown, *([f"and {more} more"] if more else [])]), "file")


def failed_rows(refused: CaseloadRefused) -> str:
    """The failed lines as CSV, with ``line`` and ``reasons`` before their own cells.

    A cell that a spreadsheet would run as a formula has an apostrophe before it.
    """
    reasons: dict[int, list[str]] = {}
    for fault in refused.faults:
        reasons.setdefault(fault.line, []).append(fault.reason)
    cells = {row.line: row.cells for row in refused.rows}
    columns = list(refused.rows[0].cells) if refused.rows else []
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(["line", "reasons", *columns])
    for line, said in reasons.items():
        own = cells.get(line, {})
        table.writerow([line, " ".join(said), *(harmless(own.get(name, "")) for name in columns)])
    return out.getvalue()
