"""The visit supervisor's room: the page, and what its script asks.

Stops go to the relay first; what opens goes through here.
"""

import base64
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from pydantic import Field
from starlette.responses import HTMLResponse, JSONResponse, Response

from contact_service.agency_policy import queries as agency_policy
from contact_service.errors import NotAllowed
from contact_service.identity.actions import hold_session, note_ticket
from contact_service.ids import VisitId
from contact_service.invitations.actions.letting_back import let_back
from contact_service.pages.access import AnId, Desk, StaffJson, StaffReading
from contact_service.pages.forms import LONGEST_LINE, LONGEST_TEXT, Json, spoken
from contact_service.pages.rendering import render, say
from contact_service.pages.ringing import call_with_number, calls_asked_for
from contact_service.pages.together import children_of, names_of
from contact_service.pages.words import END_REASONS, HOLD_REASONS, METHODS, choices
from contact_service.people.queries import members as people
from contact_service.people.queries.agreed_questions import question_kept
from contact_service.people.queries.photos import photo_kept
from contact_service.policy.decision import Refused
from contact_service.policy.letting_back import TAKEN_BACK_WITHIN
from contact_service.policy.ringing import CallResult
from contact_service.rooms.actions import keep_call
from contact_service.rooms.queries import milliseconds
from contact_service.staff_door import STAFF_COOKIE
from contact_service.visits.actions import aside, ending, recording, running, whereabouts
from contact_service.visits.goodbye import goodbye_may_be_taken_back, is_asked_back
from contact_service.visits.queries.aside import is_aside
from contact_service.visits.queries.deciding import takes_no_part, who_stays_out
from contact_service.visits.queries.finding import is_supervisor_of, visit_for
from contact_service.visits.queries.identifying import photo_to_compare, question_to_ask
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.queries.whereabouts import confirmed_in, is_unexplained
from contact_service.visits.queries.writing import notes_of
from contact_service.visits.ringing import Rung
from contact_service.visits.seen import Seen
from contact_service.visits.visit import (
    IN_THE_ROOM,
    NO_WAY_BACK,
    EndReason,
    IdentityMethod,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
)
from contact_service.visits.whereabouts import LONGEST_NUMBER, LONGEST_PLACE, Whereabouts, emergency_number

router = APIRouter()


class Whom(Json):
    """One participant."""

    participant: str = Field(pattern="^[0-9a-f]{32}$")


class Admission(Whom):
    """One participant, how the supervisor knows them, whether they have looked at the room, and where that is.

    ``still_there`` stands for the last three where somebody comes back who was let in before.
    """

    method: IdentityMethod | None = None
    company_seen: bool = False
    still_there: bool = False
    place: str = Field(default="", max_length=LONGEST_PLACE)
    call_back: str = Field(default="", max_length=LONGEST_NUMBER)
    emergency: str = Field(default="", max_length=LONGEST_NUMBER)

    def seen(self) -> Seen:
        """As the rules know it."""
        said = Whereabouts(place=self.place.strip(), call_back=self.call_back, emergency=self.emergency)
        where = said if said.place or said.call_back else None
        return Seen(
            method=self.method, company=self.company_seen, whereabouts=where, still_there=self.still_there
        )


class NoteBody(Json):
    """A live note."""

    text: str = Field(max_length=LONGEST_TEXT)


class CallBody(Json):
    """A call that was made: to whom (None: the duty desk), on which of their numbers, and what came of it."""

    participant: str | None = Field(default=None, pattern="^[0-9a-f]{32}$")
    number: str | None = Field(default=None, max_length=LONGEST_NUMBER)
    result: CallResult


class EndBody(Json):
    """Why the visit ends."""

    reason: EndReason


class Nothing(Json):
    """An empty body."""


