import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, settings, strategies as st

from contact_service.audit import disclosure, envelope, merkle
from contact_service.audit.canonical import canonical
from contact_service.audit.disclosure import Written
from contact_service.audit.envelope import Chance, Context, open_entry, seal
from contact_service.audit.errors import (
    AeadTag,
    AuditError,
    ContextMismatch,
    EnvelopeDigest,
    KeyCommitment,
    LeafMismatch,
    TooMuchForOneEntry,
)

CONTEXT = Context(origin="log.example/kent/contact", agency="kent", case="case-1", key_id=bytes(range(16)))
CHANCE = Chance(entry_id=bytes(range(16, 32)), salt=bytes(range(32, 64)), nonce=bytes(range(64, 76)))
KEY = bytes(range(100, 132))
FIELDS = {
    "v": 1,
    "id": CHANCE.entry_id.hex(),
    "type": "visit.joined",
    "case": "case-1",
    "case_seq": 3,
    "recorded_at": 1795435200005,
    "subjects": [{"ref": "p1", "role": "child"}, {"ref": "p2", "role": "family_member"}],
}
FORMAT = Path(envelope.__file__).with_name("FORMAT.md")


def sealed(**changes: object) -> tuple[bytes, bytes]:
    return seal(FIELDS | changes, key=KEY, context=CONTEXT, chance=CHANCE)


def test_what_was_sealed_opens() -> None:
    leaf, body = sealed()
    assert len(leaf) == envelope.LEAF_BYTES
    assert open_entry(leaf, body, key=KEY, context=CONTEXT) == FIELDS


def test_the_vector_of_the_format_document_is_what_we_make() -> None:
    leaf, body = sealed()
    vector = dict(re.findall(r"^(\w+)\s+= ([0-9a-f]+)$", FORMAT.read_text(encoding="utf-8"), re.MULTILINE))
    assert vector["leaf"] == leaf.hex()
    assert vector["leaf_hash"] == merkle.leaf_hash(leaf).hex()
    assert vector["envelope_head"] == body[: envelope.HEAD_BYTES].hex()
    assert vector["envelope_tail"] == body[-16:].hex()
    assert vector["trace_key"] == envelope.trace_key(KEY).hex()
    assert vector["context"] == CONTEXT.to_bytes(CHANCE.entry_id).hex()


def test_every_flipped_bit_of_an_envelope_is_an_envelope_digest() -> None:
    leaf, body = sealed()
    for at in range(len(body)):
        flipped = bytearray(body)
        flipped[at] ^= 1 << at % 8
        with pytest.raises(EnvelopeDigest):
            open_entry(leaf, bytes(flipped), key=KEY, context=CONTEXT)


LAYERS = [
    (range(2), LeafMismatch), (range(2, 82), KeyCommitment), (range(82, 114), EnvelopeDigest),
    (range(114, 146), LeafMismatch),
]  # fmt: skip


@pytest.mark.parametrize(("places", "error"), LAYERS)
def test_every_flipped_byte_of_a_leaf_is_named_by_layer(places: range, error: type[AuditError]) -> None:
    leaf, body = sealed()
    for at in places:
        for bit in range(8):
            flipped = bytearray(leaf)
            flipped[at] ^= 1 << bit
            with pytest.raises(error):
                open_entry(bytes(flipped), body, key=KEY, context=CONTEXT)


def test_another_key_is_named_before_anything_is_decrypted() -> None:
    leaf, body = sealed()
    with pytest.raises(KeyCommitment):
        open_entry(leaf, body, key=bytes(32), context=CONTEXT)


@pytest.mark.parametrize(
    "change", [{"origin": "log.example/kent/access"}, {"agency": "surrey"}, {"case": "case-2"}]
)
def test_another_log_agency_or_case_does_not_fit_the_commitment(change: dict[str, Any]) -> None:
    leaf, body = sealed()
    elsewhere = replace(CONTEXT, **change)
    with pytest.raises(KeyCommitment):
        open_entry(leaf, body, key=KEY, context=elsewhere)


