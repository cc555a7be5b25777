"""The waiting list: put a visit on it for which no time fits, see who waits, and answer what is offered."""

import re
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.ids import EntryId, OfferId, PersonId
from contact_service.pages.access import AnId, Desk, StaffForm, StaffQuestion, StaffReading
from contact_service.pages.book import asked_about, demand_worker, known_child
from contact_service.pages.book_form import NOT_CARRIED, BookForm, wish_read
from contact_service.pages.busy_then import busy_shown
from contact_service.pages.forms import Posted, day_of, minute_of, problem
from contact_service.pages.plan import hours_shown
from contact_service.pages.remedies import reasons_shown
from contact_service.pages.rendering import render, say
from contact_service.pages.together import names_of
from contact_service.pages.words import WEEKDAYS, choices
from contact_service.people.queries import members as people
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.staff_door import ID
from contact_service.texts import N_
from contact_service.visits.actions.knowing import demand_known, keep_known_busy
from contact_service.visits.queries.reaching import zone_in_sight
from contact_service.waiting.actions.adding import add_entry, take_off
from contact_service.waiting.actions.answering import book_offer, let_go
from contact_service.waiting.queries.busy import busy_at_offer
from contact_service.waiting.queries.ending import visits_they_have
from contact_service.waiting.queries.finding import offer_for, waiting_within_reach
from contact_service.waiting.queries.serving import InVain, in_vain
from contact_service.waiting.waiting import Entry, NewEntry, Offer, OfferState

router = APIRouter()
PRIORITIES = {
    "court": N_("Ordered by a court"),
    "agreed": N_("In the plan"),
    "extra": N_("On top of the plan"),
}
_OVER = {
    OfferState.BOOKED: N_("This time is booked."),
    OfferState.LET_GO: N_("This time was let go. It goes to the next on the list, and this visit waits on."),
    OfferState.LAPSED: N_(
        "Nobody answered in time. The time goes to the next on the list, and this visit waits on."
    ),
    OfferState.REFUSED: N_("A rule said no when it was to be booked. The time was given back."),
    OfferState.WITHDRAWN: N_("This visit was taken off the waiting list. The time was given back."),
}

IN_VAIN = {
    InVain.CHOSEN_CANNOT: N_(
        "Whoever was chosen to supervise or to answer cannot do so any more. "
        "Take it off the list, and put it on again with somebody else."
    ),
    InVain.NO_SUPERVISOR: N_(
        "No visit supervisor suits it. Look at what the plan asks of them, and at who has a conflict of interest."
    ),
    InVain.NO_INTERPRETER: N_(
        "No visit supervisor understands everybody, and nobody in the plan could interpret. "
        "Put an adult who knows both languages in the plan, as interpreter."
    ),
}


class OfferForm(Posted):
    """The mark of the busy times that were shown and ticked."""

    known: str = Field(default="", max_length=16)


class WaitingForm(BookForm):
    """The booking form without a time, and the days and hours that would do instead."""

    days: list[str] = Field(default_factory=list, max_length=len(Weekday))
    earliest: str = ""
    latest: str = ""
    until: str = ""


@router.get("/w/waiting")
def list_page(desk: StaffReading) -> HTMLResponse:
    """Who waits, of the reader's own cases, in the order in which freed time is offered."""
    demand_worker(desk)
    found = waiting_within_reach(desk.work)
    context = desk.context(
        entries=[_shown(desk, entry, place) for place, entry in found], errors=[], refusals=[]
    )
    return HTMLResponse(render("staff/waiting.html", context, zone=desk.site.zone))


@router.post("/w/waiting/ask")
def ask_page(desk: StaffQuestion, form: Annotated[BookForm, Form()]) -> HTMLResponse:
    """Which days and hours would do; nothing is on the list yet."""
    child, _ = asked_about(desk, form)
    asked = WaitingForm(**form.model_dump(), days=[day.value for day in Weekday])
    return _ask(desk, child, asked)


@router.post("/w/waiting")
def put_on_list(desk: StaffForm, form: Annotated[WaitingForm, Form()]) -> Response:
    """The visit waits for a time."""
    demand_worker(desk)
    child = known_child(desk, form.child)
    try:
        add_entry(desk.work, _new(desk, child, form), entry_id=_entry_id(desk, form))
    except BadInput as error:
        return _ask(desk, child, form, errors=problem(error))
    return RedirectResponse("/w/waiting", status_code=303)


