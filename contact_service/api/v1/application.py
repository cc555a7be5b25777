"""The JSON API as an application of its own, mounted at ``/api``: its errors are problems, not pages."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from contact_service.api.v1 import (
    agreed_questions,
    approvals,
    calendars,
    callers,
    cases,
    channels,
    clearances,
    consents,
    emergency_access,
    family_hours,
    handing,
    histories,
    languages,
    late_calls,
    letters,
    merges,
    orders,
    owed,
    people,
    photos,
    placements,
    plans,
    policies,
    pools,
    problems,
    records,
    requests,
    restrictions,
    rights,
    series,
    staff_fit,
    times,
    visits,
    waiting,
    waiting_list,
    weeks,
    working_hours,
)
from contact_service.api.v1.access import CHANGES, DESCRIBED, KEY_HEADER, KEY_PATTERN, SCOPE_OF
from contact_service.service_accounts.scope import Scope
from contact_service.work import Installation

RESOURCES = (
    callers,
    languages,
    working_hours,
    staff_fit,
    calendars,
    clearances,
    pools,
    cases,
    people,
    family_hours,
    channels,
    agreed_questions,
    photos,
    placements,
    rights,
    merges,
    restrictions,
    plans,
    orders,
    consents,
    policies,
    requests,
    times,
    visits,
    series,
    weeks,
    owed,
    approvals,
    handing,
    late_calls,
    letters,
    records,
    waiting,
    waiting_list,
    emergency_access,
    histories,
)
VERSION = "1"
_TELLS = {
    "400": "The Idempotency-Key is missing, or the body is no JSON",
    "401": "No token or session, or one that stands no more",
    "403": "The scope or the role is missing, or a person must decide",
    "404": "Not there, or not within reach",
    "409": "Rules say no, the thing has moved on, or somebody was faster",
    "410": "The time is not held any more",
    "413": "The body is larger than 1 MB, or than 7 MB where it brings a file",
    "422": "Something that was sent is not right",
    "429": "Too many in a short time: send the same again after `Retry-After` seconds",
    "503": "Busy: send the same again",
}
_OF_A_BODY = {"400", "413"}


def api_app(installation: Installation, *, public_url: str, zone: str, described: bool) -> FastAPI:
    """The application; ``described`` serves its description at ``openapi.json``, without a page around it."""
    app = api_routes(described=described)
    furnish(app, installation, public_url=public_url, zone=zone)
    return app


def api_routes(*, described: bool) -> FastAPI:
    """Every operation, of no installation yet: nothing answers until it is furnished."""
    app = FastAPI(
        title="contact_service",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if described else None,
        dependencies=list(DESCRIBED),
    )
    for module in RESOURCES:
        app.include_router(module.router, prefix="/v1")
    problems.install(app)
    app.openapi = lambda: description(app)  # type: ignore[method-assign]  # FastAPI's own way to change it
    return app


def furnish(app: FastAPI, installation: Installation, *, public_url: str, zone: str) -> None:
    """Let the operations answer for this installation, and for no other from now on."""
    app.state.installation = installation
    app.state.public_url = public_url
    app.state.zone = zone


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with every error as a problem."""
    if app.openapi_schema is None:
        plain = get_openapi(
            title=app.title,
            version=app.version,
            summary="Supervised family visits: everything that the staff pages can do.",
            routes=app.routes,
            servers=[{"url": "/api"}],
        )
        app.openapi_schema = _with_problems(plain)
    return app.openapi_schema


def routes() -> list[APIRoute]:
    """Every route of the API, its path without the version."""
    return [route for module in RESOURCES for route in module.router.routes if isinstance(route, APIRoute)]


def who_of(route: APIRoute) -> tuple[Scope | None, bool]:
    """The scope that a route asks of a service account, and whether it changes anything."""
    [opened] = [d.call for d in route.dependant.dependencies if d.call in SCOPE_OF]
    return SCOPE_OF[opened], opened in CHANGES


def _say_who(route: APIRoute, path: dict[str, Any]) -> None:
    """Name the scope of an operation, and say that a POST needs its key."""
    scope, changes = who_of(route)
    [method] = (method.lower() for method in route.methods or ())
    operation = path[method]
    operation["x-scope"] = scope
    needs = f"Scope: `{scope}`." if scope else "A person decides." if changes else "Anybody who is known."
    operation["description"] = f"{operation.get('description', '')}\n\n{needs}"
    for parameter in list(operation.get("parameters", ())):
        if parameter["name"] == KEY_HEADER and method == "post":
            parameter |= {"required": True, "schema": {"type": "string", "pattern": KEY_PATTERN}}
        elif parameter["name"] == KEY_HEADER:
            operation["parameters"].remove(parameter)


def _with_problems(plain: dict[str, Any]) -> dict[str, Any]:
    schemas = plain["components"]["schemas"]
    found = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= found.pop("$defs", {})
    schemas["Problem"] = found
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for route in routes():
        _say_who(route, plain["paths"]["/v1" + route.path])
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in plain["paths"].values():
        for method, operation in path.items():
            answers: dict[str, Any] = operation["responses"]
            brings = method in ("post", "put")
            told = {status: text for status, text in _TELLS.items() if brings or status not in _OF_A_BODY}
            operation["responses"] = answers | {
                status: {"description": text, "content": content} for status, text in told.items()
            }
    return plain
