"""The evidence of a case, opened: for auditors, approvers, and service accounts that may read histories."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter

from contact_service.api.v1.access import Desk, reading
from contact_service.api.v1.bodies import AnId, Answer
from contact_service.api.v1.once import OnceRoute
from contact_service.audit.events import AuditEvent, EventType
from contact_service.ids import CaseId
from contact_service.reports.queries import Line, contact_history
from contact_service.service_accounts.scope import Scope
from contact_service.staff_door import acting

router = APIRouter(route_class=OnceRoute, tags=["history"])
Reader = Annotated[Desk, reading(Scope.HISTORY_READ)]


class Entry(Answer):
    """One entry of a case's evidence."""

    entry: int
    number_in_case: int
    at: datetime
    who: str
    what: str
    type: str
    details: dict[str, str]
    leaf_hash: str


@router.get("/cases/{case}/history", operation_id="readHistory", summary="The contact history of a case")
def history(desk: Reader, case: AnId) -> list[Entry]:
    """Oldest first.  That a copy was given is itself recorded."""
    lines = contact_history(desk.work, CaseId(case))
    with acting(desk.installation, desk.work.actor) as work:
        facts = (("format", "api"), ("entries", len(lines)))
        work.record(AuditEvent(type=EventType.RECORD_EXPORTED, case=case, facts=facts))
    return [_shown(line) for line in lines]


def _shown(line: Line) -> Entry:
    return Entry(
        entry=line.number,
        number_in_case=line.case_number,
        at=line.at,
        who=line.who,
        what=line.what,
        type=line.type,
        details=dict(line.details),
        leaf_hash=line.leaf_hash,
    )
