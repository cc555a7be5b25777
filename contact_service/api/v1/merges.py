"""Two records of one person: said by one member of staff or a service account, agreed to by another person."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Done, Id, Made, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.approvals.actions.merging import MergeRefused, agree_to_merge
from contact_service.ids import CaseId, MergeId, PersonId
from contact_service.people.actions import merging
from contact_service.people.queries import members as people
from contact_service.people.queries.merges import MergeState, waiting_merges
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["people"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]
Decider = Annotated[Desk, deciding()]


class MergeBody(Body):
    """Two records that are one person; ``kept`` survives."""

    kept: Id
    merged: Id


class WaitingMerge(Answer):
    """A merge that nobody has decided."""

    id: str
    kept: str
    merged: str
    state: MergeState
    proposed_at: datetime


@router.get("/cases/{case}/merges", operation_id="listMerges", summary="Merges that wait for a second person")
def waiting(desk: Reader, case: AnId) -> list[WaitingMerge]:
    """Oldest first."""
    found = waiting_merges(desk.work, people.case_for(desk.work, CaseId(case)))
    return [
        WaitingMerge(id=m.id, kept=m.kept, merged=m.merged, state=m.state, proposed_at=m.proposed_at)
        for m in found
    ]


@router.post(
    "/merges", status_code=201, operation_id="proposeMerge", summary="Say that two records are one person"
)
def propose(desk: Writer, body: MergeBody) -> Made:
    """Nothing changes until somebody else agrees."""
    return Made(id=merging.propose_merge(desk.work, PersonId(body.kept), PersonId(body.merged)))


@router.post(
    "/merges/{merge}/agree",
    response_model=Done,
    operation_id="agreeToMerge",
    summary="Agree to a merge (a person decides)",
)
def agree(desk: Decider, merge: AnId, body: Nothing) -> Done | JSONResponse:  # noqa: ARG001
    """What restricts either restricts the one that is kept; records that cannot be one are `merge-refused`."""
    result = agree_to_merge(desk.work, MergeId(merge))
    if isinstance(result, MergeRefused):
        return problems.refused_merge(result.words)
    return Done(id=merge, at=desk.work.now)


@router.post(
    "/merges/{merge}/decline", operation_id="declineMerge", summary="They are two people (a person decides)"
)
def decline(desk: Decider, merge: AnId, body: Nothing) -> Done:  # noqa: ARG001  refuses unknown members
    """Both records stay."""
    merging.decline_merge(desk.work, MergeId(merge))
    return Done(id=merge, at=desk.work.now)
