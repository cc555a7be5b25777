"""When a family member or carer can usually take part: it narrows the times that are offered, and forbids nothing."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, problem
from contact_service.pages.plan import hours_shown
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.pages.rendering import render
from contact_service.pages.words import WEEKDAYS, choices
from contact_service.pages.working_hours import HoursForm, calendar_shown, window_of
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.plans.hours import Weekday
from contact_service.working_hours import actions, queries
from contact_service.working_hours.hours import FamilyTime

router = APIRouter()


class FamilyHoursForm(HoursForm):
    """Hours of the week, and by which clock."""

    zone: str = ""


class FamilyAwayForm(Posted):
    """Days on which somebody cannot take part, and by which clock."""

    first: str = ""
    last: str = ""
    zone: str = ""


_ALL_DAYS = [day.value for day in Weekday]


@router.get("/w/child/{child}/person/{person}/hours")
def hours_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """Hours and days away of somebody, with forms to add to them."""
    demand_people(desk)
    found = child_of(desk, child)
    return _page(desk, found, person_of(desk, found, person), {})


@router.post("/w/child/{child}/person/{person}/hours/weekly")
def add_weekly(
    desk: StaffForm, child: AnId, person: AnId, form: Annotated[FamilyHoursForm, Form()]
) -> Response:
    """Keep hours of the week."""
    demand_people(desk)
    found = child_of(desk, child)
    member = person_of(desk, found, person)
    try:
        actions.add_family_hours(desk.work, member.person, window_of(form), zone=form.zone)
    except BadInput as error:
        return _page(desk, found, member, form.model_dump(), errors=problem(error))
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/hours/weekly/{hours}/end")
def end_weekly(
    desk: StaffForm,
    child: AnId,
    person: AnId,
    hours: AnId,
    form: Annotated[Posted, Form()],  # noqa: ARG001
) -> Response:
    """They count no more."""
    demand_people(desk)
    actions.end_family_hours(desk.work, person_of(desk, child_of(desk, child), person).person, hours)
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/hours/away")
def add_away(desk: StaffForm, child: AnId, person: AnId, form: Annotated[FamilyAwayForm, Form()]) -> Response:
    """Keep days on which they cannot take part."""
    demand_people(desk)
    found = child_of(desk, child)
    member = person_of(desk, found, person)
    try:
        days = (day_of(form.first, "first"), day_of(form.last or form.first, "last"))
        actions.add_family_absence(desk.work, member.person, days, zone=form.zone)
    except BadInput as error:
        return _page(desk, found, member, form.model_dump(), errors=problem(error))
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/hours/away/{absence}/end")
def end_away(
    desk: StaffForm,
    child: AnId,
    person: AnId,
    absence: AnId,
    form: Annotated[Posted, Form()],  # noqa: ARG001
) -> Response:
    """They can take part after all."""
    demand_people(desk)
    actions.end_family_absence(desk.work, person_of(desk, child_of(desk, child), person).person, absence)
    return _back(child, person)


def hours_form(desk: Desk, child: Member, member: Member, *, errors: list[dict[str, str]]) -> HTMLResponse:
    """The page of somebody's hours with what was wrong with another form of it."""
    return _page(desk, child, member, {}, errors=errors)


def _back(child: str, person: str) -> RedirectResponse:
    return RedirectResponse(f"/w/child/{child}/person/{person}/hours", status_code=303)


def _page(
    desk: Desk,
    child: Member,
    member: Member,
    typed: dict[str, object],
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    time = queries.family_time_of(desk.work, [member.person]).get(
        member.person, FamilyTime(person=member.person)
    )
    zone = people.zone_of_person(desk.work, member.person)
    empty = {"days": _ALL_DAYS, "earliest": "", "latest": "", "first": "", "last": "", "zone": zone}
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.known_as},
        weekly=[{"id": one.id, "hours": hours_shown(one.window), "zone": one.zone} for one in time.weekly],
        away=[
            {"id": one.id, "first": one.first, "last": one.last if one.last != one.first else None}
            for one in time.away
        ],
        calendars=[calendar_shown(one) for one in queries.family_calendars_of(desk.work, member.person)],
        weekdays=choices(WEEKDAYS),
        form=empty | {name: value for name, value in typed.items() if name in empty},
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/family_hours.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
