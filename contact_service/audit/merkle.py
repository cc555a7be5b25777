"""RFC 6962 Merkle trees: leaf hashes in, roots and proofs out.  Pure.

Hashes are 32 bytes of SHA-256.  Verifiers return None or raise an error of the ``audit`` tree.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contact_service.audit.errors import Inconsistent, RootMismatch

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class CompactRange:
    """A tree of ``size`` leaves as the roots of its complete subtrees, largest first."""

    size: int = 0
    subtrees: tuple[bytes, ...] = ()

    def add(self, leaves: Iterable[bytes]) -> "CompactRange":
        """The range after the leaf hashes in ``leaves`` were appended."""
        subtrees, smaller, level = list(self.subtrees), list[bytes](), list(leaves)
        position, size = self.size, self.size + len(level)
        while level:
            if position & 1:
                level.insert(0, subtrees.pop())
            if len(level) & 1:
                smaller.append(level.pop())
            level, position = _paired(level), position >> 1
        return CompactRange(size, (*subtrees, *reversed(smaller)))

    def join(self, other: "CompactRange") -> "CompactRange":
        """The range after the leaves of ``other`` were appended, where a complete subtree of its size may start."""
        size, subtrees = self.size, list(self.subtrees)
        for grown in other.subtrees:
            leaves = 1 << ((other.size - (size - self.size)).bit_length() - 1)
            assert size % leaves == 0, "no complete subtree starts here"
            carry, joined = size // leaves, grown
            while carry & 1:
                joined, carry = node_hash(subtrees.pop(), joined), carry >> 1
            subtrees.append(joined)
            size += leaves
        return CompactRange(size, tuple(subtrees))

    def root(self) -> bytes:
        """The root of the tree."""
        if not self.subtrees:
            return EMPTY_ROOT
        *rest, grown = self.subtrees
        for left in reversed(rest):
            grown = node_hash(left, grown)
        return grown

    def to_bytes(self) -> bytes:
        """The subtree roots, one after the other."""
        return b"".join(self.subtrees)

    @classmethod
    def from_bytes(cls, size: int, content: bytes) -> "CompactRange":
        """The inverse of ``to_bytes``; raise ``RootMismatch`` when the count does not fit ``size``."""
        if size < 0 or len(content) != HASH_BYTES * size.bit_count():
            raise RootMismatch
        return cls(size, tuple(content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)))


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over ``leaf_hashes`` (RFC 6962, section 2.1); the hash of nothing for no leaves."""
    level = list(leaf_hashes)
    while len(level) > 1:
        level = _paired(level) + level[len(level) & ~1 :]
    return level[0] if level else EMPTY_ROOT


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of all ``leaf_hashes`` (RFC 6962, section 2.1.1)."""
    if not 0 <= index < len(leaf_hashes):
        raise Inconsistent(f"There is no leaf {index} in a tree of {len(leaf_hashes)}.")
    proof: list[bytes] = []
    start, end = 0, len(leaf_hashes)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(root(leaf_hashes[middle:end]))
            end = middle
        else:
            proof.append(root(leaf_hashes[start:middle]))
            start = middle
    return proof[::-1]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the first ``old_size`` leaves are a prefix (RFC 6962, 2.1.2); empty for 0 or all."""
    if not 0 <= old_size <= len(leaf_hashes):
        raise Inconsistent(f"A tree of {len(leaf_hashes)} never had {old_size} leaves.")
    if old_size in (0, len(leaf_hashes)):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, len(leaf_hashes), True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(root(leaf_hashes[middle:end]))
            end = middle
        else:
            proof.append(root(leaf_hashes[start:middle]))
            start, whole = middle, False
    return ([] if whole else [root(leaf_hashes[start:end])]) + proof[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ``Inconsistent`` unless ``proof`` leads from the leaf to ``root`` (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Inconsistent("The index lies outside the tree.")
    _demand_hashes([leaf_hash, root, *proof])
    position, last, grown = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise Inconsistent("The proof is too long.")
        if position & 1 or position == last:
            grown = node_hash(sibling, grown)
            position, last = _past_right_edge(position, last)
        else:
            grown = node_hash(grown, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or grown != root:
        raise Inconsistent


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Raise ``Inconsistent`` unless the old tree is a prefix of the new one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        raise Inconsistent("The new tree is smaller than the old one.")
    _demand_hashes([old_root, new_root, *proof])
    if old_size in (0, new_size):
        _verify_trivial(old_size, new_size, proof, (old_root, new_root))
        return
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not path:
        raise Inconsistent("The proof is too short.")
    if _grown(old_size, new_size, path) != (old_root, new_root):
        raise Inconsistent


def _grown(old_size: int, new_size: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Both roots that ``path`` leads to."""
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Inconsistent("The proof is too long.")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _past_right_edge(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise Inconsistent("The proof is too short.")
    return old, new


def _past_right_edge(position: int, last: int) -> tuple[int, int]:
    """Climb from a right-hand edge that has no sibling to the next level that has one."""
    while not position & 1 and position != 0:
        position, last = position >> 1, last >> 1
    return position, last


def _verify_trivial(old_size: int, new_size: int, proof: Sequence[bytes], roots: tuple[bytes, bytes]) -> None:
    """Nothing is a prefix of everything, and every tree of itself; both without a proof."""
    old_root, new_root = roots
    if proof:
        raise Inconsistent("The proof is too long.")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise Inconsistent
    if old_size == new_size and old_root != new_root:
        raise Inconsistent


def _demand_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise Inconsistent("A hash is 32 bytes.")


def _paired(level: list[bytes]) -> list[bytes]:
    """The next level up; an odd node at the end is left out."""
    return [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]


def _split(size: int) -> int:
    """The largest power of two below ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)
