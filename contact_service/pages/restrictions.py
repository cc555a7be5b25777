"""Restrictions as staff pages take and show them, and the first of two steps to lift one."""

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.ids import OrderId, PersonId, RestrictionId
from contact_service.invitations.actions import stopping
from contact_service.pages.access import AnId, Desk, StaffForm
from contact_service.pages.forms import Posted, day_or_none
from contact_service.pages.rendering import say
from contact_service.pages.words import SOURCES, STOP_REASONS
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import (
    Restriction,
    RestrictionKind,
    RestrictionSource,
    RestrictionState,
    StopReason,
)
from contact_service.scheduling.local_time import start_of_day

router = APIRouter()
_LAST_DAY = date(9998, 12, 30)


class RestrictionForm(Posted):
    """A restriction as a worker enters it; it binds at once and until it is lifted, unless days say otherwise."""

    kind: str = ""
    restricted: str = ""
    other: str = ""
    source: str = ""
    order: str = ""
    reason: str = ""
    starts_on: str = ""
    ends_on: str = ""


def restriction_read(desk: Desk, child: Member, form: RestrictionForm) -> NewRestriction:
    """The form as a restriction; raises ``BadInput`` at the field that is not right."""
    if form.kind not in set(RestrictionKind):
        raise BadInput("Choose the kind of restriction.", "kind")
    if form.source not in set(RestrictionSource):
        raise BadInput("Choose who decided it.", "source")
    if not form.restricted:
        raise BadInput("Choose the person.", "restricted")
    kind = RestrictionKind(form.kind)
    if kind is RestrictionKind.APART and not form.other:
        raise BadInput("Choose from whom they are kept apart.", "other")
    if form.reason and form.reason not in set(StopReason):
        raise BadInput("Choose the reason: the notice says it.", "reason")
    starts_at, ends_at = _span(desk, child, form)
    return NewRestriction(
        kind=kind,
        person=PersonId(form.restricted),
        other=PersonId(form.other) if kind is RestrictionKind.APART else child.person,
        source=RestrictionSource(form.source),
        reason=StopReason(form.reason) if form.reason else None,
        order=OrderId(form.order) if form.order else None,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _span(desk: Desk, child: Member, form: RestrictionForm) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day, None for at once, to the end of the last, where the child lives."""
    zone = people.zone_of(desk.work, child.case)
    today = desk.work.now.astimezone(ZoneInfo(zone)).date()
    first, last = day_or_none(form.starts_on, "starts_on"), day_or_none(form.ends_on, "ends_on")
    if first is not None and first < today:
        raise BadInput("It cannot begin in the past. Leave the day empty and it binds at once.", "starts_on")
    if last is not None and last < (first or today):
        raise BadInput("The last day is before the first. Check the dates.", "ends_on")
    return (
        start_of_day(first, zone) if first is not None and first > today else None,
        start_of_day(min(last, _LAST_DAY) + timedelta(days=1), zone) if last else None,
    )


@router.post("/w/restriction/{restriction}/ask-to-lift")
def ask_to_lift(desk: StaffForm, restriction: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """The first of two people asks."""
    stopping.ask_to_lift(desk.work, RestrictionId(restriction))
    return RedirectResponse("/w/today", status_code=303)


def restriction_shown(desk: Desk, restriction: Restriction) -> dict[str, object]:
    """One restriction: who, which kind, since when, until when, by whom, and what can be done about it."""
    names = {m.person: m.details.name for m in people.members_of(desk.work, restriction.case)}
    state = restriction.state(desk.work.now)
    zone = ZoneInfo(people.zone_of(desk.work, restriction.case))
    # The end is excluded: what ends at midnight was last in force on the day before.
    last = (restriction.ends_at - timedelta(microseconds=1)) if restriction.ends_at else None
    return {
        "id": restriction.id,
        "kind": restriction.kind.value,
        "people": sorted(names.get(p, "") for p in restriction.people),
        "state": state.value,
        "from_on": restriction.starts_at.astimezone(zone).date(),
        "until_on": last.astimezone(zone).date() if last else None,
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
