"""The figures of one relay bench, and how they are printed."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Milliseconds from sending to receiving in the bench's process, None where nothing came."""

    p50: float | None
    p99: float | None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One run.  ``packets_in`` were sent by all legs, ``packets_forwarded`` arrived; CPU is the server's process."""

    visits: int
    people: int
    packets_in: int
    packets_forwarded: int
    packets_lost: int
    cpu_us_per_forwarded_packet: float | None
    added_latency_ms: Latency
    rss_mb: float

    def as_json(self) -> dict[str, object]:
        """The figures with rounded numbers."""
        return asdict(self)


def latency(milliseconds: Sequence[float]) -> Latency:
    """The median and the 99th percentile (nearest rank)."""
    ordered = sorted(milliseconds)
    if not ordered:
        return Latency(p50=None, p99=None)
    ranks = [ordered[math.ceil(share * len(ordered)) - 1] for share in (0.5, 0.99)]
    return Latency(p50=round(ranks[0], 3), p99=round(ranks[1], 3))


def cpu_per_packet(cpu_seconds: float, packets: int) -> float | None:
    """Microseconds per packet, None without packets."""
    return round(cpu_seconds * 1e6 / packets, 2) if packets else None


def table(columns: dict[str, Figures]) -> str:
    """The figures side by side, one column each."""
    rows = [("", *columns)]
    for name in Figures.__dataclass_fields__:
        values = [getattr(figures, name) for figures in columns.values()]
        if name == "added_latency_ms":
            rows.append(("added latency p50, ms", *(str(value.p50) for value in values)))
            rows.append(("added latency p99, ms", *(str(value.p99) for value in values)))
        else:
            rows.append((name.replace("_", " "), *(str(value) for value in values)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
