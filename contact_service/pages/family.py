"""The pages behind a link: landing, consent cards, device check, room, thanks.  Each was built for one person alone."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Form
from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from contact_service.agency_policy import queries as agency_policy
from contact_service.consent import actions as consenting, queries as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.errors import NotFound
from contact_service.identity import queries as identity
from contact_service.ids import PersonId
from contact_service.invitations.actions.opening import is_usable, knock, new_nonce
from contact_service.pages.access import Guest, GuestForm, GuestJson, GuestReading
from contact_service.pages.forms import Json, Posted, spoken
from contact_service.pages.rendering import render, say
from contact_service.people import queries as people
from contact_service.policy.decision import Refused
from contact_service.rooms.queries import milliseconds
from contact_service.visits.actions import attending, running
from contact_service.visits.visit import (
    IN_THE_ROOM,
    OVER,
    Participant,
    ParticipantRole,
    Stage,
)

router = APIRouter(prefix="/v/{invitation}")
_INSIDE = (Stage.ADMITTED, Stage.PRIVATE)
_PICTURES = {
    Purpose.TAKE_PART: "stop",
    Purpose.BE_SUPERVISED: "eye",
    Purpose.NOTES_KEPT: "note",
    Purpose.NO_RECORDING: "norec",
}


class CardForm(Posted):
    """An answer to one card."""

    purpose: Purpose
    version: int
    answer: str = Field(pattern="^(yes|no|later|read)$")


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
        role="caregiver" if _is_caregiver(guest) else "family",
        heading=_heading(guest),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        opens_at=visit.starts_at - limits.early_entry,
        starts_in_minutes=int((visit.starts_at - work.now).total_seconds() // 60),
        who=_who(guest),
        visit_supervisor=_supervisor(guest),
        next_url=_next_url(guest),
        next_visit=None,
    )
    return _page(guest, "landing", context)


@router.get("/consent/{number}")
def card_page(guest: GuestReading, number: int) -> HTMLResponse:
    """One card."""
    return _card(guest, number, errors=[])


@router.post("/consent/{number}")
def answer_card(guest: GuestForm, number: int, form: Annotated[CardForm, Form()]) -> Response:
    """Keep the answer and go to the next card, or to the answers."""
    purposes = tuple(Purpose)
    if not 1 <= number <= len(purposes) or purposes[number - 1] is not form.purpose:
        raise NotFound
    if form.answer in ("yes", "no"):
        state = ConsentState.GIVEN if form.answer == "yes" else ConsentState.DECLINED
        new = consenting.NewAnswer(
            person=guest.invitation.person,
            purpose=form.purpose,
            state=state,
            version=form.version,
            method=Method.ON_THE_PAGE,
            visit=guest.visit.id,
        )
        consenting.answer(guest.work, new)
        if state is ConsentState.DECLINED:
            _step_out(guest)
    following = f"consent/{number + 1}" if number < len(purposes) else "answers"
    return RedirectResponse(f"{guest.base}/{following}", status_code=303)


@router.get("/answers")
def answers(guest: GuestReading) -> HTMLResponse:
    """What was answered, and the way on when nothing keeps the door shut."""
    said = {
        ConsentState.GIVEN: "yes",
        ConsentState.STALE: "later",
        ConsentState.DECLINED: "no",
        ConsentState.WITHDRAWN: "no",
        ConsentState.NEEDED: "later",
    }
    standing = consent.standing_of(guest.work, guest.invitation.person, tuple(Purpose))
    shown = [
        {"title": _title(guest, purpose), "answer": said[state], "url": f"{guest.base}/consent/{number}"}
        for number, (purpose, state) in enumerate(standing.items(), 1)
    ]
    ready = all(state is ConsentState.GIVEN for state in standing.values())
    version = max(consent.newest_version(guest.work, purpose) for purpose in Purpose)
    context = guest.context(
        answers=shown,
        given_at=guest.work.now,
        version=str(version),
        next_url=f"{guest.base}/check" if ready else None,
    )
    return _page(guest, "consent_receipt", context)


@router.get("/check")
def check_page(guest: GuestReading) -> HTMLResponse:
    """Try camera, microphone and sound."""
    caregiver = _is_caregiver(guest)
    following = f"{guest.base}/start" if caregiver else f"{guest.base}/room"
    return _page(guest, "check", guest.context(next_url=following, for_child=caregiver))


@router.post("/check")
def keep_check(guest: GuestJson, body: Annotated[CheckBody, Body()]) -> Response:
    """Keep what the check found, so that the supervisor sees it."""
    found = body.camera if body.camera != "ok" else body.microphone
    running.note_check(guest.work, guest.visit, _me(guest), found)
    return JSONResponse({})


@router.get("/start")
def start_page(guest: GuestReading) -> HTMLResponse:
    """The carer's page before the child's."""
    child = people.details_of(guest.work, guest.visit.child).known_as
    names = [
        who["name"] for who in _who(guest) if not who["you"] and not who["note"] and who["name"] != child
    ]
    context = guest.context(
        child=child, who=names, starts_at=guest.visit.starts_at, next_url=f"{guest.base}/room"
    )
    return _page(guest, "start", context)


@router.get("/room")
def room_page(guest: GuestReading) -> HTMLResponse:
    """Waiting room and visit on one page."""
    me = _me(guest)
    context = guest.context(
        invitation=guest.invitation.id,
        participant=me.id,
        you=_shown_name(guest, me),
        visit_supervisor=_supervisor(guest),
        starts_at=guest.visit.starts_at,
        ends_at=guest.visit.ends_at,
        thanks_url=f"{guest.base}/thanks",
    )
    return _page(guest, "child_room" if _is_caregiver(guest) else "room", context)


@router.post("/nonce")
def nonce(guest: GuestJson, body: Annotated[Nothing, Body()]) -> Response:  # noqa: ARG001  refuses unknown fields
    """A number to sign."""
    return JSONResponse({"nonce": new_nonce(guest.work, guest.invitation)})


@router.post("/ticket")
def ticket(guest: GuestJson, body: Annotated[KnockBody, Body()]) -> Response:
    """A ticket to the waiting room and no further, or every reason why not."""
    decision = knock(guest.work, guest.invitation, nonce=body.nonce, signature=body.signature)
    if isinstance(decision, Refused):
        words = list(dict.fromkeys(spoken(reason) for reason in decision.reasons))
        return JSONResponse({"reasons": words}, status_code=409)
    signed = guest.site.tickets.ticket_for(guest.work, guest.visit, _me(guest))
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


@router.get("/withdraw")
def withdraw_page(guest: GuestReading) -> HTMLResponse:
    """The first tap."""
    standing = consent.standing_of(guest.work, _consenting(guest), tuple(Purpose))
    return _page(guest, "withdraw", guest.context(done=ConsentState.WITHDRAWN in standing.values()))


@router.post("/withdraw")
def withdraw(guest: GuestForm, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001  refuses unknown fields
    """The second tap: everything that was agreed to is taken back, also in a running visit."""
    if not _step_out(guest):
        consenting.withdraw_all(guest.work, _consenting(guest), visit=guest.visit.id)
    return RedirectResponse(f"{guest.base}/withdraw", status_code=303)


@router.get("/thanks")
def thanks(guest: GuestReading) -> HTMLResponse:
    """The visit is over."""
    early = guest.visit.ended_at is not None and guest.visit.ended_at < guest.visit.ends_at
    context = guest.context(early=early, next_visit=None, you=_own_name(guest))
    return _page(guest, "thanks", context)


def _step_out(guest: Guest) -> bool:
    """Take somebody who no longer agrees out of the room they are in; False when they are in none."""
    if guest.participant is None or guest.participant.leg is None or guest.visit.state not in IN_THE_ROOM:
        return False
    attending.withdrew(guest.work, guest.visit.id, guest.participant)
    return True


def _page(guest: Guest, name: str, context: dict[str, object]) -> HTMLResponse:
    return HTMLResponse(render(f"family/{name}.html", context, zone=guest.visit.zone))


def _me(guest: Guest) -> Participant:
    """The holder's place in the visit; a changed visit has none for an old link."""
    if guest.participant is None:
        raise NotFound
    return guest.participant


