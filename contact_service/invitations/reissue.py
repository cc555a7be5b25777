"""A new link in place of a lost one: what whoever makes it says, and what a code that is read out looks like."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from contact_service.invitations.invitation import Invitation

CODE_LIFE = timedelta(minutes=10)
CODE_DIGITS = 8
CODE_KEY_PURPOSE = "link-code/1"
_SEPARATORS = frozenset(" -.\u00a0\u2009\u202f\u200e\u200f")


class KnownBy(StrEnum):
    """How whoever makes a new link made sure who asked for it."""

    VOICE_OR_SIGHT = "voice_or_sight"
    AGREED_QUESTION = "agreed_question"
    CALLED_BACK = "called_back"
    IN_PERSON = "in_person"


class Way(StrEnum):
    """How the new link reaches its person: to an address that is held, as digits by phone, as a picture, by post."""

    SENT = "sent"
    READ_OUT = "read_out"
    SHOWN = "shown"
    PRINTED = "printed"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked for.  ``before`` is the generation of the link as the page showed it.

    ``known_by`` is None where nothing was chosen, and for a letter, which goes to where they live whoever asked.
    ``note`` is kept sealed, with the visit.
    """

    way: Way
    known_by: KnownBy | None
    note: str
    before: int


@dataclass(frozen=True, kw_only=True)
class Reissued:
    """The new link.  ``code`` is the one that is read out; it and the secret of the link are kept nowhere."""

    invitation: Invitation
    code: str | None


def in_fours(code: str) -> str:
    """A code as it is shown and read out: 1234 5678."""
    return f"{code[:4]} {code[4:]}"


def digits_of(typed: str) -> str | None:
    """The digits of a code as somebody typed it, in any script's digits; None when it cannot be one."""
    kept = [char for char in typed if char not in _SEPARATORS]
    if len(kept) != CODE_DIGITS or not all(char.isdecimal() for char in kept):
        return None
    return "".join(str(unicodedata.decimal(char)) for char in kept)
