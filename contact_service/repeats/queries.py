"""Keyed hashes of requests, and the answers that were kept, opened."""

import hmac
import json

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contact_service.repeats.errors import AnsweredBefore
from contact_service.repeats.tables import IdempotencyKeyRow
from contact_service.work import Work

NONCE_BYTES = 12
_HASHES, _SEALS = "repeat/hash/1", "repeat/seal/1"


def keyed_hash(work: Work, *parts: str | bytes) -> str:
    """64 hexadecimal digits that tell nothing of ``parts`` to whoever has the database alone."""
    plain = [part if isinstance(part, bytes) else part.encode() for part in parts]
    framed = b"".join(len(part).to_bytes(8, "big") + part for part in plain)
    return hmac.digest(work.keys.derive(_HASHES), framed, "sha256").hex()


def cipher(work: Work) -> AESGCM:
    """What answers are sealed with."""
    return AESGCM(work.keys.derive(_SEALS))


def answer_in(work: Work, row: IdempotencyKeyRow) -> AnsweredBefore:
    """The answer that a row keeps."""
    assert row.answer is not None  # row and answer are committed together
    nonce, sealed = row.answer[:NONCE_BYTES], row.answer[NONCE_BYTES:]
    plain = json.loads(cipher(work).decrypt(nonce, sealed, row.id.encode()))
    return AnsweredBefore(plain["status"], plain["media_type"], plain["body"].encode())
