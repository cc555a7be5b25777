"""Show once more that it is oneself, before a grave act, and go on with what was about to be done.

What was typed into the form that was sent is carried along and sent again; forms that carry a password or a code are
not, and the reader goes back to their page instead.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, FastAPI, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Match

from contact_service.errors import BadInput, ProofNeeded
from contact_service.factors.actions import agency_sign_in, passkeys, proving
from contact_service.factors.queries import factors_of
from contact_service.identity import actions as identity
from contact_service.pages.access import Desk, StaffJson, StaffReading, form_token, staff_writing
from contact_service.pages.again import Again, PasswordForm, check
from contact_service.pages.forms import Json, problem
from contact_service.pages.passkeys import place_of
from contact_service.pages.rendering import render, say
from contact_service.pages.site import site_of
from contact_service.staff_door import STAFF_COOKIE, session_of
from contact_service.work import read

router = APIRouter()
BASE = "/w/prove"
HOME = "/w/today"
_SECRET = frozenset({"password", "new", "code"})
_OURS = re.compile(r"/w/[A-Za-z0-9/_.-]{0,300}(\?[A-Za-z0-9=&_.%+-]{0,300})?")
_Fields = list[tuple[str, str]]


class ProofForm(PasswordForm):
    """A password and a code, and what is done after them: ``act`` with ``held`` (JSON), or go ``back``."""

    code: str = ""
    act: str = ""
    held: str = ""
    back: str = HOME


class SignedBody(Json):
    """What the browser signed."""

    passkey: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Onward:
    """What comes after the proof: ``act`` is posted with ``fields``, or, where it is empty, ``back`` is opened."""

    act: str
    fields: _Fields
    back: str


@dataclass(frozen=True, kw_only=True)
class _Proving(Again):
    """A desk, the password given again, and the form."""

    form: ProofForm


def _again_proof(
    request: Request, token: Annotated[str, Depends(form_token)], form: Annotated[ProofForm, Form()]
) -> Iterator[_Proving]:
    checked = check(request, token, form.password)
    with staff_writing(request, token) as desk:
        yield _Proving(desk=desk, checked=checked, form=form)


AgainProof = Annotated[_Proving, Depends(_again_proof, scope="function")]


@router.get(BASE)
def prove_page(desk: StaffReading, back: str = HOME) -> HTMLResponse:
    """The question, for whoever goes ``back`` to a page of ours then."""
    return _page(desk, _Onward(act="", fields=[], back=_ours(back) or HOME), ())


@router.post(BASE)
def prove(again: AgainProof) -> Response:
    """It is they: go on with what was about to be done; or say what was not right."""
    desk, onward = again.desk, _onward(again.form)
    try:
        identity.demand_password(desk.work, again.checked.asked, right=again.checked.right)
        proving.prove(desk.work, again.form.code)
    except BadInput as error:
        return _page(desk, onward, problem(error), status=422)
    if not onward.act:
        return RedirectResponse(onward.back, status_code=303)
    context = desk.context(act=onward.act, fields=onward.fields)
    return HTMLResponse(render("staff/prove_onward.html", context))


@router.post(f"{BASE}/passkey/ask")
def ask_to_prove(desk: StaffJson, request: Request) -> Response:
    """What a passkey of the reader's is to sign."""
    browser = request.cookies.get(STAFF_COOKIE, "")
    return JSONResponse(passkeys.ask_to_prove(desk.work, place_of(desk.site), browser=browser))


@router.post(f"{BASE}/passkey")
def prove_passkey(desk: StaffJson, request: Request, body: Annotated[SignedBody, Body()]) -> Response:
    """It is they; the page goes on."""
    browser = request.cookies.get(STAFF_COOKIE, "")
    try:
        passkeys.prove(desk.work, place_of(desk.site), body.passkey, browser=browser)
    except BadInput as error:
        return JSONResponse({"reasons": [say(str(error))]}, status_code=409)
    return JSONResponse({"proved": True})


def install(app: FastAPI) -> None:
    """Ask for the proof wherever a grave act lacked it."""
    app.add_exception_handler(ProofNeeded, _needed)


async def _needed(request: Request, error: Exception) -> Response:
    if "application/json" in request.headers.get("accept", "") or request.headers.get(
        "content-type", ""
    ).startswith("application/json"):
        reasons = {"reasons": [say(str(error))], "prove": f"{BASE}?back={_page_above(request)}"}
        return JSONResponse(reasons, status_code=403)
    sent = (await request.form()).multi_items() if request.method == "POST" else []
    return await run_in_threadpool(_ask, request, sent)


def _ask(request: Request, sent: Iterable[tuple[str, object]]) -> Response:
    """The question, with what was sent held for afterwards."""
    fields = [(name, value) for name, value in sent if isinstance(value, str) and name != "csrf"]
    whole = request.method == "POST" and len(fields) == sum(name != "csrf" for name, _ in sent)
    if whole and _SECRET.isdisjoint(name for name, _ in fields):
        onward = _Onward(act=request.url.path, fields=fields, back=_page_above(request))
    else:
        onward = _Onward(act="", fields=[], back=_page_above(request))
    site = site_of(request)
    session = session_of(site.installation, request.cookies.get(STAFF_COOKIE, ""), adding=True)
    with read(site.installation, session.account.actor()) as work:
        desk = Desk(site=site, work=work, account=session.account, csrf=session.csrf)
        return _page(desk, onward, (), status=403)


def _page_above(request: Request) -> str:
    """The address that was asked for, or the nearest page above what was posted to."""
    if request.method == "GET":
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return _ours(asked) or HOME
    path = request.url.path
    while path.count("/") > 2:  # noqa: PLR2004  as in /w/today
        path = path.rpartition("/")[0]
        if _is_page(request, path):
            return path
    return HOME


def _is_page(request: Request, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)


def _onward(form: ProofForm) -> _Onward:
    """What the form says comes after; whatever is no page or act of ours is left out."""
    try:
        held = json.loads(form.held) if form.held else []
    except (ValueError, RecursionError):
        held = []
    pairs = held if isinstance(held, list) else []
    fields = [(one[0], one[1]) for one in pairs if isinstance(one, list) and _is_pair(one)]
    return _Onward(act=_ours(form.act), fields=fields, back=_ours(form.back) or HOME)


def _is_pair(one: list[object]) -> bool:
    return len(one) == 2 and all(isinstance(part, str) for part in one)  # noqa: PLR2004


def _ours(address: str) -> str:
    """The address if it is one of our staff pages, else nothing: nobody is sent elsewhere from here."""
    return address if _OURS.fullmatch(address) and "//" not in address and ".." not in address else ""


def _through_agency(desk: Desk) -> str:
    """The agency's name where the reader may show it at its single sign-on, else nothing."""
    provider = desk.site.provider
    if provider is None:
        return ""
    expected = provider.expected
    can = agency_sign_in.can_prove(desk.work, expected.issuer, by_passkey=bool(expected.proof))
    return desk.site.agency_name if can else ""


def _page(desk: Desk, onward: _Onward, errors: object, *, status: int = 200) -> HTMLResponse:
    factors = factors_of(desk.work, desk.account.id)
    context = desk.context(
        act=onward.act,
        fields=onward.fields,
        held=json.dumps(onward.fields),
        back=onward.back,
        has_passkey=bool(factors.passkeys),
        has_app=factors.app_since is not None,
        through_agency=_through_agency(desk),
        errors=errors,
    )
    return HTMLResponse(render("staff/prove.html", context), status_code=status)
