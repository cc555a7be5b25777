"""The link that the relay dials: challenge, hello, room lists, leases, numbered events; values and text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, TypeVar

from contact_service.protocol.errors import UnknownMessage, WrongField
from contact_service.protocol.fields import BASE64, CODE, LARGEST, NAME, Fields, an_identifier, encode
from contact_service.protocol.rooms import RoomList, read_room_list

__all__ = [
    "LINK_LIMIT_BYTES",
    "Challenge",
    "Event",
    "EventKind",
    "FromApi",
    "FromRelay",
    "Hello",
    "Lease",
    "Renew",
    "Taken",
    "encode",
    "hello_bytes",
    "parse_from_api",
    "parse_from_relay",
]

LINK_LIMIT_BYTES = 4 * 1024 * 1024
_MOST_FACTS = 8


class EventKind(StrEnum):
    """What happened in a room, as the relay saw or made it."""

    JOINED = "joined"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    LEFT = "left"
    HELD = "held"
    MUTED = "muted"
    REMOVED = "removed"
    ENDED = "ended"
    BREAK_ASKED = "break_asked"
    WITHDRAWN = "withdrawn"
    SUPERVISOR_LOST = "supervisor_lost"
    SUPERVISOR_RETURNED = "supervisor_returned"
    LEASE_LOST = "lease_lost"
    REFUSED_STOP = "refused_stop"


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """API to relay, first frame: sign this nonce (base64)."""

    TYPE: ClassVar[str] = "challenge"
    nonce: str


@dataclass(frozen=True, kw_only=True)
class Hello:
    """Relay to API: who I am and which boot of me; ``signature`` is base64 Ed25519 over ``hello_bytes``."""

    TYPE: ClassVar[str] = "hello"
    relay: str
    boot: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class Renew:
    """Relay to API, every 500 ms: extend my lease."""

    TYPE: ClassVar[str] = "renew"
    nonce: str


@dataclass(frozen=True, kw_only=True)
class Lease:
    """API to relay: the echoed nonce of a renewal and the newest committed list version."""

    TYPE: ClassVar[str] = "lease"
    nonce: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Event:
    """Relay to API: it happened.  Unique by (relay, boot, number); numbers run from 1 without a gap."""

    TYPE: ClassVar[str] = "event"
    boot: str
    number: int
    visit: str
    participant: str | None
    kind: EventKind
    at_ms: int
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """API to relay: this event and all before it of that boot are committed."""

    TYPE: ClassVar[str] = "taken"
    boot: str
    number: int


T = TypeVar("T")
FromRelay = Hello | Renew | Event
FromApi = Challenge | RoomList | Lease | Taken


def hello_bytes(name: str, boot: str, nonce: str) -> bytes:
    """The bytes that a relay signs to prove its registered key."""
    return f"contact-service/relay-link/1\n{name}\n{boot}\n{nonce}".encode()


def parse_from_relay(text: str) -> FromRelay:
    """What a relay said; raise ``ProtocolError`` if it is not in PROTOCOL.md."""
    fields = Fields.of_text(text, limit=LINK_LIMIT_BYTES)
    return _choose(_FROM_RELAY, fields)(fields)


def parse_from_api(text: str) -> FromApi:
    """What the API said; raise ``ProtocolError`` if it is not in PROTOCOL.md."""
    fields = Fields.of_text(text, limit=LINK_LIMIT_BYTES)
    return _choose(_FROM_API, fields)(fields)


def _choose(readers: Mapping[str, Callable[[Fields], T]], fields: Fields) -> Callable[[Fields], T]:
    reader = readers.get(fields.text("type", limit=40))
    if reader is None:
        raise UnknownMessage
    return reader


def _hello(fields: Fields) -> Hello:
    hello = Hello(
        relay=fields.matching("relay", NAME),
        boot=fields.identifier("boot"),
        signature=fields.matching("signature", BASE64),
    )
    fields.end()
    return hello


def _renew(fields: Fields) -> Renew:
    renew = Renew(nonce=fields.matching("nonce", BASE64))
    fields.end()
    return renew


def _event(fields: Fields) -> Event:
    event = Event(
        boot=fields.identifier("boot"),
        number=fields.integer("number", least=1),
        visit=fields.identifier("visit"),
        participant=fields.maybe("participant", an_identifier),
        kind=fields.member("kind", EventKind),
        at_ms=fields.integer("at_ms"),
        facts=fields.value("facts", _facts),
    )
    fields.end()
    return event


def _facts(value: object) -> Mapping[str, str | int]:
    if not isinstance(value, dict) or len(value) > _MOST_FACTS:
        raise WrongField
    return {_code(name): _fact(fact) for name, fact in value.items()}


def _fact(value: object) -> str | int:
    if type(value) is int and 0 <= value <= LARGEST:
        return value
    return _code(value)


def _code(value: object) -> str:
    if not isinstance(value, str) or not CODE.fullmatch(value):
        raise WrongField
    return value


def _challenge(fields: Fields) -> Challenge:
    challenge = Challenge(nonce=fields.matching("nonce", BASE64))
    fields.end()
    return challenge


def _lease(fields: Fields) -> Lease:
    lease = Lease(nonce=fields.matching("nonce", BASE64), version=fields.integer("version"))
    fields.end()
    return lease


def _taken(fields: Fields) -> Taken:
    taken = Taken(boot=fields.identifier("boot"), number=fields.integer("number"))
    fields.end()
    return taken


_FROM_RELAY: dict[str, Callable[[Fields], FromRelay]] = {"hello": _hello, "renew": _renew, "event": _event}
_FROM_API: dict[str, Callable[[Fields], FromApi]] = {
    "challenge": _challenge,
    "rooms": read_room_list,
    "lease": _lease,
    "taken": _taken,
}
