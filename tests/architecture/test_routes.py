"""Every route that opens a Work commits before the answer leaves; no route tells what the product is made of."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from contact_service.api import health
from contact_service.pages import access, again, demo, prove
from contact_service.pages.every import PAGES

OPENS_A_WORK = {
    function
    for name, function in (vars(access) | vars(again) | vars(prove)).items()
    if name.startswith(("_staff_", "_guest_", "_again_")) and callable(function)
}
# These open their own Work inside the route, so that it is committed before they return.
OPENS_INSIDE = {"open_link", "open_by_code", "sign_in", "healthz", "start", "messages"}
OPENS_INSIDE |= {"code_page", "sign_in_code", "ask_to_sign", "sign_in_passkey"}
OPENS_INSIDE |= {"set_new_password", "make_first_administrator"}
OPENS_INSIDE |= {"choice_page", "take_time", "answer_page", "say_whether", "ask_other"}
OPENS_INSIDE |= {"ask_agency", "ask_agency_anew", "sign_in_agency", "agency_signed_out"}
WITHOUT_WORK = {
    "front",
    "sign_in_page",
    "new_password_page",
    "first_run_page",
    "opener",
    "type_code",
    "back_page",
}


def routes() -> list[APIRoute]:
    """Every page and JSON route."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for module in (*PAGES, demo, health):
        app.include_router(module.router)
    flat: list[APIRoute] = []
    for module in (*PAGES, demo, health):
        flat += [route for route in module.router.routes if isinstance(route, APIRoute)]
    return flat


def dependants(dependant: Dependant) -> Iterator[Dependant]:
    for inner in dependant.dependencies:
        yield inner
        yield from dependants(inner)


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{min(route.methods)} {route.path}")
def test_a_route_commits_before_it_answers(route: APIRoute) -> None:
    opening = [d for d in dependants(route.dependant) if d.call in OPENS_A_WORK]
    name = route.endpoint.__name__
    if name in OPENS_INSIDE | WITHOUT_WORK:
        assert not opening
        return
    assert len(opening) == 1
    assert opening[0].scope == "function"


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{min(route.methods)} {route.path}")
def test_a_route_that_changes_things_asks_for_proof_of_our_own_page(route: APIRoute) -> None:
    calls = {getattr(d.call, "__name__", "") for d in dependants(route.dependant)}
    reading, writing = (
        {"_staff_reading", "_guest_reading"},
        {
            "_staff_form",
            "_staff_json",
            "_staff_question",
            "_again_form",
            "_again_change",
            "_again_json",
            "_again_proof",
        }
        | {"_guest_form", "_guest_json"},
    )
    if route.methods == {"GET"}:
        assert not calls & writing
    elif route.endpoint.__name__ not in OPENS_INSIDE:
        assert calls & writing
        assert not calls & reading


def test_the_routes_are_all_here() -> None:
    names = {route.endpoint.__name__ for route in routes()}
    assert names >= OPENS_INSIDE | WITHOUT_WORK
    assert len(routes()) > 40
