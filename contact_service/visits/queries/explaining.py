"""Why a visit cannot be booked, and the smallest change that would make it possible, from what is known now."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.ids import VisitId
from contact_service.people.queries import members as people
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Permitted, all_of
from contact_service.policy.explaining import Change, Explanation, explain, is_within_reach
from contact_service.policy.facts import BookingFacts, WatcherFacts
from contact_service.restrictions.queries import turns_of
from contact_service.scheduling.local_time import NoSuchTime, instant
from contact_service.visits.queries.asking import booking_facts, facts_of_children
from contact_service.visits.queries.needing import know_who_is_taken
from contact_service.visits.queries.offering import times_for
from contact_service.visits.wish import Wish
from contact_service.work import Work

# What a question takes as given: staff are found who suit it, and whoever books will have read the policy.
TAKEN_AS_GIVEN = ("R8", "R30", "R56", "R59", "R60")
_DAYS_TRIED = 14
_DAY = timedelta(days=1)
_LAST_DAY = date(9998, 1, 1)


def why_not(work: Work, wish: Wish, *, besides: VisitId | None = None) -> Explanation:
    """Every reason, and the nearest way to a yes within the fortnight that follows the wish.

    ``besides`` is the booked visit that the wish would change; it does not count against itself.
    """
    if wish.sharing:
        return _why_not_shared(work, wish, besides)
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))

    def gather(at: datetime) -> BookingFacts:
        wall = at.astimezone(zone).replace(tzinfo=None)
        return _staffed(booking_facts(work, replace(wish, wall_start=wall), besides=besides))

    times = _other_times(work, wish, zone)
    know_who_is_taken(work, wish, min(times), max(times))
    fortnight = _Fortnight(gather=gather, zone=zone, length=wish.length, turning=_turning(work, wish, times))
    return explain(_staffed(booking_facts(work, wish, besides=besides)), times, fortnight.facts_at)


def _why_not_shared(work: Work, wish: Wish, besides: VisitId | None) -> Explanation:
    """Where children share it: what speaks against it for any of them, and the nearest time that all of them have."""
    decision = all_of(may_book(_staffed(one)) for one in facts_of_children(work, wish, besides=besides))
    if isinstance(decision, Permitted):
        return Explanation(decision=decision, change=None)
    zone = people.zone_of(work, people.case_of(work, wish.child))
    wished = wish.wall_start.replace(tzinfo=ZoneInfo(zone))
    offers = times_for(work, replace(wish, supervisor=None), besides=besides, with_interpreter=True).offers
    nearest = min((one.starts_at for one in offers), key=lambda at: abs(at - wished), default=None)
    change = None if nearest is None else Change(starts_at=nearest.astimezone(ZoneInfo(zone)))
    return Explanation(decision=decision, change=change)


@dataclass(frozen=True, kw_only=True)
class _Fortnight:
    """Facts for hundreds of times from one look at the database a day.

    Through a day only the time itself differs, but on days of ``turning``, when a restriction starts or ends.  A time
    that would do is looked up by itself, so that no answer rests on the day's facts alone.
    """

    gather: Callable[[datetime], BookingFacts]
    zone: ZoneInfo
    length: timedelta
    turning: frozenset[date]
    known: dict[date, BookingFacts] = field(default_factory=dict)

    def facts_at(self, at: datetime) -> BookingFacts:
        """What the rules look at for a visit that starts then."""
        day, start = at.date(), instant(at.replace(tzinfo=None), self.zone.key)
        if day in self.turning or isinstance(start, NoSuchTime):
            return self.gather(at)
        if day not in self.known:
            self.known[day] = self.gather(at)
        alike = replace(self.known[day], starts_at=start, ends_at=start + self.length)
        return self.gather(at) if is_within_reach(alike) else alike


def _turning(work: Work, wish: Wish, times: list[datetime]) -> frozenset[date]:
    """The days on which a visit could begin or end on either side of a restriction's start or end."""
    everybody = {wish.child, *wish.people, *([wish.caregiver] if wish.caregiver else [])}
    first, last = min(times) - _DAY, max(times) + _DAY
    turns = [turn.astimezone(times[0].tzinfo) for turn in turns_of(work, everybody, first=first, last=last)]
    return frozenset(day for turn in turns for day in (turn.date(), (turn - wish.length).date()))


def _staffed(facts: BookingFacts) -> BookingFacts:
    """As if staff were found (``TAKEN_AS_GIVEN``): the question is about a child, people and a time.

    Whoever is named as visit supervisor already is judged as they are.
    """
    watcher = facts.watcher or _suiting(facts)
    return replace(
        facts,
        supervisor_qualified=True,
        watcher=watcher,
        duty_person_named=True,
        duty_in_conflict="",
        staff=(),
        policy_accepted=True,
    )


def _suiting(facts: BookingFacts) -> WatcherFacts:
    """Somebody who is all that the plan asks for, as far as one person can be."""
    asked = [person.demands for person in facts.people]
    return WatcherFacts(
        name="",
        in_conflict=False,
        gender=next((one.gender for one in asked if one.gender is not None), None),
        trainings=frozenset(name for one in asked for name in one.trainings),
    )


def _other_times(work: Work, wish: Wish, zone: ZoneInfo) -> list[datetime]:
    """Whole hours of the days from the wished one on, those nearest to the wished time of day first."""
    wished_on = min(wish.wall_start.date(), _LAST_DAY)  # a fortnight after it is still in the calendar
    first = max(wished_on, work.now.astimezone(zone).date())
    wished = wish.wall_start.hour * 60 + wish.wall_start.minute
    hours = sorted(range(24), key=lambda hour: (abs(hour * 60 - wished), hour))
    days = (first + timedelta(days=ahead) for ahead in range(_DAYS_TRIED))
    return [datetime(day.year, day.month, day.day, hour, tzinfo=zone) for day in days for hour in hours]
