"""Why not?  For any child, people and time: every reason in words, and the smallest change that would do.

Asking changes nothing.  The question carries everything that was typed on the booking form and brings it back there.
"""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, Response

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.pages.access import Desk, StaffQuestion, StaffReading
from contact_service.pages.book import (
    LENGTHS,
    asked_about,
    children_offered,
    demand_worker,
    first_form,
    known_child,
)
from contact_service.pages.book_form import BookForm, wish_read
from contact_service.pages.forms import problem
from contact_service.pages.reach import child_of
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import render, say
from contact_service.pages.words import LEVELS, choices
from contact_service.people.queries import members as people
from contact_service.policy.decision import Permitted
from contact_service.policy.explaining import Change, Explanation
from contact_service.visits.queries.explaining import TAKEN_AS_GIVEN, why_not

router = APIRouter()


@router.get("/w/why")
def why_page(desk: StaffReading, child: Annotated[str, Query()] = "") -> HTMLResponse:
    """Pick a child, then whom and when."""
    demand_worker(desk)
    chosen = known_child(desk, child) if child else None
    return _page(desk, chosen, first_form(desk, chosen))


@router.post("/w/why")
def ask(desk: StaffQuestion, form: Annotated[BookForm, Form()]) -> Response:
    """Answer: it can be booked, or every reason and what would make it possible."""
    child, changing = asked_about(desk, form)
    besides = changing.id if changing else None
    try:
        explanation = why_not(desk.work, wish_read(desk, child, form), besides=besides)
    except BadInput as error:
        return _page(desk, child, form, errors=problem(error))
    return _page(desk, child, form, explanation=explanation)


def _page(
    desk: Desk,
    child: PersonId | None,
    form: BookForm,
    *,
    explanation: Explanation | None = None,
    errors: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    case = people.case_of(desk.work, child) if child else None
    context = desk.context(
        children=children_offered(desk),
        child={"id": child, "name": child_of(desk, child).known_as} if child else None,
        people=_people(desk, child, form) if child else [],
        form=form.model_dump(exclude={"csrf", "child", "people", "sharing", "optional", "left_out"}),
        out=form.left_out,
        sharing=[one for one in form.sharing if one],
        if_they_can=form.optional,
        lengths=[{"value": str(n), "text": say("{number} minutes", number=n)} for n in LENGTHS],
        levels=choices(LEVELS),
        zone=(people.zone_of(desk.work, case) if case else desk.site.zone)
        .rpartition("/")[2]
        .replace("_", " "),
        answer=_answer(desk, child, form, explanation) if child and explanation else None,
        errors=errors or [],
    )
    page = render("staff/why.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _people(desk: Desk, child: PersonId, form: BookForm) -> list[dict[str, object]]:
    """Everybody of the case: one may ask about anybody."""
    members = people.members_of(desk.work, people.case_of(desk.work, child), child=child)
    return [
        {
            "id": m.person,
            "name": m.details.name,
            "relation": m.relation_word,
            "chosen": m.person in form.people,
        }
        for m in members
        if m.person != child
    ]


def _answer(desk: Desk, child: PersonId, form: BookForm, explanation: Explanation) -> dict[str, object]:
    decision, change = explanation.decision, explanation.change
    zone = ZoneInfo(people.zone_of(desk.work, people.case_of(desk.work, child)))
    permitted = isinstance(decision, Permitted)
    return {
        "permitted": permitted,
        "passed": [rule for rule in decision.passed if rule not in TAKEN_AS_GIVEN],
        "reasons": [] if isinstance(decision, Permitted) else reasons_shown(decision.reasons, child),
        "change": _changes(change, zone) if change else [],
        # What goes back to the booking form: the wish with the change made, and everything else as it was typed.
        "filled": _filled(form, change, zone) if permitted or change else None,
        "people": form.people,
    }


def _changes(change: Change, zone: ZoneInfo) -> list[dict[str, object]]:
    """What would have to be different; a start as day and clock where the child lives."""
    parts: list[dict[str, object]] = []
    if change.level:
        parts.append({"label": say("Level"), "text": say(LEVELS[change.level]), "on": None})
    if change.length:
        minutes = int(change.length.total_seconds() // 60)
        parts.append({"label": say("Length"), "text": say("{number} minutes", number=minutes), "on": None})
    if change.starts_at:
        local = change.starts_at.astimezone(zone)
        parts.append({"label": say("Start"), "text": "", "on": local.date(), "clock": f"{local:%H:%M}"})
    return parts


def _filled(form: BookForm, change: Change | None, zone: ZoneInfo) -> dict[str, object]:
    filled = form.model_dump(exclude={"csrf", "people", "sharing", "optional", "left_out"})
    if change and change.level:
        filled["level"] = change.level.value
    if change and change.length:
        filled["minutes"] = str(int(change.length.total_seconds() // 60))
    if change and change.starts_at:
        local = change.starts_at.astimezone(zone)
        filled |= {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    return filled
