"""When establishments have cleared those who would take part from there to meet the children (R68).  Pure."""

from collections.abc import Iterable, Iterator

from contact_service.agency_week.known import Gathered
from contact_service.agency_week.wanted import Want
from contact_service.clearances.clearance import Meets, Standing, asked_there, standing
from contact_service.ids import PersonId
from contact_service.policy.facts import UnclearedFacts
from contact_service.pools.pool import PoolLink
from contact_service.scheduling.availability import local_days
from contact_service.scheduling.shared_rooms import slots_of_link
from contact_service.visits.who_meets import who_meets


def slots_cleared(gathered: Gathered, want: Want) -> int:
    """The slots of the days on which whoever meets a child takes part from no such establishment, or has its yes."""
    return _slots(gathered, who_meets(want.children, want.people))


def uncleared_all_week(gathered: Gathered, want: Want, child: PersonId) -> tuple[UnclearedFacts, ...]:
    """What stands with ``child``: those who have no such day in the week, as the first day of each stands."""
    meetings = [one for one in who_meets(want.children, want.people) if one.side == child]
    cases = {gathered.children[one.child].case for one in want.children}
    return tuple(
        UnclearedFacts(
            name=gathered.details[one.person].known_as,
            place=link.pool.name,
            standing=next(stands for _, stands in _days(gathered, one, link)),
            child="" if one.child == child else gathered.details[one.child].known_as,
            side=child if len(cases) > 1 else None,
        )
        for one in meetings
        for link in _to_be_cleared(gathered, one)
        if not _slots(gathered, [one])
    )


def _slots(gathered: Gathered, meetings: Iterable[Meets]) -> int:
    left = gathered.week.grid.everything
    for one in meetings:
        for link in _to_be_cleared(gathered, one):
            for mask, stands in _days(gathered, one, link):
                if stands is not Standing.GRANTED:
                    left &= ~mask
    return left


def _to_be_cleared(gathered: Gathered, one: Meets) -> Iterator[PoolLink]:
    """From where they take part on any day of the week, where contact must be cleared there."""
    for link in gathered.pool_links:
        if link.pool.desk and link.person == one.there and slots_of_link(gathered.week.grid, link):
            yield link


def _days(gathered: Gathered, one: Meets, link: PoolLink) -> Iterator[tuple[int, Standing]]:
    """The days on which the link counts, by the clock of the establishment, each with where clearance stands."""
    grid, asked = gathered.week.grid, asked_there(gathered.clearances[one.person], one.child, link.pool.id)
    for day, mask in local_days(grid, link.pool.zone):
        if there := mask & slots_of_link(grid, link):
            yield there, standing(asked, day)
