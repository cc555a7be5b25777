"""Passkeys (Web Authentication, level 3): what a browser is asked for, and whether what it answers counts.  Pure.

The place is that of our own public address alone: an answer made on another page, or for another name, does not count.
The device must have checked who holds it, by finger, face or number; that it does so is not the standard's default.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

CHALLENGE_BYTES = 32
_TIMEOUT_MS = 5 * 60 * 1000


class PasskeyRefused(Exception):
    """What a passkey signed does not count.  The text is for the evidence, not for people."""


class PasskeyCopied(PasskeyRefused):
    """All of it is right but its count, which did not go up: there are two of this passkey."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where passkeys of this installation are good: its public address, and its name as the browser shows it."""

    origin: str
    name: str

    @property
    def host(self) -> str:
        """What the standard calls the relying party's id."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, kw_only=True)
class NewPasskey:
    """A passkey that was made here just now."""

    credential: str
    public_key: bytes
    sign_count: int


def ask_to_make(
    place: Place, challenge: bytes, *, account: str, email: str, known: Sequence[str]
) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is given; a device that holds one of ``known`` makes no second.

    The passkey must be one that the device finds by itself: nobody writes an address before they sign in with it.
    """
    options = generate_registration_options(
        rp_id=place.host,
        rp_name=place.name,
        user_id=bytes.fromhex(account),
        user_name=email,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )
    return _plain(options_to_json(options))


def made(place: Place, challenge: bytes, answer: dict[str, Any]) -> NewPasskey:
    """The passkey in the answer to ``ask_to_make``; raises ``PasskeyRefused``."""
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused(str(error)) from None
    return NewPasskey(
        credential=bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
    )


def ask_to_sign(place: Place, challenge: bytes) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is given: any passkey that the device holds for this place."""
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options_to_json(options))


def credential_in(answer: dict[str, Any]) -> str:
    """Which passkey the answer says it is of; believed only when ``signed`` says so."""
    named = answer.get("id")
    return named if isinstance(named, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,1400}", named) else ""


def signed(
    place: Place, challenge: bytes, answer: dict[str, Any], *, public_key: bytes, sign_count: int
) -> int:
    """The passkey's new count, when it signed ``challenge`` here and its holder was checked.

    Raises ``PasskeyRefused``; as ``PasskeyCopied`` where only the count is wrong.
    """
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # compared below, when all else is right
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused(str(error)) from None
    # Section 7.2, step 22: a device without a count always says nought.
    if (verified.new_sign_count or sign_count) and verified.new_sign_count <= sign_count:
        raise PasskeyCopied
    return verified.new_sign_count


def _plain(text: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(text)
    return plain
