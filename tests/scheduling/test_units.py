"""Rooms of a pool: whatever overlaps at most n times at once fits n rooms, in whatever order it came."""

import random
from datetime import UTC, datetime, timedelta

from contact_service.claims.units import kept_in_order, most_at_once, shared_out
from contact_service.plans.hours import Weekday, Window
from contact_service.pools.pool import PoolTime
from contact_service.scheduling.grid import Grid
from contact_service.scheduling.shared_rooms import layers, slots_open, slots_with_room
from contact_service.working_hours.hours import DaysAway, WorkingHours

MONDAY = datetime(2030, 5, 13, tzinfo=UTC)
DAY = Grid(begins=MONDAY, slots=96)


def counted(stretches: list[tuple[int, int]], first: int, after: int) -> int:
    """One minute after the other."""
    return max((sum(a <= t < b for a, b in stretches) for t in range(first, after)), default=0)


def some(chance: random.Random, most: int) -> list[tuple[int, int]]:
    found = []
    for _ in range(chance.randrange(1, most)):
        first = chance.randrange(40)
        found.append((first, first + chance.randrange(1, 15)))
    return found


def test_ten_thousand_random_bookings_fit_exactly_where_a_count_of_every_minute_says_so() -> None:
    chance = random.Random(62)  # noqa: S311
    for _ in range(10_000):
        stretches, units = some(chance, 9), chance.randrange(1, 4)
        assert most_at_once(stretches, 5, 30) == counted(stretches, 5, 30)
        shared = shared_out(stretches, range(10, 10 + units))
        assert (shared is None) is (counted(stretches, 0, 60) > units)
        for unit in set(shared or ()):
            own = [one for one, has in zip(stretches, shared or (), strict=True) if has == unit]
            assert counted(own, 0, 60) == 1


def test_those_that_come_first_keep_their_room_and_no_more_than_there_are() -> None:
    chance = random.Random(63)  # noqa: S311
    for _ in range(2_000):
        stretches, units = some(chance, 9), chance.randrange(1, 4)
        fits = kept_in_order(stretches, units)
        kept = [one for one, fit in zip(stretches, fits, strict=True) if fit]
        assert fits[0]
        assert counted(kept, 0, 60) <= units
        for place, (one, fit) in enumerate(zip(stretches, fits, strict=True)):
            before = [other for other, had in zip(stretches[:place], fits, strict=False) if had]
            assert fit is (counted([*before, one], *one) <= units)


def test_slots_with_room_are_those_in_which_few_enough_are_taken() -> None:
    chance = random.Random(64)  # noqa: S311
    for _ in range(300):
        units, spans = chance.randrange(1, 4), [(2 * a, 2 * b) for a, b in some(chance, 8)]
        users = [chance.getrandbits(96) for _ in range(chance.randrange(1, 3))]
        quarter = timedelta(minutes=15)
        times = [(MONDAY + a * quarter, MONDAY + b * quarter) for a, b in spans]
        room = slots_with_room(DAY, units, users, times)
        for slot in range(96):
            needed = sum(user >> slot & 1 for user in users)
            left = units - sum(a <= slot < b for a, b in spans)
            assert (room >> slot & 1) == (needed == 0 or needed <= left)


def test_layers_count_how_many_sets_a_slot_is_in() -> None:
    assert layers([0b011, 0b110, 0b010], 3) == (0b111, 0b010, 0b010)
    assert layers([], 2) == (0, 0)


def test_a_pool_is_open_in_its_hours_by_its_own_clock_and_not_on_days_away() -> None:
    weekly = WorkingHours(
        id="1", zone="Europe/Berlin", window=Window(days=(Weekday.MONDAY,), earliest=9 * 60, latest=11 * 60)
    )
    time = PoolTime(zone="Europe/Berlin", weekly=(weekly,))
    seven, quarter = MONDAY + timedelta(hours=7), timedelta(minutes=15)
    assert slots_open(DAY, time) == 0b1111_1111 << 28
    assert time.is_open(seven, seven + 8 * quarter)
    assert not time.is_open(seven - quarter, seven + quarter)
    assert not time.is_open(seven, seven + 9 * quarter)
    away = DaysAway(id="2", zone="Europe/Berlin", first=MONDAY.date(), last=MONDAY.date())
    shut = PoolTime(zone="Europe/Berlin", weekly=(weekly,), away=(away,))
    assert slots_open(DAY, shut) & (0b1111_1111 << 28) == 0
    assert not shut.is_open(seven, seven + quarter)
