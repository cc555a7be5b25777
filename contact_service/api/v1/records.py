"""The record after a visit: submitted by its visit supervisor, signed off by somebody else; both are people."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Body, Id, OnVisit, demand_revision
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.visits import KnownVisit, shown
from contact_service.errors import NotFound
from contact_service.ids import PersonId, VisitId
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import recording
from contact_service.visits.actions.whereabouts import submit_explained
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.writing import record_of
from contact_service.visits.record import LONGEST_SECTION, Sections
from contact_service.visits.visit import Outcome

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.HISTORY_READ)]
Writer = Annotated[Desk, deciding()]
Section = Annotated[str, Field(max_length=LONGEST_SECTION)]


class RecordBody(Body):
    """The factual record: direct statements and facts, no opinion.  Where children share the visit, one for each."""

    child: Id | None = Field(
        default=None, description="Whose record; may be left out where the visit has one child."
    )
    outcome: Outcome
    what_happened: Section
    child_before: Section = ""
    child_after: Section = ""
    said: Section = ""
    next: Section = ""
    why_opened: Section = Field(
        default="", description="Why the emergency details were opened, where nobody has said it yet."
    )


class SignOffBody(OnVisit):
    """Whose record is locked."""

    child: Id | None = Field(default=None, description="May be left out where the visit has one child.")


class KnownRecord(Answer):
    """A child's record as submitted."""

    visit: str
    child: str
    what_happened: str
    child_before: str
    child_after: str
    said: str
    next: str
    submitted_by: str
    signed_off_by: str | None


@router.get("/visits/{visit}/record", operation_id="readRecord", summary="The record of a visit")
def one(desk: Reader, visit: AnId, child: Annotated[Id | None, Query()] = None) -> KnownRecord:
    """404 before it was submitted; that of the visit's first child within reach when none is named."""
    found = visit_for(desk.work, VisitId(visit))
    written = record_of(desk.work, found.id, child=PersonId(child) if child else None)
    if written is None:
        raise NotFound
    return KnownRecord(
        visit=visit,
        child=child or found.child,
        **vars(written.sections),
        submitted_by=written.submitted_by,
        signed_off_by=written.signed_off_by,
    )


@router.post(
    "/visits/{visit}/record",
    operation_id="submitRecord",
    summary="Submit the record (its visit supervisor does)",
)
def submit(desk: Writer, visit: AnId, body: RecordBody) -> KnownVisit:
    """It says how the visit turned out for the child; with the last child's the visit stands ``recorded``."""
    found = visit_for(desk.work, VisitId(visit))
    sections = Sections(**body.model_dump(exclude={"outcome", "child", "why_opened"}))
    child = PersonId(body.child) if body.child else None
    done = submit_explained(desk.work, found.id, sections, body.outcome, child=child, why=body.why_opened)
    return shown(desk.work, done)


@router.post("/visits/{visit}/sign-off", operation_id="signOff", summary="Lock the record (a person decides)")
def sign_off(desk: Writer, visit: AnId, body: SignOffBody) -> KnownVisit:
    """Only an approver who did not write it."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    child = PersonId(body.child) if body.child else None
    return shown(desk.work, recording.sign_off(desk.work, found.id, child=child))
