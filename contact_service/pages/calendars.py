"""Calendars that many share: public holidays, closures, school terms, Ramadan; their days, and for whom they count."""

from datetime import date, timedelta
from itertools import groupby
from typing import Annotated

from babel import Locale
from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.agency_policy.spans import clock_face
from contact_service.calendars import actions, queries
from contact_service.calendars.calendar import Calendar, Effect, Entry, Link, Source, Span
from contact_service.calendars.known_days import YEARS_AHEAD, parts_of, ramadan
from contact_service.errors import BadInput
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, minute_of, problem
from contact_service.pages.rendering import render, say
from contact_service.pages.together import names_of
from contact_service.pages.words import EFFECTS, choices
from contact_service.people.queries import members as people
from contact_service.plans.hours import WHOLE_DAY
from contact_service.texts import N_
from contact_service.visits.actions import closing

router = APIRouter()

_SOURCES = {
    Source.TYPED: "",
    Source.PUBLIC_HOLIDAYS: N_("public holidays of {place}"),
    Source.HIJRI: N_("Islamic calendar"),
}


class CalendarForm(Posted):
    """A new calendar."""

    name: str = ""
    effect: str = ""


class DaysForm(Posted):
    """Days as they were typed; hours left empty are whole days, a last day left empty is the first."""

    name: str = ""
    first: str = ""
    last: str = ""
    earliest: str = ""
    latest: str = ""


class RamadanForm(Posted):
    """In which years, and at which hours of each day."""

    years: list[str] = Field(default_factory=list, max_length=YEARS_AHEAD + 1)
    ramadan_earliest: str = ""
    ramadan_latest: str = ""


@router.get("/w/calendars")
def calendars_page(desk: StaffReading) -> HTMLResponse:
    """Every calendar of the agency."""
    return _all(desk, CalendarForm())


@router.post("/w/calendars")
def add(desk: StaffForm, form: Annotated[CalendarForm, Form()]) -> Response:
    """Keep a new calendar; its days come next."""
    try:
        made = actions.add_calendar(desk.work, form.name, _effect(form))
    except BadInput as error:
        return _all(desk, form, errors=problem(error))
    return RedirectResponse(f"/w/calendar/{made}", status_code=303)


@router.get("/w/calendar/{calendar}")
def calendar_page(desk: StaffReading, calendar: AnId) -> HTMLResponse:
    """The days of one calendar by month, for whom it counts, and forms to change both."""
    return _one(desk, queries.calendar_for(desk.work, calendar), DaysForm(), RamadanForm())


@router.post("/w/calendar/{calendar}/days")
def add_days(desk: StaffForm, calendar: AnId, form: Annotated[DaysForm, Form()]) -> Response:
    """Keep days; visits that are booked on them are put in doubt."""
    found = queries.calendar_for(desk.work, calendar)
    try:
        closing.add_entry(desk.work, found.id, _span(form))
    except BadInput as error:
        return _one(desk, found, form, RamadanForm(), errors=problem(error))
    return RedirectResponse(f"/w/calendar/{calendar}", status_code=303)


