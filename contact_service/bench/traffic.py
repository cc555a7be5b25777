"""The reference traffic of one participant: Opus 50 times, VP8 640x360 71 times a second, 600 kbit/s of picture."""

import asyncio
import os
import time
from collections.abc import Sequence

from contact_service.bench.leg import KEYFRAME, MediaLeg
from contact_service.bench.visit import stamp

TICK_SECONDS = 0.01
_AUDIO, _VIDEO = os.urandom(80), KEYFRAME + os.urandom(1_028)
"""Payloads without the eight octets of their time stamp."""
_TICKS = 100
_VIDEO_TICKS = frozenset(tick for tick in range(_TICKS) if tick * 71 // 100 != (tick - 1) * 71 // 100)


async def send_for(legs: Sequence[MediaLeg], seconds: float) -> int:
    """Send the reference traffic from every leg for ``seconds``; how many packets that were."""
    began, sent = time.perf_counter(), 0
    for tick in range(int(seconds / TICK_SECONDS)):
        await asyncio.sleep(max(0.0, began + tick * TICK_SECONDS - time.perf_counter()))
        for number, leg in enumerate(legs):
            sent += _send(leg, tick, (tick + 7 * number) % _TICKS)
    return sent


def _send(leg: MediaLeg, tick: int, phase: int) -> int:
    sent = 0
    if phase % 2 == 0:
        leg.send_audio(tick * 480, _AUDIO + stamp())
        sent += 1
    if phase in _VIDEO_TICKS:
        leg.send_video(tick * 900, _VIDEO + stamp())
        sent += 1
    return sent
