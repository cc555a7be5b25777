"""How the reader signs in: app, recovery codes, passkeys, and where they are signed in now."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.audit.event_types import EventType
from contact_service.errors import BadInput
from contact_service.factors.actions import enrolling, passwords
from contact_service.factors.codes import address_for_app, in_groups
from contact_service.factors.queries import factors_of, pending_secret
from contact_service.identity import actions as identity
from contact_service.identity.account import lacks_passkey
from contact_service.identity.queries import sessions_of
from contact_service.ids import AccountId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.again import AgainChange, AgainForm
from contact_service.pages.forms import Posted, problem
from contact_service.pages.rendering import render, say
from contact_service.pages.words import WAYS_IN
from contact_service.rooms.actions import put_out
from contact_service.staff_door import STAFF_COOKIE, demand_proof

router = APIRouter()
BASE = "/w/account"


class CodeForm(Posted):
    """The first code of an app."""

    code: str = ""


@router.get(BASE)
def account_page(desk: StaffReading, request: Request, changed: str = "") -> HTMLResponse:
    """What the reader signs in with, and every sign-in of theirs that stands; ``changed``: their password just was."""
    notice = say("Your password is changed. Your other sign-ins were ended.") if changed else None
    return account_view(desk, request, (), notice=notice)


@router.post(f"{BASE}/app")
def add_app(again: AgainForm, request: Request) -> Response:
    """Make a secret for an app and show it."""
    desk = again.desk
    try:
        again.demand()
        demand_proof(desk.work, EventType.STAFF_FACTOR_ADDED)
        enrolling.show_secret(desk.work, browser=_cookie(request))
    except BadInput as error:
        return account_view(desk, request, problem(error))
    return RedirectResponse(f"{BASE}/app", status_code=303)


@router.get(f"{BASE}/app")
def app_page(desk: StaffReading, request: Request) -> Response:
    """The picture for the app, and the question for its first code."""
    return _app_page(desk, request, ())


@router.post(f"{BASE}/app/confirm")
def confirm_app(desk: StaffForm, request: Request, form: Annotated[CodeForm, Form()]) -> Response:
    """The app counts from now; the recovery codes are shown this once."""
    try:
        codes = enrolling.confirm_app(desk.work, form.code, keep=_cookie(request))
    except BadInput as error:
        return _app_page(desk, request, problem(error))
    put_out(desk.work, desk.account.id)
    return _codes_page(desk, codes)


@router.post(f"{BASE}/app/remove")
def remove_app(again: AgainForm, request: Request) -> Response:
    """The app counts no more."""
    desk = again.desk
    try:
        again.demand()
        demand_proof(desk.work, EventType.STAFF_FACTOR_REMOVED)
        enrolling.remove_app(desk.work, keep=_cookie(request))
    except BadInput as error:
        return account_view(desk, request, problem(error))
    return _done(desk)


@router.post(f"{BASE}/codes")
def new_codes(again: AgainForm, request: Request) -> Response:
    """Ten new recovery codes, shown this once."""
    desk = again.desk
    try:
        again.demand()
        codes = enrolling.show_new_codes(desk.work, keep=_cookie(request))
    except BadInput as error:
        return account_view(desk, request, problem(error))
    put_out(desk.work, desk.account.id)
    return _codes_page(desk, codes)


@router.post(f"{BASE}/password")
def change_password(change: AgainChange, request: Request) -> Response:
    """Another password, and every other sign-in is over."""
    desk = change.desk
    try:
        passwords.change_password(desk.work, change.new_password(), keep=_cookie(request))
    except BadInput as error:
        return account_view(desk, request, problem(error))
    put_out(desk.work, desk.account.id)
    return RedirectResponse(f"{BASE}?changed=yes", status_code=303)


@router.post(f"{BASE}/sign-ins/end")
def end_others(desk: StaffForm, request: Request) -> Response:
    """End every sign-in of the reader's but this one."""
    identity.end_all_sessions(desk.work, desk.account.id, but=_cookie(request))
    return _done(desk)


@router.post(f"{BASE}/sign-ins/{{session}}/end")
def end_one(desk: StaffForm, session: AnId) -> Response:
    """End one sign-in of the reader's; this one, if they wish."""
    identity.end_session(desk.work, desk.account.id, session)
    return _done(desk)


def _done(desk: Desk) -> Response:
    """Whoever was signed in elsewhere and watches a visit there is out of its room."""
    put_out(desk.work, desk.account.id)
    return RedirectResponse(BASE, status_code=303)


def _cookie(request: Request) -> str:
    return request.cookies.get(STAFF_COOKIE, "")


def account_view(desk: Desk, request: Request, errors: object, *, notice: str | None = None) -> HTMLResponse:
    """The page, with what was wrong or what was done."""
    context = desk.context(
        email=desk.account.email,
        factors=factors_of(desk.work, desk.account.id),
        sessions=sign_ins(desk, desk.account.id, _cookie(request)),
        needs_passkey=desk.site.installation.demand_passkeys
        and lacks_passkey(desk.account.roles, desk.account.authentication),
        errors=errors,
        notice=notice,
    )
    page = render("staff/account.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def sign_ins(desk: Desk, account: AccountId, token: str) -> list[dict[str, object]]:
    """The sign-ins of an account as pages show them; that of the cookie ``token`` is this one."""
    return [
        {"handle": one.handle, "started_at": one.started_at, "seen_at": one.seen_at, "this": one.this}
        | {"way": say(WAYS_IN[one.authentication])}
        for one in sessions_of(desk.work, account, token=token)
    ]


def _app_page(desk: Desk, request: Request, errors: object) -> Response:
    secret = pending_secret(desk.work, desk.account.id, browser=_cookie(request))
    if secret is None:
        return RedirectResponse(BASE, status_code=303)
    address = address_for_app(secret, email=desk.account.email, issuer=desk.site.agency_name)
    picture = segno.make(address, error="m", micro=False)
    drawn = picture.svg_inline(scale=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    context = desk.context(picture=Markup(drawn), secret=in_groups(secret), errors=errors)  # noqa: S704  drawn here
    page = render("staff/account_app.html", context)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _codes_page(desk: Desk, codes: list[str]) -> HTMLResponse:
    return HTMLResponse(render("staff/account_codes.html", desk.context(codes=codes)))
