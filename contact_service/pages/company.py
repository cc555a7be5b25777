"""Who else is in the room: everybody says it behind their own link, before the waiting room (feature G7)."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.pages.access import Guest, GuestForm, GuestReading
from contact_service.pages.forms import Posted
from contact_service.pages.guests import is_caregiver, me, names, page, supervisor
from contact_service.visits.actions import running
from contact_service.visits.visit import Company

router = APIRouter(prefix="/v/{invitation}")


class CompanyForm(Posted):
    """The answer."""

    company: Company


@router.get("/company")
def company_page(guest: GuestReading) -> HTMLResponse:
    """One question, four answers."""
    mine = guest.visit.brought_by(guest.invitation.person)
    context = guest.context(
        child=names(guest, mine) if mine else None,
        visit_supervisor=supervisor(guest),
        said=me(guest).company or "",
    )
    return page(guest, "company", context)


@router.post("/company")
def tell(guest: GuestForm, form: Annotated[CompanyForm, Form()]) -> Response:
    """Keep the answer and go on."""
    running.tell_company(guest.work, guest.visit, me(guest), form.company)
    return RedirectResponse(_following(guest), status_code=303)


def _following(guest: Guest) -> str:
    return f"{guest.base}/start" if is_caregiver(guest) else f"{guest.base}/room"
