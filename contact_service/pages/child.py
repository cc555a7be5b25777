"""A child: people, plan, consents and restrictions; record a consent, add a restriction."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.approvals.actions.answering import take_answer
from contact_service.consent import actions as consenting, queries as consent
from contact_service.consent.consent import ConsentKind, ConsentState, Method, Purpose, Reader, standing
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.invitations.actions import stopping
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem, refusals
from contact_service.pages.orders import order_shown
from contact_service.pages.plan import plan_shown
from contact_service.pages.reach import child_of, may_know_people
from contact_service.pages.rendering import render, say
from contact_service.pages.restrictions import RestrictionForm, restriction_read, restriction_shown
from contact_service.pages.words import (
    CONSENT_METHODS,
    PURPOSES,
    RESTRICTION_KINDS,
    SOURCES,
    STOP_REASONS,
    age,
    choices,
)
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan
from contact_service.policy.decision import Refused
from contact_service.restrictions import queries as restrictions
from contact_service.visits.queries.finding import visits_of_child
from contact_service.visits.visit import TERMINAL, VisitState

router = APIRouter()


class ConsentForm(Posted):
    """An answer that staff record: the decision-holder's for the child, or what somebody said before two of them."""

    person: str = ""
    purpose: str = ""
    state: str = ""
    method: str = ""
    holder: str = ""
    witness: str = ""


@router.get("/w/child/{child}")
def child_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """Everything about contact for one child."""
    return _page(desk, child_of(desk, child))


@router.post("/w/child/{child}/consent")
def record_consent(desk: StaffForm, child: AnId, form: Annotated[ConsentForm, Form()]) -> Response:
    """Keep what the holder of the right to decide has answered for the child."""
    member = child_of(desk, child)
    if not desk.work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker records consents.")
    try:
        take_answer(desk.work, member.person, _answer(desk, member, form))
    except BadInput as error:
        return _page(desk, member, form=form.model_dump(), errors=problem(error))
    return RedirectResponse(f"/w/child/{child}", status_code=303)


@router.post("/w/child/{child}/restriction")
def add_restriction(desk: StaffForm, child: AnId, form: Annotated[RestrictionForm, Form()]) -> Response:
    """Put a restriction in force; booked visits it forbids are suspended and a live one ends."""
    member = child_of(desk, child)
    try:
        result = stopping.restrict(desk.work, member.case, restriction_read(desk, member, form))
    except BadInput as error:
        return _page(desk, member, form=form.model_dump(), errors=problem(error))
    if isinstance(result, Refused):
        return _page(desk, member, form=form.model_dump(), refused=result)
    return RedirectResponse(f"/w/child/{child}", status_code=303)


def _answer(desk: Desk, child: Member, form: ConsentForm) -> consenting.NewAnswer:
    states = {s.value: s for s in (ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WITHDRAWN)}
    members = {m.person for m in people.members_of(desk.work, child.case)}
    if PersonId(form.person) not in members:
        raise BadInput("Choose whose answer it is.", "person")
    if form.purpose not in set(Purpose):
        raise BadInput("Choose what the consent is for.", "purpose")
    if form.state not in states:
        raise BadInput("Choose the answer.", "state")
    person, purpose = PersonId(form.person), Purpose(form.purpose)
    for_child = person == child.person
    if form.method not in set(Method) - {Method.ON_THE_PAGE}:
        raise BadInput("Choose how it was given.", "method")
    method = Method(form.method)
    if (method is Method.BY_DECISION_HOLDER) != for_child:
        raise BadInput(
            "For the child, the holder of the right to decide answers; everybody else speaks for themselves.",
            "method",
        )
    if for_child and form.holder not in {"agency", "court", *(f"person:{m}" for m in members - {person})}:
        raise BadInput("Choose who decided for the child.", "holder")
    reader = Reader()
    return consenting.NewAnswer(
        person=person,
        purpose=purpose,
        state=states[form.state],
        version=consent.text_for(desk.work, purpose, reader).version,
        reader=reader,
        method=method,
        holder=form.holder if for_child else None,
        witness=AccountId(form.witness) if form.witness else None,
    )


