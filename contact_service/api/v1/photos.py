"""The photo by which somebody is known at the door: kept and destroyed here, and shown in the room alone."""

import base64
import binascii
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Body, Done, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.people.actions.photos import drop_photo, keep_photo
from contact_service.people.photo import LARGEST_BYTES
from contact_service.people.queries import members as people
from contact_service.people.queries.photos import photo_kept
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["people"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, deciding()]
_LONGEST = (LARGEST_BYTES + 2) // 3 * 4


class PhotoBody(Body):
    """A JPEG, PNG or WebP file of at most 5 MB, in base64; only the picture in it is kept, made small."""

    photo: Annotated[str, StringConstraints(max_length=_LONGEST, pattern="^[A-Za-z0-9+/]*={0,2}$")] = Field(
        examples=["/9j/4AAQSkZJRgABAQ=="]
    )


class WhetherPhotoKept(Answer):
    """Whether a photo is kept; it is shown to nobody here."""

    kept_at: datetime | None = Field(description="Null where none is kept.")


@router.get(
    "/people/{person}/photo",
    operation_id="readWhetherPhotoKept",
    summary="Whether a photo of a person is kept",
)
def kept(desk: Reader, person: AnId) -> WhetherPhotoKept:
    """Never the photo."""
    found = PersonId(person)
    people.open_within_reach(desk.work, people.cases_answering_for(desk.work, found))
    known = photo_kept(desk.work, found)
    return WhetherPhotoKept(kept_at=known.at if known else None)


@router.post(
    "/people/{person}/photo",
    operation_id="keepPhoto",
    summary="Keep the photo by which a person is known (a person does)",
)
def keep(desk: Writer, person: AnId, body: PhotoBody) -> Done:
    """In place of what was kept before."""
    keep_photo(desk.work, PersonId(person), _decoded(body.photo))
    return Done(id=person, at=desk.work.now)


@router.post(
    "/people/{person}/photo/end",
    operation_id="endPhoto",
    summary="Destroy the photo by which a person is known (a person does)",
)
def end(desk: Writer, person: AnId, body: Nothing) -> Done:  # noqa: ARG001  refuses unknown members
    """It is gone from now."""
    drop_photo(desk.work, PersonId(person))
    return Done(id=person, at=desk.work.now)


def _decoded(text: str) -> bytes:
    """What base64 holds; raises ``BadInput`` for what breaks off in the middle."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadInput("Send the photo in base64, whole.", "photo") from None
