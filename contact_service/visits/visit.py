"""The states of a visit and the one table of moves between them; outcomes; the states of a participant.

Every move names its actor, a reason code, the plan version and the policy version.  A move that is not in the table is
an error, whoever asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from contact_service.errors import IllegalMove
from contact_service.ids import AccountId, CaseId, InvitationId, PersonId, PlanId, VisitId
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.reasons import Emergency


class VisitState(StrEnum):
    """Where a visit stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    READY = "ready"
    WAITING = "waiting"
    LIVE = "live"
    HELD = "held"
    SUPERVISOR_LOST = "supervisor_lost"
    ENDED = "ended"
    MISSED = "missed"
    FAILED = "failed"
    RECORDED = "recorded"
    SIGNED_OFF = "signed_off"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"


_S = VisitState

MOVES: Mapping[VisitState, frozenset[VisitState]] = {
    _S.DRAFT: frozenset({_S.REQUESTED, _S.CANCELLED, _S.SUSPENDED}),
    _S.REQUESTED: frozenset({_S.APPROVED, _S.DECLINED, _S.WITHDRAWN, _S.LAPSED, _S.CANCELLED, _S.SUSPENDED}),
    _S.APPROVED: frozenset({_S.READY, _S.REQUESTED, _S.CANCELLED, _S.SUSPENDED}),
    _S.READY: frozenset({_S.WAITING, _S.REQUESTED, _S.CANCELLED, _S.SUSPENDED}),
    _S.WAITING: frozenset({_S.LIVE, _S.ENDED, _S.MISSED, _S.FAILED, _S.CANCELLED, _S.SUSPENDED}),
    _S.LIVE: frozenset({_S.HELD, _S.SUPERVISOR_LOST, _S.ENDED, _S.FAILED}),
    _S.HELD: frozenset({_S.LIVE, _S.SUPERVISOR_LOST, _S.ENDED, _S.FAILED}),
    _S.SUPERVISOR_LOST: frozenset({_S.HELD, _S.ENDED, _S.FAILED}),
    _S.ENDED: frozenset({_S.RECORDED}),
    _S.MISSED: frozenset({_S.RECORDED}),
    _S.FAILED: frozenset({_S.RECORDED}),
    _S.RECORDED: frozenset({_S.SIGNED_OFF}),
    _S.SUSPENDED: frozenset({_S.REQUESTED, _S.CANCELLED}),
    _S.DECLINED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.LAPSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.SIGNED_OFF: frozenset(),
}

# Agreed, asked for or running: somebody still counts on it.
NOT_OVER = frozenset(
    {
        _S.DRAFT,
        _S.REQUESTED,
        _S.APPROVED,
        _S.READY,
        _S.WAITING,
        _S.LIVE,
        _S.HELD,
        _S.SUPERVISOR_LOST,
        _S.SUSPENDED,
    }
)
TERMINAL = frozenset(state for state, nexts in MOVES.items() if not nexts)
BEFORE_LIVE = frozenset({_S.DRAFT, _S.REQUESTED, _S.APPROVED, _S.READY, _S.WAITING})
BOOKED = frozenset({_S.APPROVED, _S.READY})
IN_THE_ROOM = frozenset({_S.WAITING, _S.LIVE, _S.HELD, _S.SUPERVISOR_LOST})
RUNNING = frozenset({_S.LIVE, _S.HELD, _S.SUPERVISOR_LOST})
RECORD_DUE = frozenset({_S.ENDED, _S.MISSED, _S.FAILED})
# Nobody who is needed for these is free for another visit then.
TAKING_TIME = BOOKED | IN_THE_ROOM | {_S.REQUESTED}
# What was booked is so no longer: whoever was told of it must not be reminded of it.
CALLED_OFF = frozenset({_S.REQUESTED, _S.CANCELLED, _S.SUSPENDED})
# What counts against "at most so many": asked for, booked, running or given.
COUNTED = frozenset(
    {
        _S.REQUESTED,
        _S.APPROVED,
        _S.READY,
        _S.WAITING,
        _S.LIVE,
        _S.HELD,
        _S.SUPERVISOR_LOST,
        _S.ENDED,
        _S.RECORDED,
        _S.SIGNED_OFF,
    }
)
OVER = frozenset({_S.ENDED, _S.MISSED, _S.FAILED, _S.RECORDED, _S.SIGNED_OFF})


def check_move(before: VisitState, after: VisitState) -> None:
    """Return if the table has this move; raise ``IllegalMove`` otherwise."""
    if after not in MOVES[before]:
        raise IllegalMove(
            f"A visit that is {before.replace('_', ' ')} cannot become {after.replace('_', ' ')}."
        )


