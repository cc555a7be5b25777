"""This and all that follow in another way: the old series ends before it, a new one goes on and knows the old one.

What a person has decided about one instance alone (another time, called off) stays as they decided, with its original
start.  A visit that the rules refuse in its new form stays as it was, and the new series says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlmodel import delete

from contact_service.audit.events import EventType
from contact_service.errors import BadInput
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.series.actions.asking import NotAll, add_series, keep_and_book
from contact_service.series.actions.keeping import WALL, Kept, lock_to_change, record, row_of
from contact_service.series.instances import demand_going_on, instance_in, visits_of, wish_for
from contact_service.series.pattern import (
    Occurrence,
    Pattern,
    VisitWithoutLength,
    first_instant,
    monday_of,
    occurrences,
)
from contact_service.series.queries.finding import demand_every_child, series_for
from contact_service.series.queries.judging import judged
from contact_service.series.series import (
    Fit,
    Instance,
    InstanceDecided,
    InstanceState,
    Judged,
    Series,
    SeriesId,
    are_enough,
)
from contact_service.series.tables import SeriesInstanceRow, SeriesRow
from contact_service.visits.actions.booking import demand_known
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.actions.moving import lock
from contact_service.visits.optional import EVERYBODY_MUST, IfTheyCan, settled
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.judging import demand_optional
from contact_service.visits.queries.narrowing import whoever_could
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.zone_rules import zone_rules

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Onward:
    """How a series goes on from one instance: whom and how as in ``wish`` (its start does not count), and when.

    The number of weeks between two visits and the last week stay.  ``only_all``: nothing changes unless every instance
    can be as wished; ``at_least``: unless so many can.  ``optional``: who comes if they can.
    """

    instance: str
    wish: Wish
    weekday: int
    clock: time
    only_all: bool = False
    at_least: int = 0
    optional: IfTheyCan = EVERYBODY_MUST


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """What a split does with each instance from one on."""

    pattern: Pattern
    stay: tuple[Instance, ...]
    change: tuple[Instance, ...]
    drop: tuple[Instance, ...]
    wanted: tuple[Occurrence, ...]


def outlook_onward(work: Work, series: SeriesId, onward: Onward) -> tuple[Judged, ...]:
    """What the rules say of every instance as it would be; changes nothing."""
    found = series_for(work, series)
    demand_every_child(work, found)
    _demand_possible(work, found, onward)
    return _judged(work, onward, _cut(work, found, onward), found.interpreted_by)[0]


def split_series(work: Work, series: SeriesId, onward: Onward, *, series_id: str) -> Series | NotAll:
    """End a series before one instance and let a new one go on; the same ``series_id`` twice is one split.

    Raises ``SeriesOver`` for a series that has ended, and ``InstanceDecided`` for an instance that has begun.
    """
    if not re.fullmatch("[0-9a-f]{32}", series_id):
        raise BadInput("Load the page again, then send the form once more.")
    found = lock_to_change(work, series)
    if work.session.get(SeriesRow, series_id) is not None:
        return series_for(work, SeriesId(series_id))
    _demand_possible(work, found, onward)
    cut = _cut(work, found, onward)
    # Visits before people, as whoever changes one visit locks them too.
    standing = [wish_of(lock(work, visit)[1]) for visit in sorted(visits_of(cut.change))]
    could = whoever_could(work, onward.wish, onward.optional)
    lock_everybody(work, *could, found.wish(found.instances[0].wall), *standing)
    said, changing = _judged(work, onward, cut, found.interpreted_by)
    if not are_enough(said, only_all=onward.only_all, at_least=onward.at_least):
        return NotAll(found=said)
    new = SeriesId(series_id)
    add_series(work, new, onward.wish, cut.pattern, optional=onward.optional, follows=found.id)
    _drop(work, cut.drop)
    _hand_over(work, cut.stay, new)
    kept = _go_on(work, new, _Going(onward=onward, said=said, change=cut.change, besides=changing))
    _end_before(work, found, instance_in(found, onward.instance))
    made = series_for(work, new)
    facts = (("goes_on_as", new), *kept.facts)
    record(work, found, EventType.SERIES_SPLIT, facts=facts)
    return made


def _demand_possible(work: Work, series: Series, onward: Onward) -> None:
    demand_going_on(series)
    demand_known(work, onward.wish)
    demand_optional(work, onward.wish, onward.optional)
    if onward.wish.child != series.child:
        raise BadInput("A series stays with its child. Ask for another series.", "child")
    if onward.wish.length < _MINUTE or onward.wish.length % _MINUTE:
        raise VisitWithoutLength(field="minutes")
    one = instance_in(series, onward.instance)
    at = one.at or one.starts_at
    if one.exception or (at is not None and at <= work.now):
        raise InstanceDecided("Choose a visit that is still to come and that nobody has moved or called off.")


def _cut(work: Work, series: Series, onward: Onward) -> _Cut:
    first = instance_in(series, onward.instance).original
    ahead = tuple(one for one in series.instances if one.original >= first)
    stay = tuple(one for one in ahead if one.exception or not _follows(one, work.now))
    change = tuple(one for one in ahead if one not in stay and one.visit is not None)
    drop = tuple(one for one in ahead if one not in stay and one.visit is None)
    pattern = replace(
        series.pattern,
        anchor=_in_week(first.date(), onward.weekday),
        clock=onward.clock,
        last=_in_week(_last_day(series, first.date()), onward.weekday),
    )
    taken = {monday_of(one.original.date()) for one in stay}
    wanted = (one for one in occurrences(pattern) if monday_of(one.wall.date()) not in taken)
    return _Cut(pattern=pattern, stay=stay, change=change, drop=drop, wanted=tuple(wanted))


def _follows(one: Instance, now: datetime) -> bool:
    """Whether the instance may go with the series: one that waits or was left out, or a visit not begun."""
    return one.visit is None or (one.open and one.visit.starts_at > now)


def _last_day(series: Series, first: date) -> date:
    """A day in the week of the last instance, so that the new series has as many; never before ``first``.

    One that stayed as it was may stand on a later day of the last week than the pattern has now.
    """
    step = timedelta(weeks=series.pattern.every)
    anchor = series.pattern.anchor
    return max(first, anchor + (series.pattern.last - anchor) // step * step)


def _in_week(day: date, weekday: int) -> date:
    return monday_of(day) + timedelta(days=weekday)


def _judged(
    work: Work, onward: Onward, cut: _Cut, interpreted_by: Sequence[PersonId]
) -> tuple[tuple[Judged, ...], frozenset[VisitId]]:
    """What the rules say of each, and the visits that change: one that is refused stays, and counts where it is."""
    waits = (
        first_instant(one.wall, cut.pattern.zone) for one in cut.stay if one.state is InstanceState.PLANNED
    )
    earlier = [at for at in waits if at is not None]
    by_week = {monday_of(one.original.date()): one for one in cut.change}
    changing = visits_of(cut.change)
    while True:
        said = judged(
            work,
            onward.wish,
            cut.wanted,
            optional=onward.optional,
            besides=changing,
            earlier=earlier,
            interpreted_by=interpreted_by,
        )
        no = {monday_of(one.occurrence.wall.date()) for one in said if one.fit is not Fit.FITS}
        staying = changing & visits_of(tuple(one for week, one in by_week.items() if week in no))
        if not staying:
            return said, changing
        changing -= staying


def _drop(work: Work, instances: tuple[Instance, ...]) -> None:
    """Those that only waited, or were left out, are judged anew in the new series."""
    ids = [one.id for one in instances]
    statement = delete(SeriesInstanceRow).where(SeriesInstanceRow.id.in_(ids))  # type: ignore[attr-defined]
    work.session.exec(statement)


def _hand_over(work: Work, instances: tuple[Instance, ...], new: SeriesId) -> None:
    """Let the new series have them as they are, with their original starts."""
    for one in instances:
        row = row_of(work, one)
        row.series_id = new
        work.session.add(row)
    work.session.flush()


@dataclass(frozen=True, kw_only=True)
class _Going:
    """How it goes on, and the visits that change; ``besides`` are those of them that the rules allow to."""

    onward: Onward
    said: tuple[Judged, ...]
    change: tuple[Instance, ...]
    besides: frozenset[VisitId]


def _go_on(work: Work, new: SeriesId, going: _Going) -> Kept:
    """Change each booked visit to what it would be now; what has none in its week is booked or waits."""
    by_week = {monday_of(one.original.date()): one for one in going.change}
    weeks = {one: by_week.pop(monday_of(one.occurrence.wall.date()), None) for one in going.said}
    changing = {one: old for one, old in weeks.items() if old is not None}
    _hand_over(work, tuple(by_week.values()), new)
    changed = sum(_change(work, new, going, one, old) for one, old in changing.items())
    rest = tuple(one for one in going.said if one not in changing)
    fresh = keep_and_book(work, new, going.onward.wish, rest, optional=going.onward.optional)
    if changed and not fresh.booked:  # what is booked anew has told them already
        inviting.tell_approvers(work, _first_waiting(work, new))
    stayed = len(changing) - changed
    return Kept(booked=fresh.booked + changed, planned=fresh.planned, left_out=fresh.left_out + stayed)


def _first_waiting(work: Work, new: SeriesId) -> Visit:
    return series_for(work, new).waiting[0]


def _change(work: Work, new: SeriesId, going: _Going, one: Judged, old: Instance) -> bool:
    """Change one booked visit; where a rule says no, or it would be too far ahead, it stays as it was."""
    assert old.visit is not None
    row = row_of(work, old)
    row.series_id = new
    why = one.why
    if one.fit is Fit.FITS:
        onward = going.onward
        wish = wish_for(onward.wish, one)
        come = settled(onward.wish, onward.optional, wish) if onward.optional.people else None
        answer = inviting.change(work, old.visit.id, wish, besides=going.besides, settled=come, tell=False)
        if not isinstance(answer, Refused):
            _replace(work, row, new, one)
            return True
        why = tuple(dict.fromkeys(f"{reason.rule}/{reason.code}" for reason in answer.reasons))
    row.why = list(why)
    work.session.add(row)
    work.session.flush()
    return False


def _replace(work: Work, row: SeriesInstanceRow, new: SeriesId, one: Judged) -> None:
    """The visit stands for an instance of the new series now, at that one's original start."""
    visit = row.visit_id
    work.session.delete(row)
    work.session.flush()
    at = one.occurrence
    work.session.add(
        SeriesInstanceRow(
            id=work.new_id(),
            series_id=new,
            original=f"{at.wall:{WALL}}",
            wall=f"{at.wall:{WALL}}",
            starts_at=at.starts_at,
            tzdata=zone_rules(),
            state=InstanceState.BOOKED,
            visit_id=visit,
        )
    )
    work.session.flush()


def _end_before(work: Work, series: Series, first: Instance) -> None:
    """The last day of the old series is that before the split; what still waits in it is booked when it is due."""
    row = work.session.get_one(SeriesRow, series.id)
    before = first.original.date() - timedelta(days=1)
    row.last_on = max(row.anchor_on, before)
    work.session.add(row)
    work.session.flush()
