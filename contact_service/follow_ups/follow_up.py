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
    VISIT_UNWATCHED = "visit_unwatched"
    OBJECTION = "objection"
    CONSENT_DECLINED = "consent_declined"
    URGENT_STOP_ALARM = "urgent_stop_alarm"
    URGENT_STOP_OVER = "urgent_stop_over"
    IN_DOUBT = "in_doubt"
    OVERRIDE_REVIEW = "override_review"
    VISIT_MISSED = "visit_missed"
    OWED_DECISION = "owed_decision"
    OWED_OUT_OF_REACH = "owed_out_of_reach"
    SIBLINGS_APART = "siblings_apart"
    PLAN_REVIEW = "plan_review"
    NOT_REACHED = "not_reached"
    WRONG_NUMBER = "wrong_number"
    NO_TIME_CHOSEN = "no_time_chosen"
    CANNOT_COME = "cannot_come"
    NOT_CONFIRMED = "not_confirmed"
    SERIES_LEFT_OUT = "series_left_out"
    CLOCKS_CHANGED = "clocks_changed"
    NO_TIME_FREED = "no_time_freed"
    WAITING_UNSTAFFED = "waiting_unstaffed"
    SCHOOL_CALENDAR = "school_calendar"
    CLEARANCE_REFUSED = "clearance_refused"
    DESK_CHANGED = "desk_changed"


# How a follow-up is done, in codes, because the evidence holds no free text.
REASONS: Mapping[FollowUpKind, tuple[str, ...]] = MappingProxyType(
    {
        FollowUpKind.VISIT_STOPPED: ("spoken_to_them", "visit_cancelled", "not_needed"),
        FollowUpKind.VISIT_UNWATCHED: ("spoken_to_them", "visit_cancelled", "not_needed"),
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
        FollowUpKind.VISIT_MISSED: ("reasons_kept",),
        FollowUpKind.OWED_DECISION: ("decided",),
        FollowUpKind.OWED_OUT_OF_REACH: ("visit_booked", "plan_changed", "spoken_to_them"),
        FollowUpKind.SIBLINGS_APART: ("visit_booked", "spoken_to_them", "not_needed"),
        FollowUpKind.PLAN_REVIEW: ("plan_reviewed", "spoken_to_them"),
        FollowUpKind.NO_TIME_CHOSEN: ("spoken_to_them", "visit_booked", "not_needed"),
        FollowUpKind.CANNOT_COME: ("spoken_to_them", "visit_moved", "visit_cancelled", "visit_stands"),
        FollowUpKind.NOT_CONFIRMED: ("spoken_to_them", "visit_moved", "visit_cancelled", "visit_stands"),
        FollowUpKind.SERIES_LEFT_OUT: ("visit_booked", "plan_changed", "spoken_to_them", "not_needed"),
        FollowUpKind.CLOCKS_CHANGED: ("visit_stands", "put_right", "visit_cancelled", "spoken_to_them"),
        FollowUpKind.NO_TIME_FREED: ("visit_booked", "plan_changed", "spoken_to_them", "not_needed"),
        FollowUpKind.WAITING_UNSTAFFED: ("put_right", "visit_booked", "not_needed"),
        FollowUpKind.CLEARANCE_REFUSED: ("plan_changed", "visit_cancelled", "spoken_to_them", "not_needed"),
        FollowUpKind.DESK_CHANGED: ("put_right", "spoken_to_them", "not_needed"),
        FollowUpKind.SCHOOL_CALENDAR: ("put_right", "spoken_to_them", "not_needed"),
        FollowUpKind.WRONG_NUMBER: ("put_right", "spoken_to_them", "not_needed"),
        FollowUpKind.NOT_REACHED: ("spoken_to_them", "sent_again", "visit_cancelled", "not_needed"),
    }
)
# Done by doing it where it belongs, and not by saying so.
DONE_ELSEWHERE = frozenset({FollowUpKind.IN_DOUBT, FollowUpKind.VISIT_MISSED, FollowUpKind.OWED_DECISION})


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
    about: str
    visit: VisitId | None
    person: PersonId | None
    made_at: datetime
    due_at: datetime
    not_by: tuple[str, ...]
    done_at: datetime | None
    done_by: str | None
    done_reason: str
