"""From which rooms or video links somebody takes part: a room or link there is then taken with each visit of theirs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.clearances import actions as clearances
from contact_service.clearances.clearance import Answer, Clearance, asked_there
from contact_service.clearances.queries import (
    asked_in,
    children_met,
    clearances_of,
    links_where,
    reference_of,
    standing_for,
)
from contact_service.errors import BadInput, NotFound
from contact_service.identity.queries import names_by_ref
from contact_service.ids import PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, day_of, day_or_none, problem
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.pages.rendering import render
from contact_service.pages.week import today_of
from contact_service.pages.words import CLEARANCE_ANSWERS, choices
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.pools import queries
from contact_service.pools.pool import Pool
from contact_service.visits.actions import clearing, pooling

router = APIRouter()


class PlaceForm(Posted):
    """From where, and on which days; a last day left empty: until it is ended."""

    pool: str = ""
    first: str = ""
    last: str = ""


class AskedForm(Posted):
    """Which establishment was asked about which child (empty: that of the page), and its reference if it gave one."""

    pool: str = ""
    child: str = ""
    reference: str = ""


class SaidForm(Posted):
    """What it said, with its reference and the last day of a yes."""

    answer: str = ""
    reference: str = ""
    last: str = ""


@router.get("/w/child/{child}/person/{person}/place")
def place_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """From where they take part now and later, with a form to say it."""
    found, member = _whose(desk, child, person)
    return _page(desk, found, member, PlaceForm(first=f"{today_of(desk)}"))


@router.post("/w/child/{child}/person/{person}/place")
def link(desk: StaffForm, child: AnId, person: AnId, form: Annotated[PlaceForm, Form()]) -> Response:
    """They take part from there; what is booked takes a room or link, and is in doubt where none is left."""
    found, member = _whose(desk, child, person)
    try:
        _demand_pool(desk, form.pool)
        first, last = day_of(form.first, "first"), day_or_none(form.last, "last")
        pooling.link(desk.work, member.person, form.pool, first, last)
    except BadInput as error:
        return _page(desk, found, member, form, errors=problem(error))
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/place/{link}/end")
def end(desk: StaffForm, child: AnId, person: AnId, link: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """They take part from there no more."""
    pooling.end_link(desk.work, _whose(desk, child, person)[1].person, link)
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/clearance")
def ask(desk: StaffForm, child: AnId, person: AnId, form: Annotated[AskedForm, Form()]) -> Response:
    """The establishment was asked whether they may meet this child, or one who shares visits, from there."""
    found, member = _whose(desk, child, person)
    met = PersonId(form.child) if form.child else found.person
    try:
        clearances.ask(desk.work, member.person, met, form.pool, form.reference)
    except BadInput as error:
        typed, at = form.model_dump() | {"child": met}, _at(f"{form.pool}-{met}", error)
        return _page(desk, found, member, PlaceForm(), typed=typed, errors=at)
    return _back(child, person)


@router.post("/w/child/{child}/person/{person}/clearance/{clearance}")
def answer(
    desk: StaffForm, child: AnId, person: AnId, clearance: AnId, form: Annotated[SaidForm, Form()]
) -> Response:
    """What it said; of a no the workers of the child are told, and what is booked is in doubt."""
    found, member = _whose(desk, child, person)
    try:
        _demand_about(desk, member, found, clearance)
        said = Answer(form.answer) if form.answer in set(Answer) else Answer.NONE
        last = day_or_none(form.last, "last") if said is Answer.GRANTED else None
        clearing.answer(desk.work, member.person, clearance, said, reference=form.reference, last=last)
    except BadInput as error:
        typed = form.model_dump() | {"clearance": clearance}
        return _page(desk, found, member, PlaceForm(), typed=typed, errors=_at(clearance, error))
    return _back(child, person)


def _at(which: str, error: BadInput) -> list[dict[str, str]]:
    """At the field of one of several forms that ask the same."""
    return [one | {"field": f"{one['field']}-{which}"} for one in problem(error)]


def _whose(desk: Desk, child: str, person: str) -> tuple[Member, Member]:
    """The child of the page, and somebody whose place that child’s workers keep; raises ``NotFound``, ``NotAllowed``.

    From where a child of another case takes part is nothing for those who know them as a brother or sister alone.
    """
    demand_people(desk)
    found = child_of(desk, child)
    member = person_of(desk, found, person)
    if found.case not in people.cases_answering_for(desk.work, member.person):
        raise NotFound
    return found, member


def _demand_about(desk: Desk, member: Member, child: Member, clearance: str) -> None:
    asked = clearances_of(desk.work, member.person)
    if not any(one.id == clearance and _is_asked_here(desk, child, member, one.child) for one in asked):
        raise NotFound


def _is_asked_here(desk: Desk, child: Member, member: Member, met: PersonId) -> bool:
    """Whether it is about the child of the page, or about one of another case that is asked in this one."""
    if met == child.person:
        return True
    another = child.case not in people.cases_answering_for(desk.work, met)
    return another and child.case in asked_in(desk.work, member.person, met)


def _demand_pool(desk: Desk, pool: str) -> None:
    if pool not in {one.id for one in queries.pools(desk.work)}:
        raise BadInput("Choose from where they take part.", "pool")


def _back(child: str, person: str) -> RedirectResponse:
    return RedirectResponse(f"/w/child/{child}/person/{person}/place", status_code=303)


def _page(
    desk: Desk,
    child: Member,
    member: Member,
    form: PlaceForm,
    *,
    typed: Mapping[str, object] = MappingProxyType({}),
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    today = today_of(desk)
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.known_as, "is_child": member.person == child.person},
        places=[
            {"id": one.id, "pool": one.pool.id, "name": one.pool.name, "first": one.first, "last": one.last}
            for one in queries.links_of(desk.work, frozenset({member.person}))
            if one.last is None or one.last >= today
        ],
        cleared=_cleared(desk, child, member),
        child_too=member.role is MemberRole.CAREGIVER and bool(_cleared(desk, child, child)),
        answers=choices(CLEARANCE_ANSWERS),
        typed=dict.fromkeys(("answer", "reference", "last", "clearance", "pool", "child"), "") | {**typed},
        pools=[{"value": one.id, "text": one.name} for one in queries.pools(desk.work)],
        form=form.model_dump(exclude={"csrf", "once"}),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/person_place.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _cleared(desk: Desk, child: Member, member: Member) -> list[dict[str, object]]:
    """Each establishment from which they take part, with what it says today to contact with each child they meet."""
    today = today_of(desk)
    links = links_where(desk.work, member.person)
    places = dict.fromkeys(o.pool for o in links if o.pool.desk and (o.last is None or o.last >= today))
    shown = [_stands(desk, child, member, met, pool) for pool in places for met in _met(desk, child, member)]
    return sorted(shown, key=lambda one: bool(one["brings"]))  # what is not needed comes last


def _met(desk: Desk, child: Member, member: Member) -> list[PersonId]:
    """The child of the page, and those of other cases with whom one of this case may share a visit."""
    asked = (one.child for one in clearances_of(desk.work, member.person))
    known = dict.fromkeys((child.person, *children_met(desk.work, member.person), *asked))
    return [one for one in known if one != member.person and _is_asked_here(desk, child, member, one)]


def _stands(desk: Desk, child: Member, member: Member, met: PersonId, pool: Pool) -> dict[str, object]:
    asked = asked_there(clearances_of(desk.work, member.person), met, pool.id)
    return {
        "key": f"{pool.id}-{met}",
        "pool": pool.id,
        "name": pool.name,
        "child": {"id": met, "name": people.details_of(desk.work, met).known_as},
        "may_ask": met in children_met(desk.work, member.person),
        "brings": met == child.person and member.role is MemberRole.CAREGIVER,
        "standing": standing_for(desk.work, member.person, met, pool, desk.work.now).value,
        "asked": [_asked(desk, one) for one in reversed(asked)],
    }


def _asked(desk: Desk, one: Clearance) -> dict[str, object]:
    names = names_by_ref(desk.work)
    return {
        "id": one.id,
        "answer": one.answer.value,
        "asked_at": one.asked_at,
        "asked_by": names.get(one.asked_by, ""),
        "answered_at": one.answered_at,
        "answered_by": names.get(one.answered_by, "") if one.answered_by else "",
        "last": one.last,
        "reference": reference_of(desk.work, one),
    }
