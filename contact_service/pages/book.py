"""Book a visit, and change one: the same form."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_policy.version import PolicyAct
from contact_service.consent import queries as consent
from contact_service.consent.consent import Purpose
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.pages.access import AnId, Desk, StaffForm, StaffQuestion, StaffReading
from contact_service.pages.book_form import BookForm, exact_wish, for_time, sharing_of, wall_time
from contact_service.pages.busy_then import busy_shown
from contact_service.pages.exceptions import emergencies_offered
from contact_service.pages.forms import Start, problem
from contact_service.pages.if_they_can import (
    as_typed,
    carers_of,
    could_be_optional,
    if_they_can,
    still_out,
)
from contact_service.pages.plan import plan_shown, strictest
from contact_service.pages.policy import reading_shown
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import full_date, render, say
from contact_service.pages.together import names_of
from contact_service.pages.watchers import Offered, duty_offered, watchers_offered
from contact_service.pages.words import LEVELS, age, choices
from contact_service.people.person import Member, MemberRole, Relation
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.restrictions import queries as restrictions
from contact_service.scheduling.local_time import NoSuchTime
from contact_service.visits.actions.knowing import demand_known, keep_known_busy
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.optional import Settled
from contact_service.visits.queries.asking import start_of, wish_of
from contact_service.visits.queries.busy import busy_at, without_known
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.interpreted import at_another_time
from contact_service.visits.queries.optional import settled_of
from contact_service.visits.queries.reaching import zone_in_sight
from contact_service.visits.record import Remark
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish

router = APIRouter()
LENGTHS = (10, 15, 20, 30, 45, 60)


@router.get("/w/book")
def book_page(desk: StaffReading, child: Annotated[str, Query()] = "") -> HTMLResponse:
    """Pick a child, then who, when and who keeps it safe."""
    demand_worker(desk)
    chosen = known_child(desk, child) if child else None
    return form_page(desk, chosen, first_form(desk, chosen), changing=None)


@router.post("/w/book")
def book(desk: StaffForm, form: Annotated[BookForm, Form()]) -> Response:
    """Ask for the visit; a refusal shows every rule that said no and keeps what was typed."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    try:
        wish = exact_wish(desk, child, form)
        busy = demand_known(desk.work, busy_at(desk.work, wish), None, form.known)
        result = inviting.request_visit(
            desk.work, wish, visit_id=form.once or None, settled=_settled(desk, wish, form)
        )
    except BadInput as error:
        return form_page(desk, child, form, changing=None, errors=problem(error))
    if isinstance(result, Refused):
        return form_page(desk, child, form, changing=None, refused=result)
    keep_known_busy(desk.work, result, busy)
    keep_remark(desk.work, result, Remark.REQUEST, form.reason)
    return RedirectResponse(f"/w/visit/{result.id}", status_code=303)


@router.get("/w/visit/{visit}/change")
def change_page(desk: StaffReading, visit: AnId, to: Annotated[Start | None, Query()] = None) -> HTMLResponse:
    """The booked visit as a form, at its own time or at another to which it would be moved."""
    demand_worker(desk)
    found = visit_for(desk.work, VisitId(visit))
    moved = (
        found if to is None else replace(found, starts_at=to, ends_at=to + (found.ends_at - found.starts_at))
    )
    form = _form_of(desk, moved)
    if to is not None:
        # At another time it may be somebody else who interprets.
        wish = at_another_time(desk.work, found, to, found.supervisor)
        form.people = [*wish.people, *([wish.caregiver] if wish.caregiver else [])]
    return form_page(desk, found.child, form, changing=found)


@router.post("/w/visit/{visit}/change")
def change(desk: StaffForm, visit: AnId, form: Annotated[BookForm, Form()]) -> Response:
    """Change the visit; its approval is void and its links are dead."""
    demand_worker(desk)
    found = visit_for(desk.work, VisitId(visit))
    try:
        wish = exact_wish(desk, found.child, form)
        busy = demand_known(desk.work, busy_at(desk.work, wish), found, form.known)
        result = inviting.change(desk.work, found.id, wish, settled=_settled(desk, wish, form))
    except BadInput as error:
        return form_page(desk, found.child, form, changing=found, errors=problem(error))
    if isinstance(result, Refused):
        return form_page(desk, found.child, form, changing=found, refused=result)
    keep_known_busy(desk.work, result, busy)
    keep_remark(desk.work, result, Remark.REQUEST, form.reason)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


def _settled(desk: Desk, wish: Wish, form: BookForm) -> Settled:
    """Who of the form comes if they can: whoever is chosen does, and nobody else of them can."""
    optional = if_they_can(form.optional, form.quorum)
    return Settled(
        coming=tuple(one for one in optional.people if one in wish.meeting),
        left_out=tuple(still_out(desk, wish.child, [*form.left_out, *optional.people], wish.meeting)),
        quorum=optional.quorum if optional.people else 0,
    )


