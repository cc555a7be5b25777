"""What can be done about one booked visit in doubt: each offer is one press, and one more to say that it is meant."""

from dataclasses import replace
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.errors import BadInput, NotAllowed, NothingToRepair
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.busy_then import busy_lines, busy_shown
from contact_service.pages.doubts import clearing_reasons, doubt_about
from contact_service.pages.forms import PostedOnVisit, Start, demand_version, problem
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import render, say
from contact_service.pages.words import CANCEL_REASONS, choices
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.visits.actions.knowing import demand_known, keep_known_busy
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.busy import busy_at, busy_at_visit, without_known
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.interpreted import at_another_time
from contact_service.visits.queries.repairing import repairs_for
from contact_service.visits.record import Remark
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish

router = APIRouter()
AnAccount = Annotated[str, Query(pattern="^([0-9a-f]{32})?$")]


class RepairForm(PostedOnVisit):
    """The start and the supervisor that were offered, and what the approver should know."""

    to: Start
    supervisor: str
    known: str = ""
    duty: str = ""  # empty: as it is, or whoever watches where that is the same person
    text: str = ""


@router.get("/w/visit/{visit}/repair")
def repair_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """What speaks against the visit, and what could be done."""
    return _page(desk, _doubted(desk, visit))


@router.get("/w/visit/{visit}/repair/sure")
def sure_page(
    desk: StaffReading,
    visit: AnId,
    to: Annotated[Start, Query()],
    supervisor: AnAccount,
    duty: AnAccount = "",
) -> HTMLResponse:
    """One offer in full, before it is taken."""
    found = _doubted(desk, visit)
    _demand_mender(desk, found)
    return _sure(desk, found, RepairForm(version=found.revision, to=to, supervisor=supervisor, duty=duty))


@router.post("/w/visit/{visit}/repair")
def repair(desk: StaffForm, visit: AnId, form: Annotated[RepairForm, Form()]) -> Response:
    """Change the visit as it was offered; every rule is asked again, and an approver decides."""
    found = visit_for(desk.work, VisitId(visit))
    _demand_mender(desk, found)
    demand_version(found, form.version)
    wish = _wish(desk, found, form)
    try:
        busy = demand_known(desk.work, busy_at(desk.work, wish), found, form.known)
        result = inviting.change(desk.work, found.id, wish)
    except BadInput as error:
        return _sure(desk, found, form, errors=problem(error))
    if isinstance(result, Refused):
        return _sure(desk, found, form, refused=result)
    keep_known_busy(desk.work, result, busy)
    keep_remark(desk.work, result, Remark.REQUEST, form.text)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


def _wish(desk: Desk, visit: Visit, form: RepairForm) -> Wish:
    wish = at_another_time(desk.work, visit, form.to.astimezone(UTC), AccountId(form.supervisor))
    return replace(wish, duty=AccountId(form.duty)) if form.duty else wish


def _doubted(desk: Desk, visit: str) -> Visit:
    found = visit_for(desk.work, VisitId(visit))
    if not (desk.work.actor.has(Role.WORKER) or desk.work.actor.has(Role.APPROVER)):
        raise NotAllowed("Workers and approvers see to a visit in doubt. Ask the child’s worker.")
    if doubt_about(desk, found) is None:
        raise NothingToRepair
    return found


def _may_mend(desk: Desk, visit: Visit) -> bool:
    cases = [one.case for one in visit.children]
    return desk.work.actor.has(Role.WORKER) and people.within_reach(desk.work, cases) == cases


def _demand_mender(desk: Desk, visit: Visit) -> None:
    if not _may_mend(desk, visit):
        raise NotAllowed("Only the worker of every child in it changes a visit. Ask them.")


def _page(desk: Desk, visit: Visit) -> HTMLResponse:
    mends = _may_mend(desk, visit)
    repairs = repairs_for(desk.work, visit)
    here = {"starts_at": visit.starts_at, "ends_at": visit.ends_at}
    context = desk.context(
        doubt=doubt_about(desk, visit),
        busy=busy_lines(desk, visit.zone, busy_at_visit(desk.work, visit)),
        visit_supervisor=_name(desk, visit.supervisor),
        mends=mends,
        supervisors=[{"id": one, "name": _name(desk, one)} | here for one in repairs.supervisors],
        duty=_name(desk, visit.duty),
        duty_people=[
            {"id": visit.supervisor, "duty": one, "name": _name(desk, one)} | here for one in repairs.duty
        ],
        times=[
            {
                "starts_at": one.starts_at,
                "ends_at": one.starts_at + (visit.ends_at - visit.starts_at),
                "id": one.supervisors[0],
                "name": _name(desk, one.supervisors[0]),
            }
            for one in repairs.times
        ],
        fixed=reasons_shown(repairs.fixed, visit.child),
        clearing_reasons=clearing_reasons(),
        cancel_reasons=choices(CANCEL_REASONS),
        errors=[],
        refusals=[],
    )
    return HTMLResponse(render("staff/repair.html", context, zone=visit.zone))


def _sure(
    desk: Desk,
    visit: Visit,
    form: RepairForm,
    *,
    errors: list[dict[str, str]] | None = None,
    refused: Refused | None = None,
) -> HTMLResponse:
    to = form.to.astimezone(UTC)
    wish = _wish(desk, visit, form)
    doubt = doubt_about(desk, visit)
    context = desk.context(
        doubt=doubt,
        visit={"id": visit.id, "version": form.version},
        before=_stood(desk, visit, wish_of(visit).moved(visit.starts_at, visit.zone, visit.supervisor)),
        after=_stood(desk, visit, wish) | {"starts_at": to, "ends_at": to + wish.length},
        moves=to != visit.starts_at,
        watched=wish.supervisor == visit.supervisor,
        supervisor=form.supervisor,
        duty=form.duty,
        busy=busy_shown(desk, visit.zone, without_known(desk.work, busy_at(desk.work, wish), visit)),
        known=form.known,
        text=form.text,
        errors=errors or [],
        refusals=reasons_shown(refused.reasons, visit.child) if refused else [],
    )
    page = render("staff/repair_sure.html", context, zone=visit.zone)
    return HTMLResponse(page, status_code=422 if errors else 409 if refused else 200)


def _stood(desk: Desk, visit: Visit, wish: Wish) -> dict[str, object]:
    assert wish.supervisor is not None
    assert wish.duty is not None
    return {
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "name": _name(desk, wish.supervisor),
        "duty": _name(desk, wish.duty),
    }


def _name(desk: Desk, account: AccountId) -> str:
    names = {one.id: one.name for one in identity.everybody(desk.work)}
    return names.get(account, say("somebody who has left"))
