"""Visits: ask, change, withdraw, cancel, ask again; decide (a person); why not; list and read."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, NaiveDatetime
from starlette.responses import JSONResponse

from contact_service.actor import Role
from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import (
    MOST_ENTRIES,
    AnId,
    Answer,
    Body,
    Id,
    Line,
    OnVisit,
    Text,
    demand_revision,
)
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.api.v1.problems import RefusingRule
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotAllowed
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.notifications import actions as outbox
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import booking, ending
from contact_service.visits.actions.doubting import clear_doubt
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.queries.doubting import doubts
from contact_service.visits.queries.explaining import why_not
from contact_service.visits.queries.finding import visit_for, visits_between
from contact_service.visits.record import LONGEST_SECTION, Remark
from contact_service.visits.visit import (
    CancelReason,
    DeclineReason,
    EmergencyReason,
    Outcome,
    ParticipantRole,
    Visit,
    VisitState,
)
from contact_service.visits.wish import Wish

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Asker = Annotated[Desk, writing(Scope.VISITS_REQUEST)]
Decider = Annotated[Desk, deciding()]
LONGEST_SPAN = timedelta(days=92)
_LONGEST_MINUTES = 10_000
Minutes = Annotated[int, Field(ge=1, le=_LONGEST_MINUTES)]
WallStart = Annotated[
    NaiveDatetime,
    Field(
        description="The clock on the wall where the child lives, without a zone.",
        examples=["2030-05-15T16:00"],
    ),
]


class WishBody(Body):
    """A visit as it is wished for; the carer is one of ``people``."""

    people: Annotated[list[Id], Field(max_length=MOST_ENTRIES)]
    starts: WallStart
    minutes: Minutes = Field(examples=[30])
    level: SupervisionLevel = Field(examples=["supervised"])
    visit_supervisor: Id
    duty: Id = Field(description="Who of the staff answers throughout the visit.")
    emergency: EmergencyReason | None = Field(
        default=None,
        description="Why rules of time and number should be set aside; a person asks, an approver agrees.",
    )
    remark: Annotated[str, Field(max_length=LONGEST_SECTION)] = Field(
        default="", description="For the approver; sealed."
    )


class NewVisit(WishBody):
    """A visit that is asked for."""

    child: Id


class ChangeBody(WishBody, OnVisit):
    """A visit as it shall be instead."""


class CancelBody(OnVisit):
    """Why a visit is called off.  Reasons that punish are not offered."""

    reason: CancelReason
    remark: Text = Field(default="", description="Sealed; a text that makes contact a punishment is refused.")


class ClearBody(OnVisit):
    """Why a visit that is in doubt stands all the same, or what was done about it."""

    reason: Annotated[Line, Field(min_length=1)]


class DeclineBody(OnVisit):
    """Why an approver says no."""

    reason: DeclineReason
    remark: Text = Field(default="", description="Sealed; a text that makes contact a punishment is refused.")


class Taking(Answer):
    """Somebody who takes part."""

    person: str | None
    account: str | None
    role: ParticipantRole


class KnownVisit(Answer):
    """A visit.  Times are instants; ``zone`` is where the child lives."""

    id: str
    case: str
    child: str
    state: VisitState = Field(examples=["requested"])
    outcome: Outcome | None
    starts_at: datetime
    ends_at: datetime
    zone: str
    level: SupervisionLevel
    plan: str
    plan_version: int
    policy_version: int
    requested_by: str
    approved_by: str | None
    automatic: str = Field(description="The case of the policy under which no person decided; else empty.")
    emergency: EmergencyReason | None
    visit_supervisor: str
    duty: str
    revision: int
    participants: list[Taking]


class DoubtedVisit(Answer):
    """A booked visit, and what speaks against it now; no rules where it has been put right."""

    visit: str
    rules: list[RefusingRule]
    due_at: datetime


class SmallestChange(Answer):
    """What would have to be different; null where it may stay."""

    level: SupervisionLevel | None
    minutes: int | None
    starts_at: datetime | None


class Explanation(Answer):
    """Whether a visit may be booked, why not, and the smallest change that would make it possible."""

    may_be_booked: bool
    passed: list[str] = Field(examples=[["R1", "R2"]])
    rules: list[RefusingRule]
    change: SmallestChange | None


@router.get("/visits", operation_id="listVisits", summary="Visits that start in a span of time")
def listed(
    desk: Reader,
    first: Annotated[
        datetime, Query(description="With a zone; included.", examples=["2030-05-01T00:00:00Z"])
    ],
    last: Annotated[datetime, Query(description="With a zone; excluded; at most 92 days later.")],
    child: Annotated[Id | None, Query()] = None,
    state: Annotated[VisitState | None, Query()] = None,
) -> list[KnownVisit]:
    """Visits within reach, by start."""
    if first.tzinfo is None or last.tzinfo is None or not timedelta(0) < last - first <= LONGEST_SPAN:
        raise BadInput("Write two times with a zone, at most 92 days apart.", "last")
    found = visits_between(desk.work, first, last)
    return [shown(v) for v in found if child in (None, v.child) and state in (None, v.state)]


@router.get("/visits/why-not", operation_id="explainVisit", summary="Why can this visit not be?")
def explain(
    desk: Reader,
    child: Annotated[Id, Query()],
    person: Annotated[list[Id], Query(max_length=MOST_ENTRIES)],
    starts: Annotated[NaiveDatetime, Query(examples=["2030-05-15T16:00"])],
    minutes: Annotated[Minutes, Query()] = 30,
    level: Annotated[SupervisionLevel, Query()] = SupervisionLevel.SUPERVISED,
) -> Explanation:
    """Every rule that says no, and the smallest change; books nothing, and takes for granted that staff are found."""
    body = WishBody(
        people=person, starts=starts, minutes=minutes, level=level, visit_supervisor="0" * 32, duty="0" * 32
    )
    explanation = why_not(desk.work, _wish(desk, child_within_reach(desk.work, child).person, body))
    decision, change = explanation.decision, explanation.change
    reasons = decision.reasons if isinstance(decision, Refused) else ()
    return Explanation(
        may_be_booked=not isinstance(decision, Refused),
        passed=list(decision.passed),
        rules=problems.rules_of(reasons),
        change=SmallestChange(
            level=change.level,
            minutes=int(change.length.total_seconds() // 60) if change.length else None,
            starts_at=change.starts_at,
        )
        if change
        else None,
    )


@router.get("/visits/{visit}", operation_id="readVisit", summary="One visit")
def one(desk: Reader, visit: AnId) -> KnownVisit:
    """A visit within reach."""
    return shown(visit_for(desk.work, VisitId(visit)))


@router.post(
    "/visits",
    status_code=201,
    response_model=KnownVisit,
    operation_id="requestVisit",
    summary="Ask for a visit",
)
def request(desk: Asker, body: NewVisit) -> KnownVisit | JSONResponse:
    """It stands ``requested`` and waits for an approver; rules that say no are a problem, and book nothing."""
    _demand_worker(desk)
    child = child_within_reach(desk.work, body.child).person
    result = inviting.request_visit(desk.work, _wish(desk, child, body))
    return _answered(desk, result, body.remark)


@router.post(
    "/visits/{visit}/change", response_model=KnownVisit, operation_id="changeVisit", summary="Change a visit"
)
def change(desk: Asker, visit: AnId, body: ChangeBody) -> KnownVisit | JSONResponse:
    """Its approval is void and its links are dead."""
    found = visit_for(desk.work, VisitId(visit))
    _demand_worker(desk)
    demand_revision(found, body.revision)
    result = inviting.change(desk.work, found.id, _wish(desk, found.child, body))
    return _answered(desk, result, body.remark)


@router.post("/visits/{visit}/withdraw", operation_id="withdrawVisit", summary="Take a request back")
def withdraw(desk: Asker, visit: AnId, body: OnVisit) -> KnownVisit:
    """Only while nobody has decided."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    return shown(booking.withdraw_request(desk.work, found.id))


