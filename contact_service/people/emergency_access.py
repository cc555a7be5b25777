"""A case that somebody opened in an emergency: why, until when, and what somebody else thought of it.  Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_service.ids import AccountId, CaseId, EmergencyAccessId, PersonId

LONGEST_WORDS = 500


class AccessReason(StrEnum):
    """Why a case cannot wait for whoever has it on their caseload."""

    CHILD_AT_RISK = "child_at_risk"
    VISIT_NOW = "visit_now"
    COVERING = "covering"
    POLICE_OR_COURT = "police_or_court"


class Finding(StrEnum):
    """What somebody else found who looked at it afterwards."""

    RIGHT = "right"
    MORE_THAN_NEEDED = "more_than_needed"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class NewEmergencyAccess:
    """A case that is opened now, for ``child``; ``words`` say why."""

    case: CaseId
    child: PersonId
    reason: AccessReason
    words: str
    until: datetime
    review_due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Review:
    """Who looked at it, when, and what they found; ``words`` are empty where they wrote none."""

    by: AccountId
    at: datetime
    finding: Finding
    words: str


@dataclass(frozen=True, kw_only=True)
class EmergencyAccess:
    """A case that ``account`` opened.

    ``told``: the words were opened, here and in its review; they are empty before that, and once the child is
    forgotten.
    """

    id: EmergencyAccessId
    case: CaseId
    child: PersonId
    account: AccountId
    reason: AccessReason
    words: str
    opened_at: datetime
    until: datetime
    ended_at: datetime | None
    review_due_at: datetime
    review: Review | None
    told: bool = False

    def is_open(self, at: datetime) -> bool:
        """Whether the case is open by this at ``at``."""
        return self.ended_at is None and self.opened_at <= at < self.until

    def is_overdue(self, at: datetime) -> bool:
        """Whether somebody should have looked at it by now."""
        return self.review is None and self.review_due_at <= at
