"""A follow-up as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from contact_service.ids import CaseId, FollowUpId, PersonId, VisitId


class FollowUpKind(StrEnum):
    """What is to be done."""

    VISIT_STOPPED = "visit_stopped"
    OBJECTION = "objection"
    CONSENT_DECLINED = "consent_declined"
    URGENT_STOP_ALARM = "urgent_stop_alarm"
    URGENT_STOP_OVER = "urgent_stop_over"
    IN_DOUBT = "in_doubt"
    OVERRIDE_REVIEW = "override_review"


# How a follow-up is done, in codes, because the evidence holds no free text.
REASONS: Mapping[FollowUpKind, tuple[str, ...]] = MappingProxyType(
    {
        FollowUpKind.VISIT_STOPPED: ("spoken_to_them", "visit_cancelled", "not_needed"),
        FollowUpKind.OBJECTION: (
            "spoken_to_them",
            "plan_changed",
            "order_attached",
            "visit_cancelled",
            "visit_stands",
        ),
        FollowUpKind.CONSENT_DECLINED: ("spoken_to_them", "plan_changed", "visit_cancelled", "not_needed"),
        FollowUpKind.URGENT_STOP_ALARM: ("order_attached", "visit_cancelled", "spoken_to_them", "not_needed"),
        FollowUpKind.URGENT_STOP_OVER: ("order_attached", "visit_cancelled", "visit_stands", "not_needed"),
        FollowUpKind.IN_DOUBT: ("visit_stands", "put_right"),
        FollowUpKind.OVERRIDE_REVIEW: ("emergency_right", "emergency_wrong"),
    }
)


class ForRole(StrEnum):
    """Who is asked: the case's workers, or the approvers."""

    WORKER = "worker"
    APPROVER = "approver"


@dataclass(frozen=True, kw_only=True)
class NewFollowUp:
    """A follow-up as it is made.  ``about`` makes it one thing: the same asked for twice is one follow-up.

    ``rules`` are those that make it necessary; ``not_by`` are the members of staff who cannot do it, by their refs.
    """

    case: CaseId
    kind: FollowUpKind
    for_role: ForRole
    about: str
    due_at: datetime
    visit: VisitId | None = None
    person: PersonId | None = None
    rules: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Something that somebody must do, or has done."""

    id: FollowUpId
    case: CaseId
    kind: FollowUpKind
    for_role: ForRole
    visit: VisitId | None
    person: PersonId | None
    made_at: datetime
    due_at: datetime
    not_by: tuple[str, ...]
    done_at: datetime | None
    done_by: str | None
    done_reason: str
