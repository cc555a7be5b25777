"""Hand a visit that is near or runs to another visit supervisor or duty person."""

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import NotAllowed
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, VisitId
from contact_service.invitations.actions.handing import hand_over
from contact_service.pages.access import AnId, Desk, StaffForm, StaffReading
from contact_service.pages.forms import Posted
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import render, say
from contact_service.pages.together import child_shown
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.handing import Staff, can_be_handed_over, could_take_over, works_with_it
from contact_service.visits.visit import RUNNING, Visit

router = APIRouter()
_ACCOUNT = "^[0-9a-f]{32}$"


class HandingForm(Posted):
    """Who shall watch and who shall answer from now on, and who did when the page was loaded."""

    visit_supervisor: str = Field(pattern=_ACCOUNT)
    duty: str = Field(pattern=_ACCOUNT)
    supervisor_before: str = Field(pattern=_ACCOUNT)
    duty_before: str = Field(pattern=_ACCOUNT)

    @property
    def staff(self) -> Staff:
        """Who shall have it."""
        return Staff(supervisor=AccountId(self.visit_supervisor), duty=AccountId(self.duty))

    @property
    def before(self) -> Staff:
        """Who had it."""
        return Staff(supervisor=AccountId(self.supervisor_before), duty=AccountId(self.duty_before))


def may_hand_over(desk: Desk, visit: Visit) -> bool:
    """Whether the reader is offered to hand ``visit`` to somebody else."""
    return works_with_it(desk.work, visit) and can_be_handed_over(desk.work, visit)


@router.get("/w/visit/{visit}/hand-over")
def hand_over_page(desk: StaffReading, visit: AnId) -> HTMLResponse:
    """Who could watch or answer instead, as the rules say now."""
    found = visit_for(desk.work, VisitId(visit))
    if not may_hand_over(desk, found):
        raise NotAllowed(
            "A visit is handed over by a worker of every child in it, shortly before it or in it."
        )
    return _page(desk, found, Staff(supervisor=found.supervisor, duty=found.duty))


@router.post("/w/visit/{visit}/hand-over")
def hand_it_over(desk: StaffForm, visit: AnId, form: Annotated[HandingForm, Form()]) -> Response:
    """From now on it is theirs; whoever watched before is out of the room."""
    found = visit_for(desk.work, VisitId(visit))
    result = hand_over(desk.work, found.id, form.staff, before=form.before)
    if isinstance(result, Refused):
        return _page(desk, found, form.staff, refused=result)
    return RedirectResponse(f"/w/visit/{visit}", status_code=303)


def _page(desk: Desk, visit: Visit, staff: Staff, *, refused: Refused | None = None) -> HTMLResponse:
    able = could_take_over(desk.work, visit)
    names = {one.id: one.name for one in (*able.supervisors, *able.duty)}
    context = desk.context(
        visit={
            "id": visit.id,
            "child": child_shown(desk, visit),
            "starts_at": visit.starts_at,
            "ends_at": visit.ends_at,
            "state": visit.state.value,
        },
        before={"visit_supervisor": visit.supervisor, "duty": visit.duty},
        visit_supervisor=_name(desk, visit.supervisor),
        supervisors=_choices(desk, visit.supervisor, [one.id for one in able.supervisors], names),
        duty_people=_choices(desk, visit.duty, [one.id for one in able.duty], names),
        chosen={"visit_supervisor": staff.supervisor, "duty": staff.duty},
        stops=visit.state in RUNNING and visit.level is SupervisionLevel.SUPERVISED,
        nobody=not able.supervisors,
        refusals=reasons_shown(refused.reasons, visit.child) if refused else [],
    )
    page = render("staff/hand_over.html", context, zone=visit.zone)
    return HTMLResponse(page, status_code=409 if refused else 200)


def _choices(
    desk: Desk, now: AccountId, others: list[AccountId], names: dict[AccountId, str]
) -> list[dict[str, str]]:
    stays = {"value": now, "text": say("{name}, as now", name=_name(desk, now))}
    return [*({"value": one, "text": names[one]} for one in others), stays]


def _name(desk: Desk, account: AccountId) -> str:
    return identity.account_for(desk.work, account).name