def test_an_entry_under_another_key_id_is_named_before_the_key_is_tried() -> None:
    leaf, body = sealed()
    with pytest.raises(ContextMismatch):
        open_entry(leaf, body, key=KEY, context=replace(CONTEXT, key_id=bytes(16)))


def rebound(leaf: bytes, body: bytes) -> bytes:
    """The leaf with the digest of another envelope, as somebody who rewrites both would make it."""
    return replace(envelope.read_leaf(leaf), envelope_sha256=hashlib.sha256(body).digest()).to_bytes()


def test_a_changed_ciphertext_under_a_changed_digest_is_an_aead_tag() -> None:
    leaf, body = sealed()
    for at in range(envelope.KEY_ID_BYTES, len(body)):
        flipped = bytearray(body)
        flipped[at] ^= 1
        with pytest.raises(AeadTag):
            open_entry(rebound(leaf, bytes(flipped)), bytes(flipped), key=KEY, context=CONTEXT)
    for cut in (0, 16, 28, 40):
        with pytest.raises((AeadTag, ContextMismatch)):
            open_entry(rebound(leaf, body[:cut]), body[:cut], key=KEY, context=CONTEXT)


@pytest.mark.parametrize("change", [{"id": "00" * 16}, {"case": "case-2"}])
def test_fields_that_name_another_place_are_refused(change: dict[str, str]) -> None:
    leaf, body = sealed(**change)
    with pytest.raises(ContextMismatch):
        open_entry(leaf, body, key=KEY, context=CONTEXT)


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", b'"text"'])
def test_a_sealed_text_that_is_no_object_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosure, "write", lambda _: Written(content, ()))
    leaf, body = seal(FIELDS, key=KEY, context=CONTEXT, chance=CHANCE)
    with pytest.raises(ContextMismatch):
        open_entry(leaf, body, key=KEY, context=CONTEXT)


@pytest.mark.parametrize(("letters", "size"), [(0, 256), (100, 512), (1000, 2048), (3800, 4096)])
def test_envelopes_come_in_five_sizes(letters: int, size: int) -> None:
    _, body = sealed(facts={"code": "x" * letters})
    assert len(body) == envelope.HEAD_BYTES + size + envelope.TAG_BYTES


def test_an_event_beyond_the_largest_size_is_refused() -> None:
    with pytest.raises(TooMuchForOneEntry):
        sealed(facts={"code": "x" * 4096})


def test_one_subject_can_be_shown_without_the_other() -> None:
    paths = [path for path, _ in disclosure.write(FIELDS).parts]
    assert "/subjects/0" in paths
    assert "/subjects/1" in paths
    assert "/type" in paths


json_values = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcxyz_", max_size=5), inner),
    max_leaves=12,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text("abcxyz_", max_size=5), json_values))
def test_canonical_bytes_are_those_of_rfc_8785(value: dict[str, Any]) -> None:
    assert canonical(value) == disclosure.write(value).content == rfc8785.dumps(value)
    assert json.loads(canonical(value)) == value


@settings(max_examples=50)
@given(st.dictionaries(st.text("abcxyz_", max_size=5), json_values), st.binary(min_size=32, max_size=32))
def test_the_fields_root_is_what_the_format_document_says(value: dict[str, Any], record_key: bytes) -> None:
    def leaf(path: str, field: Any) -> bytes:  # noqa: ANN401
        info = b"field/1" + path.encode()
        salt = HKDFExpand(algorithm=hashes.SHA256(), length=32, info=info).derive(record_key)
        return merkle.leaf_hash(salt + rfc8785.dumps([path, field]))

    fields: dict[str, Any] = {}
    for name, member in value.items():
        elements = (
            {f"/{name}/{n}": element for n, element in enumerate(member)} if type(member) is list else None
        )
        fields |= {f"/{name}": member} if elements is None else elements
    tree = merkle.CompactRange().add(leaf(path, fields[path]) for path in sorted(fields))
    assert disclosure.fields_root(disclosure.write(value), record_key=record_key) == tree.root()
