"""What somebody must do next: shown on Today, done with a reason."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from contact_service.clearances.queries import establishment_of
from contact_service.follow_ups import actions, queries
from contact_service.follow_ups.follow_up import DONE_ELSEWHERE, REASONS, FollowUp, FollowUpKind
from contact_service.ids import FollowUpId
from contact_service.notifications.queries import went_another_way
from contact_service.pages.access import AnId, Desk, StaffForm
from contact_service.pages.forms import Posted
from contact_service.pages.rendering import say
from contact_service.pages.words import DONE_REASONS, choices
from contact_service.people.queries import members as people
from contact_service.texts import N_

router = APIRouter()
_ASKS = {
    FollowUpKind.VISIT_STOPPED: N_("A visit with {name} was stopped. Ring the carer and the family today."),
    FollowUpKind.VISIT_UNWATCHED: N_(
        "Whoever was to watch the visit with {name} now must not. It cannot go on. Ring the carer and the family, and "
        "end it or call it off."
    ),
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
    FollowUpKind.VISIT_MISSED: N_(
        "A visit of {name} did not take place. Hear both sides and write down why."
    ),
    FollowUpKind.OWED_DECISION: N_("A visit of {name} was lost. Decide whether it is still owed."),
    FollowUpKind.OWED_OUT_OF_REACH: N_(
        "What {name}’s plan promises can no longer be given in this period. Book what is possible, and a visit that "
        "makes up for the rest."
    ),
    FollowUpKind.SIBLINGS_APART: N_("{name} has not met a brother or sister for 31 days. Book a visit."),
    FollowUpKind.PLAN_REVIEW: N_("{name}’s contact plan is due for its review."),
    FollowUpKind.NO_TIME_CHOSEN: N_(
        "Nobody chose a time for a visit with {name}. Phone them, and book a time together."
    ),
    FollowUpKind.CANNOT_COME: N_("{name} says that they cannot come. Change the visit, or call it off."),
    FollowUpKind.NOT_CONFIRMED: N_("{name} has not said that they come. Phone them."),
    FollowUpKind.SERIES_LEFT_OUT: N_(
        "A visit of a series of {name} could not be booked when its time came. Choose another time, or leave it out."
    ),
    FollowUpKind.CLOCKS_CHANGED: N_(
        "The rules of a time zone have changed: a visit of {name} would now begin at another hour. It was not moved. "
        "Agree with everybody when it is, and change it if need be."
    ),
    FollowUpKind.NO_TIME_FREED: N_(
        "No time became free for a visit of {name} that stood on the waiting list. Look for another way."
    ),
    FollowUpKind.WAITING_UNSTAFFED: N_(
        "A visit of {name} waits for a time, but whoever was chosen to answer throughout it or to supervise it cannot "
        "any more, so no time is offered. Take it off the waiting list, and put it on again with somebody else."
    ),
    FollowUpKind.SCHOOL_CALENDAR: N_(
        "{name} has another home. Check whether the school is still the same: its calendar counts until you change it."
    ),
    FollowUpKind.CLEARANCE_REFUSED: N_(
        "A prison or another place has said no to visits with {name} from there. Tell the family, and look for another "
        "way: what the plan promises stays owed."
    ),
    FollowUpKind.DESK_CHANGED: N_(
        "The booking desk of the place from which {name} takes part was changed or taken away. Ring the place on the "
        "number that you know, and ask whether that is right. If it is not, tell an approver at once."
    ),
    FollowUpKind.WRONG_NUMBER: N_(
        "Somebody else answered under a phone number of {name}. No text goes there any more. Find out the right "
        "number, and confirm it."
    ),
    FollowUpKind.NOT_REACHED: N_("A message to {name} has not arrived. Phone them."),
}
_WENT_ANOTHER_WAY = N_(
    "A message to {name} has not arrived, and goes in another way that is safe for them. Phone them to make sure, and "
    "ask which number or address still works."
)
_TO_THE_DESK = N_(
    "A message to the booking desk of the place from which {name} takes part has not arrived. Ring the desk, never "
    "{name}’s own phone."
)
# Where it is done, and what the way there is called; everything else is done on the page of its visit.
_WHERE = {
    FollowUpKind.VISIT_MISSED: ("/w/child/{person}/owed/{visit}", N_("Write down why")),
    FollowUpKind.OWED_DECISION: ("/w/child/{person}/owed/{visit}", N_("Decide")),
    FollowUpKind.OWED_OUT_OF_REACH: ("/w/child/{person}/owed", N_("See what is owed")),
    FollowUpKind.SIBLINGS_APART: ("/w/child/{person}/owed", N_("See what is owed")),
    FollowUpKind.SERIES_LEFT_OUT: ("/w/child/{person}/series", N_("See the series")),
    FollowUpKind.NO_TIME_FREED: ("/w/book?child={person}", N_("Book a visit")),
    FollowUpKind.WAITING_UNSTAFFED: ("/w/waiting", N_("See the waiting list")),
    FollowUpKind.SCHOOL_CALENDAR: ("/w/child/{person}/calendars", N_("See the calendars")),
    FollowUpKind.CLEARANCE_REFUSED: ("/w/child/{person}/people", N_("See the people")),
    FollowUpKind.DESK_CHANGED: ("/w/rooms", N_("See the rooms")),
    FollowUpKind.PLAN_REVIEW: ("/w/child/{person}/plan", N_("Look at the plan")),
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
    address, link = _WHERE.get(one.kind, ("/w/visit/{visit}" if one.visit else "", N_("See visit")))
    return {
        "id": one.id,
        "text": say(_asked(desk, one), name=name),
        "due_at": one.due_at,
        "late": one.due_at <= desk.work.now,
        "href": address.format(person=one.person, visit=one.visit) or None,
        "link": say(link),
        "reasons": _reasons(desk, one),
    }


def _asked(desk: Desk, one: FollowUp) -> str:
    """What failed by one way may be under way by another: whoever rings knows what to expect."""
    if one.kind is FollowUpKind.NOT_REACHED and one.person:
        place = establishment_of(desk.work, one.person, desk.work.now)
        if place is not None:
            return _TO_THE_DESK
    is_message = one.kind is FollowUpKind.NOT_REACHED and one.visit is not None and one.person is not None
    if is_message and one.visit and one.person and went_another_way(desk.work, one.visit, one.person):
        return _WENT_ANOTHER_WAY
    return _ASKS[one.kind]


def _reasons(desk: Desk, one: FollowUp) -> list[dict[str, str]]:
    """What can be said of it here; nothing where somebody else must, or where it is done by doing it."""
    if one.kind in DONE_ELSEWHERE or desk.account.ref in one.not_by:
        return []
    return choices({code: DONE_REASONS[code] for code in REASONS[one.kind]})
