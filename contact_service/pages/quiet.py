"""Hours of the week in which a child has no visits, beside the hours that the agency's policy allows at all."""

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.agency_policy.queries import policy_in_force
from contact_service.errors import BadInput
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, minute_of, problem
from contact_service.pages.plan import hours_shown
from contact_service.pages.reach import child_of, demand_people, may_know_people
from contact_service.pages.rendering import render, say
from contact_service.pages.words import QUIET_KINDS, WEEKDAYS, choices
from contact_service.people.person import Member
from contact_service.plans import actions, queries
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window

router = APIRouter()


class QuietForm(Posted):
    """Hours without visits as they were typed."""

    kind: str = ""
    days: list[str] = Field(default_factory=list, max_length=len(Weekday))
    earliest: str = ""
    latest: str = ""


@router.get("/w/child/{child}/quiet")
def quiet_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """When the child has no visits."""
    return _page(desk, child_of(desk, child), QuietForm(days=[day.value for day in list(Weekday)[:5]]))


@router.post("/w/child/{child}/quiet")
def add(desk: StaffForm, child: AnId, form: Annotated[QuietForm, Form()]) -> Response:
    """Keep hours without visits; what is booked already stays, and is not booked again."""
    demand_people(desk)
    member = child_of(desk, child)
    try:
        actions.add_quiet_hours(desk.work, member.person, _read(form))
    except BadInput as error:
        return _page(desk, member, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/quiet", status_code=303)


@router.post("/w/child/{child}/quiet/{quiet}/end")
def end(desk: StaffForm, child: AnId, quiet: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They count no more."""
    demand_people(desk)
    actions.end_quiet_hours(desk.work, child_of(desk, child).person, quiet)
    return RedirectResponse(f"/w/child/{child}/quiet", status_code=303)


def _read(form: QuietForm) -> QuietHours:
    if form.kind not in set(QuietKind):
        raise BadInput("Choose what the child does then.", "kind")
    if not set(form.days) <= set(Weekday):
        raise BadInput("Choose at least one day of the week.", "days")
    window = Window(
        days=tuple(day for day in Weekday if day in form.days),
        earliest=minute_of(form.earliest, "earliest"),
        latest=minute_of(form.latest, "latest"),
    )
    return QuietHours(kind=QuietKind(form.kind), window=window)


def _page(
    desk: Desk, child: Member, form: QuietForm, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    hours = policy_in_force(desk.work).document.hours
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        quiet=[
            {"id": quiet, "kind": say(QUIET_KINDS[one.kind]), "hours": hours_shown(one.window)}
            for quiet, one in queries.quiet_hours_of(desk.work, child.person)
        ],
        agency_hours=hours_shown(
            Window(days=tuple(hours.days), earliest=hours.earliest, latest=hours.latest)
        ),
        may_change=may_know_people(desk),
        kinds=choices(QUIET_KINDS),
        weekdays=choices(WEEKDAYS),
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/quiet.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
