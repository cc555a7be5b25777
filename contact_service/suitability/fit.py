"""What is known of a member of staff that makes them suit a visit, or not.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from contact_service.ids import AccountId, CaseId, PersonId, Ref

LONGEST_REASON = 500


class Gender(StrEnum):
    """What a member of staff says of themselves; whoever says nothing fits no demand."""

    WOMAN = "woman"
    MAN = "man"


class ConflictKind(StrEnum):
    """Why somebody must have no part in the visits of a person or a case."""

    KIN = "kin"
    FRIEND = "friend"
    FORMER_CLIENT = "former_client"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class StaffFit:
    """``trainings``: each with the last day on which it counts."""

    account: AccountId
    gender: Gender | None = None
    trainings: Mapping[str, date] = field(default_factory=dict)

    def trained_on(self, day: date) -> frozenset[str]:
        """The trainings that count on ``day``."""
        return frozenset(name for name, last in self.trainings.items() if day <= last)


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """``account`` must not watch visits of ``person``, or of anybody of ``case`` where ``person`` is None.

    ``kind`` is for those who manage staff alone; everybody else learns only that somebody cannot watch.
    """

    id: str
    account: AccountId
    case: CaseId
    person: PersonId | None
    kind: ConflictKind
    recorded_at: datetime
    recorded_by: Ref
