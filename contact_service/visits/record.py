"""The factual record of a visit: direct statements and facts, no opinion.  Locked once signed off."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_SECTION = 4000


class Remark(StrEnum):
    """Why a text was written: live, for the approver, with a decision, when calling off, for what came up."""

    LIVE = "live"
    REQUEST = "request"
    DECISION = "decision"
    CANCELLING = "cancelling"
    DOUBT = "doubt"
    NEW_LINK = "new_link"
    EMERGENCY = "emergency"


REASONS_FOR_A_NO = (Remark.DECISION, Remark.CANCELLING)


@dataclass(frozen=True, kw_only=True)
class Sections:
    """What the visit supervisor writes; each section at most 4,000 characters."""

    what_happened: str
    child_before: str = ""
    child_after: str = ""
    said: str = ""
    next: str = ""

    def to_bytes(self) -> bytes:
        """The sections as JSON, to be sealed."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "Sections":
        """The inverse of ``to_bytes``."""
        return cls(**json.loads(text))

    def too_long(self) -> list[str]:
        """The names of sections that are longer than they may be."""
        return [name for name, text in asdict(self).items() if len(text) > LONGEST_SECTION]


@dataclass(frozen=True, kw_only=True)
class Note:
    """One live note."""

    at: datetime
    author: str
    text: str
