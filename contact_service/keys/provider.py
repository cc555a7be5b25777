"""The provider of the key-encryption key, here a file sealed by a passphrase.

A key comes out of memory only on the proof of its rows, its own and its root's, which every transaction reads anew: one
that was destroyed, rotated or moved is gone from the next transaction on, in every process at once.

Whoever has this file, its passphrase and the database can read everything: with the file provider a stolen
server is a stolen key.  Keep the file's backup apart from the data's.  Other providers keep this interface.
"""

import os
import secrets
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contact_service.keys import key_file, wrapping
from contact_service.keys.errors import (
    KekMismatch,
    KekUnavailable,
    KeyFileDamaged,
    KeyFileExists,
    KeyMissing,
)
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.stored import StoredKey, StoredRoot
from contact_service.keys.wrapping import KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES, Label

# How many unwrapped keys stay in memory; the ones used longest ago go first.  A destroyed key's bytes may lie there,
# out of reach, until then or until the process ends: after a destruction, restart the processes.
REMEMBERED_KEYS = 2048


class KeyProvider:
    """Wraps, unwraps and derives; may be used by many threads at once."""

    def __init__(self, opened: OpenedKey) -> None:
        self.key_id = opened.key_id
        self._key = opened.key
        self._wrapping_key = self.derive("wrap/1")
        self._remembered: OrderedDict[bytes, tuple[object, bytes]] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def create(cls, path: Path, passphrase: str) -> Self:
        """Make a key file that only its owner may read; raise ``KeyFileExists`` when one is there."""
        opened = OpenedKey(key=secrets.token_bytes(KEY_BYTES), key_id=secrets.token_bytes(KEY_ID_BYTES))
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(NONCE_BYTES)
        _write_new(path, key_file.write(opened, passphrase, salt=salt, nonce=nonce))
        return cls(opened)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Self:
        """Open a key file; raise ``KekUnavailable``, ``PassphraseWrong`` or ``KeyFileDamaged``."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise KekUnavailable(
                f"The key file cannot be read ({error.strerror}). {KekUnavailable.__doc__}"
            ) from None
        opened = key_file.read(content, passphrase)
        if len(opened.key) != KEY_BYTES or len(opened.key_id) != KEY_ID_BYTES:
            raise KeyFileDamaged
        return cls(opened)

    def wrap(self, key: bytes, *, purpose: str, agency: str, key_id: bytes, version: int) -> bytes:
        """Return ``key`` wrapped under the key-encryption key and bound to the four facts."""
        label = Label(purpose=purpose, agency=agency, key_id=key_id, version=version)
        return wrapping.wrap(
            key, under=self._wrapping_key, label=label, nonce=secrets.token_bytes(NONCE_BYTES)
        )

    def unwrap(self, wrapped: bytes, *, purpose: str, agency: str, key_id: bytes, version: int) -> bytes:
        """Return the key in ``wrapped``; raise ``WrappedKeyDamaged`` when anything differs."""
        label = Label(purpose=purpose, agency=agency, key_id=key_id, version=version)
        return wrapping.unwrap(wrapped, under=self._wrapping_key, label=label)

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes that are the same for the same key file and purpose.  Never store them."""
        info = b"contact-service/derive/1/" + purpose.encode()
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(self._key)

    def root_in(self, row: StoredRoot) -> bytes:
        """The root key in ``row``; raise ``KekMismatch`` or ``WrappedKeyDamaged``."""
        if row.provider_key_id != self.key_id:
            raise KekMismatch
        return self.remember(row.key_id, row, lambda: self.unwrap(row.wrapped, **vars(row.label)))

    def key_in(self, row: StoredKey) -> bytes:
        """The key in ``row``; raise ``KeyMissing`` when its root is gone, ``KekMismatch`` or ``WrappedKeyDamaged``."""
        if (root := row.root) is None:
            raise KeyMissing
        if root.provider_key_id != self.key_id:
            raise KekMismatch

        def unwrap() -> bytes:
            return wrapping.unwrap(row.wrapped, under=self.root_in(root), label=row.label_under(root.version))

        return self.remember(row.key_id, (row.purpose, row.agency, row.wrapped, root), unwrap)

    def remember(self, key_id: bytes, proof: object, unwrap: Callable[[], bytes]) -> bytes:
        """Return the key ``key_id``, from memory if it was opened before on the very same ``proof``.

        ``proof`` is everything that the key was unwrapped from, read in the caller's transaction.  A key that was
        destroyed has no rows to show, and one that was wrapped anew shows others: what is remembered then counts for
        nothing, and gives way to what ``unwrap`` returns.
        """
        with self._lock:
            if (known := self._remembered.get(key_id)) is not None and known[0] == proof:
                self._remembered.move_to_end(key_id)
                return known[1]
        key = unwrap()
        with self._lock:
            self._remembered[key_id] = proof, key
            self._remembered.move_to_end(key_id)
            if len(self._remembered) > REMEMBERED_KEYS:
                self._remembered.popitem(last=False)
        return key


def _write_new(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileExists from None
    except OSError as error:
        raise KekUnavailable(
            f"The key file cannot be written ({error.strerror}). Choose another path."
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
