"""Which letters are to be printed for whom no message reaches.

Printing is no operation: what it makes is a link on paper, an answer is kept under its Idempotency-Key, and the secret
of a link is kept nowhere.  Somebody prints it on the page of the visit, and posts it.
"""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import Field

from contact_service.api.v1.access import Desk, reading
from contact_service.api.v1.bodies import Answer
from contact_service.api.v1.once import OnceRoute
from contact_service.invitations.queries import letters_due
from contact_service.notifications.message import MessageKind
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]


class KnownDueLetter(Answer):
    """A letter that nobody has printed yet.  It tells neither a link nor where it goes."""

    visit: str
    participant: str
    person: str
    kind: MessageKind = Field(description="An invitation, or that the visit does not take place.")
    starts_at: datetime = Field(description="Of which start it is to tell.")
    post_by: date = Field(
        description="The last day, by the agency's clock, on which posting it makes sense; public holidays not counted."
    )
    in_time: bool = Field(description="Whether that day is still to come or is today; else somebody phones.")


@router.get("/letters", operation_id="listLetters", summary="Which letters are to be printed and posted")
def listed(desk: Reader, request: Request) -> list[KnownDueLetter]:
    """To people within reach whom no message reaches, the first to post first; gone once printed on the visit's page.

    There is no operation that prints: what it would answer is a link, and answers are kept.
    """
    return [
        KnownDueLetter(
            visit=one.visit.id,
            participant=one.participant,
            person=one.person,
            kind=one.kind,
            starts_at=one.starts_at,
            post_by=one.post_by,
            in_time=one.in_time,
        )
        for one in letters_due(desk.work, ZoneInfo(request.app.state.zone))
    ]
