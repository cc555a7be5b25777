"""Restrictions: record one, ask to lift it; lifting and going on are decided by people."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Done, Id, Moment, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.ids import CaseId, OrderId, PersonId, RestrictionId
from contact_service.invitations.actions import stopping
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.restrictions import queries
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import (
    Restriction,
    RestrictionKind,
    RestrictionSource,
    RestrictionState,
    StopReason,
)
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["restrictions"])
Reader = Annotated[Desk, reading(Scope.RESTRICTIONS_READ)]
Writer = Annotated[Desk, writing(Scope.RESTRICTIONS_WRITE)]
Decider = Annotated[Desk, deciding()]


class RestrictionBody(Body):
    """A restriction on ``person``: from the child, for ``apart`` from ``other``, or with ``everybody`` from all."""

    kind: RestrictionKind = Field(examples=["no_contact"])
    person: Id
    other: Id | None = Field(default=None, description="Only for `apart`: from whom they are kept apart.")
    everybody: bool = Field(default=False, description="Barred from everybody in the case.")
    source: RestrictionSource
    reason: StopReason | None = Field(default=None, description="Needed for `suspended`: the notice says it.")
    order: Id | None = None
    starts_at: Moment | None = Field(default=None, description="Now when it is left out.")
    ends_at: Moment | None = None


class OrderBody(Body):
    """The order by which an urgent stop goes on."""

    order: Id | None = None


class KnownRestriction(Answer):
    """A restriction and where it stands."""

    id: str
    case: str
    kind: RestrictionKind
    people: list[str]
    source: RestrictionSource
    reason: StopReason | None
    order: str | None
    state: RestrictionState
    starts_at: datetime
    ends_at: datetime | None
    lift_asked: bool


@router.get(
    "/cases/{case}/restrictions", operation_id="listRestrictions", summary="Every restriction of a case"
)
def listed(desk: Reader, case: AnId) -> list[KnownRestriction]:
    """Newest first, those that ended included."""
    found = queries.restrictions_of(desk.work, people.case_for(desk.work, CaseId(case)))
    return [shown(desk, one) for one in found]


@router.post(
    "/children/{child}/restrictions",
    status_code=201,
    response_model=KnownRestriction,
    operation_id="restrict",
    summary="Put a restriction in force",
)
def restrict(desk: Writer, child: AnId, body: RestrictionBody) -> KnownRestriction | JSONResponse:
    """Booked visits that it forbids are suspended and a live one ends, in the same transaction."""
    member = child_within_reach(desk.work, child)
    other: PersonId | None = None if body.everybody else member.person
    if body.kind is RestrictionKind.APART:
        other = PersonId(body.other) if body.other else None
    new = NewRestriction(
        kind=body.kind,
        person=PersonId(body.person),
        other=other,
        source=body.source,
        reason=body.reason,
        order=OrderId(body.order) if body.order else None,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    result = stopping.restrict(desk.work, member.case, new)
    return problems.refused(result) if isinstance(result, Refused) else shown(desk, result)


@router.post(
    "/restrictions/{restriction}/ask-to-lift",
    operation_id="askToLift",
    summary="The first of two people asks",
)
def ask_to_lift(desk: Writer, restriction: AnId, body: Nothing) -> Done:  # noqa: ARG001  refuses unknown members
    """Nothing changes until a second person agrees."""
    stopping.ask_to_lift(desk.work, RestrictionId(restriction))
    return Done(id=restriction, at=desk.work.now)


@router.post(
    "/restrictions/{restriction}/lift",
    response_model=KnownRestriction,
    operation_id="liftRestriction",
    summary="The second of two people agrees (a person decides)",
)
def lift(desk: Decider, restriction: AnId, body: Nothing) -> KnownRestriction | JSONResponse:  # noqa: ARG001
    """It binds no more from now."""
    result = stopping.lift(desk.work, RestrictionId(restriction))
    return problems.refused(result) if isinstance(result, Refused) else shown(desk, result)


@router.post(
    "/restrictions/{restriction}/go-on",
    response_model=KnownRestriction,
    operation_id="goOnByOrder",
    summary="An urgent stop goes on by a court order (a person decides)",
)
def go_on(desk: Decider, restriction: AnId, body: OrderBody) -> KnownRestriction | JSONResponse:
    """Only under an order that stands and allows it."""
    order = OrderId(body.order) if body.order else None
    result = stopping.go_on_by_order(desk.work, RestrictionId(restriction), order)
    return problems.refused(result) if isinstance(result, Refused) else shown(desk, result)


def shown(desk: Desk, one: Restriction) -> KnownRestriction:
    """A restriction as callers see it."""
    return KnownRestriction(
        id=one.id,
        case=one.case,
        kind=one.kind,
        people=sorted(one.people),
        source=one.source,
        reason=one.reason,
        order=one.order,
        state=one.state(desk.work.now),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        lift_asked=one.lift_asked_by is not None,
    )
