"""What an auditor reads for: asked before anything else of a sign-in, and shown on every page from then on."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.errors import BadInput, NotAllowed
from contact_service.pages.access import WITHOUT_PURPOSE as PATH, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.rendering import render
from contact_service.pages.words import READING_PURPOSES, choices
from contact_service.readings.actions import state_purpose
from contact_service.readings.purpose import ReadingPurpose
from contact_service.staff_door import STAFF_COOKIE

router = APIRouter()


class PurposeForm(Posted):
    """What is read for, as it was typed."""

    purpose: str = ""
    words: str = ""


@router.get(PATH)
def purpose_page(desk: StaffReading) -> HTMLResponse:
    """The question, also for whoever goes on to read for something else."""
    if not desk.work.actor.has(Role.AUDITOR):
        raise NotAllowed("Only an auditor says what they read for.")
    return _page(desk, PurposeForm(), ())


@router.post(PATH)
def say_purpose(request: Request, desk: StaffForm, form: Annotated[PurposeForm, Form()]) -> Response:
    """Keep it for this sign-in, and go to the cases."""
    purpose = ReadingPurpose(form.purpose) if form.purpose in set(ReadingPurpose) else None
    try:
        state_purpose(desk.work, request.cookies.get(STAFF_COOKIE, ""), purpose, form.words)
    except BadInput as error:
        return _page(desk, form, problem(error))
    return RedirectResponse("/w/cases", status_code=303)


def _page(desk: Desk, form: PurposeForm, errors: object) -> HTMLResponse:
    context = desk.context(purposes=choices(READING_PURPOSES), typed=form.model_dump(), errors=errors)
    page = render("staff/purpose.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
