"""Link secrets, and what proves that the bound device asks."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contact_service.ids import InvitationId
from contact_service.invitations.token import (
    device_signed,
    hash_of,
    is_device_key,
    looks_like_secret,
    secret_of,
    ticket_text,
)
from tests.cast import Phone

ONE, OTHER = InvitationId("a" * 32), InvitationId("b" * 32)
TEXT = ticket_text(ONE, "nonce")
PHONE, STRANGER = Phone(), Phone()


def test_the_bound_device_proves_itself() -> None:
    assert device_signed(PHONE.key, TEXT, PHONE.sign(TEXT))


@pytest.mark.parametrize("text", [ticket_text(OTHER, "nonce"), ticket_text(ONE, "other"), "", TEXT + "\n"])
def test_a_signature_is_good_for_its_own_text_alone(text: str) -> None:
    assert not device_signed(PHONE.key, TEXT, PHONE.sign(text))


def test_another_device_proves_nothing() -> None:
    assert not device_signed(PHONE.key, TEXT, STRANGER.sign(TEXT))


def test_a_signature_in_another_form_is_none() -> None:
    der = PHONE.private.sign(TEXT.encode(), ec.ECDSA(SHA256()))
    assert not device_signed(PHONE.key, TEXT, base64.b64encode(der).decode())


@pytest.mark.parametrize("wrong", ["", "!", "AAAA", "ü", "A" * 10_000, base64.b64encode(bytes(64)).decode()])
def test_what_is_no_signature_is_refused_quietly(wrong: str) -> None:
    assert not device_signed(PHONE.key, TEXT, wrong)


@pytest.mark.parametrize("length", [0, 1, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    whole = base64.b64decode(PHONE.sign(TEXT)) + b"\0"
    assert not device_signed(PHONE.key, TEXT, base64.b64encode(whole[:length]).decode())


def test_every_flipped_bit_of_a_signature_is_found() -> None:
    whole = base64.b64decode(PHONE.sign(TEXT))
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        assert not device_signed(PHONE.key, TEXT, base64.b64encode(bytes(changed)).decode())


def test_only_a_key_on_the_right_curve_is_a_device_key() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    der = other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert is_device_key(PHONE.key)
    for wrong in ("", "AAAA", "not base64", base64.b64encode(der).decode(), PHONE.key[:-8]):
        assert not is_device_key(wrong)
        assert not device_signed(wrong, TEXT, PHONE.sign(TEXT))


def test_secrets_differ_by_key_invitation_and_generation_and_say_nothing() -> None:
    made = [
        secret_of(key, invitation, generation)
        for key in (bytes(32), bytes(31) + b"\1")
        for invitation in (ONE, OTHER)
        for generation in (1, 2)
    ]
    assert len(set(made)) == len(made)
    assert all(looks_like_secret(secret) for secret in made)
    assert secret_of(bytes(32), ONE, 1) == made[0] != hash_of(made[0])


@pytest.mark.parametrize("text", ["", "short", "x" * 42, "x" * 44, "x" * 42 + "=", "x" * 43 + "\n", "é" * 43])
def test_what_has_not_the_shape_of_a_secret_is_none(text: str) -> None:
    assert not looks_like_secret(text)
