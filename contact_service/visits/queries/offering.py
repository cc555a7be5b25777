"""Times at which a wished visit could be: found on the grid, decided by the rules, the best of each day first.

Nothing is held or booked here: what is offered is free as far as anybody knows now.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.terms import QuietKind, Window
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Permitted, Reason, all_of
from contact_service.scheduling.availability import (
    ALWAYS,
    Availability,
    Kind,
    WeeklyHours,
    free_slots,
    local_days,
)
from contact_service.scheduling.grid import STEP, Grid
from contact_service.scheduling.slots import Need, Offer, Preference, Question, blockers, ranked
from contact_service.visits.queries.asking import facts_of_children
from contact_service.visits.queries.finding import visits_of_child
from contact_service.visits.queries.taken import Taken, taken_between
from contact_service.visits.visit import OVER, Outcome
from contact_service.visits.wish import Wish
from contact_service.work import Work

DAYS = 28
_MOST = 8
_TRIED = 60
_HOURS_TRIED = 3
_SUPERVISORS_TRIED = 4
_WRITE_UP = STEP
_USUAL, _SAME_HOUR, _AFTER_SCHOOL = 25, 10, 10
# Rules that say no to a whole day: another hour of it need not be tried.
_OF_A_DAY = {"most_per_period", "gap", "weekday", "too_far_ahead"}


@dataclass(frozen=True, kw_only=True)
class OfferedTime:
    """A start, why it is a good one (codes), and the visit supervisors who are free.

    The first is one with whom every rule says yes; of several who know the child best.
    """

    starts_at: datetime
    reasons: tuple[str, ...]
    supervisors: tuple[AccountId, ...]


@dataclass(frozen=True, kw_only=True)
class DayWithout:
    """A day with no time, and what stands in the way.

    ``why``: whose time is taken, as codes, each with whom it is about (empty: nobody).  ``reasons``: what the rules say
    where everybody would have time.
    """

    day: date
    why: tuple[tuple[str, str], ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Times:
    """The best time of each of the best days, in order of time; and the days that have none."""

    offers: tuple[OfferedTime, ...]
    without: tuple[DayWithout, ...]


def times_for(work: Work, wish: Wish, *, besides: VisitId | None = None) -> Times:
    """Times in the four weeks from now at which everybody of ``wish`` is free and no rule says no.

    Of the wish everything counts but its start.  ``besides`` is the booked visit that would move.
    """
    zone = people.zone_of(work, people.case_of(work, wish.child))
    grid = _grid(work)
    booked = [one for one in taken_between(work, grid.begins, grid.ends) if one.visit != besides]
    question = Question(
        grid=grid,
        length=max(1, -(-wish.length // STEP)),
        needs=tuple(_needs(work, wish, grid, booked)),
        allowed=grid.everything,
    )
    known = Counter(v.supervisor for v in visits_of_child(work, wish.child, OVER))
    tries = _Tries(work=work, wish=wish, zone=ZoneInfo(zone), besides=besides, known=known)
    tries.decide(ranked(question, _preferences(work, wish, grid, zone)))
    blocked = [
        DayWithout(day=one.day, why=tuple(_why(need) for need in one.needs))
        for one in blockers(question, local_days(grid, zone))
    ]
    return Times(
        offers=tuple(sorted(tries.offers.values(), key=lambda one: one.starts_at)),
        without=tuple(sorted([*blocked, *tries.refused()], key=lambda one: one.day)),
    )


def _grid(work: Work) -> Grid:
    """From the first quarter hour that the notice allows."""
    first = work.now + agency_policy.policy_in_force(work).limits.minimum_notice
    early = timedelta(minutes=first.minute % 15, seconds=first.second, microseconds=first.microsecond)
    return Grid(begins=first - early + (STEP if early else timedelta(0)), slots=DAYS * 96)


def _why(need: str) -> tuple[str, str]:
    code, _, about = need.partition("/")
    return code, about


# ---- who must be there


def _needs(work: Work, wish: Wish, grid: Grid, booked: list[Taken]) -> Iterator[Need]:
    hours = agency_policy.policy_in_force(work).document.hours
    window = Window(days=hours.days, earliest=hours.earliest, latest=hours.latest)
    for one in wish.by_child():
        zone = people.zone_of(work, people.case_of(work, one.child))
        yield _alone(grid, f"agency_hours/{one.child}", Availability(zone=zone, weekly=(_open(window),)))
        quiet = [quiet.window for _, quiet in plans.quiet_hours_of(work, one.child)]
        if quiet:
            closed = tuple(WeeklyHours(kind=Kind.BLOCKED, window=w, source="quiet") for w in quiet)
            rules = Availability(zone=zone, weekly=(_open(ALWAYS), *closed))
            yield _alone(grid, f"quiet_hours/{one.child}", rules)
        yield from _plan_hours(work, one, grid, zone)
    for person in sorted(wish.everybody):
        taken = _spans([v for v in booked if person in v.people])
        if taken:
            yield _alone(
                grid, f"busy/{person}", Availability(zone="UTC", weekly=(_open(ALWAYS),), taken=taken)
            )
    yield _supervisor(work, wish, grid, booked)


def _open(window: Window) -> WeeklyHours:
    return WeeklyHours(kind=Kind.OPEN, window=window, source="hours")


def _alone(grid: Grid, name: str, availability: Availability) -> Need:
    return Need(name=name, members={name: free_slots(grid, availability)})


def _plan_hours(work: Work, wish: Wish, grid: Grid, zone: str) -> Iterator[Need]:
    """The days and hours that the child's plan has for each person; those that are never closed need no look."""
    plan = plans.plan_for(work, wish.child)
    for person in wish.meeting:
        terms = plan.terms_for(person) if plan else None
        if terms and terms.window != Window():
            rules = Availability(zone=zone, weekly=(_open(terms.window),))
            yield _alone(grid, f"plan_hours/{person}", rules)