class Outcome(StrEnum):
    """How a visit turned out."""

    COMPLETED = "completed"
    ENDED_EARLY_CHILD = "ended_early_child"
    ENDED_EARLY_ADULT = "ended_early_adult"
    ENDED_FOR_SAFETY = "ended_for_safety"
    ENDED_SUPERVISOR_LOST = "ended_supervisor_lost"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ADULT_NO_SHOW = "adult_no_show"
    CHILD_DECLINED = "child_declined"
    CAREGIVER_UNAVAILABLE = "caregiver_unavailable"
    AGENCY_CANCELLED = "agency_cancelled"
    ORDER_STOPPED = "order_stopped"
    TECHNICAL_FAILURE = "technical_failure"


class EndReason(StrEnum):
    """Why somebody ended a visit; each has one outcome."""

    COMPLETED = "completed"
    CHILD_WISHED = "child_wished"
    ADULT_LEFT = "adult_left"
    SAFETY = "safety"
    SUPERVISOR_LOST = "supervisor_lost"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ORDER = "order"
    TECHNICAL = "technical"
    TIME_OVER = "time_over"


OUTCOME_OF: Mapping[EndReason, Outcome] = {
    EndReason.COMPLETED: Outcome.COMPLETED,
    EndReason.CHILD_WISHED: Outcome.ENDED_EARLY_CHILD,
    EndReason.ADULT_LEFT: Outcome.ENDED_EARLY_ADULT,
    EndReason.SAFETY: Outcome.ENDED_FOR_SAFETY,
    EndReason.SUPERVISOR_LOST: Outcome.ENDED_SUPERVISOR_LOST,
    EndReason.CONSENT_WITHDRAWN: Outcome.CONSENT_WITHDRAWN,
    EndReason.ORDER: Outcome.ORDER_STOPPED,
    EndReason.TECHNICAL: Outcome.TECHNICAL_FAILURE,
    EndReason.TIME_OVER: Outcome.COMPLETED,
}

# What the supervisor may choose; the others are set by what happened.
END_REASONS_OFFERED = (
    EndReason.COMPLETED,
    EndReason.CHILD_WISHED,
    EndReason.ADULT_LEFT,
    EndReason.SAFETY,
    EndReason.TECHNICAL,
)


class ParticipantRole(StrEnum):
    """What somebody is in one visit.  A caregiver's device is shown to the family as the child."""

    FAMILY_MEMBER = "family_member"
    CAREGIVER = "caregiver"
    VISIT_SUPERVISOR = "visit_supervisor"


class Stage(StrEnum):
    """Where a participant stands.  Only the visit supervisor moves ``waiting`` to ``admitted``.

    ``goodbye``: the visit supervisor sent them home at the end of their part, while the visit goes on for others.
    """

    INVITED = "invited"
    OPENED = "opened"
    CHECKING = "checking"
    WAITING = "waiting"
    IDENTITY_CONFIRMED = "identity_confirmed"
    ADMITTED = "admitted"
    HELD = "held"
    PRIVATE = "private"
    DISCONNECTED = "disconnected"
    LEFT = "left"
    REMOVED = "removed"
    GOODBYE = "goodbye"


# For them it is over, kindly or not: no ticket, no device and no new link brings them back into this visit, and only
# a goodbye is taken back, for some minutes (R71).
NO_WAY_BACK = frozenset({Stage.REMOVED, Stage.GOODBYE})


class IdentityMethod(StrEnum):
    """How the visit supervisor knows who somebody is.  No document is kept."""

    PHOTO = "photo"
    AGREED_QUESTION = "agreed_question"
    SPOKEN_CODE = "spoken_code"


class Company(StrEnum):
    """Who else is in the room with somebody, as they say themselves (feature G7).

    A carer's answer leaves the child out.
    """

    NOBODY = "nobody"
    CHILD = "child"
    ADULT = "adult"
    SEVERAL = "several"


@dataclass(frozen=True, kw_only=True)
class Participant:
    """Somebody in one visit.  ``id`` is what the relay calls them.

    ``link`` is the one whose device was last let to the waiting room; ``company`` is None until they have said;
    ``put_out_at`` is when a sign-in of the visit supervisor last ended, or a link was replaced: older tickets let
    nobody back in.  ``goodbye_at`` is when they were sent home kindly; None again once their device is back.
    """

    id: str
    role: ParticipantRole
    stage: Stage
    stage_before: Stage | None
    person: PersonId | None
    account: AccountId | None
    leg: str | None
    waiting_since: datetime | None
    put_out_at: datetime | None
    link: InvitationId | None
    identity_method: str
    muted: bool
    checked: str
    company: Company | None
    asked_break: bool
    goodbye_at: datetime | None

    @property
    def standing(self) -> Stage:
        """The stage that counts: a device that has just gone silent keeps what it had, for itself alone."""
        if self.stage is Stage.DISCONNECTED and self.stage_before is not None:
            return self.stage_before
        return self.stage


