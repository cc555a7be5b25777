"""A visit of a child that was lost: what the connections show, what each side says, and whether it is still owed."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.ids import PersonId, VisitId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.owed_words import CAUSES, DECIDED, SIDES
from contact_service.pages.reach import child_of
from contact_service.pages.rendering import render, say
from contact_service.pages.ringing import late_calls_shown
from contact_service.pages.words import choices
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.people.queries.siblings import merged_people, workers_of
from contact_service.visits.actions.owing import Whose, decide_owed, keep_reason
from contact_service.visits.loss import (
    OWED_BECAUSE,
    Cause,
    DecidedBecause,
    MakeUpRule,
    SideReason,
    Standing,
    may_be_explained_until,
    reasons_for,
)
from contact_service.visits.owed import Meeting
from contact_service.visits.pair import NOT_COME
from contact_service.visits.queries.explained import lost_visit, owed_decisions, sides_of, sides_said
from contact_service.visits.queries.owing import Ledger, ledger_of
from contact_service.visits.visit import Visit

router = APIRouter()


class WhyForm(Posted):
    """What one side says, or why somebody decides as they do."""

    person: str = ""
    reason: str = ""
    text: str = ""


@router.get("/w/child/{child}/owed/{visit}")
def lost_page(desk: StaffReading, child: AnId, visit: AnId) -> HTMLResponse:
    """The visit as it counts for the child and each person."""
    return _page(desk, child_of(desk, child), VisitId(visit))


@router.post("/w/child/{child}/owed/{visit}/said")
def said(desk: StaffForm, child: AnId, visit: AnId, form: Annotated[WhyForm, Form()]) -> Response:
    """Keep what one side says."""
    member = child_of(desk, child)
    whose = Whose(visit=VisitId(visit), child=member.person, person=PersonId(form.person))
    try:
        keep_reason(desk.work, whose, _side_reason(form.reason), form.text)
    except BadInput as error:
        return _page(desk, member, whose.visit, typed=form, act="said", error=error)
    return RedirectResponse(f"/w/child/{child}/owed/{visit}", status_code=303)


@router.post("/w/child/{child}/owed/{visit}/decide")
def decide(desk: StaffForm, child: AnId, visit: AnId, form: Annotated[WhyForm, Form()]) -> Response:
    """Say whether it is still owed; the reason says which."""
    member = child_of(desk, child)
    whose = Whose(visit=VisitId(visit), child=member.person, person=PersonId(form.person))
    try:
        because = _because(form.reason)
        decide_owed(desk.work, whose, owed=because in OWED_BECAUSE, reason=because, text=form.text)
    except BadInput as error:
        return _page(desk, member, whose.visit, typed=form, act="decide", error=error)
    return RedirectResponse(f"/w/child/{child}/owed/{visit}", status_code=303)


def _side_reason(typed: str) -> SideReason:
    if typed not in set(SideReason):
        raise BadInput("Choose what they say.", "reason")
    return SideReason(typed)


def _because(typed: str) -> DecidedBecause:
    if typed not in set(DecidedBecause):
        raise BadInput("Choose a reason.", "reason")
    return DecidedBecause(typed)


def _page(
    desk: Desk,
    child: Member,
    visit: VisitId,
    *,
    typed: WhyForm | None = None,
    act: str = "",
    error: BadInput | None = None,
) -> HTMLResponse:
    found = lost_visit(desk.work, visit, child.person)
    ledger = ledger_of(desk.work, child.person)
    within = child.person in {one.child for one in found.children}
    lost = [one for person in _others(desk, found, child.person) for one in _with(ledger, found, person)]
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        visit={"id": found.id, "starts_at": found.starts_at, "ends_at": found.ends_at},
        within=within,
        calls=late_calls_shown(desk, found) if within else [],
        people=[_person(desk, found, person, meeting, child) for person, meeting in lost],
        sides=_sides(desk, found, child) if any(m.standing is Standing.LOST for _, m in lost) else [],
        owners=[identity.account_for(desk.work, one).name for one in workers_of(desk.work, child.case)],
        may_write=desk.work.actor.has(Role.WORKER),
        side_reasons=choices(SIDES),
        typed={
            "act": act,
            "person": typed.person if typed else "",
            "reason": typed.reason if typed else "",
            "text": typed.text if typed else "",
        },
        errors=_told(error, typed, act) if error and typed else [],
        refusals=[],
    )
    page = render("staff/lost_visit.html", context, zone=ledger.zone)
    return HTMLResponse(page, status_code=422 if error else 200)


def _told(error: BadInput, form: WhyForm, act: str) -> list[dict[str, str]]:
    """The problem at the field of the very form that was sent."""
    [told] = problem(error)
    field = "text" if told["field"] == "text" else "reason"
    return [{"field": f"{act}-{field}-{form.person}", "text": told["text"]}]


def _others(desk: Desk, visit: Visit, child: PersonId) -> list[PersonId]:
    return sorted(sides_of(desk.work, visit) - {child})


def _with(ledger: Ledger, visit: Visit, person: PersonId) -> list[tuple[PersonId, Meeting]]:
    return [(person, m) for m in ledger.met.get(person, ()) if m.visit == visit.id]


def _person(desk: Desk, visit: Visit, person: PersonId, meeting: Meeting, child: Member) -> dict[str, object]:
    decisions = [one for one in owed_decisions(desk.work, visit.id, child.person) if one.person == person]
    names = identity.names_by_ref(desk.work)
    decidable = meeting.rule is MakeUpRule.WORKER_DECIDES and meeting.cause is not None
    return {
        "id": person,
        "name": people.details_of(desk.work, person).name,
        "standing": meeting.standing.value,
        "minutes": meeting.minutes,
        "cause": say(CAUSES[meeting.cause]) if meeting.cause else "",
        "rule": meeting.rule.value if meeting.rule else "",
        "childs_no": meeting.cause is Cause.CHILD_SAID_NO,
        "still_owed": meeting.still_owed if decidable else None,
        "explain_until": _explain_until(desk, meeting),
        "decisions": [
            {"text": say(DECIDED[one.reason]), "words": one.text, "by": names.get(one.by, "?"), "at": one.at}
            for one in decisions
        ],
        "reasons": _decisions_offered(meeting) if decidable else [],
    }


def _explain_until(desk: Desk, meeting: Meeting) -> object:
    if meeting.cause is not Cause.NO_SHOW:
        return None
    days = agency_policy.policy_in_force(desk.work).limits.explain_absence_working_days
    return may_be_explained_until(meeting.on, days)


def _decisions_offered(meeting: Meeting) -> list[dict[str, str]]:
    assert meeting.cause is not None
    offered = {reason for owed in (True, False) for reason in reasons_for(meeting.cause, owed=owed)}
    return choices(DECIDED, only=offered)


def _sides(desk: Desk, visit: Visit, child: Member) -> list[dict[str, object]]:
    """Each side with whether it came, and everything it said; the child's own side first."""
    names = identity.names_by_ref(desk.work)
    same = merged_people(desk.work)
    said = sides_said(desk.work, visit.id, child.person)
    return [
        {
            "id": person,
            "name": people.details_of(desk.work, person).name,
            "own": person == child.person,
            "came": _came(visit, person, same),
            "said": [
                {
                    "text": say(SIDES[one.reason]),
                    "words": one.text,
                    "by": names.get(one.by, "?"),
                    "at": one.at,
                }
                for one in said
                if one.person == person
            ],
        }
        for person in (child.person, *_others(desk, visit, child.person))
    ]


def _came(visit: Visit, person: PersonId, same: Mapping[PersonId, PersonId]) -> bool:
    """Whether their device, or that of whoever brings them, came to the waiting room."""
    holders = {person} | {one.caregiver for one in visit.children if one.child == person}
    devices = (p for p in visit.families() if p.person and {p.person, same.get(p.person)} & holders)
    return any(device.stage not in NOT_COME for device in devices)
