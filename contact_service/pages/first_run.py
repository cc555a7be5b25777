"""The first administrator of an empty installation, by the code that a command printed."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service import actor
from contact_service.errors import BadInput
from contact_service.factors.actions import first_run
from contact_service.identity.actions import SignInRefused
from contact_service.identity.hashing import kept_of
from contact_service.pages.access import demand_same_origin
from contact_service.pages.forms import LONGEST_LINE, Posted
from contact_service.pages.rendering import render, say
from contact_service.pages.sign_in import client_address
from contact_service.pages.site import site_of
from contact_service.work import begin

router = APIRouter()


class FirstRunForm(Posted):
    """The code, and who becomes administrator."""

    code: str = ""
    name: str = ""
    email: str = ""
    new: str = ""


@router.get("/w/first-run")
def first_run_page(request: Request) -> HTMLResponse:
    """The form; it is the same whether or not there is an administrator."""
    return _page(request, FirstRunForm())


@router.post("/w/first-run")
def make_first_administrator(request: Request, form: Annotated[FirstRunForm, Form()]) -> Response:
    """The administrator can sign in from now; or say what was wrong."""
    demand_same_origin(request)
    installation, address = site_of(request).installation, client_address(request)
    with begin(installation, actor.NOBODY) as work:
        asked = first_run.ask_first_code(work, form.code[:LONGEST_LINE], address=address)
    if isinstance(asked, SignInRefused):
        return _page(request, form, BadInput(asked.message, "code"))
    try:
        kept = _kept(
            form, known=(form.name, installation.agency)
        )  # outside any Work: nobody waits to write meanwhile
        with begin(installation, actor.NOBODY) as work:
            made = first_run.make_first(work, asked, email=form.email, name=form.name, kept=kept)
    except BadInput as error:
        return _page(request, form, error)
    if isinstance(made, SignInRefused):
        return _page(request, form, BadInput(made.message, "code"))
    return RedirectResponse("/w/sign-in?set=yes", status_code=303)


def _kept(form: FirstRunForm, *, known: tuple[str, str]) -> str:
    if not form.name or len(form.name) > LONGEST_LINE:
        raise BadInput("Write your name, as colleagues know it.", "name")
    if len(form.email) > LONGEST_LINE:
        raise BadInput("Write an e-mail address, like name@agency.example.", "email")
    try:
        return kept_of(form.new, email=form.email, known=known)
    except BadInput as error:
        raise BadInput(str(error), "new") from None


def _page(request: Request, form: FirstRunForm, error: BadInput | None = None) -> HTMLResponse:
    errors = [{"field": error.field, "text": say(str(error))}] if error else []
    context = {"csrf": "", "agency": site_of(request).agency_name, "name": form.name, "email": form.email}
    page = render("staff/first_run.html", context | {"errors": errors})
    return HTMLResponse(page, status_code=422 if errors else 200)
