"""Who calls: a service account by its token, or a member of staff by the session of their browser.

Each dependency opens the Work that its route uses, with scope "function", so that a failed commit is never a shown
success.  A session proves for every change that it comes from our own page; a token is no cookie, so no other page can
send it.  Every POST has an Idempotency-Key, whoever calls.
"""

import hmac
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from sqlalchemy.exc import OperationalError

from contact_service import actor
from contact_service.actor import Actor
from contact_service.errors import Conflict, NotAllowed, PersonNeeded, ScopeMissing
from contact_service.ids import AccountId
from contact_service.readings.actions import write_down_what_was_opened
from contact_service.readings.reading import part_of
from contact_service.repeats.actions import take_up
from contact_service.repeats.errors import IdempotencyKeyMissing
from contact_service.request_limits.known import note_known
from contact_service.service_accounts.queries import service_account_of_token
from contact_service.service_accounts.scope import Scope
from contact_service.service_accounts.service_account import ServiceAccount
from contact_service.staff_door import (
    STAFF_COOKIE,
    acting,
    is_own_page,
    read_as_evidence,
    refusals_recorded,
    session_of,
)
from contact_service.work import Installation, Work, read

# Only for the description of the API; the dependencies below read the request themselves.
DESCRIBED = (
    Depends(HTTPBearer(scheme_name="serviceAccount", auto_error=False)),
    Depends(APIKeyCookie(name=STAFF_COOKIE, scheme_name="staffSession", auto_error=False)),
)

# What an auditor reaches who has not said yet what they read for.
WITHOUT_PURPOSE = ("/me", "/me/purpose")

# Which scope each opening dependency asks for, None for what only a person decides; the description says so too.
SCOPE_OF: dict[object, Scope | None] = {}
CHANGES: set[object] = set()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A caller with an open Work.

    ``cookie`` is of a session, ``taken`` the key under which the answer is kept.
    """

    work: Work
    installation: Installation
    machine: ServiceAccount | None
    csrf: str = ""
    cookie: str = ""
    taken: str | None = None

    @property
    def account(self) -> AccountId:
        """The caller's own account."""
        assert self.work.actor.account is not None
        return self.work.actor.account


@dataclass(frozen=True, kw_only=True)
class _Caller:
    """Who calls, before anything is opened for them."""

    machine: ServiceAccount | None
    staff: Actor | None
    csrf: str

    def wearing(self, scope: Scope | None) -> Actor:
        """The caller as an actor: a machine wears what its scope needs, and nothing without one."""
        if self.machine is None:
            assert self.staff is not None
            return self.staff
        return self.machine.actor(scope or Scope.STAFF_READ)

    def demand(self, scope: Scope | None) -> None:
        """Raise ``PersonNeeded`` for a machine where there is no scope, ``ScopeMissing`` where it has not this one."""
        if self.machine is None:
            return
        if scope is None:
            raise PersonNeeded
        if scope not in self.machine.scopes:
            raise ScopeMissing(f"This service account does not have the scope {scope}. Ask whoever made it.")


def _caller(request: Request) -> _Caller:
    installation: Installation = request.app.state.installation
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind:
        with read(installation, actor.NOBODY) as work:
            found = service_account_of_token(work, token.strip() if kind.lower() == "bearer" else "")
        note_known(request.scope, found.account)
        return _Caller(machine=found, staff=None, csrf="")
    stating = request.url.path.rpartition("/v1")[2] in WITHOUT_PURPOSE
    session = session_of(installation, request.cookies.get(STAFF_COOKIE, ""), stating=stating)
    note_known(request.scope, session.account.id)
    return _Caller(machine=None, staff=session.account.actor(), csrf=session.csrf)


def _recorded(request: Request, who: Actor) -> AbstractContextManager[None]:
    return refusals_recorded(
        request.app.state.installation,
        who,
        asked_for=f"api/{getattr(request.scope.get('endpoint'), '__name__', 'unknown')}",
        visit=request.path_params.get("visit", ""),
    )


