"""Tickets and rooms for people who do not exist: what a bench or a test needs to fill a relay."""

import secrets
import time
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contact_service import clock
from contact_service.protocol.rooms import Level, Person, Role, Room, RoomState, Stage
from contact_service.protocol.ticket import LIFETIME_MS, Ticket, sign


def unix_ms() -> int:
    """The present instant in Unix milliseconds."""
    return int(clock.utc_now().timestamp() * 1_000)


@dataclass
class Invented:
    """One visit of people who do not exist, as the API would list it."""

    ticket_key: Ed25519PrivateKey
    relay: str = "relay-1"
    room: Room = field(
        default_factory=lambda: Room(
            visit=secrets.token_hex(16), level=Level.SUPERVISED, state=RoomState.WAITING, people=()
        )
    )

    def invite(self, role: Role) -> str:
        """A new participant, waiting; their identifier."""
        participant = secrets.token_hex(16)
        person = Person(participant=participant, role=role, stage=Stage.WAITING)
        self.room = replace(self.room, people=(*self.room.people, person))
        return participant

    def person(self, participant: str) -> Person:
        """How ``participant`` is listed."""
        return next(person for person in self.room.people if person.participant == participant)

    def put(self, person: Person) -> None:
        """List ``person`` in place of what was listed of that participant."""
        people = (person if old.participant == person.participant else old for old in self.room.people)
        self.room = replace(self.room, people=tuple(people))

    def place(self, participant: str, stage: Stage, leg: str | None) -> None:
        """Give ``participant`` a stage for one leg."""
        self.put(replace(self.person(participant), stage=stage, leg=leg))

    def ticket(self, participant: str) -> str:
        """A fresh ticket for ``participant``."""
        now = unix_ms()
        ticket = Ticket(
            relay=self.relay,
            visit=self.room.visit,
            participant=participant,
            role=self.person(participant).role,
            generation=1,
            issued_at_ms=now,
            not_before_ms=now,
            expires_at_ms=now + LIFETIME_MS,
            id=secrets.token_hex(16),
        )
        return sign(ticket, self.ticket_key)


def stamp() -> bytes:
    """This instant as eight octets that ``age_ms`` reads in the same process."""
    return time.perf_counter_ns().to_bytes(8, "big")


def age_ms(packet: bytes) -> float:
    """Milliseconds since the ``stamp`` at the end of ``packet`` was made."""
    return (time.perf_counter_ns() - int.from_bytes(packet[-8:], "big")) / 1_000_000
