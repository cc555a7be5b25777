"""The photo by which somebody is known: brought on their page, where nobody sees it again."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.agreed_question import somebody_asked
from contact_service.pages.forms import Posted, problem
from contact_service.pages.reach import child_of, demand_people
from contact_service.pages.rendering import render
from contact_service.people.actions.photos import drop_photo, keep_photo
from contact_service.people.person import Member, MemberRole
from contact_service.people.photo import LARGEST_BYTES
from contact_service.people.queries.photos import photo_kept

router = APIRouter()


@router.get("/w/child/{child}/person/{person}/photo")
def photo_page(desk: StaffReading, child: AnId, person: AnId) -> HTMLResponse:
    """A form for a file: what is kept already is not shown."""
    demand_people(desk)
    member = child_of(desk, child)
    return _page(desk, member, somebody_asked(desk, member, person))


@router.post("/w/child/{child}/person/{person}/photo")
def keep(
    desk: StaffForm, child: AnId, person: AnId, photo: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Keep it in place of what was kept before."""
    demand_people(desk)
    member = child_of(desk, child)
    found = somebody_asked(desk, member, person)
    try:
        keep_photo(desk.work, found.person, _brought(photo))
    except BadInput as error:
        return _page(desk, member, found, errors=problem(error))
    return RedirectResponse(f"/w/child/{child}/person/{person}#photo", status_code=303)


@router.post("/w/child/{child}/person/{person}/photo/end")
def drop(desk: StaffForm, child: AnId, person: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """Destroy it."""
    demand_people(desk)
    found = somebody_asked(desk, child_of(desk, child), person)
    drop_photo(desk.work, found.person)
    return RedirectResponse(f"/w/child/{child}/person/{person}#photo", status_code=303)


def photo_shown(desk: Desk, member: Member) -> dict[str, object] | None:
    """Whether one is kept, by whom and since when; None for a child, of whom none is."""
    if member.role is MemberRole.CHILD:
        return None
    kept = photo_kept(desk.work, member.person)
    by = identity.names_by_ref(desk.work).get(kept.by, "") if kept else ""
    return {"by": by, "at": kept.at if kept else None}


def _brought(photo: UploadFile | None) -> bytes:
    """What was brought: of too much one byte more than is allowed, so that it is known to be too much."""
    return photo.file.read(LARGEST_BYTES + 1) if photo is not None else b""


def _page(
    desk: Desk, child: Member, member: Member, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    context = desk.context(
        child={"id": child.person, "name": child.known_as},
        person={"id": member.person, "name": member.details.name},
        kept=photo_kept(desk.work, member.person) is not None,
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/photo.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
