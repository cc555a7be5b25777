"""The link: proof of the key, events that survive a break, and a relay that keeps dialling."""

import asyncio

from contact_service.protocol.rooms import Role
from tests.relay.scene import Scene


async def test_events_that_were_not_acknowledged_come_again_after_a_reconnect(scene: Scene) -> None:
    scene.api.taking = False
    await scene.come("emil", Role.FAMILY)
    assert not scene.api.events
    scene.api.taking = True
    for connection in list(scene.api.connections):
        await connection.close()
    await scene.api.until_event("connected")
    assert [event.number for event in scene.api.events] == [1, 2]
    await scene.until(lambda: not scene.relay.ledger.journal.waiting())


async def test_the_relay_dials_again_within_two_seconds_and_takes_the_list_anew(scene: Scene) -> None:
    before = set(scene.api.connections)
    for connection in before:
        await connection.close()
    await scene.until(lambda: bool(scene.api.connections - before), seconds=2)
    scene.visit.invite(Role.FAMILY)
    await scene.publish()
    await scene.until(lambda: scene.visit.room.visit in scene.relay.rooms.by_visit)


async def test_nonsense_from_the_api_breaks_the_link_and_not_the_relay(scene: Scene) -> None:
    await scene.live()
    first = set(scene.api.connections)
    for connection in first:
        await connection.send('{"type":"open_everything"}')
    await scene.until(lambda: bool(scene.api.connections - first), seconds=2)
    await asyncio.sleep(0.2)
    scene.forget()
    await scene.hears_all("lena", "emil", "mia")
