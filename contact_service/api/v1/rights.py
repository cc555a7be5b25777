"""Who may decide for a child, and who is approved to meet a child."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Done, Id, Made, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach, within_reach
from contact_service.api.v1.placements import LastDay
from contact_service.approvals.actions.meeting import approve_to_meet, end_approval_to_meet
from contact_service.errors import BadInput
from contact_service.ids import DecisionRightId, PersonId
from contact_service.people.actions import rights
from contact_service.people.actions.recording import demand_person
from contact_service.people.decision_right import Authority, Basis, Matter, NewRight
from contact_service.people.placement import Days
from contact_service.people.queries.approved import approved_for
from contact_service.people.queries.rights import rights_of
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["rights"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]
Decider = Annotated[Desk, deciding()]


class RightBody(Body):
    """A right to decide: of a person of the case, or of the agency or the court."""

    person: Id | None = None
    authority: Authority | None = None
    matters: Annotated[list[Matter], Field(max_length=len(Matter))] = Field(examples=[["contact"]])
    basis: Basis
    first_on: Day
    last_on: Day | None = None


class KnownRight(Answer):
    """A right to decide that was recorded."""

    id: str
    person: str | None
    authority: Authority | None
    matters: list[Matter]
    basis: Basis
    first_on: date
    last_on: date | None


@router.get("/children/{child}/rights", operation_id="listRights", summary="Who may decide for a child")
def listed(desk: Reader, child: AnId) -> list[KnownRight]:
    """Every right that was ever recorded, newest first."""
    member = child_within_reach(desk.work, child)
    return [
        KnownRight(
            id=right.id,
            person=None if isinstance(right.holder, Authority) else right.holder,
            authority=right.holder if isinstance(right.holder, Authority) else None,
            matters=sorted(right.matters),
            basis=right.basis,
            first_on=right.days.first,
            last_on=right.days.last,
        )
        for right in rights_of(desk.work, member.person)
    ]


@router.post(
    "/children/{child}/rights",
    status_code=201,
    operation_id="recordRight",
    summary="Record a right to decide",
)
def record(desk: Writer, child: AnId, body: RightBody) -> Made:
    """Exactly one of ``person`` and ``authority``."""
    demand_person(desk.work, PersonId(child))
    holder = PersonId(body.person) if body.person else body.authority
    if holder is None or (body.person and body.authority):
        raise BadInput("Name a person, or the agency or the court.", "person")
    new = NewRight(
        child=PersonId(child),
        holder=holder,
        matters=frozenset(body.matters),
        basis=body.basis,
        days=Days(first=body.first_on, last=body.last_on),
    )
    return Made(id=rights.record_right(desk.work, new))


@router.post(
    "/children/{child}/rights/{right}/end",
    operation_id="endRight",
    summary="Write down the last day of a right",
)
def end(desk: Writer, child: AnId, right: AnId, body: LastDay) -> Made:
    """Of one that is open."""
    demand_person(desk.work, PersonId(child))
    rights.end_right(desk.work, PersonId(child), DecisionRightId(right), body.last_on)
    return Made(id=right)


@router.get(
    "/children/{child}/approved-people",
    operation_id="listApproved",
    summary="Who may be put on a visit with a child",
)
def listed_approved(desk: Reader, child: AnId) -> list[Made]:
    """The ids of everybody who is approved now."""
    member = child_within_reach(desk.work, child)
    return [Made(id=person) for person in sorted(approved_for(desk.work, member.person))]


@router.post(
    "/children/{child}/approved-people/{person}/approve",
    operation_id="approvePerson",
    summary="Approve somebody to meet a child (a person decides)",
)
def approve(desk: Decider, child: AnId, person: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """Only whoever may decide on plans, and nobody past a restriction."""
    found = within_reach(desk.work, person).person
    approve_to_meet(desk.work, child_within_reach(desk.work, child).person, found)
    return Done(id=person, at=desk.work.now)


@router.post(
    "/children/{child}/approved-people/{person}/end",
    operation_id="endApproval",
    summary="Nobody books this person for the child from now",
)
def end_approval(desk: Writer, child: AnId, person: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """The safe direction: a worker is enough.  Booked visits with the person are put before an approver."""
    found = within_reach(desk.work, person).person
    end_approval_to_meet(desk.work, child_within_reach(desk.work, child).person, found)
    return Done(id=person, at=desk.work.now)
