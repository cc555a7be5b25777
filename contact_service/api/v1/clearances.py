"""Establishments that must clear contact: their booking desks, and what they say to one person and one child."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Done, Id, Made
from contact_service.api.v1.once import OnceRoute
from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer as Said
from contact_service.clearances.queries import clearances_within_reach, reference_of
from contact_service.ids import PersonId
from contact_service.people.language import LONGEST_TAG
from contact_service.people.queries import members as people
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import clearing

router = APIRouter(route_class=OnceRoute, tags=["pools"])
PeopleReader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
PeopleWriter = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]
Decider = Annotated[Desk, deciding()]
Reference = Annotated[str, Field(max_length=actions.LONGEST_REFERENCE, examples=["OMU/2030/117"])]


class DeskBody(Body):
    """The booking desk's e-mail address; empty: the place clears nothing."""

    desk: Annotated[str, Field(max_length=254, examples=["bookings@northmoor.example"])]
    language: Annotated[str, Field(max_length=LONGEST_TAG, examples=["cy"])] | None = Field(
        default=None,
        description="In which it is written to, where there is such a text. "
        "Empty: in the agency’s first; null: as it was.",
    )


class ClearanceBody(Body):
    """Which establishment was asked, and whom they would meet."""

    pool: Id
    child: Id
    reference: Reference = ""


class ClearanceAnswerBody(Body):
    """What it said, with its reference; the last day of a yes, null: no end is known."""

    answer: Literal["granted", "refused"]
    reference: Reference
    last: Day | None = None


class KnownClearance(Answer):
    """One question and what was said; ``answer`` is ``none`` until then."""

    id: str
    pool: str
    child: str
    asked_at: datetime
    asked_by: str
    answer: Said
    answered_at: datetime | None
    answered_by: str | None
    last: date | None
    reference: str


@router.post(
    "/pools/{pool}/desk",
    operation_id="setPoolDesk",
    summary="Whether a place clears contact (a person decides)",
)
def set_desk(desk: Decider, pool: AnId, body: DeskBody) -> Done:
    """Invitations of whoever takes part from there go to it; what is booked and not cleared is put in doubt."""
    clearing.set_desk(desk.work, pool, body.desk, language=body.language)
    return Done(id=pool, at=desk.work.now)


@router.get(
    "/people/{person}/clearances",
    operation_id="clearancesOfPerson",
    summary="What establishments say to contact",
)
def of_person(desk: PeopleReader, person: AnId) -> list[KnownClearance]:
    """In the order in which they were asked, in cases within reach."""
    found = _within_reach(desk, person)
    return [
        KnownClearance(
            id=one.id,
            pool=one.pool,
            child=one.child,
            asked_at=one.asked_at,
            asked_by=one.asked_by,
            answer=one.answer,
            answered_at=one.answered_at,
            answered_by=one.answered_by,
            last=one.last,
            reference=reference_of(desk.work, one),
        )
        for one in clearances_within_reach(desk.work, found)
    ]


@router.post(
    "/people/{person}/clearances",
    status_code=201,
    operation_id="askForClearance",
    summary="An establishment was asked",
)
def ask(desk: PeopleWriter, person: AnId, body: ClearanceBody) -> Made:
    """Nothing is sent: it is asked in its own way.

    The child is of a case of theirs, or shares visits with one who is: with the carer who brings that one, or with that
    one, who takes part from where their carer does.
    """
    found = _within_reach(desk, person)
    return Made(id=actions.ask(desk.work, found, PersonId(body.child), body.pool, body.reference))


@router.post(
    "/people/{person}/clearances/{clearance}/answer",
    operation_id="answerClearance",
    summary="What an establishment said (a person decides)",
)
def answer(desk: Decider, person: AnId, clearance: AnId, body: ClearanceAnswerBody) -> Done:
    """What is booked and no longer cleared is put in doubt; of a no the workers are told in whose case it was asked."""
    found = _within_reach(desk, person)
    clearing.answer(desk.work, found, clearance, Said(body.answer), reference=body.reference, last=body.last)
    return Done(id=clearance, at=desk.work.now)


def _within_reach(desk: Desk, person: str) -> PersonId:
    """Whoever is kept by a case within reach; raises ``NotFound``."""
    people.open_within_reach(desk.work, people.cases_answering_for(desk.work, PersonId(person)))
    return PersonId(person)
