"""Let a series go on in another way from one visit on: the form, what the rules say of it, and the doing."""

from dataclasses import replace
from datetime import time as clock_time, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import STAFF_ROLES, Role
from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.ids import AccountId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffQuestion, StaffReading
from contact_service.pages.book import LENGTHS, demand_worker
from contact_service.pages.forms import Posted, number_agreed, problem
from contact_service.pages.if_they_can import asked_in_words
from contact_service.pages.rendering import render, say
from contact_service.pages.series_busy import Marks, busy_in_series
from contact_service.pages.series_words import (
    OTHERS_FIT,
    clocks_shown,
    could_be_booked,
    counted,
    judged_shown,
    place_of,
)
from contact_service.pages.together import names_of
from contact_service.pages.watchers import watchers_offered
from contact_service.pages.words import LEVELS, WEEKDAYS, choices
from contact_service.plans.hours import Weekday
from contact_service.plans.terms import SupervisionLevel
from contact_service.series.actions.asking import NotAll
from contact_service.series.actions.knowing import keep_ticked
from contact_service.series.actions.splitting import Onward, outlook_onward, split_series
from contact_service.series.instances import instance_in
from contact_service.series.queries.finding import demand_every_child, series_for
from contact_service.series.series import Instance, Judged, Series, SeriesId

router = APIRouter()


class OnwardForm(Posted):
    """How it goes on."""

    weekday: str = ""
    time: str = ""
    minutes: str = ""
    level: str = ""
    visit_supervisor: str = ""
    duty: str = ""
    known: Marks = ""
    agreed: str = ""  # how many visits its reader saw that fit


@router.get("/w/series/{series}/from/{instance}")
def onward_page(desk: StaffReading, series: AnId, instance: AnId) -> HTMLResponse:
    """The form, as the series is now."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    demand_every_child(desk.work, found)
    return _form(desk, found, instance_in(found, instance), _as_it_is(found))


@router.post("/w/series/{series}/from/{instance}/check")
def check_onward(
    desk: StaffQuestion, series: AnId, instance: AnId, form: Annotated[OnwardForm, Form()]
) -> HTMLResponse:
    """Every visit as it would be, with what the rules say of it; nothing changes yet."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    one = instance_in(found, instance)
    try:
        onward = _read(found, one, form)
        return _check(desk, found, one, form, outlook_onward(desk.work, found.id, onward))
    except BadInput as error:
        return _form(desk, found, one, form, errors=problem(error))


