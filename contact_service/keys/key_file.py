"""The key file's bytes: a key-encryption key sealed under a passphrase.  Pure.

A JSON object: ``format``, ``id`` (16 bytes, names the key), ``kdf`` (Argon2id, RFC 9106, with its costs),
``salt``, ``nonce``, ``sealed`` (AES-256-GCM over the 32-byte key, bound to the header) and ``check`` (SHA-256
over the rest, which tells a damaged file from a wrong passphrase).  Bytes are written in hexadecimal.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from contact_service.keys.errors import KeyFileDamaged, PassphraseWrong

FORMAT = "contact-service-keys/1"
# RFC 9106, section 4, second recommended option: 64 MiB, three passes, four lanes.
COSTS = {"name": "argon2id", "iterations": 3, "lanes": 4, "memory_kib": 65536}
MOST_MEMORY_KIB, MOST_ITERATIONS, MOST_LANES = 1 << 20, 16, 16


@dataclass(frozen=True, kw_only=True)
class OpenedKey:
    """The key-encryption key and its public name, 32 and 16 bytes."""

    key: bytes
    key_id: bytes


def write(opened: OpenedKey, passphrase: str, *, salt: bytes, nonce: bytes) -> bytes:
    """Return the bytes of a key file; ``salt`` is 16 bytes, ``nonce`` 12."""
    header: dict[str, Any] = {"format": FORMAT, "id": opened.key_id.hex(), "kdf": COSTS, "salt": salt.hex()}
    sealed = AESGCM(_stretched(passphrase, header)).encrypt(nonce, opened.key, rfc8785.dumps(header))
    body = header | {"nonce": nonce.hex(), "sealed": sealed.hex()}
    return json.dumps(body | {"check": _check(body)}, indent=1, sort_keys=True).encode() + b"\n"


def read(content: bytes, passphrase: str) -> OpenedKey:
    """Return the key in ``content``; raise ``KeyFileDamaged`` or ``PassphraseWrong``."""
    try:
        body = json.loads(content)
        check = body.pop("check")
        if body["format"] != FORMAT or not hmac.compare_digest(_check(body), check):
            raise KeyFileDamaged
        header = {name: body[name] for name in ("format", "id", "kdf", "salt")}
        nonce, sealed, key_id = (bytes.fromhex(body[name]) for name in ("nonce", "sealed", "id"))
        cipher = AESGCM(_stretched(passphrase, header))
        return OpenedKey(key=cipher.decrypt(nonce, sealed, rfc8785.dumps(header)), key_id=key_id)
    except InvalidTag:
        raise PassphraseWrong from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, rfc8785.CanonicalizationError):
        raise KeyFileDamaged from None


def _check(body: dict[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def _stretched(passphrase: str, header: dict[str, Any]) -> bytes:
    costs = header["kdf"]
    memory, iterations, lanes = costs["memory_kib"], costs["iterations"], costs["lanes"]
    if memory > MOST_MEMORY_KIB or iterations > MOST_ITERATIONS or lanes > MOST_LANES:
        raise KeyFileDamaged
    salt = bytes.fromhex(header["salt"])
    derivation = Argon2id(salt=salt, length=32, iterations=iterations, lanes=lanes, memory_cost=memory)
    return derivation.derive(passphrase.encode())
