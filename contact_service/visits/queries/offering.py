"""Times at which a wished visit could be: found on the grid, decided by the rules, the best of each day first.

Nothing is held or booked here: what is offered is free as far as anybody knows now.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from zoneinfo import ZoneInfo

from contact_service.agency_policy import queries as agency_policy
from contact_service.ids import AccountId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.hours import QuietKind, Window
from contact_service.scheduling.availability import Availability, free_slots, local_days, open_hours
from contact_service.scheduling.grid import STEP, Grid, each
from contact_service.scheduling.shared_rooms import taken_slots
from contact_service.scheduling.slots import (
    Blocked,
    Group,
    Need,
    Preference,
    Question,
    best_of,
    blockers,
    find,
    most_who_can,
    ranked,
)
from contact_service.visits.optional import EVERYBODY_MUST, IfTheyCan
from contact_service.visits.queries.asking import know_everybody
from contact_service.visits.queries.closing import without_school
from contact_service.visits.queries.finding import visits_lately
from contact_service.visits.queries.judging import demand_optional
from contact_service.visits.queries.offered import DayWithout, Times
from contact_service.visits.queries.requiring import (
    AGENCY,
    QUORUM,
    SUPERVISOR,
    Booked,
    Search,
    needs,
)
from contact_service.visits.queries.trying import ALL_CAN_COME, MORE_CAN_COME, Tries
from contact_service.visits.suiting import in_words
from contact_service.visits.visit import Outcome
from contact_service.visits.wish import Wish
from contact_service.work import Work

DAYS = 28
_MOST_OPENING = 3
_USUAL, _SAME_HOUR, _AFTER_SCHOOL = 25, 10, 10
# More than everything else together: who is there counts before the hour.
_EACH_WHO_COMES = 60
_NEAR = (1, 2, 4, 7, 14)


def times_for(  # noqa: PLR0913  each is a part of what is asked
    work: Work,
    wish: Wish,
    *,
    optional: IfTheyCan = EVERYBODY_MUST,
    besides: VisitId | None = None,
    with_interpreter: bool = False,
    near: datetime | None = None,
    allowed: int | None = None,
) -> Times:
    """Times in the four weeks from now at which everybody who must be there is free and no rule says no.

    Of the wish everything counts but its start.  ``besides`` is the booked visit that would move; ``near``: days close
    to this instant are better than others.  ``allowed``: only these starts, as slots of the grid that ``free_starts``
    has in the same Work.
    ``optional``: who of the wish comes if they can; each time says who would, as many as the rules allow, never fewer
    than its quorum.  Raises ``BadInput`` where it does not go with the wish.
    ``with_interpreter``: where whoever watches would not understand, somebody of the plan who is free may interpret.
    """
    know_everybody(work, wish)
    demand_optional(work, wish, optional)
    asked = Search(wish=wish, optional=optional, besides=besides, with_interpreter=with_interpreter)
    zone = people.zone_of(work, people.case_of(work, wish.child))
    grid = _grid(work)
    booked = Booked(work, asked, grid)
    question = _question(work, asked, booked, grid.everything if allowed is None else allowed)
    days = dict(local_days(grid, zone))
    tries = Tries(
        work=work,
        asked=asked,
        zone=ZoneInfo(zone),
        booked=booked,
        known=Counter(v.supervisor for v in visits_lately(work, wish.child)),
    )
    preferences = [*_preferences(work, wish, grid, zone), *_close_to(grid, near), *_how_many_come(question)]
    tries.decide(ranked(question, preferences))
    blocked = [
        replace(
            _day_without(one, question, booked, days[one.day]), free_at=_but_for(one, question, preferences)
        )
        for one in blockers(question, list(days.items()))
    ]
    return Times(
        offers=tuple(sorted(tries.offers.values(), key=lambda one: one.starts_at)),
        without=tuple(sorted([*blocked, *tries.refused()], key=lambda one: one.day)),
        kept_out=tuple(booked.kept_out.items()),
    )


def free_starts(work: Work, wish: Wish) -> tuple[Grid, int]:
    """Every start in the four weeks from now at which everybody is free; what the rules say is not asked.

    Where somebody has to interpret, one who could is free too.
    """
    grid = _grid(work)
    asked = Search(wish=wish, optional=EVERYBODY_MUST, with_interpreter=True)
    return grid, find(_question(work, asked, Booked(work, asked, grid), grid.everything))


def _question(work: Work, asked: Search, booked: Booked, allowed: int) -> Question:
    return Question(
        grid=booked.grid,
        length=max(1, -(-asked.wish.length // STEP)),
        needs=tuple(needs(work, asked, booked)),
        allowed=allowed,
    )


def _grid(work: Work) -> Grid:
    """From the first quarter hour that the notice allows."""
    first = work.now + agency_policy.policy_in_force(work).limits.minimum_notice
    early = timedelta(minutes=first.minute % 15, seconds=first.second, microseconds=first.microsecond)
    return Grid(begins=first - early + (STEP if early else timedelta(0)), slots=DAYS * 96)


def _day_without(blocked: Blocked, question: Question, booked: Booked, day: int) -> DayWithout:
    """What is in the way, and of supervisors what is asked of them, and who of them would have time on that day."""
    why = [_why(need) for need in blocked.needs]
    opens: tuple[tuple[AccountId, datetime], ...] = ()
    if (SUPERVISOR, "") in why:
        why += [("cannot_watch", account) for account in booked.barred]
        why += in_words(booked.asked)
        opens = _who_would(question, day)
    can_come = _how_many_could(blocked, question, day) if (QUORUM, "") in why else None
    return DayWithout(day=blocked.day, why=tuple(why), opens=opens, can_come=can_come)


def _but_for(blocked: Blocked, question: Question, preferences: Sequence[Preference]) -> datetime | None:
    return question.grid.instant(best_of(blocked.possible, preferences)) if blocked.possible else None


def _how_many_could(blocked: Blocked, question: Question, day: int) -> int:
    """How many of those who come if they can could at once, at the best start that nothing else blocks."""
    [group] = [one for one in question.needs if isinstance(one, Group) and one.name == QUORUM]
    left = (need.starts(question.length) for need in question.needs if need.name not in blocked.needs)
    return most_who_can(question, group, reduce(and_, left, day & question.allowed))


def _who_would(question: Question, day: int) -> tuple[tuple[AccountId, datetime], ...]:
    """The supervisors who could watch on that day at another time, each from when: within the agency's hours."""
    [watching] = [one for one in question.needs if isinstance(one, Need) and one.name == SUPERVISOR]
    within = [need.starts(question.length) for need in question.needs if need.name.startswith(AGENCY)]
    found = []
    for member in watching.members:
        possible = reduce(and_, within, watching.starts_of(member, question.length) & day)
        if possible:
            found.append((AccountId(member), question.grid.instant(next(each(possible)))))
    return tuple(sorted(found, key=lambda one: (one[1], one[0]))[:_MOST_OPENING])