@router.post("/w/series/{series}/from/{instance}")
def go_on(desk: StaffForm, series: AnId, instance: AnId, form: Annotated[OnwardForm, Form()]) -> Response:
    """End the series before this visit, and let a new one go on."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    one = instance_in(found, instance)
    try:
        onward = _read(found, one, form)
        made = split_series(desk.work, found.id, onward, series_id=form.once or desk.work.new_id())
    except BadInput as error:
        return _form(desk, found, one, form, errors=problem(error))
    if isinstance(made, NotAll):
        return _check(desk, found, one, form, made.found, errors=problem(BadInput(OTHERS_FIT)))
    keep_ticked(desk.work, made.instances, form.known.split(","))
    return RedirectResponse(f"/w/series/{made.id}", status_code=303)


def _as_it_is(series: Series) -> OnwardForm:
    return OnwardForm(
        weekday=list(Weekday)[series.pattern.anchor.weekday()].value,
        time=f"{series.pattern.clock:%H:%M}",
        minutes=str(int(series.length.total_seconds() // 60)),
        level=series.level,
        visit_supervisor=series.supervisor,
        duty=series.duty,
    )


def _read(series: Series, one: Instance, form: OnwardForm) -> Onward:
    """The form as it is meant; raises ``BadInput`` at the field that cannot be read."""
    wish = replace(
        series.wish(one.original),
        length=timedelta(minutes=_whole(form.minutes)),
        level=_level(form.level),
        supervisor=AccountId(form.visit_supervisor) if form.visit_supervisor else None,
        duty=AccountId(form.duty) if form.duty else None,
    )
    if wish.supervisor is None:
        raise BadInput("Choose a visit supervisor.", "visit_supervisor")
    if wish.duty is None:
        raise BadInput("Name the duty person who answers throughout the visit.", "duty")
    return Onward(
        instance=one.id,
        wish=wish,
        weekday=_weekday(form.weekday),
        clock=_clock(form.time),
        at_least=number_agreed(form.agreed),
        optional=series.optional,
    )


def _whole(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and int(typed) <= max(LENGTHS) * 4):
        raise BadInput("Choose how long the visit lasts.", "minutes")
    return int(typed)


def _level(typed: str) -> SupervisionLevel:
    try:
        return SupervisionLevel(typed)
    except ValueError:
        raise BadInput("Choose how closely the visit is watched.", "level") from None


def _weekday(typed: str) -> int:
    try:
        return list(Weekday).index(Weekday(typed))
    except ValueError:
        raise BadInput("Choose a day of the week.", "weekday") from None


def _clock(typed: str) -> clock_time:
    try:
        hour, _, minute = typed.partition(":")
        return clock_time(int(hour), int(minute))
    except ValueError:
        raise BadInput("Write the start, like 16:00.", "time") from None


def _form(
    desk: Desk,
    series: Series,
    one: Instance,
    form: OnwardForm,
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    start = one.at or one.starts_at or desk.work.now
    watchers = watchers_offered(desk, series.wish(one.wall), start.date())
    minutes = sorted({*LENGTHS, int(series.length.total_seconds() // 60)})
    context = desk.context(
        child={"id": series.child, "name": names_of(desk, [series.child])},
        series={"id": series.id},
        one={"id": one.id, "original": one.original},
        place=place_of(series.pattern.zone),
        weekdays=choices(WEEKDAYS),
        lengths=[{"value": str(n), "text": say("{number} minutes", number=n)} for n in minutes],
        levels=choices(LEVELS),
        visit_supervisors=watchers.choices,
        left_out=watchers.left_out,
        duty_people=_staff(desk, STAFF_ROLES),
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/series_onward.html", context, zone=series.pattern.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _staff(desk: Desk, roles: tuple[Role, ...]) -> list[dict[str, str]]:
    accounts = {a.id: a for role in roles for a in identity.accounts_with(desk.work, role)}
    return [{"value": a.id, "text": a.name} for a in sorted(accounts.values(), key=lambda a: a.name)]


def _check(
    desk: Desk,
    series: Series,
    one: Instance,
    form: OnwardForm,
    said: tuple[Judged, ...],
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    wish = replace(series.wish(one.original), length=timedelta(minutes=_whole(form.minutes)))
    here = f"/w/series/{series.id}/from/{one.id}"
    when = say(
        "every {weekday} at {clock}"
        if series.pattern.every == 1
        else "every {weeks} weeks on {weekday} at {clock}",
        weeks=series.pattern.every,
        weekday=say(WEEKDAYS[Weekday(form.weekday)]),
        clock=form.time,
    )
    context = desk.context(
        child={"id": series.child, "name": names_of(desk, [series.child])},
        who=names_of(desk, wish.meeting),
        optional=asked_in_words(desk, wish, series.optional) if series.optional.people else "",
        when=when,
        busy=busy_in_series(desk, wish, said),
        place=place_of(series.pattern.zone),
        rows=judged_shown(desk, wish, said),
        counts=counted(said),
        clocks=clocks_shown(desk, wish),
        back=here,
        action=here,
        hidden=form.model_dump(exclude={"csrf", "once", "known"})
        | {"once": form.once or desk.work.new_id(), "agreed": str(could_be_booked(said))},
        splitting=True,
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/series_check.html", context, zone=series.pattern.zone)
    return HTMLResponse(page, status_code=409 if errors else 200)
