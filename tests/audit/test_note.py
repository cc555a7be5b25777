"""Signed notes against the key and note that the Go checksum database publishes for its own tests."""

import pytest

from contact_service.audit.checkpoint import Checkpoint, open_checkpoint
from contact_service.audit.errors import KeyUnknown, NoteMalformed, OriginMismatch, SignatureInvalid
from contact_service.audit.note import create_signer, open_note, sign, verifier_of

SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "\u2014 EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{PETER_LINE}".encode()


def test_signing_gives_the_known_note() -> None:
    assert sign(TEXT, SIGNER) == NOTE


def test_the_known_note_opens() -> None:
    note = open_note(NOTE, [VERIFIER])
    assert (note.text, [signature.name for signature in note.signatures]) == (TEXT, ["PeterNeumann"])


def test_signatures_of_unknown_keys_are_ignored_and_of_known_ones_kept_in_order() -> None:
    both = f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}{PETER_LINE}".encode()
    assert [s.name for s in open_note(both, [VERIFIER]).signatures] == ["PeterNeumann"]
    assert [s.name for s in open_note(both, [ENOCH, VERIFIER]).signatures] == ["PeterNeumann", "EnochRoot"]


def test_a_note_by_strangers_is_refused() -> None:
    for keys in ([], [ENOCH]):
        with pytest.raises(KeyUnknown):
            open_note(NOTE, keys)


def test_a_false_signature_of_a_known_key_refuses_the_whole_note() -> None:
    changed = PETER_LINE[:60] + "ABCD" + PETER_LINE[60:]
    with pytest.raises(SignatureInvalid):
        open_note(f"{TEXT}\n{ENOCH_LINE}{changed}".encode(), [VERIFIER, ENOCH])


def test_a_changed_text_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        open_note(NOTE.replace(b"your", b"Your", 1), [VERIFIER])


MALFORMED = {
    "nothing": b"",
    "no signature": TEXT.encode(),
    "no signature line": f"{TEXT}\n".encode(),
    "no last newline": NOTE[:-1],
    "no blank line": f"{TEXT}{PETER_LINE}".encode(),
    "a control character": b"\x01" + NOTE,
    "a tab": NOTE.replace(b"If you", b"If\tyou"),
    "not UTF-8": b"\xff" + NOTE,
    "a name with a space": f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Bad Name')}".encode(),
    "a name with a plus": f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'a+b')}".encode(),
    "no name": f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', '')}".encode(),
    "a hyphen": f"{TEXT}\n{PETER_LINE.replace(chr(0x2014), '-')}".encode(),
    "another line": NOTE + b"Unexpected line.\n",
    "base64 with spare bits": NOTE.replace(b"nAM=", b"nAN="),
    "base64 without padding": NOTE.replace(b"nAM=", b"nAM"),
    "base64 with a stranger": NOTE.replace(b"nAM=", b"n_M="),
    "a signature of four bytes": f"{TEXT}\n\u2014 PeterNeumann x08gow==\n".encode(),
    "101 signatures": f"{TEXT}\n{PETER_LINE * 101}".encode(),
    "a megabyte": b"a" * 1_000_001,
}


@pytest.mark.parametrize("note", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_note_is_refused(note: bytes) -> None:
    with pytest.raises(NoteMalformed):
        open_note(note, [VERIFIER])


def test_a_hundred_signatures_are_read() -> None:
    assert open_note(f"{TEXT}\n{PETER_LINE * 100}".encode(), [VERIFIER]).text == TEXT


def test_every_flipped_bit_of_a_note_is_found() -> None:
    for at in range(len(NOTE)):
        for bit in range(8):
            flipped = bytearray(NOTE)
            flipped[at] ^= 1 << bit
            with pytest.raises((NoteMalformed, SignatureInvalid, KeyUnknown)):
                open_note(bytes(flipped), [VERIFIER])


@pytest.mark.parametrize("text", ["", "no newline", "a\ttab\n", "a surrogate \ud800\n"])
def test_a_text_that_cannot_be_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(NoteMalformed):
        sign(text, SIGNER)


def test_a_part_of_a_key_or_a_changed_one_is_no_key() -> None:
    parts = [
        VERIFIER[start:end]
        for start in range(len(VERIFIER))
        for end in (start + 1, start + 20, len(VERIFIER))
    ]
    changed = [VERIFIER[:at] + chr(ord(VERIFIER[at]) + 1) + VERIFIER[at + 1 :] for at in range(len(VERIFIER))]
    crafted = [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ]
    for key in [*parts, *changed, *crafted]:
        if key != VERIFIER:
            with pytest.raises(KeyUnknown):
                open_note(NOTE, [key])


def test_a_changed_signer_key_is_no_key() -> None:
    for at in range(len(SIGNER)):
        with pytest.raises(KeyUnknown):
            sign(TEXT, SIGNER[:at] + chr(ord(SIGNER[at]) + 1) + SIGNER[at + 1 :])


def test_a_new_signer_signs_what_its_verifier_opens() -> None:
    signer, verifier = create_signer("log.example/kent/contact")
    assert verifier_of(signer) == verifier
    assert open_note(sign("hello\n", signer), [verifier]).text == "hello\n"


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u00a0b", "a\nb"])
def test_a_name_that_no_key_may_have_is_refused(name: str) -> None:
    with pytest.raises(KeyUnknown):
        create_signer(name)


def test_a_text_with_empty_lines_stays_whole() -> None:
    signer, verifier = create_signer("log")
    for text in ("\n", "a\n\n", "a\n\nb\n", "\u00e8 subito sera.\n"):
        assert open_note(sign(text, signer), [verifier]).text == text


def test_a_checkpoint_is_three_lines() -> None:
    signer, verifier = create_signer("log")
    checkpoint = Checkpoint(origin="log", size=20852163, root=bytes(32))
    note = checkpoint.signed(signer)
    assert note.startswith(b"log\n20852163\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n")
    assert open_checkpoint(note, origin="log", verifier_keys=[verifier]) == checkpoint
    with pytest.raises(OriginMismatch):
        open_checkpoint(note, origin="another", verifier_keys=[verifier])


ROOT_LINE = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.parametrize(
    "text",
    [
        f"log\n5\n{ROOT_LINE}", f"log\n05\n{ROOT_LINE}\n", f"log\n-5\n{ROOT_LINE}\n", f"log\n\u0665\n{ROOT_LINE}\n",
        f"log\n{'9' * 20}\n{ROOT_LINE}\n", f"\n5\n{ROOT_LINE}\n",
        f"log\n5\n{ROOT_LINE}\nmore\n", "log\n5\nAAAA\n", "log\n5\n",
    ],
)  # fmt: skip
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteMalformed):
        Checkpoint.from_text(text)