def _part(request: Request) -> str:
    return part_of(getattr(request.scope.get("route"), "path", ""))


def reading(scope: Scope | None) -> Any:  # noqa: ANN401  FastAPI's own type for what stands in Annotated
    """A desk at which nothing can be changed; None is for whoever is known at all."""

    def open_reading(request: Request) -> Iterator[Desk]:
        caller = _caller(request)
        who = caller.wearing(scope)
        with _recorded(request, who):
            if scope is not None:
                caller.demand(scope)
            installation: Installation = request.app.state.installation
            with read_as_evidence(installation, who, part=_part(request)) as work:
                yield Desk(work=work, installation=installation, machine=caller.machine, csrf=caller.csrf)

    SCOPE_OF[open_reading] = scope
    return Depends(open_reading, scope="function")


async def _sent(request: Request) -> bytes:
    return await request.body()


Sent = Annotated[bytes, Depends(_sent)]
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code: somebody holds the row for longer than we wait
KEY_HEADER, KEY_PATTERN = "Idempotency-Key", r"^[\x21-\x7e]{8,200}$"
Key = Annotated[
    str | None,
    Header(
        alias=KEY_HEADER,
        pattern=KEY_PATTERN,
        description="Chosen by the caller, needed with every POST: the same request sent again is answered as before.",
        examples=["7f1d3c9e-booking-41"],
    ),
]
Csrf = Annotated[str, Header(alias="X-Csrf", description="Only with a session: `csrf` of `GET /me`.")]


def writing(scope: Scope | None) -> Any:  # noqa: ANN401
    """A desk at which things may be changed under ``scope``; None is for what only a person decides."""

    def open_writing(request: Request, sent: Sent, key: Key = None, csrf: Csrf = "") -> Iterator[Desk]:
        caller = _caller(request)
        who = caller.wearing(scope)
        with _recorded(request, who):
            caller.demand(scope)
            if caller.machine is None:
                _demand_own_page(request, csrf, caller.csrf)
            if key is None and request.method == "POST":
                raise IdempotencyKeyMissing(field=KEY_HEADER)
            installation: Installation = request.app.state.installation
            with acting(installation, who) as work:
                taken = (
                    _take_up(work, key, _asked(request, sent)) if key and request.method == "POST" else None
                )
                desk = Desk(
                    work=work,
                    installation=installation,
                    machine=caller.machine,
                    cookie=request.cookies.get(STAFF_COOKIE, ""),
                    taken=taken,
                )
                request.state.desk = desk
                yield desk
                write_down_what_was_opened(work, part=_part(request))

    SCOPE_OF[open_writing] = scope
    CHANGES.add(open_writing)
    return Depends(open_writing, scope="function")


def deciding() -> Any:  # noqa: ANN401
    """A desk for what only a person decides."""
    return writing(None)


def _demand_own_page(request: Request, token: str, expected: str) -> None:
    own = is_own_page(
        fetched=request.headers.get("sec-fetch-site"),
        origin=request.headers.get("origin"),
        public_url=request.app.state.public_url,
    )
    if not own:
        raise NotAllowed("This request came from another site.")
    if not expected or not hmac.compare_digest(token.encode(), expected.encode()):
        raise NotAllowed("The token of the session is missing or old. Ask for it again.")


def _asked(request: Request, sent: bytes) -> bytes:
    """What was asked for, alike for bodies that say the same: method, address, and the members in one order."""
    try:
        said = json.dumps(json.loads(sent), sort_keys=True)
    except (ValueError, RecursionError):
        said = sent.decode("latin-1")
    return f"{request.method}\n{request.url.path}\n{request.url.query}\n{said}".encode()


def _take_up(work: Work, key: str, asked: bytes) -> str:
    try:
        return take_up(work, key, asked)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise Conflict("The same request is being answered just now. Send it again in a moment.") from None
