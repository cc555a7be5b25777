"""What is kept of a password, and whether a typed one is it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contact_service.identity.passwords import check_password

# Argon2id with the library's parameters, t=3, m=64 MiB, p=4 (ASVS 5.0, 11.4.2): about a tenth of a second on purpose.
# A route that asks for it is a plain function, which runs in a thread, so that other pages and sockets go on.
_hasher = PasswordHasher()
NOBODYS = _hasher.hash(secrets.token_urlsafe(16))
"""Checked when no account has the address, so that the answer takes the same time."""


@dataclass(frozen=True, kw_only=True)
class PasswordAsked:
    """For whom a password was typed, and what it is checked against."""

    email: str
    stored: str = field(repr=False)

    def is_right(self, password: str) -> bool:
        """Whether this is it.  Ask outside any Work: it takes its time, and others wait to write."""
        return is_right(self.stored, password)


def kept_of(password: str, *, email: str, known: Iterable[str] = ()) -> str:
    """What is kept of a new password; raises ``BadInput`` as ``check_password`` does.  Ask outside any Work."""
    check_password(password, email=email, known=known)
    return hashed(password)


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def is_right(stored: str, password: str) -> bool:
    """Whether ``stored`` was kept of ``password``."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
