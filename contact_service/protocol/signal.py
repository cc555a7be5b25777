"""What a browser and the relay say to each other on the signalling socket.  Pure values and their text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from contact_service.protocol.errors import UnknownMessage
from contact_service.protocol.fields import Fields, an_integer, encode
from contact_service.protocol.rooms import Role, RoomState, Stage

__all__ = [
    "SIGNAL_LIMIT_BYTES",
    "SLOTS",
    "Answer",
    "Break",
    "Done",
    "End",
    "Ended",
    "FromClient",
    "Heartbeat",
    "Hold",
    "Join",
    "Leave",
    "Mute",
    "Offer",
    "People",
    "PersonView",
    "Refused",
    "Remove",
    "RoomView",
    "SlotView",
    "ToClient",
    "Welcome",
    "Withdraw",
    "encode",
    "parse_from_client",
    "parse_from_relay",
]

SIGNAL_LIMIT_BYTES = 64 * 1024
SLOTS = 5
"""Pairs of receive lines in every offer, whatever the number of people."""
_MOST_PEOPLE = 24


@dataclass(frozen=True, kw_only=True)
class Join:
    """First message.  ``resume`` asks for the participant's living leg instead of a new one."""

    TYPE: ClassVar[str] = "join"
    ticket: str
    resume: bool


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The one session description of this leg (RFC 8866)."""

    TYPE: ClassVar[str] = "offer"
    sdp: str


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """The page is awake; each second from the visit supervisor's page."""

    TYPE: ClassVar[str] = "heartbeat"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Visit supervisor: nothing flows until an explicit resume."""

    TYPE: ClassVar[str] = "hold"
    id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Mute:
    """Visit supervisor: nobody hears this participant."""

    TYPE: ClassVar[str] = "mute"
    id: int
    participant: str


@dataclass(frozen=True, kw_only=True)
class Remove:
    """Visit supervisor: this participant is out of this visit."""

    TYPE: ClassVar[str] = "remove"
    id: int
    participant: str


@dataclass(frozen=True, kw_only=True)
class End:
    """Visit supervisor: the visit is over."""

    TYPE: ClassVar[str] = "end"
    id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Break:
    """Anybody in the room: I need a break; everyone is held."""

    TYPE: ClassVar[str] = "break"
    id: int


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Anybody: I go."""

    TYPE: ClassVar[str] = "leave"
    id: int


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    """Anybody: I take my consent back.  That of the last child ends the visit."""

    TYPE: ClassVar[str] = "withdraw"
    id: int


@dataclass(frozen=True, kw_only=True)
class Welcome:
    """The ticket was good; this is your leg."""

    TYPE: ClassVar[str] = "welcome"
    participant: str
    role: Role
    leg: str
    resumed: bool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The relay's session description."""

    TYPE: ClassVar[str] = "answer"
    sdp: str


@dataclass(frozen=True, kw_only=True)
class SlotView:
    """Who is in a receive slot."""

    participant: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class RoomView:
    """The room as this participant may know it.  Slot k is the k-th pair of receive lines."""

    TYPE: ClassVar[str] = "room"
    state: RoomState
    stage: Stage
    muted: bool
    slots: tuple[SlotView | None, ...]
    supervisor_here: bool
    ends_at_ms: int | None


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """One participant as the visit supervisor sees them."""

    participant: str
    role: Role
    stage: Stage
    connected: bool
    muted: bool
    asked_break: bool


@dataclass(frozen=True, kw_only=True)
class People:
    """Visit supervisor only: everybody who is listed or has a leg."""

    TYPE: ClassVar[str] = "people"
    people: tuple[PersonView, ...]