@router.post("/w/waiting/{waiting}/off")
def off(desk: StaffForm, waiting: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """The visit waits no more."""
    take_off(desk.work, EntryId(waiting))
    return RedirectResponse("/w/waiting", status_code=303)


@router.get("/w/waiting/offer/{offer}")
def offer_page(desk: StaffReading, offer: AnId) -> HTMLResponse:
    """What is held, for whom, and until when."""
    demand_worker(desk)
    entry, found = offer_for(desk.work, OfferId(offer))
    return _offer(desk, entry, found)


@router.post("/w/waiting/offer/{offer}/book")
def book(desk: StaffForm, offer: AnId, form: Annotated[OfferForm, Form()]) -> Response:
    """Ask for the visit at the time that is held; a refusal shows every rule that said no."""
    demand_worker(desk)
    entry, held = offer_for(desk.work, OfferId(offer))
    busy = busy_at_offer(desk.work, entry, held)
    try:
        demand_known(desk.work, busy, None, form.known)
    except BadInput as error:
        return _offer(desk, entry, held, errors=problem(error), known=form.known)
    result = book_offer(desk.work, held.id)
    if isinstance(result, Refused):
        return _offer(desk, *offer_for(desk.work, held.id), refused=result)
    keep_known_busy(desk.work, result, busy)
    return RedirectResponse(f"/w/visit/{result.id}", status_code=303)


@router.post("/w/waiting/offer/{offer}/let-go")
def release(desk: StaffForm, offer: AnId, form: Annotated[Posted, Form()]) -> Response:  # noqa: ARG001
    """The time goes to the next."""
    let_go(desk.work, OfferId(offer))
    return RedirectResponse("/w/waiting", status_code=303)


def _entry_id(desk: Desk, form: WaitingForm) -> str:
    """What the form brought with it, so that pressed twice it is one entry; anything but an id of ours is not kept."""
    return form.once if re.fullmatch(ID, form.once) else desk.work.new_id()


def _new(desk: Desk, child: PersonId, form: WaitingForm) -> NewEntry:
    wish = wish_read(desk, child, form, at=desk.work.now.replace(tzinfo=None))
    try:
        days = tuple(Weekday(day) for day in form.days)
    except ValueError:
        raise BadInput("Choose days of the week.", "days") from None
    window = Window(
        days=days,
        earliest=minute_of(form.earliest, "earliest") if form.earliest else 0,
        latest=minute_of(form.latest, "latest") if form.latest else Window().latest,
    )
    return NewEntry(wish=wish, window=window, until=day_of(form.until, "until"))


def _ask(
    desk: Desk, child: PersonId, form: WaitingForm, *, errors: list[dict[str, str]] | None = None
) -> HTMLResponse:
    own = {"days", "earliest", "latest", "until", "duty"}
    picked = [PersonId(one) for one in form.people if one in _members(desk, child)]
    context = desk.context(
        child={"id": child, "name": names_of(desk, [child])},
        who=names_of(desk, picked) if picked else "",
        typed=form.model_dump(exclude={"csrf", "once", "people", "sharing", *NOT_CARRIED, *own}),
        people=form.people,
        sharing=[one for one in form.sharing if one],
        once=_entry_id(desk, form),
        form=form.model_dump(include=own),
        weekdays=choices(WEEKDAYS),
        duty_people=[{"value": one.id, "text": one.name} for one in identity.everybody(desk.work)],
        errors=errors or [],
        refusals=[],
    )
    page = render("staff/waiting_ask.html", context, zone=desk.site.zone)
    return HTMLResponse(page, status_code=422 if errors else 200)


def _members(desk: Desk, child: PersonId) -> set[PersonId]:
    return {one.person for one in people.members_of(desk.work, people.case_of(desk.work, child))}


def _shown(desk: Desk, entry: Entry, place: int) -> dict[str, object]:
    wish, standing = entry.wish, entry.standing
    held = standing if standing is not None and standing.is_open(desk.work.now) else None
    vain = None if held else in_vain(desk.work, entry)
    watcher = identity.account_for(desk.work, wish.supervisor).name if wish.supervisor else ""
    return {
        "id": entry.id,
        "place": place,
        "child": names_of(desk, [one.child for one in wish.children]),
        "who": names_of(desk, wish.people) if wish.people else "",
        "minutes": int(wish.length.total_seconds() // 60),
        "priority": say(PRIORITIES[entry.priority.value]),
        "hours": hours_shown(entry.window),
        "until": entry.until,
        "since": entry.asked_at,
        "watcher": watcher,
        "in_vain": say(IN_VAIN[vain]) if vain else "",
        "offer": {"href": f"/w/waiting/offer/{held.id}", "until": held.answer_by} if held else None,
    }


def _offer(
    desk: Desk,
    entry: Entry,
    offer: Offer,
    *,
    refused: Refused | None = None,
    errors: list[dict[str, str]] | None = None,
    known: str = "",
) -> HTMLResponse:
    zone = zone_in_sight(desk.work, entry.wish.children)
    held = offer.is_open(desk.work.now)
    over = OfferState.LAPSED if offer.state is OfferState.OPEN else offer.state
    context = desk.context(
        offer={
            "id": offer.id,
            "starts_at": offer.starts_at,
            "ends_at": offer.ends_at,
            "until": offer.answer_by,
            "held": held,
            "over": "" if held else say(_OVER[over]),
            "visit": f"/w/visit/{offer.visit}" if offer.state is OfferState.BOOKED else None,
        },
        entry=_shown(desk, entry, 0),
        already=[one.starts_at for one in visits_they_have(desk.work, entry) if one.ends_at > desk.work.now],
        supervisor=identity.account_for(desk.work, offer.supervisor).name,
        interpreter=names_of(desk, [offer.interpreter]) if offer.interpreter else "",
        busy=busy_shown(desk, zone, busy_at_offer(desk.work, entry, offer)),
        known=known,
        errors=errors or [],
        refusals=reasons_shown(refused.reasons, entry.wish.child) if refused else [],
    )
    booked = offer.state is OfferState.BOOKED
    status = 422 if errors else 409 if refused else 200 if held or booked else 410
    return HTMLResponse(render("staff/waiting_offer.html", context, zone=zone), status_code=status)
