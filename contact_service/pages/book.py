"""Book a visit, and change one: the same form."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import STAFF_ROLES, Role
from contact_service.agency_policy.version import PolicyAct
from contact_service.consent import queries as consent
from contact_service.consent.consent import Purpose
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.pages.access import AnId, Desk, StaffForm, StaffQuestion, StaffReading
from contact_service.pages.exceptions import emergencies_offered
from contact_service.pages.forms import Posted, problem
from contact_service.pages.plan import plan_shown, strictest
from contact_service.pages.policy import reading_shown
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import render, say
from contact_service.pages.words import LEVELS, age, choices
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.restrictions import queries as restrictions
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.record import Remark
from contact_service.visits.visit import EmergencyReason, Visit
from contact_service.visits.wish import ChildWished, Wish

router = APIRouter()
LENGTHS = (10, 15, 20, 30, 45, 60)


class BookForm(Posted):
    """A wish as it was typed."""

    child: str
    people: list[str] = Field(default_factory=list)
    sharing: list[str] = Field(default_factory=list)  # child:carer of each further child, or empty
    date: str = ""
    time: str = ""
    minutes: str = ""
    level: str = ""
    visit_supervisor: str = ""
    duty: str = ""
    reason: str = ""
    emergency: str = ""
    visit: str = Field(
        default="", pattern=r"^([0-9a-f]{32})?$"
    )  # the booked visit that the form would change


@router.get("/w/book")
def book_page(desk: StaffReading, child: Annotated[str, Query()] = "") -> HTMLResponse:
    """Pick a child, then who, when and who keeps it safe."""
    demand_worker(desk)
    known = {m.person for m in _children(desk)}
    if child and PersonId(child) not in known:
        raise NotFound
    chosen = PersonId(child) if child else None
    return form_page(desk, chosen, first_form(desk, chosen), changing=None)


@router.post("/w/book")
def book(desk: StaffForm, form: Annotated[BookForm, Form()]) -> Response:
    """Ask for the visit; a refusal shows every rule that said no and keeps what was typed."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    try:
        result = inviting.request_visit(desk.work, wish_read(desk, child, form), visit_id=form.once or None)
    except BadInput as error:
        return form_page(desk, child, form, changing=None, errors=problem(error))
    if isinstance(result, Refused):
        return form_page(desk, child, form, changing=None, refused=result)
    keep_remark(desk.work, result, Remark.REQUEST, form.reason)
    return RedirectResponse(f"/w/visit/{result.id}", status_code=303)


@router.get("/w/visit/{visit}/change")
def change_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """The booked visit as a form."""
    demand_worker(desk)
    found = visit_for(desk.work, VisitId(visit))
    return form_page(desk, found.child, _form_of(desk, found), changing=found)


@router.post("/w/visit/{visit}/change")
def change(desk: StaffForm, visit: AnId, form: Annotated[BookForm, Form()]) -> Response:
    """Change the visit; its approval is void and its links are dead."""
    demand_worker(desk)
    found = visit_for(desk.work, VisitId(visit))
    try:
        result = inviting.change(desk.work, found.id, wish_read(desk, found.child, form))
    except BadInput as error:
        return form_page(desk, found.child, form, changing=found, errors=problem(error))
    if isinstance(result, Refused):
        return form_page(desk, found.child, form, changing=found, refused=result)
    keep_remark(desk.work, result, Remark.REQUEST, form.reason)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


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
    if PersonId(child) not in {m.person for m in _children(desk)}:
        raise NotFound
    return PersonId(child)


