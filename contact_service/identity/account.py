"""What an account is, and how long a sign-in lasts.  Source: OWASP ASVS 5.0, 7.3."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from contact_service.actor import STAFF_ROLES, Actor, Authentication, Role, StatedPurpose
from contact_service.errors import BadInput
from contact_service.ids import AccountId, Ref

IDLE_LIMIT = timedelta(minutes=15)
ABSOLUTE_LIMIT = timedelta(hours=12)


# Who can read across cases, decide for others, or let others in: nobody may be tricked out of such a sign-in.
PASSKEY_ROLES = frozenset({Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR})
BY_AGENCY = frozenset({Authentication.AGENCY, Authentication.AGENCY_PASSKEY})
AS_GOOD_AS_PASSKEY = frozenset({Authentication.PASSKEY, Authentication.AGENCY_PASSKEY})


def lacks_passkey(roles: Iterable[Role], authentication: Authentication) -> bool:
    """Whether any of ``roles`` asks for a passkey and the sign-in was none.  Source: OWASP ASVS 5.0, 6.3.3."""
    return authentication not in AS_GOOD_AS_PASSKEY and not PASSKEY_ROLES.isdisjoint(roles)


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who signs in, or a service account with its owner.

    ``answers_for``, ``authentication``, ``purpose`` and ``session`` are known of whoever is signed in.
    """

    id: AccountId
    ref: Ref
    email: str
    name: str
    roles: tuple[Role, ...]
    disabled: bool = False
    owner: AccountId | None = None
    answers_for: frozenset[str] = frozenset()
    authentication: Authentication = Authentication.PASSWORD
    purpose: StatedPurpose | None = None
    session: str = ""

    def actor(self) -> Actor:
        """The account, signed in as it did."""
        return Actor(
            ref=self.ref,
            roles=self.roles,
            authentication=self.authentication,
            account=self.id,
            answers_for=self.answers_for,
            purpose=self.purpose,
            session=self.session,
        )


def parse_roles(text: str) -> tuple[Role, ...]:
    """Roles from their names joined by commas; raises ``BadInput`` naming the ones that exist."""
    try:
        roles = tuple(Role(part.strip()) for part in text.split(","))
    except ValueError:
        roles = ()
    if not roles or not set(roles) <= set(STAFF_ROLES):
        raise BadInput(f"A role is one of: {', '.join(STAFF_ROLES)}.", "role")
    return roles
