"""What a Python user would write: an aiortc RTCPeerConnection for everybody, MediaRelay from each to each."""

import asyncio
from multiprocessing.connection import Connection

import aioice.ice
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaRelay
from websockets.asyncio.server import ServerConnection, serve


def mediarelay_process(report: Connection) -> None:
    """Run the server on 127.0.0.1 with a free port until killed."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"] * use_ipv4  # noqa: ARG005  its default leaves out this machine's own
    asyncio.run(_Room().serve(report))


class _Room:
    """One room: whoever comes is sent what all others send."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._tracks: dict[RTCPeerConnection, dict[str, MediaStreamTrack]] = {}

    async def serve(self, report: Connection) -> None:
        async with serve(self._join, "127.0.0.1", 0, compression=None) as server:
            report.send((0, next(iter(server.sockets)).getsockname()[1]))
            await asyncio.get_running_loop().create_future()

    async def _join(self, connection: ServerConnection) -> None:
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        peer = RTCPeerConnection(configuration)
        self._tracks[peer] = {}

        @peer.on("track")
        def on_track(track: MediaStreamTrack) -> None:
            if track.kind not in self._tracks[peer]:
                self._tracks[peer][track.kind] = track

        await peer.setRemoteDescription(RTCSessionDescription(sdp=str(await connection.recv()), type="offer"))
        for transceiver in peer.getTransceivers()[2:]:
            transceiver.direction = "sendonly"
        await peer.setLocalDescription(await peer.createAnswer())
        await connection.send(peer.localDescription.sdp)
        async for _ in connection:  # any frame: everybody is here
            self._connect(peer)
        await peer.close()

    def _connect(self, peer: RTCPeerConnection) -> None:
        free: dict[str, list[RTCRtpTransceiver]] = {"audio": [], "video": []}
        for transceiver in peer.getTransceivers()[2:]:
            free[transceiver.kind].append(transceiver)
        for other, tracks in self._tracks.items():
            if other is not peer:
                for kind, track in tracks.items():
                    free[kind].pop(0).sender.replaceTrack(self._relay.subscribe(track))
