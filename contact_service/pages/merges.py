"""A second person decides whether two records are one person; both answers come from the approvals page."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from contact_service.actor import Role
from contact_service.approvals.actions.merging import MergeRefused, agree_to_merge
from contact_service.errors import NotAllowed
from contact_service.ids import MergeId
from contact_service.pages.access import AnId, Desk, StaffForm
from contact_service.pages.approvals import approvals_page
from contact_service.pages.forms import Posted
from contact_service.pages.rendering import say
from contact_service.people.actions import merging

router = APIRouter()


@router.post("/w/merge/{merge}/agree")
def agree(desk: StaffForm, merge: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """The records become one."""
    _demand_approver(desk)
    result = agree_to_merge(desk.work, MergeId(merge))
    if isinstance(result, MergeRefused):
        return approvals_page(desk, errors=[{"field": f"merge-{merge}", "text": say(result.words)}])
    return RedirectResponse("/w/approvals", status_code=303)


@router.post("/w/merge/{merge}/decline")
def decline(desk: StaffForm, merge: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They are two people."""
    _demand_approver(desk)
    merging.decline_merge(desk.work, MergeId(merge))
    return RedirectResponse("/w/approvals", status_code=303)


def _demand_approver(desk: Desk) -> None:
    if not desk.work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver decides on this.")
