"""A child: people, plan, consents and restrictions; record a consent, add a restriction."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.consent import actions as consenting, queries as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.plan import plan_shown
from contact_service.pages.rendering import render, say
from contact_service.pages.words import PURPOSES, RESTRICTION_KINDS, SOURCES, age, choices
from contact_service.people import queries as people
from contact_service.people.actions import NewRestriction
from contact_service.people.person import Member, MemberRole, RestrictionKind, RestrictionSource
from contact_service.people.queries import Restriction
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan
from contact_service.visits.queries.finding import visits_of_case
from contact_service.visits.visit import TERMINAL

router = APIRouter()


class ConsentForm(Posted):
    """The decision-holder's answer for the child."""

    person: str = ""
    purpose: str = ""
    state: str = ""
    method: str = ""


class RestrictionForm(Posted):
    """A restriction as a worker enters it."""

    kind: str = ""
    restricted: str = ""
    other: str = ""
    source: str = ""


@router.get("/w/child/{child}")
def child_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """Everything about contact for one child."""
    return _page(desk, _child(desk, child))


@router.post("/w/child/{child}/consent")
def record_consent(desk: StaffForm, child: AnId, form: Annotated[ConsentForm, Form()]) -> Response:
    """Keep what the holder of the right to decide has answered for the child."""
    member = _child(desk, child)
    if not desk.work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker records consents.")
    try:
        consenting.answer(desk.work, _answer(desk, member, form))
    except BadInput as error:
        return _page(desk, member, form=form.model_dump(), errors=problem(error))
    return RedirectResponse(f"/w/child/{child}", status_code=303)


@router.post("/w/child/{child}/restriction")
def add_restriction(desk: StaffForm, child: AnId, form: Annotated[RestrictionForm, Form()]) -> Response:
    """Put a restriction in force; booked visits it forbids are suspended and a live one ends."""
    member = _child(desk, child)
    try:
        inviting.restrict(desk.work, member.case, _restriction(member, form))
    except BadInput as error:
        return _page(desk, member, form=form.model_dump(), errors=problem(error))
    return RedirectResponse(f"/w/child/{child}", status_code=303)


def _child(desk: Desk, child: str) -> Member:
    member = people.member(desk.work, PersonId(child))
    people.case_for(desk.work, member.case)
    if member.role is not MemberRole.CHILD:
        raise NotFound
    return member


def _answer(desk: Desk, child: Member, form: ConsentForm) -> consenting.NewAnswer:
    states = {s.value: s for s in (ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WITHDRAWN)}
    if form.person != child.person:
        raise BadInput("Choose the child. Everybody else answers on their own page.", "person")
    if form.purpose != Purpose.TAKE_PART:
        raise BadInput("Choose what the consent is for.", "purpose")
    if form.state not in states:
        raise BadInput("Choose the answer.", "state")
    return consenting.NewAnswer(
        person=child.person,
        purpose=Purpose.TAKE_PART,
        state=states[form.state],
        version=consent.newest_version(desk.work, Purpose.TAKE_PART),
        method=Method.BY_DECISION_HOLDER,
    )


def _restriction(child: Member, form: RestrictionForm) -> NewRestriction:
    if form.kind not in set(RestrictionKind):
        raise BadInput("Choose the kind of restriction.", "kind")
    if form.source not in set(RestrictionSource):
        raise BadInput("Choose who decided it.", "source")
    if not form.restricted:
        raise BadInput("Choose the person.", "restricted")
    kind = RestrictionKind(form.kind)
    if kind is RestrictionKind.APART and not form.other:
        raise BadInput("Choose from whom they are kept apart.", "other")
    other = PersonId(form.other) if kind is RestrictionKind.APART else child.person
    source = RestrictionSource(form.source)
    return NewRestriction(kind=kind, person=PersonId(form.restricted), other=other, source=source)


def _page(
    desk: Desk,
    child: Member,
    *,
    form: dict[str, object] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    work = desk.work
    members = people.members_of(work, child.case, child=child.person)
    names = {m.person: m.details.name for m in members}
    others = [{"value": m.person, "text": m.details.name} for m in members if m.person != child.person]
    plan = plans.plan_for(work, child.person)
    context = desk.context(
        child={
            "id": child.person,
            "name": child.details.name,
            "age": age(child.details.born_on, work.now.date()),
            "case": child.case,
        },
        plan=plan_shown(plan),
        people=[_person(m, plan) for m in members if m.person != child.person],
        consents=[row for m in members for row in _consents(desk, m, child.person)],
        restrictions=[_shown(r, names, desk) for r in people.restrictions_of(work, child.case)],
        upcoming=_upcoming(desk, child),
        may_change=work.actor.has(Role.WORKER),
        once=work.new_id(),
        consent_people=[
            {"value": child.person, "text": say("{name} (who may decide has answered)", name=child.known_as)}
        ],
        purposes=choices(PURPOSES, only=[Purpose.TAKE_PART]),
        consent_methods=[
            {"value": Method.BY_DECISION_HOLDER.value, "text": say("By the holder of the right to decide")}
        ],
        restriction_kinds=choices(RESTRICTION_KINDS),
        restriction_people=others,
        restriction_sources=choices(SOURCES),
        form=form or {},
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/child.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _person(member: Member, plan: ContactPlan | None) -> dict[str, object]:
    named = plan is not None and plan.terms_for(member.person) is not None
    return {
        "id": member.person,
        "name": member.details.name,
        "relation": member.relation_word,
        "in_plan": named or member.role is MemberRole.CAREGIVER,
    }


def _consents(desk: Desk, member: Member, child: PersonId) -> list[dict[str, object]]:
    """What this person was asked; children of the case other than this one are not shown."""
    if member.role is MemberRole.CHILD and member.person != child:
        return []
    asked = (Purpose.TAKE_PART,) if member.role is MemberRole.CHILD else tuple(Purpose)
    rows: list[dict[str, object]] = []
    for purpose in asked:
        answer = consent.newest_answer(desk.work, member.person, purpose)
        if answer is None and member.role is not MemberRole.CHILD:
            continue
        state = consent.standing_of(desk.work, member.person, (purpose,))[purpose]
        rows.append(
            {
                "person": member.details.name,
                "purpose": say(PURPOSES[purpose]),
                "state": state.value,
                "by": member.details.name if member.role is not MemberRole.CHILD else say("who may decide"),
                "on": answer.at.date() if answer else None,
                "text_version": str(answer.version) if answer else "",
            }
        )
    return rows


def _shown(restriction: Restriction, names: dict[PersonId, str], desk: Desk) -> dict[str, object]:
    return {
        "id": restriction.id,
        "kind": restriction.kind.value,
        "people": sorted(names.get(p, "") for p in restriction.people),
        "state": "active" if restriction.in_force(desk.work.now) else "ended",
        "from_on": restriction.starts_at.date(),
        "until_on": restriction.ends_at.date() if restriction.ends_at else None,
        "reason": say(SOURCES[RestrictionSource(restriction.source)]),
    }


def _upcoming(desk: Desk, child: Member) -> list[dict[str, object]]:
    return [
        {"href": f"/w/visit/{v.id}", "starts_at": v.starts_at, "state": v.state.value}
        for v in visits_of_case(desk.work, child.case)
        if v.child == child.person and v.state not in TERMINAL and v.ends_at >= desk.work.now
    ]
