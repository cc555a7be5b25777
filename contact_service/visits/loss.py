"""Whether a visit was given to two people, and if not, why; and which causes leave it owed.  Pure.

What is decided here is only how a visit counts.  Nobody's absence is scored: what the connections show protects people
before anything that was said does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import IN_THE_ROOM, OVER, Outcome, VisitState

_SATURDAY = 5


class Cause(StrEnum):
    """Why a visit was lost to a child and one person."""

    AGENCY = "agency"
    STAFF = "staff"
    INTERPRETER = "interpreter"
    CAREGIVER = "caregiver"
    LOCKDOWN = "lockdown"
    NOT_PREPARED = "not_prepared"
    """Data, a consent or a message was missing, and the visit could not become ready."""
    TECHNICAL = "technical"
    CHILD_ILL = "child_ill"
    ORDER = "order"
    UNKNOWN = "unknown"
    """Nobody has kept why."""
    NO_SHOW = "no_show"
    ADULT_ASKED = "adult_asked"
    CHILD_SAID_NO = "child_said_no"
    SAFETY = "safety"
    NEVER_OFFERED = "never_offered"
    """Of what a period owes: nothing was booked for it."""


class MakeUpRule(StrEnum):
    """What holds for a visit that was lost."""

    ALWAYS_OWED = "always_owed"
    WORKER_DECIDES = "worker_decides"


RULE_OF: Mapping[Cause, MakeUpRule] = MappingProxyType(
    dict.fromkeys(Cause, MakeUpRule.ALWAYS_OWED)
    | dict.fromkeys(
        (Cause.NO_SHOW, Cause.ADULT_ASKED, Cause.CHILD_SAID_NO, Cause.SAFETY), MakeUpRule.WORKER_DECIDES
    )
)


class Standing(StrEnum):
    """What a visit is to the account of a child and one person."""

    NOT_OFFERED = "not_offered"
    AHEAD = "ahead"
    GIVEN = "given"
    LOST = "lost"


class SideReason(StrEnum):
    """What one side says, or staff know of it, about a visit that did not take place (feature J8)."""

    WAS_READY = "was_ready"
    ILL = "ill"
    WORK_OR_SCHOOL = "work_or_school"
    TRAVEL = "travel"
    FORGOT = "forgot"
    DID_NOT_WANT = "did_not_want"
    LOCKDOWN = "lockdown"
    DEVICE_OR_LINK = "device_or_link"
    NOT_TOLD = "not_told"
    NOT_REACHED = "not_reached"
    OTHER = "other"


class DecidedBecause(StrEnum):
    """Why a worker says that a lost visit is still owed, or is not."""

    COULD_NOT_HELP_IT = "could_not_help_it"
    WANTS_ANOTHER = "wants_another"
    CHILD_WANTS_ANOTHER = "child_wants_another"
    NO_REASON_GIVEN = "no_reason_given"
    DOES_NOT_WANT_ANOTHER = "does_not_want_another"
    CHILD_DOES_NOT_WANT = "child_does_not_want"


_B = DecidedBecause
# The reasons by what is decided; of a child's own no, only what the child wants counts.
OWED_BECAUSE = (_B.COULD_NOT_HELP_IT, _B.WANTS_ANOTHER, _B.CHILD_WANTS_ANOTHER)
NOT_OWED_BECAUSE = (_B.NO_REASON_GIVEN, _B.DOES_NOT_WANT_ANOTHER, _B.CHILD_DOES_NOT_WANT)
OF_THE_CHILD = (_B.CHILD_WANTS_ANOTHER, _B.CHILD_DOES_NOT_WANT)


def reasons_for(cause: Cause, *, owed: bool) -> tuple[DecidedBecause, ...]:
    """The reasons that a decision about a visit lost by ``cause`` may have."""
    offered = OWED_BECAUSE if owed else NOT_OWED_BECAUSE
    return tuple(r for r in offered if cause is not Cause.CHILD_SAID_NO or r in OF_THE_CHILD)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A visit as it was for a child and one person.

    ``outcomes``: the child's, then the other one's where it is their visit too.  ``there``: who came to the waiting
    room at least.  ``said``: what each side gave as its reason.  ``is_past``: the door has closed.
    """

    state: VisitState
    reason: str
    outcomes: tuple[Outcome | None, ...]
    planned: timedelta
    together: timedelta
    child_there: bool
    person_there: bool
    supervisor_there: bool
    person_is_child: bool
    is_past: bool
    child_said: SideReason | None = None
    person_said: SideReason | None = None