@router.get("/w/visit/{visit}/room")
def room_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """The room."""
    found = _watched(desk, visit)
    context = desk.context(
        visit={
            "id": found.id,
            "child": {"name": names_of(desk, children_of(found))},
            "starts_at": found.starts_at,
            "ends_at": found.ends_at,
        },
        participant=found.watcher.id,
        hold_reasons=choices(HOLD_REASONS),
        end_reasons=choices(END_REASONS),
        methods=choices(METHODS),
        back_minutes=TAKEN_BACK_WITHIN // timedelta(minutes=1),
        notes=[{"at": n.at, "text": n.text} for n in notes_of(desk.work, found.id)],
    )
    return HTMLResponse(render("staff/room.html", context, zone=found.zone))


@router.post("/w/visit/{visit}/room/ticket")
def ticket(desk: StaffJson, request: Request, visit: AnId, body: Annotated[Nothing, Body()]) -> Response:  # noqa: ARG001
    """A ticket for the supervisor's own device, by staff sign-in and never by a link."""
    cookie = request.cookies.get(STAFF_COOKIE, "")
    hold_session(desk.work, cookie)
    found = _own(desk, visit)
    if found.state not in IN_THE_ROOM:
        return JSONResponse({"reasons": [say("This visit is not open now.")]}, status_code=409)
    result = running.come_to_watch(desk.work, found.id)
    if isinstance(result, Refused):
        return _done(desk, result)
    signed = desk.site.tickets.ticket_for(desk.work, found, found.watcher)
    note_ticket(desk.work, cookie, found.watcher.id)
    return JSONResponse({"ticket": signed, "signal": desk.site.signal_path})


@router.get("/w/visit/{visit}/room/state")
def state(desk: StaffReading, visit: AnId) -> Response:
    """Who waits and who is in, for the script that asks each second."""
    return JSONResponse(_state(desk, _watched(desk, visit)))


@router.post("/w/visit/{visit}/room/look")
def look(desk: StaffJson, visit: AnId, body: Annotated[Whom, Body()]) -> Response:
    """See and hear one waiting person alone, to tell who it is."""
    return _done(desk, running.look(desk.work, _own(desk, visit).id, body.participant))


@router.post("/w/visit/{visit}/room/unlook")
def unlook(desk: StaffJson, visit: AnId, body: Annotated[Whom, Body()]) -> Response:
    """Back to the waiting room."""
    return _done(desk, running.stop_looking(desk.work, _watched(desk, visit).id, body.participant))


@router.post("/w/visit/{visit}/room/alone")
def alone(desk: StaffJson, visit: AnId, body: Annotated[Whom, Body()]) -> Response:
    """Talk alone with one person who was let in; the others are on hold meanwhile."""
    return _done(desk, aside.talk_alone(desk.work, _own(desk, visit).id, body.participant))


@router.post("/w/visit/{visit}/room/goodbye")
def goodbye(desk: StaffJson, visit: AnId, body: Annotated[Whom, Body()]) -> Response:
    """Send one person home kindly; the visit goes on for the others."""
    return _done(desk, aside.say_goodbye(desk.work, _own(desk, visit).id, body.participant))


@router.post("/w/visit/{visit}/room/goodbye/undo")
def undo_goodbye(desk: StaffJson, visit: AnId, body: Annotated[Whom, Body()]) -> Response:
    """Let one person come to the waiting room again to whom goodbye was said by mistake."""
    return _done(desk, let_back(desk.work, _own(desk, visit).id, body.participant))


@router.get("/w/visit/{visit}/room/question/{participant}")
def question(desk: StaffReading, visit: AnId, participant: AnId) -> Response:
    """What was agreed with somebody whom the supervisor looks at now; null where nothing was."""
    asked = question_to_ask(desk.work, VisitId(visit), participant)
    return JSONResponse({"asked": asdict(asked) if asked else None})