def _is_caregiver(guest: Guest) -> bool:
    return guest.participant is not None and guest.participant.role is ParticipantRole.CAREGIVER


def _consenting(guest: Guest) -> PersonId:
    """Whose consent a withdrawal takes back: on the caregiver's device it is the child's."""
    return guest.visit.child if _is_caregiver(guest) else guest.invitation.person


def _own_name(guest: Guest) -> str:
    return people.details_of(guest.work, guest.invitation.person).known_as


def _shown_name(guest: Guest, participant: Participant) -> str:
    """The name others may read: the agency's, first name only.  The caregiver's device is the child."""
    person = guest.visit.child if participant.role is ParticipantRole.CAREGIVER else participant.person
    return people.details_of(guest.work, person).known_as if person else ""


def _supervisor(guest: Guest) -> str:
    return identity.account_for(guest.work, guest.visit.supervisor).name.split(" ", maxsplit=1)[0]


def _landing_stage(guest: Guest) -> str:
    if guest.visit.state in OVER:
        return "over"
    limits = agency_policy.policy_in_force(guest.work).limits
    if not is_usable(guest.invitation, guest.visit) or guest.participant is None:
        return "off"
    if guest.work.now >= guest.visit.ends_at + limits.late_exit:
        return "over"
    return "early" if guest.work.now < guest.visit.starts_at - limits.early_entry else "open"