def _why(need: str) -> tuple[str, str]:
    code, _, about = need.partition("/")
    return code, about


# ---- which is best


def _preferences(work: Work, wish: Wish, grid: Grid, zone: str) -> list[Preference]:
    found = [*_usual(work, wish, grid, zone)]
    # Where nothing better is known: when a child is awake, home and not yet tired.
    for reason, weight, first, last in (("daytime", 3, 9, 19), ("afternoon", 6, 15, 18)):
        hours = Window(earliest=first * 60, latest=last * 60)
        found.append(_preferred(reason, weight, grid, zone, hours))
    school = [q.window for _, q in plans.quiet_hours_of(work, wish.child) if q.kind is QuietKind.SCHOOL]
    no_school = without_school(work, wish.child, grid, zone) if school else 0
    for window in school:
        after = replace(window, earliest=window.latest, latest=min(window.latest + 120, 24 * 60))
        soon = _preferred("after_school", _AFTER_SCHOOL, grid, zone, after)
        found.append(replace(soon, slots=soon.slots & ~no_school))
    return found


def _usual(work: Work, wish: Wish, grid: Grid, zone: str) -> Iterator[Preference]:
    """The weekday and the hour of most of the visits that these had and that went well: what a child can count on."""
    met = [
        visit.starts_at.astimezone(ZoneInfo(zone))
        for visit in visits_lately(work, wish.child)
        if visit.outcome is Outcome.COMPLETED and set(wish.people) & visit.people
    ][-8:]
    if not met:
        return
    (weekday, minute), _ = Counter((at.weekday(), at.hour * 60 + at.minute) for at in met).most_common(1)[0]
    around = Window(earliest=max(minute - 30, 0), latest=min(minute + 45, 24 * 60))
    yield _preferred("usual_hour", _SAME_HOUR, grid, zone, around)
    day = replace(around, days=(list(around.days)[weekday],))
    yield _preferred("usual_day", _USUAL, grid, zone, day)


def _how_many_come(question: Question) -> Iterator[Preference]:
    """Each more of those who come if they can makes a start better."""
    for group in question.needs:
        if isinstance(group, Group) and group.name == QUORUM:
            for number in range(group.count + 1, len(group.members) + 1):
                reason = ALL_CAN_COME if number == len(group.members) else MORE_CAN_COME
                slots = group.starts_with(number, question.length)
                yield Preference(reason=reason, weight=_EACH_WHO_COMES, slots=slots)


def _close_to(grid: Grid, near: datetime | None) -> list[Preference]:
    if near is None:
        return []
    spans = [(near - timedelta(days=days), near + timedelta(days=days)) for days in _NEAR]
    return [Preference(reason="near", weight=_USUAL, slots=slots) for slots in taken_slots(grid, spans)]


def _preferred(reason: str, weight: int, grid: Grid, zone: str, window: Window) -> Preference:
    slots = free_slots(grid, Availability(zone=zone, weekly=(open_hours(window),)))
    return Preference(reason=reason, weight=weight, slots=slots)
