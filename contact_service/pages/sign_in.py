"""Sign in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service import actor
from contact_service.factors.actions.signing_in import (
    BeginAgain,
    HalfSignedIn,
    prove_code,
    sign_in as sign_in_with_password,
)
from contact_service.factors.queries import factors_of, half_signed_in
from contact_service.identity import actions as identity
from contact_service.identity.actions import SignedIn, SignInRefused
from contact_service.pages.access import StaffForm, demand_same_origin
from contact_service.pages.forms import LONGEST_LINE, Posted
from contact_service.pages.rendering import render, say
from contact_service.pages.site import site_of
from contact_service.rooms.actions import put_out
from contact_service.staff_door import STAFF_COOKIE
from contact_service.work import begin, read

router = APIRouter()
HALF_COOKIE = "__Host-half"


class SignInForm(Posted):
    """An address and a password."""

    email: str
    password: str


class CodeForm(Posted):
    """A code of an app, or a recovery code."""

    code: str


@router.get("/")
def front() -> Response:
    """Staff start at their day; families come by link."""
    return RedirectResponse("/w/today", status_code=303)


@router.get("/w/sign-in")
def sign_in_page(request: Request, again: str = "", set: str = "") -> HTMLResponse:  # noqa: A002  as in the address
    """The sign-in form; ``again`` says why it is asked for once more, ``set`` that a new password was set."""
    return _page(request, email="", problem="", again=bool(again), password_set=bool(set))


@router.post("/w/sign-in")
def sign_in(request: Request, form: Annotated[SignInForm, Form()]) -> Response:
    """Start a session, ask for a code, or say that something was wrong without saying what."""
    demand_same_origin(request)
    installation, address = site_of(request).installation, client_address(request)
    with begin(installation, actor.NOBODY) as work:
        asked = identity.ask_password(work, email=form.email[:LONGEST_LINE], address=address)
    if isinstance(asked, SignInRefused):
        return _page(request, email=form.email[:LONGEST_LINE], problem=asked.message)
    right = asked.is_right(form.password)  # between the two: nobody else waits to write meanwhile
    with begin(installation, actor.NOBODY) as work:
        result = sign_in_with_password(work, asked, right=right, address=address)
    match result:
        case SignInRefused(message=message):
            return _page(request, email=form.email[:LONGEST_LINE], problem=message)
        case HalfSignedIn(token=token):
            return _with_cookie(RedirectResponse("/w/sign-in/code", status_code=303), HALF_COOKIE, token)
        case SignedIn():
            return signed_in(RedirectResponse("/w/today", status_code=303), result)


@router.get("/w/sign-in/code")
def code_page(request: Request) -> Response:
    """The question for a code, to whom a password was asked of just now; everybody else begins anew."""
    return _code_page(request, problem="")


@router.post("/w/sign-in/code")
def sign_in_code(request: Request, form: Annotated[CodeForm, Form()]) -> Response:
    """Start a session with a token of its own, or say that the code was wrong."""
    demand_same_origin(request)
    token = request.cookies.get(HALF_COOKIE, "")
    with begin(site_of(request).installation, actor.NOBODY) as work:
        result = prove_code(work, token, form.code[:LONGEST_LINE], address=client_address(request))
    match result:
        case SignInRefused(message=message):
            return _code_page(request, problem=message)
        case BeginAgain():
            return _without_half(RedirectResponse("/w/sign-in?again=yes", status_code=303))
        case SignedIn():
            return signed_in(RedirectResponse("/w/today", status_code=303), result)


def client_address(request: Request) -> str:
    """Where the request comes from, as the server sees it."""
    return request.client.host if request.client else ""


def signed_in(answer: Response, result: SignedIn) -> Response:
    """``answer`` with the session's cookie; a half-done sign-in is over."""
    return _without_half(_with_cookie(answer, STAFF_COOKIE, result.token))


def _with_cookie(answer: Response, name: str, token: str) -> Response:
    answer.set_cookie(name, token, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _without_half(answer: Response) -> Response:
    answer.delete_cookie(HALF_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _code_page(request: Request, *, problem: str) -> Response:
    site, token = site_of(request), request.cookies.get(HALF_COOKIE, "")
    with read(site.installation, actor.NOBODY) as work:
        half = half_signed_in(work, token)
        factors = factors_of(work, half) if half else None
    if factors is None:
        return RedirectResponse("/w/sign-in", status_code=303)
    errors = [{"field": "code", "text": say(problem)}] if problem else []
    context = {
        "csrf": "",
        "agency": site.agency_name,
        "errors": errors,
        "has_app": factors.app_since is not None,
    }
    page = render("staff/sign_in_code.html", context | {"has_passkey": bool(factors.passkeys)})
    return HTMLResponse(page, status_code=422 if problem else 200)


@router.post("/w/sign-out")
def sign_out(request: Request, desk: StaffForm) -> Response:
    """End the session and forget what the browser holds; whoever watches a visit with it is out of its room."""
    identity.sign_out(desk.work, request.cookies.get(STAFF_COOKIE, ""))
    put_out(desk.work, desk.account.id)
    answer = RedirectResponse("/w/sign-in", status_code=303)
    answer.delete_cookie(STAFF_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _page(
    request: Request, *, email: str, problem: str, again: bool = False, password_set: bool = False
) -> HTMLResponse:
    errors = [{"field": "password", "text": say(problem)}] if problem else []
    context = {
        "csrf": "",
        "agency": site_of(request).agency_name,
        "email": email,
        "errors": errors,
        "again": again,
        "password_set": password_set,
        "through_agency": site_of(request).provider is not None,
    }
    return HTMLResponse(render("staff/sign_in.html", context), status_code=422 if problem else 200)
