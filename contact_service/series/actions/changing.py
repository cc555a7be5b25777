"""Change one instance: give it another time, or call it off.  Its original start stays known (RFC 5545, RECURRENCE-ID).

A booked one is changed as the visit that it is; one that waits, or was left out, is changed here.
"""

from datetime import datetime

from contact_service.audit.events import EventType
from contact_service.errors import BadInput
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.policy.understanding import lacks_interpreter
from contact_service.series.actions.keeping import (
    WALL,
    book_instance,
    lock_to_change,
    record,
    row_of,
)
from contact_service.series.instances import at_wall, demand_unused, instance_in, waiting, wish_for
from contact_service.series.pattern import Occurrence, first_instant
from contact_service.series.queries.finding import series_for
from contact_service.series.queries.judging import judged
from contact_service.series.series import Fit, Instance, InstanceState, Judged, Series, SeriesId, SeriesOver
from contact_service.visits.actions import booking
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.actions.moving import lock, record_refusal
from contact_service.visits.actions.narrowing import refuse_too_few
from contact_service.visits.optional import asked_again, settled as settled_with
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.interpreted import (
    Interpreted,
    by_the_rules,
    interpreted,
    without_interpreters,
)
from contact_service.visits.queries.narrowing import as_many_as_may, whoever_could
from contact_service.visits.queries.optional import settled_of
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit, VisitState
from contact_service.visits.wish import Wish
from contact_service.work import Work


def move_instance(work: Work, series: SeriesId, instance: str, wall: datetime) -> Series | Refused | Judged:
    """Give one instance another time, naive ``wall`` in the zone of the series; the others stay where they are.

    A booked one needs a new approval.  One that waits, or was left out, is booked when the rules allow it, and waits
    when it is too far ahead; else the answer says why not, and nothing changes.
    """
    if wall.tzinfo is not None or wall.second or wall.microsecond:
        raise BadInput("Write the start, like 16:00.", "time")
    found = lock_to_change(work, series)
    one = instance_in(found, instance)
    if one.visit is not None:
        answer = _move_booked(work, found, one.visit, wall)
        if isinstance(answer, Refused):
            return answer
    else:
        if found.ended_at is not None:
            raise SeriesOver
        demand_unused(one, InstanceState.PLANNED, InstanceState.LEFT_OUT)
        refused = _book_or_plan(work, found, one, wall)
        if refused is not None:
            return refused
    record(work, found, EventType.SERIES_CHANGED, reason="moved", facts=_about(one, wall))
    return series_for(work, series)


def _move_booked(work: Work, series: Series, visit: Visit, wall: datetime) -> Visit | Refused:
    """Move a visit; who comes if they can and who interprets is asked anew: whoever did so far where they are free."""
    row, booked = lock(work, visit.id)
    asked, before = without_interpreters(work, wish_of(booked), kept=series.people)
    starts_at = first_instant(wall, series.pattern.zone)
    if starts_at is None:
        return inviting.change(work, visit.id, at_wall(asked, wall))
    again, optional = asked_again(at_wall(asked, wall), settled_of(work, visit.id))
    lock_everybody(work, wish_of(booked), *whoever_could(work, again, optional))
    aside = frozenset({visit.id})

    def decide(wish: Wish) -> Interpreted:
        rules = by_the_rules(work, besides=aside)
        return interpreted(work, wish, starts_at, rules, besides=aside, first=before)

    wish = again
    if optional.people:
        narrowed = as_many_as_may(work, again, optional, starts_at, lambda one: decide(one).decision)
        if narrowed.too_few:
            return refuse_too_few(work, again, optional, narrowed)
        wish = narrowed.wish
    found = decide(wish)
    if lacks_interpreter(found.decision):
        record_refusal(work, row.room, EventType.VISIT_REFUSED, found.decision)
        return found.decision
    settled = settled_with(again, optional, found.wish) if optional.people else None
    return inviting.change(work, visit.id, found.wish, settled=settled)


def _book_or_plan(work: Work, series: Series, one: Instance, wall: datetime) -> Judged | None:
    wish = at_wall(series.wish(wall), wall)
    lock_everybody(work, *whoever_could(work, wish, series.optional))
    occurrence = Occurrence(wall=wall, starts_at=first_instant(wall, series.pattern.zone))
    [said] = judged(
        work,
        wish,
        [occurrence],
        optional=series.optional,
        earlier=waiting(series, besides=one),
        interpreted_by=series.interpreted_by,
    )
    if said.fit in (Fit.REFUSED, Fit.NO_SUCH_TIME):
        return said
    row = row_of(work, one)
    row.wall = f"{wall:{WALL}}"
    if said.fit is Fit.LATER:
        row.state = InstanceState.PLANNED
        row.why = list(said.why) if said.lacks_interpreter else []
        work.session.add(row)
        work.session.flush()
    else:
        exact = wish_for(series.wish(wall), said)
        settled = settled_with(series.wish(wall), series.optional, exact)
        book_instance(work, row, exact, tell=True, settled=settled)
    return None


def call_off_instance(
    work: Work, series: SeriesId, instance: str, reason: CancelReason, text: str = ""
) -> Series:
    """Call one instance off; it is never booked again by itself.

    A booked one is cancelled as any visit, and one that nobody has approved yet is withdrawn.
    """
    found = lock_to_change(work, series)
    one = instance_in(found, instance)
    if one.visit is None:
        demand_unused(one, InstanceState.PLANNED, InstanceState.LEFT_OUT)
    call_off(work, one, reason, text)
    record(work, found, EventType.SERIES_CHANGED, reason=reason, facts=_about(one, None))
    return series_for(work, series)


def call_off(work: Work, one: Instance, reason: CancelReason, text: str = "") -> None:
    """Call off the visit of an instance, or the plan for one."""
    if one.visit is None:
        row = row_of(work, one)
        row.state, row.why = InstanceState.CALLED_OFF, [reason.value]
        work.session.add(row)
        work.session.flush()
    elif one.visit.state is VisitState.REQUESTED:
        booking.withdraw_request(work, one.visit.id)
    else:
        inviting.cancel(work, one.visit.id, reason, text)


def _about(one: Instance, wall: datetime | None) -> tuple[tuple[str, str | int], ...]:
    moved = (("moved_to", f"{wall:{WALL}}"),) if wall else ()
    return (("original", f"{one.original:{WALL}}"), *moved)
