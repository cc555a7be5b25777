"""What an agency says of how it handles people's data.  Pure.

Source: General Data Protection Regulation (EU and UK), Articles 5(2), 6, 9, 28, 30 and 35.
"""

from dataclasses import dataclass
from datetime import date, datetime

from contact_service.errors import BadInput

LONGEST_TEXT = 4000
LONGEST_LINE = 200


class StatementMissing(BadInput):
    """Nobody can be entered yet. An administrator first fills in the page “Data protection”."""


@dataclass(frozen=True, kw_only=True)
class NewStatement:
    """What somebody writes down: texts in the agency's own words, the day of the assessment, and where it is kept."""

    assessed_on: date
    reference: str
    controller: str
    legal_bases: str
    processors: str


@dataclass(frozen=True, kw_only=True)
class Statement(NewStatement):
    """The same, with the number of its version, and by whom and when it was written down."""

    version: int
    entered_by: str
    entered_at: datetime


def demand_whole(new: NewStatement, *, today: date) -> None:
    """Return if nothing is missing; raise ``BadInput`` naming the first field that will not do."""
    if new.assessed_on > today:
        raise BadInput(
            "This day is still to come. Write the day on which the assessment was agreed.", "assessed_on"
        )
    for field, missing in _MISSING.items():
        text = getattr(new, field)
        if not text.strip():
            raise BadInput(missing, field)
        longest = LONGEST_LINE if field in _LINES else LONGEST_TEXT
        if len(text) > longest:
            raise BadInput(f"Use at most {longest} characters.", field)
        if not all(c.isprintable() or c in "\r\n\t" for c in text):
            raise BadInput("There are signs in this text that cannot be printed. Type it anew.", field)


_LINES = frozenset({"reference", "controller"})
_MISSING = {
    "reference": "Write where the assessment is kept, so that an inspector finds it.",
    "controller": "Write who decides why and how the data are used: usually the agency, with its registered name.",
    "legal_bases": "Write on which law the agency relies, for the visits and for data of a sensitive kind.",
    "processors": "Write who else handles the data, such as who runs the server. If nobody does, say so.",
}
