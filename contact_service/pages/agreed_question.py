"""The question that was agreed with somebody: kept on their page, where nobody reads it again."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.reach import child_of, demand_people, person_of
from contact_service.pages.rendering import render
from contact_service.people.actions.agreed_questions import drop_question, keep_question
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people
from contact_service.people.queries.agreed_questions import question_kept

router = APIRouter()


class QuestionForm(Posted):
    """A question and its answer as they were typed."""

    question: str = ""
    answer: str = ""


@router.get("/w/child/{child}/person/{person}/question")
def question_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """An empty form: what is kept already is not shown again."""
    demand_people(desk)
    member = child_of(desk, child)
    return _page(desk, member, somebody_asked(desk, member, person), QuestionForm())


@router.post("/w/child/{child}/person/{person}/question")
def keep(desk: StaffForm, child: AnId, person: AnId, form: Annotated[QuestionForm, Form()]) -> Response:
    """Keep it in place of what was kept before."""
    demand_people(desk)
    member = child_of(desk, child)
    found = somebody_asked(desk, member, person)
    try:
        keep_question(desk.work, found.person, form.question, form.answer)
    except BadInput as error:
        return _page(desk, member, found, form, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}#question", status_code=303)


@router.post("/w/child/{child}/person/{person}/question/end")
def drop(desk: StaffForm, child: AnId, person: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """Destroy it."""
    demand_people(desk)
    found = somebody_asked(desk, child_of(desk, child), person)
    drop_question(desk.work, found.person)
    return RedirectResponse(f"/w/child/{child}/person/{person}#question", status_code=303)


def question_shown(desk: Desk, member: Member) -> dict[str, object] | None:
    """Whether one is kept, by whom and since when; None for a child, of whom nobody asks it."""
    if member.role is MemberRole.CHILD:
        return None
    kept = question_kept(desk.work, member.person)
    by = identity.names_by_ref(desk.work).get(kept.by, "") if kept else ""
    return {"by": by, "at": kept.at if kept else None}


def somebody_asked(desk: Desk, child: Member, person: str) -> Member:
    """Somebody who joins by link, whose page is kept here; raises ``NotFound``."""
    found = person_of(desk, child, person)
    if found.role is MemberRole.CHILD or child.case not in people.cases_answering_for(
        desk.work, PersonId(person)
    ):
        raise NotFound
    return found


def _page(
    desk: Desk,
    child: Member,
    member: Member,
    form: QuestionForm,
    *,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.details.name},
        kept=question_kept(desk.work, member.person) is not None,
        form=form.model_dump(include={"question", "answer"}),
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/agreed_question.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
