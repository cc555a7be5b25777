"""What somebody must do next: shown on Today, done with a reason."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from contact_service.follow_ups import actions, queries
from contact_service.follow_ups.follow_up import REASONS, FollowUp, FollowUpKind
from contact_service.ids import FollowUpId
from contact_service.pages.access import AnId, Desk, StaffForm
from contact_service.pages.forms import Posted
from contact_service.pages.rendering import say
from contact_service.pages.words import DONE_REASONS, choices
from contact_service.people.queries import members as people
from contact_service.texts import N_

router = APIRouter()
_ASKS = {
    FollowUpKind.VISIT_STOPPED: N_("A visit with {name} was stopped. Ring the carer and the family today."),
    FollowUpKind.OBJECTION: N_(
        "Somebody with the right to decide objects to visits of {name}. Look at the plan."
    ),
    FollowUpKind.CONSENT_DECLINED: N_("{name} said no to a question before a visit. Ask what would help."),
    FollowUpKind.URGENT_STOP_ALARM: N_("The urgent stop about {name} ends soon. Decide, or go to court."),
    FollowUpKind.URGENT_STOP_OVER: N_("The urgent stop about {name} is over. Decide on the visits today."),
    FollowUpKind.IN_DOUBT: N_("A booked visit with {name} is in doubt. Look at it."),
    FollowUpKind.OVERRIDE_REVIEW: N_(
        "A visit with {name} was an emergency. Somebody who had no part in it looks at it."
    ),
}


class DoneForm(Posted):
    """What was done."""

    reason: str = ""


@router.post("/w/follow-up/{follow_up}/done")
def done(desk: StaffForm, follow_up: AnId, form: Annotated[DoneForm, Form()]) -> Response:
    """Say that it was done."""
    actions.mark_done(desk.work, FollowUpId(follow_up), form.reason)
    return RedirectResponse("/w/today", status_code=303)


def follow_ups_shown(desk: Desk) -> list[dict[str, object]]:
    """Everything that is still to be done by this reader, the most urgent first."""
    return [_shown(desk, one) for one in queries.open_follow_ups(desk.work)]


def _shown(desk: Desk, one: FollowUp) -> dict[str, object]:
    name = people.details_of(desk.work, one.person).known_as if one.person else say("somebody")
    return {
        "id": one.id,
        "text": say(_ASKS[one.kind], name=name),
        "due_at": one.due_at,
        "late": one.due_at <= desk.work.now,
        "href": f"/w/visit/{one.visit}" if one.visit else None,
        "reasons": _reasons(desk, one),
    }


def _reasons(desk: Desk, one: FollowUp) -> list[dict[str, str]]:
    """What can be said of it here; nothing where somebody else must, or where it is decided on the visit itself."""
    if one.kind is FollowUpKind.IN_DOUBT or desk.account.ref in one.not_by:
        return []
    return choices({code: DONE_REASONS[code] for code in REASONS[one.kind]})
