"""The list of rooms that the API hands to a relay: complete, versioned, one snapshot of what is permitted.

A relay adds its own latches to this; nothing here opens what a latch holds shut unless it names the latch.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from contact_service.protocol.fields import IDENTIFIER, Fields, an_identifier, an_integer

MOST_ROOMS = 2_000
MOST_PEOPLE = 12


class Role(StrEnum):
    """As whom somebody takes part.  A caregiver's link is one leg with the role child."""

    FAMILY = "family"
    CHILD = "child"
    SUPERVISOR = "supervisor"


class Level(StrEnum):
    """How closely the visit is watched."""

    SUPERVISED = "supervised"
    MONITORED = "monitored"
    SUPPORTED = "supported"
    UNSUPERVISED = "unsupervised"


class RoomState(StrEnum):
    """What the room does as a whole."""

    WAITING = "waiting"
    LIVE = "live"
    HELD = "held"
    ENDED = "ended"


class Stage(StrEnum):
    """How far one participant has come."""

    WAITING = "waiting"
    PRIVATE = "private"
    ADMITTED = "admitted"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class ClearedLatch:
    """The latch of one relay boot that an explicit act of a visit supervisor cleared."""

    boot: str
    generation: int


@dataclass(frozen=True, kw_only=True)
class TakenEvent:
    """The last event of one relay boot that the API has taken in; all before it are in as well."""

    boot: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Person:
    """One participant of a room.  ``leg`` is the only leg that the stage holds for; a fresh leg waits.

    ``tickets_after_ms``: a sign-in of theirs ended then, and a ticket issued by then opens nothing (Unix milliseconds).
    ``unseen``: takes part with the camera off, because that is what they agreed to; no picture of theirs is forwarded.
    """

    participant: str
    role: Role
    stage: Stage
    leg: str | None = None
    muted: bool = False
    unseen: bool = False
    cleared_mute: ClearedLatch | None = None
    tickets_after_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class Room:
    """One visit: who may be heard and seen, until ``ends_at_ms`` (Unix milliseconds, end excluded)."""

    visit: str
    level: Level
    state: RoomState
    people: tuple[Person, ...]
    ends_at_ms: int | None = None
    cleared_hold: ClearedLatch | None = None


@dataclass(frozen=True, kw_only=True)
class RoomList:
    """Every room of one relay at one version; a room that is not listed is closed."""

    TYPE: ClassVar[str] = "rooms"

    epoch: str
    version: int
    rooms: tuple[Room, ...]
    taken: TakenEvent | None = None


def read_room_list(fields: Fields) -> RoomList:
    """The list in ``fields``, whose ``type`` was read already; raise ``ProtocolError`` if it is not one."""
    found = RoomList(
        epoch=fields.identifier("epoch"),
        version=fields.integer("version"),
        taken=fields.maybe("taken", _taken),
        rooms=fields.each("rooms", _room, most=MOST_ROOMS),
    )
    fields.end()
    return found


def _room(value: object) -> Room:
    fields = Fields(value)
    room = Room(
        visit=fields.identifier("visit"),
        level=fields.member("level", Level),
        state=fields.member("state", RoomState),
        ends_at_ms=fields.maybe("ends_at_ms", an_integer),
        cleared_hold=fields.maybe("cleared_hold", _cleared),
        people=fields.each("people", _person, most=MOST_PEOPLE),
    )
    fields.end()
    return room


def _person(value: object) -> Person:
    fields = Fields(value)
    person = Person(
        participant=fields.identifier("participant"),
        role=fields.member("role", Role),
        stage=fields.member("stage", Stage),
        leg=fields.maybe("leg", an_identifier),
        muted=fields.flag("muted"),
        unseen=fields.flag("unseen"),
        tickets_after_ms=fields.maybe("tickets_after_ms", an_integer),
        cleared_mute=fields.maybe("cleared_mute", _cleared),
    )
    fields.end()
    return person


def _cleared(value: object) -> ClearedLatch:
    fields = Fields(value)
    cleared = ClearedLatch(boot=fields.matching("boot", IDENTIFIER), generation=fields.integer("generation"))
    fields.end()
    return cleared


def _taken(value: object) -> TakenEvent:
    fields = Fields(value)
    taken = TakenEvent(boot=fields.matching("boot", IDENTIFIER), number=fields.integer("number"))
    fields.end()
    return taken
