"""What the script of the sign-in pages asks: make a passkey, sign in with one.  Answers to scripts are JSON."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from contact_service import actor
from contact_service.audit.event_types import EventType
from contact_service.errors import BadInput
from contact_service.factors.actions import passkeys
from contact_service.factors.factor import PASSKEY_NAME_MAXIMUM
from contact_service.factors.passkeys import Place
from contact_service.identity.actions import SESSION_TOKEN_BYTES, SignInRefused
from contact_service.pages.access import AnId, StaffJson, demand_same_origin
from contact_service.pages.account import BASE, account_view
from contact_service.pages.again import AgainForm, AgainJson
from contact_service.pages.forms import Json, problem
from contact_service.pages.rendering import say
from contact_service.pages.sign_in import client_address, signed_in
from contact_service.pages.site import Site, site_of
from contact_service.rooms.actions import put_out
from contact_service.staff_door import STAFF_COOKIE, demand_proof
from contact_service.work import begin

router = APIRouter()
ASKED_COOKIE = "__Host-asked"


class MadeBody(Json):
    """What the browser made, and what its owner calls it."""

    name: str = Field(default="", max_length=PASSKEY_NAME_MAXIMUM)
    passkey: dict[str, Any]


class SignedBody(Json):
    """What the browser signed."""

    passkey: dict[str, Any]


@router.post(f"{BASE}/passkeys/ask")
def ask_to_make(again: AgainJson, request: Request) -> Response:
    """What a passkey is made of, after the password."""
    desk = again.desk
    try:
        again.demand()
        # The device makes its half at once: whether it may be kept is asked before.
        demand_proof(desk.work, EventType.STAFF_FACTOR_ADDED)
        asked = passkeys.ask_to_make(desk.work, place_of(desk.site), browser=_session(request))
    except BadInput as error:
        return JSONResponse({"reasons": [say(str(error))]}, status_code=409)
    return JSONResponse(asked)


@router.post(f"{BASE}/passkeys")
def add_passkey(desk: StaffJson, request: Request, body: Annotated[MadeBody, Body()]) -> Response:
    """Keep it; recovery codes are answered this once, if there were none."""
    place, browser = place_of(desk.site), _session(request)
    try:
        codes = passkeys.add_passkey(desk.work, place, body.passkey, name=body.name, browser=browser)
    except BadInput as error:
        return JSONResponse({"reasons": [say(str(error))]}, status_code=409)
    put_out(desk.work, desk.account.id)
    return JSONResponse({"codes": codes or []})


@router.post(f"{BASE}/passkeys/{{passkey}}/remove")
def remove_passkey(again: AgainForm, request: Request, passkey: AnId) -> Response:
    """It opens nothing any more."""
    desk = again.desk
    try:
        again.demand()
        demand_proof(desk.work, EventType.STAFF_FACTOR_REMOVED)  # while it is there to be asked for
        passkeys.remove_passkey(desk.work, passkey, keep=_session(request))
    except BadInput as error:
        return account_view(desk, request, problem(error))
    put_out(desk.work, desk.account.id)
    return RedirectResponse(BASE, status_code=303)


@router.post("/w/sign-in/passkey/ask")
def ask_to_sign(request: Request) -> Response:
    """What a passkey is to sign; the browser gets a cookie that binds the answer to it."""
    demand_same_origin(request)
    site, browser = site_of(request), secrets.token_urlsafe(SESSION_TOKEN_BYTES)
    with begin(site.installation, actor.NOBODY) as work:
        asked = passkeys.ask_to_sign(work, place_of(site), browser=browser)
    answer = JSONResponse(asked)
    answer.set_cookie(ASKED_COOKIE, browser, path="/", secure=True, httponly=True, samesite="strict")
    return answer


@router.post("/w/sign-in/passkey")
def sign_in_passkey(request: Request, body: Annotated[SignedBody, Body()]) -> Response:
    """Start a session, or say the one thing that is said of every passkey that does not count."""
    demand_same_origin(request)
    site, browser = site_of(request), request.cookies.get(ASKED_COOKIE, "")
    with begin(site.installation, actor.NOBODY) as work:
        result = passkeys.sign_in(
            work, place_of(site), body.passkey, browser=browser, address=client_address(request)
        )
    if isinstance(result, SignInRefused):
        return JSONResponse({"reasons": [say(result.message)]}, status_code=403)
    answer = signed_in(JSONResponse({"go": "/w/today"}), result)
    answer.delete_cookie(ASKED_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def place_of(site: Site) -> Place:
    """Where passkeys are good: the public address of the settings, and never what a request says."""
    return Place(origin=site.public_url, name=site.agency_name)


def _session(request: Request) -> str:
    return request.cookies.get(STAFF_COOKIE, "")
