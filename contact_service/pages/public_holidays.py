"""Take the public holidays of a country into a calendar: first the country, then the part of it and the years."""

from typing import Annotated

from babel import Locale
from fastapi import APIRouter, Form, Query
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.calendars import queries
from contact_service.calendars.calendar import Calendar, Source
from contact_service.calendars.known_days import YEARS_AHEAD, countries, parts_of, public_holidays
from contact_service.errors import BadInput
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.calendars import span_shown, year_choices, years_of
from contact_service.pages.forms import Posted, problem
from contact_service.pages.rendering import render
from contact_service.visits.actions import closing

router = APIRouter()


class HolidaysForm(Posted):
    """Of which country, or part of it, and of which years."""

    country: str = ""
    part: str = ""
    years: list[str] = Field(default_factory=list, max_length=YEARS_AHEAD + 1)


@router.get("/w/calendar/{calendar}/holidays")
def holidays_page(
    desk: StaffReading, calendar: AnId, country: Annotated[str, Query(max_length=2)] = ""
) -> HTMLResponse:
    """Choose a country; with one chosen, its part and the years."""
    years = [one["value"] for one in year_choices(desk.work.now.date())[:2]]
    form = HolidaysForm(country=country if country in countries() else "", years=years)
    return _page(desk, queries.calendar_for(desk.work, calendar), form)


@router.post("/w/calendar/{calendar}/holidays")
def take(desk: StaffForm, calendar: AnId, form: Annotated[HolidaysForm, Form()]) -> Response:
    """Keep its public holidays as days of the calendar, to be looked at and struck out one by one."""
    found = queries.calendar_for(desk.work, calendar)
    try:
        days = public_holidays(form.country, form.part, years_of(form.years))
        place = f"{form.country}-{form.part}" if form.part else form.country
        closing.add_known_days(desk.work, found.id, days, Source.PUBLIC_HOLIDAYS, place)
    except BadInput as error:
        return _page(desk, found, form, errors=problem(error))
    return RedirectResponse(f"/w/calendar/{calendar}", status_code=303)


def _page(
    desk: Desk, calendar: Calendar, form: HolidaysForm, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    today = desk.work.now.date()
    names = Locale.parse("en").territories
    known = sorted(({"value": code, "text": names.get(code, code)} for code in countries()), key=_by_name)
    parts = parts_of(form.country)
    preview = public_holidays(form.country, "", [today.year + 1]) if form.country in countries() else []
    context = desk.context(
        calendar={"id": calendar.id, "name": calendar.name},
        countries=known,
        country=names.get(form.country, form.country) if form.country in countries() else "",
        parts=[{"value": code, "text": name} for code, name in parts.items()],
        years=year_choices(today),
        preview_year=today.year + 1,
        preview=[span_shown(span) for span in preview],
        may_keep=queries.may_keep_calendars(desk.work),
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
    )
    page = render("staff/holidays.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _by_name(choice: dict[str, str]) -> str:
    return choice["text"]
