"""How somebody else signs in, for an administrator: what they have, where they are signed in, and ending all of it."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput, NotFound
from contact_service.factors.actions import agency_sign_in, enrolling, passwords
from contact_service.factors.queries import agency_link_of, factors_of
from contact_service.identity import actions as identity
from contact_service.identity.queries import account_for
from contact_service.ids import AccountId
from contact_service.pages.access import AnId, Desk, StaffReading
from contact_service.pages.account import sign_ins
from contact_service.pages.again import Again, AgainForm
from contact_service.pages.forms import problem
from contact_service.pages.rendering import render
from contact_service.rooms.actions import put_out
from contact_service.work import Work

router = APIRouter()
BASE = "/w/staff/{account}/sign-in"


@router.get(BASE)
def staff_sign_in_page(desk: StaffReading, account: AnId) -> HTMLResponse:
    """What somebody signs in with, and every sign-in of theirs that stands."""
    return _page(desk, _somebody(desk, account), ())


@router.post(f"{BASE}/reset")
def reset(again: AgainForm, account: AnId) -> Response:
    """Their password alone signs in again; app, codes and passkeys are gone."""
    return _after(again, account, enrolling.reset_factors)


@router.post(f"{BASE}/new-password")
def new_password(again: AgainForm, account: AnId) -> Response:
    """Their password is void; a code for a new one is shown this once."""
    desk, whose = again.desk, _somebody(again.desk, account)
    try:
        again.demand()
    except BadInput as error:
        return _page(desk, whose, problem(error))
    code = passwords.reset_password(desk.work, whose)
    put_out(desk.work, whose)
    found = account_for(desk.work, whose)
    person = {"id": found.id, "name": found.name, "email": found.email}
    return HTMLResponse(render("staff/password_code.html", desk.context(person=person, code=code)))


@router.post(f"{BASE}/end-sign-ins")
def end_sign_ins(again: AgainForm, account: AnId) -> Response:
    """They are signed in nowhere any more."""
    return _after(again, account, identity.end_all_sessions)


@router.post(f"{BASE}/allow-agency")
def allow_agency(again: AgainForm, account: AnId) -> Response:
    """They may sign in through the agency, for the first time within a week."""
    provider = again.desk.site.provider
    if provider is None:
        raise NotFound
    return _after(again, account, partial(agency_sign_in.allow_link, issuer=provider.expected.issuer))


@router.post(f"{BASE}/end-agency")
def end_agency(again: AgainForm, account: AnId) -> Response:
    """They sign in through the agency no more."""
    return _after(again, account, agency_sign_in.unlink)


@router.post(f"{BASE}/disable")
def disable(again: AgainForm, account: AnId) -> Response:
    """They cannot sign in any more."""
    return _after(again, account, identity.disable_staff)


def _after(again: Again, account: str, act: Callable[[Work, AccountId], None]) -> Response:
    """Do it, once the administrator gave their own password again; whoever watches a visit is out of its room."""
    desk = again.desk
    whose = _somebody(desk, account)
    try:
        again.demand()
    except BadInput as error:
        return _page(desk, whose, problem(error))
    act(desk.work, whose)
    put_out(desk.work, whose)
    return RedirectResponse(BASE.format(account=account), status_code=303)


def _somebody(desk: Desk, account: str) -> AccountId:
    """Somebody else, for an administrator; raises ``NotFound`` for a service account, which does not sign in."""
    whose = AccountId(account)
    identity.demand_second_person(desk.work, whose)
    if account_for(desk.work, whose).owner is not None:
        raise NotFound
    return whose


def _page(desk: Desk, whose: AccountId, errors: object) -> HTMLResponse:
    found = account_for(desk.work, whose)
    person = {"id": found.id, "name": found.name, "email": found.email, "disabled": found.disabled}
    context = desk.context(
        person=person,
        factors=factors_of(desk.work, whose),
        sessions=sign_ins(desk, whose, ""),
        through_agency=desk.site.provider is not None,
        agency_link=agency_link_of(desk.work, whose),
        errors=errors,
    )
    page = render("staff/staff_sign_in.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
