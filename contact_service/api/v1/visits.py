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
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import BadInput
from contact_service.ids import VisitId
from contact_service.plans.terms import SupervisionLevel
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.finding import visit_for, visits_between
from contact_service.visits.visit import (
    EmergencyReason,
    Outcome,
    ParticipantRole,
    Visit,
    VisitState,
)

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
LONGEST_SPAN = timedelta(days=92)


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


@router.get("/visits/{visit}", operation_id="readVisit", summary="One visit")
def one(desk: Reader, visit: AnId) -> KnownVisit:
    """A visit within reach."""
    return shown(visit_for(desk.work, VisitId(visit)))


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
