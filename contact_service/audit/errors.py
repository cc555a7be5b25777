"""The evidence log's named errors.  ``code`` never changes; ``line`` is what a verifier prints last.

AuditError
    NoteMalformed        NOTE_MALFORMED       not a signed note, or a note that does not fit its place
    SignatureInvalid     SIG_INVALID          a known key's signature does not verify
    KeyUnknown           KEY_UNKNOWN          no signature by a known key, or a key that is not one
    OriginMismatch       ORIGIN_MISMATCH      a checkpoint of another log
    RootMismatch         ROOT_MISMATCH        the entries do not hash to the signed or stored root
    LeafMismatch         LEAF_MISMATCH        not a leaf body of this format, or not the one of its row
    EnvelopeDigest       ENVELOPE_DIGEST      the envelope is not the one its leaf names
    KeyCommitment        KEY_COMMITMENT       sealed under another key or for another case
    AeadTag              AEAD_TAG             the ciphertext was changed
    ContextMismatch      CONTEXT_MISMATCH     an entry that belongs somewhere else
    IndexGap             INDEX_GAP            an index is missing
    DuplicateEntry       DUPLICATE_ENTRY      one entry stands twice
    CaseSequenceGap      CASE_SEQ_GAP         an entry of a case is missing or out of order
    Inconsistent         CONSISTENCY          a proof does not hold
    RolledBack           ROLLBACK             the log is shorter than what was signed
    StaleCheckpoint      STALE_CHECKPOINT     entries without a checkpoint
    SealerMemory         SEALER_MEMORY        the sealer's memory file is missing or damaged
    DatabaseUnreadable   DATABASE_UNREADABLE  the database cannot be opened or read
    NotACode             NOT_A_CODE           free text was about to enter the log (a bug)
BadInput
    TooMuchForOneEntry                        more facts than one entry can hold
"""

from typing import ClassVar

from contact_service.errors import BadInput, ContactServiceError


class AuditError(ContactServiceError):
    """The evidence log does not hold together. Keep the database as it is and call the administrator."""

    code: ClassVar[str] = "AUDIT"

    def __init__(self, message: str = "", *, log: str = "", index: int | None = None) -> None:
        """``log`` is the origin of the log and ``index`` the entry, where known."""
        super().__init__(*[message] if message else [])
        self.log, self.index = log, index

    def at(self, *, log: str, index: int | None = None) -> "AuditError":
        """The same error, placed, unless it already knows its place."""
        self.log = self.log or log
        self.index = index if self.index is None else self.index
        return self

    def line(self) -> str:
        """``ERROR_NAME log index`` with a hyphen for what is not known; always three words in ASCII."""
        place = "".join(letter if "!" <= letter <= "~" else "?" for letter in self.log) or "-"
        return f"{self.code} {place} {'-' if self.index is None else self.index}"


class NoteMalformed(AuditError):
    """This is not a well-formed signed note. Fetch the checkpoint again from where it was kept."""

    code = "NOTE_MALFORMED"


class SignatureInvalid(AuditError):
    """The signature does not belong to this text. Do not rely on it."""

    code = "SIG_INVALID"


class KeyUnknown(AuditError):
    """Nobody whose key you gave signed this. Check the verifier key."""

    code = "KEY_UNKNOWN"


class OriginMismatch(AuditError):
    """This checkpoint belongs to another log. Do not rely on it."""

    code = "ORIGIN_MISMATCH"


class RootMismatch(AuditError):
    """The entries are not the ones that were sealed. Somebody changed, moved or replaced at least one."""

    code = "ROOT_MISMATCH"


class LeafMismatch(AuditError):
    """This leaf was changed, or is not the leaf of its row."""

    code = "LEAF_MISMATCH"


class EnvelopeDigest(AuditError):
    """This envelope was changed or belongs to another entry."""

    code = "ENVELOPE_DIGEST"


class KeyCommitment(AuditError):
    """This entry was sealed under another key, or for another case."""

    code = "KEY_COMMITMENT"


class AeadTag(AuditError):
    """This ciphertext was changed."""

    code = "AEAD_TAG"


class ContextMismatch(AuditError):
    """This entry belongs to another place in the log than it stands in."""

    code = "CONTEXT_MISMATCH"


class IndexGap(AuditError):
    """An entry is missing from the log."""

    code = "INDEX_GAP"


class DuplicateEntry(AuditError):
    """The same entry stands in the log twice."""

    code = "DUPLICATE_ENTRY"


class CaseSequenceGap(AuditError):
    """An entry of this case is missing, or stands out of order."""

    code = "CASE_SEQ_GAP"


class Inconsistent(AuditError):
    """The proof does not hold. Do not rely on the tree it was made for."""

    code = "CONSISTENCY"


class RolledBack(AuditError):
    """The log is shorter than what was already signed. An old copy of the database may have been restored."""

    code = "ROLLBACK"


class StaleCheckpoint(AuditError):
    """No checkpoint covers this log. See that the sealer runs."""

    code = "STALE_CHECKPOINT"


class SealerMemory(AuditError):
    """The sealer's memory file is missing or damaged. Put it back from the sealer's own backup."""

    code = "SEALER_MEMORY"


class DatabaseUnreadable(AuditError):
    """The database cannot be opened or read. Check the address, or use another copy."""

    code = "DATABASE_UNREADABLE"


class NotACode(AuditError):
    """Only codes and opaque references enter the evidence log. Nothing was saved."""

    code = "NOT_A_CODE"


class TooMuchForOneEntry(BadInput):
    """This is more than one line of evidence can hold. Do it in smaller parts, with fewer people at once."""
