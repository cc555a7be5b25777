"""The provider of the key-encryption key, here a file sealed by a passphrase.

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
from contact_service.keys.errors import KekUnavailable, KeyFileDamaged, KeyFileExists
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.wrapping import KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES, Label

# How many unwrapped keys stay in memory; the ones used longest ago go first.
REMEMBERED_KEYS = 2048


class KeyProvider:
    """Wraps, unwraps and derives; may be used by many threads at once."""

    def __init__(self, opened: OpenedKey) -> None:
        self.key_id = opened.key_id
        self._key = opened.key
        self._wrapping_key = self.derive("wrap/1")
        self._remembered: OrderedDict[tuple[bytes, bytes], bytes] = OrderedDict()
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

    def remember(self, name: bytes, wrapped: bytes, unwrap: Callable[[], bytes]) -> bytes:
        """Return the key of ``wrapped``, from memory if this very wrapping was opened before."""
        with self._lock:
            if (key := self._remembered.get((name, wrapped))) is not None:
                self._remembered.move_to_end((name, wrapped))
                return key
        key = unwrap()
        with self._lock:
            self._remembered[name, wrapped] = key
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
