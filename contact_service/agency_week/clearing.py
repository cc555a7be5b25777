"""When establishments have cleared those who would take part from there to meet the children (R68).  Pure."""

from collections.abc import Iterable, Iterator

from contact_service.agency_week.known import Gathered
from contact_service.clearances.clearance import Standing, asked_there, standing
from contact_service.ids import PersonId
from contact_service.policy.facts import UnclearedFacts
from contact_service.pools.pool import PoolLink
from contact_service.scheduling.availability import local_days
from contact_service.scheduling.shared_rooms import slots_of_link


def slots_cleared(gathered: Gathered, child: PersonId, people: Iterable[PersonId]) -> int:
    """The slots of the days on which each of ``people`` takes part from no such establishment, or has its yes."""
    left = gathered.week.grid.everything
    for link in _to_be_cleared(gathered, people):
        for mask, stands in _days(gathered, child, link):
            if stands is not Standing.GRANTED:
                left &= ~mask
    return left


def uncleared_all_week(
    gathered: Gathered, child: PersonId, people: Iterable[PersonId]
) -> tuple[UnclearedFacts, ...]:
    """Those of ``people`` who have no such day in the week, as the first day of each stands."""
    return tuple(
        UnclearedFacts(
            name=gathered.details[link.person].known_as,
            place=link.pool.name,
            standing=next(stands for _, stands in _days(gathered, child, link)),
        )
        for link in _to_be_cleared(gathered, people)
        if not slots_cleared(gathered, child, [link.person])
    )


def _to_be_cleared(gathered: Gathered, people: Iterable[PersonId]) -> Iterator[PoolLink]:
    """From where these take part on any day of the week, where contact must be cleared there."""
    those = frozenset(people)
    for link in gathered.pool_links:
        if link.pool.desk and link.person in those and slots_of_link(gathered.week.grid, link):
            yield link


def _days(gathered: Gathered, child: PersonId, link: PoolLink) -> Iterator[tuple[int, Standing]]:
    """The days on which the link counts, by the clock of the establishment, each with where clearance stands."""
    grid, asked = gathered.week.grid, asked_there(gathered.clearances[link.person], child, link.pool.id)
    for day, mask in local_days(grid, link.pool.zone):
        if there := mask & slots_of_link(grid, link):
            yield there, standing(asked, day)
