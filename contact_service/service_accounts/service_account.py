"""A service account as a value, and what its token looks like.  Pure."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_service.actor import Actor, Authentication
from contact_service.ids import AccountId, Ref
from contact_service.service_accounts.scope import Scope, hats

PREFIX = "csa_"  # so that whoever scans for leaked secrets can tell what it is
TOKEN_BYTES = 32
LONGEST_LIFE = timedelta(days=400)
LONGEST_NAME = 80
_TOKEN = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """A machine that uses the JSON API.  ``owner`` is the member of staff who answers for it."""

    account: AccountId
    ref: Ref
    name: str
    owner: AccountId
    scopes: frozenset[Scope]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def stands(self, at: datetime) -> bool:
        """Whether its token is good at ``at``; it is not at the instant it expires."""
        return self.revoked_at is None and at < self.expires_at

    def actor(self, scope: Scope) -> Actor:
        """The account as it acts under one of its scopes."""
        return Actor(
            ref=self.ref,
            roles=hats(scope, all_cases=Scope.ALL_CASES in self.scopes),
            authentication=Authentication.TOKEN,
            account=self.account,
            may_ask_for_visits=Scope.VISITS_REQUEST in self.scopes,
        )


def looks_like_token(text: str) -> bool:
    """Whether ``text`` has the shape of a token."""
    return _TOKEN.fullmatch(text) is not None


def hash_of(token: str) -> str:
    """What is stored of a token: its SHA-256, 64 hexadecimal digits.  A token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
