"""Repeat a visit: from the booking form to every visit of a series, checked, and then booked."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.pages.access import Desk, StaffForm, StaffQuestion
from contact_service.pages.book import demand_worker, form_page, known_child
from contact_service.pages.book_form import NOT_CARRIED, BookForm, exact_wish, for_time
from contact_service.pages.busy_then import busy_lines
from contact_service.pages.forms import day_of, problem
from contact_service.pages.if_they_can import demand_everybody
from contact_service.pages.rendering import render, say
from contact_service.pages.series_words import (
    OTHERS_FIT,
    clocks_shown,
    counted,
    every_words,
    judged_shown,
    place_of,
)
from contact_service.pages.together import names_of
from contact_service.series.actions.asking import NewSeries, NotAll, ask_for_series, outlook, pattern_of
from contact_service.series.pattern import SeriesInterval
from contact_service.series.queries.judging import busy_in
from contact_service.series.series import Fit, Judged
from contact_service.visits.actions.knowing import keep_known_busy
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.known_busy import mark_of
from contact_service.visits.queries.busy import busy_at_visit
from contact_service.visits.record import Remark
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish

router = APIRouter()
WEEKS = (1, 2, 3, 4, 6, 8, 12)


class SeriesForm(BookForm):
    """A wish as it was typed, how often it comes again, and how many visits its reader has agreed to."""

    every: str = "1"
    last: str = ""
    agreed: str = ""
    # The marks of the visits at which somebody is busy, once the worker has asked them.
    known: str = Field(default="", max_length=2000)


@router.post("/w/book/series")
def check(desk: StaffQuestion, form: Annotated[SeriesForm, Form()]) -> HTMLResponse:
    """Every visit of the series with what the rules say of it; nothing is booked yet."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    try:
        if form.settled != for_time(form):
            demand_everybody(form.optional)
        wish = exact_wish(desk, child, form)
    except BadInput as error:
        return form_page(desk, child, _booking(form), changing=None, errors=problem(error))
    if not form.last:
        return _page(desk, wish, form)
    try:
        new = _new(wish, form)
        return _page(desk, wish, form, new=new, found=outlook(desk.work, new))
    except BadInput as error:
        return _page(desk, wish, form, errors=problem(error))


@router.post("/w/series")
def ask(desk: StaffForm, form: Annotated[SeriesForm, Form()]) -> Response:
    """Book the visits that fit; when fewer fit than the reader saw, nothing is booked and they look again."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    try:
        if form.settled != for_time(form):
            demand_everybody(form.optional)
        wish = exact_wish(desk, child, form)
        new = _new(wish, form)
        made = ask_for_series(desk.work, new, series_id=form.once or None)
    except BadInput as error:
        return form_page(desk, child, _booking(form), changing=None, errors=problem(error))
    if isinstance(made, NotAll):
        told = problem(BadInput(OTHERS_FIT))
        return _page(desk, wish, form, new=new, found=made.found, errors=told)
    for visit in (one.visit for one in made.instances if one.visit is not None):
        _keep_known(desk, visit, form.known.split(","))
        if form.reason:
            keep_remark(desk.work, visit, Remark.REQUEST, form.reason)
    return RedirectResponse(f"/w/series/{made.id}", status_code=303)


def _keep_known(desk: Desk, visit: Visit, marks: list[str]) -> None:
    """Keep that somebody is busy at ``visit`` where exactly that was shown and ticked; else it is put in doubt."""
    busy = busy_at_visit(desk.work, visit)
    if busy and mark_of(busy) in marks:
        keep_known_busy(desk.work, visit, busy)


def _busy_shown(desk: Desk, wish: Wish, found: tuple[Judged, ...]) -> dict[str, object] | None:
    """On which days that would be booked now somebody is busy, with the marks that ticking it posts; None: on none."""
    each = [
        (one.occurrence.wall, busy)
        for one in found
        if one.fit is Fit.FITS and (busy := busy_in(desk.work, wish, one))
    ]
    lines = [f"{wall:%d.%m.%Y}: {line}" for wall, busy in each for line in busy_lines(desk, wish.child, busy)]
    return {"lines": lines, "mark": ",".join(mark_of(busy) for _, busy in each)} if each else None


def _booking(form: SeriesForm) -> BookForm:
    return BookForm(**form.model_dump(exclude={"every", "last", "agreed", "known"}))


def _new(wish: Wish, form: SeriesForm) -> NewSeries:
    """The form as a series on the weekday of its first day."""
    wall: datetime = wish.wall_start
    try:
        every = int(form.every)
    except ValueError:
        raise SeriesInterval(field="every") from None
    return NewSeries(
        wish=wish,
        first=wall.date(),
        last=day_of(form.last, "last"),
        weekday=wall.weekday(),
        clock=wall.time(),
        every=every,
        at_least=int(form.agreed) if form.agreed.isascii() and form.agreed.isdigit() else 1,
    )


def _page(
    desk: Desk,
    wish: Wish,
    form: SeriesForm,
    *,
    new: NewSeries | None = None,
    found: tuple[Judged, ...] = (),
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    pattern = pattern_of(desk.work, new) if new else None
    context = desk.context(
        once=form.once or desk.work.new_id(),
        child={"id": wish.child, "name": names_of(desk, [PersonId(wish.child)])},
        who=names_of(desk, wish.meeting),
        when=every_words(pattern) if pattern else "",
        place=place_of(pattern.zone) if pattern else "",
        form={"every": form.every, "last": form.last},
        weeks=[{"value": str(n), "text": _weeks(n)} for n in WEEKS],
        typed=_booking(form).model_dump(exclude={"csrf", "once", "people", "sharing", "visit", *NOT_CARRIED}),
        people=form.people,
        sharing=[one for one in form.sharing if one],
        rows=judged_shown(desk, wish, found),
        busy=_busy_shown(desk, wish, found),
        known=form.known,
        counts=counted(found),
        clocks=clocks_shown(desk, wish),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/series_ask.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=(409 if found else 422) if errors else 200)


def _weeks(number: int) -> str:
    return say("every week") if number == 1 else say("every {number} weeks", number=number)
