"""Why somebody opened the emergency details of a visit that is not theirs any more.

Of the visit it shows nothing: whoever handed it over reads no more of it than that they opened them, and when.
"""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput, NotFound
from contact_service.ids import VisitId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.rendering import render, say
from contact_service.visits.actions.whereabouts import explain
from contact_service.visits.queries.whereabouts import Opening, openings_to_explain

router = APIRouter()


class WhyOpenedForm(Posted):
    """Why, as it was typed."""

    text: str = ""


def openings_shown(desk: Desk) -> list[dict[str, str]]:
    """What of that the reader is asked for, as Today shows it."""
    zone = ZoneInfo(desk.site.zone)
    return [
        {
            "text": say(
                "You opened the emergency details of a visit on {when}, and nobody knows why yet.",
                when=f"{one.opened_at.astimezone(zone):%d.%m., %H:%M}",
            ),
            "action": say("Say why"),
            "href": f"/w/visit/{one.visit}/why-opened",
        }
        for one in openings_to_explain(desk.work)
    ]


@router.get("/w/visit/{visit}/why-opened")
def why_opened_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """The question, for whoever opened them and watches the visit no more."""
    return _page(desk, _opening(desk, visit), WhyOpenedForm(), ())


@router.post("/w/visit/{visit}/why-opened")
def say_why_opened(desk: StaffForm, visit: AnId, form: Annotated[WhyOpenedForm, Form()]) -> Response:
    """Keep it with the visit."""
    opening = _opening(desk, visit)
    try:
        explain(desk.work, opening.visit, form.text)
    except BadInput as error:
        return _page(desk, opening, form, problem(error))
    return RedirectResponse("/w/today", status_code=303)


def _opening(desk: Desk, visit: str) -> Opening:
    found = next((one for one in openings_to_explain(desk.work) if one.visit == VisitId(visit)), None)
    if found is None:
        raise NotFound
    return found


def _page(desk: Desk, opening: Opening, form: WhyOpenedForm, errors: object) -> HTMLResponse:
    context = desk.context(
        opened_at=opening.opened_at, typed=form.model_dump(include={"text"}), errors=errors
    )
    page = render("staff/why_opened.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
