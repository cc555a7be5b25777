"""What the rules say of every instance of a series, each as if the earlier ones were booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contact_service.ids import PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import period_around
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Refused, all_of
from contact_service.policy.facts import BookingFacts, PersonFacts
from contact_service.policy.understanding import NO_INTERPRETER
from contact_service.series.clocks import OtherClock
from contact_service.series.pattern import Occurrence
from contact_service.series.series import Fit, Judged
from contact_service.visits.known_busy import BusyThen
from contact_service.visits.queries.asking import facts_of_children
from contact_service.visits.queries.busy import busy_from
from contact_service.visits.queries.interpreted import interpreted
from contact_service.visits.queries.reaching import wished_within
from contact_service.visits.wish import Wish, carers_besides
from contact_service.work import Work

# The rule by which a visit is too far ahead to be booked today, and not too far for ever.
TOO_FAR = "too_far_ahead"


@dataclass(kw_only=True)
class _Earlier:
    """The instances that would be booked before the one in question: they count against frequency and gaps.

    ``interpreted_by``: whoever interprets in the last of them.
    """

    starts: list[datetime] = field(default_factory=list)
    interpreted_by: tuple[PersonId, ...] = ()

    def counted(self, facts: BookingFacts) -> BookingFacts:
        """``facts`` as they would be if those were booked, where the child lives."""
        if facts.starts_at is None or not self.starts:
            return facts
        place = ZoneInfo(facts.zone)
        on = facts.starts_at.astimezone(place).date()
        days = [at.astimezone(place).date() for at in self.starts]
        return replace(facts, people=tuple(_counted(one, days, on) for one in facts.people))


def _counted(facts: PersonFacts, days: Sequence[date], on: date) -> PersonFacts:
    nearest = min(abs((day - on).days) for day in days)
    known = nearest if facts.nearest_days is None else min(nearest, facts.nearest_days)
    if facts.often is None:
        return replace(facts, nearest_days=known)
    first, after = period_around(on, facts.often.per)
    more = sum(first <= day < after for day in days)
    return replace(facts, nearest_days=known, booked_in_period=facts.booked_in_period + more)


def judged(
    work: Work,
    wish: Wish,
    found: Iterable[Occurrence],
    *,
    besides: frozenset[VisitId] = frozenset(),
    earlier: Iterable[datetime] = (),
    interpreted_by: Sequence[PersonId] = (),
) -> tuple[Judged, ...]:
    """Every occurrence with what the rules of a single booking say of it, in order.

    ``besides`` are visits that would no longer be where they are; ``earlier`` are instances that wait to be booked.
    Where somebody has to interpret, whoever did so in the one before is asked first: ``interpreted_by`` at the start.
    """
    before = _Earlier(starts=list(earlier), interpreted_by=tuple(interpreted_by))
    return tuple(_judge(work, wish, one, besides, before) for one in found)


def _judge(work: Work, wish: Wish, one: Occurrence, besides: frozenset[VisitId], before: _Earlier) -> Judged:
    if one.starts_at is None:
        return Judged(occurrence=one, fit=Fit.NO_SUCH_TIME)

    def decide(wished: Wish) -> Decision:
        facts = facts_of_children(work, wished, besides=besides)
        return all_of(may_book(before.counted(fact)) for fact in facts)

    wished = replace(wish, wall_start=one.wall, first_of_two=True)
    found = interpreted(work, wished, one.starts_at, decide, besides=besides, first=before.interpreted_by)
    reasons = found.decision.reasons if isinstance(found.decision, Refused) else ()
    if {reason.code for reason in reasons} - {TOO_FAR, NO_INTERPRETER}:
        return Judged(occurrence=one, fit=Fit.REFUSED, reasons=reasons)
    before.starts.append(one.starts_at)
    if found.interpreter is not None:
        before.interpreted_by = (found.interpreter,)
    fit = Fit.LATER if reasons else Fit.FITS
    return Judged(occurrence=one, fit=fit, reasons=reasons, interpreter=found.interpreter)


def other_clocks(work: Work, wish: Wish) -> tuple[OtherClock, ...]:
    """The zones, other than the child's, by which some of those who meet live, as far as is known.

    Nothing of a child out of the actor's reach and of their carer: the clock would tell where they live.
    """
    home = people.zone_of_person(work, wish.child)
    within = wished_within(work, wish.children)
    hidden = {one.child for one in wish.children if one.child not in within} | carers_besides(
        wish.children, within
    )
    found: dict[str, list[PersonId]] = {}
    for person in sorted(wish.everybody - {wish.child} - hidden):
        found.setdefault(people.zone_of_person(work, person), []).append(person)
    return tuple(
        OtherClock(zone=zone, people=tuple(those)) for zone, those in sorted(found.items()) if zone != home
    )


def busy_in(work: Work, wish: Wish, one: Judged) -> list[BusyThen]:
    """Who of an instance of ``wish`` that could be booked is busy then: no rule says no for that alone."""
    starts_at = one.occurrence.starts_at
    if starts_at is None or one.fit not in (Fit.FITS, Fit.LATER):
        return []
    return busy_from(work, wish.with_people([one.interpreter] if one.interpreter else []), starts_at)
