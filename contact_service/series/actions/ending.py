"""Make a series longer, or end it."""

from dataclasses import replace
from datetime import date

from contact_service.audit.events import EventType
from contact_service.series.actions.asking import NotAll, keep_and_book
from contact_service.series.actions.changing import call_off
from contact_service.series.actions.keeping import lock_to_change, record
from contact_service.series.instances import demand_going_on, waiting
from contact_service.series.pattern import (
    LONGEST,
    SeriesEndsBeforeStart,
    SeriesTooLong,
    SeriesWithoutVisits,
    occurrences,
)
from contact_service.series.queries.finding import series_for
from contact_service.series.queries.judging import judged
from contact_service.series.series import Instance, InstanceState, Judged, Series, SeriesId, are_enough
from contact_service.series.tables import SeriesRow
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.actions.moving import lock
from contact_service.visits.queries.narrowing import whoever_could
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import BEFORE_LIVE, VisitState
from contact_service.work import Work


def outlook_longer(work: Work, series: SeriesId, last: date) -> tuple[Judged, ...]:
    """What the rules say of every instance that a longer series would have more; changes nothing."""
    return _longer(work, series_for(work, series), last)


def extend_series(
    work: Work, series: SeriesId, last: date, *, only_all: bool = False, at_least: int = 0
) -> Series | NotAll:
    """Let a series go on until ``last``, at most 400 days from today; asked for twice it is done once.

    ``only_all``: nothing is booked unless every further instance can be; ``at_least``: unless so many can.

    Raises ``SeriesOver``, ``SeriesEndsBeforeStart``, ``SeriesWithoutVisits`` and ``SeriesTooLong``.
    """
    found = lock_to_change(work, series)
    if last == found.pattern.last:
        return found
    wish = found.wish(found.instances[0].wall) if found.instances else None
    if wish is not None:
        lock_everybody(work, *whoever_could(work, wish, found.optional))
    said = _longer(work, found, last)
    if not are_enough(said, only_all=only_all, at_least=at_least):
        return NotAll(found=said)
    row = work.session.get_one(SeriesRow, found.id)
    row.last_on = last
    work.session.add(row)
    kept = keep_and_book(work, found.id, found.wish(said[0].occurrence.wall), said, optional=found.optional)
    record(work, found, EventType.SERIES_EXTENDED, facts=(("last", f"{last}"), *kept.facts))
    return series_for(work, series)


def _longer(work: Work, series: Series, last: date) -> tuple[Judged, ...]:
    demand_going_on(series)
    if last < series.pattern.last:
        raise SeriesEndsBeforeStart("The new last day is before the old one. End the series instead.", "last")
    if last > work.now.date() + LONGEST:
        raise SeriesTooLong(
            "A series goes on for 400 days from today at most. Choose an earlier day.", "last"
        )
    more = occurrences(replace(series.pattern, last=last), after=series.pattern.last)
    if not more:
        raise SeriesWithoutVisits(field="last")
    return judged(
        work,
        series.wish(more[0].wall),
        more,
        optional=series.optional,
        earlier=waiting(series),
        interpreted_by=series.interpreted_by,
    )


def end_series(work: Work, series: SeriesId, reason: CancelReason, text: str = "") -> Series:
    """Call off every instance that is still to come, moved ones too, and let nothing more be booked.

    Ending it twice is ending it once.
    """
    found = lock_to_change(work, series)
    if found.ended_at is not None:
        return found
    ahead = [one for one in found.instances if _is_to_come(work, one)]
    # All before the first moves, and by their ids, as whoever stops several does: nobody waits in a circle.
    for visit in sorted(one.visit.id for one in ahead if one.visit):
        lock(work, visit)
    for one in ahead:
        call_off(work, one, reason, text)
    row = work.session.get_one(SeriesRow, found.id)
    row.ended_at = work.now
    work.session.add(row)
    record(work, found, EventType.SERIES_ENDED, reason=reason, facts=(("called_off", len(ahead)),))
    return series_for(work, series)


_CAN_BE_CALLED_OFF = BEFORE_LIVE | {VisitState.SUSPENDED}


def _is_to_come(work: Work, one: Instance) -> bool:
    if one.visit is None:
        return one.state is InstanceState.PLANNED
    return one.visit.starts_at > work.now and one.visit.state in _CAN_BE_CALLED_OFF
