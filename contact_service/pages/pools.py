"""Rooms and video links that several share: how many there are, when they are open, and what is taken of them."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.calendars import queries as calendars
from contact_service.calendars.calendar import Effect
from contact_service.errors import BadInput
from contact_service.ids import PoolId
from contact_service.notifications.message import Medium, MessageKind
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.family_language import languages_offered
from contact_service.pages.forms import Posted, day_of, problem
from contact_service.pages.language_form import language_name
from contact_service.pages.plan import hours_shown
from contact_service.pages.pools_week import week_shown
from contact_service.pages.rendering import render
from contact_service.pages.week import monday_of, today_of
from contact_service.pages.words import WEEKDAYS, choices
from contact_service.pages.working_hours import HoursForm, window_of
from contact_service.pools import actions, queries
from contact_service.pools.pool import Pool, PoolTime
from contact_service.texts import LANGUAGES
from contact_service.visits.actions import clearing, pooling

router = APIRouter()
_WEEK, _AHEAD = timedelta(days=7), timedelta(days=730)


class PoolForm(Posted):
    """A pool as it was typed."""

    name: str = ""
    units: str = ""
    zone: str = ""


class ClosedForm(Posted):
    """Days as they were typed; a last day left empty is the first."""

    first: str = ""
    last: str = ""


class DeskForm(Posted):
    """The address of its booking desk (empty: it clears nothing), and in which language it is written to."""

    desk: str = ""
    language: str = ""


class CalendarForm(Posted):
    """Which shared calendar."""

    calendar: str = ""


@router.get("/w/rooms")
def pools_page(desk: StaffReading) -> HTMLResponse:
    """Every pool of the agency, with how much of it is taken this week."""
    return _all(desk, PoolForm(zone=desk.site.zone))


@router.post("/w/rooms")
def add(desk: StaffForm, form: Annotated[PoolForm, Form()]) -> Response:
    """Keep a pool; when it is open comes next."""
    try:
        made = actions.add_pool(desk.work, form.name, _units(form), zone=form.zone)
    except BadInput as error:
        return _all(desk, form, errors=problem(error))
    return _to(made)


@router.get("/w/room/{pool}")
def pool_page(desk: StaffReading, pool: AnId, day: Annotated[str, Query(max_length=10)] = "") -> HTMLResponse:
    """A week of one pool, when it is open, and forms to change it."""
    return _one(desk, queries.pool_for(desk.work, pool), {}, day=day)


@router.post("/w/room/{pool}/change")
def change(desk: StaffForm, pool: AnId, form: Annotated[PoolForm, Form()]) -> Response:
    """Another name and number; where there are too few now, those asked for last are put in doubt."""
    found = queries.pool_for(desk.work, pool)
    try:
        pooling.change_pool(desk.work, found.id, form.name, _units(form))
    except BadInput as error:
        return _one(desk, found, form.model_dump(), errors=problem(error))
    return _to(found.id)


@router.post("/w/rooms/{pool}/end")
def end(desk: StaffForm, pool: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """Nobody takes part from there any more."""
    actions.end_pool(desk.work, pool)
    return RedirectResponse("/w/rooms", status_code=303)


@router.post("/w/room/{pool}/desk")
def set_desk(desk: StaffForm, pool: AnId, form: Annotated[DeskForm, Form()]) -> Response:
    """It must clear contact, and takes invitations there; what is booked and not cleared is put in doubt."""
    found = queries.pool_for(desk.work, pool)
    try:
        _demand_written(desk, found, form.language)
        clearing.set_desk(desk.work, found.id, form.desk, language=form.language)
    except BadInput as error:
        where = "language" if error.field == "language" else "desk"
        return _one(desk, found, form.model_dump(), errors=[one | {"field": where} for one in problem(error)])
    return _to(found.id)


@router.post("/w/room/{pool}/hours")
def add_hours(desk: StaffForm, pool: AnId, form: Annotated[HoursForm, Form()]) -> Response:
    """Keep hours of the week in which it is open."""
    found = queries.pool_for(desk.work, pool)
    try:
        pooling.add_hours(desk.work, found.id, window_of(form))
    except BadInput as error:
        return _one(desk, found, form.model_dump(), errors=problem(error))
    return _to(found.id)


@router.post("/w/room/{pool}/hours/{hours}/end")
def end_hours(desk: StaffForm, pool: AnId, hours: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They count no more."""
    pooling.end_hours(desk.work, pool, hours)
    return _to(pool)


@router.post("/w/room/{pool}/closed")
def add_closure(desk: StaffForm, pool: AnId, form: Annotated[ClosedForm, Form()]) -> Response:
    """Keep days on which it is closed; what is booked on them is put in doubt."""
    found = queries.pool_for(desk.work, pool)
    try:
        days = (day_of(form.first, "first"), day_of(form.last or form.first, "last"))
        pooling.add_closure(desk.work, found.id, days)
    except BadInput as error:
        return _one(desk, found, form.model_dump(), errors=problem(error))
    return _to(found.id)


