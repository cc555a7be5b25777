"""A visit that waits for a time, and the freed time that it is offered, as values."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from contact_service.errors import BadInput, Conflict
from contact_service.ids import AccountId, CaseId, EntryId, OfferId, PersonId, VisitId
from contact_service.plans.hours import Window
from contact_service.visits.wish import Wish
from contact_service.week.weights import Priority

MOST_OF_A_CHILD = 5
MOST_OF_A_CASE = 20


class OfferOver(Conflict):
    """This time is not held any more: it was booked, let go, or nobody answered in time. The visit waits on."""


class EntryOver(Conflict):
    """This visit does not stand on the waiting list any more. Load the page again."""


class TimeFits(BadInput):
    """There is a time that fits. Look for times and take one, or choose other days and hours."""


class TooManyOfCase(BadInput):
    """The children of this case have twenty visits on the waiting list. Take one off first."""


class UnknownDuty(BadInput):
    """Whoever is to answer throughout the visit has no account that can sign in. Choose somebody else."""


class UnknownSupervisor(BadInput):
    """Nobody with this id supervises visits. Choose another visit supervisor, or anybody who suits."""


class EntryState(StrEnum):
    """Where an entry stands; all but ``open`` are ends.

    ``over``: its last day has passed.  ``met``: its people have got a visit that would do in another way.
    ``forgotten``: one of its children is known no longer.
    """

    OPEN = "open"
    BOOKED = "booked"
    TAKEN_OFF = "taken_off"
    OVER = "over"
    MET = "met"
    FORGOTTEN = "forgotten"


class OfferState(StrEnum):
    """Where an offer stands; all but ``open`` are ends.  ``refused``: a rule said no when it was to be booked."""

    OPEN = "open"
    BOOKED = "booked"
    LET_GO = "let_go"
    LAPSED = "lapsed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A start that is held for an entry until ``answer_by``; the visit that comes of it has its id.

    ``interpreter`` is held with it: who interprets, where somebody has to.
    """

    id: OfferId
    entry: EntryId
    starts_at: datetime
    ends_at: datetime
    supervisor: AccountId
    offered_at: datetime
    answer_by: datetime
    state: OfferState
    interpreter: PersonId | None = None

    @property
    def visit(self) -> VisitId:
        """The visit that it becomes when it is booked."""
        return VisitId(self.id)

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be booked."""
        return self.state is OfferState.OPEN and now < self.answer_by


@dataclass(frozen=True, kw_only=True)
class NewEntry:
    """A wish at no particular time, and which days and hours would do, by the child's clock; ``until`` is the last."""

    wish: Wish
    window: Window
    until: date


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A visit on the waiting list.  Of ``wish`` everything counts but its start.

    ``passed_over``: how often somebody who came later was offered a time that would have done.  ``offers``: all that it
    was ever offered, oldest first.
    """

    id: EntryId
    case: CaseId
    wish: Wish
    window: Window
    until: date
    asked_by: AccountId
    asked_at: datetime
    passed_over: int
    state: EntryState
    visit: VisitId | None
    priority: Priority
    offers: tuple[Offer, ...] = ()

    @property
    def standing(self) -> Offer | None:
        """The offer that nobody has answered, if there is one; it may be over already."""
        return next((one for one in self.offers if one.state is OfferState.OPEN), None)

    def at_instant(
        self, starts_at: datetime, supervisor: AccountId, zone: str, *, interpreter: PersonId | None
    ) -> Wish:
        """The wish at an instant, as the clock of ``zone`` shows it, with the supervisor who is free then.

        ``interpreter``: who interprets, where somebody has to.
        """
        local = starts_at.astimezone(ZoneInfo(zone))
        more = () if interpreter is None or interpreter in self.wish.people else (interpreter,)
        return replace(
            self.wish,
            wall_start=local.replace(tzinfo=None, fold=0),
            supervisor=supervisor,
            people=(*self.wish.people, *more),
            first_of_two=local.fold == 0,
        )


def about_staff(entry: EntryId) -> str:
    """What the follow-up is about that asks who else serves; it is asked once for each entry."""
    return f"waiting_unstaffed/{entry}"
