"""Where a child lives and lived.  Only the child's own staff reads it; nothing of it ever enters a family page."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.ids import PersonId, PlacementId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, day_or_none, problem
from contact_service.pages.reach import child_of, demand_people
from contact_service.pages.rendering import render
from contact_service.people.actions import placements as acting
from contact_service.people.person import Member, MemberRole
from contact_service.people.placement import Days, NewPlacement, Placement, PlaceWords
from contact_service.people.queries import members as people
from contact_service.people.queries.placements import placements_for
from contact_service.visits.actions import placing

router = APIRouter()


class PlaceForm(Posted):
    """Where the child lives from a day on."""

    carer: str = ""
    place: str = ""
    area: str = ""
    school: str = ""
    first_on: str = ""
    last_on: str = ""
    confidential: str = ""


class LastDayForm(Posted):
    """The last day of something that is open; its field is named for what it ends."""

    last_on: str = ""


@router.get("/w/child/{child}/home")
def home_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """Where the child lives, and lived before."""
    return _page(desk, child_of(desk, child), PlaceForm(confidential="yes"))


@router.post("/w/child/{child}/home")
def place(desk: StaffForm, child: AnId, form: Annotated[PlaceForm, Form()]) -> Response:
    """Keep a move; the placement before ends the day before."""
    demand_people(desk)
    member = child_of(desk, child)
    try:
        placing.place(desk.work, _new(member, form))
    except BadInput as error:
        return _page(desk, member, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/home", status_code=303)


@router.post("/w/child/{child}/home/{placement}/end")
def end(desk: StaffForm, child: AnId, placement: AnId, form: Annotated[LastDayForm, Form()]) -> Response:
    """Write down the last day."""
    demand_people(desk)
    member, field = child_of(desk, child), f"last-{placement}"
    try:
        last = day_of(form.last_on, field)
        acting.end_placement(desk.work, member.person, PlacementId(placement), last)
    except BadInput as error:
        told = [{"field": field, "text": problem(error)[0]["text"]}]
        return _page(desk, member, PlaceForm(confidential="yes"), ending=form.last_on, errors=told)
    return RedirectResponse(f"/w/child/{child}/home", status_code=303)


def _new(child: Member, form: PlaceForm) -> NewPlacement:
    return NewPlacement(
        child=child.person,
        carer=PersonId(form.carer) if form.carer else None,
        days=Days(first=day_of(form.first_on, "first_on"), last=day_or_none(form.last_on, "last_on")),
        confidential=bool(form.confidential),
        words=PlaceWords(name=form.place, area=form.area, school=form.school),
    )


def _page(
    desk: Desk,
    child: Member,
    form: PlaceForm,
    *,
    ending: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    everybody = people.members_of(desk.work, child.case, child=child.person)
    names = {member.person: member.details.name for member in everybody}
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        placements=[_shown(one, names) for one in placements_for(desk.work, child.person)],
        carers=[
            {"value": m.person, "text": m.details.name} for m in everybody if m.role is MemberRole.CAREGIVER
        ],
        form=form.model_dump(exclude={"csrf", "once"}),
        ending=ending or "",
        adding=bool(errors) and ending is None,
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/home.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _shown(placement: Placement, names: dict[PersonId, str]) -> dict[str, object]:
    words = placement.words
    return {
        "id": placement.id,
        "first_on": placement.days.first,
        "last_on": placement.days.last,
        "confidential": placement.confidential,
        "concealed": placement.concealed,
        "carer": names.get(placement.carer, "") if placement.carer else "",
        "place": words.name,
        "area": words.area,
        "school": words.school,
    }
