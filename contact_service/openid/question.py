"""What one browser is sent to the agency's single sign-on with.  Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the answer must fit to; each is random, and used once."""

    state: str
    nonce: str
    verifier: str
