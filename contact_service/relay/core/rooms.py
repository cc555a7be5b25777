"""All rooms of this relay: the newest list, the lease, the ticks, and who is in which room."""

from collections import OrderedDict
from collections.abc import Mapping

from contact_service.protocol.link import EventKind, Lease as LeaseMessage
from contact_service.protocol.rooms import Room as ListedRoom, RoomList, TakenEvent
from contact_service.relay.core.feedback import ask_again, report
from contact_service.relay.core.ledger import Ledger, Moment
from contact_service.relay.core.leg import Identity, Leg
from contact_service.relay.core.room import Room
from contact_service.relay.errors import RequestRefused

MOST_ROOMS = 500
_MOST_CLOSED = 10_000
WATCH_SECONDS = 0.05


class Rooms:
    """Rooms by visit.  Every method that takes a ``Moment`` leaves all edges as they must be at that moment."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.by_visit: dict[str, Room] = {}
        self._room_of_leg: dict[str, Room] = {}
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._epoch: str | None = None
        self._version = -1
        self._watched_at = float("-inf")

    # ---- people

    def join(self, visit: str, identity: Identity, generation: int, moment: Moment) -> Leg:
        """A fresh leg in the room of ``visit``; raise ``RequestRefused`` where nobody gets in."""
        leg = self._room_for(visit).join(identity, generation, moment)
        self._room_of_leg[leg.id] = self.by_visit[visit]
        return leg

    def resume(self, visit: str, identity: Identity, generation: int) -> Leg | None:
        """The participant's living leg, None if there is none."""
        return self._room_for(visit).resume(identity, generation)

    def _room_for(self, visit: str) -> Room:
        if visit in self._closed:
            raise RequestRefused("closed")
        room = self.by_visit.get(visit)
        if room is None:
            if len(self.by_visit) >= MOST_ROOMS:
                raise RequestRefused("full")
            room = self.by_visit[visit] = Room(visit, self.ledger)
        return room

    def room_of(self, leg: str) -> Room | None:
        """The room in which the leg is, None if it is gone."""
        room = self._room_of_leg.get(leg)
        return room if room is not None and leg in room.legs else None

    def forget(self, leg: str) -> None:
        """Drop what is remembered of a leg that was closed."""
        self._room_of_leg.pop(leg, None)

    def lost(self, leg: str, moment: Moment) -> None:
        """Note that a leg's connection is gone for good."""
        room = self.room_of(leg)
        if room is not None:
            room.drop(room.legs[leg], EventKind.DISCONNECTED, moment, ended=False)

    # ---- the API's word

    def apply(self, listing: RoomList, moment: Moment) -> bool:
        """Make reality match ``listing``; False if it is older than what is held within its epoch."""
        if listing.epoch == self._epoch and listing.version < self._version:
            return False
        self._epoch, self._version = listing.epoch, listing.version
        if listing.taken is not None:
            self.ledger.journal.taken(listing.taken)
        wanted = {room.visit: room for room in listing.rooms}
        self._close_unlisted(wanted, moment)
        for visit, listed in wanted.items():
            self._apply_one(visit, listed, listing.taken, moment)
        return True

    def _apply_one(self, visit: str, listed: ListedRoom, taken: TakenEvent | None, moment: Moment) -> None:
        self._closed.pop(visit, None)
        room = self.by_visit.setdefault(visit, Room(visit, self.ledger))
        room.apply(listed, taken, moment)

    def _close_unlisted(self, wanted: Mapping[str, ListedRoom], moment: Moment) -> None:
        for visit, room in list(self.by_visit.items()):
            if visit not in wanted and room.listed is not None:
                room.close(moment)
                del self.by_visit[visit]
                self._closed[visit] = None
        while len(self._closed) > _MOST_CLOSED:
            self._closed.popitem(last=False)

    def renew(self, lease: LeaseMessage, moment: Moment) -> bool:
        """Extend all edges by an answered renewal; False if the nonce is not ours or a newer list exists."""
        if lease.version > self._version:
            return False
        lapsed = moment.now >= self.ledger.lease.until
        if lapsed:  # close first, so that streams resume instead of showing a hole
            self._settle_all(moment)
        if not self.ledger.lease.renewed(lease.nonce):
            return False
        if lapsed:
            self._settle_all(moment)
        else:
            for room in self.by_visit.values():
                room.extend(moment)
        return True

    def _settle_all(self, moment: Moment) -> None:
        for room in self.by_visit.values():
            room.settle(moment)

    # ---- time

    def tick(self, moment: Moment) -> None:
        """Do what is due.  Every 20 ms."""
        for room in self.by_visit.values():
            ask_again(room, moment.now)
        if moment.now - self._watched_at >= WATCH_SECONDS:
            passed = min(moment.now - self._watched_at, 1.0)
            self._watched_at = moment.now
            self._watch(moment, passed)

    def _watch(self, moment: Moment, passed: float) -> None:
        for visit, room in list(self.by_visit.items()):
            for leg in room.legs.values():
                leg.refill(passed)
            report(room, moment.now)
            room.watch(moment)
            if room.listed is None and not room.legs:
                del self.by_visit[visit]
