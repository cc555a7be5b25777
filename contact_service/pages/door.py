"""The address every join link leads to.  GET shows nothing about anyone and changes nothing; a person's tap redeems.

Unknown, expired, revoked, foreign and elsewhere-bound links get the same bytes, equally late (``pages.even``).
"""

import hmac
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Request
from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, Response

from contact_service import actor
from contact_service.invitations.actions.opening import Device, NotUsable, Opened, TooEarly, redeem
from contact_service.pages.access import demand_same_origin, link_cookie
from contact_service.pages.even import EvenRoute, says_nothing
from contact_service.pages.forms import Json
from contact_service.pages.rendering import render, say
from contact_service.pages.site import Site, site_of
from contact_service.proposals.queries import asked_by_secret
from contact_service.texts import N_
from contact_service.work import begin

router = APIRouter(route_class=EvenRoute)
NONCE_SECONDS = 3600
_PREFIX = link_cookie("")


class OpenBody(Json):
    """What the opener's script sends on a tap."""

    secret: str = Field(max_length=200)
    nonce: str = Field(max_length=200)
    device_key: str = Field(max_length=400)


@router.get("/v")
def opener(request: Request) -> HTMLResponse:
    """A neutral page with one button."""
    site = site_of(request)
    context = {"agency": site.agency_name, "help": site.help, "nonce": _new_nonce(site)}
    return HTMLResponse(render("family/opener.html", context))


@router.post("/v/open")
def open_link(request: Request, body: Annotated[OpenBody, Body()]) -> Response:
    """Bind the link to this device, or say the one neutral thing."""
    demand_same_origin(request)
    site = site_of(request)
    if not _is_fresh(site, body.nonce):
        return _closed(N_("This page is old"), say("Please press the link in your message again."))
    cookies = {
        name.removeprefix(_PREFIX): value
        for name, value in request.cookies.items()
        if name.startswith(_PREFIX)
    }
    address = request.client.host if request.client else ""
    with begin(site.installation, actor.NOBODY) as work:
        if asked_by_secret(work, body.secret):
            return JSONResponse({"post": "/v/choice"})
        result = redeem(work, body.secret, Device(key=body.device_key, cookies=cookies, address=address))
    match result:
        case TooEarly(opens_at=opens_at, zone=zone):
            local = opens_at.astimezone(ZoneInfo(zone))
            when = f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
            told = say("Come back on {when}. Press the same link.", when=when)
            return _closed(N_("Your visit is not open yet"), told, post="/v/answer")
        case NotUsable():
            says_nothing(request)
            return _closed(N_("This link does not work now"), say("Please call us. We will help you."))
        case Opened():
            return _opened(result)


def _opened(opened: Opened) -> Response:
    answer = JSONResponse({"go": f"/v/{opened.invitation.id}/"})
    if opened.cookie is not None:
        name = link_cookie(opened.invitation.id)
        answer.set_cookie(name, opened.cookie, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _closed(title: str, text: str, **more: str) -> Response:
    return JSONResponse({"title": say(title), "text": text} | more)


def _new_nonce(site: Site) -> str:
    return _nonce_at(site, int(site.installation.clock().timestamp()))


def _nonce_at(site: Site, second: int) -> str:
    key = site.installation.keys.derive("opener-nonce/1")
    return f"{second}.{hmac.digest(key, str(second).encode(), 'sha256').hex()}"


def _is_fresh(site: Site, nonce: str) -> bool:
    """Whether this page was made within the last hour, by us."""
    text, _, _ = nonce.partition(".")
    if not text.isascii() or not text.isdigit() or len(text) > len("99999999999"):
        return False
    age = int(site.installation.clock().timestamp()) - int(text)
    return 0 <= age < NONCE_SECONDS and hmac.compare_digest(
        nonce.encode(), _nonce_at(site, int(text)).encode()
    )
