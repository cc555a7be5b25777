"""Signalling sockets: a ticket lets one in; offers and stops come down, views go up (PROTOCOL.md section 2)."""

import asyncio
import logging
import secrets
from dataclasses import dataclass, field

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from contact_service.protocol.errors import ProtocolError, TicketRefused
from contact_service.protocol.rooms import Role
from contact_service.protocol.signal import (
    SIGNAL_LIMIT_BYTES,
    Answer,
    Done,
    Ended,
    FromClient,
    Heartbeat,
    Join,
    Offer,
    People,
    Refused,
    RoomView,
    ToClient,
    Welcome,
    encode,
    parse_from_client,
)
from contact_service.protocol.ticket import Ticket, open_ticket
from contact_service.relay.core.leg import Identity, Leg
from contact_service.relay.core.outbox import Closing
from contact_service.relay.core.requests import Stop, carry_out
from contact_service.relay.core.views import people_view, room_view
from contact_service.relay.errors import OfferRefused, RequestRefused
from contact_service.relay.relay import Relay

JOIN_SECONDS = 5.0
MESSAGES_PER_SECOND = 20
MOST_SOCKETS = 2
_MOST_UNSENT = 64
_PING_SECONDS = 10
_CLOSE_SECONDS = 1
_logger = logging.getLogger(__name__)
_Goodbye = tuple[int, str]


@dataclass(eq=False)
class _Socket:
    """One signalling socket.  Messages wait in ``unsent`` for its writer; a pair is the close code and reason."""

    connection: ServerConnection
    unsent: asyncio.Queue[ToClient | _Goodbye] = field(default_factory=lambda: asyncio.Queue(_MOST_UNSENT))
    leg: str | None = None
    participant: str = ""
    visit: str = ""
    view: RoomView | None = None
    people: People | None = None
    allowance: float = MESSAGES_PER_SECOND
    allowed_at: float = 0.0

    def say(self, message: ToClient | _Goodbye) -> None:
        """Queue ``message``; a page that does not read loses its socket."""
        try:
            self.unsent.put_nowait(message)
        except asyncio.QueueFull:
            self.connection.transport.abort()

    def may_speak(self, now: float) -> bool:
        """Whether this frame is within 20 in a second."""
        earned = (now - self.allowed_at) * MESSAGES_PER_SECOND
        self.allowance = min(MESSAGES_PER_SECOND, self.allowance + earned) - 1
        self.allowed_at = now
        return self.allowance >= 0


