"""What members of staff speak and sign: a visit supervisor must understand what is said."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput, NotAllowed
from contact_service.identity import queries as identity
from contact_service.identity.account import Account
from contact_service.identity.actions import set_languages
from contact_service.ids import AccountId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted, problem
from contact_service.pages.language_form import (
    LanguageFields,
    languages_read,
    languages_shown,
    rows_shown,
    typed_languages,
)
from contact_service.pages.people_words import FLUENCIES, MODES
from contact_service.pages.rendering import render
from contact_service.pages.words import choices

router = APIRouter()


class LanguagesForm(Posted, LanguageFields):
    """The languages of one member of staff."""


@router.get("/w/languages")
def languages_page(desk: StaffReading) -> HTMLResponse:
    """Everybody of the agency with what they speak and sign."""
    context = desk.context(
        people=[
            {
                "id": account.id,
                "name": account.name,
                "languages": languages_shown(identity.languages_of(desk.work, account.id)),
                "may_change": identity.may_write_for(desk.work, account.id),
            }
            for account in identity.everybody(desk.work)
        ]
    )
    return HTMLResponse(render("staff/languages.html", context, zone=desk.site.zone))


@router.get("/w/languages/{account}")
def change_page(desk: StaffReading, account: AnId) -> HTMLResponse:
    """One person's languages as a form."""
    found = _account(desk, account)
    known = typed_languages(identity.languages_of(desk.work, found.id))
    return _page(desk, found, known)


@router.post("/w/languages/{account}")
def change(desk: StaffForm, account: AnId, form: Annotated[LanguagesForm, Form()]) -> Response:
    """Keep them in place of what stood there."""
    found = _account(desk, account)
    try:
        set_languages(desk.work, found.id, languages_read(form))
    except BadInput as error:
        return _page(desk, found, form, errors=problem(error))
    return RedirectResponse("/w/languages", status_code=303)


def _account(desk: Desk, account: str) -> Account:
    found = identity.account_for(desk.work, AccountId(account))
    if not identity.may_write_for(desk.work, found.id):
        raise NotAllowed("You write down your own languages. Somebody’s manager can do it for them.")
    return found


def _page(
    desk: Desk, account: Account, form: LanguageFields, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    context = desk.context(
        person={"id": account.id, "name": account.name, "own": account.id == desk.account.id},
        language_rows=rows_shown(form),
        modes=choices(MODES),
        fluencies=choices(FLUENCIES),
        errors=errors or [],
    )
    page = render("staff/languages_change.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)
