"""Hand a visit that is near or runs to another visit supervisor or duty person; that is for people."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Id, OnVisit, demand_revision
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.visits import KnownVisit, shown
from contact_service.errors import NotAllowed
from contact_service.ids import AccountId, VisitId
from contact_service.invitations.actions.handing import hand_over
from contact_service.policy.decision import Refused
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.handing import Staff, could_take_over, is_it_time, works_with_it

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_REQUEST)]
Decider = Annotated[Desk, deciding()]


class HandOverBody(OnVisit):
    """Who shall watch and who shall answer from now on; one of them may be who does now."""

    visit_supervisor: Id
    duty: Id = Field(description="Who of the staff answers throughout what is left of the visit.")


class CouldTakeOver(Answer):
    """Of whom the rules say yes now, by name.  Those who have the visit now are not among them."""

    visit_supervisors: list[str] = Field(description="Who could watch what is left of it.")
    duty: list[str] = Field(description="Who could answer throughout what is left of it.")


@router.get(
    "/visits/{visit}/hand-over",
    response_model=CouldTakeOver,
    operation_id="findWhoCouldTakeOver",
    summary="Who could take over a visit that nobody can change any more",
)
def could(desk: Reader, visit: AnId) -> CouldTakeOver | JSONResponse:
    """For a worker or approver of every child in it; R63 says no while it can still be changed, and when it is over."""
    found = visit_for(desk.work, VisitId(visit))
    if not works_with_it(desk.work, found):
        raise NotAllowed("Only a worker or an approver of every child in a visit hands it to somebody else.")
    now = is_it_time(desk.work, found)
    if isinstance(now, Refused):
        return problems.refused(now)
    able = could_take_over(desk.work, found)
    return CouldTakeOver(
        visit_supervisors=[one.id for one in able.supervisors], duty=[one.id for one in able.duty]
    )


@router.post(
    "/visits/{visit}/hand-over",
    response_model=KnownVisit,
    operation_id="handOver",
    summary="Hand a visit to somebody else, shortly before it or in it (a person decides)",
)
def hand(desk: Decider, visit: AnId, body: HandOverBody) -> KnownVisit | JSONResponse:
    """From now on it is theirs, and they are told at once; whoever watched before is out of the room.

    A supervised visit that runs stops: nobody hears or sees anybody until the other one is there and lets it go on.
    """
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    staff = Staff(supervisor=AccountId(body.visit_supervisor), duty=AccountId(body.duty))
    before = Staff(supervisor=found.supervisor, duty=found.duty)
    result = hand_over(desk.work, found.id, staff, before=before)
    return problems.refused(result) if isinstance(result, Refused) else shown(desk.work, result)
