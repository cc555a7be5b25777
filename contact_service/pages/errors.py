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
    NotAllowed,
    NotFound,
    NotSignedIn,
)
from contact_service.pages.rendering import render
from contact_service.pages.site import site_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How one class of error looks."""

    status: int
    title: str
    do: tuple[str, ...]


TABLE: dict[type[Exception], Shown] = {
    NotFound: Shown(
        status=404, title="We cannot find this page", do=("Check the address.", "Go back and choose again.")
    ),
    NotAllowed: Shown(
        status=403, title="You cannot do this", do=("Go back.", "Ask somebody whose role it is.")
    ),
    BadInput: Shown(
        status=422, title="Something is not right", do=("Go back, check the form and send it again.",)
    ),
    IllegalMove: Shown(status=409, title="The visit has moved on", do=("Go back and load the page again.",)),
    Conflict: Shown(status=409, title="Somebody was faster", do=("Go back and load the page again.",)),
    OperationalError: Shown(status=503, title="We are busy", do=("Wait a moment, then try again.",)),
    ContactServiceError: Shown(
        status=500, title="This did not work", do=("Try again.", "Call us if it happens twice.")
    ),
    Exception: Shown(
        status=500, title="This did not work", do=("Try again.", "Call us if it happens twice.")
    ),
}
_BUSY = "The system is busy. Nothing was saved."
_BROKEN = "Something went wrong on our side. Nothing was saved."
_INVALID = "Something that was sent is missing, too long or not understood."


def install(app: FastAPI) -> None:
    """Answer every error of every route with a page, or with JSON where a script asked."""
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind, shown in TABLE.items():
        app.add_exception_handler(kind, _handler(shown))


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
    if wants_json(request):
        return JSONResponse({"reasons": [words], "code": code}, status_code=shown.status)
    site = site_of(request)
    home = "/w/today" if request.url.path.startswith("/w/") else None
    context = {"agency": site.agency_name, "help": site.help, "title": shown.title, "words": words}
    page = render("error.html", context | {"do": list(shown.do), "code": code, "home": home})
    return HTMLResponse(page, status_code=shown.status)


def wants_json(request: Request) -> bool:
    """Whether a script asked, and not a person."""
    asked = request.headers.get("accept", "")
    sent = request.headers.get("content-type", "")
    return "application/json" in asked or sent.startswith("application/json")


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
