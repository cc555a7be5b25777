"""One person of a child's case: what is known of them, what they are to the child, whether the child may meet them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.agency_policy.queries import languages_for
from contact_service.approvals.actions.meeting import (
    approve_to_meet,
    end_approval_to_meet,
    is_barred,
    may_approve_people,
)
from contact_service.errors import BadInput
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.agreed_question import question_shown
from contact_service.pages.channels import channels_shown
from contact_service.pages.details_form import DetailsForm, details_offered, details_read, details_typed
from contact_service.pages.forms import Posted, problem
from contact_service.pages.language_form import languages_shown
from contact_service.pages.merging import MergeForm, merge_candidates, merges_about, propose
from contact_service.pages.people import relation_read
from contact_service.pages.people_words import NEEDS, RELATIONS
from contact_service.pages.photo import photo_shown
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.pages.rendering import render, say
from contact_service.pages.words import choices
from contact_service.people.actions import members as acting
from contact_service.people.actions.members import Tie
from contact_service.people.person import Details, Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.people.queries.approved import approved_for, unapproved_at
from contact_service.texts import LANGUAGES

router = APIRouter()


class RelationForm(Posted):
    """What a person is to a child, and the child's own word for it."""

    relation: str = ""
    word: str = ""


@router.get("/w/child/{child}/person/{person}")
def person_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """Everything that is known of one person."""
    demand_people(desk)
    member = child_of(desk, child)
    return _page(desk, member, person_of(desk, member, person))


@router.get("/w/child/{child}/person/{person}/details")
def details_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """What is known of them, as a form."""
    demand_people(desk)
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    return _details(desk, member, found, details_typed(found.details))


@router.post("/w/child/{child}/person/{person}/details")
def change_details(
    desk: StaffForm, child: AnId, person: AnId, form: Annotated[DetailsForm, Form()]
) -> Response:
    """Put right what is known of them."""
    demand_people(desk)
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    try:
        acting.change_details(desk.work, found.person, details_read(form))
    except BadInput as error:
        return _details(desk, member, found, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}", status_code=303)


@router.post("/w/child/{child}/person/{person}/relation")
def change_relation(
    desk: StaffForm, child: AnId, person: AnId, form: Annotated[RelationForm, Form()]
) -> Response:
    """Say anew what they are to this child."""
    demand_people(desk)
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    try:
        relation = relation_read(form.relation)
        tie = Tie(child=member.person, person=found.person, relation=relation, word=form.word)
        acting.relate(desk.work, tie)
    except BadInput as error:
        return _page(desk, member, found, form=form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}", status_code=303)


@router.post("/w/child/{child}/person/{person}/approve")
def approve(desk: StaffForm, child: AnId, person: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """From now the child may be booked with them."""
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    try:
        approve_to_meet(desk.work, member.person, found.person)
    except BadInput as error:
        return _page(desk, member, found, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}", status_code=303)


@router.post("/w/child/{child}/person/{person}/end-approval")
def end_approval(desk: StaffForm, child: AnId, person: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """From now the child is not booked with them."""
    member = child_of(desk, child)
    end_approval_to_meet(desk.work, member.person, person_of(desk, member, person).person)
    return RedirectResponse(f"/w/child/{child}/person/{person}", status_code=303)


@router.post("/w/child/{child}/person/{person}/merge")
def propose_merge(desk: StaffForm, child: AnId, person: AnId, form: Annotated[MergeForm, Form()]) -> Response:
    """Say that this record and another are one person; a second member of staff decides."""
    demand_people(desk)
    member = child_of(desk, child)
    found = person_of(desk, member, person)
    try:
        propose(desk, member, found, form)
    except BadInput as error:
        return _page(desk, member, found, merging=form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}", status_code=303)


def _details(
    desk: Desk,
    child: Member,
    member: Member,
    form: DetailsForm,
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.details.name},
        errors=errors or [],
        refusals=[],
        **details_offered(form),
    )
    page = render("staff/person_details.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _page(
    desk: Desk,
    child: Member,
    member: Member,
    *,
    form: RelationForm | None = None,
    merging: MergeForm | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    is_child = member.person == child.person
    elsewhere = child.case not in people.cases_answering_for(desk.work, member.person)
    known = RelationForm(relation=member.relation, word=member.relation_word)
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.details.name, "is_child": is_child},
        elsewhere=elsewhere,
        known=_known_elsewhere(member.details)
        if elsewhere
        else [*_known(member.details), _written_to(desk, member)],
        relation=None
        if is_child
        else {"says": say(RELATIONS.get(member.relation, "")), "word": member.relation_word},
        relations=choices(RELATIONS),
        approval=None if is_child else _approval(desk, child, member),
        channels=[] if elsewhere else channels_shown(desk, child, member.person),
        question=None if elsewhere else question_shown(desk, member),
        photo=None if elsewhere else photo_shown(desk, member),
        merges=merges_about(desk, child, member.person),
        others=[]
        if elsewhere or member.role is MemberRole.CHILD
        else merge_candidates(desk, child, member.person),
        form=(form or known).model_dump(exclude={"csrf", "once"}),
        relating=form is not None,
        merging=merging.model_dump(exclude={"csrf", "once"}) if merging else None,
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/person.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _known_elsewhere(details: Details) -> list[dict[str, object]]:
    """What a brother's or sister's worker needs of a child of another case: who it is, and how to be understood."""
    needed = {say("Full name"), say("Name that others may see"), say("Date of birth"), say("Languages")}
    return [one for one in _known(details) if one["label"] in needed]


def _known(details: Details) -> list[dict[str, object]]:
    """What is known, a line each; what is not known is said too, because that is what one asks about."""
    lines: dict[str, list[str] | list[date]] = {
        say("Full name"): [details.name],
        say("Name that others may see"): [details.known_as],
        say("How we address them"): [details.preferred] if details.preferred else [],
        say("Pronouns"): [details.pronouns] if details.pronouns else [],
        say("Lives by the clock of"): [details.zone] if details.zone else [],
        say("Other names"): list(details.aliases),
        say("Date of birth"): [date.fromisoformat(details.born_on)] if details.born_on else [],
        say("Languages"): languages_shown(details.languages),
        say("What they need"): [say(NEEDS[need]) for need in details.needs],
        say("What helps them"): details.support.splitlines(),
    }
    return [{"label": label, "lines": texts} for label, texts in lines.items()]


def _written_to(desk: Desk, member: Member) -> dict[str, object]:
    language = languages_for(desk.work, member.person)[0]
    return {"label": say("Language of messages and family pages"), "lines": [LANGUAGES[language]]}


def _approval(desk: Desk, child: Member, member: Member) -> dict[str, object]:
    return {
        "stands": member.person in approved_for(desk.work, child.person),
        "ended_at": unapproved_at(desk.work, child.person, member.person),
        "barred": is_barred(desk.work, child.person, member.person),
        "may_approve": may_approve_people(desk.work),
    }
