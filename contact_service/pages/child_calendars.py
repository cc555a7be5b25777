"""Which shared calendars count for a child, and for the people of the child's case."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.calendars import queries
from contact_service.calendars.calendar import Link
from contact_service.errors import BadInput, NotFound
from contact_service.ids import PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.pages.rendering import render, say
from contact_service.pages.words import EFFECTS
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.visits.actions import closing

router = APIRouter()


class LinkForm(Posted):
    """Which calendar, and for whom."""

    calendar: str = ""
    person: str = ""


@router.get("/w/child/{child}/calendars")
def calendars_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """The calendars of the agency that count anyway, and those of each person."""
    demand_people(desk)
    return _page(desk, child_of(desk, child), LinkForm(person=child))


@router.post("/w/child/{child}/calendars")
def link(desk: StaffForm, child: AnId, form: Annotated[LinkForm, Form()]) -> Response:
    """A calendar counts for the child, or for somebody of the case; what it hits is put in doubt."""
    demand_people(desk)
    member = child_of(desk, child)
    try:
        _demand_calendar(desk, form.calendar)
        if form.person != child:
            person_of(desk, member, form.person)
        closing.link(desk.work, form.calendar, PersonId(form.person))
    except BadInput as error:
        return _page(desk, member, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/calendars", status_code=303)


@router.post("/w/child/{child}/calendars/{link}/end")
def end(desk: StaffForm, child: AnId, link: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """It counts there no more."""
    demand_people(desk)
    member = child_of(desk, child)
    if link not in {one.id for _, one in _links(desk, member)}:
        raise NotFound
    closing.unlink(desk.work, link)
    return RedirectResponse(f"/w/child/{child}/calendars", status_code=303)


def _demand_calendar(desk: Desk, calendar: str) -> None:
    if calendar not in {one.id for one in queries.calendars(desk.work)}:
        raise BadInput("Choose a calendar.", "calendar")


def _links(desk: Desk, child: Member) -> list[tuple[Member, Link]]:
    """The calendars of the child and of everybody of the case, each with whose it is; the child's first."""
    everybody = people.members_of(desk.work, child.case, child=child.person)
    own_first = sorted(everybody, key=lambda member: member.person != child.person)
    return [(m, link) for m in own_first for link in queries.links_about(desk.work, m.person)]


def _page(
    desk: Desk, child: Member, form: LinkForm, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    everybody = people.members_of(desk.work, child.case, child=child.person)
    named = {child.person: child.known_as} | {member.person: member.known_as for member in everybody}
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        everywhere=[_shown(link) for link in queries.links_of_agency(desk.work)],
        links=[_shown(link) | {"whose": member.known_as} for member, link in _links(desk, child)],
        calendars=[
            {"value": one.id, "text": f"{one.name} ({say(EFFECTS[one.effect])})"}
            for one in queries.calendars(desk.work)
        ],
        people=[{"value": person, "text": name} for person, name in named.items()],
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/child_calendars.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _shown(link: Link) -> dict[str, str]:
    calendar = link.calendar
    return {
        "id": link.id,
        "calendar": calendar.id,
        "name": calendar.name,
        "effect": say(EFFECTS[calendar.effect]),
    }
