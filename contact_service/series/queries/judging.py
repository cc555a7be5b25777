"""What the rules say of every instance of a series, each as if the earlier ones were booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contact_service.ids import PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import period_around
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Permitted, Refused, all_of
from contact_service.policy.facts import BookingFacts, PersonFacts
from contact_service.policy.understanding import NO_INTERPRETER
from contact_service.series.clocks import OtherClock, local
from contact_service.series.instances import wish_for
from contact_service.series.pattern import Occurrence
from contact_service.series.series import Fit, Judged
from contact_service.visits.known_busy import BusyThen
from contact_service.visits.narrowing import Narrowed
from contact_service.visits.optional import EVERYBODY_MUST, IfTheyCan
from contact_service.visits.queries.asking import facts_of_children
from contact_service.visits.queries.busy import busy_from
from contact_service.visits.queries.interpreted import Interpreted, interpreted
from contact_service.visits.queries.narrowing import as_many_as_may
from contact_service.visits.queries.reaching import wished_within, zone_in_sight
from contact_service.visits.wish import Wish, carers_besides
from contact_service.work import Work

# The rule by which a visit is too far ahead to be booked today, and not too far for ever.
TOO_FAR = "too_far_ahead"


@dataclass(kw_only=True)
class _Earlier:
    """The instances that would be booked before the one in question: they count against frequency and gaps.

    Each with whoever is left out of it: for them it does not count.  ``interpreted_by``: who interprets in the last.
    """

    starts: list[tuple[datetime, frozenset[PersonId]]] = field(default_factory=list)
    interpreted_by: tuple[PersonId, ...] = ()

    def counted(self, facts: BookingFacts, seen: Wish) -> BookingFacts:
        """``facts`` for the child of ``seen`` as they would be if those were booked, where the child lives."""
        if facts.starts_at is None:
            return facts
        place = ZoneInfo(facts.zone)
        on = facts.starts_at.astimezone(place).date()
        days = {
            person: [at.astimezone(place).date() for at, out in self.starts if not {person, seen.child} & out]
            for person in seen.meeting
        }
        each = zip(seen.meeting, facts.people, strict=True)
        return replace(facts, people=tuple(_counted(one, days[person], on) for person, one in each))


def _counted(facts: PersonFacts, days: Sequence[date], on: date) -> PersonFacts:
    if not days:
        return facts
    nearest = min(abs((day - on).days) for day in days)
    known = nearest if facts.nearest_days is None else min(nearest, facts.nearest_days)
    if facts.often is None:
        return replace(facts, nearest_days=known)
    first, after = period_around(on, facts.often.per)
    more = sum(first <= day < after for day in days)
    return replace(facts, nearest_days=known, booked_in_period=facts.booked_in_period + more)


def judged(  # noqa: PLR0913  each is a part of what is asked
    work: Work,
    wish: Wish,
    found: Iterable[Occurrence],
    *,
    optional: IfTheyCan = EVERYBODY_MUST,
    besides: frozenset[VisitId] = frozenset(),
    earlier: Iterable[datetime] = (),
    interpreted_by: Sequence[PersonId] = (),
) -> tuple[Judged, ...]:
    """Every occurrence with what the rules of a single booking say of it, in order.

    Of ``optional`` each has as many as can come then; where they are too few it is refused.
    ``besides`` are visits that would no longer be where they are; ``earlier`` are instances that wait to be booked.
    Where somebody has to interpret, whoever did so in the one before is asked first: ``interpreted_by`` at the start.
    """
    before = _Earlier(starts=[(at, frozenset()) for at in earlier], interpreted_by=tuple(interpreted_by))
    asked = _Asked(work=work, wish=wish, optional=optional, besides=besides)
    return tuple(asked.judge(one, before) for one in found)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What is asked for again and again."""

    work: Work
    wish: Wish
    optional: IfTheyCan
    besides: frozenset[VisitId]

    def judge(self, one: Occurrence, before: _Earlier) -> Judged:
        """What the rules say of one, which counts for those that follow where it can be."""
        if one.starts_at is None:
            return Judged(occurrence=one, fit=Fit.NO_SUCH_TIME)
        wished = replace(self.wish, wall_start=one.wall, first_of_two=True)
        narrowed = self._narrowed(wished, one.starts_at, before)
        if narrowed is not None and narrowed.too_few:
            assert isinstance(narrowed.decision, Refused)
            return Judged(occurrence=one, fit=Fit.REFUSED, reasons=narrowed.decision.reasons, too_few=True)
        found = self._said(narrowed.wish if narrowed else wished, one.starts_at, before)
        reasons = found.decision.reasons if isinstance(found.decision, Refused) else ()
        if {reason.code for reason in reasons} - {TOO_FAR, NO_INTERPRETER}:
            return Judged(occurrence=one, fit=Fit.REFUSED, reasons=reasons)
        # Who can come is asked again when somebody who interprets has been found.
        waits = any(reason.code == NO_INTERPRETER for reason in reasons)
        left_out = narrowed.left_out if narrowed and not waits else ()
        before.starts.append((one.starts_at, frozenset(left_out)))
        if found.interpreter is not None:
            before.interpreted_by = (found.interpreter,)
        return Judged(
            occurrence=one,
            fit=Fit.LATER if reasons else Fit.FITS,
            reasons=reasons,
            interpreter=found.interpreter,
            left_out=left_out,
        )

    def _said(self, wished: Wish, at: datetime, before: _Earlier) -> Interpreted:
        def decide(one: Wish) -> Decision:
            each = zip(one.by_child(), facts_of_children(self.work, one, besides=self.besides), strict=True)
            return all_of(may_book(before.counted(facts, seen)) for seen, facts in each)

        return interpreted(self.work, wished, at, decide, besides=self.besides, first=before.interpreted_by)

    def _narrowed(self, wished: Wish, at: datetime, before: _Earlier) -> Narrowed | None:
        """With those who can come then; None where everybody must."""
        if not self.optional.people:
            return None

        def decide(one: Wish) -> Decision:
            said = self._said(one, at, before).decision
            # Being too far ahead is nobody's fault, and says nothing of who can come.
            if isinstance(said, Refused) and {reason.code for reason in said.reasons} == {TOO_FAR}:
                return Permitted(passed=said.passed)
            return said

        return as_many_as_may(self.work, wished, self.optional, at, decide)


def judged_in_sight(work: Work, wish: Wish, found: Sequence[Judged]) -> tuple[Judged, ...]:
    """``found`` by the clock of a child within the actor's reach: that of another would tell where they live.

    What has no instant has no time by another clock, and is left out there.
    """
    if wish.child in wished_within(work, wish.children):
        return tuple(found)
    zone = zone_in_sight(work, wish.children)
    return tuple(
        replace(one, occurrence=replace(one.occurrence, wall=local(at, zone)))
        for one in found
        if (at := one.occurrence.starts_at) is not None
    )


def other_clocks(work: Work, wish: Wish) -> tuple[OtherClock, ...]:
    """The zones, other than the one in sight of the actor, by which some of those who meet live, as far as is known.

    Nothing of a child out of the actor's reach and of their carer: the clock would tell where they live.
    """
    home = zone_in_sight(work, wish.children)
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
    return busy_from(work, wish_for(wish, one), starts_at)
