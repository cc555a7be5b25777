"""Who may decide what for a child: every right with what it rests on, from when to when."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.ids import DecisionRightId, PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, day_or_none, problem
from contact_service.pages.home import LastDayForm
from contact_service.pages.people_words import AUTHORITIES, BASES, MATTERS
from contact_service.pages.reach import child_of, demand_people, may_know_people
from contact_service.pages.rendering import render, say
from contact_service.pages.words import choices
from contact_service.people.actions import rights as acting
from contact_service.people.decision_right import Authority, Basis, DecisionRight, Holder, Matter, NewRight
from contact_service.people.person import Member, MemberRole
from contact_service.people.placement import Days
from contact_service.people.queries import members as people
from contact_service.people.queries.rights import rights_of

router = APIRouter()


class RightForm(Posted):
    """A right to decide as it was typed."""

    holder: str = ""
    matters: list[str] = Field(default_factory=list, max_length=len(Matter))
    basis: str = ""
    first_on: str = ""
    last_on: str = ""


@router.get("/w/child/{child}/deciding")
def deciding_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """Who may decide now, and who might before or will."""
    return _page(desk, child_of(desk, child), RightForm())


@router.post("/w/child/{child}/deciding")
def record(desk: StaffForm, child: AnId, form: Annotated[RightForm, Form()]) -> Response:
    """Keep a right to decide."""
    demand_people(desk)
    member = child_of(desk, child)
    try:
        acting.record_right(desk.work, _new(member, form))
    except BadInput as error:
        return _page(desk, member, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/deciding", status_code=303)


@router.post("/w/child/{child}/deciding/{right}/end")
def end(desk: StaffForm, child: AnId, right: AnId, form: Annotated[LastDayForm, Form()]) -> Response:
    """Write down the last day of a right."""
    demand_people(desk)
    member, field = child_of(desk, child), f"last-{right}"
    try:
        last = day_of(form.last_on, field)
        acting.end_right(desk.work, member.person, DecisionRightId(right), last)
    except BadInput as error:
        told = [{"field": field, "text": problem(error)[0]["text"]}]
        return _page(desk, member, RightForm(), ending=form.last_on, errors=told)
    return RedirectResponse(f"/w/child/{child}/deciding", status_code=303)


def _new(child: Member, form: RightForm) -> NewRight:
    if not form.holder:
        raise BadInput("Choose an adult of this case, the agency or the court.", "holder")
    if not set(form.matters) <= set(Matter):
        raise BadInput("Choose what they may decide.", "matters")
    if form.basis not in set(Basis):
        raise BadInput("Choose what the right rests on.", "basis")
    holder: Holder = Authority(form.holder) if form.holder in set(Authority) else PersonId(form.holder)
    return NewRight(
        child=child.person,
        holder=holder,
        matters=frozenset(map(Matter, form.matters)),
        basis=Basis(form.basis),
        days=Days(first=day_of(form.first_on, "first_on"), last=day_or_none(form.last_on, "last_on")),
    )


def _page(
    desk: Desk,
    child: Member,
    form: RightForm,
    *,
    ending: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    work = desk.work
    everybody = people.members_of(work, child.case, child=child.person)
    names = {member.person: member.details.name for member in everybody}
    today = work.now.astimezone(ZoneInfo(people.zone_of(work, child.case))).date()
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        rights=[_shown(right, names, today) for right in rights_of(work, child.person)],
        may_change=may_know_people(desk),
        holders=[
            *choices(AUTHORITIES),
            *(
                {"value": m.person, "text": m.details.name}
                for m in everybody
                if m.role is not MemberRole.CHILD
            ),
        ],
        matters=choices(MATTERS),
        bases=choices(BASES),
        form=form.model_dump(exclude={"csrf", "once"}),
        ending=ending or "",
        adding=bool(errors) and ending is None,
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/deciding.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _shown(right: DecisionRight, names: dict[PersonId, str], today: date) -> dict[str, object]:
    holder = right.holder
    name = say(AUTHORITIES[holder]) if isinstance(holder, Authority) else names.get(holder, "?")
    return {
        "id": right.id,
        "holder": name,
        "matters": [say(MATTERS[matter]) for matter in Matter if matter in right.matters],
        "basis": say(BASES[right.basis]),
        "first_on": right.days.first,
        "last_on": right.days.last,
        "state": "ended"
        if right.days.last is not None and right.days.last < today
        else "ahead"
        if right.days.first > today
        else "stands",
    }
