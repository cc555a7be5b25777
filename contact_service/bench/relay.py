"""What the relay costs: real DTLS-SRTP legs with the reference traffic against a relay process.

CPU is read from /proc for the server process alone.  Latency is measured from just before a packet is protected
until the same process has opened it again, so it holds the bench's own queues as well.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contact_service.bench.api import LinkApi
from contact_service.bench.figures import Figures, cpu_per_packet, latency, table
from contact_service.bench.leg import Got, MediaLeg
from contact_service.bench.page import Page
from contact_service.bench.peer_mediarelay import measure_peer
from contact_service.bench.processes import RelayKeys, Spawned, relay_process
from contact_service.bench.traffic import send_for
from contact_service.bench.visit import Invented, age_ms
from contact_service.protocol.rooms import Role, RoomState, Stage

SAMPLE_EVERY = 16
WARM_UP_SECONDS = 2.0
_SETTLE_SECONDS = 0.4
_FEWEST, _MOST_PEOPLE, _MOST_VISITS, _LONGEST_SECONDS = 2, 6, 200, 3_600


def run(*, visits: int, people: int, seconds: float, peer: str | None, json_output: bool) -> int:
    """Measure, print a table or JSON, and return the exit status: 0, or 2 for arguments out of range."""
    wrong = _wrong(visits, people, seconds, peer)
    if wrong:
        print(wrong)
        return 2
    figures = uvloop.run(measure(visits, people, seconds))
    peers = uvloop.run(measure_peer(people, seconds)) if peer else None
    if json_output:
        print(json.dumps(figures.as_json() | ({"peer": peers.as_json()} if peers else {})))
    else:
        print(table({"relay": figures} | ({"mediarelay": peers} if peers else {})))
    return 0


def _wrong(visits: int, people: int, seconds: float, peer: str | None) -> str | None:
    if not 1 <= visits <= _MOST_VISITS:
        return f"--visits is from 1 to {_MOST_VISITS}."
    if not _FEWEST <= people <= _MOST_PEOPLE:
        return f"--people is from {_FEWEST} to {_MOST_PEOPLE}."
    if not 1 <= seconds <= _LONGEST_SECONDS:
        return f"--seconds is from 1 to {_LONGEST_SECONDS}."
    return None if peer in (None, "mediarelay") else "--peer is mediarelay."


async def measure(visits: int, people: int, seconds: float) -> Figures:
    """The figures of ``visits`` visits of ``people`` people each, sending for ``seconds`` after a warm-up."""
    relay_key, ticket_key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    api = LinkApi(relay_key.public_key())
    keys = RelayKeys(relay=relay_key.private_bytes_raw(), tickets=ticket_key.public_key().public_bytes_raw())
    try:
        async with Spawned(relay_process, await api.listen(), keys) as server:
            await api.until_linked()
            pages = await _fill(api, server, ticket_key, visits=visits, people=people)
            try:
                return await _measure(server, pages, visits=visits, people=people, seconds=seconds)
            finally:
                await asyncio.gather(*(page.close() for page in pages))
    finally:
        await api.close()


async def _fill(
    api: LinkApi, server: Spawned, ticket_key: Ed25519PrivateKey, *, visits: int, people: int
) -> list[Page]:
    """Everybody joined and admitted, every visit live."""
    url = f"ws://127.0.0.1:{server.ports[1]}/signal/relay-1"
    invented = [Invented(ticket_key) for _ in range(visits)]
    pages = []
    for visit in invented:
        roles = [Role.SUPERVISOR, Role.CHILD, *[Role.FAMILY] * (people - 2)]
        participants = [visit.invite(role) for role in roles]
        await api.publish(*(other.room for other in invented))
        for participant in participants:
            page = Page()
            await page.join(url, visit.ticket(participant))
            page.keep_awake()
            await page.offer()
            visit.place(participant, Stage.ADMITTED, page.leg)
            pages.append(page)
    for visit in invented:
        visit.room = replace(visit.room, state=RoomState.LIVE)
    await api.publish(*(visit.room for visit in invented))
    await asyncio.gather(*(page.until_state("live", seconds=10) for page in pages))
    return pages


async def _measure(
    server: Spawned, pages: list[Page], *, visits: int, people: int, seconds: float
) -> Figures:
    legs = [page.media for page in pages]
    await send_for(legs, WARM_UP_SECONDS)
    await asyncio.sleep(_SETTLE_SECONDS)
    received, cpu = _received(legs), server.cpu_seconds()
    with _ages(legs) as ages:
        sent = await send_for(legs, seconds)
        await asyncio.sleep(_SETTLE_SECONDS)
    forwarded, used = _received(legs) - received, server.cpu_seconds() - cpu
    return Figures(
        visits=visits,
        people=people,
        packets_in=sent,
        packets_forwarded=forwarded,
        packets_lost=sent * (people - 1) - forwarded,
        cpu_us_per_forwarded_packet=cpu_per_packet(used, forwarded),
        added_latency_ms=latency(ages),
        rss_mb=round(server.rss_mb(), 1),
    )


def _received(legs: list[MediaLeg]) -> int:
    return sum(leg.received for leg in legs)


@contextmanager
def _ages(legs: list[MediaLeg]) -> Iterator[list[float]]:
    ages: list[float] = []

    def note(got: Got) -> None:
        ages.append(age_ms(got.packet))

    for leg in legs:
        leg.sample_every, leg.on_rtp = SAMPLE_EVERY, note
    yield ages
    for leg in legs:
        leg.on_rtp = None
