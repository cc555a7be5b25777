"""What somebody must do next: shown on Today, done with a reason."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from contact_service.follow_ups import actions, queries
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind
from contact_service.ids import FollowUpId
from contact_service.pages.access import AnId, Desk, StaffForm
from contact_service.pages.forms import Posted
from contact_service.pages.rendering import say
from contact_service.pages.words import choices
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
    FollowUpKind.OVERRIDE_REVIEW: N_("An emergency decision about {name} waits for its review."),
}
REASONS = {
    "spoken_to_them": N_("I have spoken with them"),
    "plan_changed": N_("The plan was changed"),
    "visit_cancelled": N_("The visit was cancelled"),
    "visit_stands": N_("The visit stands as it is"),
    "order_attached": N_("A court order is recorded"),
    "not_needed": N_("It is not needed any more"),
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


def reasons_offered() -> list[dict[str, str]]:
    """What can be said of a follow-up that is done."""
    return choices(REASONS)


def _shown(desk: Desk, one: FollowUp) -> dict[str, object]:
    name = people.details_of(desk.work, one.person).known_as if one.person else say("somebody")
    return {
        "id": one.id,
        "text": say(_ASKS[one.kind], name=name),
        "due_at": one.due_at,
        "late": one.due_at <= desk.work.now,
        "href": f"/w/visit/{one.visit}" if one.visit else None,
    }
