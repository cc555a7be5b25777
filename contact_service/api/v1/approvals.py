"""Decide on what was asked for, and on what is in doubt; both are for people."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import (
    AnId,
    Answer,
    Line,
    OnVisit,
    Text,
    demand_revision,
)
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.problems import RefusingRule
from contact_service.api.v1.visits import KnownVisit, shown
from contact_service.follow_ups.follow_up import REASONS, FollowUpKind
from contact_service.ids import VisitId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import proposing
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions.doubting import clear_doubt
from contact_service.visits.queries.doubting import doubts
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.repairing import repairs_for
from contact_service.visits.reasons import DeclineReason

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Decider = Annotated[Desk, deciding()]


class ClearBody(OnVisit):
    """Why a visit that is in doubt stands all the same, or what was done about it."""

    reason: Line = Field(examples=["visit_stands"], description=", ".join(REASONS[FollowUpKind.IN_DOUBT]))
    text: Text = Field(
        default="", description="Why, in words; needed while rules speak against the visit. Sealed."
    )


class DeclineBody(OnVisit):
    """Why an approver says no."""

    reason: DeclineReason
    remark: Text = Field(default="", description="Sealed; a text that makes contact a punishment is refused.")


class DoubtedVisit(Answer):
    """A booked visit, and what speaks against it now; no rules where it has been put right."""

    visit: str
    rules: list[RefusingRule]
    due_at: datetime


class RepairTime(Answer):
    """A start near the one that is booked, and who would watch."""

    starts_at: datetime
    visit_supervisor: str


class FoundRepairs(Answer):
    """Who else could watch it at its own time, and other times; ``fixed``: why it cannot change any more."""

    visit_supervisors: list[str]
    times: list[RepairTime]
    fixed: list[RefusingRule]
    duty: list[str] = Field(description="Who else could answer throughout the visit as it is.")


@router.post(
    "/visits/{visit}/approve",
    response_model=KnownVisit,
    operation_id="approveVisit",
    summary="Approve a request (a person decides)",
)
def approve(desk: Decider, visit: AnId, body: OnVisit) -> KnownVisit | JSONResponse:
    """Never one's own, nor that of a service account one answers for.  With several times, the family chooses then."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    result = proposing.approve(desk.work, found.id)
    return problems.refused(result) if isinstance(result, Refused) else shown(desk.work, result)


@router.post(
    "/visits/{visit}/decline",
    response_model=KnownVisit,
    operation_id="declineVisit",
    summary="Say no to a request (a person decides)",
)
def decline(desk: Decider, visit: AnId, body: DeclineBody) -> KnownVisit | JSONResponse:
    """With a coded reason; the family was never told of the request."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    result = inviting.decline(desk.work, found.id, body.reason, body.remark)
    return problems.refused(result) if isinstance(result, Refused) else shown(desk.work, result)


@router.get(
    "/visits-in-doubt", operation_id="listDoubts", summary="Booked visits that a later fact put in doubt"
)
def in_doubt(desk: Reader) -> list[DoubtedVisit]:
    """Those that the caller is asked to look at, the most urgent first."""
    return [
        DoubtedVisit(visit=doubt.visit.id, rules=problems.rules_of(doubt.reasons), due_at=doubt.due_at)
        for doubt in doubts(desk.work)
    ]


@router.get(
    "/visits/{visit}/repairs",
    operation_id="findRepairs",
    summary="Who else could watch a booked visit, and the nearest times at which it could be",
)
def repairs(desk: Reader, visit: AnId) -> FoundRepairs:
    """What every rule would allow now.  Holds nothing; change the visit to take one."""
    found = repairs_for(desk.work, visit_for(desk.work, VisitId(visit)))
    return FoundRepairs(
        visit_supervisors=list(found.supervisors),
        times=[
            RepairTime(starts_at=one.starts_at, visit_supervisor=one.supervisors[0]) for one in found.times
        ],
        fixed=problems.rules_of(found.fixed),
        duty=list(found.duty),
    )


@router.post(
    "/visits/{visit}/clear-doubt",
    response_model=KnownVisit,
    operation_id="clearDoubt",
    summary="Say why a visit in doubt stands (a person decides)",
)
def clear(desk: Decider, visit: AnId, body: ClearBody) -> KnownVisit | JSONResponse:
    """The visit itself does not change; cancel or change it where it cannot stand."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    refused = clear_doubt(desk.work, found.id, body.reason, body.text)
    return problems.refused(refused) if refused else shown(desk.work, found)
