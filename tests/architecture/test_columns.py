"""Every column has a class of protection, and what must be sealed is sealed; CLASSES.md is the whole table."""

import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, select

import contact_service.retention
from contact_service.agencies.export import LEFT_OUT, LEFT_OUT_COLUMNS, SEALED_AS
from contact_service.database import metadata
from contact_service.retention.classes import MEANING, NAMED, Protection, Stored, class_of
from contact_service.visits.visit import Visit
from tests.cast import House

DOCUMENT = Path(contact_service.retention.__file__).with_name("CLASSES.md")
KINDS = {
    "AutoString": Stored.WORDS,
    "Instant": Stored.TIME,
    "Date": Stored.TIME,
    "Integer": Stored.NUMBER,
    "BigInteger": Stored.NUMBER,
    "Boolean": Stored.NUMBER,
    "Float": Stored.NUMBER,
    "LargeBinary": Stored.BYTES,
    "JSON": Stored.LIST,
}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,80}(,[a-z0-9_:]{1,40})*")
"""One word of a list, or several with commas; never a sentence, which has a space."""


def class_in(column: Column[object]) -> Protection:
    kind = KINDS[type(column.type).__name__]
    return class_of(column.table.name, column.name, kind, refers=bool(column.foreign_keys))


def columns(*classes: Protection) -> list[Column[object]]:
    return [
        column
        for _, table in sorted(metadata.tables.items())
        for column in table.columns
        if not classes or class_in(column) in classes
    ]


def document() -> str:
    lines = [
        "# The class of every column",
        "",
        "Made from `classes.py`; `UPDATE_CLASSES=1 pytest tests/architecture/test_columns.py` writes it anew.",
        "How long each table is kept stands in `periods.py`.",
        "",
    ]
    for protection, meaning in MEANING.items():
        lines += [f"## {protection.value}", "", meaning, "", "| Table | Columns |", "|---|---|"]
        found: dict[str, list[str]] = {}
        for column in columns(protection):
            found.setdefault(column.table.name, []).append(column.name)
        lines += [f"| {table} | {', '.join(names)} |" for table, names in found.items()]
        lines.append("")
    return "\n".join(lines)


def test_every_column_has_a_class_and_the_document_says_which() -> None:
    text = document()
    if os.environ.get("UPDATE_CLASSES"):
        DOCUMENT.write_text(text, encoding="utf-8")
    assert text == DOCUMENT.read_text(encoding="utf-8")


def test_no_class_is_of_a_column_that_is_gone() -> None:
    assert {f"{column.table.name}.{column.name}" for column in columns()} >= NAMED


@pytest.mark.parametrize("kind", [Stored.WORDS, Stored.BYTES, Stored.LIST])
def test_a_new_column_of_words_lists_or_bytes_fails_until_somebody_says_what_it_holds(kind: Stored) -> None:
    with pytest.raises(LookupError, match=r"person\.remarks has no class"):
        class_of("person", "remarks", kind, refers=False)


def test_what_must_be_sealed_is_bytes_under_a_name_of_its_own_or_never_leaves() -> None:
    sealed = columns(Protection.SEALED)
    assert len(sealed) >= len(SEALED_AS)
    for column in sealed:
        assert KINDS[type(column.type).__name__] is Stored.BYTES
        place = (column.table.name, column.name)
        assert place in SEALED_AS or column.table.name in LEFT_OUT, place
    assert {(column.table.name, column.name) for column in sealed} >= set(SEALED_AS)


def test_keys_and_what_opens_a_door_are_never_in_an_export_with_two_reasons() -> None:
    # The public half of a passkey opens nothing.  These two say what was held, by a device that still must prove it.
    public = {"staff_passkey.credential", "staff_passkey.public_key"}
    public |= {"invitation.device_key", "invitation.csrf"}
    out = {
        f"{column.table.name}.{column.name}"
        for column in columns(Protection.KEY, Protection.DOOR)
        if column.table.name not in LEFT_OUT and column.name not in LEFT_OUT_COLUMNS
    }
    assert out == public


def test_words_about_a_family_that_are_not_sealed_are_one_column() -> None:
    found = [f"{column.table.name}.{column.name}" for column in columns(Protection.PLAIN)]
    assert found == ["relationship.word"]


def values(connection: Connection, column: Column[object]) -> set[str]:
    """All that stands in a column, in lists and objects what stands in them."""
    found: set[str] = set()
    left: list[object] = [value for (value,) in connection.execute(select(column))]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            left += value
    return found - {""}


@pytest.fixture
def lived(house: House) -> Visit:
    """A visit that was asked for, approved, and has people waiting."""
    return house.waiting()


def test_what_is_called_a_code_or_an_id_holds_no_sentence(house: House, lived: Visit) -> None:
    assert lived.participants
    with house.reading(house.cast.priya) as work:
        connection = work.session.connection()
        wrong = {
            f"{column.table.name}.{column.name}": bad
            for column in columns(Protection.CODE)
            if (bad := sorted(one for one in values(connection, column) if not CODE.fullmatch(one)))
        }
        names = {"marlowe", "rosa", "emil", "dana", "jonas"}
        named = {
            f"{column.table.name}.{column.name}"
            for column in columns()
            if class_in(column) not in (Protection.STAFF, Protection.PLAIN, Protection.AGENCY)
            and KINDS[type(column.type).__name__] in (Stored.WORDS, Stored.LIST)
            and any(name in json.dumps(sorted(values(connection, column))).lower() for name in names)
        }
    assert wrong == {}
    assert named == set()
