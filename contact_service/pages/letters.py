"""Letters for those whom no message reaches: which there are now, until when posting makes sense, and the PDF."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, Response

from contact_service.errors import BadInput, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import asked_of
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions.printing import print_letter
from contact_service.invitations.actions.reissuing import demand_own
from contact_service.invitations.letter import (
    WORKING_DAYS_BY_POST,
    DueLetter,
    Printed,
    Wanted,
    last_day_to_post,
    working_days_before,
)
from contact_service.invitations.paper import can_be_drawn
from contact_service.invitations.queries import (
    letters_due,
    letters_of,
    letters_possible,
    link_that_stands,
    may_replace_link,
)
from contact_service.notifications.message import ON_PAPER, MessageKind
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, refusals
from contact_service.pages.rendering import render, say
from contact_service.pages.together import child_shown, names_of
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.texts import N_
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Participant, Visit

router = APIRouter()
# A letter to print is kept by the reader's browser under this name; it tells nothing of anybody.
_AS_FILE = 'attachment; filename="letter.pdf"'


class LetterForm(Posted):
    """Which letter, and the generation of the link that the page showed."""

    kind: str = ""
    before: int = Field(ge=0)


def letter_offered(desk: Desk, visit: Visit, participant: Participant) -> str:
    """Where the reader prints a letter for somebody; empty where there is none to print, or not for them to."""
    assert participant.person is not None
    offered = may_replace_link(desk.work, visit, participant.person)
    shown = offered and letters_possible(desk.work, visit, participant)
    return f"/w/visit/{visit.id}/letter/{participant.id}" if shown else ""


def last_letters(desk: Desk, visit: Visit) -> dict[PersonId, Printed]:
    """The newest letter that was printed for each person of a visit."""
    return {one.person: one for one in letters_of(desk.work, visit.id)}


def letters_to_print(desk: Desk) -> list[dict[str, str]]:
    """For Today: which letters the reader has to print and post, and until when; then, whom to phone instead.

    Whoever is to be rung already stands there for that, and whoever was rung has been told.
    """
    letters = [
        one
        for one in letters_due(desk.work, ZoneInfo(desk.site.zone))
        if may_replace_link(desk.work, one.visit, one.person)
    ]
    rung = asked_of(desk.work, FollowUpKind.NOT_REACHED, {one.visit.id for one in letters})
    found = []
    for due in letters:
        here = f"/w/visit/{due.visit.id}"
        if due.in_time:
            found.append(_to_print(desk, due) | {"href": f"{here}/letter/{due.participant}"})
        elif (due.visit.id, due.person) not in rung:
            found.append(_to_phone(desk, due) | {"href": here})
    return found


def _to_print(desk: Desk, due: DueLetter) -> dict[str, str]:
    name, until = names_of(desk, [due.person]), f"{due.post_by:%A} {due.post_by.day} {due.post_by:%B}"
    if due.kind is MessageKind.NOT_TAKING_PLACE:
        sentence = N_(
            "No message reaches {name}. Print a letter that the visit is off, and post it by {until}."
        )
    else:
        sentence = N_("No message reaches {name}. Print a letter with the link, and post it by {until}.")
    return {"text": say(sentence, name=name, until=until), "action": say("Print the letter")}


def _to_phone(desk: Desk, due: DueLetter) -> dict[str, str]:
    name = names_of(desk, [due.person])
    if due.kind is MessageKind.NOT_TAKING_PLACE:
        sentence = N_(
            "No message reaches {name}, and a letter would come too late. Phone them: the visit is off."
        )
    else:
        sentence = N_(
            "No message reaches {name}, and a letter would come too late. Phone them about the visit."
        )
    return {"text": say(sentence, name=name), "action": say("See visit")}


@router.get("/w/visit/{visit}/letter/{participant}")
def letter_page(desk: StaffReading, visit: AnId, participant: AnId) -> HTMLResponse:
    """Which letters there are for somebody, and whether the post still brings them in time."""
    found, whose = _found(desk, visit, participant)
    return _page(desk, found, whose)


@router.post("/w/visit/{visit}/letter/{participant}")
def make_letter(
    desk: StaffForm, visit: AnId, participant: AnId, form: Annotated[LetterForm, Form()]
) -> Response:
    """The PDF, which is on this answer alone; the link that it brings is in place of every one before."""
    found, whose = _found(desk, visit, participant)
    if form.kind not in set(ON_PAPER):
        raise BadInput("Choose which letter to print.", "kind")
    wanted = Wanted(kind=MessageKind(form.kind), before=form.before)
    result = print_letter(desk.work, found.id, whose.id, wanted, desk.site.press)
    if isinstance(result, Refused):
        return _page(desk, found, whose, refused=result)
    return Response(result, media_type="application/pdf", headers={"Content-Disposition": _AS_FILE})


def _found(desk: Desk, visit: str, participant: str) -> tuple[Visit, Participant]:
    found = visit_for(desk.work, VisitId(visit))
    whose = found.participant(participant)
    if whose is None or whose.person is None:
        raise NotFound
    demand_own(desk.work, found, whose.person)
    return found, whose


def _page(desk: Desk, visit: Visit, whose: Participant, *, refused: Refused | None = None) -> HTMLResponse:
    assert whose.person is not None
    link = link_that_stands(desk.work, visit.id, whose.id)
    printed = last_letters(desk, visit).get(whose.person)
    name = people.details_of(desk.work, whose.person).known_as
    context = desk.context(
        visit={"id": visit.id, "child": child_shown(desk, visit), "starts_at": visit.starts_at}
        | {"ends_at": visit.ends_at, "state": visit.state.value},
        participant=whose.id,
        name=names_of(desk, [whose.person]),
        kinds=[kind.value for kind in letters_possible(desk.work, visit, whose)],
        before=link.generation if link else 0,
        given=link is not None and link.state.value in ("given", "opened", "sent"),
        printed_at=printed.printed_at if printed else None,
        by_hand=not can_be_drawn(name, desk.site.press.fonts_dir),
        post=_post(desk, visit),
        refusals=refusals(refused) if refused else [],
    )
    page = render("staff/letter.html", context, zone=visit.zone)
    return HTMLResponse(page, status_code=409 if refused else 200)


def _post(desk: Desk, visit: Visit) -> dict[str, object]:
    """Until when posting makes sense, by the agency's calendar; not for a visit that is over."""
    zone = ZoneInfo(desk.site.zone)
    today, visit_on = desk.work.now.astimezone(zone).date(), visit.starts_at.astimezone(zone).date()
    in_time = working_days_before(visit_on, today=today) >= WORKING_DAYS_BY_POST
    return {"in_time": in_time, "last_on": last_day_to_post(visit_on), "days": WORKING_DAYS_BY_POST}