@dataclass(frozen=True, kw_only=True)
class Done:
    """Request ``id`` is carried out: not one packet that it forbids is sent from now on."""

    TYPE: ClassVar[str] = "done"
    id: int


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Request ``id`` (None: the frame had none) is refused; nothing changed."""

    TYPE: ClassVar[str] = "refused"
    id: int | None
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Ended:
    """It is over for this participant; the socket closes with 1000.  The same words whatever the cause."""

    TYPE: ClassVar[str] = "ended"


T = TypeVar("T")
FromClient = Join | Offer | Heartbeat | Hold | Mute | Remove | End | Break | Leave | Withdraw
ToClient = Welcome | Answer | RoomView | People | Done | Refused | Ended


def parse_from_client(text: str) -> FromClient:
    """What a browser said; raise ``ProtocolError`` if it is not in PROTOCOL.md."""
    return _parse(_FROM_CLIENT, text)


def parse_from_relay(text: str) -> ToClient:
    """What the relay said; raise ``ProtocolError`` if it is not in PROTOCOL.md."""
    return _parse(_TO_CLIENT, text)


def _parse(readers: Mapping[str, Callable[[Fields], T]], text: str) -> T:
    fields = Fields.of_text(text, limit=SIGNAL_LIMIT_BYTES)
    reader = readers.get(fields.text("type", limit=40))
    if reader is None:
        raise UnknownMessage
    message = reader(fields)
    fields.end()
    return message


def _welcome(fields: Fields) -> Welcome:
    return Welcome(
        participant=fields.identifier("participant"),
        role=fields.member("role", Role),
        leg=fields.identifier("leg"),
        resumed=fields.flag("resumed"),
    )


def _room(fields: Fields) -> RoomView:
    return RoomView(
        state=fields.member("state", RoomState),
        stage=fields.member("stage", Stage),
        muted=fields.flag("muted"),
        slots=fields.each("slots", _slot, most=SLOTS),
        supervisor_here=fields.flag("supervisor_here"),
        ends_at_ms=fields.maybe("ends_at_ms", an_integer),
    )


def _slot(value: object) -> SlotView | None:
    if value is None:
        return None
    fields = Fields(value)
    slot = SlotView(participant=fields.identifier("participant"), role=fields.member("role", Role))
    fields.end()
    return slot


def _person(value: object) -> PersonView:
    fields = Fields(value)
    person = PersonView(
        participant=fields.identifier("participant"),
        role=fields.member("role", Role),
        stage=fields.member("stage", Stage),
        connected=fields.flag("connected"),
        muted=fields.flag("muted"),
        asked_break=fields.flag("asked_break"),
    )
    fields.end()
    return person


def _refused(fields: Fields) -> Refused:
    return Refused(
        id=fields.maybe("id", an_integer), code=fields.code("code"), message=fields.text("message", limit=500)
    )


_FROM_CLIENT: dict[str, Callable[[Fields], FromClient]] = {
    "join": lambda f: Join(ticket=f.text("ticket", limit=4_096), resume=f.flag("resume")),
    "offer": lambda f: Offer(sdp=f.text("sdp", limit=SIGNAL_LIMIT_BYTES)),
    "heartbeat": lambda _: Heartbeat(),
    "hold": lambda f: Hold(id=f.integer("id"), reason=f.code("reason")),
    "mute": lambda f: Mute(id=f.integer("id"), participant=f.identifier("participant")),
    "remove": lambda f: Remove(id=f.integer("id"), participant=f.identifier("participant")),
    "end": lambda f: End(id=f.integer("id"), reason=f.code("reason")),
    "break": lambda f: Break(id=f.integer("id")),
    "leave": lambda f: Leave(id=f.integer("id")),
    "withdraw": lambda f: Withdraw(id=f.integer("id")),
}
_TO_CLIENT: dict[str, Callable[[Fields], ToClient]] = {
    "welcome": _welcome,
    "answer": lambda f: Answer(sdp=f.text("sdp", limit=SIGNAL_LIMIT_BYTES)),
    "room": _room,
    "people": lambda f: People(people=f.each("people", _person, most=_MOST_PEOPLE)),
    "done": lambda f: Done(id=f.integer("id")),
    "refused": _refused,
    "ended": lambda _: Ended(),
}
