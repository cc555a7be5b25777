"""Cells that a spreadsheet would run as formulas.  Pure.  Source: OWASP, CSV injection."""

_FIRST = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d")  # the last is the full-width equals sign


def runs_as_formula(cell: str) -> bool:
    """Whether a spreadsheet may take this cell for a formula."""
    return cell.startswith(_FIRST)


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it where it would run as a formula, else as it is."""
    return f"'{cell}" if runs_as_formula(cell) else cell