@router.get("/w/visit/{visit}/room/photo/{participant}")
def photo(desk: StaffReading, visit: AnId, participant: AnId) -> Response:
    """The photo of somebody whom the supervisor looks at now, as the address of a picture; null where there is none."""
    known = photo_to_compare(desk.work, VisitId(visit), participant)
    shown = f"data:image/jpeg;base64,{base64.b64encode(known.jpeg).decode()}" if known else None
    return JSONResponse({"photo": shown})


@router.post("/w/visit/{visit}/room/admit")
def admit(desk: StaffJson, visit: AnId, body: Annotated[Admission, Body()]) -> Response:
    """Let one person in."""
    own = _own(desk, visit)
    return _done(desk, running.admit(desk.work, own.id, body.participant, body.seen()))


@router.get("/w/visit/{visit}/room/call")
def call(
    desk: StaffReading, visit: AnId, key: Annotated[str, Query(max_length=LONGEST_LINE)] = ""
) -> Response:
    """Whom to ring now about somebody who has not come, and on which number; ``call`` is null where it is nobody."""
    return JSONResponse({"call": call_with_number(desk, _watched(desk, visit), key)})


@router.post("/w/visit/{visit}/room/call")
def call_made(desk: StaffJson, visit: AnId, body: Annotated[CallBody, Body()]) -> Response:
    """What came of it."""
    rung = Rung(participant=body.participant, number=body.number, result=body.result)
    return _done(desk, keep_call(desk.work, _watched(desk, visit).id, rung))


@router.post("/w/visit/{visit}/room/emergency")
def emergency(desk: StaffJson, visit: AnId, body: Annotated[Nothing, Body()]) -> Response:  # noqa: ARG001
    """Where everybody is who was let in, and whom to ring; nothing is asked first."""
    own = _own(desk, visit)
    known = whereabouts.open_whereabouts(desk.work, own.id)
    places = [
        {"name": _name(desk, own, participant), **asdict(known[participant.id])}
        for participant in sorted(own.families(), key=_comes_last)
        if participant.id in known
    ]
    return JSONResponse({"places": places})


@router.post("/w/visit/{visit}/room/emergency/reason")
def emergency_reason(desk: StaffJson, visit: AnId, body: Annotated[NoteBody, Body()]) -> Response:
    """Why they were opened, asked afterwards of whoever opened them, also when another watches by now."""
    whereabouts.explain(desk.work, visit_for(desk.work, VisitId(visit)).id, body.text)
    return JSONResponse({})


@router.post("/w/visit/{visit}/room/resume")
def resume(desk: StaffJson, visit: AnId, body: Annotated[Nothing, Body()]) -> Response:  # noqa: ARG001
    """Let a held visit go on."""
    return _done(desk, running.resume(desk.work, _own(desk, visit).id))


@router.post("/w/visit/{visit}/room/unmute")
def unmute(desk: StaffJson, visit: AnId, body: Annotated[Whom, Body()]) -> Response:
    """Lift a mute."""
    return _done(desk, running.unmute(desk.work, _watched(desk, visit).id, body.participant))


@router.post("/w/visit/{visit}/room/note")
def note(desk: StaffJson, visit: AnId, body: Annotated[NoteBody, Body()]) -> Response:
    """Keep a live note."""
    recording.add_note(desk.work, _watched(desk, visit).id, body.text)
    return JSONResponse({"at_ms": milliseconds(desk.work.now)})


@router.post("/w/visit/{visit}/room/end")
def end(desk: StaffJson, visit: AnId, body: Annotated[EndBody, Body()]) -> Response:
    """End the visit when the relay cannot be asked; it closes the room with the next list."""
    return _done(desk, ending.end(desk.work, _own(desk, visit).id, body.reason))


def _own(desk: Desk, visit: str) -> Visit:
    found = visit_for(desk.work, VisitId(visit))
    if not is_supervisor_of(desk.work, found):
        raise NotAllowed("Only the visit supervisor of this visit works in its room.")
    return found


