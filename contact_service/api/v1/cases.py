"""Cases: open one, find one by what another system calls it, see who is in it."""

from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter
from pydantic import Field

from contact_service.actor import Role
from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import (
    MOST_ENTRIES,
    AnId,
    Answer,
    Body,
    Id,
    Line,
    Made,
    NamedBy,
    Reference,
    System,
)
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, CaseId
from contact_service.people.actions import external, members
from contact_service.people.external import clean_ref
from contact_service.people.queries import members as people
from contact_service.people.queries.external import case_called
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["cases"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]


class NewCase(Body):
    """A case as it is opened; without ``workers`` it is on the caller's own caseload."""

    zone: Line = Field(default="Europe/London", description="IANA zone in which the children live.")
    workers: Annotated[list[Id], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    external_ref: NamedBy | None = None


class Case(Answer):
    """A case."""

    id: str
    zone: str


@router.get("/cases", operation_id="listCases", summary="Cases within reach")
def cases(desk: Reader) -> list[Case]:
    """Every case within the caller's reach, oldest first."""
    return [Case(id=case, zone=people.zone_of(desk.work, case)) for case in people.cases_of(desk.work)]


@router.get("/cases/by-reference", operation_id="findCase", summary="The case that another system calls so")
def by_reference(desk: Reader, system: System, reference: Reference) -> Case:
    """One case; 404 when there is none, or none within reach."""
    found = case_called(desk.work, clean_ref(system, reference))
    return Case(id=found, zone=people.zone_of(desk.work, found))


@router.post("/cases", status_code=201, operation_id="openCase", summary="Open a case")
def open_case(desk: Writer, body: NewCase) -> Made:
    """An empty case; a service account has it on its own caseload too, so that it can go on."""
    if not (desk.work.actor.has(Role.WORKER) or desk.work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only a worker or an approver opens a case.")
    if body.zone not in available_timezones():
        raise BadInput("Write a zone like Europe/London.", "zone")
    case = members.open_case(desk.work, zone=ZoneInfo(body.zone).key, workers=_workers(desk, body))
    if body.external_ref is not None:
        external.refer_to_case(desk.work, case, body.external_ref.ref())
    return Made(id=case)


@router.put(
    "/cases/{case}/external-ref", operation_id="referToCase", summary="Name a case as another system does"
)
def refer(desk: Writer, case: AnId, body: NamedBy) -> Made:
    """From now the case is found by this reference; a reference belongs to one case for ever."""
    external.refer_to_case(desk.work, CaseId(case), body.ref())
    return Made(id=case)


def _workers(desk: Desk, body: NewCase) -> tuple[AccountId, ...]:
    known = {one.id for one in identity.accounts_with(desk.work, Role.WORKER)}
    wanted = [AccountId(one) for one in body.workers]
    if not set(wanted) <= known:
        raise BadInput("Choose workers of this agency.", "workers")
    return tuple(dict.fromkeys([*wanted, desk.account] if desk.machine or not wanted else wanted))
