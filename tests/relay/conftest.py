"""A running relay in this process."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contact_service.bench.api import LinkApi
from contact_service.bench.page import ORIGIN
from contact_service.relay.admission import Admission
from contact_service.relay.config import RelayConfig
from contact_service.relay.link import Link
from contact_service.relay.relay import Relay, Watchers
from tests.relay.scene import ADDRESS, Scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    relay_key, ticket_key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    api = LinkApi(relay_key.public_key())
    config = RelayConfig(
        name="relay-1",
        key=relay_key,
        link_url=await api.listen(),
        ticket_key=ticket_key.public_key(),
        origins=(ORIGIN,),
        address=ADDRESS,
        bind=ADDRESS,
        port=0,
        signal_host="127.0.0.1",
        signal_port=0,
    )
    relay = Relay(config)
    admission, link = Admission(relay), Link(relay)
    relay.watchers = Watchers(changed=admission.changed, closed=admission.closed, recorded=link.recorded)
    relay.open()
    server = await admission.listen()
    dialling = asyncio.create_task(link.run())
    await api.until_linked()
    port = next(iter(server.sockets)).getsockname()[1]
    scene = Scene(relay, api, f"ws://127.0.0.1:{port}/signal/relay-1", ticket_key)
    try:
        yield scene
    finally:
        await scene.close()
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)
        await relay.close()
        server.close()
        await server.wait_closed()
        await api.close()
