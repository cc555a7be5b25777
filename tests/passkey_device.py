"""A device that holds passkeys, in software: it answers as a browser does, and lies when a test asks it to."""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey (ES256) on one device; ``verified``: it checked who holds it."""

    origin: str
    host: str
    verified: bool = True
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.key.public_key().public_numbers().x.to_bytes(32)).digest()

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        credential = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._about(ATTESTED) + credential}
        said = {"attestationObject": plain(cbor2.dumps(attestation))}
        return self._answer(said, self._client("webauthn.create", asked))

    def sign(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        client, about = self._client("webauthn.get", asked), self._about(0)
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"authenticatorData": plain(about), "signature": plain(signature)}, client)

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _about(self, more: int) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _answer(self, said: dict[str, str], client: bytes) -> dict[str, Any]:
        response = said | {"clientDataJSON": plain(client)}
        return {"id": plain(self.id), "rawId": plain(self.id), "type": "public-key", "response": response}
