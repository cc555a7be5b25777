"""The drawing of what a plan promised and what was given: a column for each period, a box for each visit.

Only where things stand is reckoned here; the template draws them, and the table beneath says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contact_service.visits.owed import PeriodAccount

COLUMNS = 8
_COLUMN, _BOX, _BELOW, _ABOVE, _GAP = 58, 40, 26, 26, 3
_TALLEST, _HIGH = 34.0, 136.0


@dataclass(frozen=True, kw_only=True)
class Box:
    """One visit.  ``kind``: given, ahead, made_up, to_decide, not_owed, owed, open."""

    kind: str
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True, kw_only=True)
class Column:
    """One period: where its words stand, and how many of how many were given."""

    middle: int
    label: date
    given: int
    entitled: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The whole drawing, in its own units."""

    width: int
    height: int
    floor: int
    above: int
    below: int
    columns: tuple[Column, ...]
    kinds: tuple[str, ...]


KINDS = ("given", "made_up", "ahead", "to_decide", "not_owed", "owed", "open")


def boxes_of(period: PeriodAccount) -> tuple[str, ...]:
    """What became of each visit that was given or promised, from the bottom up.

    ``open`` is promised in the running period and neither given nor asked for.
    """
    ahead = period.ahead
    missing = 0 if period.is_over else max(0, period.missing - ahead)
    counts = {
        "given": period.given,
        "made_up": period.made_up,
        "ahead": ahead,
        "to_decide": period.to_decide,
        "not_owed": period.not_owed,
        "owed": period.still_owed,
        "open": missing,
    }
    return tuple(kind for kind in KINDS for _ in range(counts[kind]))


def chart_of(periods: Sequence[PeriodAccount]) -> Chart:
    """The drawing of at most ``COLUMNS`` periods, the oldest first; fewer leave room, so that all have one measure."""
    stacks = [boxes_of(period) for period in periods]
    most = max((len(stack) for stack in stacks), default=0)
    step = min(_TALLEST, _HIGH / max(most, 1))
    floor = _ABOVE + round(step * max(most, 1))
    columns = [
        Column(
            middle=_COLUMN * place + _COLUMN // 2,
            label=period.first_day,
            given=period.given,
            entitled=period.entitled,
            boxes=tuple(
                Box(
                    kind=kind,
                    x=_COLUMN * place + (_COLUMN - _BOX) // 2,
                    y=round(floor - step * (number + 1) + _GAP, 1),
                    width=_BOX,
                    height=round(step - _GAP, 1),
                )
                for number, kind in enumerate(stack)
            ),
        )
        for place, (period, stack) in enumerate(zip(periods, stacks, strict=True))
    ]
    shown = {kind for stack in stacks for kind in stack}
    return Chart(
        width=_COLUMN * COLUMNS,
        height=floor + _BELOW,
        floor=floor,
        above=_ABOVE,
        below=_BELOW,
        columns=tuple(columns),
        kinds=tuple(kind for kind in KINDS if kind in shown),
    )