_BEFORE = frozenset({VisitState.REQUESTED, VisitState.APPROVED, VisitState.READY})
# Where a visit stood when its time went by: it never became ready, or nobody lifted what had stopped it.
_OVERTAKEN = MappingProxyType(
    dict.fromkeys(_BEFORE, Cause.NOT_PREPARED) | {VisitState.SUSPENDED: Cause.ORDER}
)
_CAUSE_OF_OUTCOME = MappingProxyType(
    {
        Outcome.TECHNICAL_FAILURE: Cause.TECHNICAL,
        Outcome.ENDED_SUPERVISOR_LOST: Cause.STAFF,
        Outcome.AGENCY_CANCELLED: Cause.AGENCY,
        Outcome.CAREGIVER_UNAVAILABLE: Cause.CAREGIVER,
        Outcome.ORDER_STOPPED: Cause.ORDER,
        Outcome.CHILD_DECLINED: Cause.CHILD_SAID_NO,
        Outcome.CONSENT_WITHDRAWN: Cause.CHILD_SAID_NO,
        Outcome.ENDED_EARLY_CHILD: Cause.CHILD_SAID_NO,
        Outcome.ENDED_FOR_SAFETY: Cause.SAFETY,
        Outcome.ADULT_NO_SHOW: Cause.NO_SHOW,
    }
)
_CAUSE_OF_CANCELLING = MappingProxyType(
    {
        CancelReason.CHILD_ILL: Cause.CHILD_ILL,
        CancelReason.CHILD_DECLINED: Cause.CHILD_SAID_NO,
        CancelReason.ADULT_ASKED: Cause.ADULT_ASKED,
        CancelReason.CAREGIVER_UNAVAILABLE: Cause.CAREGIVER,
        CancelReason.STAFF_UNAVAILABLE: Cause.STAFF,
        CancelReason.INTERPRETER_UNAVAILABLE: Cause.INTERPRETER,
        CancelReason.LOCKDOWN: Cause.LOCKDOWN,
        CancelReason.NOT_PREPARED: Cause.NOT_PREPARED,
        # Nobody has said for whom it does not suit.
        CancelReason.TIME_DOES_NOT_SUIT: Cause.UNKNOWN,
    }
)


def how_it_counts(facts: Facts) -> tuple[Standing, Cause | None]:
    """What the visit is to the account of these two, and why it was lost (None unless it was)."""
    if facts.state is VisitState.CANCELLED:
        return Standing.LOST, _cause_of_cancelling(facts)
    if facts.state in OVER:
        return (Standing.GIVEN, None) if _took_place(facts) else (Standing.LOST, _cause_of_absence(facts))
    if facts.state in IN_THE_ROOM or (facts.state in _BEFORE and not facts.is_past):
        return Standing.AHEAD, None
    if facts.is_past and (cause := _OVERTAKEN.get(facts.state)):
        return Standing.LOST, cause
    return Standing.NOT_OFFERED, None


def _cause_of_cancelling(facts: Facts) -> Cause:
    for reason, cause in _CAUSE_OF_CANCELLING.items():
        if facts.reason == reason:
            return _called_off_by_an_adult(facts) if cause is Cause.ADULT_ASKED else cause
    return Cause.AGENCY  # called off by the machine when a stop was over too late


def _called_off_by_an_adult(facts: Facts) -> Cause:
    """Two children lose it too who were to meet in it, and neither of them asked for that: to them it stays owed."""
    return Cause.UNKNOWN if facts.person_is_child else Cause.ADULT_ASKED


def _took_place(facts: Facts) -> bool:
    """They met and nothing cut it short for either, or they had half of the planned time before something did."""
    if facts.together <= timedelta(0):
        return False
    known = {outcome for outcome in facts.outcomes if outcome is not None}
    return known == {Outcome.COMPLETED} or facts.together * 2 >= facts.planned


def _cause_of_absence(facts: Facts) -> Cause:
    for outcome in facts.outcomes:
        if outcome is not None and (cause := _CAUSE_OF_OUTCOME.get(outcome)):
            return cause if cause is not Cause.NO_SHOW else _said(facts, cause)
    if Outcome.ENDED_EARLY_ADULT in facts.outcomes and facts.together:
        return _called_off_by_an_adult(facts)
    return _said(facts, _seen(facts))


def _seen(facts: Facts) -> Cause:
    """What the connections show."""
    if not facts.supervisor_there or (facts.child_there and facts.person_there):
        return Cause.STAFF  # nobody was there to let them in, or they were not let in
    if facts.person_there:
        return Cause.CAREGIVER
    if facts.child_there:
        # A child does not come by itself: whoever brings it did not.
        return Cause.CAREGIVER if facts.person_is_child else Cause.NO_SHOW
    return Cause.UNKNOWN


def _said(facts: Facts, seen: Cause) -> Cause:
    """What was said explains what the connections leave open; it never turns what they show into an absence."""
    if seen not in (Cause.UNKNOWN, Cause.NO_SHOW):
        return seen
    sides = (facts.child_said, facts.person_said)
    for reason, cause in _NOBODYS_FAULT:
        if reason in sides:
            return cause
    if facts.child_said is SideReason.DID_NOT_WANT:
        return Cause.CHILD_SAID_NO
    if facts.child_said is SideReason.ILL:
        return Cause.CHILD_ILL
    return _whose(facts, seen)


_NOBODYS_FAULT = (
    (SideReason.DEVICE_OR_LINK, Cause.TECHNICAL),
    (SideReason.NOT_TOLD, Cause.AGENCY),
    (SideReason.LOCKDOWN, Cause.LOCKDOWN),
)
_SAYS_NOTHING = (None, SideReason.NOT_REACHED)


def _whose(facts: Facts, seen: Cause) -> Cause:
    """Whose side it was, by what both say."""
    child, person = facts.child_said, facts.person_said
    if child in _SAYS_NOTHING and not facts.child_there:
        return seen
    if child not in (SideReason.WAS_READY, *_SAYS_NOTHING):
        return Cause.CAREGIVER
    if person is SideReason.WAS_READY:
        return Cause.AGENCY  # both were ready, and nobody brought them together
    if person is None:
        return seen
    return Cause.CAREGIVER if facts.person_is_child else Cause.NO_SHOW


def may_be_explained_until(on: date, working_days: int) -> date:
    """The last day on which somebody may still explain an absence of ``on``: so many days from Monday to Friday."""
    day = on
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= day.weekday() < _SATURDAY
    return day
