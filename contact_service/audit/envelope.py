"""Envelope suite 1: from the fields of one entry to leaf body and envelope, and back.  Pure.

The bytes are in FORMAT.md.  Randomness is an argument (``Chance``).  ``read_leaf`` and ``check_envelope``
need no key; ``open_entry`` needs the case's.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contact_service.audit import disclosure
from contact_service.audit.canonical import canonical
from contact_service.audit.disclosure import fields_root
from contact_service.audit.errors import (
    AeadTag,
    ContextMismatch,
    EnvelopeDigest,
    KeyCommitment,
    LeafMismatch,
    TooMuchForOneEntry,
)

LEAF_VERSION = SUITE = SCHEMA = 1
LEAF_BYTES = 146
_LEAF_START = bytes((LEAF_VERSION, SUITE))
KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16
HEAD_BYTES = KEY_ID_BYTES + NONCE_BYTES
PADDED_BYTES = (256, 512, 1024, 2048, 4096)
LENGTH_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where an entry belongs.  ``key_id`` is the 16-byte id of the case's key."""

    origin: str
    agency: str
    case: str
    key_id: bytes

    def to_bytes(self, entry_id: bytes | None = None) -> bytes:
        """The canonical bytes, with or without the entry's id."""
        facts = {"agency": self.agency, "case": self.case, "key": self.key_id.hex(), "origin": self.origin}
        facts |= {"entry": entry_id.hex()} if entry_id is not None else {}
        return canonical(facts | {"schema": SCHEMA, "suite": SUITE})

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the bytes without an entry's id; an append of many entries needs it for each."""
        return hashlib.sha256(self.to_bytes()).digest()


@dataclass(frozen=True, kw_only=True)
class Chance:
    """The random bytes of one entry: id (16), salt (32), nonce (12)."""

    entry_id: bytes
    salt: bytes
    nonce: bytes


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """The six fields of a leaf body."""

    entry_id: bytes
    salt: bytes
    commit: bytes
    envelope_sha256: bytes
    fields_root: bytes

    def to_bytes(self) -> bytes:
        """The 146 bytes that are hashed into the tree."""
        head = _LEAF_START + self.entry_id + self.salt
        return head + self.commit + self.envelope_sha256 + self.fields_root


def is_leaf(content: object) -> TypeGuard[bytes]:
    """Whether ``content`` is 146 bytes of this version and suite."""
    return isinstance(content, bytes) and len(content) == LEAF_BYTES and content.startswith(_LEAF_START)


def read_leaf(content: object) -> Leaf:
    """The leaf in ``content``; raise ``LeafMismatch`` unless it is one."""
    if not is_leaf(content):
        raise LeafMismatch
    return Leaf(
        entry_id=content[2:18],
        salt=content[18:50],
        commit=content[50:82],
        envelope_sha256=content[82:114],
        fields_root=content[114:146],
    )


def check_envelope(leaf: Leaf, envelope: object) -> bytes:
    """Return the envelope's bytes; raise ``EnvelopeDigest`` unless they are the ones the leaf names."""
    if not isinstance(envelope, bytes) or hashlib.sha256(envelope).digest() != leaf.envelope_sha256:
        raise EnvelopeDigest
    return envelope


def seal(fields: Mapping[str, Any], *, key: bytes, context: Context, chance: Chance) -> tuple[bytes, bytes]:
    """Return the leaf body and the envelope of ``fields``; raise ``TooMuchForOneEntry`` beyond 4,092 bytes."""
    bound = context.to_bytes(chance.entry_id)
    record_key = _record_key(key, salt=chance.salt, bound=bound)
    written = disclosure.write(fields)
    ciphertext = AESGCM(record_key).encrypt(chance.nonce, _padded(written.content), bound)
    envelope = context.key_id + chance.nonce + ciphertext
    leaf = Leaf(
        entry_id=chance.entry_id,
        salt=chance.salt,
        commit=_commitment(key, context=context, salt=chance.salt, entry_id=chance.entry_id),
        envelope_sha256=hashlib.sha256(envelope).digest(),
        fields_root=fields_root(written, record_key=record_key),
    )
    return leaf.to_bytes(), envelope


def open_entry(leaf_body: bytes, envelope: bytes, *, key: bytes, context: Context) -> dict[str, Any]:
    """Return the fields, every byte of leaf and envelope accounted for.

    Raises, in this order: ``LeafMismatch`` (not a leaf), ``EnvelopeDigest``, ``ContextMismatch``
    (another key's entry), ``KeyCommitment`` (before anything is decrypted), ``AeadTag``, ``ContextMismatch``
    (another entry's fields), ``LeafMismatch`` (fields root).
    """
    leaf = read_leaf(leaf_body)
    check_envelope(leaf, envelope)
    if envelope[:KEY_ID_BYTES] != context.key_id:
        raise ContextMismatch
    commit = _commitment(key, context=context, salt=leaf.salt, entry_id=leaf.entry_id)
    if not hmac.compare_digest(commit, leaf.commit):
        raise KeyCommitment
    bound = context.to_bytes(leaf.entry_id)
    record_key = _record_key(key, salt=leaf.salt, bound=bound)
    fields = _fields(_decrypted(envelope, record_key=record_key, bound=bound))
    if fields.get("id") != leaf.entry_id.hex() or fields.get("case") != context.case:
        raise ContextMismatch
    if fields_root(disclosure.write(fields), record_key=record_key) != leaf.fields_root:
        raise LeafMismatch
    return fields


def trace_key(key: bytes) -> bytes:
    """The key that recognises a case's leaves without reading them (RFC 5869 expand, ``trace/1``)."""
    return _expanded(key, b"trace/1")


def _record_key(key: bytes, *, salt: bytes, bound: bytes) -> bytes:
    return _expanded(hmac.digest(salt, key, "sha256"), b"rec/1" + hashlib.sha256(bound).digest())


def _expanded(key: bytes, info: bytes) -> bytes:
    """One block of RFC 5869's expand step, spelt out: every entry needs two, and its extract step is one HMAC too."""
    return hmac.digest(key, info + b"\x01", "sha256")


def _commitment(key: bytes, *, context: Context, salt: bytes, entry_id: bytes) -> bytes:
    return hmac.digest(trace_key(key), b"commit/1" + salt + entry_id + context.digest, "sha256")


def _decrypted(envelope: bytes, *, record_key: bytes, bound: bytes) -> bytes:
    nonce, ciphertext = envelope[KEY_ID_BYTES:HEAD_BYTES], envelope[HEAD_BYTES:]
    try:
        return AESGCM(record_key).decrypt(nonce, ciphertext, bound)
    except (InvalidTag, ValueError):
        raise AeadTag from None


def _padded(content: bytes) -> bytes:
    needed = LENGTH_BYTES + len(content)
    for size in PADDED_BYTES:
        if needed <= size:
            return len(content).to_bytes(LENGTH_BYTES, "big") + content + bytes(size - needed)
    raise TooMuchForOneEntry


def _fields(padded: bytes) -> dict[str, Any]:
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    content = padded[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(padded) not in PADDED_BYTES or len(content) != length or any(padded[LENGTH_BYTES + length :]):
        raise ContextMismatch
    try:
        fields = json.loads(content)
    except ValueError:
        raise ContextMismatch from None
    if not isinstance(fields, dict):
        raise ContextMismatch
    return fields
