"""One visit at the relay: its legs, its latches, and the edges that list, latches and lease allow together."""

from collections.abc import Iterator

from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import (
    Level,
    Person,
    Role,
    Room as ListedRoom,
    RoomState,
    Stage,
    TakenEvent,
)
from contact_service.relay.core.edges import Permitted, connect
from contact_service.relay.core.latches import Latches
from contact_service.relay.core.ledger import Ledger, Moment
from contact_service.relay.core.leg import Gate, Identity, Leg
from contact_service.relay.core.outbox import Closing
from contact_service.relay.core.permissions import Facts, Standing, is_flowing, permitted_pairs
from contact_service.relay.errors import RequestRefused

MOST_LEGS = 12
SILENCE_SECONDS = 15.0
"""Without an authenticated packet for so long, a leg is gone."""
_NEVER = float("inf")


class Room:
    """Edges exist as ``settle`` last left them, and only while the gate is open."""

    def __init__(self, visit: str, ledger: Ledger) -> None:
        self.visit, self.ledger = visit, ledger
        self.listed: ListedRoom | None = None
        self.legs: dict[str, Leg] = {}
        self.latches = Latches()
        self.gate = Gate()
        self.offsets: dict[str, float] = {}
        self.supervisor_present = False
        self._generations: dict[str, int] = {}
        self._leased = False
        self._supervisor_missed = False
        self._silent: frozenset[str] = frozenset()

    # ---- who is here

    def join(self, identity: Identity, generation: int, moment: Moment) -> Leg:
        """A fresh leg, waiting, in the place of any older one of that participant."""
        self._refuse_unwelcome(identity, generation)
        for older in self._legs_of(identity.participant):
            self.drop(older, EventKind.DISCONNECTED, moment, ended=True)
        if len(self.legs) >= MOST_LEGS or self.ledger.journal.is_full:
            raise RequestRefused("full")
        self._generations[identity.participant] = generation
        leg = self.legs[identity.leg] = Leg(identity, self.gate, moment.now)
        self.record(EventKind.JOINED, moment, leg.participant, leg=leg.id, issued_at_ms=identity.issued_at_ms)
        self.settle(moment)
        return leg

    def resume(self, identity: Identity, generation: int) -> Leg | None:
        """The participant's living, connected leg, None if there is none."""
        self._refuse_unwelcome(identity, generation)
        self._generations[identity.participant] = generation
        living = [leg for leg in self._legs_of(identity.participant) if leg.connected]
        return living[0] if living and living[0].role is identity.role else None

    def _refuse_unwelcome(self, identity: Identity, generation: int) -> None:
        participant = identity.participant
        person = self._person(participant)
        removed = person is not None and person.stage is Stage.REMOVED
        if self.is_over() or removed or participant in self.latches.removed:
            raise RequestRefused("closed")
        void = person is not None and _is_void(identity.issued_at_ms, person)
        if void or generation < self._generations.get(participant, 0):
            raise RequestRefused("superseded")

    def drop(self, leg: Leg, kind: EventKind, moment: Moment, *, ended: bool) -> None:
        """Cut ``leg`` from everybody at once, then close it and say why in an event of ``kind``."""
        del self.legs[leg.id]
        for ingress in leg.ingresses.values():
            for edge in ingress.edges:
                edge.close()
            ingress.set_edges(())
        self.settle(moment)
        self.ledger.outbox.closings.append(Closing(leg.id, ended))
        self.record(kind, moment, leg.participant, leg=leg.id)

    def connected(self, leg: Leg, moment: Moment) -> None:
        """Note that ``leg`` has keys."""
        leg.connected, leg.seen_at = True, moment.now
        self.record(EventKind.CONNECTED, moment, leg.participant, leg=leg.id)
        self.settle(moment)

    def _legs_of(self, participant: str) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.participant == participant]

    def _person(self, participant: str) -> Person | None:
        people = self.listed.people if self.listed else ()
        return next((person for person in people if person.participant == participant), None)

    def is_stranger(self, leg: Leg) -> bool:
        """Whether the list knows nobody of that name: such as whoever watched before the visit was handed over."""
        return self.listed is not None and self._person(leg.participant) is None

    def stage_of(self, leg: Leg) -> Stage:
        """How far ``leg`` has come: what the list says of this very leg in this role, else waiting."""
        person = self._person(leg.participant)
        if person is None or person.role is not leg.role:
            return Stage.WAITING
        if person.stage is Stage.REMOVED:
            return Stage.REMOVED
        return person.stage if person.leg == leg.id else Stage.WAITING

    def is_muted(self, leg: Leg) -> bool:
        """Whether nobody may hear ``leg``."""
        person = self._person(leg.participant)
        return leg.participant in self.latches.mutes or (person is not None and person.muted)

    def _is_unseen(self, leg: Leg) -> bool:
        """Whether nobody may see ``leg``; a leg that the list does not name has no edges anyway."""
        person = self._person(leg.participant)
        return person is not None and person.unseen

    # ---- what the list says

    def apply(self, listed: ListedRoom, taken: TakenEvent | None, moment: Moment) -> None:
        """Make ``listed`` the word that counts, as far as latches let it."""
        first = self.listed is None
        dismissed = self._dismissed_by(listed) | self._void_by(listed)
        self.listed = listed
        if first and listed.state is RoomState.LIVE:
            self.latch_hold(EventKind.HELD, moment, None, reason="relay_restarted")
        self.latches.apply(listed, taken)
        removed = {person.participant for person in listed.people if person.stage is Stage.REMOVED}
        for leg in [leg for leg in self.legs.values() if leg.participant in removed]:
            self.drop(leg, EventKind.DISCONNECTED, moment, ended=True)
        for leg in [leg for leg in self.legs.values() if leg.id in dismissed]:
            self.drop(leg, EventKind.DISCONNECTED, moment, ended=False)
        if listed.state is RoomState.ENDED:
            self.close(moment)
        self.settle(moment)

    def _dismissed_by(self, listed: ListedRoom) -> set[str]:
        """Legs of supervisors that the list named until now: their sign-in ended, and with it every power they had."""
        before = self.listed.people if self.listed else ()
        named = {person.leg for person in before if person.leg and person.role is Role.SUPERVISOR}
        return named - {person.leg for person in listed.people}

    def _void_by(self, listed: ListedRoom) -> set[str]:
        """Legs whose ticket was issued before the sign-in that it came from ended, and used before we heard of that."""
        people = {person.participant: person for person in listed.people}
        return {
            leg.id
            for leg in self.legs.values()
            if (person := people.get(leg.participant)) and _is_void(leg.issued_at_ms, person)
        }

    def close(self, moment: Moment) -> None:
        """Cut everybody at once; nobody gets in again."""
        self.latches.ended = True
        self.settle(moment)
        for leg in list(self.legs.values()):
            self.drop(leg, EventKind.DISCONNECTED, moment, ended=True)

    # ---- what is permitted

    def is_over(self) -> bool:
        """Whether nothing will ever flow here again in this boot."""
        return self.latches.ended or (self.listed is not None and self.listed.state is RoomState.ENDED)

    def facts(self, moment: Moment) -> Facts | None:
        """What holds for the room as a whole, None while no list has named it."""
        if self.listed is None:
            return None
        return Facts(
            state=self.listed.state,
            level=self.listed.level,
            held=self.latches.hold is not None,
            over=self.is_over() or self._is_past_end(moment),
            leased=moment.now < self.ledger.lease.until,
            private=any(person.stage is Stage.PRIVATE for person in self.listed.people),
            supervisor_present=self.supervisor_present,
        )

    def _is_past_end(self, moment: Moment) -> bool:
        ends = self.listed.ends_at_ms if self.listed else None
        return ends is not None and moment.at_ms >= ends

    def watchers(self) -> Iterator[Leg]:
        """The connected legs of admitted visit supervisors."""
        for leg in self.legs.values():
            if leg.role is Role.SUPERVISOR and leg.connected and self.stage_of(leg) is Stage.ADMITTED:
                yield leg

    def settle(self, moment: Moment) -> None:
        """Make the edges exactly those that are permitted now; must follow every change of what it reads."""
        self.supervisor_present = any(not leg.presence.is_missing(moment.now) for leg in self.watchers())
        facts = self.facts(moment)
        self._note_lease(facts, moment)
        standings = [
            Standing(leg=leg.id, role=leg.role, stage=self.stage_of(leg))
            for leg in self.legs.values()
            if leg.connected and leg.lines is not None
        ]
        self._seat(standings)
        pairs = permitted_pairs(facts, standings) if facts else frozenset()
        muted = {leg.id for leg in self.legs.values() if self.is_muted(leg)}
        unseen = {leg.id for leg in self.legs.values() if self._is_unseen(leg)}
        connect(self.legs, Permitted(pairs=pairs, muted=muted, unseen=unseen), moment.now)
        self.gate.open_until = self._open_until(moment) if pairs else float("-inf")
        self.ledger.outbox.changed.add(self.visit)

    def _seat(self, standings: list[Standing]) -> None:
        """Bind a slot for everybody admitted at everybody else admitted, held or not: slots are the roster."""
        # Once somebody is back in the waiting room, a talk in private with them says nothing to others.
        for leg in self.legs.values():
            leg.was_admitted = leg.was_admitted and self.stage_of(leg) is not Stage.WAITING
        admitted = [self.legs[standing.leg] for standing in standings if standing.stage is Stage.ADMITTED]
        for leg in admitted:
            leg.was_admitted = True
            for other in admitted:
                if other is not leg:
                    leg.slot_for(other.participant)

    def _open_until(self, moment: Moment) -> float:
        ends = self.listed.ends_at_ms if self.listed else None
        end = _NEVER if ends is None else moment.now + (ends - moment.at_ms) / 1_000
        return min(self.ledger.lease.until, end)

    def _note_lease(self, facts: Facts | None, moment: Moment) -> None:
        leased = facts is not None and facts.leased
        if self._leased and not leased and facts is not None and facts.state is RoomState.LIVE:
            self.record(EventKind.LEASE_LOST, moment, None)
        self._leased = leased

    def is_flowing(self, moment: Moment) -> bool:
        """Whether admitted people hear and see each other."""
        facts = self.facts(moment)
        return facts is not None and is_flowing(facts)

    def extend(self, moment: Moment) -> None:
        """Let what is permitted go on under a renewed lease."""
        if self.gate.open_until != float("-inf"):
            self.gate.open_until = self._open_until(moment)

    # ---- latches and events

    def latch_hold(
        self, kind: EventKind, moment: Moment, participant: str | None, **facts: str | int
    ) -> None:
        """Stop everybody's media now, under a fresh generation, and say so in an event of ``kind``."""
        generation = self.ledger.next_generation()
        self.latches.hold = self.ledger.latch(generation)
        self.settle(moment)
        self.record(kind, moment, participant, **facts, generation=generation)
        self.latches.hold = self.ledger.latch(generation)

    def record(self, kind: EventKind, moment: Moment, participant: str | None, **facts: str | int) -> None:
        """Tell the API, in order."""
        self.ledger.journal.record(
            kind, visit=self.visit, participant=participant, at_ms=moment.at_ms, facts=facts
        )

    # ---- time

    def watch(self, moment: Moment) -> None:
        """Notice what only time shows: silence, a lost supervisor, the end.  At least every 100 ms."""
        for leg in list(self.legs.values()):
            if leg.role is Role.SUPERVISOR:
                leg.presence.watch(leg.sent(), leg.flow(), moment.now)
            if moment.now - leg.seen_at >= SILENCE_SECONDS:
                self.drop(leg, EventKind.DISCONNECTED, moment, ended=False)
        self._note_silence(moment)
        if self._is_past_end(moment) and not self.is_over():
            self.record(EventKind.ENDED, moment, None, reason="time_over")
            self.close(moment)
        present = any(not leg.presence.is_missing(moment.now) for leg in self.watchers())
        leased = moment.now < self.ledger.lease.until
        if present != self.supervisor_present or leased != self._leased:
            self.settle(moment)
        self._watch_supervisor(moment)

    def _note_silence(self, moment: Moment) -> None:
        silent = frozenset(leg.id for leg in self.legs.values() if leg.is_silent(moment.now))
        if silent != self._silent:
            self._silent = silent
            self.ledger.outbox.changed.add(self.visit)

    def _watch_supervisor(self, moment: Moment) -> None:
        if self.supervisor_present:
            if self._supervisor_missed:
                self._supervisor_missed = False
                self.record(EventKind.SUPERVISOR_RETURNED, moment, None)
        elif self._needs_supervisor() and self.latches.hold is None:
            self._supervisor_missed = True
            self.latch_hold(EventKind.SUPERVISOR_LOST, moment, None)

    def _needs_supervisor(self) -> bool:
        listed = self.listed
        if listed is None or self.is_over():
            return False
        return listed.state is RoomState.LIVE and listed.level is Level.SUPERVISED


def _is_void(issued_at_ms: int, person: Person) -> bool:
    """Whether a ticket of ``person`` that was issued then opens nothing any more."""
    return person.tickets_after_ms is not None and issued_at_ms <= person.tickets_after_ms
