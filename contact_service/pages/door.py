"""The addresses that every join link, and every code that is read out, lead to.

GET shows nothing about anyone and changes nothing; a person's tap redeems.  Unknown, expired, revoked, foreign and
elsewhere-bound links get the same bytes, equally late (``pages.even``), and so do codes that open nothing.
"""

import hmac
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Request
from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, Response

from contact_service import actor
from contact_service.invitations.actions.coding import redeem_code
from contact_service.invitations.actions.opening import Device, NotUsable, Opened, TooEarly, redeem
from contact_service.notifications.dates import said_when
from contact_service.pages.access import demand_same_origin, link_cookie
from contact_service.pages.even import EvenRoute, says_nothing
from contact_service.pages.family_language import keep_language, language_of, languages_offered, switch
from contact_service.pages.forms import Json
from contact_service.pages.in_app import app_around
from contact_service.pages.rendering import render, say
from contact_service.pages.site import Site, site_of
from contact_service.proposals.queries import asked_by_secret
from contact_service.texts import LANGUAGES, N_
from contact_service.work import begin, read

router = APIRouter(route_class=EvenRoute)
NONCE_SECONDS = 3600
_PREFIX = link_cookie("")


class OpenBody(Json):
    """What the opener's script sends on a tap."""

    secret: str = Field(max_length=200)
    nonce: str = Field(max_length=200)
    device_key: str = Field(max_length=400)


class CodeBody(Json):
    """What the script of the page for codes sends on a tap."""

    code: str = Field(max_length=200)
    nonce: str = Field(max_length=200)
    device_key: str = Field(max_length=400)


@router.get("/v")
def opener(request: Request) -> HTMLResponse:
    """A neutral page with one button; in the browser of another app, first how to leave it."""
    app = app_around(request.headers.get("user-agent", ""))
    return _page(request, "opener", app=app.value if app else "")


@router.get("/code")
def type_code(request: Request) -> HTMLResponse:
    """A neutral page with one field."""
    return _page(request, "code")


def _page(request: Request, name: str, **more: object) -> HTMLResponse:
    site = site_of(request)
    offered = _offered(request)
    locale = language_of(request, offered)
    context: dict[str, object] = {
        "agency": site.agency_name,
        "help": site.help,
        "nonce": _new_nonce(site),
        "tongues": switch(request, offered, locale),
    }
    answer = HTMLResponse(render(f"family/{name}.html", context | more, locale=locale))
    keep_language(request, answer, offered)
    return answer


def _offered(request: Request) -> tuple[str, ...]:
    with read(site_of(request).installation, actor.NOBODY) as work:
        return languages_offered(work)


@router.post("/v/open")
def open_link(request: Request, body: Annotated[OpenBody, Body()]) -> Response:
    """Bind the link to this device, or say the one neutral thing."""
    demand_same_origin(request)
    site = site_of(request)
    if not _is_fresh(site, body.nonce):
        old = language_of(request, LANGUAGES)
        return _closed(old, N_("This page is old"), N_("Please press the link in your message again."))
    locale = language_of(request, _offered(request))
    with begin(site.installation, actor.NOBODY) as work:
        if asked_by_secret(work, body.secret):
            return JSONResponse({"post": "/v/choice"})
        result = redeem(work, body.secret, _device(request, body.device_key))
    if isinstance(result, NotUsable):
        says_nothing(request)
        return _closed(locale, N_("This link does not work now"), N_("Please call us. We will help you."))
    if isinstance(result, TooEarly):
        told = say("Come back on {when}. Press the same link.", locale=locale, when=_when(result, locale))
        return _closed(locale, N_("Your visit is not open yet"), told, post="/v/answer")
    return _opened(result)


@router.post("/v/code")
def open_by_code(request: Request, body: Annotated[CodeBody, Body()]) -> Response:
    """Bind the link that the code stands for to this device, or say the one neutral thing."""
    demand_same_origin(request)
    site = site_of(request)
    if not _is_fresh(site, body.nonce):
        old = language_of(request, LANGUAGES)
        return _closed(old, N_("This page is old"), N_("Please load it again. Then type your code."))
    locale = language_of(request, _offered(request))
    with begin(site.installation, actor.NOBODY) as work:
        result = redeem_code(work, body.code, _device(request, body.device_key))
    if isinstance(result, NotUsable):
        says_nothing(request)
        return _closed(
            locale, N_("This code does not work now"), N_("Look at each number again. Or call us.")
        )
    if isinstance(result, TooEarly):
        told = say("Come back on {when}. Then call us again.", locale=locale, when=_when(result, locale))
        return _closed(locale, N_("Your visit is not open yet"), told)
    return _opened(result)


def _device(request: Request, key: str) -> Device:
    cookies = {
        name.removeprefix(_PREFIX): value
        for name, value in request.cookies.items()
        if name.startswith(_PREFIX)
    }
    return Device(key=key, cookies=cookies, address=request.client.host if request.client else "")


def _when(early: TooEarly, locale: str) -> str:
    return said_when(early.opens_at.astimezone(ZoneInfo(early.zone)), locale)


def _opened(opened: Opened) -> Response:
    answer = JSONResponse({"go": f"/v/{opened.invitation.id}/"})
    if opened.cookie is not None:
        name = link_cookie(opened.invitation.id)
        answer.set_cookie(name, opened.cookie, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _closed(locale: str, title: str, text: str, **more: str) -> Response:
    """``text`` may have its places filled already: what is in a language stays in it."""
    return JSONResponse({"title": say(title, locale=locale), "text": say(text, locale=locale)} | more)


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
