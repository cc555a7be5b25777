"""Restrictions as staff pages show them, and the first of two steps to lift one."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from contact_service.ids import RestrictionId
from contact_service.invitations.actions import stopping
from contact_service.pages.access import AnId, Desk, StaffForm
from contact_service.pages.forms import Posted
from contact_service.pages.rendering import say
from contact_service.pages.words import SOURCES, STOP_REASONS
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.restrictions.restriction import Restriction, RestrictionKind, RestrictionState

router = APIRouter()


@router.post("/w/restriction/{restriction}/ask-to-lift")
def ask_to_lift(desk: StaffForm, restriction: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """The first of two people asks."""
    stopping.ask_to_lift(desk.work, RestrictionId(restriction))
    return RedirectResponse("/w/today", status_code=303)


def restriction_shown(desk: Desk, restriction: Restriction) -> dict[str, object]:
    """One restriction: who, which kind, since when, until when, by whom, and what can be done about it."""
    names = {m.person: m.details.name for m in people.members_of(desk.work, restriction.case)}
    state = restriction.state(desk.work.now)
    return {
        "id": restriction.id,
        "kind": restriction.kind.value,
        "people": sorted(names.get(p, "") for p in restriction.people),
        "state": state.value,
        "from_on": restriction.starts_at.date(),
        "until_on": restriction.ends_at.date() if restriction.ends_at else None,
        "reason": say(SOURCES[restriction.source]),
        "why": say(STOP_REASONS[restriction.reason]) if restriction.reason else "",
        "ended": state is RestrictionState.ENDED,
        "lift_asked": restriction.lift_asked_by is not None,
        "own": restriction.lift_asked_by == desk.account.ref,
    }


def is_running_stop(desk: Desk, restriction: Restriction) -> bool:
    """Whether this is an urgent stop that will end by itself."""
    ends = restriction.kind is RestrictionKind.SUSPENDED and restriction.order is None
    return ends and restriction.in_force(desk.work.now)


def orders_offered(desk: Desk, restriction: Restriction) -> list[dict[str, str]]:
    """The court orders about the children of the case, to be named when an urgent stop goes on."""
    members = people.members_of(desk.work, restriction.case)
    orders = [order for member in members for order in plans.orders_of(desk.work, member.person)]
    return [{"value": o.id, "text": f"{o.words.court}, {o.words.reference}"} for o in orders]
