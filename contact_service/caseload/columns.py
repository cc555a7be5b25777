"""The columns of a caseload, and how a row of cells becomes an entry.  Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from contact_service.caseload.faults import CaseloadRefused, Fault, Row
from contact_service.errors import BadInput
from contact_service.people.channel import ChannelKind, NewChannel, SafeRule, SafeUse, clean_value
from contact_service.people.language import Language, LanguageLevel, LanguageMode, clean_tag
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.people.placement import Days, PlaceWords
from contact_service.spreadsheets import runs_as_formula

REQUIRED = ("case", "person", "role", "name", "known_as")
COLUMNS = (
    *REQUIRED,
    *("zone", "born_on", "languages", "phone", "phone_use", "email", "email_use"),
    *("child", "relation", "word"),
    *("lives_from", "lives_to", "carer", "place", "area", "school", "confidential"),
)
# What a file of failed rows has before the cells: it can be mended and taken in as it is.
IGNORED = ("line", "reasons")
LONGEST_CELL = 200
HOME = ("lives_to", "carer", "place", "area", "school", "confidential")
_RELATIONS = frozenset(Relation) - {Relation.SELF}
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)")
Kind = TypeVar("Kind", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a child lives, with a carer by the carer's reference."""

    days: Days
    carer: str
    confidential: bool
    words: PlaceWords


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row: a person, what they are to one child, and for a child where it lives.

    ``case``, ``person``, ``child`` and the carer of a home are what the other system calls them.  Somebody who is
    something to several children has a row for each.
    """

    line: int
    case: str
    person: str
    role: MemberRole
    details: Details
    zone: str
    channels: tuple[NewChannel, ...]
    child: str
    relation: Relation | None
    word: str
    home: Home | None


class _Cells:
    """The cells of one row, each read with its own reason for a no."""

    def __init__(self, row: Row) -> None:
        self.line, self._cells = row.line, row.cells
        self.faults: list[Fault] = []

    def text(self, name: str) -> str:
        """The cell as it stands, empty where there is none."""
        return self._cells.get(name, "")

    def wrong(self, name: str, reason: str) -> None:
        """Say what is wrong with a cell."""
        self.faults.append(Fault(line=self.line, reason=f"{name}: {reason}"))

    def read(self, name: str, reader: Callable[[str], Value], otherwise: Value) -> Value:
        """What ``reader`` makes of a cell, ``otherwise`` of an empty one; a ``BadInput`` becomes a fault."""
        if not self.text(name):
            return otherwise
        try:
            return reader(self.text(name))
        except BadInput as error:
            self.wrong(name, str(error))
            return otherwise


def read_entries(rows: list[Row]) -> list[Entry]:
    """Every row as an entry; raises ``CaseloadRefused`` with the faults of all of them."""
    entries, faults = [], []
    for row in rows:
        cells = _Cells(row)
        _demand_plain(cells, row.cells)
        entry = _entry(cells)
        faults += cells.faults
        entries.append(entry)
    if faults:
        raise CaseloadRefused(faults, rows)
    return entries


def _demand_plain(cells: _Cells, found: Mapping[str, str]) -> None:
    for name, cell in found.items():
        if name in IGNORED:
            continue
        if len(cell) > LONGEST_CELL:
            cells.wrong(name, f"This is longer than {LONGEST_CELL} letters.")
        elif runs_as_formula(cell) and not (name == "phone" and cell.startswith("+")):
            cells.wrong(name, "This begins like a formula of a spreadsheet. Write it without the first sign.")
        elif not cell and name in REQUIRED:
            cells.wrong(name, "This is missing.")


def _entry(cells: _Cells) -> Entry:
    role = cells.read("role", _one_of(MemberRole), MemberRole.PROFESSIONAL)
    relation = cells.read("relation", _relation, None)
    if not cells.faults:
        _demand_together(cells, role, relation)
    return Entry(
        line=cells.line,
        case=cells.text("case"),
        person=cells.text("person"),
        role=role,
        details=Details(
            name=cells.text("name"),
            known_as=cells.text("known_as"),
            born_on=cells.read("born_on", _day_text, ""),
            languages=cells.read("languages", _languages, ()),
        ),
        zone=cells.text("zone"),
        channels=(*_channel(cells, ChannelKind.PHONE), *_channel(cells, ChannelKind.EMAIL)),
        child=cells.text("child"),
        relation=relation,
        word=cells.text("word") or (relation or "").replace("_", "-"),
        home=_home(cells),
    )


def _demand_together(cells: _Cells, role: MemberRole, relation: Relation | None) -> None:
    """What one cell asks of another."""
    if bool(cells.text("child")) != (relation is not None):
        cells.wrong("child", "Write the child’s reference and what the person is to the child, or neither.")
    if cells.text("word") and relation is None:
        cells.wrong("word", "Write the relation as well.")
    if role is not MemberRole.CHILD and relation is None:
        cells.wrong("relation", "Write for which child this person is here, and what they are to the child.")
    if cells.text("child") and cells.text("child") == cells.text("person"):
        cells.wrong("child", "Nobody is their own relative.")
    for kind in ("phone", "email"):
        if cells.text(f"{kind}_use") and not cells.text(kind):
            cells.wrong(f"{kind}_use", "There is nothing to use.")
    _demand_home(cells, role)


def _demand_home(cells: _Cells, role: MemberRole) -> None:
    if role is not MemberRole.CHILD and any(cells.text(name) for name in ("lives_from", *HOME)):
        cells.wrong("lives_from", "Where somebody lives is kept for children alone.")
    if not cells.text("lives_from") and any(cells.text(name) for name in HOME):
        cells.wrong("lives_from", "Write since which day the child lives there.")


def _home(cells: _Cells) -> Home | None:
    first = cells.read("lives_from", _day, None)
    last = cells.read("lives_to", _day, None)
    if first is None:
        return None
    if last is not None and last < first:
        cells.wrong("lives_to", "The last day is before the first. Check the dates.")
    born = cells.read("born_on", _day, None)
    if born is not None and first < born:
        cells.wrong("lives_from", "This is before the child was born. Check the dates.")
    words = PlaceWords(name=cells.text("place"), area=cells.text("area"), school=cells.text("school"))
    return Home(
        days=Days(first=first, last=last),
        carer=cells.text("carer"),
        confidential=cells.read("confidential", _yes_or_no, otherwise=True),
        words=words,
    )


def _channel(cells: _Cells, kind: ChannelKind) -> tuple[NewChannel, ...]:
    rule = cells.read(f"{kind}_use", _rule, SafeRule())
    value = cells.read(kind, lambda text: clean_value(kind, text), "")
    return (NewChannel(kind=kind, value=value, rule=rule),) if value else ()


def _one_of(kind: type[Kind]) -> Callable[[str], Kind]:
    def read(text: str) -> Kind:
        if text not in set(kind):
            raise BadInput(f"Write one of: {', '.join(kind)}.")
        return kind(text)

    return read


def _relation(text: str) -> Relation:
    if text not in _RELATIONS:
        raise BadInput(f"Write one of: {', '.join(sorted(_RELATIONS))}.")
    return Relation(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if len(text) == len("2018-03-14") else None
    except ValueError:
        day = None
    if day is None:
        raise BadInput("Write the day like 2018-03-14.")
    return day


def _day_text(text: str) -> str:
    return _day(text).isoformat()


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise BadInput("Write yes or no.")
    return text.lower() == "yes"


def _rule(text: str) -> SafeRule:
    if (hours := _HOURS.fullmatch(text)) is not None:
        earliest, latest = (int(hours[n]) * 60 + int(hours[n + 1]) for n in (1, 3))
        if earliest >= latest or latest > 24 * 60:
            raise BadInput("The end is not after the start.")
        return SafeRule(use=SafeUse.BETWEEN, earliest=earliest, latest=latest)
    if text not in {SafeUse.ALWAYS, SafeUse.CALL_ONLY, SafeUse.NEVER}:
        raise BadInput("Write always, call_only, never, or hours like 09:00-17:00.")
    return SafeRule(use=SafeUse(text))


def _languages(text: str) -> tuple[Language, ...]:
    return tuple(_language(one) for one in text.replace(";", " ").split())


def _language(text: str) -> Language:
    tag, *more = text.split(":")
    level, mode = LanguageLevel.NATIVE, LanguageMode.SPOKEN
    for word in more:
        if word in set(LanguageLevel):
            level = LanguageLevel(word)
        elif word in set(LanguageMode):
            mode = LanguageMode(word)
        else:
            raise BadInput(f"After a language write one of: {', '.join((*LanguageLevel, *LanguageMode))}.")
    return Language(tag=clean_tag(tag), mode=mode, level=level)
