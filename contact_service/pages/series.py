"""A series as staff see it: each visit with where it stands; move or call off one, let it go on otherwise, end it."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.errors import BadInput
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_in
from contact_service.identity import queries as identity
from contact_service.ids import PersonId, VisitId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffQuestion, StaffReading
from contact_service.pages.book import demand_worker
from contact_service.pages.busy_then import busy_lines
from contact_service.pages.forms import Posted, day_of, number_agreed, problem, spoken
from contact_service.pages.if_they_can import asked_in_words
from contact_service.pages.rendering import render, say
from contact_service.pages.series_busy import Marks, busy_in_series
from contact_service.pages.series_words import (
    OTHERS_FIT,
    WHY,
    clocks_shown,
    could_be_booked,
    counted,
    elsewhere,
    every_words,
    judged_shown,
    place_of,
)
from contact_service.pages.together import names_of
from contact_service.pages.words import CANCEL_REASONS, choices
from contact_service.people.queries import members as people
from contact_service.series.actions.approving import approve_series
from contact_service.series.actions.asking import NotAll
from contact_service.series.actions.changing import call_off_instance, move_instance
from contact_service.series.actions.ending import end_series, extend_series, outlook_longer
from contact_service.series.actions.knowing import keep_ticked
from contact_service.series.clocks import OtherClock, usual_times
from contact_service.series.queries.finding import as_may_be_seen, series_for, series_of_child
from contact_service.series.queries.judging import other_clocks
from contact_service.series.series import Instance, InstanceState, Judged, Series, SeriesId
from contact_service.visits.queries.busy import busy_at_visit, without_known
from contact_service.visits.queries.optional import settled_of_each
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import BOOKED, VisitState

router = APIRouter()


class LongerForm(Posted):
    """Until when a series goes on, and how many visits its reader has agreed to."""

    last: str = ""
    agreed: str = ""
    known: Marks = ""


class ApproveForm(Posted):
    """What the approver saw waiting."""

    seen: str


class ReasonForm(Posted):
    """Why it is called off."""

    reason: str = ""
    text: str = ""


class MoveForm(Posted):
    """Another day and time for one visit."""

    date: str = ""
    time: str = ""


@router.get("/w/series/{series}")
def series_page(desk: StaffReading, series: AnId) -> HTMLResponse:
    """The series."""
    return _page(desk, series_for(desk.work, SeriesId(series)))


@router.get("/w/child/{child}/series")
def series_of(desk: StaffReading, child: AnId) -> HTMLResponse:
    """The series of a child, the newest first."""
    people.case_for(desk.work, people.case_of(desk.work, PersonId(child)))
    found = series_of_child(desk.work, PersonId(child))
    context = desk.context(
        child={"id": child, "name": names_of(desk, [PersonId(child)])},
        series=[_summary(desk, as_may_be_seen(desk.work, one)) for one in found],
        may_book=desk.work.actor.has(Role.WORKER),
        errors=[],
        refusals=[],
    )
    return HTMLResponse(render("staff/series_list.html", context, zone=desk.site.zone))


@router.post("/w/series/{series}/longer")
def check_longer(desk: StaffQuestion, series: AnId, form: Annotated[LongerForm, Form()]) -> HTMLResponse:
    """Every visit that a longer series would have more; nothing is booked yet."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    try:
        said = outlook_longer(desk.work, found.id, day_of(form.last, "last"))
    except BadInput as error:
        return _page(desk, found, errors=problem(error))
    return _longer_page(desk, found, said, form.last)


@router.post("/w/series/{series}/extend")
def extend(desk: StaffForm, series: AnId, form: Annotated[LongerForm, Form()]) -> Response:
    """Book what fits of the further visits."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    try:
        agreed = number_agreed(form.agreed)
        made = extend_series(desk.work, found.id, day_of(form.last, "last"), at_least=agreed)
    except BadInput as error:
        return _page(desk, found, errors=problem(error))
    if isinstance(made, NotAll):
        return _longer_page(desk, found, made.found, form.last, errors=problem(BadInput(OTHERS_FIT)))
    more = [one for one in made.instances if one.original.date() > found.pattern.last]
    keep_ticked(desk.work, more, form.known.split(","))
    return RedirectResponse(f"/w/series/{made.id}", status_code=303)


@router.post("/w/series/{series}/approve")
def approve(desk: StaffForm, series: AnId, form: Annotated[ApproveForm, Form()]) -> Response:
    """Approve all that wait, and invite everybody."""
    found = series_for(desk.work, SeriesId(series))
    done = approve_series(desk.work, found.id, seen=form.seen)
    if not done.reasons:
        return RedirectResponse(f"/w/series/{series}", status_code=303)
    refusals = [{"rule": reason.rule, "text": spoken(reason)} for reason in done.reasons]
    return _page(desk, done.series, refusals=refusals)


@router.post("/w/series/{series}/end")
def end(desk: StaffForm, series: AnId, form: Annotated[ReasonForm, Form()]) -> Response:
    """Call off all that is to come."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    try:
        end_series(desk.work, found.id, reason_of(form.reason, "reason"), form.text)
    except BadInput as error:
        return _page(desk, found, errors=problem(error))
    return RedirectResponse(f"/w/series/{series}", status_code=303)


