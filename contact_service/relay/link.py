"""The relay's end of the link to the API: dial for ever, prove the key, take lists, renew the lease, report events."""

import asyncio
import base64
import logging
import secrets

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from contact_service.protocol.errors import ProtocolError
from contact_service.protocol.link import (
    LINK_LIMIT_BYTES,
    Challenge,
    FromApi,
    Hello,
    Lease,
    Renew,
    Taken,
    encode,
    hello_bytes,
    parse_from_api,
)
from contact_service.protocol.rooms import RoomList, TakenEvent
from contact_service.relay.relay import Relay

RENEW_SECONDS = 0.5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_DIAL_SECONDS = 2.0
_logger = logging.getLogger(__name__)


class Link:
    """Runs until cancelled; while it is down, the lease runs out and media stops."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._recorded = asyncio.Event()

    def recorded(self) -> None:
        """Note that an event waits."""
        self._recorded.set()

    async def run(self) -> None:
        """Keep the link up, dialling again at most 2 s after it was lost."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with connect(
                    self._relay.config.link_url,
                    max_size=LINK_LIMIT_BYTES,
                    compression=None,
                    open_timeout=_DIAL_SECONDS,
                    close_timeout=1,
                    proxy=None,
                    user_agent_header=None,
                ) as connection:
                    await self._greet(connection)
                    pause = _FIRST_PAUSE
                    await self._talk(connection)
            except (OSError, WebSocketException, TimeoutError, ProtocolError) as error:
                _logger.info("link is down", extra={"reason": type(error).__name__})
            self._relay.ledger.lease.disconnected()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _greet(self, connection: ClientConnection) -> None:
        challenge = parse_from_api(await _text(connection))
        if not isinstance(challenge, Challenge):
            raise ProtocolError
        config, boot = self._relay.config, self._relay.boot
        signature = config.key.sign(hello_bytes(config.name, boot, challenge.nonce))
        hello = Hello(relay=config.name, boot=boot, signature=base64.b64encode(signature).decode())
        await connection.send(encode(hello))

    async def _talk(self, connection: ClientConnection) -> None:
        work = [
            asyncio.create_task(self._listen(connection)),
            asyncio.create_task(self._renew(connection)),
            asyncio.create_task(self._report(connection)),
        ]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _listen(self, connection: ClientConnection) -> None:
        while True:
            self._take(parse_from_api(await _text(connection)))
            self._relay.carry_out()

    def _take(self, message: FromApi) -> None:
        relay = self._relay
        match message:
            case RoomList():
                relay.rooms.apply(message, relay.moment())
            case Lease():
                relay.rooms.renew(message, relay.moment())
            case Taken():
                relay.ledger.journal.taken(TakenEvent(boot=message.boot, number=message.number))
            case Challenge():
                raise ProtocolError

    async def _renew(self, connection: ClientConnection) -> None:
        while True:
            nonce = base64.b64encode(secrets.token_bytes(12)).decode()
            self._relay.ledger.lease.asked(nonce, self._relay.moment().now)
            await connection.send(encode(Renew(nonce=nonce)))
            await asyncio.sleep(RENEW_SECONDS)

    async def _report(self, connection: ClientConnection) -> None:
        reported = 0
        while True:
            self._recorded.clear()
            for event in self._relay.ledger.journal.waiting(after=reported):
                await connection.send(encode(event))
                reported = event.number
            await self._recorded.wait()


async def _text(connection: ClientConnection) -> str:
    frame = await connection.recv()
    if not isinstance(frame, str):
        raise ProtocolError
    return frame
