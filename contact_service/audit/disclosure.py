"""Which fields of an entry can be shown alone, and the root that binds them.  Pure; FORMAT.md, section 3."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring as quoted
from typing import Any

from contact_service.audit import merkle
from contact_service.audit.canonical import object_of, text_of

_HASH_BLOCK_BYTES = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))


@dataclass(frozen=True)
class Written:
    """The fields of one entry, written once: the whole object, and each part that can be shown alone.

    A part is the path (a JSON Pointer, RFC 6901) and the canonical text of a member, or of an element where the member
    is a list, so that one of several subjects can be shown without the others.  Parts stand by path.
    """

    content: bytes
    parts: tuple[tuple[str, str], ...]


def write(fields: Mapping[str, Any]) -> Written:
    """The canonical JSON of ``fields`` in both forms."""
    members: dict[str, str] = {}
    parts: list[tuple[str, str]] = []
    for name, value in fields.items():
        if isinstance(value, list):
            elements = [text_of(element) for element in value]
            members[name] = f"[{','.join(elements)}]"
            parts += [(f"/{name}/{position}", element) for position, element in enumerate(elements)]
        else:
            members[name] = text_of(value)
            parts.append((f"/{name}", members[name]))
    return Written(object_of(members).encode(), tuple(sorted(parts)))


def fields_root(written: Written, *, record_key: bytes) -> bytes:
    """The RFC 6962 root over one salted digest per part."""
    salt_of = _expander(record_key)
    return merkle.root(
        [
            merkle.leaf_hash(salt_of(path) + f"[{quoted(path)},{text}]".encode())
            for path, text in written.parts
        ]
    )


def _expander(record_key: bytes) -> Callable[[str], bytes]:
    """From a path to its salt: one block of RFC 5869's expand step, that is HMAC (RFC 2104), under ``record_key``.

    Spelt out because it runs some twenty times per entry: the two blocks that depend on the key alone are hashed once.
    """
    padded = record_key.ljust(_HASH_BLOCK_BYTES, b"\0")
    inner_start = hashlib.sha256(padded.translate(_INNER_PAD))
    outer_start = hashlib.sha256(padded.translate(_OUTER_PAD))

    def expand(path: str) -> bytes:
        inner, outer = inner_start.copy(), outer_start.copy()
        inner.update(b"field/1" + path.encode() + b"\x01")
        outer.update(inner.digest())
        return outer.digest()

    return expand
