"""The waiting list: visits for which no time fits, and the freed time that is held for them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import (
    MOST_ENTRIES,
    AnId,
    Answer,
    Body,
    Day,
    Id,
    Line,
    MinuteOfDay,
    Nothing,
)
from contact_service.api.v1.busy import BusyTimes, busy_with_mark, keep_known
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.api.v1.plans import WindowBody
from contact_service.api.v1.requests import ChildWishedBody, Minutes, WishBody, wish_of
from contact_service.api.v1.visits import VisitInFull, in_full
from contact_service.ids import EntryId, OfferId
from contact_service.plans.hours import Weekday
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.reaching import wished_within
from contact_service.visits.wish import carers_besides
from contact_service.waiting.actions.adding import add_entry, demand_worker, take_off
from contact_service.waiting.actions.answering import book_offer, let_go
from contact_service.waiting.queries.busy import busy_at_offer
from contact_service.waiting.queries.finding import offer_for, waiting_within_reach
from contact_service.waiting.queries.serving import InVain, in_vain
from contact_service.waiting.waiting import Entry, EntryState, NewEntry, Offer, OfferState
from contact_service.week.weights import Priority
from contact_service.work import Work

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Asker = Annotated[Desk, writing(Scope.VISITS_REQUEST)]
_NOBODY = "0" * 32
_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  wall time, and not looked at


class NewEntryBody(Body):
    """A visit at no particular time, and which days and hours would do; the carer is one of ``people``."""

    child: Id
    people: Annotated[list[Id], Field(max_length=MOST_ENTRIES)]
    minutes: Minutes = Field(examples=[30])
    level: SupervisionLevel = Field(examples=["supervised"])
    visit_supervisor: Id | None = Field(default=None, description="Only this one; null is any who suits.")
    duty: Id = Field(description="Who of the staff answers throughout the visit.")
    sharing: Annotated[list[ChildWishedBody], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    window: WindowBody = Field(default_factory=WindowBody)
    until: Day = Field(description="The last day that would do, where the child lives.")


class BookOffer(Body):
    """The time that is held shall be asked for."""

    known: Annotated[
        Line, Field(description="`busy.mark` of the offer, once you have asked those who are busy then.")
    ] = ""


class KnownOffer(Answer):
    """Freed time that is held until ``answer_by``; the visit that comes of it has the offer's id."""

    id: str
    starts_at: datetime
    ends_at: datetime
    visit_supervisor: str
    interpreter: str | None
    answer_by: datetime
    state: OfferState
    busy: BusyTimes = Field(description="Who has become busy at the time while it is held.")


class KnownEntry(Answer):
    """A visit on the waiting list; ``place`` counts from 1 among all of the agency, null when it waits no more.

    ``people`` names no carer of a child whose case is out of reach.
    ``in_vain``: why no time can be offered as things are, such as that nobody suits; null where somebody could serve.
    """

    id: str
    case: str
    child: str
    people: list[str]
    minutes: int
    days: list[Weekday]
    earliest: MinuteOfDay
    latest: MinuteOfDay
    until: date
    priority: Priority
    place: int | None
    state: EntryState
    in_vain: InVain | None
    asked_at: datetime
    offers: list[KnownOffer]


@router.get("/waiting-list", operation_id="listWaiting", summary="Visits that wait for a time")
def listed(desk: Reader) -> list[KnownEntry]:
    """Those within reach, in the order in which freed time is offered."""
    return [_shown(desk.work, entry, place) for place, entry in waiting_within_reach(desk.work)]


@router.post(
    "/waiting-list", status_code=201, operation_id="addWaiting", summary="Put a visit on the waiting list"
)
def add(desk: Asker, body: NewEntryBody) -> KnownEntry:
    """Only where no time fits; when one becomes free it is held, and whoever asked gets an e-mail."""
    demand_worker(desk.work)
    child = child_within_reach(desk.work, body.child).person
    wish = WishBody(
        people=body.people,
        starts=_NO_TIME,
        minutes=body.minutes,
        level=body.level,
        visit_supervisor=body.visit_supervisor or _NOBODY,
        duty=body.duty,
        sharing=body.sharing,
    )
    found = wish_of(desk, child, wish)
    if body.visit_supervisor is None:
        found = replace(found, supervisor=None)
    new = NewEntry(wish=found, window=body.window.window(), until=body.until)
    entry = add_entry(desk.work, new, entry_id=desk.work.new_id())
    return _shown(desk.work, entry, _place(desk, entry))


@router.post(
    "/waiting-list/{entry}/take-off", operation_id="takeOffWaiting", summary="Take a visit off the list"
)
def off(desk: Asker, entry: AnId, body: Nothing) -> KnownEntry:  # noqa: ARG001
    """What is held for it is given back."""
    return _shown(desk.work, take_off(desk.work, EntryId(entry)), None)


@router.post(
    "/waiting-list/offers/{offer}/book",
    response_model=VisitInFull,
    operation_id="bookOffer",
    summary="Ask for the visit at the time that is held",
)
def book(desk: Asker, offer: AnId, body: BookOffer) -> VisitInFull | JSONResponse:
    """As every request: an approver decides where the policy asks for one.  410 when it is held no more."""
    result = book_offer(desk.work, OfferId(offer))
    if isinstance(result, Refused):
        return problems.refused(result)
    if body.known:
        keep_known(desk.work, result, body.known)
    return in_full(desk.work, result)


@router.post(
    "/waiting-list/offers/{offer}/let-go",
    operation_id="letOfferGo",
    summary="Give the time that is held back",
)
def release(desk: Asker, offer: AnId, body: Nothing) -> KnownOffer:  # noqa: ARG001
    """It goes to the next on the list, and the visit waits for another."""
    entry, _ = offer_for(desk.work, OfferId(offer))
    return _offer(desk.work, entry, let_go(desk.work, OfferId(offer)))


def _place(desk: Desk, entry: Entry) -> int | None:
    found = (place for place, one in waiting_within_reach(desk.work) if one.id == entry.id)
    return next(found, None)


def _shown(work: Work, entry: Entry, place: int | None) -> KnownEntry:
    hidden = carers_besides(entry.wish.children, wished_within(work, entry.wish.children))
    return KnownEntry(
        id=entry.id,
        case=entry.case,
        child=entry.wish.child,
        people=sorted(entry.wish.everybody - {entry.wish.child, *hidden}),
        minutes=entry.wish.length // timedelta(minutes=1),
        days=list(entry.window.days),
        earliest=entry.window.earliest,
        latest=entry.window.latest,
        until=entry.until,
        priority=entry.priority,
        place=place,
        state=entry.state,
        in_vain=in_vain(work, entry) if entry.state is EntryState.OPEN else None,
        asked_at=entry.asked_at,
        offers=[_offer(work, entry, one) for one in entry.offers],
    )


def _offer(work: Work, entry: Entry, offer: Offer) -> KnownOffer:
    return KnownOffer(
        id=offer.id,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        visit_supervisor=offer.supervisor,
        interpreter=offer.interpreter,
        answer_by=offer.answer_by,
        state=offer.state,
        busy=busy_with_mark(busy_at_offer(work, entry, offer)),
    )
