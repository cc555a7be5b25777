"""What can be checked about a stored entry without any key.  Pure.

Values come as the database holds them, which after damage may be anything; hence ``object``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from contact_service.audit import merkle
from contact_service.audit.envelope import KEY_ID_BYTES, check_envelope, read_leaf
from contact_service.audit.errors import AuditError, ContextMismatch, IndexGap, LeafMismatch
from contact_service.audit.merkle import CompactRange


@dataclass(frozen=True)
class StoredEntry:
    """One row of a log, unchecked."""

    index: object
    entry_id: object
    leaf: object
    envelope: object
    key_id: object


def leaf_hash_of(entry: StoredEntry, *, index: int) -> bytes:
    """The leaf hash, recomputed from the leaf body, of the entry that must stand at ``index``.

    Raises ``IndexGap``, ``LeafMismatch``, ``EnvelopeDigest`` or ``ContextMismatch``, placed at ``index``.
    """
    try:
        if entry.index != index:
            raise IndexGap
        leaf = read_leaf(entry.leaf)
        if entry.entry_id != leaf.entry_id:
            raise LeafMismatch
        if check_envelope(leaf, entry.envelope)[:KEY_ID_BYTES] != entry.key_id:
            raise ContextMismatch
    except AuditError as error:
        raise error.at(log="", index=index) from None
    assert isinstance(entry.leaf, bytes)
    return merkle.leaf_hash(entry.leaf)


def grown(tree: CompactRange, entries: Iterable[StoredEntry]) -> CompactRange:
    """The tree after ``entries``, each checked, were added at its end."""
    return tree.add(leaf_hash_of(entry, index=tree.size + n) for n, entry in enumerate(entries))
