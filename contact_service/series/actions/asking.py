"""Ask for a series: judged to the end; all that fit are booked in one transaction, and what is left out is kept."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotAllowed
from contact_service.ids import AccountId
from contact_service.keys.actions import insert_if_new
from contact_service.people.queries import members as people
from contact_service.series.actions.keeping import (
    WALL,
    Kept,
    add_instances,
    book_instance,
    demand_worker,
    record,
    rows_of,
)
from contact_service.series.instances import wish_for
from contact_service.series.pattern import (
    Pattern,
    VisitWithoutLength,
    occurrences,
    pattern_from,
)
from contact_service.series.queries.finding import series_for
from contact_service.series.queries.judging import judged
from contact_service.series.series import Fit, Judged, Series, SeriesId
from contact_service.series.tables import SeriesRow
from contact_service.visits.actions.booking import demand_known
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.optional import EVERYBODY_MUST, IfTheyCan, settled
from contact_service.visits.queries.judging import demand_optional
from contact_service.visits.queries.narrowing import whoever_could
from contact_service.visits.wish import Wish
from contact_service.work import Work

_WHOLE_MINUTES = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class NewSeries:
    """What a worker asks for.  Of ``wish`` everything counts but its start; ``weekday`` 0 is Monday.

    ``only_all``: nothing is booked unless every instance can be; ``at_least``: unless so many can.
    ``optional``: who of it comes if they can, to each visit anew.
    """

    wish: Wish
    first: date
    last: date
    weekday: int
    clock: time
    every: int = 1
    only_all: bool = False
    at_least: int = 1
    optional: IfTheyCan = EVERYBODY_MUST


@dataclass(frozen=True, kw_only=True)
class NotAll:
    """Nothing was booked, because not every instance can be; ``found`` says which and why."""

    found: tuple[Judged, ...]


def pattern_of(work: Work, new: NewSeries) -> Pattern:
    """When it comes again, in the zone of the child's case; raises the errors of ``pattern`` for what cannot be.

    No visit of no length, none of a part of a minute, and no emergency: each of those is one visit by itself.
    """
    if new.wish.length < _WHOLE_MINUTES or new.wish.length % _WHOLE_MINUTES:
        raise VisitWithoutLength(field="minutes")
    if new.wish.emergency is not None:
        raise BadInput("An emergency is one visit. Book it by itself.", "emergency")
    if not 0 <= new.weekday < len("MTWTFSS"):
        raise BadInput("Choose a day of the week.", "weekday")
    if new.clock.tzinfo is not None or new.clock.second or new.clock.microsecond:
        raise BadInput("Write the start, like 16:00.", "time")
    zone = people.zone_of(work, people.case_of(work, new.wish.child))
    return pattern_from(new.first, new.weekday, new.clock, every=new.every, zone=zone, last=new.last)


def outlook(work: Work, new: NewSeries) -> tuple[Judged, ...]:
    """What the rules say of every instance to the end; changes nothing.  Raises as ``pattern_of``."""
    demand_known(work, new.wish)
    demand_optional(work, new.wish, new.optional)
    found = occurrences(pattern_of(work, new))
    return judged(work, new.wish, found, optional=new.optional)


def ask_for_series(work: Work, new: NewSeries, *, series_id: str | None = None) -> Series | NotAll:
    """Book every instance that fits, plan those that are too far ahead, and keep why others were left out.

    The same ``series_id`` (32 hexadecimal digits) asked for twice is one series.  Raises as ``pattern_of``.
    """
    demand_worker(work)
    if series_id is not None and not re.fullmatch("[0-9a-f]{32}", series_id):
        raise BadInput("Load the page again, then send the form once more.")
    demand_known(work, new.wish)
    demand_optional(work, new.wish, new.optional)
    pattern = pattern_of(work, new)
    every = occurrences(pattern)
    lock_everybody(work, *whoever_could(work, new.wish, new.optional))
    series = SeriesId(series_id or work.new_id())
    if work.session.get(SeriesRow, series) is not None:
        return series_for(work, series)
    found = judged(work, new.wish, every, optional=new.optional)
    if not _may_be_booked(found, new):
        return NotAll(found=found)
    add_series(work, series, new.wish, pattern, optional=new.optional)
    kept = keep_and_book(work, series, new.wish, found, optional=new.optional)
    made = series_for(work, series)
    facts = (("every_weeks", pattern.every), ("instances", len(found)), *kept.facts)
    record(work, made, EventType.SERIES_ASKED, facts=facts)
    return made


def _may_be_booked(found: tuple[Judged, ...], new: NewSeries) -> bool:
    fitting = sum(one.fit in (Fit.FITS, Fit.LATER) for one in found)
    return fitting == len(found) if new.only_all else fitting >= max(1, new.at_least)


def add_series(
    work: Work,
    series: SeriesId,
    wish: Wish,
    pattern: Pattern,
    *,
    optional: IfTheyCan,
    follows: SeriesId | None = None,
) -> None:
    """Write down a series without instances."""
    account = work.actor.account
    if account is None or wish.supervisor is None or wish.duty is None:
        raise NotAllowed("Only a worker can book a visit.")
    insert_if_new(
        work.session,
        SeriesRow,
        {
            "id": series,
            "case_id": people.case_of(work, wish.child),
            "child_id": wish.child,
            "caregiver_id": wish.caregiver,
            "people": list(dict.fromkeys(wish.people)),
            "sharing": [f"{one.child}:{one.caregiver or ''}" for one in wish.sharing],
            "optional": list(optional.people),
            "quorum": optional.quorum,
            "supervisor_id": AccountId(wish.supervisor),
            "duty_id": AccountId(wish.duty),
            "level": wish.level.value,
            "minutes": wish.length // _WHOLE_MINUTES,
            "zone": pattern.zone,
            "clock": f"{pattern.clock:%H:%M}",
            "every_weeks": pattern.every,
            "anchor_on": pattern.anchor,
            "last_on": pattern.last,
            "asked_by": account,
            "asked_at": work.now,
            "ended_at": None,
            "follows_id": follows,
        },
    )


def keep_and_book(
    work: Work, series: SeriesId, wish: Wish, found: tuple[Judged, ...], *, optional: IfTheyCan
) -> Kept:
    """Write down every instance and book, in order, those that fit; the approvers hear of the first of them."""
    add_instances(work, series, found)
    rows = rows_of(work, series)
    booked = 0
    for one in found:
        if one.fit is Fit.FITS:
            row = rows[f"{one.occurrence.wall:{WALL}}"]
            exact = wish_for(wish, one)
            booked += book_instance(work, row, exact, tell=not booked, settled=settled(wish, optional, exact))
    planned = sum(one.fit is Fit.LATER for one in found)
    return Kept(booked=booked, planned=planned, left_out=len(found) - planned - booked)