@router.post("/w/book/filled")
def fill(desk: StaffQuestion, form: Annotated[BookForm, Form()]) -> Response:
    """The form with what a question before it found out; nothing is asked for yet."""
    child, changing = asked_about(desk, form)
    return form_page(desk, child, form, changing=changing)


def asked_about(desk: Desk, form: BookForm) -> tuple[PersonId, Visit | None]:
    """The child of a form, and the booked visit that it would change; raises ``NotFound``, ``NotAllowed``."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    changing = visit_for(desk.work, VisitId(form.visit)) if form.visit else None
    if changing and changing.child != child:
        raise NotFound
    return child, changing


def demand_worker(desk: Desk) -> None:
    """Raise ``NotAllowed`` for everybody else."""
    if not desk.work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker can book a visit.")


def _children(desk: Desk) -> list[Member]:
    cases = people.cases_of(desk.work)
    return [m for case in cases for m in people.members_of(desk.work, case) if m.role is MemberRole.CHILD]


def known_child(desk: Desk, child: str) -> PersonId:
    """A child within reach; raises ``NotFound``."""
    people.demand_children(desk.work, [PersonId(child)])
    return PersonId(child)


def first_form(desk: Desk, child: PersonId | None) -> BookForm:
    """The form before anything is typed, as the child's plan suggests."""
    plan = plans.plan_for(desk.work, child) if child else None
    level = strictest(plan) if plan else SupervisionLevel.SUPERVISED
    watchers = identity.accounts_with(desk.work, Role.VISIT_SUPERVISOR)
    only = watchers[0].id if len(watchers) == 1 else ""
    carers = [m.person for m in _members(desk, child) if m.role is MemberRole.CAREGIVER] if child else []
    return BookForm(
        csrf=desk.csrf,
        child=child or "",
        people=list(carers[:1]),
        minutes="30",
        level=level,
        visit_supervisor=only,
    )