@router.post("/visits/{visit}/cancel", operation_id="cancelVisit", summary="Call a visit off")
def cancel(desk: Asker, visit: AnId, body: CancelBody) -> KnownVisit:
    """Links die, and everybody who was invited is told."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    return shown(inviting.cancel(desk.work, found.id, body.reason, body.remark))


@router.post(
    "/visits/{visit}/ask-again", operation_id="askAgain", summary="Put a suspended visit before an approver"
)
def ask_again(desk: Asker, visit: AnId, body: OnVisit) -> KnownVisit:
    """As a fresh room in which nobody has been yet."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    return shown(ending.ask_again(desk.work, found.id))


@router.post(
    "/visits/{visit}/send-again", operation_id="sendAgain", summary="Try every failed message once more"
)
def send_again(desk: Asker, visit: AnId, body: OnVisit) -> KnownVisit:
    """The visit itself does not change."""
    found = visit_for(desk.work, VisitId(visit))
    _demand_worker(desk)
    demand_revision(found, body.revision)
    if outbox.send_again(desk.work, found.id):
        record(desk.work, found.room, EventType.MESSAGE_QUEUED, Why(reason="sent_again", people=()))
    return shown(visit_for(desk.work, found.id))


@router.post(
    "/visits/{visit}/approve",
    response_model=KnownVisit,
    operation_id="approveVisit",
    summary="Approve a request (a person decides)",
)
def approve(desk: Decider, visit: AnId, body: OnVisit) -> KnownVisit | JSONResponse:
    """Never one's own, nor that of a service account one answers for."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    result = inviting.approve(desk.work, found.id)
    return problems.refused(result) if isinstance(result, Refused) else shown(result)


@router.post(
    "/visits/{visit}/decline", operation_id="declineVisit", summary="Say no to a request (a person decides)"
)
def decline(desk: Decider, visit: AnId, body: DeclineBody) -> KnownVisit:
    """With a coded reason; the family was never told of the request."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    return shown(inviting.decline(desk.work, found.id, body.reason, body.remark))


