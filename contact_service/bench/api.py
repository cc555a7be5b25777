"""The API's end of the relay link, without families: a list of rooms that somebody sets, leases, events taken in."""

import asyncio
import base64
import secrets
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from contact_service.protocol.link import (
    Challenge,
    Event,
    Hello,
    Lease,
    Renew,
    Taken,
    encode,
    hello_bytes,
    parse_from_relay,
)
from contact_service.protocol.rooms import Room, RoomList, TakenEvent


class LinkApi:
    """Serves one relay.  ``leasing`` false: renewals go unanswered."""

    def __init__(self, relay_key: Ed25519PublicKey) -> None:
        self._key = relay_key
        self.listing = RoomList(epoch=secrets.token_hex(8), version=0, rooms=())
        self.events: list[Event] = []
        self.leasing = self.taking = True
        self.connections: set[ServerConnection] = set()
        self._news = asyncio.Condition()
        self._server: Server | None = None

    async def listen(self) -> str:
        """Listen on a free port; the address that the relay dials."""
        self._server = await serve(self._serve, "127.0.0.1", 0, compression=None, max_size=1 << 20)
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}/link"

    async def close(self) -> None:
        """Hang up and listen no more."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def publish(self, *rooms: Room) -> None:
        """Commit ``rooms`` as the next version and send it."""
        taken = TakenEvent(boot=self.events[-1].boot, number=self.events[-1].number) if self.events else None
        self.listing = replace(self.listing, version=self.listing.version + 1, rooms=rooms, taken=taken)
        await self.send(self.listing)

    async def send(self, listing: RoomList) -> None:
        """Send ``listing`` as it stands, however old."""
        for connection in list(self.connections):
            await connection.send(encode(listing))

    async def until_event(self, kind: str, *, after: int = 0, seconds: float = 5) -> Event:
        """The first event of ``kind`` from position ``after`` on."""
        async with asyncio.timeout(seconds), self._news:
            while True:
                for event in self.events[after:]:
                    if event.kind == kind:
                        return event
                await self._news.wait()

    async def until_linked(self, *, seconds: float = 5) -> None:
        """Return when a relay has said hello."""
        async with asyncio.timeout(seconds), self._news:
            while not self.connections:
                await self._news.wait()

    async def _serve(self, connection: ServerConnection) -> None:
        try:
            nonce = base64.b64encode(secrets.token_bytes(16)).decode()
            await connection.send(encode(Challenge(nonce=nonce)))
            hello = parse_from_relay(str(await connection.recv()))
            assert isinstance(hello, Hello)
            self._key.verify(base64.b64decode(hello.signature), hello_bytes(hello.relay, hello.boot, nonce))
            await connection.send(encode(self.listing))
            self.connections.add(connection)
            async with self._news:
                self._news.notify_all()
            async for frame in connection:
                await self._hear(connection, str(frame))
        except ConnectionClosed:
            pass
        finally:
            self.connections.discard(connection)

    async def _hear(self, connection: ServerConnection, frame: str) -> None:
        match parse_from_relay(frame):
            case Renew(nonce=nonce) if self.leasing:
                await connection.send(encode(Lease(nonce=nonce, version=self.listing.version)))
            case Event() as event if self.taking:
                async with self._news:
                    if not self.events or event.number > self.events[-1].number:
                        self.events.append(event)
                    self._news.notify_all()
                await connection.send(encode(Taken(boot=event.boot, number=event.number)))
            case _:
                pass