def _form_of(desk: Desk, visit: Visit) -> BookForm:
    wish = wish_of(visit)
    settled = settled_of(desk.work, visit.id)
    local = visit.starts_at.astimezone(ZoneInfo(visit.zone))
    form = BookForm(
        csrf=desk.csrf,
        child=visit.child,
        people=[*wish.people, *([wish.caregiver] if wish.caregiver else [])],
        sharing=[f"{one.child}:{one.caregiver or ''}" for one in wish.sharing],
        date=f"{local:%Y-%m-%d}",
        time=f"{local:%H:%M}",
        minutes=str(int(wish.length.total_seconds() // 60)),
        level=visit.level,
        visit_supervisor=visit.supervisor,
        duty=visit.duty,
        emergency=wish.emergency or "",
        optional=[*settled.coming, *(one.person for one in settled.left_out)],
        quorum=str(settled.quorum or ""),
        left_out=[as_typed(one) for one in settled.left_out],
    )
    # At another time it is for that one: whoever moves it there has seen who of them is in it.
    form.settled = for_time(form)
    return form


def _members(desk: Desk, child: PersonId) -> list[Member]:
    return people.members_of(desk.work, people.case_of(desk.work, child), child=child)


def form_page(
    desk: Desk,
    child: PersonId | None,
    form: BookForm,
    *,
    changing: Visit | None,
    errors: list[dict[str, str]] | None = None,
    refused: Refused | None = None,
) -> HTMLResponse:
    """The booking form with what was typed, what is wrong with it, or what the rules say against it."""
    plan = plans.plan_for(desk.work, child) if child else None
    watchers = _watchers(desk, child, form) if child else None
    shown = _people(desk, child, plan, form) if child else []
    sharing = _sharing_offered(desk, child, form) if child else []
    out = still_out(desk, child, form.left_out, [*form.people, *form.sharing]) if child else []
    context = desk.context(
        once=form.once or desk.work.new_id(),
        changing={"id": changing.id, "starts_at": changing.starts_at} if changing else None,
        children=children_offered(desk),
        child=_child(desk, child) if child else None,
        plan=plan_shown(desk.work, plan),
        reading=reading_shown(desk, PolicyAct.BOOK),
        people=shown,
        sharing=sharing,
        could_be_optional=could_be_optional(shown, sharing, carers_of(desk, child)) if child else [],
        out={"ids": [as_typed(one) for one in out], "names": names_of(desk, [one.person for one in out])}
        if out
        else None,
        busy=_busy(desk, child, form, changing) if child else None,
        form=form.model_dump(exclude={"csrf", "once", "child", "people", "sharing", "visit", "left_out"}),
        lengths=[{"value": str(n), "text": say("{number} minutes", number=n)} for n in LENGTHS],
        levels=choices(LEVELS),
        visit_supervisors=watchers.choices if watchers else [],
        left_out=watchers.left_out if watchers else "",
        duty_people=_duty(desk, child, form) if child else [],
        zone=(people.zone_of(desk.work, people.case_of(desk.work, child)) if child else desk.site.zone)
        .rpartition("/")[2]
        .replace("_", " "),
        emergencies=emergencies_offered(refused, form.emergency),
        errors=errors or [],
        refusals=reasons_shown(refused.reasons, child) if refused and child else [],
    )
    status = 422 if errors else 409 if refused else 200
    return HTMLResponse(render("staff/book.html", context, zone=desk.site.zone), status_code=status)


def _watchers(desk: Desk, child: PersonId, form: BookForm) -> Offered:
    """Who suits the people who are ticked so far, on the day that was typed or else today."""
    try:
        day = wall_time(form).date()
    except BadInput:
        day = desk.work.now.date()
    return watchers_offered(desk, _so_far(desk, child, form), day)


def _so_far(desk: Desk, child: PersonId, form: BookForm) -> Wish:
    """Those who are ticked, at no time."""
    within, members = {m.person for m in _children(desk)}, {m.person for m in _members(desk, child)}
    return Wish(
        child=child,
        people=tuple(PersonId(p) for p in form.people if PersonId(p) in members),
        caregiver=None,
        wall_start=desk.work.now.replace(tzinfo=None),
        length=timedelta(0),
        level=SupervisionLevel.SUPERVISED,
        supervisor=None,
        duty=None,
        sharing=tuple(one for one in sharing_of(form) if one.child in within),
    )


def _duty(desk: Desk, child: PersonId, form: BookForm) -> list[dict[str, str]]:
    """Who is on duty throughout, as soon as a time was typed; everybody before that.  Whoever was chosen stays."""
    wish = _so_far(desk, child, form)
    try:
        wish = replace(wish, wall_start=wall_time(form), length=timedelta(minutes=max(1, int(form.minutes))))
    except (BadInput, ValueError, OverflowError):
        return duty_offered(desk, wish, None, form.duty)
    start = start_of(desk.work, wish)
    return duty_offered(desk, wish, None if isinstance(start, NoSuchTime) else start, form.duty)


def _busy(desk: Desk, child: PersonId, form: BookForm, changing: Visit | None) -> dict[str, object] | None:
    """Who is busy at the typed time; nobody before one was typed."""
    try:
        wish = replace(
            _so_far(desk, child, form),
            wall_start=wall_time(form),
            length=timedelta(minutes=max(1, int(form.minutes))),
        )
    except (BadInput, ValueError, OverflowError):
        return None
    zone = zone_in_sight(desk.work, wish.children)
    return busy_shown(desk, zone, without_known(desk.work, busy_at(desk.work, wish), changing))


def children_offered(desk: Desk) -> list[dict[str, str]]:
    """The children within reach, to choose from."""
    return [_choice(desk, member) for member in _children(desk)]


def _choice(desk: Desk, member: Member) -> dict[str, str]:
    years = age(member.details.born_on, desk.work.now.date())
    return {"value": member.person, "text": f"{member.details.name}, {years}"}


def _child(desk: Desk, child: PersonId) -> dict[str, object]:
    details = people.details_of(desk.work, child)
    return {"id": child, "name": details.known_as, "age": age(details.born_on, desk.work.now.date())}


def _people(desk: Desk, child: PersonId, plan: ContactPlan | None, form: BookForm) -> list[dict[str, object]]:
    """Everybody in the plan, the carers, and those who are barred, with why."""
    restricted = restrictions.restrictions_between(
        desk.work, [m.person for m in _members(desk, child)], at=desk.work.now
    )
    barred = {
        person: r for r in restricted if r.kind.bars and child in r.people for person in r.people - {child}
    }
    shown: list[dict[str, object]] = []
    for member in _members(desk, child):
        named = plan is not None and plan.terms_for(member.person) is not None
        if member.person == child or not (
            named or member.person in barred or member.role is MemberRole.CAREGIVER
        ):
            continue
        since = barred.get(member.person)
        shown.append(
            {
                "id": member.person,
                "name": member.details.name,
                "relation": member.relation_word,
                "consent": consent.standing_of(desk.work, member.person, (Purpose.TAKE_PART,))[
                    Purpose.TAKE_PART
                ].value,
                "barred": say("No contact since {day}. Nobody can book this.", day=full_date(since.starts_at))
                if since
                else None,
                "chosen": member.person in form.people,
                "interprets": member.relation is Relation.INTERPRETER,
            }
        )
    return shown


def _sharing_offered(desk: Desk, child: PersonId, form: BookForm) -> list[dict[str, object]]:
    """The brothers and sisters whose visit it could be too, each with the carers who could bring them."""
    within = {m.person for m in _children(desk)}
    offered: list[dict[str, object]] = []
    for member in _members(desk, child):
        if member.person == child or member.person not in within:
            continue
        carers = [m for m in _members(desk, member.person) if m.role is MemberRole.CAREGIVER]
        choices_ = [
            {
                "value": f"{member.person}:{carer.person}",
                "text": say("Comes with {name}", name=carer.details.name),
            }
            for carer in carers
        ]
        chosen = [one for one in form.sharing if one.partition(":")[0] == member.person]
        offered.append(
            {
                "id": f"sharing-{member.person}",
                "name": member.known_as,
                "relation": member.relation_word,
                "choices": choices_,
                "chosen": chosen[0] if chosen else "",
            }
        )
    return offered
