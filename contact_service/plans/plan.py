"""The contact plan as values, and how strict one supervision level is against another."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from contact_service.ids import CaseId, PersonId, PlanId


class SupervisionLevel(StrEnum):
    """How closely a visit is watched, strictest first."""

    SUPERVISED = "supervised"
    MONITORED = "monitored"
    SUPPORTED = "supported"
    UNSUPERVISED = "unsupervised"

    def at_least(self, other: "SupervisionLevel") -> bool:
        """Whether this level is as strict as ``other`` or stricter."""
        order = list(SupervisionLevel)
        return order.index(self) <= order.index(other)


class Medium(StrEnum):
    """How people meet.  Each is counted apart: a video visit never silently replaces one in person."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class Risk(StrEnum):
    """How the agency assesses the risk of contact with one person, lowest first."""

    LOW = "low"
    STANDARD = "standard"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class PlanPerson:
    """One person the child may meet, and under which terms."""

    person: PersonId
    level: SupervisionLevel
    length: timedelta
    risk: Risk = Risk.STANDARD


@dataclass(frozen=True, kw_only=True)
class ContactPlan:
    """One version of a child's contact plan; never edited, only followed by the next version."""

    id: PlanId
    version: int
    case: CaseId
    child: PersonId
    people: tuple[PlanPerson, ...]
    review_on: date

    def terms_for(self, person: PersonId) -> PlanPerson | None:
        """The terms under which the child meets ``person``, or None when the plan does not name them."""
        return next((p for p in self.people if p.person == person), None)