def wish_read(desk: Desk, child: PersonId, form: BookForm, *, at: datetime | None = None) -> Wish:
    """The form as a wish, at the typed time or ``at`` another; raises ``BadInput`` at the field that cannot be read."""
    case = people.case_of(desk.work, child)
    members = {m.person: m for m in people.members_of(desk.work, case)}
    picked = [PersonId(p) for p in form.people]
    if not set(picked) <= members.keys():
        raise BadInput("Choose people of this case.", "people")
    carers = [p for p in picked if members[p].role is MemberRole.CAREGIVER]
    return Wish(
        child=child,
        people=tuple(p for p in picked if p not in carers),
        caregiver=carers[0] if carers else None,
        wall_start=at or _wall_time(form),
        length=timedelta(minutes=_minutes(form)),
        level=_level(form),
        supervisor=AccountId(form.visit_supervisor) if form.visit_supervisor else None,
        duty=AccountId(form.duty) if form.duty else None,
        emergency=_emergency(form),
        sharing=_sharing(form),
    )


def _sharing(form: BookForm) -> tuple[ChildWished, ...]:
    """The further children, each with the carer who was chosen; whether they may come is decided with the wish."""
    chosen = [one.partition(":") for one in form.sharing if one]
    return tuple(ChildWished(child=PersonId(c), caregiver=PersonId(carer) or None) for c, _, carer in chosen)


def _emergency(form: BookForm) -> EmergencyReason | None:
    try:
        return EmergencyReason(form.emergency) if form.emergency else None
    except ValueError:
        raise BadInput("Choose why it cannot wait.", "emergency") from None


def _wall_time(form: BookForm) -> datetime:
    try:
        day = datetime.strptime(form.date, "%Y-%m-%d")  # noqa: DTZ007  wall time: the zone is the case's
    except ValueError:
        raise BadInput("Choose the day of the visit.", "date") from None
    try:
        clock = datetime.strptime(form.time, "%H:%M")  # noqa: DTZ007
    except ValueError:
        raise BadInput("Write the start, like 16:00.", "time") from None
    return day.replace(hour=clock.hour, minute=clock.minute)


def _minutes(form: BookForm) -> int:
    try:
        return max(-10_000, min(int(form.minutes), 10_000))
    except ValueError:
        raise BadInput("Choose how long the visit lasts.", "minutes") from None


def _level(form: BookForm) -> SupervisionLevel:
    try:
        return SupervisionLevel(form.level)
    except ValueError:
        raise BadInput("Choose how closely the visit is watched.", "level") from None


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
    local = visit.starts_at.astimezone(ZoneInfo(visit.zone))
    return BookForm(
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
    )


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
    context = desk.context(
        once=form.once or desk.work.new_id(),
        changing={"id": changing.id, "starts_at": changing.starts_at} if changing else None,
        children=children_offered(desk),
        child=_child(desk, child) if child else None,
        plan=plan_shown(desk.work, plan),
        reading=reading_shown(desk, PolicyAct.BOOK),
        people=_people(desk, child, plan, form) if child else [],
        sharing=_sharing_offered(desk, child, form) if child else [],
        form=form.model_dump(exclude={"csrf", "once", "child", "people", "sharing", "visit"}),
        lengths=[{"value": str(n), "text": say("{number} minutes", number=n)} for n in LENGTHS],
        levels=choices(LEVELS),
        visit_supervisors=_staff(desk, (Role.VISIT_SUPERVISOR,)),
        duty_people=_staff(desk, STAFF_ROLES),
        zone=(people.zone_of(desk.work, people.case_of(desk.work, child)) if child else desk.site.zone)
        .rpartition("/")[2]
        .replace("_", " "),
        emergencies=emergencies_offered(refused, form.emergency),
        errors=errors or [],
        refusals=reasons_shown(refused.reasons, child) if refused and child else [],
    )
    status = 422 if errors else 409 if refused else 200
    return HTMLResponse(render("staff/book.html", context, zone=desk.site.zone), status_code=status)


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
                "barred": say(
                    "No contact since {day}. Nobody can book this.", day=f"{since.starts_at:%d.%m.%Y}"
                )
                if since
                else None,
                "chosen": member.person in form.people,
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


def _staff(desk: Desk, roles: tuple[Role, ...]) -> list[dict[str, str]]:
    accounts = {a.id: a for role in roles for a in identity.accounts_with(desk.work, role)}
    return [{"value": a.id, "text": a.name} for a in sorted(accounts.values(), key=lambda a: a.name)]
