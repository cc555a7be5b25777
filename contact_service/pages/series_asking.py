"""Repeat a visit: from the booking form to every visit of a series, checked, and then booked."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.pages.access import Desk, StaffForm, StaffQuestion
from contact_service.pages.book import demand_worker, form_page, known_child
from contact_service.pages.book_form import NOT_CARRIED, BookForm, ask_again, wish_read
from contact_service.pages.forms import day_of, problem
from contact_service.pages.if_they_can import asked_in_words, if_they_can
from contact_service.pages.rendering import render, say
from contact_service.pages.series_busy import Marks, busy_in_series
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
from contact_service.series.actions.knowing import keep_ticked
from contact_service.series.pattern import SeriesInterval
from contact_service.series.series import Judged
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.queries.judging import demand_optional
from contact_service.visits.record import Remark
from contact_service.visits.wish import Wish

router = APIRouter()
WEEKS = (1, 2, 3, 4, 6, 8, 12)


class SeriesForm(BookForm):
    """A wish as it was typed, how often it comes again, and how many visits its reader has agreed to."""

    every: str = "1"
    last: str = ""
    agreed: str = ""
    known: Marks = ""


@router.post("/w/book/series")
def check(desk: StaffQuestion, form: Annotated[SeriesForm, Form()]) -> HTMLResponse:
    """Every visit of the series with what the rules say of it; nothing is booked yet."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    try:
        ask_again(desk, child, form)
        wish = wish_read(desk, child, form)
        demand_optional(desk.work, wish, if_they_can(form.optional, form.quorum))
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
        ask_again(desk, child, form)
        wish = wish_read(desk, child, form)
        new = _new(wish, form)
        made = ask_for_series(desk.work, new, series_id=form.once or None)
    except BadInput as error:
        return form_page(desk, child, _booking(form), changing=None, errors=problem(error))
    if isinstance(made, NotAll):
        told = problem(BadInput(OTHERS_FIT))
        return _page(desk, wish, form, new=new, found=made.found, errors=told)
    keep_ticked(desk.work, made.instances, form.known.split(","))
    for visit in (one.visit for one in made.instances if one.visit is not None):
        if form.reason:
            keep_remark(desk.work, visit, Remark.REQUEST, form.reason)
    return RedirectResponse(f"/w/series/{made.id}", status_code=303)


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
        optional=if_they_can(form.optional, form.quorum),
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
    optional = if_they_can(form.optional, form.quorum)
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
        optional=asked_in_words(desk, wish, optional) if optional.people else "",
        if_they_can={"people": form.optional, "quorum": form.quorum},
        rows=judged_shown(desk, wish, found),
        busy=busy_in_series(desk, wish, found),
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
