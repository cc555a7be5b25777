"""Signed notes as C2SP signed-note v1 defines them, with Ed25519 keys in the standard encodings.  Pure.

A verifier key is ``name+hash+base64``, a signer key ``PRIVATE+KEY+name+hash+base64``; the hash is eight
hexadecimal digits and the key bytes start with the algorithm, 1.
"""

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contact_service.audit.errors import KeyUnknown, NoteMalformed, SignatureInvalid

ED25519 = b"\x01"
MOST_SIGNATURES = 100
MOST_BYTES = 1_000_000
SIGNATURE_START = "\u2014 "
PRIVATE = "PRIVATE+KEY+"
_NOT_PLAIN = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One signature line: the key's name, the four bytes of its id, and the signature."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text, ending in a newline, and the signatures on it that were verified."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, kw_only=True)
class _Verifier:
    name: str
    key_id: bytes
    key: bytes


def create_signer(name: str) -> tuple[str, str]:
    """A new random signer key and its verifier key, both in the standard encoding."""
    seed = secrets.token_bytes(32)
    public = _public(seed)
    key_id = _key_id(name, public).hex()
    signer = f"{PRIVATE}{name}+{key_id}+{_base64(ED25519 + seed)}"
    _signer(signer)
    return signer, f"{name}+{key_id}+{_base64(ED25519 + public)}"


def verifier_of(signer_key: str) -> str:
    """The verifier key that belongs to a signer key; raise ``KeyUnknown`` when it is not a signer key."""
    name, key_id, seed = _signer(signer_key)
    return f"{name}+{key_id.hex()}+{_base64(ED25519 + _public(seed))}"


def signer_for(signer_key: str, name: str) -> str:
    """The same key under another name; its signatures are those of ``verifier_for`` that name.

    A note's first line is the name of its log, so that what is signed for one log can be shown as no other's.
    """
    _, _, seed = _signer(signer_key)
    return f"{PRIVATE}{name}+{_key_id(name, _public(seed)).hex()}+{_base64(ED25519 + seed)}"


def verifier_for(verifier_key: str, name: str) -> str:
    """The same public key under another name; raise ``KeyUnknown`` when it is not a verifier key."""
    key = _verifier(verifier_key).key
    return f"{name}+{_key_id(name, key).hex()}+{_base64(ED25519 + key)}"


def sign(text: str, signer_key: str) -> bytes:
    """The note of ``text``, which must end in a newline; raise ``NoteMalformed`` or ``KeyUnknown``."""
    name, key_id, seed = _signer(signer_key)
    if not text.endswith("\n") or not _is_plain(text):
        raise NoteMalformed
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    return f"{text}\n{SIGNATURE_START}{name} {_base64(key_id + signature)}\n".encode()


def open_note(note: bytes, verifier_keys: list[str]) -> Note:
    """The text and its verified signatures.

    Raises ``NoteMalformed`` for bytes that are no note, ``SignatureInvalid`` when a known key's signature
    fails (the whole note is refused then) and ``KeyUnknown`` when no known key signed.
    """
    known = _known(verifier_keys)
    text, signatures = _parsed(note)
    verified: dict[tuple[str, bytes], Signature] = {}
    for signature in signatures:
        name = (signature.name, signature.key_id)
        if name in known and name not in verified:
            _verify(text, signature, known[name])
            verified[name] = signature
    if not verified:
        raise KeyUnknown
    return Note(text=text, signatures=tuple(verified.values()))


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64 in its one canonical spelling; raise ``NoteMalformed`` for any other."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NoteMalformed from None
    if _base64(content) != text:
        raise NoteMalformed
    return content


def _parsed(note: bytes) -> tuple[str, list[Signature]]:
    if len(note) > MOST_BYTES:
        raise NoteMalformed
    try:
        content = note.decode()
    except UnicodeDecodeError:
        raise NoteMalformed from None
    text, blank, block = content.rpartition("\n\n")
    if not blank or not block.endswith("\n") or not _is_plain(content):
        raise NoteMalformed
    lines = block[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise NoteMalformed
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(SIGNATURE_START).partition(" ")
    if not line.startswith(SIGNATURE_START) or not _is_name(name):
        raise NoteMalformed
    content = decode_base64(encoded)
    if len(content) <= 4:  # noqa: PLR2004  four bytes of key id and at least one of signature
        raise NoteMalformed
    return Signature(name=name, key_id=content[:4], value=content[4:])


def _verify(text: str, signature: Signature, verifier: _Verifier) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(verifier.key).verify(signature.value, text.encode())
    except (InvalidSignature, ValueError):
        raise SignatureInvalid from None


def _known(verifier_keys: Iterable[str]) -> dict[tuple[str, bytes], _Verifier]:
    known: dict[tuple[str, bytes], _Verifier] = {}
    for verifier in map(_verifier, verifier_keys):
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise KeyUnknown("Two of the verifier keys have the same name and hash. Give only the right one.")
    return known


@lru_cache(maxsize=16)
def _verifier(text: str) -> _Verifier:
    name, key_id, key = _key_parts(text)
    if _key_id(name, key) != key_id:
        raise KeyUnknown("This is not a verifier key: its hash does not fit.")
    return _Verifier(name=name, key_id=key_id, key=key)


def _signer(text: str) -> tuple[str, bytes, bytes]:
    if not text.startswith(PRIVATE):
        raise KeyUnknown("This is not a signer key: it starts with PRIVATE+KEY+.")
    name, key_id, seed = _key_parts(text.removeprefix(PRIVATE))
    if _key_id(name, _public(seed)) != key_id:
        raise KeyUnknown("This is not a signer key: its hash does not fit.")
    return name, key_id, seed


def _key_parts(text: str) -> tuple[str, bytes, bytes]:
    """Name, hash and 32 key bytes of ``name+hash+base64``."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        content = decode_base64(encoded)
        hash_bytes = bytes.fromhex(key_id)
    except (NoteMalformed, ValueError):
        raise KeyUnknown("This is not a key: it reads name+hash+base64.") from None
    if not _is_name(name) or hash_bytes.hex() != key_id or len(content) != 33 or content[:1] != ED25519:  # noqa: PLR2004
        raise KeyUnknown("This is not an Ed25519 key of the form name+hash+base64.")
    return name, hash_bytes, content[1:]


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode(errors="replace") + b"\n" + ED25519 + public).digest()[:4]


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name) and _is_plain(name)


def _is_plain(text: str) -> bool:
    """Whether ``text`` is UTF-8 without control characters other than the newline."""
    return _NOT_PLAIN.search(text) is None
