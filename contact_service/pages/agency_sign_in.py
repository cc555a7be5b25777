"""Sign in through the agency's single sign-on (OpenID Connect), and hear from it who signed out.

What a browser brings back from the provider changes nothing by itself: the page posts it to us, as every form of ours,
with a cookie that no other site can send.  So a link that somebody else made signs nobody in.
"""

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from contact_service import actor
from contact_service.errors import NotFound
from contact_service.factors.actions import agency_sign_in
from contact_service.identity.actions import SESSION_TOKEN_BYTES, SignInRefused
from contact_service.openid.errors import ProviderAway, ProviderBusy, TokenRefused
from contact_service.openid.provider import Provider, Returned
from contact_service.openid.question import Question
from contact_service.openid.tokens import Identity, Logout
from contact_service.pages.access import demand_same_origin, form_token, staff_returning, staff_writing
from contact_service.pages.forms import Posted
from contact_service.pages.rendering import render, say
from contact_service.pages.sign_in import client_address, signed_in
from contact_service.pages.site import site_of
from contact_service.rooms.actions import put_out
from contact_service.work import begin, read

router = APIRouter()
START = "/w/sign-in/agency"
BACK = f"{START}/back"
PROVE = "/w/prove/agency"
ASKED_COOKIE = "__Host-agency"
_LONGEST = 4096
_NOT_ANEW = (
    "Your agency did not say that you signed in there just now, so it shows nothing. Try again and sign in there anew,"
    " or use your password here."
)
_BEGIN_AGAIN = "This did not begin in this browser, or it took longer than five minutes. Begin again."


class ReturnedForm(Posted):
    """What the provider sent the browser back with."""

    code: str = ""
    state: str = ""
    iss: str = ""


@router.post(START)
async def ask_agency(request: Request) -> Response:
    """Send the browser to the provider; it gets a cookie that binds the answer to it."""
    demand_same_origin(request)
    provider, browser = _provider(request), secrets.token_urlsafe(SESSION_TOKEN_BYTES)
    try:
        with provider.signing_in.one():
            question, at = await run_in_threadpool(_begun, request, browser)
            if isinstance(question, SignInRefused):
                return await run_in_threadpool(_problem, request, question.message, status=429)
            address = await provider.address_for(question, at=at)
    except (ProviderAway, ProviderBusy) as away:
        return await run_in_threadpool(_problem, request, str(away), status=503)
    return await run_in_threadpool(_onward, request, browser, address)


@router.post(PROVE)
async def ask_agency_anew(request: Request, token: Annotated[str, Depends(form_token)]) -> Response:
    """Send somebody who is signed in to the provider, to show there that it is they; nothing is done by that."""
    provider, browser = _provider(request), secrets.token_urlsafe(SESSION_TOKEN_BYTES)
    try:
        with provider.signing_in.one():
            question, at = await run_in_threadpool(_begun_anew, request, token, browser)
            if isinstance(question, SignInRefused):
                return await run_in_threadpool(_not_proved, request, question.message, status=429)
            address = await provider.address_for(question, at=at)
    except (ProviderAway, ProviderBusy) as away:
        return await run_in_threadpool(_not_proved, request, str(away), status=503)
    return await run_in_threadpool(_onward, request, browser, address)


def _begun_anew(request: Request, token: str, browser: str) -> tuple[Question | SignInRefused, datetime]:
    with staff_writing(request, token) as desk:
        asked = agency_sign_in.ask(
            desk.work, browser=browser, address=client_address(request), session=desk.work.actor.session
        )
        return asked, desk.work.now


def _begun(request: Request, browser: str) -> tuple[Question | SignInRefused, datetime]:
    with begin(site_of(request).installation, actor.NOBODY) as work:
        return agency_sign_in.ask(work, browser=browser, address=client_address(request)), work.now


def _onward(request: Request, browser: str, address: str) -> Response:
    """A page and no redirection: our pages post to nobody else, and browsers hold a redirected form to that."""
    answer = HTMLResponse(render("staff/agency_onward.html", _context(request) | {"address": address}))
    answer.set_cookie(ASKED_COOKIE, browser, path="/", secure=True, httponly=True, samesite="strict")
    return answer


@router.get(BACK)
def back_page(request: Request, code: str = "", state: str = "", iss: str = "", error: str = "") -> Response:
    """The page to which the provider sends a browser back; it posts what came along, and nothing happens before."""
    _provider(request)
    if error or not code or max(map(len, (code, state, iss))) > _LONGEST:
        return _problem(request, "Your agency did not sign you in. Begin again, or use your password.")
    returned = {"code": code, "state": state, "iss": iss}
    return HTMLResponse(render("staff/agency_back.html", _context(request) | {"returned": returned}))


