"""One visit at a running relay: people with real media legs, and the API's end of the link."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contact_service.bench.api import LinkApi
from contact_service.bench.leg import INTERFRAME, KEYFRAME, Got
from contact_service.bench.page import Page
from contact_service.bench.visit import Invented
from contact_service.protocol.rooms import ClearedLatch, Role, RoomState, Stage
from contact_service.protocol.signal import Refused
from contact_service.relay.relay import Relay

ADDRESS = "127.0.0.2"


class Scene:
    """One visit at a running relay."""

    def __init__(self, relay: Relay, api: LinkApi, url: str, ticket_key: Ed25519PrivateKey) -> None:
        self.relay, self.api, self.url = relay, api, url
        self.visit = Invented(ticket_key)
        self.pages: dict[str, Page] = {}
        self.got: dict[str, list[Got]] = {}
        self._talking: list[asyncio.Task[None]] = []

    async def publish(self) -> None:
        await self.api.publish(self.visit.room)

    async def come(self, name: str, role: Role) -> Page:
        """Join and connect; the heartbeat runs for the visit supervisor."""
        participant = self.visit.invite(role)
        await self.publish()
        return await self.join(name, participant)

    async def join(self, name: str, participant: str) -> Page:
        page = self.pages[name] = Page()
        self.got[name] = []
        page.media.on_rtp = self.got[name].append
        welcome = await page.join(self.url, self.visit.ticket(participant))
        if welcome.role is Role.SUPERVISOR:
            page.keep_awake()
        await page.offer()
        return page

    async def refusal_of(self, ticket: str) -> str:
        """The code with which joining by ``ticket`` is refused."""
        page = Page()
        joining = asyncio.create_task(page.join(self.url, ticket))
        try:
            await self.until(lambda: bool(page.said))
            refused = page.said[0]
            assert isinstance(refused, Refused)
            return refused.code
        finally:
            joining.cancel()
            await asyncio.gather(joining, return_exceptions=True)
            await page.close()

    def participant(self, name: str) -> str:
        return self.relay.rooms.by_visit[self.visit.room.visit].legs[self.pages[name].leg].participant

    async def place(self, name: str, stage: Stage) -> None:
        leg = None if stage is Stage.WAITING else self.pages[name].leg
        self.visit.place(self.participant(name), stage, leg)
        await self.publish()

    async def go(self, state: RoomState) -> None:
        self.visit.room = replace(self.visit.room, state=state)
        await self.publish()

    async def resume(self) -> None:
        """What an explicit resume makes of the list: live, naming the newest hold."""
        holds = [e for e in self.api.events if e.kind in ("held", "break_asked", "supervisor_lost")]
        cleared = ClearedLatch(boot=holds[-1].boot, generation=int(holds[-1].facts["generation"]))
        self.visit.room = replace(self.visit.room, state=RoomState.LIVE, cleared_hold=cleared)
        await self.publish()

    async def live(self) -> None:
        """Supervisor, father and child, all admitted, all sending, everything flowing."""
        await self.come("lena", Role.SUPERVISOR)
        await self.place("lena", Stage.ADMITTED)
        await self.come("emil", Role.FAMILY)
        await self.come("mia", Role.CHILD)
        self.talk("lena", "emil", "mia")
        await self.place("emil", Stage.ADMITTED)
        await self.place("mia", Stage.ADMITTED)
        await self.go(RoomState.LIVE)
        for page in self.pages.values():
            await page.until_state("live")
        await self.hears_all("lena", "emil", "mia")

    def talk(self, *names: str) -> None:
        for name in names:
            self._talking.append(asyncio.create_task(self._talk(name)))

    async def _talk(self, name: str) -> None:
        media, tick = self.pages[name].media, 0
        while True:
            media.send_audio(tick * 960, name.encode() * 20)
            media.send_video(tick * 1800, (INTERFRAME if tick % 10 else KEYFRAME) + name.encode() * 100)
            tick += 1
            await asyncio.sleep(0.02)

    def heard(self, name: str) -> set[tuple[str, str]]:
        """Whose sound and picture ``name`` got since ``forget``."""
        found = set()
        for other in self.pages:
            for packet in self.got[name]:
                if other.encode() * 2 in packet.packet:
                    found.add((other, "audio" if packet.payload_type == 111 else "video"))
        return found

    def forget(self) -> None:
        for packets in self.got.values():
            packets.clear()

    async def hears_all(self, *names: str, seconds: float = 3) -> None:
        """Wait until each of ``names`` gets sound and picture of each other."""
        await self.until(
            lambda: all(
                {other for other, _ in self.heard(name)} >= set(names) - {name}
                and len(self.heard(name)) >= 2 * len(names) - 2
                for name in names
            ),
            seconds=seconds,
        )

    async def until(self, holds: Callable[[], bool], *, seconds: float = 3) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110  what it waits for has no event
                await asyncio.sleep(0.02)

    async def quiet(self, seconds: float = 0.4) -> None:
        """Let what was already on its way arrive, then forget it and wait."""
        await asyncio.sleep(0.05)
        self.forget()
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        for page in self.pages.values():
            await page.close()
