"""A case that is opened in an emergency by somebody who has it not: open it, end it, look at it afterwards."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_policy.queries import policy_in_force
from contact_service.agency_policy.spans import written
from contact_service.audit.events import EventType
from contact_service.emergency_access.actions import (
    Asked,
    NotOpened,
    Opened,
    end_emergency_access,
    open_in_emergency,
    review_emergency_access,
)
from contact_service.emergency_access.queries import emergency_accesses_for, may_end
from contact_service.errors import BadInput
from contact_service.identity.queries import account_for
from contact_service.ids import AccountId, EmergencyAccessId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, problem, refusals
from contact_service.pages.rendering import render, say
from contact_service.pages.words import ACCESS_REASONS, FINDINGS, choices
from contact_service.people.emergency_access import AccessReason, EmergencyAccess, Finding
from contact_service.people.queries.members import details_of
from contact_service.policy.decision import Refused
from contact_service.staff_door import demand_proof

router = APIRouter()
PATH = "/w/emergency-access"
_NOT_OPENED = {
    NotOpened.NOTHING_FITS: BadInput(
        "Nothing was opened: what you wrote fits no record, or more than one. Check how it is spelled.",
        "name",
    ),
    NotOpened.TOO_MANY_TRIES: BadInput("Too many tries. Ring an approver, or wait an hour.", "name"),
}


class OpenForm(Posted):
    """What somebody typed who needs a case that is not theirs."""

    name: str = ""
    born_on: str = ""
    other: str = ""
    reason: str = ""
    words: str = ""


class ReviewForm(Posted):
    """What somebody found who looked at it."""

    finding: str = ""
    words: str = ""


@router.get(PATH)
def emergency_access_page(desk: StaffReading, done: str = "") -> HTMLResponse:
    """The form, and every emergency access that the reader may know of; ``done``: one was just ended or looked at."""
    return _page(desk, notice=say("It is written down.") if done else None)


@router.post(PATH)
def open_emergency_access(desk: StaffForm, form: Annotated[OpenForm, Form()]) -> Response:
    """Open the one case that fits, and go to its child."""
    # Before anything is looked for: that it is asked at all must not tell that something fits.
    demand_proof(desk.work, EventType.BREAKGLASS_OPENED)
    try:
        found = open_in_emergency(desk.work, _asked(form))
    except BadInput as error:
        return _page(desk, form=form, errors=problem(error))
    if isinstance(found, Opened):
        return RedirectResponse(f"/w/child/{found.child}", status_code=303)
    if isinstance(found, Refused):
        return _page(desk, form=form, refused=refusals(found), status=409)
    return _page(desk, form=form, errors=problem(_NOT_OPENED[found]))


@router.post(PATH + "/{access}/end")
def end_access(desk: StaffForm, access: AnId, form: Annotated[Posted, Form()]) -> Response:
    """End it before its time."""
    del form
    end_emergency_access(desk.work, EmergencyAccessId(access))
    return RedirectResponse(f"{PATH}?done=yes", status_code=303)


@router.post(PATH + "/{access}/review")
def review_access(desk: StaffForm, access: AnId, form: Annotated[ReviewForm, Form()]) -> Response:
    """Keep what was found."""
    finding = Finding(form.finding) if form.finding in set(Finding) else None
    try:
        found = review_emergency_access(desk.work, EmergencyAccessId(access), finding, form.words)
    except BadInput as error:
        return _page(desk, errors=[one | {"field": ""} for one in problem(error)])
    if isinstance(found, Refused):
        return _page(desk, refused=refusals(found), status=409)
    return RedirectResponse(f"{PATH}?done=yes", status_code=303)


def _asked(form: OpenForm) -> Asked:
    return Asked(
        name=form.name,
        born_on=day_of(form.born_on, "born_on") if form.born_on else None,
        other=form.other,
        reason=AccessReason(form.reason) if form.reason in set(AccessReason) else None,
        words=form.words,
    )


def _page(
    desk: Desk,
    *,
    form: OpenForm | None = None,
    errors: object = (),
    refused: object = (),
    status: int = 0,
    notice: str | None = None,
) -> HTMLResponse:
    found = [_row(desk, one) for one in emergency_accesses_for(desk.work)]
    limits = policy_in_force(desk.work).limits
    context = desk.context(
        may_open=desk.work.actor.has(Role.WORKER),
        typed=(form or OpenForm()).model_dump(),
        hours=written(limits.emergency_access_lasts),
        reasons=choices(ACCESS_REASONS),
        findings=choices(FINDINGS),
        standing=[row for row in found if row["open"]],
        waiting=[row for row in found if not row["open"] and row["review"] is None],
        looked_at=[row for row in found if row["review"] is not None],
        errors=errors,
        refusals=refused,
        notice=notice,
    )
    page = render("staff/emergency_access.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=status or (422 if errors else 200))


def _row(desk: Desk, one: EmergencyAccess) -> dict[str, object]:
    at, review = desk.work.now, one.review
    own = desk.work.actor.is_behind(one.account)
    return {
        "id": one.id,
        "who": account_for(desk.work, one.account).name,
        "own": own,
        "child": _child(desk, one),
        "child_id": one.child,
        "reason": say(ACCESS_REASONS[one.reason]),
        "words": one.words,
        "opened_at": one.opened_at,
        "until": one.ended_at or one.until,
        "early": one.ended_at is not None and one.ended_at < one.until,
        "open": one.is_open(at),
        "may_end": one.is_open(at) and may_end(desk.work, one),
        "may_review": not own and desk.work.actor.has(Role.APPROVER) and not one.is_open(at),
        "due_at": one.review_due_at,
        "overdue": one.is_overdue(at),
        "review": review
        and {
            "by": _name(desk, review.by),
            "at": review.at,
            "finding": say(FINDINGS[review.finding]),
            "words": review.words,
        },
    }


def _child(desk: Desk, one: EmergencyAccess) -> str:
    if not one.told:
        return say("a child whose record is not opened here")
    return details_of(desk.work, one.child).name or say("a child who was forgotten")


def _name(desk: Desk, account: AccountId) -> str:
    return account_for(desk.work, account).name