def _heading(guest: Guest) -> str:
    child = people.details_of(guest.work, guest.visit.child).known_as
    if not _is_caregiver(guest):
        return say("Your visit with {child}", child=child)
    adults = [
        _shown_name(guest, p) for p in guest.visit.families() if p.role is ParticipantRole.FAMILY_MEMBER
    ]
    return say("{child}’s visit with {adults}", child=child, adults=say(" and ").join(adults))


def _who(guest: Guest) -> list[dict[str, Any]]:
    """Who will be there, by the names that may be said: the child, the family, the visit supervisor."""
    me = guest.participant
    rows = [
        {"name": _shown_name(guest, p), "you": p == me and not _is_caregiver(guest), "note": ""}
        for p in sorted(guest.visit.families(), key=lambda p: p.role is not ParticipantRole.CAREGIVER)
    ]
    return [*rows, {"name": _supervisor(guest), "you": False, "note": say("visit supervisor")}]


def _next_url(guest: Guest) -> str:
    standing = consent.standing_of(guest.work, guest.invitation.person, tuple(Purpose))
    for number, state in enumerate(standing.values(), 1):
        if state is not ConsentState.GIVEN:
            return f"{guest.base}/consent/{number}"
    return f"{guest.base}/check"


def _card(guest: Guest, number: int, *, errors: list[dict[str, str]]) -> HTMLResponse:
    purposes = tuple(Purpose)
    if not 1 <= number <= len(purposes):
        raise NotFound
    purpose = purposes[number - 1]
    text = consent.text_for(guest.work, purpose)
    card = {
        "number": number,
        "of": len(purposes),
        "purpose": purpose.value,
        "kind": "consent",
        "picture": _PICTURES[purpose],
        "title": _title(guest, purpose),
        "lines": [f"{line.strip().rstrip('.')}." for line in text.words.split(". ") if line.strip()],
        "version": str(text.version),
    }
    return _page(guest, "consent", guest.context(card=card, errors=errors))


def _title(guest: Guest, purpose: Purpose) -> str:
    supervisor = _supervisor(guest)
    return {
        Purpose.TAKE_PART: say("You take part in a video visit"),
        Purpose.BE_SUPERVISED: say("{name} will see and hear you", name=supervisor),
        Purpose.NOTES_KEPT: say("{name} writes a note", name=supervisor),
        Purpose.NO_RECORDING: say("Nobody records the visit"),
    }[purpose]


def _room_stage(guest: Guest) -> str:
    me = guest.participant
    if guest.visit.state in OVER or me is None or not is_usable(guest.invitation, guest.visit):
        return "over"
    stage = me.standing
    if stage is Stage.REMOVED:
        return "removed"
    return stage.value if stage in _INSIDE else "waiting"


def _people_inside(guest: Guest) -> dict[str, dict[str, str]]:
    """Those whom this person may see now, by the names that may be said."""
    me = _me(guest)
    alone = me.stage is Stage.PRIVATE
    named = {
        p.id: {"name": _shown_name(guest, p), "role": p.role.value}
        for p in guest.visit.families()
        if p.id == me.id or (not alone and p.standing is Stage.ADMITTED)
    }
    return named | {guest.visit.watcher.id: {"name": _supervisor(guest), "role": "visit_supervisor"}}
