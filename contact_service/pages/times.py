"""Times at which a visit could be, for the people on the booking form; taking one fills the form, and books nothing."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse

from contact_service.calendars.queries import calendar_for
from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.pages.access import Desk, StaffQuestion
from contact_service.pages.book import asked_about, form_page
from contact_service.pages.book_form import NOT_CARRIED, BookForm, ask_again, wish_read
from contact_service.pages.forms import problem, spoken
from contact_service.pages.if_they_can import (
    asked_in_words,
    if_they_can,
    too_few_in_words,
)
from contact_service.pages.rendering import render, say
from contact_service.pages.series_words import clocks_shown, elsewhere, place_of
from contact_service.pages.together import names_of
from contact_service.pages.watchers import ASKED, CANNOT_WATCH
from contact_service.people.queries import members as people
from contact_service.pools.queries import pool_for
from contact_service.series.queries.judging import other_clocks
from contact_service.texts import N_
from contact_service.visits.optional import IfTheyCan, without
from contact_service.visits.queries.offered import DayWithout, OfferedTime, Times
from contact_service.visits.queries.offering import times_for
from contact_service.visits.queries.requiring import QUORUM
from contact_service.visits.wish import Wish

router = APIRouter()

# What a worker would not need to be told (afternoon, daytime) has no words.
REASONS = {
    "all_can_come": N_("Everybody can come"),
    "usual_day": N_("The usual day and time"),
    "usual_hour": N_("The usual time of day"),
    "after_school": N_("Soon after school"),
}
IN_THE_WAY = {
    "agency_hours": N_("The agency has no visits then."),
    "quiet_hours": N_("{name} has no visits at those hours."),
    "plan_hours": N_("The plan has other days or hours for {name}."),
    "busy": N_("{name} has another visit."),
    "family_hours": N_("{name} can usually not take part then."),
    "closed": N_("Closed by the calendar “{name}”."),
    "pool_closed": N_("{name} is closed."),
    "pool_taken": N_("Every room or link of {name} is taken."),
    "supervisor": N_("No visit supervisor is free."),
    "interpreter": N_("No interpreter is free."),
    "cannot_watch": CANNOT_WATCH,
} | ASKED
TOO_MUCH = N_(
    "More than three things stand in the way at once. Choose fewer people, or say who comes only if they can."
)


@router.post("/w/book/times")
def find_times(desk: StaffQuestion, form: Annotated[BookForm, Form()]) -> HTMLResponse:
    """The best time of each of the best days of four weeks, with why; and what stands in the way on the others."""
    child, changing = asked_about(desk, form)
    ask_again(desk, child, form)
    try:
        wish = _wish(desk, child, form)
        optional = if_they_can(form.optional, form.quorum)
        times = times_for(
            desk.work,
            wish,
            optional=optional,
            besides=changing.id if changing else None,
            with_interpreter=True,
        )
    except BadInput as error:
        return form_page(desk, child, form, changing=changing, errors=problem(error))
    return _page(desk, wish, optional, form, times)


def _wish(desk: Desk, child: PersonId, form: BookForm) -> Wish:
    """The form as a wish at no particular time; raises ``BadInput`` where nobody is chosen to meet."""
    zone = ZoneInfo(people.zone_of(desk.work, people.case_of(desk.work, child)))
    wish = wish_read(desk, child, form, at=desk.work.now.astimezone(zone).replace(tzinfo=None))
    if not wish.meeting:
        raise BadInput("Choose who meets first.", "people")
    if wish.caregiver is None:
        raise BadInput("Choose the caregiver who starts the visit.", "people")
    return wish


def _page(desk: Desk, wish: Wish, optional: IfTheyCan, form: BookForm, times: Times) -> HTMLResponse:
    zone = people.zone_of(desk.work, people.case_of(desk.work, wish.child))
    typed = form.model_dump(exclude={"csrf", "people", "sharing", *NOT_CARRIED})
    clocks = other_clocks(desk.work, wish)

    def there(one: OfferedTime) -> list[dict[str, object]]:
        return elsewhere(one.starts_at, one.starts_at.astimezone(ZoneInfo(zone)).date(), clocks)

    context = desk.context(
        child={"id": wish.child, "name": names_of(desk, [wish.child])},
        who=names_of(desk, wish.meeting),
        optional=asked_in_words(desk, wish, optional) if optional.people else "",
        kept_out=[spoken(reason) for _, reasons in times.kept_out for reason in reasons],
        minutes=form.minutes,
        offers=[_offer(desk, one, form, typed, zone) | {"elsewhere": there(one)} for one in times.offers],
        place=place_of(zone),
        clocks=clocks_shown(desk, wish),
        without=[_without(desk, one, optional, ZoneInfo(zone)) for one in times.without],
        typed=typed,
        people=form.people,
        asking=[] if form.visit else _asking(desk, without(wish, optional.people)),
        errors=[],
        refusals=[],
        sharing=[one for one in form.sharing if one],
        if_they_can={"people": form.optional, "quorum": form.quorum},
    )
    return HTMLResponse(render("staff/times.html", context, zone=zone))


def _offer(
    desk: Desk, offer: OfferedTime, form: BookForm, typed: dict[str, str], zone: str
) -> dict[str, object]:
    """One time, and the form that it fills: with exactly those who would be there."""
    local = offer.starts_at.astimezone(ZoneInfo(zone))
    supervisor = offer.supervisors[0]
    out = offer.left_out
    return {
        "starts_at": offer.starts_at,
        "supervisor": identity.account_for(desk.work, supervisor).name,
        "interpreter": {"id": offer.interpreter, "name": names_of(desk, [offer.interpreter])}
        if offer.interpreter
        else None,
        "coming": names_of(desk, offer.coming) if offer.coming else "",
        "left_out": _left_out(desk, offer, form) if offer.left_out else None,
        "people": [one for one in form.people if one not in out],
        "sharing": [one for one in form.sharing if one and one.partition(":")[0] not in out],
        "reasons": [say(REASONS[reason]) for reason in offer.reasons if reason in REASONS],
        "wall": f"{local:%Y-%m-%dT%H:%M}|{','.join(offer.supervisors)}",
        "filled": typed
        | {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "visit_supervisor": supervisor}
        | ({"quorum": form.quorum, "settled": f"{local:%Y-%m-%dT%H:%M}"} if form.optional else {}),
    }


def _left_out(desk: Desk, offer: OfferedTime, form: BookForm) -> dict[str, object]:
    """Who would not be there, as the form has them, and why."""
    chosen = [*form.people, *form.sharing]
    return {
        "ids": [one for one in chosen if one.partition(":")[0] in offer.left_out],
        "names": names_of(desk, offer.left_out),
        "why": [spoken(one) for one in offer.against],
    }


def _asking(desk: Desk, wish: Wish) -> list[dict[str, str]]:
    """Whom a choice could be sent to: who surely meets the child, and the carer."""
    asked = [*wish.people, *([wish.caregiver] if wish.caregiver else [])]
    return [{"value": one, "text": names_of(desk, [one])} for one in asked]


def _without(desk: Desk, one: DayWithout, optional: IfTheyCan, zone: ZoneInfo) -> dict[str, object]:
    words = [] if one.can_come is None else [too_few_in_words(desk, optional, one.can_come)]
    words += [spoken(reason) for reason in one.reasons]
    words += [
        say(IN_THE_WAY[code], name=_name(desk, code, about)) for code, about in one.why if code != QUORUM
    ]
    words += [
        say(
            "{name} suits and is free from {time}.",
            name=identity.account_for(desk.work, account).name,
            time=f"{at.astimezone(zone):%H:%M}",
        )
        for account, at in one.opens
    ]
    if one.free_at is not None:
        clock = f"{one.free_at.astimezone(zone):%H:%M}"
        words.append(say("Apart from that, everybody is free at {time}.", time=clock))
    return {"day": one.day, "why": words or [say(TOO_MUCH)]}


def _name(desk: Desk, code: str, about: str) -> str:
    """Whom or what it is about: a calendar, rooms or links, a training, else a person; empty: about nobody."""
    if code == "training":
        return about
    if code == "cannot_watch":
        return identity.account_for(desk.work, AccountId(about)).name
    if code == "closed":
        return calendar_for(desk.work, about).name
    if code in ("pool_closed", "pool_taken"):
        return pool_for(desk.work, about).name
    return names_of(desk, [PersonId(about)]) if about else ""
