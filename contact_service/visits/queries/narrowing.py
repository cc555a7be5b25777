"""Who of those who come if they can would be there at one time, as the rules and what is written down have it."""

from datetime import datetime

from contact_service.ids import PersonId
from contact_service.visits.narrowing import Narrowed, narrow
from contact_service.visits.optional import IfTheyCan, comes_with, without
from contact_service.visits.queries.interpreted import Decide, with_whoever_could
from contact_service.visits.queries.judging import pairs_at_odds
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import family_time_of


def as_many_as_may(
    work: Work, wish: Wish, optional: IfTheyCan, starts_at: datetime, decide: Decide
) -> Narrowed:
    """``wish`` at ``starts_at`` with as many of ``optional`` as are free then and ``decide`` permits; locks nothing.

    Whether those who must be there are free is left to ``decide``.
    """
    at_odds = pairs_at_odds(work, wish, optional, starts_at)
    return narrow(wish, optional, _free(work, wish, optional, starts_at), decide, at_odds=at_odds)


def whoever_could(work: Work, wish: Wish, optional: IfTheyCan) -> tuple[Wish, ...]:
    """``wish`` with all who could interpret, and so for those who must come: to lock them before some are chosen."""
    fewest = without(wish, optional.people)
    return tuple(with_whoever_could(work, one) for one in ([wish, fewest] if optional.people else [wish]))


def _free(work: Work, wish: Wish, optional: IfTheyCan, start: datetime) -> set[PersonId]:
    """Who of them can usually take part then, and their carers too, by what is written down."""
    if not optional.people:
        return set()
    ends = start + wish.length
    times = family_time_of(work, sorted(wish.everybody), between=(start, ends))
    return {
        person
        for person in optional.people
        if all(times[one].can_take_part(start, ends) for one in comes_with(wish, person) if one in times)
    }
