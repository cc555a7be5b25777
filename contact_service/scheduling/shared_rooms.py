"""When a room or a video link that several share is free, as sets of slots.  Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from contact_service.ids import PersonId
from contact_service.plans.hours import AT_ANY_HOUR
from contact_service.pools.pool import PoolLink, PoolTime
from contact_service.scheduling.availability import Availability, Kind, WeeklyHours, free_slots, local_days
from contact_service.scheduling.grid import Grid
from contact_service.scheduling.written_hours import open_slots, usual_slots

_ALWAYS = WeeklyHours(kind=Kind.OPEN, window=AT_ANY_HOUR, source="always")


def slots_open(grid: Grid, time: PoolTime) -> int:
    """The slots in which a pool is open."""
    return usual_slots(grid, time.weekly, time.away) & open_slots(grid, time.zone, time.closed)


def slots_of_link(grid: Grid, link: PoolLink) -> int:
    """The slots of the days on which somebody takes part from there."""
    days = local_days(grid, link.pool.zone)
    return sum(mask for day, mask in days if link.first <= day and (link.last is None or day <= link.last))


def users_of_links(grid: Grid, links: Iterable[PoolLink]) -> list[int]:
    """The slots in which each person of ``links`` takes part from there, once a person however many links it has."""
    there: dict[PersonId, int] = {}
    for link in links:
        there[link.person] = there.get(link.person, 0) | slots_of_link(grid, link)
    return list(there.values())


def layers(masks: Iterable[int], most: int) -> tuple[int, ...]:
    """``layers[n]``: the slots that are in more than n of ``masks``, for n below ``most``."""
    found = [0] * most
    for mask in masks:
        for n in reversed(range(most)):
            found[n] |= (found[n - 1] if n else mask) & mask
    return tuple(found)


def taken_slots(grid: Grid, spans: Iterable[tuple[datetime, datetime]]) -> list[int]:
    """The slots that each of ``spans`` touches."""
    return [
        grid.everything & ~free_slots(grid, Availability(zone="UTC", weekly=(_ALWAYS,), taken=(one,)))
        for one in spans
    ]


def slots_with_room(
    grid: Grid, units: int, users: Sequence[int], spans: Iterable[tuple[datetime, datetime]]
) -> int:
    """The slots in which a room is left for each of ``users``, who are there in these slots, or none is needed."""
    taken = layers(taken_slots(grid, spans), units)
    found = grid.everything
    for more, needed in enumerate(layers(users, len(users)), 1):
        left = grid.everything & ~taken[units - more] if more <= units else 0
        found &= ~needed | left
    return found & grid.everything
