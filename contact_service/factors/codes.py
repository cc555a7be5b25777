"""Codes of an authenticator app (RFC 6238) and recovery codes.  Pure: chance is passed in.

SHA-1, six digits and thirty seconds are what every app does, whatever the address in the picture says.
"""

import base64
import hashlib
import hmac
import re
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DIGITS = 6
# The step before and the one after: a phone's clock may be half a minute wrong (RFC 6238, section 5.2).
STEPS_AROUND = 1
SECRET_BYTES = 20  # as long as the hash (RFC 4226, section 4, R6)
RECOVERY_CODES = 10
# 120 bits: a plain hash of it cannot be searched (ASVS 5.0, 6.5.2).
RECOVERY_BYTES = 15
_GROUP = 6


def secret_of(chance: bytes) -> str:
    """A secret of ``SECRET_BYTES`` random bytes in base32, as apps take it."""
    return base64.b32encode(chance).decode()


def address_for_app(secret: str, *, email: str, issuer: str) -> str:
    """The ``otpauth:`` address that the picture holds."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=email, issuer_name=issuer
    )


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The number of the thirty seconds that ``code`` belongs to, None when it is right for none around ``at``."""
    now, made = int(at.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret, digits=DIGITS)
    typed = re.sub(r"\s", "", code)
    around = range(now - STEPS_AROUND, now + STEPS_AROUND + 1)
    right = [s for s in around if hmac.compare_digest(made.generate_otp(s).encode(), typed.encode())]
    return right[-1] if right else None


def in_groups(secret: str) -> str:
    """A secret or a code as it is read out and typed: small letters in groups."""
    return " ".join(re.findall(".{1,4}", secret.lower()))


def recovery_code_of(chance: bytes) -> str:
    """A code of four groups of six letters and digits, of ``RECOVERY_BYTES`` random bytes."""
    letters = base64.b32encode(chance).decode().lower()
    return "-".join(letters[n : n + _GROUP] for n in range(0, len(letters), _GROUP))


def recovery_hash(code: str, *, account: str) -> str:
    """What is stored of a recovery code, however it was typed."""
    letters = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(f"recovery/1|{account}|{letters}".encode()).hexdigest()


def password_code_hash(code: str, *, account: str) -> str:
    """What is stored of a one-time code for a new password, however it was typed."""
    letters = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(f"new password/1|{account}|{letters}".encode()).hexdigest()


def is_app_code(code: str) -> bool:
    """Whether this was meant to be a code of an app, and not a recovery code."""
    return bool(re.fullmatch(r"[0-9]{1,8}", re.sub(r"\s", "", code), re.ASCII))
