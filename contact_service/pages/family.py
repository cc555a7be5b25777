"""The pages behind a link: landing, consent cards, device check, room, thanks.  Each was built for one person alone."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body
from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from contact_service.agency_policy import queries as agency_policy
from contact_service.clearances.queries import establishment_of
from contact_service.invitations.actions.opening import is_usable, knock, new_nonce
from contact_service.pages.access import Guest, GuestJson, GuestReading
from contact_service.pages.forms import Json, spoken
from contact_service.pages.guests import (
    is_caregiver,
    me,
    names,
    others,
    own_name,
    page,
    shown_name,
    supervisor,
)
from contact_service.pages.questions import next_question
from contact_service.pages.together import children_of, listed
from contact_service.policy.decision import Refused
from contact_service.policy.letting_back import TAKEN_BACK_WITHIN
from contact_service.rooms.queries import milliseconds
from contact_service.visits.actions import running
from contact_service.visits.goodbye import goodbye_may_be_taken_back, is_asked_back
from contact_service.visits.queries.aside import is_aside
from contact_service.visits.queries.deciding import takes_no_part
from contact_service.visits.visit import (
    OVER,
    RUNNING,
    ParticipantRole,
    Stage,
)

router = APIRouter(prefix="/v/{invitation}")
_INSIDE = (Stage.ADMITTED, Stage.PRIVATE)


class CheckBody(Json):
    """What the device check found: codes only, no picture."""

    camera: str = Field(pattern="^(ok|blocked|missing|busy|old|other)$")
    microphone: str = Field(pattern="^(ok|blocked|missing|busy|old|other)$")


class KnockBody(Json):
    """A nonce, signed by the device key."""

    nonce: str = Field(max_length=100)
    signature: str = Field(max_length=200)


class Nothing(Json):
    """An empty body."""


@router.get("/")
def landing(guest: GuestReading) -> HTMLResponse:
    """When, with whom, and the next thing to do."""
    visit, work = guest.visit, guest.work
    limits = agency_policy.policy_in_force(work).limits
    context = guest.context(
        stage=_landing_stage(guest),
        role="caregiver" if is_caregiver(guest) else "family",
        heading=_heading(guest),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        opens_at=visit.starts_at - limits.early_entry,
        starts_in_minutes=int((visit.starts_at - work.now).total_seconds() // 60),
        who=_who(guest),
        visit_supervisor=supervisor(guest),
        next_url=next_question(guest),
        next_visit=None,
        place_may_record=establishment_of(work, guest.invitation.person, visit.starts_at) is not None,
    )
    return page(guest, "landing", context)


@router.get("/check")
def check_page(guest: GuestReading) -> HTMLResponse:
    """Try camera, microphone and sound."""
    context = guest.context(next_url=f"{guest.base}/company", for_child=is_caregiver(guest))
    return page(guest, "check", context)


@router.post("/check")
def keep_check(guest: GuestJson, body: Annotated[CheckBody, Body()]) -> Response:
    """Keep what the check found, so that the supervisor sees it."""
    found = body.camera if body.camera != "ok" else body.microphone
    running.note_check(guest.work, guest.visit, me(guest), found)
    return JSONResponse({})


@router.get("/room")
def room_page(guest: GuestReading) -> Response:
    """Waiting room and visit on one page; first one says who else is there."""
    my = me(guest)
    if my.company is None:
        return RedirectResponse(f"{guest.base}/company", status_code=303)
    context = guest.context(
        invitation=guest.invitation.id,
        participant=my.id,
        you=shown_name(guest, my),
        visit_supervisor=supervisor(guest),
        starts_at=guest.visit.starts_at,
        ends_at=guest.visit.ends_at,
        thanks_url=f"{guest.base}/thanks",
    )
    return page(guest, "child_room" if is_caregiver(guest) else "room", context)


@router.post("/nonce")
def nonce(guest: GuestJson, body: Annotated[Nothing, Body()]) -> Response:  # noqa: ARG001  refuses unknown fields
    """A number to sign."""
    return JSONResponse({"nonce": new_nonce(guest.work, guest.invitation)})


@router.post("/ticket")
def ticket(guest: GuestJson, body: Annotated[KnockBody, Body()]) -> Response:
    """A ticket to the waiting room and no further, or every reason why not."""
    decision = knock(guest.work, guest.invitation, nonce=body.nonce, signature=body.signature)
    if isinstance(decision, Refused):
        words = list(dict.fromkeys(spoken(reason, locale=guest.locale) for reason in decision.reasons))
        return JSONResponse({"reasons": words}, status_code=409)
    signed = guest.site.tickets.ticket_for(guest.work, guest.visit, me(guest))
    return JSONResponse({"ticket": signed, "signal": guest.site.signal_path})


@router.get("/state")
def state(guest: GuestReading) -> Response:
    """Where this person stands; others are named only once this person is inside."""
    stage = _room_stage(guest)
    inside = stage in ("admitted", "private")
    limits = agency_policy.policy_in_force(guest.work).limits
    body: dict[str, Any] = {
        "stage": stage,
        "people": _people_inside(guest) if inside else {},
        "ends_at_ms": milliseconds(guest.visit.ends_at + limits.late_exit) if inside else None,
        "starts_at_ms": milliseconds(guest.visit.starts_at),
        "now_ms": milliseconds(guest.work.now),
        "go": f"{guest.base}/thanks" if stage in ("over", "removed") else None,
    }
    return JSONResponse(body)


@router.get("/thanks")
def thanks(guest: GuestReading) -> HTMLResponse:
    """The visit is over; or one may come back after all, which the page finds out by itself for some minutes."""
    early = guest.visit.ended_at is not None and guest.visit.ended_at < guest.visit.ends_at
    context = guest.context(
        early=early,
        next_visit=None,
        you=own_name(guest),
        back=_way_back(guest),
        back_seconds=int(TAKEN_BACK_WITHIN.total_seconds()),
        visit_supervisor=supervisor(guest),
    )
    return page(guest, "thanks", context)


def _way_back(guest: Guest) -> Literal["", "perhaps", "now"]:
    """Whether somebody who was sent home may come back, or may still be asked to."""
    me = guest.participant
    if me is None:
        return ""
    if goodbye_may_be_taken_back(me, at=guest.work.now):
        return "perhaps"  # also when it is over for the others: the page tells nobody whether they go on
    open_to_them = guest.visit.state in RUNNING and is_usable(guest.invitation, guest.visit)
    asked = open_to_them and is_asked_back(me)
    return (
        "now"
        if asked and not takes_no_part(guest.work, guest.visit, guest.invitation.person, me.link)
        else ""
    )


def _landing_stage(guest: Guest) -> str:
    said_goodbye = guest.participant is not None and guest.participant.stage is Stage.GOODBYE
    if guest.visit.state in OVER or said_goodbye:
        return "over"
    limits = agency_policy.policy_in_force(guest.work).limits
    if not is_usable(guest.invitation, guest.visit) or guest.participant is None:
        return "off"
    if guest.work.now >= guest.visit.ends_at + limits.late_exit:
        return "over"
    return "early" if guest.work.now < guest.visit.starts_at - limits.early_entry else "open"


def _heading(guest: Guest) -> str:
    if not is_caregiver(guest):
        return guest.say("Your visit with {child}", child=names(guest, children_of(guest.visit)))
    mine = names(guest, guest.visit.brought_by(guest.invitation.person))
    return guest.say(
        "{child}’s visit with {adults}", child=mine, adults=listed(others(guest), locale=guest.locale)
    )


def _who(guest: Guest) -> list[dict[str, Any]]:
    """Who will be there, by the names that may be said: the child, the family, the visit supervisor."""
    me = guest.participant
    rows = [
        {"name": shown_name(guest, p), "you": p == me and not is_caregiver(guest), "note": ""}
        for p in sorted(guest.visit.families(), key=lambda p: p.role is not ParticipantRole.CAREGIVER)
    ]
    return [*rows, {"name": supervisor(guest), "you": False, "note": guest.say("visit supervisor")}]


def _room_stage(guest: Guest) -> str:
    me = guest.participant
    if guest.visit.state in OVER or me is None or not is_usable(guest.invitation, guest.visit):
        return "over"
    stage = me.standing
    if stage is Stage.GOODBYE:
        return "over"
    if stage is Stage.REMOVED:
        return "removed"
    return stage.value if stage in _INSIDE else "waiting"


def _people_inside(guest: Guest) -> dict[str, dict[str, str]]:
    """Those whom this person may see now, by the names that may be said.

    Whoever is talked to alone stays in the list of the others: it says no more than any hold does.
    """
    my = me(guest)
    alone = my.standing is Stage.PRIVATE
    named = {
        p.id: {"name": shown_name(guest, p), "role": p.role.value}
        for p in guest.visit.families()
        if p.id == my.id or (not alone and (p.standing is Stage.ADMITTED or is_aside(guest.work, p)))
    }
    return named | {guest.visit.watcher.id: {"name": supervisor(guest), "role": "visit_supervisor"}}
