"""A child's court orders: recorded as they come, and followed by their next version; none is ever edited."""

from dataclasses import replace
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.approvals.actions.ordering import record_order
from contact_service.errors import BadInput, Conflict, NotFound
from contact_service.ids import OrderId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, day_or_none, problem
from contact_service.pages.reach import child_of, demand_people, may_know_people
from contact_service.pages.rendering import render, say
from contact_service.pages.words import ORDER_STATUSES, ORDER_SUBJECTS, choices
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.actions import NewOrder
from contact_service.plans.order import CourtOrder, OrderStatus, OrderSubject, OrderWords

router = APIRouter()


class OrderForm(Posted):
    """An order, or its next version, as it was typed."""

    about: str = ""
    court: str = ""
    reference: str = ""
    decided_on: str = ""
    starts_on: str = ""
    ends_on: str = ""
    status: str = ""
    says: str = ""


class DischargeForm(Posted):
    """The day on which the court took an order away."""

    discharged_on: str = ""


@router.get("/w/child/{child}/orders")
def orders_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """Every order about the child, and a form for one more."""
    return _list(desk, child_of(desk, child), OrderForm(status=OrderStatus.IN_FORCE))


@router.post("/w/child/{child}/orders")
def record(desk: StaffForm, child: AnId, form: Annotated[OrderForm, Form()]) -> Response:
    """Keep an order."""
    demand_people(desk)
    member = child_of(desk, child)
    try:
        order = record_order(desk.work, _read(member, form))
    except BadInput as error:
        return _list(desk, member, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/order/{order}", status_code=303)


@router.get("/w/child/{child}/order/{order}")
def order_page(desk: StaffReading, child: AnId, order: AnId) -> HTMLResponse:
    """One order with its versions, and forms for what the court decided since."""
    member = child_of(desk, child)
    versions = _versions(desk, member, order)
    return _one(desk, member, versions, _typed(versions[0]))


@router.post("/w/child/{child}/order/{order}")
def vary(desk: StaffForm, child: AnId, order: AnId, form: Annotated[OrderForm, Form()]) -> Response:
    """Keep the next version; the one before stays to be read."""
    demand_people(desk)
    member = child_of(desk, child)
    versions = _versions(desk, member, order)
    try:
        record_order(desk.work, replace(_read(member, form), replaces=versions[0].id))
    except BadInput as error:
        return _one(desk, member, versions, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/order/{order}", status_code=303)


@router.post("/w/child/{child}/order/{order}/discharge")
def discharge(desk: StaffForm, child: AnId, order: AnId, form: Annotated[DischargeForm, Form()]) -> Response:
    """Keep that the court took the order away."""
    demand_people(desk)
    member = child_of(desk, child)
    versions = _versions(desk, member, order)
    if versions[0].status is OrderStatus.DISCHARGED:
        raise Conflict("This order is discharged already. Load the page again.")
    try:
        record_order(desk.work, _discharged(versions[0], form))
    except BadInput as error:
        told = [{"field": "discharged_on", "text": problem(error)[0]["text"]}]
        return _one(desk, member, versions, _typed(versions[0]), discharging=form.discharged_on, errors=told)
    return RedirectResponse(f"/w/child/{child}/order/{order}", status_code=303)


def order_shown(desk: Desk, order: CourtOrder) -> dict[str, object]:
    """One version of an order: who decided what, from when to when, and whether it stands today."""
    today = desk.work.now.astimezone(ZoneInfo(people.zone_of(desk.work, order.case))).date()
    return {
        "id": order.id,
        "version": order.version,
        "about": say(ORDER_SUBJECTS[order.about]),
        "forbids": order.about is OrderSubject.NO_CONTACT,
        "court": order.words.court,
        "reference": order.words.reference,
        "says": order.words.says,
        "decided_on": order.decided_on,
        "starts_on": order.starts_on,
        "ends_on": order.ends_on,
        "status": say(ORDER_STATUSES[order.status]),
        "standing": _standing(order, stands=order.stands_on(today), ahead=today < order.starts_on),
        "recorded_at": order.recorded_at,
    }


def _standing(order: CourtOrder, *, stands: bool, ahead: bool) -> str:
    if stands:
        return "stands"
    return "ahead" if ahead and order.status is not OrderStatus.DISCHARGED else "over"


def _versions(desk: Desk, child: Member, order: str) -> list[CourtOrder]:
    versions = plans.order_versions(desk.work, OrderId(order))
    if versions[0].child != child.person:
        raise NotFound
    return versions


def _read(child: Member, form: OrderForm) -> NewOrder:
    if form.about not in set(OrderSubject):
        raise BadInput("Choose what the order is about.", "about")
    if form.status not in set(OrderStatus):
        raise BadInput("Choose whether it stands.", "status")
    decided_on = day_of(form.decided_on, "decided_on")
    return NewOrder(
        child=child.person,
        about=OrderSubject(form.about),
        decided_on=decided_on,
        starts_on=day_or_none(form.starts_on, "starts_on") or decided_on,
        ends_on=day_or_none(form.ends_on, "ends_on"),
        status=OrderStatus(form.status),
        words=OrderWords(court=form.court, reference=form.reference, says=form.says),
    )


def _discharged(order: CourtOrder, form: DischargeForm) -> NewOrder:
    decided_on = day_of(form.discharged_on, "discharged_on")
    if decided_on < order.decided_on:
        raise BadInput("This is before the court made the order. Check the date.", "discharged_on")
    return NewOrder(
        child=order.child,
        about=order.about,
        decided_on=decided_on,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        status=OrderStatus.DISCHARGED,
        words=order.words,
        replaces=order.id,
    )


def _typed(order: CourtOrder) -> OrderForm:
    """The order as the form of its next version shows it before anything is typed."""
    return OrderForm(
        about=order.about,
        court=order.words.court,
        reference=order.words.reference,
        starts_on=order.starts_on.isoformat(),
        ends_on=order.ends_on.isoformat() if order.ends_on else "",
        status=OrderStatus.VARIED,
        says=order.words.says,
    )


def _list(
    desk: Desk, child: Member, form: OrderForm, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        orders=[order_shown(desk, order) for order in plans.orders_of(desk.work, child.person)],
        **_form(desk, form, errors),
    )
    page = render("staff/orders.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _one(
    desk: Desk,
    child: Member,
    versions: list[CourtOrder],
    form: OrderForm,
    *,
    discharging: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        order=order_shown(desk, versions[0]),
        earlier=[order_shown(desk, order) for order in versions[1:]],
        discharging=discharging,
        discharged=versions[0].status is OrderStatus.DISCHARGED,
        **_form(desk, form, errors),
    )
    page = render("staff/order.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _form(desk: Desk, form: OrderForm, errors: list[dict[str, str]] | None) -> dict[str, object]:
    return {
        "may_change": may_know_people(desk),
        "subjects": choices(ORDER_SUBJECTS),
        "statuses": choices(ORDER_STATUSES),
        "form": form.model_dump(exclude={"csrf", "once"}),
        "errors": errors or [],
        "refusals": [],
    }
