"""When a room that several share is free, as sets of slots."""

from datetime import UTC, date, datetime, timedelta

from contact_service.ids import PersonId, PoolId
from contact_service.pools.pool import Pool, PoolLink
from contact_service.scheduling.grid import Grid
from contact_service.scheduling.shared_rooms import slots_with_room, users_of_links

BEGINS = datetime(2030, 5, 15, tzinfo=UTC)
GRID = Grid(begins=BEGINS, slots=3 * 96)
DAY = (1 << 96) - 1
PRISON = Pool(id=PoolId("prison"), name="HMP Example", units=1, zone="UTC")


def link(person: str, first: int, last: int | None) -> PoolLink:
    return PoolLink(
        id=f"{person}{first}",
        person=PersonId(person),
        pool=PRISON,
        first=date(2030, 5, first),
        last=None if last is None else date(2030, 5, last),
    )


def test_somebody_with_two_links_to_one_place_needs_one_room_and_two_people_two() -> None:
    twice = users_of_links(GRID, [link("dana", 15, 16), link("dana", 16, None)])
    assert twice == [GRID.everything]
    assert slots_with_room(GRID, 1, twice, ()) == GRID.everything
    both = users_of_links(GRID, [link("dana", 15, 16), link("viktor", 16, 16)])
    assert both == [DAY | DAY << 96, DAY << 96]
    assert slots_with_room(GRID, 1, both, ()) == DAY | DAY << 192
    assert slots_with_room(GRID, 2, both, ()) == GRID.everything


def test_a_room_that_is_taken_is_missed_where_it_is_needed_and_nowhere_else() -> None:
    user = users_of_links(GRID, [link("dana", 15, 15)])
    noon = BEGINS + timedelta(hours=12)
    taken = [
        (noon, noon + timedelta(minutes=30)),
        (noon + timedelta(days=1), noon + timedelta(days=1, hours=1)),
    ]
    assert slots_with_room(GRID, 1, user, taken) == GRID.everything & ~(0b11 << 48)
    assert slots_with_room(GRID, 2, user, taken) == GRID.everything
