"""From the bytes of a file to rows of cells: one line a row, no surprise inside.  Pure."""

import csv
import re

from contact_service.caseload.columns import COLUMNS, IGNORED, REQUIRED
from contact_service.caseload.faults import CaseloadRefused, Fault, Row

LARGEST = 20_000_000
MOST_ROWS = 5_000
LONGEST_LINE = 10_000
_UTF_16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
_ENDS = re.compile("\r\n|\r|\n")
_SAVE = "In your spreadsheet choose “Save as” and “CSV UTF-8 (comma separated)”."


def read_rows(data: bytes) -> list[Row]:
    """The rows of a caseload; raises ``CaseloadRefused`` with every line that is none.

    Cost is bounded before anything is taken apart: a line of ten million columns is refused by its length.
    """
    lines = _lines(_text(data))
    columns = _columns(lines[0])
    rows, faults = [], []
    for number, line in enumerate(lines[1:], 2):
        try:
            cells = _cells(line)
        except csv.Error:
            reason = "A quotation mark is not closed, or a cell holds a line break. Each person stands on one line."
            faults.append(Fault(line=number, reason=reason))
            continue
        if not any(cells):
            continue
        if len(cells) != len(columns):
            reason = f"This line has {len(cells)} cells; the first line has {len(columns)} columns."
            faults.append(Fault(line=number, reason=reason))
            continue
        rows.append(Row(line=number, cells=dict(zip(columns, cells, strict=True))))
    if faults:
        raise CaseloadRefused(faults, rows)
    if not rows:
        raise CaseloadRefused([Fault(line=1, reason="There is nobody in this file but the column names.")])
    return rows


def _text(data: bytes) -> str:
    if not data:
        raise CaseloadRefused([Fault(line=1, reason="This file is empty.")])
    if len(data) > LARGEST:
        reason = f"This file is larger than {LARGEST // 1_000_000} MB. Divide it."
        raise CaseloadRefused([Fault(line=1, reason=reason)])
    if data.startswith(_UTF_16_OR_32):
        raise CaseloadRefused([Fault(line=1, reason=f"This file is UTF-16 or UTF-32, not UTF-8. {_SAVE}")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(_ENDS.findall(data[: error.start].decode("latin-1"))) + 1
        raise CaseloadRefused([Fault(line=line, reason=f"This line is not UTF-8. {_SAVE}")]) from None
    if (odd := _CONTROL.search(text)) is not None:
        line = len(_ENDS.findall(text[: odd.start()])) + 1
        reason = f"This line holds a control character (U+{ord(odd[0]):04X}). Take it out."
        raise CaseloadRefused([Fault(line=line, reason=reason)])
    return text


def _lines(text: str) -> list[str]:
    """The lines, all ended in one way."""
    lines: list[str] = []
    at, first = 0, ""
    for found in _ENDS.finditer(text):
        first = first or found[0]
        if found[0] != first:
            reason = "This line ends in another way than the first one. Save the file again with one kind of line end."
            raise CaseloadRefused([Fault(line=len(lines) + 1, reason=reason)])
        lines.append(_bounded(text[at : found.start()], len(lines) + 1))
        at = found.end()
        if len(lines) > MOST_ROWS + 1:
            raise CaseloadRefused(
                [
                    Fault(
                        line=len(lines),
                        reason=f"There are more than {MOST_ROWS} people in this file. Divide it.",
                    )
                ]
            )
    if at < len(text):
        lines.append(_bounded(text[at:], len(lines) + 1))
    return lines or [""]


def _bounded(line: str, number: int) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    what = f"has {line.count(',') + 1:,} columns" if number == 1 else f"is {len(line):,} letters long"
    raise CaseloadRefused([Fault(line=number, reason=f"This line {what}. That is no caseload.")])


def _cells(line: str) -> list[str]:
    found = next(csv.reader([line], strict=True), [])
    return [cell.strip() for cell in found]


def _columns(line: str) -> list[str]:
    try:
        names = [name.lower() for name in _cells(line)]
    except csv.Error:
        raise CaseloadRefused([Fault(line=1, reason="A quotation mark is not closed.")]) from None
    if len(names) == 1 and re.search("[;\t|]", line):
        raise CaseloadRefused([Fault(line=1, reason=f"Columns are separated by commas. {_SAVE}")])
    known = {*COLUMNS, *IGNORED}
    wrong = [
        *(f"There is no column “{name[:40]}”." for name in dict.fromkeys(names) if name not in known),
        *(f"The column “{name}” stands there twice." for name in known if names.count(name) > 1),
        *(f"The column “{name}” is missing." for name in REQUIRED if name not in names),
    ]
    if wrong:
        raise CaseloadRefused(
            [Fault(line=1, reason=f"{' '.join(wrong[:10])} The columns are: {', '.join(COLUMNS)}.")]
        )
    return names
