"""Who answers for the data, and on what basis: written down by an administrator, read by whoever checks."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.accountability.actions import write_statement
from contact_service.accountability.queries import statements
from contact_service.accountability.statement import NewStatement
from contact_service.actor import Role
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity.queries import names_by_ref
from contact_service.ids import Ref
from contact_service.pages.access import Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.rendering import render, say

router = APIRouter()
PATH = "/w/data-protection"
_READERS = (Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR)


class StatementForm(Posted):
    """What is written down, as it was typed."""

    assessed_on: str = ""
    reference: str = ""
    controller: str = ""
    legal_bases: str = ""
    processors: str = ""


@router.get(PATH)
def data_protection_page(desk: StaffReading, kept: str = "") -> HTMLResponse:
    """What is written down now, who wrote it, and every earlier version; ``kept``: it just was."""
    _demand_reader(desk)
    notice = say("It is written down. People can be entered.") if kept else None
    return _page(desk, None, (), notice=notice)


@router.post(PATH)
def write_down(desk: StaffForm, form: Annotated[StatementForm, Form()]) -> Response:
    """Keep it as the next version."""
    _demand_reader(desk)
    try:
        write_statement(desk.work, _new(form))
    except BadInput as error:
        return _page(desk, form, problem(error))
    return RedirectResponse(f"{PATH}?kept=yes", status_code=303)


def _demand_reader(desk: Desk) -> None:
    if not any(desk.work.actor.has(role) for role in _READERS):
        raise NotAllowed("Administrators, approvers and auditors read this.")


def _new(form: StatementForm) -> NewStatement:
    try:
        day = date.fromisoformat(form.assessed_on)
    except ValueError:
        raise BadInput("Write the day on which the assessment was agreed.", "assessed_on") from None
    return NewStatement(
        assessed_on=day,
        reference=form.reference,
        controller=form.controller,
        legal_bases=form.legal_bases,
        processors=form.processors,
    )


def _page(
    desk: Desk, form: StatementForm | None, errors: object, *, notice: str | None = None
) -> HTMLResponse:
    names = names_by_ref(desk.work)
    versions = [
        asdict(one) | {"by": names.get(Ref(one.entered_by), say("the command line"))}
        for one in statements(desk.work)
    ]
    typed = (form or StatementForm()).model_dump()
    if form is None and versions:
        typed = versions[0] | {"assessed_on": versions[0]["assessed_on"].isoformat()}
    context = desk.context(
        versions=versions,
        typed=typed,
        may_write=desk.work.actor.has(Role.ADMINISTRATOR),
        errors=errors,
        notice=notice,
    )
    page = render("staff/data_protection.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
