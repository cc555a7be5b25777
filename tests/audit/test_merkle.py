"""RFC 6962 trees against the vectors that every implementation of certificate transparency shares."""

import hashlib

import pytest
from hypothesis import given, settings, strategies as st

from contact_service.audit import merkle
from contact_service.audit.errors import AuditError, Inconsistent, RootMismatch

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    )
]  # fmt: skip
ROOTS = [
    bytes.fromhex(root)
    for root in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]

some_tree = st.integers(1, 70).map(lambda size: [merkle.leaf_hash(bytes([n])) for n in range(size)])


def naive_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + naive_root(hashes[:split]) + naive_root(hashes[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_known_ones(size: int) -> None:
    assert merkle.root(HASHES[:size]) == ROOTS[size]


def test_consistency_proofs_are_the_known_ones() -> None:
    assert [node.hex()[:8] for node in merkle.consistency_proof(HASHES, 6)] == [
        "0ebc5d34",
        "ca854ea1",
        "d37ee418",
    ]
    assert [node.hex()[:8] for node in merkle.consistency_proof(HASHES[:5], 2)] == ["5f083f0a", "bc1a0643"]


def test_an_inclusion_proof_is_the_known_one() -> None:
    proof = merkle.inclusion_proof(HASHES[:3], 2)
    assert proof == [ROOTS[2]]


@settings(max_examples=40)
@given(some_tree)
def test_the_compact_range_grows_to_the_defined_root(tree: list[bytes]) -> None:
    assert merkle.root(tree) == naive_root(tree)
    grown = merkle.CompactRange().add(tree[:5])
    grown = merkle.CompactRange.from_bytes(grown.size, grown.to_bytes()).add(tree[5:])
    assert grown.root() == naive_root(tree)


@settings(max_examples=60)
@given(st.integers(0, 9), st.integers(0, 3), st.data())
def test_ranges_made_apart_join_to_the_tree_of_all(before: int, level: int, data: st.DataObject) -> None:
    span = 1 << level
    size = data.draw(st.integers(0, span))
    leaves = [bytes([n]) * 32 for n in range(before * span + size)]
    first, rest = leaves[: before * span], leaves[before * span :]
    joined = merkle.CompactRange().add(first).join(merkle.CompactRange().add(rest))
    assert joined == merkle.CompactRange().add(leaves)
    assert joined.root() == naive_root(leaves)


def test_a_range_joins_only_where_its_subtree_may_start() -> None:
    three = merkle.CompactRange().add([bytes(32)] * 3)
    with pytest.raises(AssertionError):
        three.join(merkle.CompactRange().add([bytes(32)] * 2))


@settings(max_examples=40)
@given(some_tree, st.data())
def test_every_leaf_is_proved_and_no_other(tree: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tree) - 1))
    proof = merkle.inclusion_proof(tree, index)
    merkle.verify_inclusion(tree[index], index, len(tree), proof, naive_root(tree))
    for wrong in range(len(tree)):
        if wrong != index:
            with pytest.raises(Inconsistent):
                merkle.verify_inclusion(tree[wrong], index, len(tree), proof, naive_root(tree))
            with pytest.raises(Inconsistent):
                merkle.verify_inclusion(tree[index], wrong, len(tree), proof, naive_root(tree))


@settings(max_examples=40)
@given(some_tree, st.data())
def test_every_prefix_is_proved(tree: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(0, len(tree)))
    proof = merkle.consistency_proof(tree, old)
    roots = naive_root(tree[:old]), naive_root(tree)
    merkle.verify_consistency(old, len(tree), proof, *roots)


@settings(max_examples=40)
@given(some_tree, st.data())
def test_a_changed_consistency_proof_is_refused(tree: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(tree)))
    proof = merkle.consistency_proof(tree, old)
    roots = naive_root(tree[:old]), naive_root(tree)
    other = hashlib.sha256(b"other").digest()
    changed = [[*proof, other], [other, *proof]]
    changed += [proof[:at] + proof[at + 1 :] for at in range(len(proof))]
    changed += [[*proof[:at], other, *proof[at + 1 :]] for at in range(len(proof))]
    for wrong in changed:
        with pytest.raises(Inconsistent):
            merkle.verify_consistency(old, len(tree), wrong, *roots)
    with pytest.raises(Inconsistent):
        merkle.verify_consistency(old, len(tree), proof, other, roots[1])
    with pytest.raises(Inconsistent):
        merkle.verify_consistency(old, len(tree), proof, roots[0], other)


@settings(max_examples=40)
@given(some_tree, st.data())
def test_a_changed_inclusion_proof_is_refused(tree: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(tree) - 1))
    proof = merkle.inclusion_proof(tree, index)
    other = hashlib.sha256(b"other").digest()
    for wrong in (
        [*proof, other],
        [other, *proof],
        *([*proof[:at], other, *proof[at + 1 :]] for at in range(len(proof))),
    ):
        with pytest.raises(Inconsistent):
            merkle.verify_inclusion(tree[index], index, len(tree), list(wrong), naive_root(tree))
    if proof:
        with pytest.raises(Inconsistent):
            merkle.verify_inclusion(tree[index], index, len(tree), proof[:-1], naive_root(tree))


@pytest.mark.parametrize(("index", "size"), [(-1, 8), (8, 8), (0, 0), (3, -1)])
def test_an_index_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(Inconsistent):
        merkle.verify_inclusion(HASHES[0], index, size, [], HASHES[0])


@pytest.mark.parametrize(("old", "new"), [(-1, 8), (9, 8), (1, 0)])
def test_sizes_that_cannot_be_are_refused(old: int, new: int) -> None:
    with pytest.raises(Inconsistent):
        merkle.verify_consistency(old, new, [], ROOTS[0], ROOTS[8])


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(Inconsistent):
        merkle.verify_inclusion(HASHES[0][:31], 0, 1, [], HASHES[0][:31])
    with pytest.raises(Inconsistent):
        merkle.verify_consistency(4, 8, [b"short"], ROOTS[4], ROOTS[8])


def test_trivial_proofs_are_checked_too() -> None:
    merkle.verify_consistency(0, 8, [], ROOTS[0], ROOTS[8])
    merkle.verify_consistency(8, 8, [], ROOTS[8], ROOTS[8])
    for old, proof, old_root in (
        (0, [ROOTS[1]], ROOTS[0]),
        (0, [], ROOTS[1]),
        (8, [], ROOTS[7]),
        (8, [ROOTS[1]], ROOTS[8]),
    ):
        with pytest.raises(Inconsistent):
            merkle.verify_consistency(old, 8, proof, old_root, ROOTS[8])


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(AuditError):
        merkle.inclusion_proof(HASHES, 8)
    with pytest.raises(AuditError):
        merkle.consistency_proof(HASHES, 9)


def test_a_compact_range_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(RootMismatch):
        merkle.CompactRange.from_bytes(3, ROOTS[1])
