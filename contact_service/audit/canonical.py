"""RFC 8785's canonical JSON for the little that the log holds.  Pure.

Strings and integers below 2 to the 53rd under ASCII names, nested as they like.  For these the few lines below write
the same bytes as ``rfc8785`` in a tenth of the time; a test compares.
"""

import json
from collections.abc import Mapping
from json.encoder import encode_basestring as quoted
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def canonical(value: Any) -> bytes:  # noqa: ANN401  JSON has no narrower type
    """The canonical bytes of ``value``."""
    return text_of(value).encode()


def text_of(value: Any) -> str:  # noqa: ANN401  JSON has no narrower type
    """The canonical text of ``value``."""
    if isinstance(value, str):
        return quoted(value)
    if type(value) is int:
        return str(value)
    if isinstance(value, list):
        return f"[{','.join([text_of(element) for element in value])}]"
    if isinstance(value, dict):
        return object_of({name: text_of(member) for name, member in value.items()})
    return _ENCODER.encode(value)


def object_of(members: Mapping[str, str]) -> str:
    """The canonical text of an object whose members are canonical text already."""
    return f"{{{','.join([f'{quoted(name)}:{members[name]}' for name in sorted(members)])}}}"
