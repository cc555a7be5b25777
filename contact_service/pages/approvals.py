"""Requests that wait for an approver: yes, or no with a coded reason."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_policy.version import PolicyAct
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity import queries as identity
from contact_service.ids import OrderId, RestrictionId, VisitId
from contact_service.invitations.actions import inviting, stopping
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.busy_then import busy_lines
from contact_service.pages.doubts import clear, clearing_reasons, doubts_waiting
from contact_service.pages.exceptions import emergency_shown
from contact_service.pages.forms import Posted, PostedOnVisit, ReasonForm, demand_version, problem, refusals
from contact_service.pages.if_they_can import settled_shown
from contact_service.pages.merging import merges_waiting
from contact_service.pages.plan import proposal_shown
from contact_service.pages.policy import reading_shown
from contact_service.pages.proposing import choice_shown
from contact_service.pages.rendering import render
from contact_service.pages.restrictions import is_running_stop, orders_offered, restriction_shown
from contact_service.pages.together import child_shown, people_shown
from contact_service.pages.words import DECLINE_REASONS, choices
from contact_service.people.queries import members as people
from contact_service.plans.queries import proposed_plans
from contact_service.policy.booking import may_approve
from contact_service.policy.decision import Refused, all_of
from contact_service.proposals.actions import proposing
from contact_service.proposals.queries import visits_to_decide
from contact_service.restrictions.queries import lifts_asked, urgent_stops
from contact_service.visits.queries.asking import approval_facts
from contact_service.visits.queries.busy import busy_at_visit, without_known
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.writing import remarks_of
from contact_service.visits.reasons import DeclineReason
from contact_service.visits.record import Remark
from contact_service.visits.visit import Visit

router = APIRouter()


@router.get("/w/approvals")
def approvals(desk: StaffReading) -> HTMLResponse:
    """Everything that waits for a decision."""
    return approvals_page(desk)


@router.post("/w/approvals/{visit}/approve")
def approve(desk: StaffForm, visit: AnId, form: Annotated[PostedOnVisit, Form()]) -> Response:
    """Approve, and invite everybody."""
    _demand_approver(desk)
    found = visit_for(desk.work, VisitId(visit))
    demand_version(found, form.version)
    result = proposing.approve(desk.work, found.id)
    if isinstance(result, Refused):
        return approvals_page(desk, refused=result)
    return RedirectResponse("/w/approvals", status_code=303)


@router.post("/w/approvals/{visit}/decline")
def decline(desk: StaffForm, visit: AnId, form: Annotated[ReasonForm, Form()]) -> Response:
    """Decline with a coded reason."""
    _demand_approver(desk)
    found = visit_for(desk.work, VisitId(visit))
    demand_version(found, form.version)
    if form.reason not in set(DeclineReason):
        error = BadInput("Choose a reason.", f"reason-{visit}")
        return approvals_page(desk, errors=problem(error), typed=(found, form))
    try:
        result = inviting.decline(desk.work, found.id, DeclineReason(form.reason), form.text)
    except BadInput as error:
        errors = problem(BadInput(str(error), f"{error.field}-{visit}"))
        return approvals_page(desk, errors=errors, typed=(found, form))
    if isinstance(result, Refused):
        return approvals_page(desk, refused=result)
    return RedirectResponse("/w/approvals", status_code=303)


@router.post("/w/approvals/{visit}/stands")
def stands(desk: StaffForm, visit: AnId, form: Annotated[ReasonForm, Form()]) -> Response:
    """A visit in doubt stands, for a reason."""
    found = visit_for(desk.work, VisitId(visit))
    if errors := clear(desk, found, form):
        return approvals_page(desk, errors=errors, typed=(found, form))
    return RedirectResponse("/w/approvals", status_code=303)


class OrderForm(Posted):
    """The order by which an urgent stop goes on."""

    order: str = ""


@router.post("/w/restriction/{restriction}/lift")
def lift(desk: StaffForm, restriction: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """The second of two people agrees to lift a restriction."""
    result = stopping.lift(desk.work, RestrictionId(restriction))
    if isinstance(result, Refused):
        return approvals_page(desk, refused=result)
    return RedirectResponse("/w/approvals", status_code=303)


@router.post("/w/restriction/{restriction}/go-on")
def go_on(desk: StaffForm, restriction: AnId, form: Annotated[OrderForm, Form()]) -> Response:
    """An urgent stop goes on by a court order."""
    order = OrderId(form.order) if form.order else None
    result = stopping.go_on_by_order(desk.work, RestrictionId(restriction), order)
    if isinstance(result, Refused):
        return approvals_page(desk, refused=result)
    return RedirectResponse("/w/approvals", status_code=303)


def _stops(desk: Desk) -> list[dict[str, object]]:
    running = [one for one in urgent_stops(desk.work) if is_running_stop(desk, one)]
    reach = set(people.cases_of(desk.work))
    return [
        restriction_shown(desk, one) | {"orders": orders_offered(desk, one)}
        for one in running
        if one.case in reach
    ]


def _demand_approver(desk: Desk) -> None:
    if not desk.work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver decides on visits.")


def approvals_page(
    desk: Desk,
    *,
    errors: list[dict[str, str]] | None = None,
    refused: Refused | None = None,
    typed: tuple[Visit, ReasonForm] | None = None,
) -> HTMLResponse:
    """Everything that waits, with what was wrong with the last decision and what was typed for it."""
    _demand_approver(desk)
    context = desk.context(
        reading=reading_shown(desk, PolicyAct.APPROVE),
        plans=[proposal_shown(desk, plan) for plan in proposed_plans(desk.work)],
        merges=merges_waiting(desk, people.cases_of(desk.work)),
        stops=_stops(desk),
        lifts=[restriction_shown(desk, one) for one in lifts_asked(desk.work)],
        requests=[_request(desk, visit) for visit in _requested(desk)],
        typed={"visit": typed[0].id, "code": typed[1].reason, "text": typed[1].text} if typed else None,
        doubts=doubts_waiting(desk),
        clearing_reasons=clearing_reasons(),
        decline_reasons=choices(DECLINE_REASONS),
        errors=errors or [],
        refusals=refusals(refused) if refused else [],
    )
    page = render("staff/approvals.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 409 if refused else 200)


def _requested(desk: Desk) -> list[Visit]:
    """What cannot wait comes first, then what starts first."""
    return sorted(
        visits_to_decide(desk.work), key=lambda visit: (visit.emergency is None, visit.starts_at, visit.id)
    )


def _request(desk: Desk, visit: Visit) -> dict[str, object]:
    choice = choice_shown(desk, visit)
    facts = (replace(one, time_open=False) for one in approval_facts(desk.work, visit))
    decision = all_of(map(may_approve, facts))
    return {
        "visit": visit.id,
        "version": visit.revision,
        "child": child_shown(desk, visit),
        "people": people_shown(desk, visit),
        "if_they_can": settled_shown(desk, visit),
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "level": visit.level.value,
        "requested_by": identity.account_for(desk.work, visit.requested_by).name,
        "requested_at": visit.requested_at,
        "reason": " ".join(note.text for note in remarks_of(desk.work, visit.id, Remark.REQUEST)),
        "checks": refusals(decision) if isinstance(decision, Refused) else [],
        "emergency": emergency_shown(desk, visit),
        "choice": choice,
        "busy": [] if choice else _busy(desk, visit),
        "own": visit.requested_by == desk.account.id,
    }


def _busy(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    """Who of the visit is busy then, and whether whoever asked for it knew."""
    found = busy_at_visit(desk.work, visit)
    new = without_known(desk.work, found, visit)
    lines = busy_lines(desk, visit.zone, found)
    return [{"text": text, "known": one not in new} for one, text in zip(found, lines, strict=True)]
