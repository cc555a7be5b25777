"""The record after the visit, prefilled with what the system saw; and its sign-off."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotAllowed
from contact_service.ids import VisitId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, PostedOnVisit, demand_version, problem
from contact_service.pages.rendering import render
from contact_service.pages.words import OUTCOMES, choices
from contact_service.people.queries import members as people
from contact_service.reports.queries import visit_history
from contact_service.visits.actions import recording
from contact_service.visits.queries.finding import is_supervisor_of, stay_of, visit_for
from contact_service.visits.queries.writing import notes_of
from contact_service.visits.record import Sections
from contact_service.visits.visit import RECORD_DUE, Outcome, Visit

router = APIRouter()
DUE_AFTER = timedelta(hours=72)


class RecordForm(Posted):
    """The record as it was typed."""

    outcome: str = ""
    what_happened: str = ""
    child_before: str = ""
    child_after: str = ""
    said: str = ""
    next: str = ""


@router.get("/w/visit/{visit}/record")
def record_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """The form."""
    found = _own(desk, visit)
    outcome = found.outcome.value if found.outcome else ""
    return _page(desk, found, RecordForm(csrf=desk.csrf, outcome=outcome))


@router.post("/w/visit/{visit}/record")
def submit(desk: StaffForm, visit: AnId, form: Annotated[RecordForm, Form()]) -> Response:
    """Submit the record."""
    found = _own(desk, visit)
    sections = Sections(**form.model_dump(exclude={"csrf", "once", "outcome"}))
    try:
        recording.submit(desk.work, found.id, sections, _outcome(form))
    except BadInput as error:
        return _page(desk, found, form, errors=problem(error))
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


@router.post("/w/visit/{visit}/sign-off")
def sign_off(desk: StaffForm, visit: AnId, form: Annotated[PostedOnVisit, Form()]) -> Response:
    """Lock the record."""
    found = visit_for(desk.work, VisitId(visit))
    demand_version(found, form.version)
    recording.sign_off(desk.work, found.id)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


def _outcome(form: RecordForm) -> Outcome:
    if form.outcome not in set(Outcome):
        raise BadInput("Choose how the visit turned out.", "outcome")
    return Outcome(form.outcome)


def _own(desk: Desk, visit: str) -> Visit:
    found = visit_for(desk.work, VisitId(visit))
    if not is_supervisor_of(desk.work, found):
        raise NotAllowed("Only the visit supervisor of this visit writes its record.")
    if found.state not in RECORD_DUE:
        raise NotAllowed("No record is due for this visit now.")
    return found


def _page(
    desk: Desk, visit: Visit, form: RecordForm, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    child = people.details_of(desk.work, visit.child)
    context = desk.context(
        visit={
            "id": visit.id,
            "state": visit.state.value,
            "child": {"name": child.known_as},
            "starts_at": visit.starts_at,
            "ends_at": visit.ends_at,
        },
        once=desk.work.new_id(),
        facts=_facts(desk, visit),
        people=_people(desk, visit),
        notes=[{"at": n.at, "text": n.text} for n in notes_of(desk.work, visit.id)],
        outcomes=choices(OUTCOMES, only=recording.outcomes_offered(visit)),
        form=form.model_dump(exclude={"csrf", "once"}),
        due_at=(visit.ended_at or visit.ends_at) + DUE_AFTER,
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/record.html", context, zone=visit.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _facts(desk: Desk, visit: Visit) -> dict[str, object]:
    types = [line.type for line in visit_history(desk.work, visit)]
    return {
        "started_at": visit.live_at,
        "ended_at": visit.ended_at,
        "breaks": types.count(EventType.PARTICIPANT_BREAK_ASKED),
        "holds": types.count(EventType.VISIT_HELD),
        "drops": types.count(EventType.PARTICIPANT_DISCONNECTED),
    }


def _people(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = []
    for p in visit.families():
        assert p.person is not None
        member = people.member(desk.work, p.person, child=visit.child)
        first, last = stay_of(desk.work, p)
        shown.append(
            {
                "name": member.details.name,
                "relation": member.relation_word,
                "joined_at": first,
                "left_at": last,
            }
        )
    return shown
