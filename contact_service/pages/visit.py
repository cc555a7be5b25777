"""One visit as staff see it: facts, people, messages, decision, what may be done, what happened."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.audit.events import EventType
from contact_service.clearances.queries import establishment_of
from contact_service.consent import queries as consent
from contact_service.consent.consent import Purpose
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity import queries as identity
from contact_service.ids import PersonId, VisitId
from contact_service.invitations import queries as invitations
from contact_service.invitations.actions import inviting
from contact_service.invitations.invitation import Invitation
from contact_service.notifications import actions as outbox, queries as notifications
from contact_service.notifications.message import Medium, MessageKind, Queued
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.doubts import doubt_about
from contact_service.pages.exceptions import emergency_shown
from contact_service.pages.forms import Posted, PostedOnVisit, ReasonForm, demand_version, problem
from contact_service.pages.handing import may_hand_over
from contact_service.pages.if_they_can import settled_shown
from contact_service.pages.letters import last_letters, letter_offered
from contact_service.pages.masking import masked
from contact_service.pages.messages import has_failed, messages_shown
from contact_service.pages.new_link import can_have_new_link
from contact_service.pages.proposing import cannot_come, choice_shown, comes
from contact_service.pages.rendering import render, say
from contact_service.pages.ringing import late_calls_shown
from contact_service.pages.series_words import series_shown
from contact_service.pages.together import child_shown, children_of, is_place_hidden, names_of, whom
from contact_service.pages.words import CANCEL_REASONS, DECLINE_REASONS, choices
from contact_service.people.channel import ChannelKind
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of
from contact_service.proposals.queries import is_choice_open
from contact_service.reports.queries import Line, visit_history
from contact_service.visits.actions import booking, ending
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.finding import children_within, is_supervisor_of, visit_for
from contact_service.visits.queries.writing import WrittenRecord, record_of, remarks_of
from contact_service.visits.reasons import CancelReason
from contact_service.visits.record import Remark
from contact_service.visits.visit import (
    BEFORE_LIVE,
    BOOKED,
    IN_THE_ROOM,
    OVER,
    RECORD_DUE,
    Participant,
    Visit,
    VisitState,
)

router = APIRouter()


@router.get("/w/visit/{visit}")
def visit_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """The visit."""
    return _page(desk, visit_for(desk.work, VisitId(visit)))


@router.post("/w/visit/{visit}/cancel")
def cancel(desk: StaffForm, visit: AnId, form: Annotated[ReasonForm, Form()]) -> Response:
    """Call the visit off and tell everybody who was invited."""
    found = visit_for(desk.work, VisitId(visit))
    demand_version(found, form.version)
    if form.reason not in set(CancelReason):
        return _page(desk, found, errors=problem(BadInput("Choose a reason.", "reason")))
    try:
        inviting.cancel(desk.work, found.id, CancelReason(form.reason), form.text)
    except BadInput as error:
        return _page(desk, found, errors=problem(error), typed=form)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


@router.post("/w/visit/{visit}/withdraw")
def withdraw(desk: StaffForm, visit: AnId, form: Annotated[PostedOnVisit, Form()]) -> Response:
    """Take the request back."""
    found = visit_for(desk.work, VisitId(visit))
    demand_version(found, form.version)
    booking.withdraw_request(desk.work, found.id)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


@router.post("/w/visit/{visit}/ask-again")
def ask_again(desk: StaffForm, visit: AnId, form: Annotated[PostedOnVisit, Form()]) -> Response:
    """Put a suspended visit before an approver again."""
    found = visit_for(desk.work, VisitId(visit))
    demand_version(found, form.version)
    ending.ask_again(desk.work, found.id)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


@router.post("/w/visit/{visit}/send-again")
def send_again(desk: StaffForm, visit: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001  refuses unknown fields
    """Try every failed message once more."""
    found = visit_for(desk.work, VisitId(visit))
    if not desk.work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker sends messages again.")
    if outbox.send_again(desk.work, found.id):
        record(desk.work, found.room, EventType.MESSAGE_QUEUED, Why(reason="sent_again", people=()))
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


def _page(
    desk: Desk, visit: Visit, *, errors: list[dict[str, str]] | None = None, typed: ReasonForm | None = None
) -> HTMLResponse:
    lines = visit_history(desk.work, visit)
    context = desk.context(
        visit=_facts(desk, visit),
        people=_people(desk, visit),
        messages=messages_shown(desk, visit),
        calls=late_calls_shown(desk, visit),
        records=_records(desk, visit),
        doubt=doubt_about(desk, visit),
        emergency=emergency_shown(desk, visit),
        choice=choice_shown(desk, visit),
        if_they_can=settled_shown(desk, visit) if _decides(desk) else None,
        replies=cannot_come(desk, visit),
        series=series_shown(desk, visit),
        decision=_decision(desk, visit, lines),
        actions=_actions(desk, visit),
        owed=_owed(desk, visit),
        cancel_reasons=choices(CANCEL_REASONS),
        typed={"code": typed.reason, "text": typed.text} if typed else {"code": "", "text": ""},
        errors=errors or [],
        refusals=[],
        history=_story(lines),
    )
    page = render("staff/visit.html", context, zone=visit.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _decides(desk: Desk) -> bool:
    """Whether the reader books or approves visits: who was left out is not for whoever only watches."""
    return desk.work.actor.has(Role.WORKER) or desk.work.actor.has(Role.APPROVER)


def _owed(desk: Desk, visit: Visit) -> list[dict[str, str]]:
    """For each child within reach, where it stands what a visit that is over means for what is owed."""
    if visit.state not in OVER | {VisitState.CANCELLED}:
        return []
    cases = people.within_reach(desk.work, [one.case for one in visit.children])
    return [
        {"href": f"/w/child/{one.child}/owed/{visit.id}", "name": names_of(desk, [one.child])}
        for one in visit.children
        if one.case in cases
    ]


def _story(lines: list[Line]) -> list[dict[str, object]]:
    """What happened, oldest first; the same thing several times in a row is told once, with how often."""
    told: list[dict[str, object]] = []
    for line in lines:
        step = {"text": line.what, "who": line.who, "about": _whom(line)}
        if told and step.items() <= told[-1].items():
            told[-1] |= {"at": line.at, "times": int(str(told[-1]["times"])) + 1}
        else:
            told.append(step | {"at": line.at, "times": 1})
    return told


def _whom(line: Line) -> str:
    """The one other person whom an event is about; empty when it is about all of the visit or about the actor."""
    about = dict(line.details).get("About", "").split(", ")
    name = about[0].partition(" (")[0]
    return name if len(about) == 1 and not line.who.startswith(name) else ""


def _facts(desk: Desk, visit: Visit) -> dict[str, object]:
    within = children_within(desk.work, visit)
    return {
        "id": visit.id,
        "version": visit.revision,
        "state": "choosing" if is_choice_open(desk.work, visit.id) else visit.state.value,
        "outcomes": [
            {"name": names_of(desk, [one.child]), "outcome": one.outcome.value}
            for one in visit.children
            if one.outcome and one.child in within
        ],
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "level": visit.level.value,
        "plan_version": visit.plan_version,
        "child": child_shown(desk, visit),
        "children": [
            {"id": one, "name": names_of(desk, [one]), "within": one in within} for one in children_of(visit)
        ],
        "visit_supervisor": identity.account_for(desk.work, visit.supervisor).name,
        "duty": identity.account_for(desk.work, visit.duty).name,
        "requested_by": identity.account_for(desk.work, visit.requested_by).name,
    }


def _people(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    links = {i.person: i for i in invitations.invitations_of(desk.work, visit.id)}
    letters = {
        m.person: m
        for m in notifications.messages_of(desk.work, visit.id)
        if m.kind is MessageKind.INVITATION and m.invitation in {link.id for link in links.values()}
    }
    coming = comes(desk, visit)
    return [_person(desk, visit, p, letters, links) | {"comes": p.person in coming} for p in visit.families()]


def _person(
    desk: Desk,
    visit: Visit,
    participant: Participant,
    letters: dict[PersonId | None, Queued],
    links: dict[PersonId, Invitation],
) -> dict[str, object]:
    person = participant.person
    assert person is not None
    letter = letters.get(person)
    texted = letter is not None and letter.medium is Medium.SMS
    kind = ChannelKind.PHONE if texted else ChannelKind.EMAIL
    printed = last_letters(desk, visit).get(person)
    is_hidden = is_place_hidden(desk, visit, participant)
    place = establishment_of(desk.work, person, visit.starts_at)
    own = next((c.value for c in channels_of(desk.work, person) if c.kind is kind), "")
    value = place.desk if place is not None else own
    standing = consent.standing_of(desk.work, person, tuple(Purpose)).values()
    missing = [state.value for state in standing if state.value != "given"]
    return {
        **whom(desk, visit, participant),
        "invitation": links[person].state.value if person in links else "none",
        "channel": "" if is_hidden else masked(value),
        "may_record": place.name if place is not None and not is_hidden else "",
        "at": letter.due_at if letter else None,
        "consent": missing[0] if missing else "given",
        "new_link": _new_link(desk, visit, participant) if person in links else "",
        "letter": letter_offered(desk, visit, participant),
        "printed_at": printed.printed_at if printed and not is_hidden else None,
    }


def _new_link(desk: Desk, visit: Visit, participant: Participant) -> str:
    """Where the reader makes a new link for somebody; empty where they may not."""
    offered = can_have_new_link(desk, visit, participant)
    return f"/w/visit/{visit.id}/new-link/{participant.id}" if offered else ""


def _records(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    """Each child's record, for those who may read it: who wrote it, approvers and auditors, and that child's worker."""
    found = (
        (child, record_of(desk.work, visit.id, child=child)) for child in children_within(desk.work, visit)
    )
    return [_record(desk, visit, child, written) for child, written in found if written is not None]


def _record(desk: Desk, visit: Visit, child: PersonId, written: WrittenRecord) -> dict[str, object]:
    titles = {
        "what_happened": say("What happened"),
        "child_before": say("The child before the visit"),
        "child_after": say("The child after the visit"),
        "said": say("What people said"),
        "next": say("What must happen next"),
    }
    signed = written.signed_off_by
    signs = signed is None and visit.state is VisitState.RECORDED
    said = remarks_of(desk.work, visit.id, Remark.EMERGENCY)
    staff = identity.names_by_ref(desk.work)
    why_opened = say("Why the emergency details were opened")
    return {
        "child": child,
        "name": names_of(desk, [child]),
        "sign_off": signs
        and desk.work.actor.has(Role.APPROVER)
        and desk.work.actor.account != written.submitted_by,
        "by": identity.account_for(desk.work, written.submitted_by).name,
        "signed_off_by": identity.account_for(desk.work, signed).name if signed else None,
        "sections": [
            *({"title": t, "text": getattr(written.sections, name)} for name, t in titles.items()),
            {
                "title": why_opened,
                "text": " ".join(note.text for note in said if not written.is_signed_before(note)),
            },
        ],
        "added": [
            {"title": why_opened, "text": note.text, "at": note.at, "by": staff.get(note.author, "")}
            for note in said
            if written.is_signed_before(note)
        ],
    }


def _decision(desk: Desk, visit: Visit, lines: list[Line]) -> dict[str, object] | None:
    """What an approver or a rule last said."""
    kinds = {EventType.VISIT_APPROVED: "approved", EventType.VISIT_DECLINED: "declined"}
    kinds |= {EventType.APPROVAL_REFUSED: "refused", EventType.VISIT_REFUSED: "refused"}
    said = [line for line in lines if line.type in {str(kind) for kind in kinds}]
    if not said:
        return None
    line = said[-1]
    details = dict(line.details)
    reasons = [{"rule": rule, "text": ""} for rule in details.get("Rules", "").split(", ") if rule]
    kind = kinds[EventType(line.type)]
    codes = {code.replace("_", " "): say(words) for code, words in DECLINE_REASONS.items()}
    reason = details.get("Reason", "")
    remarks = remarks_of(desk.work, visit.id, Remark.DECISION)
    words = [codes.get(reason, reason), *(note.text for note in remarks[-1:])]
    text = ". ".join(word for word in words if word) if kind == "declined" else ""
    if kind == "approved" and visit.automatic:
        text = say(
            "The agency’s policy approves such visits without a person: {case}.",
            case=visit.automatic.replace("_", " "),
        )
    return {
        "kind": kind,
        "by": say("the policy") if kind == "approved" and visit.automatic else line.who,
        "at": line.at,
        "text": text,
        "reasons": reasons if kind == "refused" else [],
    }


def _actions(desk: Desk, visit: Visit) -> list[str]:
    work = desk.work
    worker = work.actor.has(Role.WORKER)
    cases = [one.case for one in visit.children]
    every_child = people.within_reach(work, cases) == cases
    may = {
        "room": is_supervisor_of(work, visit) and visit.state in IN_THE_ROOM,
        "record": is_supervisor_of(work, visit) and visit.state in RECORD_DUE,
        "hand_over": may_hand_over(desk, visit),
        "change": worker and every_child and visit.state in BOOKED | {VisitState.REQUESTED},
        "withdraw": worker and visit.state is VisitState.REQUESTED,
        "ask_again": worker and every_child and visit.state is VisitState.SUSPENDED,
        "send_again": worker and has_failed(desk, visit),
        "cancel": (worker or work.actor.has(Role.APPROVER))
        and visit.state in (BEFORE_LIVE | {VisitState.SUSPENDED}) - {VisitState.DRAFT, VisitState.REQUESTED},
    }
    return [code for code, allowed in may.items() if allowed]
