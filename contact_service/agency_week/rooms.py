"""The rooms and video links that several share, as the planner is given them.  Pure."""

from collections.abc import Collection
from datetime import datetime

from contact_service.agency_week.hours import Hours
from contact_service.agency_week.known import Gathered
from contact_service.ids import PersonId, PoolId
from contact_service.pools.pool import Pool as Shared
from contact_service.scheduling.shared_rooms import (
    layers,
    slots_open,
    slots_with_room,
    taken_slots,
    users_of_links,
)
from contact_service.week.instance import Pool


class Rooms:
    """Numbers for the pools that visits of the week need, as they come."""

    def __init__(self, gathered: Gathered, hours: Hours) -> None:
        self._gathered, self._hours = gathered, hours
        self._numbers: dict[PoolId, int] = {}
        self._pools: list[Pool] = []

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Those that were needed."""
        return tuple(self._pools)

    def of(self, everybody: Collection[PersonId]) -> tuple[int | None, int]:
        """The pool of which a visit of these takes a room all week, and the slots that the others leave.

        A visit takes a room of one pool among those that are planned together.  Of a second room, or where somebody
        takes part from elsewhere on some days, what is booked already counts, and the rules when the plan is accepted.
        """
        grid, left = self._hours.grid, self._hours.grid.everything
        links = [link for link in self._gathered.pool_links if link.person in everybody]
        shared = dict.fromkeys(link.pool for link in links)
        chosen: int | None = None
        for pool in shared:
            users = users_of_links(grid, [link for link in links if link.pool == pool])
            if not any(users):
                continue
            if chosen is None and users == [grid.everything]:
                chosen = self._number(pool)
                continue
            open_then = slots_open(grid, self._gathered.pool_times[pool.id])
            for user in users:
                left &= ~user | open_then
            left &= slots_with_room(grid, pool.units, users, self._booked(pool))
        return chosen, left & grid.everything

    def _number(self, pool: Shared) -> int:
        if pool.id not in self._numbers:
            grid = self._hours.grid
            self._numbers[pool.id] = len(self._pools)
            booked = self._booked(pool)
            self._pools.append(
                Pool(
                    name=pool.id,
                    free=slots_open(grid, self._gathered.pool_times[pool.id]),
                    units=pool.units,
                    taken=layers(taken_slots(grid, booked), pool.units) if booked else (),
                )
            )
        return self._numbers[pool.id]

    def _booked(self, pool: Shared) -> list[tuple[datetime, datetime]]:
        return self._hours.claimed(pool.id, self._gathered.policy.buffers.family_member)