@router.post("/w/calendar/{calendar}/days/{entry}/strike")
def strike(desk: StaffForm, calendar: AnId, entry: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They count no more."""
    closing.strike_entry(desk.work, calendar, entry)
    return RedirectResponse(f"/w/calendar/{calendar}", status_code=303)


@router.post("/w/calendar/{calendar}/ramadan")
def add_ramadan(desk: StaffForm, calendar: AnId, form: Annotated[RamadanForm, Form()]) -> Response:
    """Keep the days of Ramadan in these years, each with the hours that families want free."""
    found = queries.calendar_for(desk.work, calendar)
    try:
        earliest, latest = _hours(form.ramadan_earliest, form.ramadan_latest, "ramadan_")
        spans = ramadan(years_of(form.years), earliest=earliest, latest=latest)
        closing.add_known_days(desk.work, found.id, spans, Source.HIJRI, "")
    except BadInput as error:
        return _one(desk, found, DaysForm(), form, errors=problem(error))
    return RedirectResponse(f"/w/calendar/{calendar}", status_code=303)


@router.post("/w/calendar/{calendar}/agency")
def count_for_agency(desk: StaffForm, calendar: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """It counts for the whole agency."""
    closing.link(desk.work, calendar, None)
    return RedirectResponse(f"/w/calendar/{calendar}", status_code=303)


@router.post("/w/calendar/{calendar}/link/{link}/end")
def end_link(desk: StaffForm, calendar: AnId, link: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """It counts there no more."""
    closing.unlink(desk.work, link)
    return RedirectResponse(f"/w/calendar/{calendar}", status_code=303)


@router.post("/w/calendars/{calendar}/end")
def end(desk: StaffForm, calendar: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """The calendar counts no more, for anybody."""
    closing.end_calendar(desk.work, calendar)
    return RedirectResponse("/w/calendars", status_code=303)


def years_of(typed: list[str]) -> list[int]:
    """The years that boxes were ticked for; raises ``BadInput`` at ``years``."""
    if not typed or not all(one.isascii() and one.isdigit() and len(one) == 4 for one in typed):  # noqa: PLR2004
        raise BadInput("Choose at least one year.", "years")
    return [int(one) for one in typed]


def year_choices(today: date) -> list[dict[str, str]]:
    """This year and the next ones, to tick."""
    return [{"value": str(today.year + n), "text": str(today.year + n)} for n in range(YEARS_AHEAD + 1)]


def span_shown(span: Span) -> dict[str, object]:
    """Days of a calendar as pages show them; ``hours`` is empty for whole days."""
    hours = "" if span.whole_days else f"{clock_face(span.earliest)} {say('to')} {clock_face(span.latest)}"
    return {
        "name": span.name,
        "first": span.first,
        "last": span.last if span.last != span.first else None,
        "hours": hours,
        "estimated": span.estimated,
    }


def _effect(form: CalendarForm) -> Effect:
    if form.effect not in set(Effect):
        raise BadInput("Choose what its days mean.", "effect")
    return Effect(form.effect)


def _span(form: DaysForm) -> Span:
    earliest, latest = _hours(form.earliest, form.latest, "")
    first = day_of(form.first, "first")
    last = day_of(form.last, "last") if form.last else first
    return Span(name=form.name, first=first, last=last, earliest=earliest, latest=latest)


def _hours(earliest: str, latest: str, prefix: str) -> tuple[int, int]:
    """Hours of each day; both left empty are the whole day."""
    return (
        minute_of(earliest, f"{prefix}earliest") if earliest else 0,
        minute_of(latest, f"{prefix}latest") if latest else WHOLE_DAY,
    )


def _all(desk: Desk, form: CalendarForm, *, errors: list[dict[str, str]] | None = None) -> HTMLResponse:
    everywhere = {link.calendar.id for link in queries.links_of_agency(desk.work)}
    every = queries.calendars(desk.work)
    ahead = queries.entries_of_each(desk.work, every, since=desk.work.now.date())
    context = desk.context(
        calendars=[
            {
                "id": one.id,
                "name": one.name,
                "effect": say(EFFECTS[one.effect]),
                "everybody": one.id in everywhere,
                "next": span_shown(ahead[one.id][0].span) if ahead[one.id] else None,
            }
            for one in every
        ],
        may_keep=queries.may_keep_calendars(desk.work),
        effects=choices(EFFECTS),
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
    )
    page = render("staff/calendars.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _one(
    desk: Desk,
    calendar: Calendar,
    days: DaysForm,
    month: RamadanForm,
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    today = desk.work.now.date()
    entries = queries.entries_of(desk.work, calendar, since=today - timedelta(days=1))
    links = queries.links_of(desk.work, calendar)
    seen = queries.links_in_sight(desk.work, links)
    context = desk.context(
        calendar={"id": calendar.id, "name": calendar.name, "effect": say(EFFECTS[calendar.effect])},
        with_hours=calendar.effect is Effect.NO_VISITS,
        months=[
            {"first": date(year, month_number, 1), "entries": [_entry(one) for one in of_month]}
            for (year, month_number), of_month in groupby(entries, key=_month)
        ],
        everybody=next((link.id for link in links if link.person is None), None),
        counts_for=_counts_for(desk, seen),
        others=len(links) - len(seen),
        may_keep=queries.may_keep_calendars(desk.work),
        may_link=queries.may_link(desk.work),
        years=year_choices(today),
        form=days.model_dump(exclude={"csrf", "once"}) | month.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
    )
    page = render("staff/calendar.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _month(entry: Entry) -> tuple[int, int]:
    return entry.span.first.year, entry.span.first.month


def _entry(entry: Entry) -> dict[str, object]:
    source = say(_SOURCES[entry.source], place=_place(entry.place)) if _SOURCES[entry.source] else ""
    return {"id": entry.id, "source": source} | span_shown(entry.span)


def _place(place: str) -> str:
    """``GB-ENG`` as people call it."""
    country, _, part = place.partition("-")
    name = Locale.parse("en").territories.get(country, country)
    return f"{name}, {parts_of(country).get(part, part)}" if part else name


def _counts_for(desk: Desk, seen: list[Link]) -> list[dict[str, str]]:
    """Those whom the reader may know about; the others are only counted."""
    whose = [(link.id, link.person) for link in seen if link.person is not None]
    people.know_details_of(desk.work, {person for _, person in whose})
    return [{"id": link, "name": names_of(desk, [person])} for link, person in whose]
