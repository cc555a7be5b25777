"""Let the family choose among times that were found; what they have to choose and have answered, as pages show it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput, Conflict
from contact_service.ids import AccountId, PersonId
from contact_service.pages.access import Desk, StaffForm
from contact_service.pages.book import demand_worker, form_page, known_child
from contact_service.pages.book_form import BookForm, wish_read
from contact_service.pages.busy_then import busy_lines
from contact_service.pages.choices import WHY_NOT
from contact_service.pages.forms import problem
from contact_service.pages.if_they_can import if_they_can
from contact_service.pages.rendering import full_date, render, say
from contact_service.pages.series_words import place_of
from contact_service.pages.together import names_of
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.proposals.actions.proposing import propose
from contact_service.proposals.proposal import Answer, WhyNot
from contact_service.proposals.queries import proposal_of, replies_to
from contact_service.visits.actions.knowing import keep_known_busy
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.known_busy import BusyThen, mark_of
from contact_service.visits.optional import without
from contact_service.visits.queries.busy import busy_at, busy_at_visit
from contact_service.visits.record import Remark
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish

router = APIRouter()


class ProposeForm(BookForm):
    """The booking form without a time, and several times instead, each with the supervisors who are free then."""

    times: list[str] = Field(default_factory=list, max_length=20)
    asked: list[str] = Field(default_factory=list, max_length=50)


@router.post("/w/book/propose")
def let_them_choose(desk: StaffForm, form: Annotated[ProposeForm, Form()]) -> Response:
    """Ask for the visit at one of the times; an approver decides on all of them before anybody is asked."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    try:
        chosen = [_time(one) for one in form.times]
        form.visit_supervisor = form.visit_supervisor or _free_at_all(chosen)
        walls = [wall for wall, _ in chosen]
        wish = wish_read(desk, child, form, at=desk.work.now.replace(tzinfo=None))
        optional = if_they_can(form.optional, form.quorum)
        busy = _busy_at_any(desk, without(wish, optional.people), walls)
        if busy and form.known != mark_of(busy):
            return _sure(desk, child, form, walls, busy)
        result = propose(
            desk.work,
            wish,
            walls,
            [PersonId(one) for one in form.asked],
            visit_id=form.once or desk.work.new_id(),
            optional=optional,
        )
    except (BadInput, Conflict) as error:
        told = error if isinstance(error, BadInput) else BadInput(str(error))
        return _back(desk, child, form, errors=problem(told))
    if isinstance(result, Refused):
        return _back(desk, child, form, refused=result)
    if result.requested_at == desk.work.now:  # what was pressed twice keeps what was ticked at first
        keep_known_busy(desk.work, result, busy)
    keep_remark(desk.work, result, Remark.REQUEST, form.reason)
    return RedirectResponse(f"/w/visit/{result.id}", status_code=303)


def _busy_at_any(desk: Desk, surely: Wish, walls: list[datetime]) -> list[BusyThen]:
    """Who of those who must be there is busy at one of the times; whoever comes if they can is left out then."""
    return sorted({one for wall in walls for one in busy_at(desk.work, replace(surely, wall_start=wall))})


def _each_day(desk: Desk, zone: str, busy: list[BusyThen]) -> dict[str, object]:
    """Who is busy on which day, with the mark that ticking it posts."""
    days = [one.since.astimezone(ZoneInfo(zone)) for one in busy]
    lines = zip(days, busy_lines(desk, zone, busy), strict=True)
    return {"lines": [f"{full_date(day)}: {line}" for day, line in lines], "mark": mark_of(busy)}


def _sure(
    desk: Desk, child: PersonId, form: ProposeForm, walls: list[datetime], busy: list[BusyThen]
) -> HTMLResponse:
    """The times once more, with who is busy at them, to be ticked; nothing is asked for yet."""
    zone = people.zone_of(desk.work, people.case_of(desk.work, child))
    many = ("people", "sharing", "optional", "left_out", "times", "asked")
    errors = problem(BadInput("Somebody is busy then. Read who it is, and tick that you know it.", "known"))
    context = desk.context(
        child={"id": child, "name": names_of(desk, [child])},
        times=[{"day": wall.date(), "clock": f"{wall:%H:%M}"} for wall in sorted(walls)],
        place=place_of(zone),
        typed=form.model_dump(exclude={"csrf", "known", *many}),
        many=form.model_dump(include=set(many)),
        busy=_each_day(desk, zone, busy),
        errors=errors,
        refusals=[],
    )
    return HTMLResponse(render("staff/choice_sure.html", context, zone=desk.site.zone), status_code=422)


def _back(
    desk: Desk,
    child: PersonId,
    form: ProposeForm,
    *,
    errors: list[dict[str, str]] | None = None,
    refused: Refused | None = None,
) -> HTMLResponse:
    """The booking form with what was wrong: from there the times are looked for again."""
    plain = BookForm(**form.model_dump(exclude={"times", "asked"}))
    return form_page(desk, child, plain, changing=None, errors=errors, refused=refused)


def _time(typed: str) -> tuple[datetime, list[str]]:
    wall, _, free = typed.partition("|")
    try:
        found = datetime.fromisoformat(wall)
    except ValueError:
        raise BadInput("Choose two or three times.", "times") from None
    if found.tzinfo is not None:
        raise BadInput("Choose two or three times.", "times")
    return found, [one for one in free.split(",") if one]


def _free_at_all(chosen: list[tuple[datetime, list[str]]]) -> AccountId:
    """Of the supervisors who are free at every time, the first; raises ``BadInput`` when there is none."""
    if not chosen:
        raise BadInput("Choose two or three times.", "times")
    for one in chosen[0][1]:
        if all(one in free for _, free in chosen):
            return AccountId(one)
    raise BadInput("No visit supervisor is free at all of these times. Choose other times.", "times")


def choice_shown(desk: Desk, visit: Visit) -> dict[str, object] | None:
    """The times of a visit that the family is to choose from; None where there is nothing to choose."""
    proposal = proposal_of(desk.work, visit.id) if visit.time_open else None
    if proposal is None:
        return None
    waits = (
        "approver" if proposal.opened_at is None else "family" if proposal.is_open(desk.work.now) else "over"
    )
    # Whoever is seen from another case is nobody's business here.
    members = people.roles_in(desk.work, visit.case)
    return {
        "times": [
            {
                "starts_at": one.starts_at,
                "left_out": names_of(desk, [out for out in one.left_out if out in members]),
                "interpreter": names_of(desk, [one.interpreter] if one.interpreter else []),
                "busy": busy_lines(desk, visit.zone, busy_at_visit(desk.work, proposal.seen_at(visit, one))),
            }
            for one in proposal.times
        ],
        "asked": names_of(desk, list(proposal.asked)),
        "waits": waits,
        "until": proposal.answer_by,
    }


def comes(desk: Desk, visit: Visit) -> set[PersonId]:
    """Who has said that they come."""
    return {one.person for one in replies_to(desk.work, visit).values() if one.answer is Answer.COMING}


def cannot_come(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    """Who has said that they cannot come, and the time that they asked for instead."""
    return [
        {
            "text": say("{name} cannot come.", name=names_of(desk, [reply.person])),
            "why": say(WHY_NOT[reply.why]) if reply.why and reply.why is not WhyNot.NOT_SAID else "",
            "said_at": reply.said_at,
            "wants": reply.wants[0] if reply.wants else None,
            "kept_until": reply.kept_until if reply.kept_until and reply.kept_until > desk.work.now else None,
        }
        for reply in replies_to(desk.work, visit).values()
        if reply.answer is Answer.CANNOT
    ]
