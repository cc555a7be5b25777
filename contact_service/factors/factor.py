"""What somebody can sign in with, and how long a half-done sign-in lasts.  Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HALF_LIMIT = timedelta(minutes=5)
"""From a right password to the code."""
ENROLMENT_LIMIT = timedelta(minutes=15)
"""From showing a secret to the first code that is made of it."""
CHALLENGE_LIMIT = timedelta(minutes=5)
PASSWORD_CODE_LIMIT = timedelta(hours=1)
"""From the making of a one-time code to the new password that is set with it."""
CODES_PER_HALF = 5
"""After so many wrong codes the password is asked for again."""
CODES_PER_WINDOW = 10
WRONG_CODES_PER_HOUR = 10
WRONG_CODES_PER_DAY = 100
"""Of an account, from wherever; after so many no code of an app is looked at until the hour or the day is over."""
MOST_PASSKEYS = 10
PASSKEY_NAME_MAXIMUM = 60


class Factor(StrEnum):
    """Something that is added and taken away."""

    APP = "app"
    RECOVERY_CODES = "recovery_codes"
    PASSKEY = "passkey"


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: str
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What an account has.  ``app_since`` is None without an app that made a right code."""

    app_since: datetime | None
    codes_left: int
    passkeys: tuple[Passkey, ...]

    @property
    def ask_for_more(self) -> bool:
        """Whether a right password is half a sign-in only."""
        return self.app_since is not None or bool(self.passkeys)