@router.post("/w/room/{pool}/closed/{closure}/end")
def end_closure(desk: StaffForm, pool: AnId, closure: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """It is open on these days after all."""
    actions.end_closure(desk.work, pool, closure)
    return _to(pool)


@router.post("/w/room/{pool}/calendars")
def add_calendar(desk: StaffForm, pool: AnId, form: Annotated[CalendarForm, Form()]) -> Response:
    """The days of a shared calendar close it; what is booked on them is put in doubt."""
    found = queries.pool_for(desk.work, pool)
    try:
        _demand_calendar(desk, form.calendar)
        pooling.add_calendar(desk.work, found.id, form.calendar)
    except BadInput as error:
        return _one(desk, found, form.model_dump(), errors=problem(error))
    return _to(found.id)


@router.post("/w/room/{pool}/calendars/{link}/end")
def end_calendar(desk: StaffForm, pool: AnId, link: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """A shared calendar closes it no more."""
    actions.end_calendar(desk.work, pool, link)
    return _to(pool)


def _demand_calendar(desk: Desk, calendar: str) -> None:
    if calendar not in {one.id for one in calendars.calendars(desk.work)}:
        raise BadInput("Choose a calendar.", "calendar")


def _to(pool: str) -> RedirectResponse:
    return RedirectResponse(f"/w/room/{pool}", status_code=303)


def _units(form: PoolForm) -> int:
    if not (form.units.isascii() and form.units.isdigit() and len(form.units) <= 3):  # noqa: PLR2004  far more than allowed
        raise BadInput("Enter how many there are, from 1 to 50.", "units")
    return int(form.units)


def _all(desk: Desk, form: PoolForm, *, errors: list[dict[str, str]] | None = None) -> HTMLResponse:
    today = desk.work.now.date()
    pools = queries.pools(desk.work)
    times = queries.pool_times(desk.work, frozenset(one.id for one in pools), today, today + _AHEAD)
    context = desk.context(
        pools=[
            {
                "id": one.id,
                "name": one.name,
                "units": one.units,
                "hours": [hours_shown(hours.window) for hours in times[one.id].weekly],
                "closed": _away(times[one.id])[:1],
            }
            for one in pools
        ],
        may_keep=queries.may_keep_pools(desk.work),
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
    )
    page = render("staff/pools.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _away(time: PoolTime) -> list[dict[str, object]]:
    return [
        {"id": one.id, "first": one.first, "last": one.last if one.last != one.first else None}
        for one in time.away
    ]


def _demand_written(desk: Desk, pool: Pool, language: str) -> None:
    if language not in {"", *_written(desk, pool)}:
        raise BadInput("Choose a language in which there are letters.", "language")


def _written(desk: Desk, pool: Pool) -> list[str]:
    """The languages in which a booking desk can be invited, and the one that another program has chosen for it."""
    texts = desk.site.press.messages_dir.glob(f"{MessageKind.INVITATION}.{Medium.DESK}.*.txt")
    not_written = LANGUAGES.keys() - {*languages_offered(desk.work)}
    return sorted({text.name.split(".")[2] for text in texts} - not_written | ({pool.desk_language} - {""}))


def _one(
    desk: Desk,
    pool: Pool,
    typed: dict[str, object],
    *,
    day: str = "",
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    today, monday = today_of(desk), monday_of(desk, day)
    time = queries.pool_times(desk.work, frozenset({pool.id}), today, today + _AHEAD)[PoolId(pool.id)]
    empty: dict[str, object] = {
        "name": pool.name,
        "units": str(pool.units),
        "calendar": "",
        "desk": pool.desk,
        "language": pool.desk_language,
    }
    empty |= {"days": list(WEEKDAYS), "earliest": "", "latest": "", "first": "", "last": ""}
    context = desk.context(
        pool={"id": pool.id, "name": pool.name, "units": pool.units, "desk": pool.desk},
        monday=monday,
        sunday=monday + timedelta(days=6),
        previous=monday - _WEEK,
        next=monday + _WEEK,
        today=today,
        days=week_shown(desk, pool, monday),
        weekly=[{"id": one.id, "hours": hours_shown(one.window)} for one in time.weekly],
        away=_away(time),
        calendars=[
            {"id": link, "calendar": one.id, "name": one.name}
            for link, one in queries.pool_calendars_of(desk.work, pool.id)
        ],
        shared=[
            {"value": one.id, "text": one.name}
            for one in calendars.calendars(desk.work)
            if one.effect is Effect.NO_VISITS
        ],
        written=[{"value": tag, "text": language_name(tag)} for tag in _written(desk, pool)],
        language_of_desk=language_name(pool.desk_language) if pool.desk_language else "",
        may_keep=queries.may_keep_pools(desk.work),
        may_set_desk=queries.may_set_desk(desk.work, pool),
        weekdays=choices(WEEKDAYS),
        form=empty | {name: value for name, value in typed.items() if name in empty},
        errors=errors or [],
    )
    page = render("staff/pool.html", context, zone=pool.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
