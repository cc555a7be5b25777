"""Visits as they stand: list and read."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from contact_service.api.v1.access import Desk, reading
from contact_service.api.v1.bodies import (
    AnId,
    Answer,
    Id,
)
from contact_service.api.v1.busy import BusyTime, busy_at
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import BadInput
from contact_service.ids import PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.proposals.proposal import Answer as ReplyAnswer, ProposedTime, WhyNot
from contact_service.proposals.queries import proposal_of, replies_to
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.finding import children_within, visit_for, visits_between
from contact_service.visits.queries.optional import settled_in_sight
from contact_service.visits.reasons import EmergencyReason
from contact_service.visits.visit import Outcome, ParticipantRole, Visit, VisitState
from contact_service.visits.wish import carers_besides
from contact_service.work import Work

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
LONGEST_SPAN = timedelta(days=92)


class Taking(Answer):
    """Somebody who takes part."""

    person: str | None
    account: str | None
    role: ParticipantRole


class ChildOfVisit(Answer):
    """A child whose visit it is.  ``caregiver`` and ``outcome`` are null for a child whose case is out of reach."""

    child: str
    case: str
    plan: str
    plan_version: int
    caregiver: str | None
    outcome: Outcome | None


class KnownVisit(Answer):
    """A visit.  Times are instants; ``zone`` is where the child lives.

    ``children`` has every child who shares it, the one first from whose side it is seen: ``child``, ``case``, ``plan``
    and ``outcome`` are that child's.
    """

    id: str
    case: str
    child: str
    children: list[ChildOfVisit]
    state: VisitState = Field(examples=["requested"])
    times: list[datetime] = Field(
        description="The starts among which the family is to choose; empty where the time stands."
    )
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


class LeftOutThen(Answer):
    """Of those who come if they can, who could not at one of the times among which the family is to choose."""

    starts_at: datetime
    left_out: list[str]


class VisitInFull(KnownVisit):
    """A visit, and who comes to it if they can: those who are in it, those who could not, and how many of them must.

    ``left_out_then``: of each time among which the family is to choose, who could not; until one is chosen
    ``optional``, ``left_out`` and ``participants`` are those of the first.
    ``busy``: who is busy then by a calendar of their own, as far as their case is within reach.
    Empty for a service account that may not ask for visits.
    """

    optional: list[str]
    left_out: list[str]
    left_out_then: list[LeftOutThen]
    quorum: int
    busy: list[BusyTime]


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
    seen = [v.seen_from(PersonId(child)) if child else v for v in found]
    return [shown(desk.work, v) for v in seen if child in (None, v.child) and state in (None, v.state)]


@router.get("/visits/{visit}", operation_id="readVisit", summary="One visit")
def one(desk: Reader, visit: AnId) -> VisitInFull:
    """A visit within reach; of those who were left out, whoever is of its case."""
    return in_full(desk.work, visit_for(desk.work, VisitId(visit)))


def in_full(work: Work, visit: Visit) -> VisitInFull:
    """A visit as callers see it who read or book this one."""
    settled = settled_in_sight(work, visit)
    return VisitInFull(
        **shown(work, visit).model_dump(),
        optional=list(settled.coming),
        left_out=[one.person for one in settled.left_out],
        left_out_then=_left_out_then(work, visit),
        quorum=settled.quorum,
        busy=busy_at(work, visit),
    )


class KnownReply(Answer):
    """What somebody last answered to their invitation; ``wants`` is the start that they would rather have."""

    person: str
    answer: ReplyAnswer
    why: WhyNot | None
    said_at: datetime
    wants: datetime | None
    kept_until: datetime | None = Field(description="How long everybody is kept free then.")


@router.get(
    "/visits/{visit}/replies",
    operation_id="readReplies",
    summary="Who comes to a booked visit, and who cannot",
)
def replies(desk: Reader, visit: AnId) -> list[KnownReply]:
    """Of each person the newest answer to the visit as it is booked now."""
    found = visit_for(desk.work, VisitId(visit))
    return [
        KnownReply(
            person=one.person,
            answer=one.answer,
            why=one.why,
            said_at=one.said_at,
            wants=one.wants[0] if one.wants else None,
            kept_until=one.kept_until,
        )
        for one in replies_to(desk.work, found).values()
        if one.person not in carers_out_of_reach(desk.work, found)
    ]


def carers_out_of_reach(work: Work, visit: Visit) -> set[PersonId | None]:
    """The carers of children whose case is out of the caller's reach: they are not named."""
    return carers_besides(visit.children, children_within(work, visit))


def _times(work: Work, visit: Visit) -> tuple[ProposedTime, ...]:
    proposal = proposal_of(work, visit.id) if visit.time_open else None
    return proposal.times if proposal else ()


def _left_out_then(work: Work, visit: Visit) -> list[LeftOutThen]:
    """As of a visit that stands only whoever is of the case from which it is seen."""
    times = [one for one in _times(work, visit) if one.left_out]
    members = people.roles_in(work, visit.case) if times else {}
    return [
        LeftOutThen(
            starts_at=one.starts_at, left_out=[person for person in one.left_out if person in members]
        )
        for one in times
    ]


def shown(work: Work, visit: Visit) -> KnownVisit:
    """A visit as callers see it: nothing of rooms, legs and links, and no carer whose case is out of reach."""
    within = children_within(work, visit)
    hidden = carers_out_of_reach(work, visit)
    return KnownVisit(
        id=visit.id,
        case=visit.case,
        child=visit.child,
        children=[
            ChildOfVisit(
                child=one.child,
                case=one.case,
                plan=one.plan,
                plan_version=one.plan_version,
                caregiver=one.caregiver if one.child in within else None,
                outcome=one.outcome if one.child in within else None,
            )
            for one in visit.children
        ],
        state=visit.state,
        times=[one.starts_at for one in _times(work, visit)],
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
        participants=[
            Taking(person=p.person, account=p.account, role=p.role)
            for p in visit.participants
            if p.person is None or p.person not in hidden
        ],
    )