@router.post("/w/series/{series}/one/{instance}/call-off")
def call_off(desk: StaffForm, series: AnId, instance: AnId, form: Annotated[ReasonForm, Form()]) -> Response:
    """Call one visit off."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    try:
        reason = reason_of(form.reason, f"reason-{instance}")
        call_off_instance(desk.work, found.id, instance, reason, form.text)
    except BadInput as error:
        return _page(desk, found, errors=problem(error))
    return RedirectResponse(f"/w/series/{series}", status_code=303)


@router.post("/w/series/{series}/one/{instance}/move")
def move(desk: StaffForm, series: AnId, instance: AnId, form: Annotated[MoveForm, Form()]) -> Response:
    """Give one visit another time."""
    demand_worker(desk)
    found = series_for(desk.work, SeriesId(series))
    try:
        answer = move_instance(desk.work, found.id, instance, _wall(form, instance))
    except BadInput as error:
        return _page(desk, found, errors=problem(error))
    if isinstance(answer, Series):
        return RedirectResponse(f"/w/series/{series}", status_code=303)
    reasons = answer.reasons
    refusals = [{"rule": reason.rule, "text": spoken(reason)} for reason in reasons]
    gap = [{"rule": "R9", "text": say(WHY["no_such_time"])}] if not reasons else []
    return _page(desk, found, refusals=refusals or gap)


def reason_of(typed: str, field: str) -> CancelReason:
    """A reason that is offered; raises ``BadInput``."""
    try:
        return CancelReason(typed)
    except ValueError:
        raise BadInput("Choose a reason.", field) from None


def _wall(form: MoveForm, instance: str) -> datetime:
    try:
        return datetime.strptime(f"{form.date} {form.time}", "%Y-%m-%d %H:%M")  # noqa: DTZ007  wall time
    except ValueError:
        raise BadInput("Choose a day, and write the start, like 16:00.", f"date-{instance}") from None


def _summary(desk: Desk, series: Series) -> dict[str, object]:
    return {
        "id": series.id,
        "when": every_words(series.pattern),
        "who": names_of(desk, [*series.people, *(one.child for one in series.sharing)]),
        "first": series.instances[0].original.date() if series.instances else series.pattern.anchor,
        "last": series.pattern.last,
        "visits": len([one for one in series.instances if not one.called_off]),
        "state": _state(desk, series),
    }


def _state(desk: Desk, series: Series) -> str:
    if series.followed_by is not None:
        return "goes_on"
    if series.ended_at is not None:
        return "ended"
    return "going_on" if series.pattern.last >= desk.work.now.date() else "over"


def _page(
    desk: Desk,
    series: Series,
    *,
    errors: list[dict[str, str]] | None = None,
    refusals: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    series = as_may_be_seen(desk.work, series)
    wish = series.wish(datetime.combine(series.pattern.anchor, series.pattern.clock))
    clocks = other_clocks(desk.work, wish)
    worker = desk.work.actor.has(Role.WORKER)
    context = desk.context(
        child={"id": series.child, "name": names_of(desk, [series.child])},
        series=_summary(desk, series)
        | {
            "place": place_of(series.pattern.zone),
            "minutes": int(series.length.total_seconds() // 60),
            "level": series.level.value,
            "visit_supervisor": identity.account_for(desk.work, series.supervisor).name,
            "duty": identity.account_for(desk.work, series.duty).name,
            "optional": asked_in_words(desk, wish, series.optional) if series.optional.people else "",
            "follows": series.follows,
            "followed_by": series.followed_by,
        },
        rows=_rows(desk, series, clocks),
        doubts=_doubts(desk, series),
        clocks=clocks_shown(desk, wish),
        to_approve=_to_approve(desk, series),
        seen=series.seen,
        may_change=worker and series.goes_on,
        longer_from=series.pattern.last + timedelta(weeks=series.pattern.every),
        cancel_reasons=choices(CANCEL_REASONS),
        errors=errors or [],
        refusals=refusals or [],
    )
    page = render("staff/series.html", context, zone=series.pattern.zone)
    return HTMLResponse(page, status_code=422 if errors else 409 if refusals else 200)


def _to_approve(desk: Desk, series: Series) -> int:
    """How many wait for this reader's yes: none for whoever asked for them, or is no approver."""
    waits = series.waiting
    own = any(desk.work.actor.is_behind(visit.requested_by) for visit in waits)
    return len(waits) if desk.work.actor.has(Role.APPROVER) and not own else 0