def _supervisor(work: Work, wish: Wish, grid: Grid, booked: list[Taken]) -> Need:
    """The one who was chosen, else any; each with a quarter of an hour after every visit to write it up."""
    able = [account.id for account in identity.accounts_with(work, Role.VISIT_SUPERVISOR)]
    asked = [one for one in able if wish.supervisor in (None, one)]
    members = {}
    for account in asked:
        own = [visit for visit in booked if visit.supervisor == account]
        taken = tuple((begins, ends + _WRITE_UP) for begins, ends in _spans(own))
        members[str(account)] = free_slots(
            grid, Availability(zone="UTC", weekly=(_open(ALWAYS),), taken=taken)
        )
    return Need(name="supervisor", members=members, after=_WRITE_UP // STEP)


def _spans(visits: list[Taken]) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((visit.starts_at, visit.ends_at) for visit in visits)


# ---- which is best


def _preferences(work: Work, wish: Wish, grid: Grid, zone: str) -> list[Preference]:
    found = [*_usual(work, wish, grid, zone)]
    # Where nothing better is known: when a child is awake, home and not yet tired.
    for reason, weight, first, last in (("daytime", 3, 9, 19), ("afternoon", 6, 15, 18)):
        hours = Window(earliest=first * 60, latest=last * 60)
        found.append(_preferred(reason, weight, grid, zone, hours))
    school = [q.window for _, q in plans.quiet_hours_of(work, wish.child) if q.kind is QuietKind.SCHOOL]
    for window in school:
        after = replace(window, earliest=window.latest, latest=min(window.latest + 120, 24 * 60))
        found.append(_preferred("after_school", _AFTER_SCHOOL, grid, zone, after))
    return found


def _usual(work: Work, wish: Wish, grid: Grid, zone: str) -> Iterator[Preference]:
    """The weekday and the hour of most of the visits that these had and that went well: what a child can count on."""
    met = [
        visit.starts_at.astimezone(ZoneInfo(zone))
        for visit in visits_of_child(work, wish.child, OVER)
        if visit.outcome is Outcome.COMPLETED and set(wish.people) & visit.people
    ][-8:]
    if not met:
        return
    (weekday, minute), _ = Counter((at.weekday(), at.hour * 60 + at.minute) for at in met).most_common(1)[0]
    around = Window(earliest=max(minute - 30, 0), latest=min(minute + 45, 24 * 60))
    yield _preferred("usual_hour", _SAME_HOUR, grid, zone, around)
    day = replace(around, days=(list(around.days)[weekday],))
    yield _preferred("usual_day", _USUAL, grid, zone, day)


def _preferred(reason: str, weight: int, grid: Grid, zone: str, window: Window) -> Preference:
    slots = free_slots(grid, Availability(zone=zone, weekly=(_open(window),)))
    return Preference(reason=reason, weight=weight, slots=slots)


# ---- what the rules say


@dataclass(kw_only=True)
class _Tries:
    """Starts put before the rules, the best first, until enough days have one or enough were tried."""

    work: Work
    wish: Wish
    zone: ZoneInfo
    besides: VisitId | None
    known: Counter[AccountId]
    offers: dict[date, OfferedTime] = field(default_factory=dict)
    said_no: dict[date, list[tuple[Reason, ...]]] = field(default_factory=dict)

    def decide(self, found: Iterator[Offer]) -> None:
        """Keep the best start of each of the best days that every rule allows, for every child."""
        tried = 0
        for offer in found:
            day = offer.starts_at.astimezone(self.zone).date()
            if day in self.offers or self._is_closed(day):
                continue
            if len(self.offers) == _MOST or tried == _TRIED:
                break
            tried += 1
            self._try(offer, day)

    def refused(self) -> list[DayWithout]:
        """The days on which everybody would have time, and the rules say no."""
        return [
            DayWithout(day=day, why=(), reasons=reasons[-1])
            for day, reasons in self.said_no.items()
            if day not in self.offers
        ]

    def _is_closed(self, day: date) -> bool:
        """Whether another hour of the day need not be tried: the rules said no to all of it, or to several hours."""
        said = self.said_no.get(day, [])
        return len(said) == _HOURS_TRIED or any(r.code in _OF_A_DAY for reasons in said for r in reasons)

    def _try(self, offer: Offer, day: date) -> None:
        free = [AccountId(one) for one in offer.free["supervisor"]]
        free.sort(key=lambda account: -self.known[account])
        reasons: tuple[Reason, ...] = ()
        for place, supervisor in enumerate(free[:_SUPERVISORS_TRIED]):
            decision = self._decision(offer.starts_at, supervisor)
            if isinstance(decision, Permitted):
                others = free[:place] + free[place + 1 :]
                self.offers[day] = OfferedTime(
                    starts_at=offer.starts_at, reasons=offer.reasons, supervisors=(supervisor, *others)
                )
                return
            reasons = decision.reasons
        self.said_no.setdefault(day, []).append(reasons)

    def _decision(self, starts_at: datetime, supervisor: AccountId) -> Decision:
        local = starts_at.astimezone(self.zone).replace(tzinfo=None)
        tried = replace(self.wish, wall_start=local, supervisor=supervisor)
        facts = facts_of_children(self.work, tried, besides=self.besides)
        # Whoever books names a duty person and has read the policy; here it is about the time.
        return all_of(may_book(replace(one, duty_person_named=True, policy_accepted=True)) for one in facts)
