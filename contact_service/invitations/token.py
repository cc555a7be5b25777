"""The secret of a join link: derived when it is needed, stored only as a hash, checked in constant time.

The key it is derived under is outside the database, so neither the database nor a queued message lets anybody in.
"""

import base64
import hashlib
import hmac
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from contact_service.ids import InvitationId

LINK_KEY_PURPOSE = "join-link/1"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_P256_COORDINATE_BYTES = 32


def secret_of(key: bytes, link: str, generation: int) -> str:
    """The link secret: 256 bits, 43 URL-safe characters."""
    digest = hmac.digest(key, f"{link}|{generation}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_of(secret: str) -> str:
    """What is stored of a secret or a cookie: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def looks_like_secret(text: str) -> bool:
    """Whether ``text`` has the shape of a link secret."""
    return _SECRET.fullmatch(text) is not None


def is_device_key(spki: str) -> bool:
    """Whether ``spki`` is base64 of a P-256 public key (SubjectPublicKeyInfo)."""
    return _device_key(spki) is not None


def device_signed(spki: str, text: str, signature: str) -> bool:
    """Whether the device that holds the private half of ``spki`` signed ``text``.

    ``signature`` is base64 of r and s, 32 bytes each, as WebCrypto makes it (IEEE P1363), over SHA-256.
    """
    key = _device_key(spki)
    raw = _unbase64(signature)
    if key is None or raw is None or len(raw) != 2 * _P256_COORDINATE_BYTES:
        return False
    halves = (raw[:_P256_COORDINATE_BYTES], raw[_P256_COORDINATE_BYTES:])
    der = encode_dss_signature(*(int.from_bytes(half, "big") for half in halves))
    try:
        key.verify(der, text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def ticket_text(invitation: InvitationId, nonce: str) -> str:
    """What a device signs to be given a ticket."""
    return f"contact-service/ticket/1\n{invitation}\n{nonce}"


def _device_key(spki: str) -> ec.EllipticCurvePublicKey | None:
    raw = _unbase64(spki)
    try:
        key = load_der_public_key(raw or b"")
    except (ValueError, TypeError):
        return None
    fits = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return key if fits and isinstance(key, ec.EllipticCurvePublicKey) else None


def _unbase64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
