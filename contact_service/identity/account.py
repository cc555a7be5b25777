"""What an account is, and what a password must be.  Source: OWASP ASVS 5.0, 6.2."""

from dataclasses import dataclass
from datetime import timedelta

from contact_service.actor import STAFF_ROLES, Actor, Authentication, Role
from contact_service.errors import BadInput
from contact_service.ids import AccountId, Ref

PASSWORD_MINIMUM = 15
PASSWORD_MAXIMUM = 200
IDLE_LIMIT = timedelta(minutes=15)
ABSOLUTE_LIMIT = timedelta(hours=12)

# Long enough and still the first that anybody tries.
_KNOWN_EVERYWHERE = ("password", "qwerty", "letmein", "welcome", "12345", "iloveyou", "contact", "visits")
_DIFFERENT_CHARACTERS = 6


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who signs in, or a service account with its owner.  ``answers_for`` is known of whoever is signed in."""

    id: AccountId
    ref: Ref
    email: str
    name: str
    roles: tuple[Role, ...]
    disabled: bool = False
    owner: AccountId | None = None
    answers_for: frozenset[str] = frozenset()

    def actor(self) -> Actor:
        """The account, signed in by password."""
        return Actor(
            ref=self.ref,
            roles=self.roles,
            authentication=Authentication.PASSWORD,
            account=self.id,
            answers_for=self.answers_for,
        )


def check_password(password: str, *, email: str) -> None:
    """Return if ``password`` may be used; raise ``BadInput`` saying what to change."""
    if len(password) < PASSWORD_MINIMUM:
        raise BadInput(
            f"Use at least {PASSWORD_MINIMUM} characters. Four or five unrelated words do well.", "password"
        )
    if len(password) > PASSWORD_MAXIMUM:
        raise BadInput(f"Use at most {PASSWORD_MAXIMUM} characters.", "password")
    bare = password.lower()
    for word in (*_KNOWN_EVERYWHERE, email.split("@", maxsplit=1)[0].lower()):
        bare = bare.replace(word, "")
    if len(bare) < PASSWORD_MINIMUM // 2 or len(set(bare)) < _DIFFERENT_CHARACTERS:
        raise BadInput("This password is too easy to guess. Use four or five unrelated words.", "password")


def parse_roles(text: str) -> tuple[Role, ...]:
    """Roles from their names joined by commas; raises ``BadInput`` naming the ones that exist."""
    try:
        roles = tuple(Role(part.strip()) for part in text.split(","))
    except ValueError:
        roles = ()
    if not roles or not set(roles) <= set(STAFF_ROLES):
        raise BadInput(f"A role is one of: {', '.join(STAFF_ROLES)}.", "role")
    return roles