def _page(
    desk: Desk,
    child: Member,
    *,
    form: dict[str, object] | None = None,
    errors: list[dict[str, str]] | None = None,
    refused: Refused | None = None,
) -> HTMLResponse:
    work = desk.work
    members = people.members_of(work, child.case, child=child.person)
    others = [{"value": m.person, "text": m.details.name} for m in members if m.person != child.person]
    plan = plans.plan_for(work, child.person)
    context = desk.context(
        child={
            "id": child.person,
            "name": child.details.name,
            "age": age(child.details.born_on, work.now.date()),
            "case": child.case,
        },
        plan=plan_shown(work, plan),
        people=[_person(m, plan) for m in members if m.person != child.person],
        knows_people=may_know_people(desk),
        orders=[order_shown(desk, order) for order in plans.orders_of(work, child.person)],
        consents=[row for m in members for row in _consents(desk, m, child.person)],
        restrictions=[restriction_shown(desk, r) for r in restrictions.restrictions_of(work, child.case)],
        upcoming=_upcoming(desk, child),
        may_change=work.actor.has(Role.WORKER),
        once=work.new_id(),
        consent_people=[
            {"value": child.person, "text": say("{name} (who may decide has answered)", name=child.known_as)},
            *others,
        ],
        purposes=choices(PURPOSES),
        consent_methods=choices(CONSENT_METHODS, only=[Method.BY_DECISION_HOLDER, Method.SPOKEN]),
        consent_holders=[
            {"value": "agency", "text": say("The agency")},
            {"value": "court", "text": say("The court")},
            *({"value": f"person:{one['value']}", "text": one["text"]} for one in others),
        ],
        witnesses=[
            {"value": a.id, "text": a.name} for a in identity.everybody(work) if a.id != desk.account.id
        ],
        restriction_kinds=choices(RESTRICTION_KINDS),
        restriction_people=others,
        restriction_sources=choices(SOURCES),
        restriction_orders=[
            {"value": order.id, "text": f"{order.words.court}, {order.words.reference}"}
            for order in plans.orders_of(work, child.person)
        ],
        form=form or {},
        errors=errors or [],
        stop_reasons=choices(STOP_REASONS),
        refusals=refusals(refused) if refused else [],
    )
    page = render("staff/child.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 409 if refused else 200)


def _person(member: Member, plan: ContactPlan | None) -> dict[str, object]:
    named = plan is not None and plan.terms_for(member.person) is not None
    return {
        "id": member.person,
        "name": member.details.name,
        "relation": member.relation_word,
        "in_plan": named or member.role is MemberRole.CAREGIVER,
    }


def _consents(desk: Desk, member: Member, child: PersonId) -> list[dict[str, object]]:
    """What this person answered last to each question; other children of the case are not shown."""
    if member.role is MemberRole.CHILD and member.person != child:
        return []
    found = [
        answer
        for purpose in Purpose
        for kind in ConsentKind
        if (answer := consent.newest_answer(desk.work, member.person, purpose, kind)) is not None
    ]
    names = identity.names_by_ref(desk.work)
    return [
        {
            "person": member.details.name,
            "purpose": say(PURPOSES[answer.purpose]),
            "kind": answer.kind.value,
            "state": standing(answer, on=answer.link).value,
            "provisional": answer.provisional,
            "unseen": answer.unseen,
            "by": names.get(answer.given_by, member.known_as),
            "method": say(CONSENT_METHODS[answer.method]),
            "on": answer.at.date(),
            "text_version": str(answer.version),
        }
        for answer in found
    ]


def _upcoming(desk: Desk, child: Member) -> list[dict[str, object]]:
    return [
        {"href": f"/w/visit/{v.id}", "starts_at": v.starts_at, "state": v.state.value}
        for v in reversed(visits_of_child(desk.work, child.person, set(VisitState) - TERMINAL))
        if v.ends_at >= desk.work.now
    ]
