"""Why a visit is called off, declined, or cannot wait."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CancelReason(StrEnum):
    """Why a visit is called off.  Reasons that punish are not offered."""

    CHILD_ILL = "child_ill"
    CHILD_DECLINED = "child_declined"
    ADULT_ASKED = "adult_asked"
    CAREGIVER_UNAVAILABLE = "caregiver_unavailable"
    STAFF_UNAVAILABLE = "staff_unavailable"
    INTERPRETER_UNAVAILABLE = "interpreter_unavailable"
    LOCKDOWN = "lockdown"
    NOT_PREPARED = "not_prepared"
    TIME_DOES_NOT_SUIT = "time_does_not_suit"


class DeclineReason(StrEnum):
    """Why an approver says no."""

    NOT_IN_PLAN = "not_in_plan"
    TIME_DOES_NOT_SUIT_CHILD = "time_does_not_suit_child"
    NO_STAFF = "no_staff"
    MORE_INFORMATION_NEEDED = "more_information_needed"
    SAFETY = "safety"


class EmergencyReason(StrEnum):
    """Why a visit cannot wait for the rules of time and number."""

    COURT_DIRECTED = "court_directed"
    SERIOUS_ILLNESS_OR_DEATH = "serious_illness_or_death"
    CHILD_IN_DISTRESS = "child_in_distress"
    SUDDEN_MOVE = "sudden_move"


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """What lets two people set aside rules of time and number for one visit that starts before ``until``."""

    reason: EmergencyReason
    until: datetime
