"""The question by which somebody is known at the door: kept and destroyed here, and asked in the room alone."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Body, Done, Line, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.ids import PersonId
from contact_service.people.actions.agreed_questions import drop_question, keep_question
from contact_service.people.queries import members as people
from contact_service.people.queries.agreed_questions import question_kept
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["people"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, deciding()]


class QuestionBody(Body):
    """What is asked, and what that person alone answers: nothing that a former partner could know."""

    question: Line
    answer: Line


class WhetherAgreed(Answer):
    """Whether a question is kept; its words are told to nobody here."""

    kept_at: datetime | None = Field(description="Null where none is kept.")


@router.get(
    "/people/{person}/agreed-question",
    operation_id="readWhetherQuestionAgreed",
    summary="Whether a question was agreed with a person",
)
def kept(desk: Reader, person: AnId) -> WhetherAgreed:
    """Never the question, and never the answer."""
    found = PersonId(person)
    people.open_within_reach(desk.work, people.cases_answering_for(desk.work, found))
    known = question_kept(desk.work, found)
    return WhetherAgreed(kept_at=known.at if known else None)


@router.post(
    "/people/{person}/agreed-question",
    operation_id="agreeQuestion",
    summary="Keep the question that was agreed with a person (a person does)",
)
def keep(desk: Writer, person: AnId, body: QuestionBody) -> Done:
    """In place of what was kept before."""
    keep_question(desk.work, PersonId(person), body.question, body.answer)
    return Done(id=person, at=desk.work.now)


@router.post(
    "/people/{person}/agreed-question/end",
    operation_id="endAgreedQuestion",
    summary="Destroy the question that was agreed with a person (a person does)",
)
def end(desk: Writer, person: AnId, body: Nothing) -> Done:  # noqa: ARG001  refuses unknown members
    """Question and answer are gone from now."""
    drop_question(desk.work, PersonId(person))
    return Done(id=person, at=desk.work.now)
