"""A new link for one person whose link is lost: who asked, and how it reaches them.  What is shown is shown once."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

import segno
from fastapi import APIRouter, Form
from markupsafe import Markup
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.agency_policy import queries as agency_policy
from contact_service.clearances.queries import establishment_of
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions.reissuing import reissue
from contact_service.invitations.queries import (
    addresses_for_new_link,
    link_that_stands,
    may_replace_link,
    secret_for,
)
from contact_service.invitations.reissue import CODE_LIFE, Asked, KnownBy, Reissued, Way, in_fours
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem, refusals
from contact_service.pages.masking import masked
from contact_service.pages.rendering import render
from contact_service.pages.together import child_shown, names_of
from contact_service.pages.words import KNOWN_BY, choices
from contact_service.policy.decision import Refused
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import BOOKED, IN_THE_ROOM, Participant, Visit

router = APIRouter()


class NewLinkForm(Posted):
    """How the reader knows who asked, a note, the way, and the generation of the link that the page showed."""

    known_by: str = ""
    text: str = ""
    way: Literal[Way.SENT, Way.READ_OUT, Way.SHOWN]
    before: int = Field(ge=0)


def can_have_new_link(desk: Desk, visit: Visit, participant: Participant) -> bool:
    """Whether the reader is offered to replace the link of somebody in ``visit``."""
    assert participant.person is not None
    late = agency_policy.policy_in_force(desk.work).limits.late_exit
    is_ahead = visit.state in BOOKED | IN_THE_ROOM and desk.work.now < visit.ends_at + late
    return is_ahead and may_replace_link(desk.work, visit, participant.person)


@router.get("/w/visit/{visit}/new-link/{participant}")
def new_link_page(desk: StaffReading, visit: AnId, participant: AnId) -> HTMLResponse:
    """Who asked for it, and the ways in which it may reach them now."""
    found, whose = _found(desk, visit, participant)
    return _page(desk, found, whose, NewLinkForm(way=Way.SENT, before=0))


@router.post("/w/visit/{visit}/new-link/{participant}")
def make_new_link(
    desk: StaffForm, visit: AnId, participant: AnId, form: Annotated[NewLinkForm, Form()]
) -> Response:
    """The old link is dead, and its device is out; what is to be shown or read out is on this answer alone."""
    found, whose = _found(desk, visit, participant)
    known_by = KnownBy(form.known_by) if form.known_by in set(KnownBy) else None
    asked = Asked(way=form.way, known_by=known_by, note=form.text, before=form.before)
    try:
        result = reissue(desk.work, found.id, whose.id, asked)
    except BadInput as error:
        return _page(desk, found, whose, form, errors=problem(error))
    if isinstance(result, Refused):
        return _page(desk, found, whose, form, refused=result)
    if form.way is Way.SENT:
        return RedirectResponse(f"/w/visit/{visit}", status_code=303)
    return _read_out(desk, found, result) if form.way is Way.READ_OUT else _shown(desk, found, result)


def _found(desk: Desk, visit: str, participant: str) -> tuple[Visit, Participant]:
    found = visit_for(desk.work, VisitId(visit))
    whose = found.participant(participant)
    if whose is None or whose.person is None:
        raise NotFound
    if not may_replace_link(desk.work, found, whose.person):
        raise NotAllowed(
            "A new link is made by the worker, the visit supervisor or the duty person of the visit. Ask one of them."
        )
    return found, whose


def _page(
    desk: Desk,
    visit: Visit,
    whose: Participant,
    form: NewLinkForm,
    *,
    errors: list[dict[str, str]] | None = None,
    refused: Refused | None = None,
) -> HTMLResponse:
    assert whose.person is not None
    link = link_that_stands(desk.work, visit.id, whose.id)
    opens_at = visit.starts_at - agency_policy.policy_in_force(desk.work).limits.early_entry
    place = establishment_of(desk.work, whose.person, visit.starts_at)
    held = addresses_for_new_link(desk.work, visit, whose.person, at=desk.work.now)
    context = desk.context(
        visit={"id": visit.id, "child": child_shown(desk, visit), "starts_at": visit.starts_at}
        | {"ends_at": visit.ends_at, "state": visit.state.value},
        participant=whose.id,
        name=_first_name(desk, whose.person),
        held=[masked(address) for address in held],
        establishment=place.name if place else "",
        opens_at=opens_at,
        is_open=desk.work.now >= opens_at,
        here=whose.leg is not None,
        before=link.generation if link else 0,
        known_by=choices(KNOWN_BY),
        typed={"known_by": form.known_by, "text": form.text},
        errors=errors or [],
        refusals=refusals(refused) if refused else [],
    )
    page = render("staff/new_link.html", context, zone=visit.zone)
    return HTMLResponse(page, status_code=422 if errors else 409 if refused else 200)


def _first_name(desk: Desk, person: PersonId) -> str:
    return names_of(desk, [person])


def _read_out(desk: Desk, visit: Visit, made: Reissued) -> HTMLResponse:
    assert made.code is not None
    context = desk.context(
        visit_id=visit.id,
        name=_first_name(desk, made.invitation.person),
        address=f"{urlsplit(desk.site.public_url).netloc}/code",
        code=in_fours(made.code),
        good_until=desk.work.now + CODE_LIFE,
    )
    return HTMLResponse(render("staff/new_link_code.html", context, zone=visit.zone))


def _shown(desk: Desk, visit: Visit, made: Reissued) -> HTMLResponse:
    address = f"{desk.site.public_url}/v#{secret_for(desk.work, made.invitation)}"
    picture = segno.make(address, error="m", micro=False)
    drawn = picture.svg_inline(scale=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    context = desk.context(
        visit_id=visit.id,
        name=_first_name(desk, made.invitation.person),
        picture=Markup(drawn),  # noqa: S704  drawn here
    )
    return HTMLResponse(render("staff/new_link_shown.html", context, zone=visit.zone))
