"""When members of staff work, and when they are away: nobody is booked to watch a visit when they are not there."""

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput, NotAllowed
from contact_service.identity import queries as identity
from contact_service.identity.account import Account
from contact_service.ids import AccountId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, minute_of, problem
from contact_service.pages.plan import hours_shown
from contact_service.pages.rendering import render, say
from contact_service.pages.staff_fit import may_open
from contact_service.pages.words import ABSENCES, WEEKDAYS, choices
from contact_service.plans.hours import Weekday, Window
from contact_service.visits.actions import staffing
from contact_service.working_hours import actions, queries
from contact_service.working_hours.hours import AbsenceKind, BusyCalendar, StaffTime

router = APIRouter()


class HoursForm(Posted):
    """Hours of the week as they were typed."""

    days: list[str] = Field(default_factory=list, max_length=len(Weekday))
    earliest: str = ""
    latest: str = ""


class AbsenceForm(Posted):
    """Days away as they were typed."""

    first: str = ""
    last: str = ""
    kind: str = ""


_WORKING_WEEK = HoursForm(days=[day.value for day in list(Weekday)[:5]])


@router.get("/w/hours")
def hours_page(desk: StaffReading) -> HTMLResponse:
    """Everybody of the agency with their hours and when they are away."""
    everybody = identity.everybody(desk.work)
    times = queries.time_of(desk.work, [account.id for account in everybody])
    context = desk.context(
        people=[
            {
                "id": account.id,
                "name": account.name,
                "may_change": queries.may_set_hours(desk.work, account.id),
                "may_open": may_open(desk, account.id),
                **_shown(times[account.id], own=_may_see_why(desk, account.id)),
            }
            for account in everybody
        ]
    )
    return HTMLResponse(render("staff/hours.html", context, zone=desk.site.zone))


@router.get("/w/hours/{account}")
def change_page(desk: StaffReading, account: AnId) -> HTMLResponse:
    """One person's hours, with forms to add to them."""
    return _page(desk, account_of(desk, account), _WORKING_WEEK, AbsenceForm())


@router.post("/w/hours/{account}/weekly")
def add_weekly(desk: StaffForm, account: AnId, form: Annotated[HoursForm, Form()]) -> Response:
    """Keep hours of the week."""
    found = account_of(desk, account)
    try:
        staffing.add_hours(desk.work, found.id, window_of(form), zone=desk.site.zone)
    except BadInput as error:
        return _page(desk, found, form, AbsenceForm(), errors=problem(error))
    return RedirectResponse(f"/w/hours/{account}", status_code=303)


@router.post("/w/hours/{account}/weekly/{hours}/end")
def end_weekly(desk: StaffForm, account: AnId, hours: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They count no more."""
    actions.end_hours(desk.work, account_of(desk, account).id, hours)
    return RedirectResponse(f"/w/hours/{account}", status_code=303)


@router.post("/w/hours/{account}/away")
def add_away(desk: StaffForm, account: AnId, form: Annotated[AbsenceForm, Form()]) -> Response:
    """Keep days on which somebody is away; visits that are booked on them are put in doubt."""
    found = account_of(desk, account)
    try:
        days = (day_of(form.first, "first"), day_of(form.last or form.first, "last"))
        staffing.add_absence(desk.work, found.id, days, _kind(form), zone=desk.site.zone)
    except BadInput as error:
        return _page(desk, found, _WORKING_WEEK, form, errors=problem(error))
    return RedirectResponse(f"/w/hours/{account}", status_code=303)


@router.post("/w/hours/{account}/away/{absence}/end")
def end_away(desk: StaffForm, account: AnId, absence: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They are back, or never went."""
    actions.end_absence(desk.work, account_of(desk, account).id, absence)
    return RedirectResponse(f"/w/hours/{account}", status_code=303)


def window_of(form: HoursForm) -> Window:
    """The hours of the week that were typed; raises ``BadInput``."""
    if not set(form.days) <= set(Weekday):
        raise BadInput("Choose at least one day of the week.", "days")
    return Window(
        days=tuple(day for day in Weekday if day in form.days),
        earliest=minute_of(form.earliest, "earliest"),
        latest=minute_of(form.latest, "latest"),
    )


def _kind(form: AbsenceForm) -> AbsenceKind:
    if form.kind not in set(AbsenceKind):
        raise BadInput("Choose why. Colleagues see only that somebody is away.", "kind")
    return AbsenceKind(form.kind)


def account_of(desk: Desk, account: str) -> Account:
    """Somebody whose hours the reader may write down; raises ``NotFound``, ``NotAllowed``."""
    found = identity.account_for(desk.work, AccountId(account))
    if not queries.may_set_hours(desk.work, found.id):
        raise NotAllowed("You write down your own hours. Somebody’s manager can do it for them.")
    return found


def hours_form(desk: Desk, account: Account, *, errors: list[dict[str, str]]) -> HTMLResponse:
    """The page of somebody's hours with what was wrong with another form of it."""
    return _page(desk, account, _WORKING_WEEK, AbsenceForm(), errors=errors)


def _may_see_why(desk: Desk, account: AccountId) -> bool:
    """Why somebody is away is between them and those who manage them."""
    return queries.may_set_hours(desk.work, account)


def _shown(time: StaffTime, *, own: bool) -> dict[str, object]:
    return {
        "weekly": [{"id": one.id, "hours": hours_shown(one.window)} for one in time.weekly],
        "away": [
            {
                "id": one.id,
                "first": one.first,
                "last": one.last if one.last != one.first else None,
                "why": say(ABSENCES[one.kind]) if own else "",
            }
            for one in time.away
        ],
    }


def _page(
    desk: Desk,
    account: Account,
    weekly: HoursForm,
    away: AbsenceForm,
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    time = queries.time_of(desk.work, [account.id])[account.id]
    context = desk.context(
        person={"id": account.id, "name": account.name, "own": account.id == desk.account.id},
        **_shown(time, own=True),
        calendars=[calendar_shown(one) for one in queries.busy_calendars_of(desk.work, account.id)],
        weekdays=choices(WEEKDAYS),
        kinds=choices(ABSENCES),
        form=weekly.model_dump(exclude={"csrf", "once"}) | away.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
    )
    page = render("staff/hours_change.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def calendar_shown(one: BusyCalendar) -> dict[str, object]:
    """A calendar of somebody's own, without its address and without what is in it."""
    return {
        "id": one.id,
        "address": one.address,
        "times": one.times,
        "read_at": one.read_at,
        "failure": say(one.failure) if one.failure else "",
    }