@dataclass(frozen=True, kw_only=True)
class Latch:
    """A stop inside a relay: which relay start it belongs to, and its number there."""

    boot: str
    generation: int


@dataclass(frozen=True, kw_only=True)
class VisitChild:
    """A child whose visit it is: with a case, a plan, a record and an outcome of their own.

    ``caregiver`` holds the device that is shown to the others as this child.
    """

    child: PersonId
    case: CaseId
    plan: PlanId
    plan_version: int
    caregiver: PersonId | None
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One meeting, as seen from the first of its ``children``.

    Most visits have one child; where several share one, ``child``, ``case`` and the plan are those of the first.
    ``revision`` counts every change, ``booked_revision`` is the one with which it was last booked; 0 before that.
    ``automatic`` names the case of the policy by which nobody's yes was needed, else it is empty.
    ``time_open``: several times are asked for, and the family has yet to choose; ``starts_at`` is the first of them.
    """

    id: VisitId
    children: tuple[VisitChild, ...]
    state: VisitState
    starts_at: datetime
    ends_at: datetime
    zone: str
    level: SupervisionLevel
    policy_version: int
    requested_by: AccountId
    requested_at: datetime
    approved_by: AccountId | None
    automatic: str
    emergency: Emergency | None
    time_open: bool
    supervisor: AccountId
    duty: AccountId
    room: str
    reason: str
    was_ready: bool
    live_at: datetime | None
    ended_at: datetime | None
    held_by: Latch | None
    hold_reason: str
    cleared: Latch | None
    revision: int
    booked_revision: int
    participants: tuple[Participant, ...]

    @property
    def child(self) -> PersonId:
        """The child it is seen from."""
        return self.children[0].child

    @property
    def case(self) -> CaseId:
        """That child's case."""
        return self.children[0].case

    @property
    def plan(self) -> PlanId:
        """The version of that child's plan it was approved under."""
        return self.children[0].plan

    @property
    def plan_version(self) -> int:
        """Its number."""
        return self.children[0].plan_version

    @property
    def outcome(self) -> Outcome | None:
        """How it turned out for that child."""
        return self.children[0].outcome

    def seen_from(self, child: PersonId) -> "Visit":
        """The same visit with ``child`` first."""
        first = [one for one in self.children if one.child == child]
        return replace(self, children=(*first, *(one for one in self.children if one.child != child)))

    def by_child(self) -> "tuple[Visit, ...]":
        """The visit as seen from each child; rules are asked for each of them."""
        return tuple(self.seen_from(one.child) for one in self.children)

    def by_case(self) -> "tuple[Visit, ...]":
        """The visit as seen from each case, once each; evidence and tasks go to every case."""
        first: dict[CaseId, Visit] = {}
        for seen in self.by_child():
            first.setdefault(seen.case, seen)
        return tuple(first.values())

    def brought_by(self, person: PersonId | None) -> tuple[PersonId, ...]:
        """The children for whom ``person`` starts the visit; none for somebody who is no caregiver in it."""
        return tuple(one.child for one in self.children if person is not None and one.caregiver == person)

    def facing(self, person: PersonId | None) -> "Visit":
        """The visit as it is for ``person``: a caregiver's is that of the child they bring."""
        brought = self.brought_by(person)
        return self.seen_from(brought[0]) if brought else self

    def shown_as(self, participant: "Participant") -> tuple[PersonId, ...]:
        """Whom others see at this device: the children it was brought for, else its holder; nobody for staff."""
        if participant.person is None:
            return ()
        return self.brought_by(participant.person) or (participant.person,)

    @property
    def people(self) -> frozenset[PersonId]:
        """The children and everybody who joins by link."""
        joining = (p.person for p in self.participants if p.person is not None)
        return frozenset({*(one.child for one in self.children), *joining})

    @property
    def circle(self) -> frozenset[PersonId]:
        """Those of them whom the child it is seen from has to do with: all but the carers of other children."""
        carers = {one.caregiver for one in self.children if one.caregiver is not None}
        return self.people - (carers - {self.children[0].caregiver})

    def families(self) -> tuple[Participant, ...]:
        """Everybody who joins by link."""
        return tuple(p for p in self.participants if p.person is not None)

    def participant(self, participant_id: str) -> Participant | None:
        """The participant of this id, or None."""
        return next((p for p in self.participants if p.id == participant_id), None)

    @property
    def watcher(self) -> Participant:
        """The visit supervisor as a participant."""
        return next(p for p in self.participants if p.role is ParticipantRole.VISIT_SUPERVISOR)
