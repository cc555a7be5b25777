"""The people of a child's case: everybody with what they are to the child, one more person, one known elsewhere."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.details_form import DetailsForm, details_offered, details_read
from contact_service.pages.forms import Posted, problem
from contact_service.pages.people_words import RELATIONS, ROLES
from contact_service.pages.reach import child_of, demand_people
from contact_service.pages.rendering import render, say
from contact_service.pages.words import choices
from contact_service.people.actions import members as acting
from contact_service.people.actions.members import Tie
from contact_service.people.person import Member, MemberRole, Relation
from contact_service.people.queries import members as people
from contact_service.people.queries.approved import approved_for

router = APIRouter()


class NewPersonForm(DetailsForm):
    """Somebody who is added to the case, and what they are to this child."""

    role: str = ""
    relation: str = ""
    word: str = ""


class KnownPersonForm(Posted):
    """Somebody of another case, and what they are to this child."""

    known: str = ""
    known_relation: str = ""
    known_word: str = ""


@router.get("/w/child/{child}/people")
def people_page(desk: StaffReading, child: AnId) -> HTMLResponse:
    """Everybody of the case, and a form for one more."""
    demand_people(desk)
    return _page(desk, child_of(desk, child), NewPersonForm())


@router.post("/w/child/{child}/people")
def add_person(desk: StaffForm, child: AnId, form: Annotated[NewPersonForm, Form()]) -> Response:
    """Add somebody to the case, with what they are to this child."""
    demand_people(desk)
    member = child_of(desk, child)
    try:
        person = _add(desk, member, form)
    except BadInput as error:
        return _page(desk, member, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}", status_code=303)


@router.post("/w/child/{child}/people/known")
def bring_in(desk: StaffForm, child: AnId, form: Annotated[KnownPersonForm, Form()]) -> Response:
    """Add somebody who is known from another case, like a brother who has a case of his own."""
    demand_people(desk)
    member = child_of(desk, child)
    try:
        _bring_in(desk, member, form)
    except BadInput as error:
        return _page(desk, member, NewPersonForm(), known=form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{form.known}", status_code=303)


def _bring_in(desk: Desk, child: Member, form: KnownPersonForm) -> None:
    if form.known not in {one["value"] for one in _known_elsewhere(desk, child)}:
        raise BadInput("Choose somebody of your other cases.", "known")
    relation = relation_read(form.known_relation, "known_relation")
    if not form.known_word.strip():
        raise BadInput("Write what the child calls them, like brother.", "known_word")
    tie = Tie(child=child.person, person=PersonId(form.known), relation=relation, word=form.known_word)
    acting.bring_in(desk.work, tie)


def _known_elsewhere(desk: Desk, child: Member) -> list[dict[str, str]]:
    """Everybody of the reader's own other cases, children first, each with the child whose case it is."""
    work = desk.work
    here = {member.person for member in people.members_of(work, child.case)}
    found: dict[PersonId, dict[str, str]] = {}
    for case in people.cases_of(work):
        if case == child.case or not people.is_on_caseload(work, case):
            continue
        members = people.members_of(work, case)
        children = ", ".join(m.known_as for m in members if m.role is MemberRole.CHILD)
        for member in members:
            if member.person not in here and member.details.name:
                text = say("{name} (case of {children})", name=member.details.name, children=children)
                found.setdefault(member.person, {"value": member.person, "text": text})
    return list(found.values())


def relation_read(typed: str, field: str = "relation") -> Relation:
    """What somebody is to a child; raises ``BadInput`` at ``field``."""
    if typed not in set(RELATIONS):
        raise BadInput("Choose what they are to the child.", field)
    return Relation(typed)


def _add(desk: Desk, child: Member, form: NewPersonForm) -> PersonId:
    if form.role not in set(ROLES):
        raise BadInput("Choose what they are in this case.", "role")
    relation, role = relation_read(form.relation), MemberRole(form.role)
    return acting.add_to_case_of(
        desk.work, child.person, details_read(form), role, relation=relation, word=form.word
    )


def _page(
    desk: Desk,
    child: Member,
    form: NewPersonForm,
    *,
    known: KnownPersonForm | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    work = desk.work
    approved = approved_for(work, child.person)
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        people=[
            _listed(member, child.person, approved=member.person in approved)
            for member in people.members_of(work, child.case, child=child.person)
        ],
        roles=choices(ROLES),
        relations=choices(RELATIONS),
        elsewhere=_known_elsewhere(desk, child),
        known=known.model_dump(exclude={"csrf", "once"}) if known else None,
        errors=errors or [],
        refusals=[],
        **details_offered(form),
    )
    page = render("staff/people.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _listed(member: Member, child: PersonId, *, approved: bool) -> dict[str, object]:
    is_child = member.person == child
    return {
        "id": member.person,
        "name": member.details.name or say("Somebody who was forgotten"),
        "known_as": member.known_as,
        "relation": "child" if is_child else member.relation_word,
        "approved": None if is_child or member.role is MemberRole.CAREGIVER else approved,
    }
