"""What can be checked about stored entries without any key.  Pure.

Values come as the database holds them, which after damage may be anything; hence ``object``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from contact_service.audit import merkle
from contact_service.audit.envelope import KEY_ID_BYTES, is_leaf
from contact_service.audit.errors import AuditError, ContextMismatch, EnvelopeDigest, IndexGap, LeafMismatch
from contact_service.audit.merkle import CompactRange


class StoredEntry(NamedTuple):
    """One row of a log, unchecked."""

    position: object
    entry_id: object
    leaf: object
    envelope: object
    key_id: object


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What was found in the entries from ``start`` on.

    ``cuts`` are the trees of this stretch alone at each size that was asked for and reached, ``tree`` the one of all
    its entries, and ``fault`` what ended it early.
    """

    start: int
    entries: int
    cuts: tuple[CompactRange, ...]
    tree: CompactRange
    fault: AuditError | None = None


def leaf_hash_of(entry: StoredEntry, *, index: int) -> bytes:
    """The leaf hash, recomputed from the leaf body, of the entry that must stand at ``index``.

    Raises ``IndexGap``, ``LeafMismatch``, ``EnvelopeDigest`` or ``ContextMismatch``, placed at ``index``.
    """
    position, entry_id, leaf, envelope, key_id = entry
    if position != index:
        raise IndexGap(index=index)
    # Slices of the leaf body instead of a Leaf: this runs for every entry of ten million.
    if not is_leaf(leaf) or leaf[2:18] != entry_id:
        raise LeafMismatch(index=index)
    if not isinstance(envelope, bytes) or sha256(envelope).digest() != leaf[82:114]:
        raise EnvelopeDigest(index=index)
    if envelope[:KEY_ID_BYTES] != key_id:
        raise ContextMismatch(index=index)
    return merkle.leaf_hash(leaf)


def grown(tree: CompactRange, entries: Sequence[StoredEntry]) -> CompactRange:
    """The tree after ``entries``, each checked, were added at its end."""
    return tree.add([leaf_hash_of(entry, index=tree.size + n) for n, entry in enumerate(entries)])


def checked(start: int, entries: Sequence[StoredEntry], sizes: Sequence[int]) -> Stretch:
    """Check ``entries``, which must stand from ``start`` on; ``sizes`` are the log's sizes to cut at, in order."""
    tree, cuts = CompactRange(), list[CompactRange]()
    reached = [size for size in sizes if size <= start + len(entries)]
    try:
        for size in [*reached, start + len(entries)]:
            part = entries[tree.size : size - start]
            first = start + tree.size
            tree = tree.add([leaf_hash_of(entry, index=first + n) for n, entry in enumerate(part)])
            cuts.append(tree)
    except AuditError as fault:
        return Stretch(start=start, entries=len(entries), cuts=tuple(cuts), tree=tree, fault=fault)
    return Stretch(start=start, entries=len(entries), cuts=tuple(cuts[:-1]), tree=tree)