def _watched(desk: Desk, visit: str) -> Visit:
    """What only whoever may watch does and reads; stops are for ``_own``, and what is refused with reasons too."""
    found = _own(desk, visit)
    if watcher_in_conflict(desk.work, found):
        raise NotAllowed("You cannot watch this visit. Ask for another visit supervisor at once.")
    return found


def _done(desk: Desk, result: Visit | Refused) -> Response:
    if isinstance(result, Refused):
        return JSONResponse({"reasons": [spoken(reason) for reason in result.reasons]}, status_code=409)
    return JSONResponse(_state(desk, result))


def _state(desk: Desk, visit: Visit) -> dict[str, Any]:
    late = agency_policy.policy_in_force(desk.work).limits.late_exit
    # Whoever has ended a visit that they must not watch learns of nobody in it.
    unsuited = watcher_in_conflict(desk.work, visit)
    shown = () if unsuited else visit.families()
    return {
        "visit_state": visit.state.value,
        "version": visit.revision,
        "hold_reason": visit.hold_reason,
        "people": [_person(desk, visit, p) for p in sorted(shown, key=_comes_last)],
        "ends_at_ms": milliseconds(visit.ends_at + late),
        "planned_end_ms": milliseconds(visit.ends_at),
        "now_ms": milliseconds(desk.work.now),
        "calls": [] if unsuited else calls_asked_for(desk, visit),
        "unexplained": is_unexplained(desk.work, visit.id),
    }


def _comes_last(participant: Participant) -> bool:
    """The child is let in last, so the child's seat is the last of the list."""
    return participant.role is ParticipantRole.CAREGIVER


def _person(desk: Desk, visit: Visit, participant: Participant) -> dict[str, Any]:
    assert participant.person is not None
    is_child = participant.role is ParticipantRole.CAREGIVER
    seen = visit.facing(participant.person)
    member = people.member(desk.work, participant.person, child=seen.child)
    out = who_stays_out(desk.work, visit, participant)
    return {
        "participant": participant.id,
        "name": _name(desk, visit, participant),
        "relation": say("child, with the carer") if is_child else member.relation_word,
        "stays_out": names_of(desk, out) if out and set(out) < set(visit.shown_as(participant)) else "",
        "role": participant.role.value,
        "stage": participant.stage.value,
        "waiting_since_ms": milliseconds(participant.waiting_since) if participant.waiting_since else None,
        "leg": participant.leg,
        "alone": participant.standing is Stage.PRIVATE,
        "aside": is_aside(desk.work, participant),
        "asked_break": participant.asked_break,
        "may_undo": goodbye_may_be_taken_back(participant, at=desk.work.now),
        "asked_back": is_asked_back(participant)
        and not takes_no_part(desk.work, visit, participant.person, participant.link),
        "checked": participant.checked,
        "company": participant.company,
        "question": question_kept(desk.work, participant.person) is not None,
        "photo": photo_kept(desk.work, participant.person) is not None,
        "identity": bool(participant.identity_method),
        "located": participant.id in confirmed_in(desk.work, visit.id),
        "emergency": emergency_number(people.zone_of_person(desk.work, participant.person)),
        "new_link": f"/w/visit/{visit.id}/new-link/{participant.id}" if _may_lose_link(participant) else "",
    }


def _may_lose_link(participant: Participant) -> bool:
    """Whether a new link is of use to them now: not to somebody who is inside, nor to whoever was sent out or home."""
    return participant.stage not in (Stage.ADMITTED, Stage.PRIVATE, *NO_WAY_BACK)


def _name(desk: Desk, visit: Visit, participant: Participant) -> str:
    """Whom a seat is of: of a child's device the child, and who is with them."""
    assert participant.person is not None
    name = names_of(desk, visit.shown_as(participant))
    if participant.role is not ParticipantRole.CAREGIVER:
        return name
    seen = visit.facing(participant.person)
    return f"{name} ({people.member(desk.work, participant.person, child=seen.child).known_as})"
