"""A child's contact plan: what is in force, what is proposed, and the terms of one person at a time."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.approvals.actions.planning import approve_plan, decline_plan, propose_plan
from contact_service.errors import BadInput, NotFound
from contact_service.ids import OrderId, PersonId, PlanId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.approvals import approvals_page
from contact_service.pages.forms import Posted, day_of, minute_of, problem, refusals
from contact_service.pages.plan import (
    basis_shown,
    order_names,
    proposal_shown,
    review_of,
    terms_shown,
)
from contact_service.pages.reach import child_of
from contact_service.pages.rendering import render
from contact_service.pages.words import (
    GENDER_REASONS,
    GENDERS,
    LEVELS,
    MEDIA,
    PERIODS,
    PLAN_BASES,
    PURPOSES_OF_PLANS,
    RISKS,
    WEEKDAYS,
    choices,
)
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.hours import Weekday, Window
from contact_service.plans.plan import ContactPlan, PlanBasis, PlanState
from contact_service.plans.terms import (
    Demands,
    Frequency,
    GenderReason,
    LevelStep,
    Medium,
    Period,
    PlanPerson,
    PlanPurpose,
    Risk,
    SupervisionLevel,
)
from contact_service.policy.decision import Refused
from contact_service.suitability.fit import Gender

router = APIRouter()
# A court order is named by the terms that rest on it, and not by the plan as a whole.
WRITTEN_BASES = (PlanBasis.AGREEMENT, PlanBasis.AUTHORITY_PLAN)


class TermsForm(Posted):
    """The terms of one person and medium as they were typed."""

    person: str = ""
    medium: str = Medium.VIDEO
    level: str = ""
    minutes: str = ""
    risk: str = Risk.STANDARD
    purpose: str = PlanPurpose.KEEP_RELATIONSHIP
    per: str = ""
    least: str = ""
    most: str = ""
    gap_days: str = ""
    days: list[str] = Field(default_factory=lambda: [day.value for day in Weekday])
    earliest: str = "00:00"
    latest: str = "24:00"
    step_on: str = ""
    step_level: str = ""
    order: str = ""
    supervisor_gender: str = ""
    gender_reason: str = ""
    trainings: list[str] = Field(default_factory=list)
    review_on: str = ""
    basis: str = ""
    take_out: str = ""


class ReviewForm(Posted):
    """The plan was looked at and stays as it is until this day."""

    again_on: str = ""


@router.get("/w/child/{child}/plan")
def plan_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """The plan in force, a proposed one and what it changes, and a form for one person's terms."""
    return _page(desk, child_of(desk, child))


@router.post("/w/child/{child}/plan")
def change_terms(desk: StaffForm, child: AnId, form: Annotated[TermsForm, Form()]) -> Response:
    """Propose the next version: the one that is written on, with one person's terms replaced."""
    member = child_of(desk, child)
    try:
        terms, review_on = _people_after(desk, member, form), day_of(form.review_on, "review_on")
        result = propose_plan(
            desk.work, member.person, with_people=terms, review_on=review_on, basis=_basis(desk, member, form)
        )
    except BadInput as error:
        return _page(desk, member, form=form, errors=problem(error))
    if isinstance(result, Refused):
        return _page(desk, member, form=form, refused=result)
    return RedirectResponse(f"/w/child/{child}/plan", status_code=303)


@router.post("/w/child/{child}/plan/review")
def review(desk: StaffForm, child: AnId, form: Annotated[ReviewForm, Form()]) -> Response:
    """Propose the plan as it is with its next review; an approver decides, as on every version."""
    member = child_of(desk, child)
    before = _written_on(desk, member.person)
    if before is None:
        raise NotFound
    try:
        again_on = day_of(form.again_on, "again_on")
        result = propose_plan(
            desk.work, member.person, with_people=before.people, review_on=again_on, basis=before.basis
        )
    except BadInput as error:
        return _page(desk, member, again_on=form.again_on, errors=problem(error))
    if isinstance(result, Refused):
        return _page(desk, member, again_on=form.again_on, refused=result)
    return RedirectResponse(f"/w/child/{child}/plan", status_code=303)


