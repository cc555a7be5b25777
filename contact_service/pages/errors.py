"""The one table from error class to status and page; words say what to do next, and a code finds the log line."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from contact_service.errors import (
    BadInput,
    Conflict,
    ContactServiceError,
    IllegalMove,
    LinkReplaced,
    NotAllowed,
    NotFound,
    NothingToRepair,
    NotSignedIn,
    PasskeyNeeded,
    PurposeNeeded,
    TooManyRequests,
)
from contact_service.pages.family_language import language_of
from contact_service.pages.rendering import has_words, render, say
from contact_service.pages.site import site_of
from contact_service.texts import ENGLISH, LANGUAGES, N_
from contact_service.waiting.waiting import OfferOver

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How one class of error looks."""

    status: int
    title: str
    do: tuple[str, ...]


TABLE: dict[type[Exception], Shown] = {
    NotFound: Shown(
        status=404,
        title=N_("We cannot find this page"),
        do=(N_("Check the address."), N_("Go back and choose again.")),
    ),
    NotAllowed: Shown(
        status=403, title=N_("You cannot do this"), do=(N_("Go back."), N_("Ask somebody whose role it is."))
    ),
    BadInput: Shown(
        status=422, title=N_("Something is not right"), do=(N_("Go back, check the form and send it again."),)
    ),
    IllegalMove: Shown(
        status=409, title=N_("The visit has moved on"), do=(N_("Go back and load the page again."),)
    ),
    OfferOver: Shown(
        status=410,
        title=N_("This time is not held any more"),
        do=(N_("Look at the waiting list. When another time becomes free, you get an e-mail."),),
    ),
    NothingToRepair: Shown(
        status=409, title=N_("Nothing speaks against this visit"), do=(N_("Go back to the visit."),)
    ),
    LinkReplaced: Shown(status=410, title=N_("This link has ended"), do=()),
    TooManyRequests: Shown(
        status=429,
        title=N_("This was too fast for us"),
        do=(N_("Wait a moment, then try again."), N_("A visit that is running goes on.")),
    ),
    Conflict: Shown(
        status=409, title=N_("Somebody was faster"), do=(N_("Go back and load the page again."),)
    ),
    OperationalError: Shown(status=503, title=N_("We are busy"), do=(N_("Wait a moment, then try again."),)),
    ContactServiceError: Shown(
        status=500, title=N_("This did not work"), do=(N_("Try again."), N_("Call us if it happens twice."))
    ),
    Exception: Shown(
        status=500, title=N_("This did not work"), do=(N_("Try again."), N_("Call us if it happens twice."))
    ),
}
_FAMILIES = ("/v", "/code")
_BUSY = N_("The system is busy. Nothing was saved.")
_BROKEN = N_("Something went wrong on our side. Nothing was saved.")
_INVALID = N_("Something that was sent is missing, too long or not understood.")


def install(app: FastAPI) -> None:
    """Answer every error of every route with a page, or with JSON where a script asked."""
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(PasskeyNeeded, _passkey_needed)
    app.add_exception_handler(PurposeNeeded, _purpose_needed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind, shown in TABLE.items():
        app.add_exception_handler(kind, _handler(shown))


def too_many(request: Request) -> Response:
    """The answer to a request that is one too many."""
    shown = TABLE[TooManyRequests]
    return _answer(request, shown, str(TooManyRequests()), f"{shown.status}-{secrets.token_hex(2)}")


def _handler(shown: Shown) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        known = isinstance(error, ContactServiceError)
        words = str(error) if known else _BUSY if shown.status == TABLE[OperationalError].status else _BROKEN
        code = f"{shown.status}-{secrets.token_hex(2)}"
        if shown.status >= TABLE[ContactServiceError].status:
            logger.error("a request failed", exc_info=error, extra={"code": code})
        return _answer(request, shown, words, code)

    return handle


def _answer(request: Request, shown: Shown, words: str, code: str) -> Response:
    locale = _locale(request, words, shown.title, *shown.do)
    if wants_json(request):
        return JSONResponse({"reasons": [say(words, locale=locale)], "code": code}, status_code=shown.status)
    site = site_of(request)
    home = "/w/today" if request.url.path.startswith("/w/") else None
    # Said of whatever is out of reach, be it there or not: it tells nobody that it is.
    shut = home and shown.status in (TABLE[NotAllowed].status, TABLE[NotFound].status)
    context: dict[str, object] = {
        "agency": site.agency_name,
        "help": site.help,
        "title": say(shown.title, locale=locale),
        "words": say(words, locale=locale),
        "do": [say(text, locale=locale) for text in shown.do],
        "code": code,
        "home": home,
        "emergency": "/w/emergency-access" if shut else None,
    }
    return HTMLResponse(render("error.html", context, locale=locale), status_code=shown.status)


def _locale(request: Request, *texts: str) -> str:
    """That of the page that was asked for, else of the device, if every text has its words.

    No page is in two languages.  The agency's own choice is not asked for: this page is shown without a database too.
    """
    if not request.url.path.startswith(_FAMILIES):
        return ENGLISH
    found = getattr(request.state, "locale", "") or language_of(request, LANGUAGES)
    return found if all(has_words(text, found) for text in texts) else ENGLISH


def wants_json(request: Request) -> bool:
    """Whether a script asked, and not a person."""
    asked = request.headers.get("accept", "")
    sent = request.headers.get("content-type", "")
    return "application/json" in asked or sent.startswith("application/json")


def _passkey_needed(request: Request, error: Exception) -> Response:
    if wants_json(request):
        return JSONResponse({"reasons": [say(str(error))]}, status_code=403)
    return RedirectResponse("/w/account", status_code=303)


def _purpose_needed(request: Request, error: Exception) -> Response:
    if wants_json(request):
        return JSONResponse({"reasons": [say(str(error))]}, status_code=403)
    return RedirectResponse("/w/purpose", status_code=303)


def _not_signed_in(request: Request, _error: Exception) -> Response:
    if wants_json(request):
        return JSONResponse({"reasons": [str(NotSignedIn())]}, status_code=401)
    return RedirectResponse("/w/sign-in", status_code=303)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    shown = TABLE[NotFound] if error.status_code in (404, 405) else TABLE[BadInput]
    code = f"{error.status_code}-{secrets.token_hex(2)}"
    words = str(NotFound()) if error.status_code in (404, 405) else _INVALID
    answer = _answer(request, shown, words, code)
    answer.status_code = error.status_code
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    """What was sent is not echoed: it may be anything.  An id in the path that is none is simply not there."""
    assert isinstance(error, RequestValidationError)
    missing = any(problem["loc"][0] == "path" for problem in error.errors())
    shown = TABLE[NotFound] if missing else TABLE[BadInput]
    words = str(NotFound()) if missing else _INVALID
    return _answer(request, shown, words, f"{shown.status}-{secrets.token_hex(2)}")
