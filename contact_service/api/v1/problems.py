"""Problem details (RFC 9457): the one table from error class to status, with a stable type for every named error.

Nothing that was sent is echoed, and nothing is told of how the product is made.
"""

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from contact_service.agency_policy.reading import PolicyNotValid
from contact_service.api.v1.bodies import Answer
from contact_service.errors import (
    BadInput,
    Conflict,
    ContactServiceError,
    IllegalMove,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooManyRequests,
    UnknownRelationship,
)
from contact_service.policy.decision import Reason, Refused
from contact_service.repeats.errors import AnsweredBefore, IdempotencyKeyMissing, IdempotencyKeyReused
from contact_service.waiting.waiting import OfferOver

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
TYPES = "urn:contact-service:problem:"
REPLAYED = "Idempotency-Replayed"
_SERVER_ERROR = 500
_MOST_ERRORS = 50


class RefusingRule(Answer):
    """One rule that said no.  Its number is one of policy/RULES.md."""

    number: str = Field(examples=["R1"])
    code: str = Field(examples=["not_in_plan"])
    reason: str = Field(examples=["Emil is not in Mia's contact plan. Change the plan first."])


class WrongMember(Answer):
    """One member of the body or the address that is wrong.  ``pointer`` is a JSON pointer into the body (RFC 6901)."""

    pointer: str = Field(examples=["/people/0"])
    detail: str = Field(examples=["Extra inputs are not permitted"])


class PolicyFault(Answer):
    """One fault of a policy text; lines count from 1."""

    line: int
    detail: str


