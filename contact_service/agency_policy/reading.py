"""A policy as people write it (YAML) into a document, or every fault with its line.  Pure.

Everything is read as text, so that 20:00 stays a time of day.  Anchors are refused: with them go cycles and texts that
unfold without end.
"""

from collections.abc import Iterator, Mapping

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contact_service.agency_policy.document import Document
from contact_service.errors import BadInput

LONGEST_TEXT = 64 * 1024
_DEEPEST = 8
Path = tuple[str | int, ...]
Lines = dict[Path, int]


class PolicyNotValid(BadInput):
    """This is not a policy yet. Each fault stands with its line."""

    def __init__(self, faults: tuple[tuple[int, str], ...]) -> None:
        """``faults`` are line numbers from 1 and what is wrong there, in order of lines."""
        self.faults = tuple(sorted(faults))
        super().__init__("; ".join(f"line {line}: {text}" for line, text in self.faults), "text")


def read_policy(text: str) -> Document:
    """The document that ``text`` describes, complete; raise ``PolicyNotValid`` with every fault."""
    lines: Lines = {}
    value = _value(_node(text), (), lines)
    if not isinstance(value, dict):
        raise PolicyNotValid(((1, "Write entries such as ‘title: Our policy’."),))
    try:
        document = Document.model_validate(value)
    except ValidationError as error:
        raise PolicyNotValid(tuple(_fault(one, lines) for one in error.errors())) from None
    _demand_sources_point_somewhere(document, lines)
    return document


def write_policy(document: Document) -> str:
    """``document`` as text that ``read_policy`` reads back, every default written out."""
    plain = document.model_dump(mode="json", exclude_none=True)
    text: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
    return text


def entries(document: Document) -> dict[str, str]:
    """Every single entry of ``document`` by its place, as ``limits.note_due``; lists by name where they have one."""
    plain = document.model_dump(mode="json", exclude_none=True)
    return {place: value for place, value in _flat(plain, "") if not place.startswith("sources.")}


def _node(text: str) -> yaml.Node:
    if len(text.encode()) > LONGEST_TEXT:
        raise PolicyNotValid(((1, "The text is longer than 64 KiB."),))
    try:
        _demand_plain(text)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PolicyNotValid(((mark.line + 1 if mark else 1, str(error.problem)),)) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PolicyNotValid(((1, f"This cannot be read as YAML: {error}"),)) from None
    if node is None:
        raise PolicyNotValid(((1, "The text is empty."),))
    return node


def _demand_plain(text: str) -> None:
    """Raise ``PolicyNotValid`` for aliases and deep nests, before anything is composed of them.

    An alias may stand for more than memory holds, and the parser's time grows with the square of the depth.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if getattr(event, "anchor", None) is not None:
            raise PolicyNotValid(((line, "Anchors and aliases (& and *) are not allowed."),))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise PolicyNotValid(((line, "This is nested too deeply."),))


def _value(node: yaml.Node, path: Path, lines: Lines) -> object:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, object] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                raise PolicyNotValid(((key.start_mark.line + 1, f"‘{name}’ stands twice."),))
            found[name] = _value(value, (*path, name), lines)
            lines[(*path, name)] = key.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, number), lines) for number, item in enumerate(node.value)]
    return str(node.value)


_SAID: Mapping[str, str] = {
    "extra_forbidden": "‘{name}’ is not an entry that is known here.",
    "missing": "‘{name}’ is missing.",
    "greater_than_equal": "‘{name}’ is too small: at least {ge}.",
    "less_than_equal": "‘{name}’ is too large: at most {le}.",
    "enum": "‘{input}’ is not one of: {expected}.",
    "int_parsing": "‘{name}’ is a whole number.",
    "too_short": "‘{name}’ needs at least one entry.",
}


def _fault(error: ErrorDetails, lines: Lines) -> tuple[int, str]:
    place = tuple(part for part in error["loc"] if part != "[key]")
    line = next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), 1)
    context = {name: str(value) for name, value in error.get("ctx", {}).items()}
    values = context | {"name": str(place[-1]) if place else "the policy", "input": str(error["input"])[:60]}
    sentence = _SAID.get(error["type"])
    if sentence is None:
        return line, error["msg"].removeprefix("Value error, ")
    return line, sentence.format_map(values)


def _demand_sources_point_somewhere(document: Document, lines: Lines) -> None:
    places = entries(document)
    faults = tuple(
        (lines.get(("sources", number), 1), f"There is no ‘{source.of}’ in this policy.")
        for number, source in enumerate(document.sources)
        if not any(place == source.of or place.startswith(f"{source.of}.") for place in places)
    )
    if faults:
        raise PolicyNotValid(faults)


def _flat(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            said = {name: part for name, part in inner.items() if name not in _IDENTITIES}
            here = f"{place}.{_called(inner, number)}"
            yield from _flat(next(iter(said.values())) if len(said) == 1 else said, here)
    elif isinstance(value, list) and value:
        yield place, ", ".join(map(str, value))
    elif not isinstance(value, list):
        yield place, str(value)


# What a list's item is called by, and is therefore not said again.
_IDENTITIES = {"name", "under", "relation", "risk"}


def _called(item: Mapping[str, object], number: int) -> str:
    """What a list's item is called: its name, what it is about, or its number from 1."""
    if "name" in item:
        return str(item["name"])
    if "under" in item:
        return f"under_{item['under']}"
    if "least" in item:
        return f"{item.get('relation', 'anybody')}_at_{item.get('risk', 'any')}_risk"
    return str(number + 1)
