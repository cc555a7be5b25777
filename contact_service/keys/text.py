"""Ed25519 keys as text: base64 of the 32 raw bytes, for settings."""

import base64
from collections.abc import Callable
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contact_service.errors import StartRefused

Key = TypeVar("Key")


class KeyTextWrong(StartRefused):
    """A key is not base64 of 32 bytes. `contact-service keys new` makes a fitting set."""


def private_key(text: str, *, setting: str) -> Ed25519PrivateKey:
    """The private key in ``text``; raises ``KeyTextWrong`` naming the setting."""
    return _read(text, setting, Ed25519PrivateKey.from_private_bytes)


def public_key(text: str, *, setting: str) -> Ed25519PublicKey:
    """The public key in ``text``; raises ``KeyTextWrong`` naming the setting."""
    return _read(text, setting, Ed25519PublicKey.from_public_bytes)


def new_pair() -> tuple[str, str]:
    """A new private key and its public key, as text."""
    key = Ed25519PrivateKey.generate()
    raw = (key.private_bytes_raw(), key.public_key().public_bytes_raw())
    return base64.b64encode(raw[0]).decode(), base64.b64encode(raw[1]).decode()


def _read(text: str, setting: str, build: Callable[[bytes], Key]) -> Key:
    try:
        return build(base64.b64decode(text, validate=True))
    except ValueError:
        raise KeyTextWrong(f"{setting} is not base64 of 32 bytes. {KeyTextWrong.__doc__}") from None
