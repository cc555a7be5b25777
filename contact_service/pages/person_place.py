"""From which rooms or video links somebody takes part: a room or link there is then taken with each visit of theirs."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, day_or_none, problem
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.pages.rendering import render
from contact_service.pages.week import today_of
from contact_service.people.person import Member
from contact_service.pools import queries
from contact_service.visits.actions import pooling

router = APIRouter()


class PlaceForm(Posted):
    """From where, and on which days; a last day left empty: until it is ended."""

    pool: str = ""
    first: str = ""
    last: str = ""


@router.get("/w/child/{child}/person/{person}/place")
def place_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """From where they take part now and later, with a form to say it."""
    demand_people(desk)
    found = child_of(desk, child)
    return _page(desk, found, person_of(desk, found, person), PlaceForm(first=f"{today_of(desk)}"))


@router.post("/w/child/{child}/person/{person}/place")
def link(desk: StaffForm, child: AnId, person: AnId, form: Annotated[PlaceForm, Form()]) -> Response:
    """They take part from there; what is booked takes a room or link, and is in doubt where none is left."""
    demand_people(desk)
    found = child_of(desk, child)
    member = person_of(desk, found, person)
    try:
        _demand_pool(desk, form.pool)
        first, last = day_of(form.first, "first"), day_or_none(form.last, "last")
        pooling.link(desk.work, member.person, form.pool, first, last)
    except BadInput as error:
        return _page(desk, found, member, form, errors=problem(error))
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/place/{link}/end")
def end(desk: StaffForm, child: AnId, person: AnId, link: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They take part from there no more."""
    demand_people(desk)
    pooling.end_link(desk.work, person_of(desk, child_of(desk, child), person).person, link)
    return _back(child, person)


def _demand_pool(desk: Desk, pool: str) -> None:
    if pool not in {one.id for one in queries.pools(desk.work)}:
        raise BadInput("Choose from where they take part.", "pool")


def _back(child: str, person: str) -> RedirectResponse:
    return RedirectResponse(f"/w/child/{child}/person/{person}/place", status_code=303)


def _page(
    desk: Desk,
    child: Member,
    member: Member,
    form: PlaceForm,
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    today = today_of(desk)
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.known_as, "is_child": member.person == child.person},
        places=[
            {"id": one.id, "pool": one.pool.id, "name": one.pool.name, "first": one.first, "last": one.last}
            for one in queries.links_of(desk.work, frozenset({member.person}))
            if one.last is None or one.last >= today
        ],
        pools=[{"value": one.id, "text": one.name} for one in queries.pools(desk.work)],
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/person_place.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
