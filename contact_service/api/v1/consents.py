"""Consents: what people were asked, in which words, and what they answered."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from contact_service.actor import Role
from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Done, Id
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach, within_reach
from contact_service.approvals.actions.answering import take_answer
from contact_service.consent import queries
from contact_service.consent.actions import LONGEST_LANGUAGE, NewAnswer
from contact_service.consent.consent import AgeBand, ConsentKind, ConsentState, Method, Purpose, Reader
from contact_service.errors import BadInput, NotAllowed, NotFound, UnknownTextVersion
from contact_service.ids import AccountId, PersonId
from contact_service.people.decision_right import Authority
from contact_service.people.queries import members as people
from contact_service.service_accounts.scope import Scope
from contact_service.work import Work

router = APIRouter(route_class=OnceRoute, tags=["consents"])
ConsentReader = Annotated[Desk, reading(Scope.CONSENTS_READ)]
Writer = Annotated[Desk, writing(Scope.CONSENTS_WRITE)]
_RECORDED = (ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WITHDRAWN)
Language = Annotated[str, Field(max_length=LONGEST_LANGUAGE, pattern=r"^[A-Za-z0-9-]{2,}$")]


class AnswerBody(Body):
    """An answer: for the child that of a holder of the right to decide, for an adult their own, heard by two."""

    person: Id
    purpose: Purpose = Field(examples=["take_part"])
    state: ConsentState = Field(examples=["given"])
    method: Method = Field(examples=["by_decision_holder"])
    text_version: int = Field(
        ge=1, description="The version of the words that were shown or read out.", examples=[1]
    )
    language: Language = "en"
    band: AgeBand = AgeBand.ADULT
    holder_person: Id | None = None
    holder_authority: Authority | None = None
    witness: Id | None = Field(default=None, description="For `spoken`: the colleague who heard it too.")


class KnownAnswer(Answer):
    """An answer that somebody gave."""

    id: str
    person: str
    purpose: Purpose
    kind: ConsentKind
    state: ConsentState
    text_version: int
    newest_version: int
    method: Method
    provisional: bool
    at: datetime


class Wording(Answer):
    """The newest published words for a purpose."""

    purpose: Purpose
    version: int
    language: str
    band: AgeBand
    words: str


@router.get("/consent-texts", operation_id="listConsentTexts", summary="The words that people are asked in")
def texts(
    desk: ConsentReader,
    language: Annotated[Language, Query()] = "en",
    band: Annotated[AgeBand, Query()] = AgeBand.ADULT,
) -> list[Wording]:
    """For each purpose the newest words in the language for the age or older, else in English."""
    reader = Reader(language=language, band=band)
    found = [queries.text_for(desk.work, purpose, reader) for purpose in Purpose]
    return [
        Wording(purpose=t.purpose, version=t.version, language=t.language, band=t.band, words=t.words)
        for t in found
    ]


@router.get("/people/{person}/consents", operation_id="listConsents", summary="Every answer of a person")
def listed(desk: ConsentReader, person: AnId) -> list[KnownAnswer]:
    """Newest first; the newest of a purpose counts."""
    member = within_reach(desk.work, person)
    return [
        KnownAnswer(
            id=a.id,
            person=a.person,
            purpose=a.purpose,
            kind=a.kind,
            state=a.state,
            text_version=a.version,
            newest_version=a.newest_version,
            method=a.method,
            provisional=a.provisional,
            at=a.at,
        )
        for a in queries.answers_of(desk.work, member.person)
    ]


@router.post(
    "/children/{child}/consents", status_code=201, operation_id="recordConsent", summary="Record an answer"
)
def record(desk: Writer, child: AnId, body: AnswerBody) -> Done:
    """Without a right to decide: `consent-without-right`; to words that never were: `unknown-text-version`."""
    member = child_within_reach(desk.work, child)
    if not desk.work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker records consents.")
    take_answer(desk.work, member.person, _answer(desk.work, member.person, body))
    return Done(id=body.person, at=desk.work.now)


def _answer(work: Work, child: PersonId, body: AnswerBody) -> NewAnswer:
    members = {m.person for m in people.members_of(work, people.case_of(work, child))}
    person, for_child = PersonId(body.person), body.person == child
    if person not in members:
        raise BadInput("Choose whose answer it is.", "person")
    if body.state not in _RECORDED:
        raise BadInput("Choose the answer.", "state")
    if body.method is Method.ON_THE_PAGE or (body.method is Method.BY_DECISION_HOLDER) != for_child:
        sentence = (
            "For the child, the holder of the right to decide answers; everybody else speaks for themselves."
        )
        raise BadInput(sentence, "method")
    return NewAnswer(
        person=person,
        purpose=body.purpose,
        state=body.state,
        version=body.text_version,
        reader=_reader(work, body),
        method=body.method,
        holder=_holder(members - {person}, body) if for_child else None,
        witness=AccountId(body.witness) if body.witness else None,
    )


def _holder(others: set[PersonId], body: AnswerBody) -> str:
    if (body.holder_person is None) == (body.holder_authority is None):
        raise BadInput("Choose who decided for the child.", "holder_person")
    if body.holder_authority is not None:
        return body.holder_authority.value
    if PersonId(body.holder_person or "") not in others:
        raise BadInput("Choose who decided for the child.", "holder_person")
    return f"person:{body.holder_person}"


def _reader(work: Work, body: AnswerBody) -> Reader:
    """For whom the words were that the version is one of."""
    reader = Reader(language=body.language, band=body.band)
    text = queries.text_for(work, body.purpose, reader)
    found = Reader(language=text.language, band=text.band)
    try:
        queries.text_version(work, body.purpose, body.text_version, found)
    except NotFound:
        raise UnknownTextVersion(field="text_version") from None
    return reader