def _doubts(desk: Desk, series: Series) -> list[VisitId]:
    """The visits that somebody is asked to look at."""
    asked = open_in(desk.work, [series.case], {FollowUpKind.IN_DOUBT})
    return [one.visit for one in asked if one.visit in series.visits]


def _rows(desk: Desk, series: Series, clocks: tuple[OtherClock, ...]) -> list[dict[str, object]]:
    away = settled_of_each(desk.work, series.visits) if series.optional.people else {}
    usual = usual_times((one.starts_at for one in series.instances), clocks)
    rows = [
        _row(desk, series, one) | {"elsewhere": _elsewhere(series, one, clocks, usual)}
        for one in series.instances
    ]
    for row, one in zip(rows, series.instances, strict=True):
        out = [each.person for each in away[one.visit.id].left_out] if one.visit and away else []
        row["left_out"] = names_of(desk, out) if out else ""
    return rows


def _elsewhere(
    series: Series, one: Instance, clocks: tuple[OtherClock, ...], usual: Mapping[str, time]
) -> list[dict[str, object]]:
    here = one.at.astimezone(ZoneInfo(series.pattern.zone)) if one.at else one.wall
    return elsewhere(one.at, here.date(), clocks, usual)


def _row(desk: Desk, series: Series, one: Instance) -> dict[str, object]:
    at = one.at
    wall = one.wall if one.visit is None else None
    waits = one.state in (InstanceState.PLANNED, InstanceState.LEFT_OUT)
    worker = desk.work.actor.has(Role.WORKER) and series.ended_at is None
    return {
        "id": one.id,
        "day": wall.date() if wall else at,
        "clock": f"{wall:%H:%M}" if wall else None,
        "at": at,
        "original": one.original if one.moved else None,
        "state": one.visit.state.value if one.visit else one.state.value,
        "visit": one.visit.id if one.visit else None,
        "why": _why(one),
        "busy": _busy(desk, series.pattern.zone, one),
        "may_decide": worker and waits and one.visit is None,
        "may_split": worker
        and series.goes_on
        and not one.exception
        and (at or series.asked_at) > desk.work.now,
        "ahead": (at or desk.work.now) >= desk.work.now,
    }


def _busy(desk: Desk, zone: str, one: Instance) -> list[str]:
    """Who is busy at a visit that is to come, as far as whoever booked it did not know."""
    visit = one.visit
    if (
        visit is None
        or visit.state not in BOOKED | {VisitState.REQUESTED}
        or visit.starts_at <= desk.work.now
    ):
        return []
    found = without_known(desk.work, busy_at_visit(desk.work, visit), visit)
    return busy_lines(desk, zone, found)


def _why(one: Instance) -> list[dict[str, str]]:
    """Why it was left out or called off, or does not follow the series: rules by their numbers, the rest in words."""
    words = {str(code): text for code, text in CANCEL_REASONS.items()} | WHY
    return [
        {"rule": code.partition("/")[0], "text": ""}
        if "/" in code
        else {"rule": "", "text": say(words.get(code, code))}
        for code in one.why
    ]


def _longer_page(
    desk: Desk,
    series: Series,
    said: tuple[Judged, ...],
    last: str,
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    seen = as_may_be_seen(desk.work, series).pattern
    wish = series.wish(datetime.combine(series.pattern.anchor, series.pattern.clock))
    context = desk.context(
        child={"id": series.child, "name": names_of(desk, [series.child])},
        who=names_of(desk, wish.meeting),
        optional=asked_in_words(desk, wish, series.optional) if series.optional.people else "",
        when=every_words(seen),
        place=place_of(seen.zone),
        busy=busy_in_series(desk, wish, said),
        rows=judged_shown(desk, wish, said),
        counts=counted(said),
        clocks=clocks_shown(desk, wish),
        back=f"/w/series/{series.id}",
        action=f"/w/series/{series.id}/extend",
        hidden={"last": last, "agreed": str(could_be_booked(said))},
        splitting=False,
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/series_check.html", context, zone=seen.zone)
    return HTMLResponse(page, status_code=409 if errors else 200)
