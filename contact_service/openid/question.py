"""What one browser is sent to the agency's single sign-on with.  Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the answer must fit to; ``state``, ``nonce`` and ``verifier`` are random, and used once.

    ``session`` is that of somebody who is signed in and shows anew that it is they, since ``asked_at``; None for a
    sign-in.  Neither answers for the other.
    """

    state: str
    nonce: str
    verifier: str
    asked_at: datetime
    session: str | None = None

    @property
    def since(self) -> datetime | None:
        """From when on they must have given proof of themselves there; None where an older one does."""
        return None if self.session is None else self.asked_at
