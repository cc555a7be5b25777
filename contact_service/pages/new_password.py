"""Set a new password with a one-time code: the way back for somebody whose password is gone, or known to another."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service import actor
from contact_service.errors import BadInput
from contact_service.factors.actions import passwords
from contact_service.identity.actions import SignInRefused
from contact_service.identity.hashing import kept_of
from contact_service.pages.access import demand_same_origin
from contact_service.pages.forms import LONGEST_LINE, Posted
from contact_service.pages.rendering import render, say
from contact_service.pages.sign_in import client_address
from contact_service.pages.site import site_of
from contact_service.rooms.actions import put_out
from contact_service.work import begin

router = APIRouter()
PATH = "/w/sign-in/new-password"


class NewPasswordForm(Posted):
    """Who somebody is, the code that they were given, and the password that they want."""

    email: str = ""
    code: str = ""
    new: str = ""


@router.get(PATH)
def new_password_page(request: Request) -> HTMLResponse:
    """The form; it is the same for everybody."""
    return _page(request, email="", field="", problem="")


@router.post(PATH)
def set_new_password(request: Request, form: Annotated[NewPasswordForm, Form()]) -> Response:
    """The new password signs in from now; or say what was wrong, and never whether the address or the code was."""
    demand_same_origin(request)
    installation, email = site_of(request).installation, form.email.strip().lower()[:LONGEST_LINE]
    with begin(installation, actor.NOBODY) as work:
        asked = passwords.ask_code(
            work, email=email, code=form.code[:LONGEST_LINE], address=client_address(request)
        )
    if isinstance(asked, SignInRefused):
        return _page(request, email=email, field="code", problem=asked.message)
    owner = asked.account
    try:  # outside any Work: nobody else waits to write meanwhile
        kept = kept_of(form.new, email=owner.email, known=(owner.name, installation.agency))
    except BadInput as error:
        return _page(request, email=email, field="new", problem=str(error))
    with begin(installation, actor.NOBODY) as work:
        refused = passwords.set_with_code(work, asked, kept)
        if not refused:
            put_out(work, owner.id)
    if refused:
        return _page(request, email=email, field="code", problem=refused.message)
    return RedirectResponse("/w/sign-in?set=yes", status_code=303)


def _page(request: Request, *, email: str, field: str, problem: str) -> HTMLResponse:
    errors = [{"field": field, "text": say(problem)}] if problem else []
    context = {"csrf": "", "agency": site_of(request).agency_name, "email": email, "errors": errors}
    return HTMLResponse(render("staff/new_password.html", context), status_code=422 if problem else 200)
