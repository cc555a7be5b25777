"""A court order as it is recorded: what the court decided, when, and whether it still stands."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

from contact_service.ids import CaseId, OrderId, PersonId

LONGEST_LINE = 200
LONGEST_WORDS = 8000


class OrderStatus(StrEnum):
    """Where an order stands."""

    IN_FORCE = "in_force"
    VARIED = "varied"
    DISCHARGED = "discharged"


class OrderSubject(StrEnum):
    """What an order is about."""

    CONTACT = "contact"
    NO_CONTACT = "no_contact"
    REFUSAL_ALLOWED = "refusal_allowed"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class OrderWords:
    """What identifies an order; at rest sealed under the child's key."""

    court: str
    reference: str
    says: str = ""

    def to_bytes(self) -> bytes:
        """The words as JSON, to be sealed."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "OrderWords":
        """The inverse of ``to_bytes``."""
        return cls(**json.loads(text))


@dataclass(frozen=True, kw_only=True)
class CourtOrder:
    """One version of one order; never edited, only followed by the next version.  ``ends_on`` is its last day."""

    id: OrderId
    version: int
    case: CaseId
    child: PersonId
    about: OrderSubject
    decided_on: date
    starts_on: date
    ends_on: date | None
    status: OrderStatus
    words: OrderWords
    recorded_at: datetime

    def stands_on(self, day: date) -> bool:
        """Whether the order binds on ``day``."""
        if self.status is OrderStatus.DISCHARGED or day < self.starts_on:
            return False
        return self.ends_on is None or day <= self.ends_on