@router.post(BACK)
async def sign_in_agency(request: Request, form: Annotated[ReturnedForm, Form()]) -> Response:
    """Start a session, or say that it did not work and what to do."""
    demand_same_origin(request)
    provider, question = _provider(request), None
    try:
        with provider.signing_in.one():
            question, at = await run_in_threadpool(_taken, request, form)
            if question is None:
                return await run_in_threadpool(_problem, request, _BEGIN_AGAIN)
            # Between two Works: nobody waits to write while the provider is asked.
            who = await provider.who(Returned(code=form.code, issuer=form.iss), question, at=at)
    except (ProviderAway, ProviderBusy) as away:
        problem = _not_proved if question and question.session else _problem
        return await run_in_threadpool(problem, request, str(away), status=503)
    except TokenRefused as refused:
        return await run_in_threadpool(_refused, request, refused, question)
    if question.session is not None:
        return await run_in_threadpool(_proved, request, who, question.session)
    return await run_in_threadpool(_signed_in, request, who)


def _taken(request: Request, form: ReturnedForm) -> tuple[Question | None, datetime]:
    with begin(site_of(request).installation, actor.NOBODY) as work:
        browser = request.cookies.get(ASKED_COOKIE, "")
        question = agency_sign_in.take_question(work, browser=browser, state=form.state)
        if question is None:
            agency_sign_in.refuse(work, "agency_not_asked")
        return question, work.now


def _refused(request: Request, refused: TokenRefused, question: Question | None) -> Response:
    with begin(site_of(request).installation, actor.NOBODY) as work:
        agency_sign_in.refuse(work, f"agency_{refused.reason}")
    if question is not None and question.session is not None:
        return _not_proved(request, _NOT_ANEW)
    return _problem(request, str(refused))


def _proved(request: Request, who: Identity, session: str) -> Response:
    """It is they, in the session that asked; nobody is signed in by this, and no other session is changed."""
    with staff_returning(request) as desk:
        refused = agency_sign_in.prove(desk.work, who, session=session)
    if refused is not None:
        return _not_proved(request, refused.message)
    answer = HTMLResponse(render("staff/agency_proved.html", _context(request) | {"words": ""}))
    answer.delete_cookie(ASKED_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return answer


def _not_proved(request: Request, words: str, *, status: int = 403) -> Response:
    page = render("staff/agency_proved.html", _context(request) | {"words": say(words)})
    return HTMLResponse(page, status_code=status)


def _signed_in(request: Request, who: Identity) -> Response:
    with begin(site_of(request).installation, actor.NOBODY) as work:
        result = agency_sign_in.sign_in(work, who)
    if isinstance(result, SignInRefused):
        return _problem(request, result.message)
    answer = signed_in(RedirectResponse("/w/today", status_code=303), result)
    answer.delete_cookie(ASKED_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return answer


@router.post(f"{START}/logout")
async def agency_signed_out(request: Request) -> Response:
    """The provider says that somebody signed out there.  Source: OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8.

    No browser comes here: what is posted is a signed token, good once, and it can end sessions alone.
    """
    provider, installation = _provider(request), site_of(request).installation
    token = (await request.form()).get("logout_token")
    if not await run_in_threadpool(_is_heard, request):
        return JSONResponse({"error": "slow_down"}, status_code=429, headers={"retry-after": "60"})
    try:
        with provider.signing_out.one():
            said = token if isinstance(token, str) else ""
            logout = await provider.signed_out(said, at=installation.clock())
    except (ProviderAway, ProviderBusy):
        return JSONResponse({"error": "temporarily_unavailable"}, status_code=503)
    except TokenRefused:
        return await run_in_threadpool(_bad_token, request)
    return await run_in_threadpool(_signed_out, request, logout)


def _is_heard(request: Request) -> bool:
    with read(site_of(request).installation, actor.NOBODY) as work:
        return agency_sign_in.hears(work, address=client_address(request))


def _signed_out(request: Request, logout: Logout) -> Response:
    with begin(site_of(request).installation, actor.NOBODY) as work:
        ended = agency_sign_in.sign_out(work, logout)
        for account in ended or ():
            put_out(work, account)
    return _bad_token(request) if ended is None else Response(status_code=200)


def _bad_token(request: Request) -> Response:
    with begin(site_of(request).installation, actor.NOBODY) as work:
        agency_sign_in.note_bad_token(work, address=client_address(request))
    return JSONResponse({"error": "invalid_request"}, status_code=400)


def _provider(request: Request) -> Provider:
    """The agency's provider; raises ``NotFound`` where there is none."""
    provider = site_of(request).provider
    if provider is None:
        raise NotFound
    return provider


def _context(request: Request) -> dict[str, object]:
    return {"csrf": "", "agency": site_of(request).agency_name}


def _problem(request: Request, words: str, *, status: int = 403) -> Response:
    page = render("staff/agency_problem.html", _context(request) | {"words": say(words)})
    return HTMLResponse(page, status_code=status)
