"""Busy times of a family at visits of a series that would be booked: shown, to be ticked."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from contact_service.pages.access import Desk
from contact_service.pages.busy_then import busy_lines
from contact_service.pages.rendering import full_date
from contact_service.series.queries.judging import busy_in, judged_in_sight
from contact_service.series.series import Fit, Judged
from contact_service.visits.known_busy import mark_of
from contact_service.visits.queries.reaching import zone_in_sight
from contact_service.visits.wish import Wish

Marks = Annotated[str, Field(max_length=2000)]
"""The marks of the visits at which somebody is busy, once the worker has asked them."""


def busy_in_series(desk: Desk, wish: Wish, found: Iterable[Judged]) -> dict[str, object] | None:
    """On which days that would be booked now somebody is busy, with the marks that ticking it posts; None: on none."""
    each = [
        (one.occurrence.wall, busy)
        for one in judged_in_sight(desk.work, wish, tuple(found))
        if one.fit is Fit.FITS and (busy := busy_in(desk.work, wish, one))
    ]
    zone = zone_in_sight(desk.work, wish.children)
    lines = [f"{full_date(wall)}: {line}" for wall, busy in each for line in busy_lines(desk, zone, busy)]
    return {"lines": lines, "mark": ",".join(mark_of(busy) for _, busy in each)} if each else None
