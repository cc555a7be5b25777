"""One version of the policy, and where it stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_service.agency_policy.document import Document
from contact_service.agency_policy.limits import Limits
from contact_service.ids import Ref


class PolicyState(StrEnum):
    """Where a version stands; the newest published one is in force."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    DECLINED = "declined"


class PolicyAct(StrEnum):
    """What somebody is about to do, for which the policy says something that they read and accept first."""

    BOOK = "book"
    APPROVE = "approve"


@dataclass(frozen=True, kw_only=True)
class PolicyVersion:
    """One version; version 0 is the product's own defaults, in force until the agency publishes one."""

    version: int
    document: Document

    @property
    def limits(self) -> Limits:
        """The limits of this version."""
        return self.document.limits


@dataclass(frozen=True, kw_only=True)
class PolicyHistory:
    """One version with who wrote it and who decided."""

    version: int
    based_on: int
    state: PolicyState
    text: str
    document: Document
    proposed_by: Ref
    proposed_at: datetime
    decided_by: Ref | None
    decided_at: datetime | None
