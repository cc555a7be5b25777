"""Placements: where children live, the most sensitive fact in the system."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter

from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Id, Line, Made
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.ids import PersonId, PlacementId
from contact_service.people.actions import placements
from contact_service.people.actions.recording import demand_person
from contact_service.people.placement import Days, NewPlacement, Placement, PlaceWords
from contact_service.people.queries.placements import placements_for
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import placing

router = APIRouter(route_class=OnceRoute, tags=["placements"])
Reader = Annotated[Desk, reading(Scope.PLACEMENTS_READ)]
Writer = Annotated[Desk, writing(Scope.PLACEMENTS_WRITE)]


class PlacementBody(Body):
    """Where a child lives from a day on; a move is a new placement and ends the one before."""

    carer: Id | None = None
    first_on: Day
    last_on: Day | None = None
    confidential: bool = True
    name: Line = ""
    area: Line = ""
    school: Line = ""


class LastDay(Body):
    """The last day of something that is open."""

    last_on: Day


class KnownPlacement(Answer):
    """A placement.  The words of a confidential one are for the child's own staff: for others they are left out."""

    id: str
    carer: str | None
    first_on: date
    last_on: date | None
    confidential: bool
    name: str | None
    area: str | None
    school: str | None


@router.get(
    "/children/{child}/placements", operation_id="listPlacements", summary="Where a child lived and lives"
)
def listed(desk: Reader, child: AnId) -> list[KnownPlacement]:
    """Newest first."""
    member = child_within_reach(desk.work, child)
    return [_shown(one) for one in placements_for(desk.work, member.person)]


@router.post(
    "/children/{child}/placements", status_code=201, operation_id="place", summary="Say where a child lives"
)
def place(desk: Writer, child: AnId, body: PlacementBody) -> Made:
    """The open placement ends the day before; no two share a day (`placements-overlap`)."""
    demand_person(desk.work, PersonId(child))
    new = NewPlacement(
        child=PersonId(child),
        carer=PersonId(body.carer) if body.carer else None,
        days=Days(first=body.first_on, last=body.last_on),
        confidential=body.confidential,
        words=PlaceWords(name=body.name, area=body.area, school=body.school),
    )
    return Made(id=placing.place(desk.work, new))


@router.post(
    "/children/{child}/placements/{placement}/end",
    operation_id="endPlacement",
    summary="Write down the last day of a placement",
)
def end(desk: Writer, child: AnId, placement: AnId, body: LastDay) -> Made:
    """Of one that is open."""
    demand_person(desk.work, PersonId(child))
    placements.end_placement(desk.work, PersonId(child), PlacementId(placement), body.last_on)
    return Made(id=placement)


def _shown(one: Placement) -> KnownPlacement:
    told = not one.concealed
    return KnownPlacement(
        id=one.id,
        carer=one.carer,
        first_on=one.days.first,
        last_on=one.days.last,
        confidential=one.confidential,
        name=one.words.name if told else None,
        area=one.words.area if told else None,
        school=one.words.school if told else None,
    )
