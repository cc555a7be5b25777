"""One visit of real VP8 and Opus through an aiortc MediaRelay server, measured as the relay is.

The server decodes and encodes again, so payloads cannot carry time stamps; RTP timestamps do: they come out with a
constant added, and ours are irregular enough to find it.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from websockets.asyncio.client import connect

from contact_service.bench.clip import FRAMES_PER_SECOND, Clip, make_clip
from contact_service.bench.figures import Figures, cpu_per_packet, latency
from contact_service.bench.leg import Got, MediaLeg
from contact_service.bench.mediarelay_server import mediarelay_process
from contact_service.bench.offer import OPUS, VP8
from contact_service.bench.processes import Spawned

WARM_UP_SECONDS = 3.0
_SETTLE_SECONDS = 0.5
_NOISE_TICKS = 900
_ENOUGH = 8
_SOUND_SECONDS = 0.02


@dataclass
class _Person:
    """One leg, when it sent which frame, and what came."""

    media: MediaLeg = field(default_factory=lambda: MediaLeg(dtls_role="server"))
    frames_sent: dict[int, float] = field(default_factory=dict)
    frames_got: dict[int, dict[int, float]] = field(default_factory=dict)
    numbers: dict[int, list[int]] = field(default_factory=dict)
    sent: int = 0

    def note(self, got: Got) -> None:
        """Keep when a packet came, and when the last one of each frame did."""
        self.numbers.setdefault(got.ssrc, []).append(got.sequence)
        if got.payload_type == VP8:
            self.frames_got.setdefault(got.ssrc, {})[got.timestamp] = time.perf_counter()

    def forget(self) -> None:
        """Start to count anew; what was sent before may still be under way."""
        self.frames_got.clear()
        self.numbers.clear()
        self.sent = 0


async def measure_peer(people: int, seconds: float) -> Figures:
    """The figures of one visit of ``people`` people, sending for ``seconds`` after a warm-up."""
    clip = await asyncio.to_thread(make_clip)
    persons = [_Person() for _ in range(people)]
    async with Spawned(mediarelay_process) as server:
        url = f"ws://127.0.0.1:{server.ports[1]}"
        sockets = [await connect(url, compression=None, proxy=None) for _ in persons]
        for person, socket in zip(persons, sockets, strict=True):
            await socket.send(person.media.open(with_candidate=True))
            await person.media.connect(str(await socket.recv()))
            person.media.on_rtp = person.note
        for socket in sockets:
            await socket.send("all here")
        await _send(persons, clip, WARM_UP_SECONDS)
        for person in persons:
            person.forget()
        cpu = server.cpu_seconds()
        await _send(persons, clip, seconds)
        await asyncio.sleep(_SETTLE_SECONDS)
        figures = _figures(persons, server.cpu_seconds() - cpu, server.rss_mb())
        await asyncio.gather(*(person.media.close() for person in persons))
    return figures


def _figures(persons: Sequence[_Person], cpu: float, rss_mb: float) -> Figures:
    streams = [numbers for person in persons for numbers in person.numbers.values()]
    forwarded = sum(map(len, streams))
    return Figures(
        visits=1,
        people=len(persons),
        packets_in=sum(person.sent for person in persons),
        packets_forwarded=forwarded,
        packets_lost=sum(map(_lost, streams)),
        cpu_us_per_forwarded_packet=cpu_per_packet(cpu, forwarded),
        added_latency_ms=latency([age for person in persons for age in _ages(person, persons)]),
        rss_mb=round(rss_mb, 1),
    )


def _lost(sequences: Sequence[int]) -> int:
    """How many numbers are missing between the first and the furthest one."""
    span, furthest = 1, sequences[0]
    for sequence in sequences[1:]:
        ahead = (sequence - furthest) & 0xFFFF
        if ahead < 0x8000:  # noqa: PLR2004  half of the numbers
            span, furthest = span + ahead, sequence
    return max(0, span - len(set(sequences)))


def _ages(receiver: _Person, persons: Sequence[_Person]) -> list[float]:
    ages: list[float] = []
    for frames in receiver.frames_got.values():
        for sender in persons:
            offset = _offset(list(frames), sender.frames_sent)
            if sender is not receiver and offset is not None:
                sent = sender.frames_sent
                plain = {(timestamp - offset) & 0xFFFFFFFF: at for timestamp, at in frames.items()}
                ages += [
                    (at - sent[timestamp]) * 1_000 for timestamp, at in plain.items() if timestamp in sent
                ]
    return ages


def _offset(got: Sequence[int], sent: dict[int, float]) -> int | None:
    """The constant between the timestamps of the first frames that came and those of ``sent``."""
    probe = got[: 2 * _ENOUGH]
    for timestamp in sent:
        offset = (got[0] - timestamp) & 0xFFFFFFFF
        if sum((one - offset) & 0xFFFFFFFF in sent for one in probe) >= _ENOUGH:
            return offset
    return None


async def _send(persons: Sequence[_Person], clip: Clip, seconds: float) -> None:
    await asyncio.gather(
        *(_send_sound(person, clip, seconds) for person in persons),
        *(_send_picture(person, clip, seconds) for person in persons),
    )


async def _send_sound(person: _Person, clip: Clip, seconds: float) -> None:
    began = time.perf_counter()
    for number in range(int(seconds / _SOUND_SECONDS)):
        await asyncio.sleep(max(0.0, began + number * _SOUND_SECONDS - time.perf_counter()))
        clock = int(began * 48_000) + number * 960
        person.media.send_rtp(person.media.sources.audio, OPUS, clock, clip.sounds[number % len(clip.sounds)])
        person.sent += 1


async def _send_picture(person: _Person, clip: Clip, seconds: float) -> None:
    began = time.perf_counter()
    for number in range(int(seconds * FRAMES_PER_SECOND)):
        await asyncio.sleep(max(0.0, began + number / FRAMES_PER_SECOND - time.perf_counter()))
        even = int((began + number / FRAMES_PER_SECOND) * 90_000)
        clock = (even + random.randrange(_NOISE_TICKS)) & 0xFFFFFFFF
        payloads = clip.frames[number % len(clip.frames)]
        for payload in payloads[:-1]:
            person.media.send_rtp(person.media.sources.video, VP8, clock, payload)
        person.frames_sent[clock] = time.perf_counter()
        person.media.send_video(clock, payloads[-1])
        person.sent += len(payloads)
