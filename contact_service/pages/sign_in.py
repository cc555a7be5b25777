"""Sign in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service import actor
from contact_service.identity import actions as identity
from contact_service.identity.actions import SignInRefused
from contact_service.pages.access import StaffForm, demand_same_origin
from contact_service.pages.forms import LONGEST_LINE, Posted
from contact_service.pages.rendering import render, say
from contact_service.pages.site import site_of
from contact_service.staff_door import STAFF_COOKIE
from contact_service.work import begin

router = APIRouter()


class SignInForm(Posted):
    """An address and a password."""

    email: str
    password: str


@router.get("/")
def front() -> Response:
    """Staff start at their day; families come by link."""
    return RedirectResponse("/w/today", status_code=303)


@router.get("/w/sign-in")
def sign_in_page(request: Request) -> HTMLResponse:
    """The sign-in form."""
    return _page(request, email="", problem="")


@router.post("/w/sign-in")
def sign_in(request: Request, form: Annotated[SignInForm, Form()]) -> Response:
    """Start a session, or say that something was wrong without saying what."""
    demand_same_origin(request)
    address = request.client.host if request.client else ""
    with begin(site_of(request).installation, actor.NOBODY) as work:
        result = identity.sign_in(
            work, email=form.email[:LONGEST_LINE], password=form.password, address=address
        )
    if isinstance(result, SignInRefused):
        return _page(request, email=form.email[:LONGEST_LINE], problem=result.message)
    answer = RedirectResponse("/w/today", status_code=303)
    answer.set_cookie(STAFF_COOKIE, result.token, path="/", secure=True, httponly=True, samesite="strict")
    return answer


@router.post("/w/sign-out")
def sign_out(request: Request, desk: StaffForm) -> Response:
    """End the session and forget what the browser holds."""
    identity.sign_out(desk.work, request.cookies.get(STAFF_COOKIE, ""))
    answer = RedirectResponse("/w/sign-in", status_code=303)
    answer.delete_cookie(STAFF_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _page(request: Request, *, email: str, problem: str) -> HTMLResponse:
    errors = [{"field": "password", "text": say(problem)}] if problem else []
    context = {"csrf": "", "agency": site_of(request).agency_name, "email": email, "errors": errors}
    return HTMLResponse(render("staff/sign_in.html", context), status_code=422 if problem else 200)
