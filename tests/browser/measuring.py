"""From a press until the last packet at those who receive: how long it took, and the figures that are kept."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.browser.stage import Person

FIGURES = Path(__file__).parents[2] / ".test" / "figures.json"
AT_ONCE_SECONDS = 0.4  # by then a stop has reached everybody
QUIET_SECONDS = (
    0.5  # a stream that brings nothing for so long has stopped; Opus and VP8 send every 20 and 50 ms
)
FLOWED_MS = 500
LIMIT_MS = 1000.0


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One stop, in milliseconds after the press; ``acknowledged`` is when the presser's page heard "done"."""

    last_packet: float
    acknowledged: float
    streams: int


def stop_of(presser: Person, receivers: Sequence[Person], act: Callable[[], None]) -> Stop:
    """Press, wait until it is quiet, and ask every receiver when its stopped streams brought their last packet."""
    act()
    time.sleep(AT_ONCE_SECONDS)
    first = [_last_packets(receiver) for receiver in receivers]
    time.sleep(QUIET_SECONDS)
    second = [_last_packets(receiver) for receiver in receivers]
    pressed, done = presser.page.evaluate("[Number(sessionStorage.pressed), Number(sessionStorage.done)]")
    lasts = [
        last
        for before, after in zip(first, second, strict=True)
        for stream, last in after.items()
        if last == before.get(stream) and last > pressed - FLOWED_MS
    ]
    return Stop(
        last_packet=max(lasts, default=pressed) - pressed, acknowledged=done - pressed, streams=len(lasts)
    )


def _last_packets(receiver: Person) -> dict[str, float]:
    """When each stream brought its last packet."""
    return {stream["id"]: stream["last"] for stream in receiver.page.evaluate("window.__streams()")}


def keep(name: str, values: Sequence[float]) -> float:
    """Write the median and the rest to ``.test/figures.json``; returns the median."""
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    middle = median(values)
    figures[name] = {"median_ms": round(middle), "worst_ms": round(max(values)), "count": len(values)}
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"{name}: median {middle:.0f} ms, worst {max(values):.0f} ms of {len(values)}")  # noqa: T201  the figures are for people
    return middle
