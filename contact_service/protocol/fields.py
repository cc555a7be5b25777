"""Reading one JSON object strictly: every field is asked for by name and form, nothing may be left over."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from contact_service.protocol.errors import (
    NotJson,
    OversizeMessage,
    UnknownField,
    WrongField,
)

IDENTIFIER = re.compile(r"[0-9a-f]{8,64}")
CODE = re.compile(r"[a-z0-9_]{1,64}")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
BASE64 = re.compile(r"[A-Za-z0-9+/]{1,344}={0,2}")
LARGEST = 2**53 - 1
"""The largest integer that a browser holds exactly."""

_MISSING = object()
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Message(Protocol):
    """A frozen dataclass that travels as one JSON object with a ``type``."""

    TYPE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def encode(message: Message) -> str:
    """``message`` as one JSON text frame; enumerations travel as their values, tuples as arrays."""
    return json.dumps({"type": message.TYPE} | asdict(message), separators=(",", ":"))


class Fields:
    """The fields of one JSON object that have not been read yet."""

    def __init__(self, value: object) -> None:
        """Raise ``WrongField`` unless ``value`` is an object."""
        if not isinstance(value, dict):
            raise WrongField("An object is missing.")
        self._rest: dict[str, object] = dict(value)

    @classmethod
    def of_text(cls, text: str, *, limit: int) -> "Fields":
        """The fields of a text frame of at most ``limit`` UTF-8 bytes."""
        if len(text) > limit or len(text.encode("utf-8", "surrogatepass")) > limit:
            raise OversizeMessage
        try:
            value = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise NotJson from None
        if not isinstance(value, dict):
            raise NotJson
        return cls(value)

    def text(self, name: str, *, limit: int) -> str:
        """A string of at most ``limit`` characters."""
        value = self._take(name)
        if not isinstance(value, str) or len(value) > limit:
            raise _wrong(name)
        return value

    def matching(self, name: str, form: re.Pattern[str]) -> str:
        """A string that ``form`` matches as a whole."""
        value = self._take(name)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise _wrong(name)
        return value

    def identifier(self, name: str) -> str:
        """An opaque identifier of 8 to 64 lower-case hexadecimal digits."""
        return self.matching(name, IDENTIFIER)

    def code(self, name: str) -> str:
        """A code of 1 to 64 lower-case letters, digits and underscores."""
        return self.matching(name, CODE)

    def member(self, name: str, kind: type[E]) -> E:
        """A member of a closed set."""
        value = self._take(name)
        if not isinstance(value, str) or value not in [member.value for member in kind]:
            raise _wrong(name)
        return kind(value)

    def integer(self, name: str, *, least: int = 0, most: int = LARGEST) -> int:
        """An integer, both bounds included; true and 1.0 are none."""
        value = self._take(name)
        if type(value) is not int or not least <= value <= most:
            raise _wrong(name)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise _wrong(name)
        return value

    def value(self, name: str, read: Callable[[object], T]) -> T:
        """A nested value that ``read`` understands."""
        return read(self._take(name))

    def maybe(self, name: str, read: Callable[[object], T]) -> T | None:
        """A nested value, or None where the field holds null; the field itself may not be absent."""
        value = self._take(name)
        return None if value is None else read(value)

    def each(self, name: str, read: Callable[[object], T], *, most: int) -> tuple[T, ...]:
        """An array of at most ``most`` values."""
        value = self._take(name)
        if not isinstance(value, list) or len(value) > most:
            raise _wrong(name)
        return tuple(map(read, value))

    def end(self) -> None:
        """Raise ``UnknownField`` if anything is left."""
        if self._rest:
            raise UnknownField(f"{min(self._rest)[:40]!r} is not a field of this message. Leave it out.")

    def _take(self, name: str) -> object:
        value = self._rest.pop(name, _MISSING)
        if value is _MISSING:
            raise WrongField(f"The field {name!r} is missing.")
        return value


def an_identifier(value: object) -> str:
    """``value``, which must be an opaque identifier."""
    if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
        raise WrongField
    return value


def an_integer(value: object) -> int:
    """``value``, which must be an integer from 0 to ``LARGEST``."""
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise WrongField
    return value


def _wrong(name: str) -> WrongField:
    return WrongField(f"The field {name!r} has the wrong type, form or size. PROTOCOL.md describes it.")


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson
    return found


def _no_constant(_: str) -> object:
    raise NotJson
