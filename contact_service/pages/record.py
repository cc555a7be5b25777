"""The record after the visit, prefilled with what the system saw; and its sign-off."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import PersonId, VisitId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, PostedOnVisit, demand_version, problem
from contact_service.pages.rendering import render
from contact_service.pages.ringing import late_calls_shown
from contact_service.pages.together import children_of, is_anothers_carer, names_of, whom
from contact_service.pages.words import OUTCOMES, choices
from contact_service.reports.queries import visit_history
from contact_service.visits.actions import recording
from contact_service.visits.actions.whereabouts import submit_explained
from contact_service.visits.queries.aside import talks_alone_in
from contact_service.visits.queries.finding import is_supervisor_of, stay_of, visit_for
from contact_service.visits.queries.whereabouts import is_unexplained
from contact_service.visits.queries.writing import notes_of, records_due
from contact_service.visits.record import Sections
from contact_service.visits.visit import RECORD_DUE, Outcome, Participant, Visit

router = APIRouter()
DUE_AFTER = timedelta(hours=72)


class RecordForm(Posted):
    """The record as it was typed; ``child`` is empty where the visit has one."""

    child: str = ""
    outcome: str = ""
    what_happened: str = ""
    child_before: str = ""
    child_after: str = ""
    said: str = ""
    next: str = ""
    why_opened: str = ""


class SignOffForm(PostedOnVisit):
    """Whose record is locked; empty where the visit has one child."""

    child: str = ""


@router.get("/w/visit/{visit}/record")
def record_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """The form, for the first child whose record is due."""
    found = _own(desk, visit)
    found = found.seen_from(next(iter(records_due(desk.work, found)), found.child))
    outcome = found.outcome.value if found.outcome else ""
    return _page(desk, found, RecordForm(csrf=desk.csrf, outcome=outcome))


@router.post("/w/visit/{visit}/record")
def submit(desk: StaffForm, visit: AnId, form: Annotated[RecordForm, Form()]) -> Response:
    """Submit the record."""
    found = _own(desk, visit)
    child = _named(found, form.child)
    sections = Sections(**form.model_dump(exclude={"csrf", "once", "child", "outcome", "why_opened"}))
    try:
        done = submit_explained(
            desk.work, found.id, sections, _outcome(form), child=child, why=form.why_opened
        )
    except BadInput as error:
        return _page(desk, found.seen_from(child or found.child), form, errors=problem(error))
    more = "/record" if records_due(desk.work, done) else ""
    return RedirectResponse(f"/w/visit/{visit}{more}", status_code=303)


@router.post("/w/visit/{visit}/sign-off")
def sign_off(desk: StaffForm, visit: AnId, form: Annotated[SignOffForm, Form()]) -> Response:
    """Lock a child's record."""
    found = visit_for(desk.work, VisitId(visit))
    demand_version(found, form.version)
    recording.sign_off(desk.work, found.id, child=_named(found, form.child))
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


def _named(visit: Visit, child: str) -> PersonId | None:
    """The child of a form; raises ``NotFound`` for one whose visit it is not."""
    if child and PersonId(child) not in children_of(visit):
        raise NotFound
    return PersonId(child) if child else None


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
    context = desk.context(
        visit={
            "id": visit.id,
            "state": visit.state.value,
            "child": {"id": visit.child, "name": names_of(desk, [visit.child])},
            "shared": len(visit.children) > 1,
            "starts_at": visit.starts_at,
            "ends_at": visit.ends_at,
        },
        once=desk.work.new_id(),
        facts=_facts(desk, visit),
        people=_people(desk, visit),
        talks=_talks(desk, visit),
        calls=late_calls_shown(desk, visit),
        notes=[{"at": n.at, "text": n.text} for n in notes_of(desk.work, visit.id)],
        outcomes=choices(OUTCOMES, only=recording.outcomes_offered(visit)),
        form=form.model_dump(exclude={"csrf", "once", "child"}),
        due_at=(visit.ended_at or visit.ends_at) + DUE_AFTER,
        unexplained=is_unexplained(desk.work, visit.id),
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
        "goodbyes_back": types.count(EventType.PARTICIPANT_GOODBYE_TAKEN_BACK),
        "drops": types.count(EventType.PARTICIPANT_DISCONNECTED),
    }


def _talks(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    """With whom of this child's side the visit supervisor talked alone, from when to when."""
    named = {
        p.id: _talked_with(desk, visit, p) for p in visit.families() if not is_anothers_carer(desk, visit, p)
    }
    return [
        {"name": named[talk.participant], "began_at": talk.began_at, "ended_at": talk.ended_at}
        for talk in talks_alone_in(desk.work, visit)
        if talk.participant in named
    ]


def _talked_with(desk: Desk, visit: Visit, participant: Participant) -> str:
    name = whom(desk, visit, participant)["name"]
    children = visit.brought_by(participant.person)
    return f"{names_of(desk, children)} ({name})" if children else name


def _people(desk: Desk, visit: Visit) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = []
    for p in visit.families():
        first, last = stay_of(desk.work, p)
        shown.append(whom(desk, visit, p) | {"joined_at": first, "left_at": last})
    return shown
