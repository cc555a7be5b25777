"""Calls to somebody who has not come to a visit: which is due, and what came of it; for its visit supervisor."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Body, Id, Line
from contact_service.api.v1.once import OnceRoute
from contact_service.ids import VisitId
from contact_service.policy.decision import Refused
from contact_service.policy.ringing import CallResult, CallTo
from contact_service.rooms.actions import keep_call
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.ringing import calls_due_in, late_calls_of, number_due
from contact_service.visits.ringing import LateCall, Rung

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.HISTORY_READ)]
Caller = Annotated[Desk, deciding()]


class KnownCall(Answer):
    """A call that was written down."""

    to: CallTo
    participant: str | None = Field(description="Who was rung; null for the duty person.")
    result: CallResult
    rung_by: str = Field(description="What the evidence calls whoever rang.")
    rung_at: datetime


class DueCall(Answer):
    """The call that is due now."""

    to: CallTo
    about: str | None = Field(description="Who is late, as a participant; null where nobody has come.")
    since: datetime = Field(description="When the other side was ready.")
    instead: bool = Field(description="Whoever is late has no number that is safe to ring.")
    number: str | None = Field(
        description="The id of the number, as `recordCall` takes it; null for the duty person."
    )
    value: str | None = Field(description="The number itself.")
    say: str = Field(description="What may be said when somebody else answers; empty for nothing.")
    confirmed: bool = Field(description="Whether somebody has found out that the number is theirs.")


class CallDueNow(Answer):
    """Whom the visit supervisor rings now; null for nobody."""

    call: DueCall | None
    also_about: list[str] = Field(
        description="Who else is late and to be rung, as participants; ask for each."
    )


class CallBody(Body):
    """Whom the visit supervisor has rung, and what came of it."""

    participant: Id | None = Field(default=None, description="May be left out for the duty person.")
    number: Line | None = Field(default=None, description="The id of the number that was rung.")
    result: CallResult


@router.get(
    "/visits/{visit}/calls", operation_id="listCalls", summary="Who was rung because they had not come"
)
def listed(desk: Reader, visit: AnId) -> list[KnownCall]:
    """The oldest first."""
    return [_shown(call) for call in late_calls_of(desk.work, VisitId(visit))]


@router.get(
    "/visits/{visit}/calls/due",
    operation_id="findCallDue",
    summary="Whom the visit supervisor is to ring now, and on which number",
)
def due(
    desk: Reader,
    visit: AnId,
    about: Annotated[
        Id | None, Query(description="Who is late; left out, whoever is to be rung first.")
    ] = None,
) -> CallDueNow:
    """For the visit supervisor alone; that a number was shown is written down as a reading."""
    found = visit_for(desk.work, VisitId(visit))
    calls = calls_due_in(desk.work, found)
    asked = next((one for one in calls if about in (None, one.about)), None)
    others = [one.about for one in calls if one is not asked and one.about]
    channel = number_due(desk.work, found, asked)
    if asked is None:
        return CallDueNow(call=None, also_about=others)
    return CallDueNow(
        also_about=others,
        call=DueCall(
            to=asked.to,
            about=asked.about,
            since=asked.since,
            instead=asked.instead,
            number=asked.number,
            value=channel.value if channel else None,
            say=channel.rule.say if channel else "",
            confirmed=channel is None or channel.confirmed_by is not None,
        ),
    )


@router.post(
    "/visits/{visit}/calls",
    response_model=list[KnownCall],
    operation_id="recordCall",
    summary="Write down a call (its visit supervisor does)",
)
def made(desk: Caller, visit: AnId, body: CallBody) -> list[KnownCall] | JSONResponse:
    """Evidence of who was rung and what came of it; from the start of the visit until it is over."""
    found = visit_for(desk.work, VisitId(visit))
    rung = Rung(participant=body.participant, number=body.number, result=body.result)
    result = keep_call(desk.work, found.id, rung)
    if isinstance(result, Refused):
        return problems.refused(result)
    return [_shown(call) for call in late_calls_of(desk.work, found.id)]


def _shown(call: LateCall) -> KnownCall:
    return KnownCall(
        to=call.to,
        participant=call.participant.id if call.participant else None,
        result=call.result,
        rung_by=call.by,
        rung_at=call.at,
    )
