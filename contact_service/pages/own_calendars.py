"""Somebody's own calendar: only when they are busy is read from it, from a file or again and again from an address."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.pages.access import AnId, StaffForm
from contact_service.pages.forms import Posted, problem
from contact_service.pages.working_hours import account_of, hours_form
from contact_service.visits.actions import staffing
from contact_service.working_hours import actions
from contact_service.working_hours.calendar_file import LARGEST_BYTES

router = APIRouter()


class AddressForm(Posted):
    """The address of a calendar, as it was typed."""

    address: str = ""


def brought(calendar: UploadFile | None) -> bytes:
    """What was brought: of too much one byte more than is allowed, so that it is known to be too much."""
    return calendar.file.read(LARGEST_BYTES + 1) if calendar is not None else b""


@router.post("/w/hours/{account}/calendar-file")
def read_file(
    desk: StaffForm, account: AnId, calendar: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Keep when they are busy; visits that are booked then are put in doubt."""
    found = account_of(desk, account)
    try:
        staffing.read_file(desk.work, found.id, brought(calendar), zone=desk.site.zone)
    except BadInput as error:
        return hours_form(desk, found, errors=problem(error))
    return RedirectResponse(f"/w/hours/{account}", status_code=303)


@router.post("/w/hours/{account}/calendar-address")
def add_address(desk: StaffForm, account: AnId, form: Annotated[AddressForm, Form()]) -> Response:
    """Keep an address; it is asked within the minute by a process of its own, and then every hour."""
    found = account_of(desk, account)
    try:
        actions.add_address(desk.work, found.id, form.address, zone=desk.site.zone)
    except BadInput as error:
        return hours_form(desk, found, errors=problem(error))
    return RedirectResponse(f"/w/hours/{account}", status_code=303)


@router.post("/w/hours/{account}/calendar/{calendar}/end")
def end(desk: StaffForm, account: AnId, calendar: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """It counts no more, and its times are deleted."""
    actions.end_calendar(desk.work, account_of(desk, account).id, calendar)
    return RedirectResponse(f"/w/hours/{account}", status_code=303)