@router.post("/w/plan/{plan}/approve")
def approve(desk: StaffForm, plan: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """Put a proposed version in force."""
    result = approve_plan(desk.work, PlanId(plan))
    if isinstance(result, Refused):
        return approvals_page(desk, refused=result)
    return RedirectResponse("/w/approvals", status_code=303)


@router.post("/w/plan/{plan}/decline")
def decline(desk: StaffForm, plan: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """Say no to it."""
    decline_plan(desk.work, PlanId(plan))
    return RedirectResponse("/w/approvals", status_code=303)


def _written_on(desk: Desk, child: PersonId) -> ContactPlan | None:
    """What the next version is written on: one's own proposal that waits, else the plan in force."""
    newest = next(iter(plans.plans_of(desk.work, child)), None)
    if newest and newest.state is PlanState.PROPOSED and newest.recorded_by == desk.account.ref:
        return newest
    return plans.plan_for(desk.work, child)


def _basis(desk: Desk, child: Member, form: TermsForm) -> PlanBasis:
    """What the whole plan rests on, as chosen; left empty, what it rests on already."""
    if form.basis:
        if form.basis not in WRITTEN_BASES:
            raise BadInput("Choose what the plan rests on.", "basis")
        return PlanBasis(form.basis)
    before = _written_on(desk, child.person)
    return before.basis if before else PlanBasis.AGREEMENT


def _people_after(desk: Desk, child: Member, form: TermsForm) -> list[PlanPerson]:
    if not form.person:
        raise BadInput("Choose whose terms these are.", "person")
    if form.medium not in set(Medium):
        raise BadInput("Choose how they meet.", "medium")
    before = _written_on(desk, child.person)
    person, medium = PersonId(form.person), Medium(form.medium)
    others = [
        terms
        for terms in (before.people if before else ())
        if (terms.person, terms.medium) != (person, medium)
    ]
    return others if form.take_out else [*others, _terms(form, person, medium)]


def _terms(form: TermsForm, person: PersonId, medium: Medium) -> PlanPerson:
    if form.level not in set(SupervisionLevel):
        raise BadInput("Choose how closely the visits are watched.", "level")
    if form.risk not in set(Risk) or form.purpose not in set(PlanPurpose):
        raise BadInput("Choose the risk and what the visits are for.", "risk")
    return PlanPerson(
        person=person,
        medium=medium,
        level=SupervisionLevel(form.level),
        length=timedelta(minutes=_number(form.minutes, "minutes", needed=True) or 0),
        risk=Risk(form.risk),
        purpose=PlanPurpose(form.purpose),
        frequency=_frequency(form),
        window=_window(form),
        steps=_steps(form),
        order=OrderId(form.order) if form.order else None,
        demands=_demands(form),
    )


def _demands(form: TermsForm) -> Demands:
    """What is asked of whoever watches; that the agency has such a training is a rule of the plan."""
    if form.supervisor_gender and form.supervisor_gender not in set(Gender):
        raise BadInput("Choose whether the visit supervisor is a woman or a man.", "supervisor_gender")
    if form.gender_reason and form.gender_reason not in set(GenderReason):
        raise BadInput("Choose why the visit supervisor must be a woman or a man.", "gender_reason")
    return Demands(
        gender=Gender(form.supervisor_gender) if form.supervisor_gender else None,
        why=GenderReason(form.gender_reason) if form.gender_reason else None,
        trainings=tuple(dict.fromkeys(form.trainings)),
    )


def _frequency(form: TermsForm) -> Frequency | None:
    numbers = {name: _number(getattr(form, name), name) for name in ("least", "most", "gap_days")}
    if not form.per:
        if any(number is not None for number in numbers.values()):
            raise BadInput("Choose the period that the numbers are for.", "per")
        return None
    if form.per not in set(Period):
        raise BadInput("Choose a period.", "per")
    return Frequency(per=Period(form.per), **numbers)


def _window(form: TermsForm) -> Window:
    if not set(form.days) <= set(Weekday) or not form.days:
        raise BadInput("Choose at least one day of the week.", "days")
    earliest, latest = minute_of(form.earliest, "earliest"), minute_of(form.latest, "latest")
    if earliest >= latest:
        raise BadInput("The end is not after the start. Change one of them.", "latest")
    return Window(days=tuple(day for day in Weekday if day in form.days), earliest=earliest, latest=latest)


def _steps(form: TermsForm) -> tuple[LevelStep, ...]:
    if not form.step_on and not form.step_level:
        return ()
    if form.step_level not in set(SupervisionLevel):
        raise BadInput("Choose the level from that day on.", "step_level")
    return (LevelStep(on=day_of(form.step_on, "step_on"), level=SupervisionLevel(form.step_level)),)


def _number(typed: str, field: str, *, needed: bool = False) -> int | None:
    if not typed and not needed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > len("1000"):
        raise BadInput("Write a whole number.", field)
    return int(typed)


def _page(
    desk: Desk,
    child: Member,
    *,
    form: TermsForm | None = None,
    again_on: str | None = None,
    errors: list[dict[str, str]] | None = None,
    refused: Refused | None = None,
) -> HTMLResponse:
    work = desk.work
    names = {m.person: m.details.name for m in people.members_of(work, child.case, child=child.person)}
    in_force, every = plans.plan_for(work, child.person), plans.plans_of(work, child.person)
    waits = next((plan for plan in every[:1] if plan.state is PlanState.PROPOSED), None)
    orders = order_names(work, child.person)
    before = waits or in_force
    basis = before.basis if before else PlanBasis.AGREEMENT
    review_on = (in_force.review_on if in_force else work.now.date() + timedelta(days=80)).isoformat()
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        plan=_shown(desk, in_force, names) if in_force else None,
        proposed=proposal_shown(desk, waits) if waits else None,
        versions=[
            {
                "number": v.version,
                "state": v.state.value,
                "at": v.recorded_at,
                "review_on": v.review_on,
                "basis": basis_shown(v, orders),
            }
            for v in every
        ],
        may_change=work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER),
        people=[{"value": p, "text": name} for p, name in names.items() if p != child.person],
        media=choices(MEDIA),
        levels=choices(LEVELS),
        risks=choices(RISKS),
        purposes=choices(PURPOSES_OF_PLANS),
        periods=choices(PERIODS),
        weekdays=choices(WEEKDAYS),
        orders=[{"value": order, "text": text} for order, text in orders.items()],
        genders=choices(GENDERS),
        gender_reasons=choices(GENDER_REASONS),
        trainings=[
            {"value": name, "text": name, "key": str(n)}
            for n, name in enumerate(agency_policy.policy_in_force(work).document.trainings, 1)
        ],
        bases=choices(PLAN_BASES, only=WRITTEN_BASES),
        form=(form or TermsForm(review_on=review_on, basis=basis)).model_dump(exclude={"csrf", "once"}),
        again_on=again_on or "",
        changing=form is not None,
        reviewing=again_on is not None,
        errors=errors or [],
        refusals=refusals(refused) if refused else [],
    )
    status = 422 if errors else 409 if refused else 200
    return HTMLResponse(render("staff/plan.html", context, zone=desk.site.zone), status_code=status)


def _shown(desk: Desk, plan: ContactPlan, names: dict[PersonId, str]) -> dict[str, object]:
    orders = order_names(desk.work, plan.child)
    return {
        "version": plan.version,
        "review_on": plan.review_on,
        "review": review_of(desk.work, plan).value,
        "basis": basis_shown(plan, orders),
        "terms": [{"name": names.get(t.person, "?"), "lines": terms_shown(t, orders)} for t in plan.people],
    }