class Problem(Answer):
    """Why a request was not done (RFC 9457)."""

    type: str = Field(examples=[f"{TYPES}refused-by-rules"], description="Stable; decide by it.")
    title: str = Field(examples=["Rules say no"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["1 rule says no."], description="For people; may change.")
    code: str | None = Field(default=None, description="Finds the line in the operator's log.")
    field: str | None = Field(default=None, description="The member that is wrong.")
    rules: list[RefusingRule] | None = None
    errors: list[WrongMember] | None = None
    faults: list[PolicyFault] | None = None


# Status and title of each branch of the tree; the nearest ancestor counts.  The type is the class's own name.
STATUSES: Mapping[type[Exception], tuple[int, str]] = {
    NotSignedIn: (401, "Who are you?"),
    NotAllowed: (403, "This account cannot do this"),
    NotFound: (404, "Not found"),
    IdempotencyKeyMissing: (400, "The Idempotency-Key is missing"),
    IdempotencyKeyReused: (422, "The Idempotency-Key belongs to another request"),
    BadInput: (422, "Something is not right"),
    IllegalMove: (409, "Not possible now"),
    TooManyRequests: (429, "Too many requests"),
    OfferOver: (410, "Not held any more"),
    Conflict: (409, "Somebody was faster"),
    ContactServiceError: (_SERVER_ERROR, "This did not work"),
}


def name_of(error: type[Exception]) -> str:
    """The stable name of an error: its class's, in lower case with hyphens."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The problem as an answer."""
    plain = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(plain, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def rules_of(reasons: Iterable[Reason]) -> list[RefusingRule]:
    """The reasons of a refusal as callers read them."""
    return [RefusingRule(number=r.rule, code=r.code, reason=r.words) for r in reasons]


def refused(decision: Refused) -> JSONResponse:
    """A refusal by rules, with every rule that said no and why; the refusal itself is recorded and committed."""
    number = len(decision.reasons)
    return answer(
        Problem(
            type=f"{TYPES}refused-by-rules",
            title="Rules say no",
            status=409,
            detail=" ".join(dict.fromkeys(reason.words for reason in decision.reasons))
            or f"{number} rules say no.",
            rules=rules_of(decision.reasons),
        )
    )


def refused_merge(words: str) -> JSONResponse:
    """Two records that cannot be one person; that somebody tried is recorded and committed, the proposal waits."""
    return answer(
        Problem(
            type=f"{TYPES}merge-refused", title="The records cannot be one person", status=409, detail=words
        )
    )


def too_many() -> JSONResponse:
    """The answer to a request that is one too many; when the next may come stands in ``Retry-After``."""
    status, title = STATUSES[TooManyRequests]
    words = str(TooManyRequests())
    return answer(Problem(type=TYPES + name_of(TooManyRequests), title=title, status=status, detail=words))


def install(app: FastAPI) -> None:
    """Answer every error of every route with a problem."""
    app.add_exception_handler(AnsweredBefore, _again)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(Exception, _broken)
    for kind, (status, title) in STATUSES.items():
        app.add_exception_handler(kind, _handler(status, title))


def _handler(status: int, title: str) -> Callable[[Request, Exception], Response]:
    def handle(_request: Request, error: Exception) -> Response:
        code = _logged(error) if status >= _SERVER_ERROR else None
        known = status < _SERVER_ERROR
        return answer(
            Problem(
                type=TYPES + (name_of(type(error)) if known else "broken"),
                title=title,
                status=status,
                detail=str(error) if known else _BROKEN,
                code=code,
                field=(error.field or None) if isinstance(error, BadInput) else None,
                faults=_faults(error),
            ),
            _WHO if status == STATUSES[NotSignedIn][0] else None,
        )

    return handle


_BROKEN = "Something went wrong on our side. Nothing was saved."
_WHO = {"WWW-Authenticate": "Bearer"}


def _faults(error: Exception) -> list[PolicyFault] | None:
    if not isinstance(error, PolicyNotValid):
        return None
    return [PolicyFault(line=line, detail=text) for line, text in error.faults[:_MOST_ERRORS]]


def _logged(error: Exception) -> str:
    code = f"{_SERVER_ERROR}-{secrets.token_hex(2)}"
    logger.error("a request failed", exc_info=error, extra={"code": code})
    return code


def _broken(_request: Request, error: Exception) -> Response:
    problem = Problem(
        type=f"{TYPES}broken",
        title="This did not work",
        status=_SERVER_ERROR,
        detail=_BROKEN,
        code=_logged(error),
    )
    return answer(problem)


def _busy(_request: Request, error: Exception) -> Response:
    code = _logged(error)
    detail = (
        "The system is busy. Nothing was saved. Send the same request again, with the same Idempotency-Key."
    )
    problem = Problem(type=f"{TYPES}busy", title="We are busy", status=503, detail=detail, code=code)
    return answer(problem, {"Retry-After": "2"})


def _again(_request: Request, error: Exception) -> Response:
    """The answer that was given before, as it was."""
    assert isinstance(error, AnsweredBefore)
    return Response(error.body, error.status, {REPLAYED: "true"}, error.media_type)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return answer(_not_found())
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return _other_method(request)
    detail = "The body is not JSON that we understand."
    problem = Problem(
        type=f"{TYPES}body-not-valid",
        title="The request is not valid",
        status=error.status_code,
        detail=detail,
    )
    return answer(problem)


def _not_found() -> Problem:
    return Problem(type=TYPES + name_of(NotFound), title="Not found", status=404, detail=str(NotFound()))


def _other_method(request: Request) -> Response:
    """Every method that the address knows, not only those of the one route that was tried first (RFC 9110, 15.5.6)."""
    known = [method for method in _METHODS if _is_known(request, method)]
    problem = Problem(
        type=f"{TYPES}method-not-allowed",
        title="Another method is meant",
        status=405,
        detail=f"This address answers to {' and '.join(known)} only.",
    )
    return answer(problem, {"Allow": ", ".join(known)})


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _is_known(request: Request, method: str) -> bool:
    asked = dict(request.scope) | {"method": method}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)


# Errors of single members that have names of their own; the validators of the bodies raise them.
_NAMED = {"unknown_relationship": UnknownRelationship}


def _invalid(_request: Request, error: Exception) -> Response:
    """What was sent is not echoed: it may be anything.  An id in the path that is none is simply not there."""
    assert isinstance(error, RequestValidationError)
    found: Sequence[Mapping[str, object]] = error.errors()
    if any(_place(one)[0] == "path" for one in found):
        return answer(_not_found())
    named = next((_NAMED[str(one["type"])] for one in found if str(one["type"]) in _NAMED), None)
    return answer(
        Problem(
            type=TYPES + (name_of(named) if named else "body-not-valid"),
            title="Something is not right",
            status=422,
            detail=str(named())
            if named
            else "Something that was sent is missing, unknown, too long or not understood.",
            errors=[
                WrongMember(pointer=_pointer(_place(one)), detail=str(one["msg"]))
                for one in found[:_MOST_ERRORS]
            ],
        )
    )


def _place(one: Mapping[str, object]) -> tuple[str, ...]:
    place = one["loc"]
    assert isinstance(place, tuple | list)
    return tuple(str(part)[:100] for part in place)


def _pointer(place: tuple[str, ...]) -> str:
    """RFC 6901 for a member of the body; the name itself for a header or a part of the query."""
    if place[0] != "body":
        return place[-1]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in place[1:])
