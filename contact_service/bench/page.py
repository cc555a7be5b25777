"""A participant's page without a browser: the signalling socket, and a media leg joined by it."""

import asyncio
from typing import TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from contact_service.bench.leg import MediaLeg
from contact_service.protocol.signal import (
    Answer,
    Ended,
    FromClient,
    Heartbeat,
    Join,
    Offer,
    RoomView,
    ToClient,
    Welcome,
    encode,
    parse_from_relay,
)

M = TypeVar("M", bound=ToClient)
ORIGIN = "http://localhost:8000"


class Page:
    """One participant in one room.  ``said`` is everything the relay said, in order."""

    def __init__(self, media: MediaLeg | None = None) -> None:
        self.media = media or MediaLeg()
        self.said: list[ToClient] = []
        self.leg = ""
        self.closed_with: int | None = None
        self._news = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, url: str, ticket: str, *, resume: bool = False, origin: str = ORIGIN) -> Welcome:
        """Open the socket and show ``ticket``; the relay's welcome."""
        self._socket = await connect(url, origin=Origin(origin), compression=None, proxy=None)
        self._tasks.append(asyncio.create_task(self._listen(self._socket)))
        await self.say(Join(ticket=ticket, resume=resume))
        welcome = await self.hear(Welcome)
        self.leg = welcome.leg
        return welcome

    async def offer(self) -> None:
        """Make the offer and connect media."""
        await self.say(Offer(sdp=self.media.open()))
        await self.media.connect((await self.hear(Answer)).sdp)

    def keep_awake(self) -> asyncio.Task[None]:
        """Send a heartbeat each second until the returned task is cancelled."""
        task = asyncio.create_task(self._beat())
        self._tasks.append(task)
        return task

    async def _beat(self) -> None:
        while True:
            await self.say(Heartbeat())
            await asyncio.sleep(1)

    async def say(self, message: FromClient) -> None:
        """Send ``message``."""
        assert self._socket is not None
        await self._socket.send(encode(message))

    async def hear(self, kind: type[M], *, after: int = 0, seconds: float = 5) -> M:
        """The first message of ``kind`` from position ``after`` on; raise ``TimeoutError`` if none comes."""
        async with asyncio.timeout(seconds), self._news:
            while True:
                for message in self.said[after:]:
                    if isinstance(message, kind):
                        return message
                await self._news.wait()

    async def until_state(self, state: str, *, seconds: float = 5) -> RoomView:
        """The first view from now on, or the last one, that shows ``state``."""
        async with asyncio.timeout(seconds), self._news:
            while (view := self.view()) is None or view.state != state:
                await self._news.wait()
            return view

    def view(self) -> RoomView | None:
        """The last view of the room."""
        return next((said for said in reversed(self.said) if isinstance(said, RoomView)), None)

    def was_ended(self) -> bool:
        """Whether the relay said that it is over."""
        return any(isinstance(said, Ended) for said in self.said)

    async def until_closed(self, *, seconds: float = 5) -> int | None:
        """The code with which the relay closed the socket."""
        async with asyncio.timeout(seconds), self._news:
            while self.closed_with is None:
                await self._news.wait()
            return self.closed_with

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                assert isinstance(frame, str)
                async with self._news:
                    self.said.append(parse_from_relay(frame))
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        async with self._news:
            self.closed_with = socket.close_code
            self._news.notify_all()

    async def hang_up(self) -> None:
        """Close the socket only; media goes on."""
        assert self._socket is not None
        await self._socket.close()

    async def close(self) -> None:
        """Close everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        await self.media.close()
