"""Jonas and Dana, who wait for Wednesday at four, and shortcuts to what may be done with the list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from contact_service.claims.claim import Claim
from contact_service.claims.queries import claims_of_offer
from contact_service.ids import OfferId
from contact_service.jobs.waiting import offer_freed_time
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking
from contact_service.visits.visit import Visit
from contact_service.waiting.actions.adding import add_entry
from contact_service.waiting.actions.answering import book_offer, let_go
from contact_service.waiting.queries.finding import entry_for, everybody_waiting
from contact_service.waiting.waiting import Entry, NewEntry, Offer
from tests.cast import House

FOUR = 16 * 60
AT_FOUR = Window(days=(Weekday.WEDNESDAY,), earliest=FOUR, latest=FOUR + 30)
WEDNESDAY = date(2030, 5, 15)
HALF_A_MINUTE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """The house, and its waiting list."""

    house: House

    def new(self, **changes: Any) -> NewEntry:  # noqa: ANN401
        """Half an hour of Jonas and Dana on Wednesday at four; what is no field of an entry is one of its wish."""
        cast = self.house.cast
        values: dict[str, Any] = {"window": AT_FOUR, "until": WEDNESDAY}
        own = {name: changes.pop(name) for name in values if name in changes}
        wish = {"child": cast.jonas, "supervisor": None, "wall_start": datetime(2000, 1, 1)}  # noqa: DTZ001
        return NewEntry(wish=self.house.wish(**(wish | changes)), **(values | own))

    def add(self, entry: str = "e" * 32, **changes: Any) -> Entry:  # noqa: ANN401
        with self.house.work(self.house.cast.karim) as work:
            return add_entry(work, self.new(**changes), entry_id=entry)

    def call_off(self, visit: Visit) -> None:
        with self.house.work(self.house.cast.karim) as work:
            booking.withdraw_request(work, visit.id)

    def look(self) -> None:
        """Half a minute later everybody who waits is looked for."""
        self.house.clock.forward(HALF_A_MINUTE)
        offer_freed_time(self.house.installation)

    def now(self, entry: Entry) -> Entry:
        with self.house.reading(self.house.cast.karim) as work:
            return entry_for(work, entry.id)

    def offer(self, entry: Entry) -> Offer | None:
        """What is held for it now."""
        standing = self.now(entry).standing
        return standing if standing is not None and standing.is_open(self.house.clock.at) else None

    def offered(self, entry: Entry) -> Offer:
        found = self.offer(entry)
        assert found is not None
        return found

    def book(self, offer: Offer) -> Visit | Refused:
        with self.house.work(self.house.cast.karim) as work:
            return book_offer(work, offer.id)

    def let_go(self, offer: Offer) -> Offer:
        with self.house.work(self.house.cast.karim) as work:
            return let_go(work, offer.id)

    def held(self, offer: Offer) -> list[Claim]:
        with self.house.reading(self.house.cast.karim) as work:
            return claims_of_offer(work, OfferId(offer.id))

    def order(self) -> list[str]:
        with self.house.reading(self.house.cast.karim) as work:
            return [one.id for one in everybody_waiting(work)]
