"""A calendar of a family member or carer that a worker was given: only when they are busy is read from it."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.pages.access import AnId, Desk, StaffForm
from contact_service.pages.family_hours import hours_form
from contact_service.pages.forms import Posted, problem
from contact_service.pages.own_calendars import AddressForm, brought
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.visits.actions import staffing
from contact_service.working_hours import actions

router = APIRouter()


@router.post("/w/child/{child}/person/{person}/hours/calendar-file")
def read_file(
    desk: StaffForm, child: AnId, person: AnId, calendar: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Keep when they are busy; visits that are booked then are put in doubt."""
    found, member = _both(desk, child, person)
    try:
        staffing.read_family_file(desk.work, member.person, brought(calendar), zone=_zone(desk, member))
    except BadInput as error:
        return hours_form(desk, found, member, errors=problem(error))
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/hours/calendar-address")
def add_address(desk: StaffForm, child: AnId, person: AnId, form: Annotated[AddressForm, Form()]) -> Response:
    """Keep an address; it is asked within the minute by a process of its own, and then every hour."""
    found, member = _both(desk, child, person)
    try:
        actions.add_family_address(desk.work, member.person, form.address, zone=_zone(desk, member))
    except BadInput as error:
        return hours_form(desk, found, member, errors=problem(error))
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/hours/calendar/{calendar}/end")
def end(
    desk: StaffForm,
    child: AnId,
    person: AnId,
    calendar: AnId,
    form: Annotated[Posted, Form()],  # noqa: ARG001
) -> Response:
    """It counts no more, and its times are deleted."""
    _, member = _both(desk, child, person)
    actions.end_family_calendar(desk.work, member.person, calendar)
    return _back(child, person)


def _both(desk: Desk, child: str, person: str) -> tuple[Member, Member]:
    demand_people(desk)
    found = child_of(desk, child)
    return found, person_of(desk, found, person)


def _zone(desk: Desk, member: Member) -> str:
    """Times without a zone are read by the clock where they live."""
    return people.zone_of_person(desk.work, member.person)


def _back(child: str, person: str) -> RedirectResponse:
    return RedirectResponse(f"/w/child/{child}/person/{person}/hours", status_code=303)
