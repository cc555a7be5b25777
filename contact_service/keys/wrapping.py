"""One key wrapped under another: AES-256-GCM, bound to what the key is for (audit/FORMAT.md).  Pure."""

from dataclasses import dataclass

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contact_service.keys.errors import WrappedKeyDamaged

KEY_BYTES = 32
KEY_ID_BYTES = 16
NONCE_BYTES = 12
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + 16


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a wrapped key is for.  ``version`` counts the wrapping key's versions from 1."""

    purpose: str
    agency: str
    key_id: bytes
    version: int

    def to_bytes(self) -> bytes:
        """The canonical bytes that the wrapping is bound to."""
        facts: dict[str, str | int] = {
            "agency": self.agency,
            "key": self.key_id.hex(),
            "purpose": self.purpose,
            "version": self.version,
        }
        return rfc8785.dumps(facts)


def wrap(key: bytes, *, under: bytes, label: Label, nonce: bytes) -> bytes:
    """Return nonce, ciphertext and tag: 60 bytes that only ``under`` and the same label open."""
    return nonce + AESGCM(under).encrypt(nonce, key, label.to_bytes())


def unwrap(wrapped: bytes, *, under: bytes, label: Label) -> bytes:
    """Return the 32-byte key; raise ``WrappedKeyDamaged`` for other bytes, another label or another key."""
    if len(wrapped) != WRAPPED_BYTES:
        raise WrappedKeyDamaged
    try:
        return AESGCM(under).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label.to_bytes())
    except InvalidTag:
        raise WrappedKeyDamaged from None