class Admission:
    """Opens legs by ticket and carries what is said on their sockets."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._sockets: dict[str, list[_Socket]] = {}
        self._by_visit: dict[str, set[_Socket]] = {}
        self._used: dict[str, int] = {}

    async def listen(self) -> Server:
        """Listen for browsers on the configured address."""
        config = self._relay.config
        return await serve(
            self._serve,
            config.signal_host,
            config.signal_port,
            origins=list(config.origins),  # type: ignore[arg-type]  # websockets has its own name for str
            process_request=self._only_our_path,
            max_size=SIGNAL_LIMIT_BYTES,
            compression=None,
            ping_interval=_PING_SECONDS,
            ping_timeout=_PING_SECONDS,
            close_timeout=_CLOSE_SECONDS,
            server_header=None,
        )

    def _only_our_path(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == f"/signal/{self._relay.config.name}":
            return None
        return connection.respond(404, "Not found.\n")

    async def _serve(self, connection: ServerConnection) -> None:
        socket = _Socket(connection)
        writer = asyncio.create_task(self._write(socket))
        try:
            async with asyncio.timeout(JOIN_SECONDS) as patience:
                async for frame in connection:
                    if not self._hear(socket, frame):
                        await connection.close(1008)
                        break
                    if socket.leg is not None:
                        patience.reschedule(None)
        except TimeoutError:
            await connection.close(1008)
        except ConnectionClosed:
            pass
        finally:
            self._gone(socket)
            writer.cancel()

    async def _write(self, socket: _Socket) -> None:
        try:
            while True:
                message = await socket.unsent.get()
                if isinstance(message, tuple):
                    await socket.connection.close(*message)
                    return
                await socket.connection.send(encode(message))
        except ConnectionClosed:
            return

    # ---- in

    def _hear(self, socket: _Socket, frame: str | bytes) -> bool:
        """Act on one frame; False if it was one too many."""
        if not socket.may_speak(self._relay.moment().now):
            return False
        number: int | None = None
        try:
            message = parse_from_client(frame if isinstance(frame, str) else "")
            number = getattr(message, "id", None)
            self._act(socket, message)
        except (ProtocolError, OfferRefused, RequestRefused) as refused:
            text = str(refused).strip()
            socket.say(Refused(id=number, code=refused.code, message=text[:500]))
        self._relay.carry_out()
        return True

    def _act(self, socket: _Socket, message: FromClient) -> None:
        if isinstance(message, Join):
            self._join(socket, message)
            return
        leg = self._leg(socket)
        match message:
            case Heartbeat():
                leg.presence.heard(self._relay.moment().now)
            case Offer(sdp=sdp):
                socket.say(Answer(sdp=self._relay.answer(leg, sdp)))
                self._refresh_one(socket)
            case _:
                self._stop(socket, leg, message)

    def _leg(self, socket: _Socket) -> Leg:
        room = self._relay.rooms.room_of(socket.leg or "")
        if room is None or socket.leg is None:
            raise RequestRefused("not_joined")
        return room.legs[socket.leg]

    def _stop(self, socket: _Socket, leg: Leg, stop: Stop) -> None:
        room = self._relay.rooms.room_of(leg.id)
        assert room is not None
        carry_out(room, leg, stop, self._relay.moment())
        socket.say(Done(id=stop.id))

    # ---- joining

    def _join(self, socket: _Socket, message: Join) -> None:
        if socket.leg is not None:
            raise RequestRefused("joined_already")
        ticket = self._redeem(message.ticket)
        leg, resumed = self._open(ticket, resume=message.resume)
        socket.leg, socket.participant, socket.visit = leg.id, leg.participant, ticket.visit
        self._seat(socket)
        socket.say(Welcome(participant=leg.participant, role=leg.role, leg=leg.id, resumed=resumed))
        self._refresh_one(socket)

    def _redeem(self, text: str) -> Ticket:
        now_ms = self._relay.moment().at_ms
        config = self._relay.config
        ticket = open_ticket(
            text,
            config.ticket_key,
            relay=config.name,
            booted_at_ms=self._relay.booted_at_ms,
            now_ms=now_ms,
        )
        self._used = {used: until for used, until in self._used.items() if until > now_ms}
        if ticket.id in self._used:
            raise TicketRefused("used")
        self._used[ticket.id] = ticket.expires_at_ms
        return ticket

    def _open(self, ticket: Ticket, *, resume: bool) -> tuple[Leg, bool]:
        rooms = self._relay.rooms
        identity = Identity(
            leg=secrets.token_hex(16),
            participant=ticket.participant,
            role=ticket.role,
            issued_at_ms=ticket.issued_at_ms,
        )
        if resume:
            living = rooms.resume(ticket.visit, identity, ticket.generation)
            if living is not None:
                return living, True
        return rooms.join(ticket.visit, identity, ticket.generation, self._relay.moment()), False

    def _seat(self, socket: _Socket) -> None:
        assert socket.leg is not None
        self._by_visit.setdefault(socket.visit, set()).add(socket)
        same = self._sockets.setdefault(socket.leg, [])
        same.append(socket)
        if len(same) > MOST_SOCKETS:
            same.pop(0).say((1008, "opened elsewhere"))

    def _gone(self, socket: _Socket) -> None:
        same = self._sockets.get(socket.leg or "", [])
        if socket in same:
            same.remove(socket)
        if not same:
            self._sockets.pop(socket.leg or "", None)
        here = self._by_visit.get(socket.visit, set())
        here.discard(socket)
        if not here:
            self._by_visit.pop(socket.visit, None)

    # ---- out

    def changed(self, visit: str) -> None:
        """Show everybody in ``visit`` what is new to them."""
        for socket in self._by_visit.get(visit, ()):
            self._refresh_one(socket)

    def _refresh_one(self, socket: _Socket) -> None:
        room = self._relay.rooms.room_of(socket.leg or "")
        if room is None or socket.leg is None:
            return
        leg, moment = room.legs[socket.leg], self._relay.moment()
        view = room_view(room, leg, moment)
        if view != socket.view:
            socket.view = view
            socket.say(view)
        if leg.role is Role.SUPERVISOR and not room.is_stranger(leg):
            people = people_view(room, moment)
            if people != socket.people:
                socket.people = people
                socket.say(people)

    def closed(self, closing: Closing) -> None:
        """Say goodbye on every socket of a leg that was closed."""
        for socket in self._sockets.pop(closing.leg, []):
            if closing.ended:
                socket.say(Ended())
                socket.say((1000, ""))
            else:
                socket.say((1001, "join again"))
