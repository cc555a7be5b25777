"""Court orders: what a court decided, and every later version."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Id, Line, Made, Text
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.approvals.actions.ordering import record_order
from contact_service.ids import OrderId
from contact_service.people.actions.recording import demand_person
from contact_service.people.queries import members as people
from contact_service.plans import actions, queries
from contact_service.plans.order import CourtOrder, OrderStatus, OrderSubject, OrderWords
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["orders"])
Reader = Annotated[Desk, reading(Scope.ORDERS_READ)]
Writer = Annotated[Desk, writing(Scope.ORDERS_WRITE)]


class OrderBody(Body):
    """An order as it comes in; ``replaces`` names the order of which this is the next version."""

    about: OrderSubject = Field(examples=["contact"])
    decided_on: Day = Field(examples=["2030-03-01"])
    starts_on: Day
    ends_on: Day | None = None
    status: OrderStatus = OrderStatus.IN_FORCE
    court: Line = Field(examples=["Family Court at Northmoor"])
    reference: Line = Field(examples=["NM30C00123"])
    says: Text = ""
    replaces: Id | None = None


class KnownOrder(Answer):
    """One version of one order."""

    id: str
    version: int
    child: str
    about: OrderSubject
    decided_on: date
    starts_on: date
    ends_on: date | None
    status: OrderStatus
    court: str
    reference: str
    says: str
    recorded_at: datetime


@router.get("/children/{child}/orders", operation_id="listOrders", summary="The orders about a child")
def listed(desk: Reader, child: AnId) -> list[KnownOrder]:
    """The newest version of each, newest decision first."""
    member = child_within_reach(desk.work, child)
    return [_shown(order) for order in queries.orders_of(desk.work, member.person)]


@router.get("/orders/{order}", operation_id="readOrder", summary="Every version of an order")
def versions(desk: Reader, order: AnId) -> list[KnownOrder]:
    """Newest first."""
    found = queries.order_versions(desk.work, OrderId(order))
    people.case_for(desk.work, found[0].case)
    return [_shown(one) for one in found]


@router.post(
    "/children/{child}/orders",
    status_code=201,
    operation_id="recordOrder",
    summary="Record an order, or its next version",
)
def record(desk: Writer, child: AnId, body: OrderBody) -> Made:
    """A date before the child's birth is `before-birth`."""
    member = child_within_reach(desk.work, child)
    demand_person(desk.work, member.person)
    new = actions.NewOrder(
        child=member.person,
        about=body.about,
        decided_on=body.decided_on,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        status=body.status,
        words=OrderWords(court=body.court, reference=body.reference, says=body.says),
        replaces=OrderId(body.replaces) if body.replaces else None,
    )
    return Made(id=record_order(desk.work, new))


def _shown(order: CourtOrder) -> KnownOrder:
    return KnownOrder(
        id=order.id,
        version=order.version,
        child=order.child,
        about=order.about,
        decided_on=order.decided_on,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        status=order.status,
        court=order.words.court,
        reference=order.words.reference,
        says=order.words.says,
        recorded_at=order.recorded_at,
    )
