"""A case that is opened in an emergency by somebody who has it not, and the look at it afterwards: all for people."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Line, Nothing, Text
from contact_service.api.v1.once import OnceRoute
from contact_service.audit.events import EventType
from contact_service.emergency_access.actions import (
    Asked,
    NotOpened,
    end_emergency_access,
    open_in_emergency,
    review_emergency_access,
)
from contact_service.emergency_access.queries import emergency_accesses_for
from contact_service.ids import EmergencyAccessId
from contact_service.people.emergency_access import AccessReason, EmergencyAccess, Finding
from contact_service.policy.decision import Refused
from contact_service.staff_door import demand_proof

router = APIRouter(route_class=OnceRoute, tags=["people"])
Reader = Annotated[Desk, reading(None)]
Decider = Annotated[Desk, deciding()]
_STATUS = {NotOpened.NOTHING_FITS: (422, "Nothing fits"), NotOpened.TOO_MANY_TRIES: (429, "Too many tries")}
_DETAIL = {
    NotOpened.NOTHING_FITS: "What was sent fits no record, or more than one.",
    NotOpened.TOO_MANY_TRIES: "Ring an approver, or wait an hour.",
}


class OpenBody(Body):
    """Whose record, and why it cannot wait.  A birthday or somebody else of the case must be named too."""

    name: Line = Field(examples=["Mia Marlowe"], description="The child's whole name.")
    born_on: Day | None = None
    other: Line = Field(default="", description="The whole name of somebody else of the case.")
    reason: AccessReason
    words: Text = Field(description="What has happened, and what the record is needed for.  Sealed.")


class ReviewBody(Body):
    """What was found; words are needed unless it was right."""

    finding: Finding
    words: Text = ""


class OpenedCase(Answer):
    """The case is within reach until the access is over."""

    id: str
    child: str


class KnownReview(Answer):
    """Who looked at it, and what they found."""

    by: str
    at: datetime
    finding: Finding
    words: str


class KnownAccess(Answer):
    """A case that a member of staff opened in an emergency."""

    id: str
    case: str
    child: str
    account: str
    reason: AccessReason
    words: str
    opened_at: datetime
    until: datetime
    ended_at: datetime | None
    review_due_at: datetime
    review: KnownReview | None


@router.get(
    "/emergency-accesses", operation_id="listEmergencyAccesses", summary="Who opened a case in an emergency"
)
def accesses(desk: Reader) -> list[KnownAccess]:
    """Newest first: all for approvers and auditors, for a worker their own and those of their cases.

    Words are empty where the case is out of reach, and 30 days after somebody looked at it; else this is a reading.
    """
    return [_shown(one) for one in emergency_accesses_for(desk.work)]


@router.post(
    "/emergency-accesses",
    status_code=201,
    response_model=OpenedCase,
    operation_id="openEmergencyAccess",
    summary="Open a case that is not one's own, because it cannot wait (a person decides)",
)
def open_access(desk: Decider, body: OpenBody) -> OpenedCase | JSONResponse:
    """Its workers and the approvers are told at once; every reading is marked, and somebody looks at it afterwards."""
    demand_proof(desk.work, EventType.BREAKGLASS_OPENED)
    asked = Asked(
        name=body.name, born_on=body.born_on, other=body.other, reason=body.reason, words=body.words
    )
    found = open_in_emergency(desk.work, asked)
    if isinstance(found, Refused):
        return problems.refused(found)
    if isinstance(found, NotOpened):
        status, title = _STATUS[found]
        kind = problems.TYPES + found.replace("_", "-")
        return problems.answer(problems.Problem(type=kind, title=title, status=status, detail=_DETAIL[found]))
    return OpenedCase(id=found.access, child=found.child)


@router.post(
    "/emergency-accesses/{access}/end",
    operation_id="endEmergencyAccess",
    summary="End an emergency access before its time (a person decides)",
)
def end(desk: Decider, access: AnId, body: Nothing) -> KnownAccess:  # noqa: ARG001  refuses unknown members
    """For whoever opened it, the case's own workers and the approvers."""
    return _shown(end_emergency_access(desk.work, EmergencyAccessId(access)))


@router.post(
    "/emergency-accesses/{access}/review",
    response_model=KnownAccess,
    operation_id="reviewEmergencyAccess",
    summary="Write down whether an emergency access was right (a person decides)",
)
def review(desk: Decider, access: AnId, body: ReviewBody) -> KnownAccess | JSONResponse:
    """For an approver who did not open it, once it is over."""
    found = review_emergency_access(desk.work, EmergencyAccessId(access), body.finding, body.words)
    return problems.refused(found) if isinstance(found, Refused) else _shown(found)


def _shown(one: EmergencyAccess) -> KnownAccess:
    review = one.review
    return KnownAccess(
        id=one.id,
        case=one.case,
        child=one.child,
        account=one.account,
        reason=one.reason,
        words=one.words,
        opened_at=one.opened_at,
        until=one.until,
        ended_at=one.ended_at,
        review_due_at=one.review_due_at,
        review=KnownReview(by=review.by, at=review.at, finding=review.finding, words=review.words)
        if review
        else None,
    )
