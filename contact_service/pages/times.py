"""Times at which a visit could be, for the people on the booking form; taking one fills the form, and books nothing."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse

from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.ids import PersonId
from contact_service.pages.access import Desk, StaffQuestion
from contact_service.pages.book import BookForm, asked_about, form_page, wish_read
from contact_service.pages.forms import problem, spoken
from contact_service.pages.rendering import render, say
from contact_service.pages.together import names_of
from contact_service.people.queries import members as people
from contact_service.texts import N_
from contact_service.visits.queries.offering import DayWithout, OfferedTime, Times, times_for
from contact_service.visits.wish import Wish

router = APIRouter()

# What a worker would not need to be told (afternoon, daytime) has no words.
REASONS = {
    "usual_day": N_("The usual day and time"),
    "usual_hour": N_("The usual time of day"),
    "after_school": N_("Soon after school"),
}
IN_THE_WAY = {
    "agency_hours": N_("The agency has no visits then."),
    "quiet_hours": N_("{name} has no visits at those hours."),
    "plan_hours": N_("The plan has other days or hours for {name}."),
    "busy": N_("{name} has another visit."),
    "supervisor": N_("No visit supervisor is free."),
}


@router.post("/w/book/times")
def find_times(desk: StaffQuestion, form: Annotated[BookForm, Form()]) -> HTMLResponse:
    """The best time of each of the best days of four weeks, with why; and what stands in the way on the others."""
    child, changing = asked_about(desk, form)
    try:
        wish = _wish(desk, child, form)
    except BadInput as error:
        return form_page(desk, child, form, changing=changing, errors=problem(error))
    times = times_for(desk.work, wish, besides=changing.id if changing else None)
    return _page(desk, wish, form, times)


def _wish(desk: Desk, child: PersonId, form: BookForm) -> Wish:
    """The form as a wish at no particular time; raises ``BadInput`` where nobody is chosen to meet."""
    zone = ZoneInfo(people.zone_of(desk.work, people.case_of(desk.work, child)))
    wish = wish_read(desk, child, form, at=desk.work.now.astimezone(zone).replace(tzinfo=None))
    if not wish.meeting:
        raise BadInput("Choose who meets first.", "people")
    if wish.caregiver is None:
        raise BadInput("Choose the caregiver who starts the visit.", "people")
    return wish


def _page(desk: Desk, wish: Wish, form: BookForm, times: Times) -> HTMLResponse:
    zone = people.zone_of(desk.work, people.case_of(desk.work, wish.child))
    typed = form.model_dump(exclude={"csrf", "people", "sharing"})
    context = desk.context(
        child={"id": wish.child, "name": names_of(desk, [wish.child])},
        who=names_of(desk, wish.meeting),
        minutes=form.minutes,
        offers=[_offer(desk, one, typed, zone) for one in times.offers],
        without=[_without(desk, one) for one in times.without],
        typed=typed,
        people=form.people,
        sharing=[one for one in form.sharing if one],
    )
    return HTMLResponse(render("staff/times.html", context, zone=zone))


def _offer(desk: Desk, offer: OfferedTime, typed: dict[str, str], zone: str) -> dict[str, object]:
    local = offer.starts_at.astimezone(ZoneInfo(zone))
    supervisor = offer.supervisors[0]
    return {
        "starts_at": offer.starts_at,
        "supervisor": identity.account_for(desk.work, supervisor).name,
        "reasons": [say(REASONS[reason]) for reason in offer.reasons if reason in REASONS],
        "filled": typed
        | {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "visit_supervisor": supervisor},
    }


def _without(desk: Desk, one: DayWithout) -> dict[str, object]:
    words = [spoken(reason) for reason in one.reasons]
    words += [
        say(IN_THE_WAY[code], name=names_of(desk, [PersonId(about)]) if about else "")
        for code, about in one.why
    ]
    return {"day": one.day, "why": words or [say("Several things at once.")]}
