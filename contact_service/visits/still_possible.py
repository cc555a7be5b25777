"""How many more visits fit into what is left of a period, and whether that is enough for the plan.  Pure.

Whole days are looked at, with at most one visit each: whether somebody is free at some hour of them is a later
question.  So what is said to be out of reach is, and what is not may be all the same.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from contact_service.plans.hours import Weekday, weekday_of
from contact_service.plans.terms import Frequency
from contact_service.visits.loss import Standing
from contact_service.visits.owed import Account, PeriodAccount, Span, days_of

_DAY = timedelta(days=1)
_COUNTED = (Standing.AHEAD, Standing.GIVEN)


def how_many_fit(days: Iterable[date], taken: Collection[date], gap_days: int) -> int:
    """The most visits that fit on ``days``, each at least ``gap_days`` from the others and from the ``taken`` days.

    Two visits are never put on one day.
    """
    gap = max(1, gap_days)
    free = (day for day in sorted(days) if all(abs((day - one).days) >= gap for one in taken))
    count, last = 0, None
    for day in free:  # the earliest day leaves most room for the rest
        if last is None or (day - last).days >= gap:
            count, last = count + 1, day
    return count


def short_by(
    account: Account, *, earliest: date, barred: Sequence[Span], open_on: Collection[Weekday]
) -> int:
    """How many visits of the running period can no longer be given, whatever is booked from now on; 0 for none.

    ``earliest`` is the first day for which a visit may still be asked; ``barred`` are days on which they may not meet,
    ``open_on`` the days of the week that the agency has.  A period in which they may meet on no day that is left is
    nobody's to mend here, and counts as none.
    """
    period, terms = account.running, account.terms
    if period is None or terms is None or terms.frequency is None:
        return 0
    need = period.missing - period.ahead
    after = min(period.after, period.covered[1])
    left = [day for day in days_of(earliest, after) if not _in(day, barred)]
    barred_to_the_end = not left and _in(min(earliest, after - _DAY), barred)
    if need <= 0 or barred_to_the_end:
        return 0
    usable = [day for day in left if weekday_of(day) in open_on and weekday_of(day) in terms.window.days]
    taken = [m.on for m in account.meetings if m.standing in _COUNTED]
    fit = how_many_fit(usable, taken, terms.frequency.gap_days or 1)
    return max(0, need - min(fit, _left_by_most(period, terms.frequency)))


def _left_by_most(period: PeriodAccount, often: Frequency) -> int:
    """How many more the plan allows in the period."""
    if often.most is None:
        return (period.after - period.first).days
    return max(0, often.most - period.given - period.ahead)


def _in(day: date, spans: Sequence[Span]) -> bool:
    return any(first <= day < after for first, after in spans)
