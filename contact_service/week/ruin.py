"""What a search takes off the plan before it puts it on again in another way."""

from contact_service.scheduling.grid import each
from contact_service.week.board import Board, Chance
from contact_service.week.instance import Placement
from contact_service.week.prepared import Ready, overlap

# Shares: make room for one visit; days of neighbours; whole workers; the rest one family’s people.
_ROOM, _NEIGHBOURS, _WHOLE = 0.4, 0.7, 0.85


def ruined(board: Board, unplaced: list[int], chance: Chance) -> tuple[list[int], int | None]:
    """The placed visits to take off, none of them pinned, and the visit that they make room for if there is one."""
    draw = chance()
    if unplaced and draw < _ROOM:
        wanted = unplaced[int(chance() * len(unplaced))]
        taken = _in_the_way(board, board.visits[wanted], chance)
        return _mixed(board, taken, chance), wanted
    if draw < _NEIGHBOURS:
        return _mixed(board, _neighbours(board, chance), chance), None
    if draw < _WHOLE:
        return _mixed(board, _whole_workers(board, chance), chance), None
    return _mixed(board, _family(board, chance), chance), None


def _mixed(board: Board, taken: list[int], chance: Chance) -> list[int]:
    """At most a chosen number of these, in any order."""
    taken = [number for number in dict.fromkeys(taken) if not board.visits[number].pinned]
    shuffle(taken, chance)
    return taken[: 4 + int(chance() * 14)]


def shuffle(numbers: list[int], chance: Chance) -> None:
    """Any order, in place.  Only ``Random.random`` promises the same draws in every release of Python."""
    for place in range(len(numbers) - 1, 0, -1):
        other = int(chance() * (place + 1))
        numbers[place], numbers[other] = numbers[other], numbers[place]


def _in_the_way(board: Board, visit: Ready, chance: Chance) -> list[int]:
    """The visits of the day and the workers of one of the starts that an unplaced visit could have."""
    if not visit.possible:
        return []
    able = list(each(visit.possible))
    start = able[int(chance() * len(able))]
    day = board.instance.day_of[start]
    taken = related(board, visit)
    for worker, _ in visit.able:
        for number in board.on[worker][day]:
            place = board.placed[number]
            here = Placement(start, ())
            if place is not None and overlap(here, visit.busy + 2, place, board.visits[number].busy + 2):
                taken.append(number)
    return taken


def related(board: Board, visit: Ready) -> list[int]:
    """The placed visits of the same plan, children, home and pool."""
    prepared = board.prepared
    found = [*prepared.plans[visit.plan]]
    for key in visit.once:
        found += prepared.at_key[key]
    for party in visit.parties:
        found += prepared.at_party[party]
    if visit.pool is not None:
        found += prepared.at_pool[visit.pool]
    return [number for number in dict.fromkeys(found) if board.placed[number] is not None]


def _neighbours(board: Board, chance: Chance) -> list[int]:
    """One day of a worker and of those who could take the worker's visits."""
    worker, day = int(chance() * len(board.on)), int(chance() * len(board.instance.days))
    team = board.instance.workers[worker].team
    return [
        number
        for other, days in enumerate(board.on)
        if other == worker or board.instance.workers[other].team == team
        for number in days[day]
    ]


def _whole_workers(board: Board, chance: Chance) -> list[int]:
    """Everything of three workers."""
    chosen = [int(chance() * len(board.on)) for _ in range(3)]
    return [number for worker in chosen for day in board.on[worker] for number in day]


def _family(board: Board, chance: Chance) -> list[int]:
    """A few families' visits of the week, each with all that is placed for their people."""
    chosen = [int(chance() * len(board.visits)) for _ in range(3)]
    return [number for one in chosen for number in related(board, board.visits[one])]