@router.get(
    "/visits-in-doubt", operation_id="listDoubts", summary="Booked visits that a later fact put in doubt"
)
def in_doubt(desk: Reader) -> list[DoubtedVisit]:
    """Those that the caller is asked to look at, the most urgent first."""
    return [
        DoubtedVisit(visit=doubt.visit.id, rules=problems.rules_of(doubt.reasons), due_at=doubt.due_at)
        for doubt in doubts(desk.work)
    ]


@router.post(
    "/visits/{visit}/clear-doubt",
    operation_id="clearDoubt",
    summary="Say why a visit in doubt stands (a person decides)",
)
def clear(desk: Decider, visit: AnId, body: ClearBody) -> KnownVisit:
    """The visit itself does not change; cancel or change it where it cannot stand."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    clear_doubt(desk.work, found.id, body.reason)
    return shown(found)


def _demand_worker(desk: Desk) -> None:
    if not desk.work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker can book a visit.")


def _answered(desk: Desk, result: Visit | Refused, remark: str) -> KnownVisit | JSONResponse:
    if isinstance(result, Refused):
        return problems.refused(result)
    keep_remark(desk.work, result, Remark.REQUEST, remark)
    return shown(visit_for(desk.work, result.id))


def _wish(desk: Desk, child: PersonId, body: WishBody) -> Wish:
    """The body as a wish; raises ``BadInput`` for people who are not of this case."""
    case = people.case_of(desk.work, child)
    roles = {member.person: member.role for member in people.members_of(desk.work, case)}
    picked = [PersonId(person) for person in body.people]
    if not set(picked) <= roles.keys():
        raise BadInput("Choose people of this case.", "people")
    carers = [person for person in picked if roles[person] is MemberRole.CAREGIVER]
    return Wish(
        child=child,
        people=tuple(person for person in picked if person not in carers),
        caregiver=carers[0] if carers else None,
        wall_start=body.starts,
        length=timedelta(minutes=body.minutes),
        level=body.level,
        supervisor=AccountId(body.visit_supervisor),
        duty=AccountId(body.duty),
        emergency=body.emergency,
    )


def shown(visit: Visit) -> KnownVisit:
    """A visit as callers see it: nothing of rooms, legs and links."""
    return KnownVisit(
        id=visit.id,
        case=visit.case,
        child=visit.child,
        state=visit.state,
        outcome=visit.outcome,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=visit.zone,
        level=visit.level,
        plan=visit.plan,
        plan_version=visit.plan_version,
        policy_version=visit.policy_version,
        requested_by=visit.requested_by,
        approved_by=visit.approved_by,
        automatic=visit.automatic,
        emergency=visit.emergency.reason if visit.emergency else None,
        visit_supervisor=visit.supervisor,
        duty=visit.duty,
        revision=visit.revision,
        participants=[Taking(person=p.person, account=p.account, role=p.role) for p in visit.participants],
    )
