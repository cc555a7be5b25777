"""What makes a member of staff suit visits: trainings, what they say of themselves, whose visits they cannot watch.

Why somebody cannot watch, and since when, is shown to those alone who manage staff, and only about cases within their
reach; of another case they learn that there is something, and may end it.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.identity import queries as identity
from contact_service.identity.account import Account
from contact_service.ids import AccountId, PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, problem
from contact_service.pages.rendering import render, say
from contact_service.pages.words import CONFLICTS, GENDERS, choices
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.suitability import queries
from contact_service.suitability.actions import NewConflict, end_conflict
from contact_service.suitability.fit import LONGEST_REASON, Conflict, ConflictKind, Gender
from contact_service.visits.actions import suiting
from contact_service.visits.queries.meeting_staff import met_at_work

router = APIRouter()
_EVERYBODY = "everybody"
_MOST_TRAININGS = 100
_WHO = (Role.WORKER, *queries.MANAGERS)


class GenderForm(Posted):
    """What somebody says of themselves; empty takes it back."""

    gender: str = ""


class TrainingsForm(Posted):
    """Every training that is offered, in order, each with its last day; empty: not trained."""

    name: list[str] = Field(default_factory=list, max_length=_MOST_TRAININGS)
    until: list[str] = Field(default_factory=list, max_length=_MOST_TRAININGS)


class ConflictForm(Posted):
    """Whose visits somebody must not watch, as it was typed."""

    child: str = ""
    person: str = ""
    kind: str = ""
    words: str = ""


@router.get("/w/staff/{account}")
def fit_page(
    desk: StaffReading, account: AnId, child: Annotated[str, Query()] = "", kept: Annotated[str, Query()] = ""
) -> HTMLResponse:
    """What is known of somebody, as far as the reader may know; ``child``: whose people are offered."""
    found = _account(desk, account)
    form = ConflictForm(child=_known(desk, found, child) if child else "")
    return _page(desk, found, form, kept=kept == "yes")


@router.post("/w/staff/{account}/gender")
def say_gender(desk: StaffForm, account: AnId, form: Annotated[GenderForm, Form()]) -> Response:
    """Keep it; only they themselves say it."""
    found = _account(desk, account)
    if form.gender and form.gender not in set(Gender):
        return _page(desk, found, errors=problem(BadInput("Choose one, or leave it unsaid.", "gender")))
    suiting.state_gender(desk.work, found.id, Gender(form.gender) if form.gender else None)
    return _back(account)


@router.post("/w/staff/{account}/trainings")
def keep_trainings(desk: StaffForm, account: AnId, form: Annotated[TrainingsForm, Form()]) -> Response:
    """Keep them in place of what stood there; only those who manage staff do."""
    found = _account(desk, account)
    try:
        suiting.set_trainings(desk.work, found.id, _trainings(form))
    except BadInput as error:
        return _page(desk, found, typed=form, errors=problem(error))
    return _back(account)


@router.post("/w/staff/{account}/conflicts")
def declare(desk: StaffForm, account: AnId, form: Annotated[ConflictForm, Form()]) -> Response:
    """Somebody watches no visit of this person, or of the whole case, any more; what is booked is put in doubt."""
    found = _account(desk, account)
    _known(desk, found, form.child)
    try:
        suiting.declare_conflict(desk.work, _conflict(desk, found, form))
    except BadInput as error:
        return _page(desk, found, form, errors=problem(error))
    return _back(account)


@router.post("/w/staff/{account}/conflicts/{conflict}/end")
def end(desk: StaffForm, account: AnId, conflict: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """It counts no more."""
    known = queries.conflicts_of(desk.work, _account(desk, account).id)
    found = next((one for one in known if one.id == conflict), None)
    if found is None:
        raise NotFound
    end_conflict(desk.work, found.case, found.id)
    return _back(account)


def _back(account: str) -> Response:
    return RedirectResponse(f"/w/staff/{account}?kept=yes", status_code=303)


def _account(desk: Desk, account: str) -> Account:
    """Somebody of whom the reader may write something down; raises ``NotFound``, ``NotAllowed``."""
    found = identity.account_for(desk.work, AccountId(account))
    if not may_open(desk, found.id):
        raise NotAllowed("You see this page of yourself. Workers and managers see it of others.")
    return found


def may_open(desk: Desk, account: AccountId) -> bool:
    """Whether the reader may see the page of somebody: of themselves, or as a worker or one who manages staff."""
    return account == desk.account.id or any(desk.work.actor.has(role) for role in _WHO)


def _trainings(form: TrainingsForm) -> dict[str, date]:
    if len(form.name) != len(form.until):
        raise BadInput("Choose a date.", "until-1")
    return {
        name: day_of(until, f"until-{n}")
        for n, (name, until) in enumerate(zip(form.name, form.until, strict=True), 1)
        if until
    }


def _conflict(desk: Desk, account: Account, form: ConflictForm) -> NewConflict:
    if not form.person:
        raise BadInput("Choose whose visits.", "person")
    if form.kind not in set(ConflictKind):
        raise BadInput("Choose why. Only those who manage staff see it.", "kind")
    return NewConflict(
        account=account.id,
        case=people.case_of(desk.work, PersonId(form.child)),
        person=None if form.person == _EVERYBODY else PersonId(form.person),
        kind=ConflictKind(form.kind),
        words=form.words,
        met=_met(desk, account).get(PersonId(form.child), frozenset()),
    )


def _met(desk: Desk, account: Account) -> dict[PersonId, frozenset[PersonId]]:
    """The children whom somebody has met at work, with who else was there: of whom they can speak for themselves."""
    return met_at_work(desk.work) if account.id == desk.account.id else {}


def _children(desk: Desk, account: Account) -> list[Member]:
    """Those within reach, and those whom the reader has met where it is about themselves."""
    cases = people.cases_of(desk.work)
    known = [m for case in cases for m in people.members_of(desk.work, case) if m.role is MemberRole.CHILD]
    met = _met(desk, account).keys() - {m.person for m in known}
    others = [people.member(desk.work, child) for child in met]
    return known + sorted(others, key=lambda m: (m.details.name, m.person))


def _known(desk: Desk, account: Account, child: str) -> str:
    """One of these children; raises ``NotFound``."""
    if PersonId(child) not in {m.person for m in _children(desk, account)}:
        raise NotFound
    return child


# ---- the page


def _page(
    desk: Desk,
    account: Account,
    form: ConflictForm | None = None,
    *,
    typed: TrainingsForm | None = None,
    errors: list[dict[str, str]] | None = None,
    kept: bool = False,
) -> HTMLResponse:
    work, own = desk.work, account.id == desk.account.id
    form, fit, manages = form or ConflictForm(), queries.fit_of(work, account.id), queries.may_manage(work)
    context = desk.context(
        person={"id": account.id, "name": account.name, "own": own},
        manages=manages,
        notice=say("It is written down.") if kept else None,
        genders=choices(GENDERS),
        gender=(fit.gender or "") if own else "",
        trainings=_trainings_shown(desk, account, typed) if own or manages else [],
        conflicts=_conflicts_shown(desk, account) if manages else _own_conflicts(desk) if own else [],
        children=[{"value": m.person, "text": m.details.name} for m in _children(desk, account)],
        child=_child(desk, PersonId(form.child)) if form.child else None,
        people=_people(desk, account, PersonId(form.child)) if form.child else [],
        kinds=choices(CONFLICTS),
        longest=LONGEST_REASON,
        form=form.model_dump(exclude={"csrf", "once", "child"}),
        errors=errors or [],
    )
    page = render("staff/staff_fit.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _trainings_shown(desk: Desk, account: Account, typed: TrainingsForm | None) -> list[dict[str, object]]:
    """Those of the policy, and those that somebody has still; ``over``: the last day has passed."""
    has = queries.fit_of(desk.work, account.id).trainings
    names = dict.fromkeys([*agency_policy.policy_in_force(desk.work).document.trainings, *has])
    filled = dict(zip(typed.name, typed.until, strict=False)) if typed else {}
    today = desk.work.now.date()
    return [
        {
            "name": name,
            "until": filled.get(name, has[name].isoformat() if name in has else ""),
            "last": has.get(name),
            "over": name in has and has[name] < today,
        }
        for name in names
    ]


def _conflicts_shown(desk: Desk, account: Account) -> list[dict[str, object]]:
    found = queries.conflicts_of(desk.work, account.id)
    within = set(people.within_reach(desk.work, dict.fromkeys(one.case for one in found)))
    return [
        {
            "id": one.id,
            "about": _about(desk, one)
            if one.case in within
            else say("Somebody of a case that you do not work with"),
            "why": say(CONFLICTS[one.kind]) if one.case in within else "",
            "words": queries.reason_of(desk.work, one.id) if one.case in within else "",
            "since": one.recorded_at if one.case in within else None,
            "may_end": account.id != desk.account.id,
        }
        for one in found
    ]


def _own_conflicts(desk: Desk) -> list[dict[str, object]]:
    """What somebody has said of themselves, as long as they work with the case; why is for those who manage staff."""
    found = queries.own_conflicts(desk.work)
    known = {people.case_of(desk.work, m.person) for m in _children(desk, desk.account)} if found else set()
    return [
        {
            "id": one.id,
            "about": _about(desk, one)
            if one.case in known
            else say("Somebody of a case that you do not work with"),
            "why": say("You said so."),
            "words": "",
            "since": one.recorded_at,
            "may_end": False,
        }
        for one in found
    ]


def _about(desk: Desk, conflict: Conflict) -> str:
    members = people.members_of(desk.work, conflict.case)
    own = {m.person: m.details.name for m in members if m.role is MemberRole.CHILD}
    children = ", ".join(own.values())
    if conflict.person is None:
        return say("Everybody in the case of {name}", name=children)
    person = people.details_of(desk.work, conflict.person).name
    return (
        person
        if conflict.person in own
        else say("{name}, in the case of {child}", name=person, child=children)
    )


def _child(desk: Desk, child: PersonId) -> dict[str, str]:
    return {"id": child, "name": people.details_of(desk.work, child).name}


def _people(desk: Desk, account: Account, child: PersonId) -> list[dict[str, str]]:
    """Everybody of the child's case; of a case out of reach only those whom the reader has met."""
    case = people.case_of(desk.work, child)
    members = people.members_of(desk.work, case, child=child)
    if not people.within_reach(desk.work, [case]):
        met = _met(desk, account)[child]
        members = [m for m in members if m.person in met]
    everybody = {"value": _EVERYBODY, "text": say("Everybody in this case")}
    return [everybody, *({"value": m.person, "text": m.details.name} for m in members)]
