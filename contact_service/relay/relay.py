"""One relay process from the inside: rooms, the port, legs coming and going, and what the core wants done."""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime

from contact_service import clock
from contact_service.relay.config import RelayConfig
from contact_service.relay.core.feedback import on_rtcp
from contact_service.relay.core.journal import Journal
from contact_service.relay.core.ledger import Ledger, Moment
from contact_service.relay.core.leg import Leg
from contact_service.relay.core.outbox import Closing
from contact_service.relay.core.reports import Wall
from contact_service.relay.core.rooms import Rooms
from contact_service.relay.errors import LegFailed, MalformedPacket, RequestRefused
from contact_service.relay.io.dtls import Dtls
from contact_service.relay.io.ice import Checks
from contact_service.relay.io.sdp import Credentials, Offer, agree, read_offer, write_answer
from contact_service.relay.io.udp import Port
from contact_service.relay.io.wire import Wire

TICK_SECONDS = 0.02
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watchers:
    """Who is told: views of a visit may have changed; a leg was closed; an event waits for the API."""

    changed: Callable[[str], None]
    closed: Callable[[Closing], None]
    recorded: Callable[[], None]


class Relay:
    """The only place where core and sockets meet.  Everything here runs on one event loop and never waits."""

    def __init__(self, config: RelayConfig) -> None:
        self.config = config
        self.boot = secrets.token_hex(16)
        self.booted_at_ms = _unix_ms(clock.utc_now())
        wall = Wall(clock.utc_now().timestamp() - time.monotonic())
        self.ledger = Ledger(Journal(self.boot), wall, random.SystemRandom())
        self.rooms = Rooms(self.ledger)
        self.port = Port(time.monotonic, self._on_rtcp)
        self.port_number = config.port
        self.watchers: Watchers | None = None
        self._recorded = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def moment(self) -> Moment:
        """This instant on both clocks."""
        return Moment(time.monotonic(), _unix_ms(clock.utc_now()))

    def open(self) -> None:
        """Listen for media and begin to tick."""
        self.port_number = self.port.open(self.config.bind, self.config.port)[1]
        self._start(self._tick())

    async def close(self) -> None:
        """Cut everybody and listen no more."""
        for leg in list(self.port.wires):
            self.rooms.lost(leg, self.moment())
        self.carry_out()
        await asyncio.sleep(0)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.port.close()

    def answer(self, leg: Leg, sdp: str) -> str:
        """Our answer to the one offer of ``leg``; raise ``OfferRefused`` or ``RequestRefused``."""
        if leg.lines is not None:
            raise RequestRefused("offer_twice")
        offer = read_offer(sdp)
        lines = agree(offer, self.ledger.random)
        wire = self._wire(leg, offer)
        leg.agree(lines, self.ledger.random)
        own = Credentials(
            ufrag=wire.checks.ufrag,
            password=wire.checks.password,
            fingerprint=wire.dtls.fingerprint,
            address=self.config.address,
            port=self.port_number,
        )
        self._start(self._secure(wire, offer))
        return write_answer(lines, own, self.ledger.random.getrandbits(62))

    def _wire(self, leg: Leg, offer: Offer) -> Wire:
        dtls = Dtls(lambda datagram: self.port.send_plain(wire, datagram))
        wire = Wire(leg, Checks(remote_ufrag=offer.ufrag, remote_password=offer.password), dtls)
        self.port.add(wire)
        return wire

    async def _secure(self, wire: Wire, offer: Offer) -> None:
        try:
            keys = await wire.dtls.handshake(offer.fingerprint)
        except LegFailed:
            _logger.info("handshake failed", extra={"leg": wire.leg.id})
            self._lost(wire.leg.id)
            return
        room = self.rooms.room_of(wire.leg.id)
        if room is None:
            return
        wire.secure(keys)
        wire.dtls.when_closed(lambda: self._lost(wire.leg.id))
        room.connected(wire.leg, self.moment())
        self.carry_out()

    def _lost(self, leg: str) -> None:
        self.rooms.lost(leg, self.moment())
        self.carry_out()

    def _on_rtcp(self, wire: Wire, packet: bytes, now: float) -> None:
        room = self.rooms.room_of(wire.leg.id)
        if room is None:
            return
        try:
            on_rtcp(room, wire.leg, packet, now)
        except MalformedPacket:
            self.port.counters.refused += 1
        self._send()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.rooms.tick(self.moment())
            self.carry_out()

    def carry_out(self) -> None:
        """Do what the core wants done; to be called after every call into it."""
        self._send()
        outbox = self.ledger.outbox
        changed, closings = outbox.changed, outbox.closings
        outbox.changed, outbox.closings = set(), []
        for closing in closings:
            self._close_wire(closing.leg)
            self.rooms.forget(closing.leg)
        if self.watchers is None:
            return
        for visit in changed:
            self.watchers.changed(visit)
        for closing in closings:
            self.watchers.closed(closing)
        if self.ledger.journal.number != self._recorded:
            self._recorded = self.ledger.journal.number
            self.watchers.recorded()

    def _send(self) -> None:
        outbox = self.ledger.outbox
        if outbox.rtp:
            sendings, outbox.rtp = outbox.rtp, []
            self.port.send_rtp(sendings)
        if outbox.rtcp:
            sendings, outbox.rtcp = outbox.rtcp, []
            self.port.send_rtcp(sendings)

    def _close_wire(self, leg: str) -> None:
        wire = self.port.remove(leg)
        if wire is not None:
            wire.inbound = wire.outbound = None
            self._start(wire.dtls.close())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _unix_ms(at: datetime) -> int:
    return int(at.timestamp() * 1_000)
