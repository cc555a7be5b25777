"""What waits: for an approver, and for whoever must do something next."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from contact_service.actor import Role
from contact_service.api.v1 import plans, restrictions, visits
from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Done, Reason
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import NotAllowed
from contact_service.follow_ups import actions, queries as follow_ups
from contact_service.follow_ups.follow_up import REASONS, FollowUpKind, ForRole
from contact_service.ids import FollowUpId
from contact_service.people.queries import members as people
from contact_service.plans.queries import proposed_plans
from contact_service.proposals.queries import visits_to_decide
from contact_service.restrictions.queries import lifts_asked, urgent_stops
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["waiting"])
VisitReader = Annotated[Desk, reading(Scope.VISITS_READ)]
Reader = Annotated[Desk, reading(Scope.FOLLOW_UPS_READ)]
Writer = Annotated[Desk, writing(Scope.FOLLOW_UPS_WRITE)]


class Waiting(Answer):
    """Everything within reach that waits for an approver."""

    visits: list[visits.KnownVisit]
    plans: list[plans.KnownPlan]
    lifts: list[restrictions.KnownRestriction]
    urgent_stops: list[restrictions.KnownRestriction]


class KnownFollowUp(Answer):
    """Something that somebody must do."""

    id: str
    case: str
    kind: FollowUpKind
    for_role: ForRole
    visit: str | None
    person: str | None
    made_at: datetime
    due_at: datetime


class DoneBody(Reason):
    """Why it is done."""

    reason: str = Field(
        examples=["spoken_to_them"],
        description="; ".join(f"{kind}: {', '.join(codes)}" for kind, codes in REASONS.items()),
    )


@router.get("/approvals", operation_id="listApprovals", summary="What waits for an approver")
def approvals(desk: VisitReader) -> Waiting:
    """For approvers, and for service accounts that may read visits; deciding is for people."""
    work = desk.work
    if desk.machine is None and not work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver decides on visits.")
    reach = set(people.cases_of(work))
    stops = [
        one
        for one in urgent_stops(work)
        if one.case in reach and one.order is None and one.in_force(work.now)
    ]
    sees_plans = desk.machine is None or Scope.PLANS_READ in desk.machine.scopes
    sees_restrictions = desk.machine is None or Scope.RESTRICTIONS_READ in desk.machine.scopes
    return Waiting(
        visits=[visits.shown(desk.work, visit) for visit in visits_to_decide(work)],
        plans=[plans.shown(plan) for plan in proposed_plans(work)] if sees_plans else [],
        lifts=[restrictions.shown(desk, one) for one in lifts_asked(work)] if sees_restrictions else [],
        urgent_stops=[restrictions.shown(desk, one) for one in stops] if sees_restrictions else [],
    )


@router.get("/follow-ups", operation_id="listFollowUps", summary="What must be done next")
def listed(desk: Reader) -> list[KnownFollowUp]:
    """What is asked of the caller's roles in cases within reach, the most urgent first."""
    return [
        KnownFollowUp(
            id=one.id,
            case=one.case,
            kind=one.kind,
            for_role=one.for_role,
            visit=one.visit,
            person=one.person,
            made_at=one.made_at,
            due_at=one.due_at,
        )
        for one in follow_ups.open_follow_ups(desk.work)
    ]


@router.post("/follow-ups/{follow_up}/done", operation_id="followUpDone", summary="Say that it was done")
def done(desk: Writer, follow_up: AnId, body: DoneBody) -> Done:
    """With a coded reason."""
    actions.mark_done(desk.work, FollowUpId(follow_up), body.reason)
    return Done(id=follow_up, at=desk.work.now)
