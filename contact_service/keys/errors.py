"""Keys that are missing, wrong or damaged.  Each class has a ``code`` that never changes.

KeyError_
    KekUnavailable      also StartRefused
    PassphraseWrong     also StartRefused
    KeyFileDamaged      also StartRefused
    KeyFileExists       also StartRefused
    KekMismatch         also StartRefused
    KeyMissing
    WrappedKeyDamaged
    SealedTextDamaged
"""

from typing import ClassVar

from contact_service.errors import ContactServiceError, StartRefused


class KeyError_(ContactServiceError):  # noqa: N801  the plain name belongs to Python
    """A key cannot be used. Call the administrator; nothing was changed."""

    code: ClassVar[str] = "KEY"


class KekUnavailable(KeyError_, StartRefused):
    """The key file cannot be read. Put it back, or point CONTACT_KEYS_PATH at it."""

    code = "KEK_UNAVAILABLE"


class PassphraseWrong(KeyError_, StartRefused):
    """The passphrase does not open the key file. Check CONTACT_KEYS_PASSPHRASE."""

    code = "PASSPHRASE_WRONG"


class KeyFileDamaged(KeyError_, StartRefused):
    """The key file is damaged. Restore it from its own backup, which is kept apart from the data."""

    code = "KEY_FILE_DAMAGED"


class KeyFileExists(KeyError_, StartRefused):
    """A file stands where the key file should go. It was not touched; open it, or choose another path."""

    code = "KEY_FILE_EXISTS"


class KekMismatch(KeyError_, StartRefused):
    """The keys in the database belong to another key file. Use the key file of this database."""

    code = "KEK_MISMATCH"


class KeyMissing(KeyError_):
    """The key of this record is not in the database. What it sealed cannot be read."""

    code = "KEY_MISSING"


class WrappedKeyDamaged(KeyError_):
    """A wrapped key was changed or moved to another row. Restore the key tables from backup."""

    code = "WRAPPED_KEY_DAMAGED"


class SealedTextDamaged(KeyError_):
    """A sealed field was changed, or belongs to another person or field. Restore it from backup."""

    code = "AEAD_TAG"
