"""What a plan promised a child and one person, what was given, and what is still owed, period by period.  Pure.

Days are those of the calendar where the child lives, so that no change of the clocks moves a visit into another period.
Nothing reckoned here is stored: it follows from plan versions, visits and decisions each time it is asked for.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from contact_service.ids import PersonId, VisitId
from contact_service.plans.terms import Frequency, Medium, Period, PlanPerson, period_around
from contact_service.visits.loss import RULE_OF, Cause, MakeUpRule, Standing

Span = tuple[date, date]
"""Days from the first to the second, the second excluded."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """The terms under which a plan version lets a child meet one person, from ``first`` until the day before ``until``.

    ``until`` None: they stand.
    """

    first: date
    until: date | None
    terms: PlanPerson

    @property
    def per(self) -> Period:
        """The period that is counted; where the plan names none, visits are counted by month."""
        often = self.terms.frequency
        return often.per if often else Period.MONTH

    @property
    def least(self) -> int:
        """How many visits a period has at least."""
        often = self.terms.frequency
        return often.least or 0 if often else 0


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A visit as it counts for a child and one person.

    ``still_owed`` is what a worker decided about a lost one, None as long as nobody did.
    """

    visit: VisitId
    on: date
    standing: Standing
    cause: Cause | None = None
    still_owed: bool | None = None
    minutes: int = 0

    @property
    def rule(self) -> MakeUpRule | None:
        """What holds for a lost visit; None for every other."""
        return RULE_OF[self.cause] if self.cause is not None else None

    @property
    def waits_for_worker(self) -> bool:
        """Whether somebody must decide if it is still owed."""
        return self.rule is MakeUpRule.WORKER_DECIDES and self.still_owed is None

    @property
    def is_let_go(self) -> bool:
        """Whether somebody decided that it is not owed, where that is theirs to decide."""
        return self.rule is MakeUpRule.WORKER_DECIDES and self.still_owed is False


@dataclass(frozen=True, kw_only=True)
class PeriodAccount:
    """One period of one child and person, or the part of it for which the plan promised anything.

    ``first`` and ``after`` bound the whole period, ``covered`` the part.  ``ahead``: asked for, booked or running.
    ``not_owed``: decided so; ``to_decide``: for a worker; ``owed``: what the period left when it was over, of which
    visits beyond the number of a later period have ``made_up`` so many.  ``owed_by`` names the causes.  ``missing``
    is what is not given, decided or waiting for a decision, also while the period runs.
    """

    per: Period
    first: date
    after: date
    covered: Span
    is_over: bool
    entitled: int
    offered: int
    ahead: int
    given: int
    minutes: int
    lost: tuple[tuple[Cause, int], ...]
    not_owed: int
    to_decide: int
    missing: int
    owed: int
    owed_by: tuple[tuple[Cause, int], ...]
    made_up: int = 0

    @property
    def first_day(self) -> date:
        """The first day for which the plan promised anything."""
        return self.covered[0]

    @property
    def last_day(self) -> date:
        """The last one."""
        return self.covered[1] - timedelta(days=1)

    @property
    def still_owed(self) -> int:
        """What nobody has made up yet."""
        return self.owed - self.made_up


@dataclass(frozen=True, kw_only=True)
class Account:
    """Everything between a child and one person by one medium.

    ``is_kept``: visits by this medium are kept here, so that what was given is known.  ``terms`` are those of the plan
    in force, None when it names this person no more.
    """

    person: PersonId
    medium: Medium
    is_kept: bool
    terms: PlanPerson | None
    periods: tuple[PeriodAccount, ...]
    meetings: tuple[Meeting, ...]

    @property
    def still_owed(self) -> int:
        """Over all periods."""
        return sum(period.still_owed for period in self.periods)

    def to_decide(self) -> tuple[Meeting, ...]:
        """The lost visits about which a worker must decide: those of periods in which the answer makes a difference."""
        spans = [period.covered for period in self.periods if period.to_decide]
        return tuple(
            meeting
            for meeting in self.meetings
            if meeting.waits_for_worker and any(first <= meeting.on < after for first, after in spans)
        )

    @property
    def running(self) -> PeriodAccount | None:
        """The period that is not over."""
        return next((one for one in reversed(self.periods) if not one.is_over), None)

    def last_given(self) -> date | None:
        """The day on which they last met."""
        return max((m.on for m in self.meetings if m.standing is Standing.GIVEN), default=None)

    def next_ahead(self, today: date) -> date | None:
        """The day of the next visit that is asked for or booked."""
        days = (m.on for m in self.meetings if m.standing is Standing.AHEAD and m.on >= today)
        return min(days, default=None)


@dataclass(kw_only=True)
class _Part:
    """A period as it is gathered: how much of it was promised, and what fell into it."""

    per: Period
    first: date
    after: date
    covered: Span
    share: int = 0  # visits times days
    meetings: list[Meeting] = field(default_factory=list)

    def entitled(self) -> int:
        """The promise times the days for which it stood, half a visit counting as one."""
        days = (self.after - self.first).days
        return (2 * self.share + days) // (2 * days)


def reckon(
    promises: Sequence[Promise], meetings: Iterable[Meeting], *, barred: Sequence[Span], today: date
) -> tuple[PeriodAccount, ...]:
    """Every period until the one that holds ``today``, oldest first.

    ``promises`` are in order and do not overlap; on the days of ``barred`` a court or the police forbid that they
    meet, and nothing is promised.  A visit on a day without promise counts nowhere.
    """
    parts = _parts(promises, _joined(barred), today)
    for meeting in meetings:
        promise = next((p for p in promises if _stands_on(p, meeting.on)), None)
        if promise is None:
            continue
        part = parts.get((promise.per, period_around(meeting.on, promise.per)[0]))
        if part is not None:
            part.meetings.append(meeting)
    ordered = sorted(parts.values(), key=lambda part: (part.covered, part.first))
    return _made_up([_account(part, today) for part in ordered])


def _stands_on(promise: Promise, day: date) -> bool:
    return promise.first <= day and (promise.until is None or day < promise.until)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """The same days, each once."""
    found: list[Span] = []
    for first, after in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], after))
        else:
            found.append((first, after))
    return found


def _parts(
    promises: Sequence[Promise], barred: Sequence[Span], today: date
) -> dict[tuple[Period, date], _Part]:
    parts: dict[tuple[Period, date], _Part] = {}
    for promise in promises:
        end = period_around(today, promise.per)[1]
        until = end if promise.until is None else min(promise.until, end)
        day = promise.first
        while day < until:
            first, after = period_around(day, promise.per)
            piece = (day, min(after, until))
            part = parts.setdefault(
                (promise.per, first), _Part(per=promise.per, first=first, after=after, covered=piece)
            )
            part.covered = (min(part.covered[0], piece[0]), max(part.covered[1], piece[1]))
            part.share += promise.least * _open_days(piece, barred)
            day = piece[1]
    return parts


def _open_days(piece: Span, barred: Sequence[Span]) -> int:
    days = (piece[1] - piece[0]).days
    for first, after in barred:
        days -= max(0, (min(after, piece[1]) - max(first, piece[0])).days)
    return days


def _account(part: _Part, today: date) -> PeriodAccount:
    entitled = part.entitled()
    by = Counter(meeting.standing for meeting in part.meetings)
    lost = [m for m in sorted(part.meetings, key=lambda m: (m.on, m.visit)) if m.cause is not None]
    given, ahead = by[Standing.GIVEN], by[Standing.AHEAD]
    missing = max(0, entitled - given)
    not_owed = min(sum(m.is_let_go for m in lost), missing)
    to_decide = min(sum(m.waits_for_worker for m in lost), missing - not_owed)
    missing -= not_owed + to_decide
    is_over = part.covered[1] <= today
    owed = missing if is_over else 0
    return PeriodAccount(
        per=part.per,
        first=part.first,
        after=part.after,
        covered=part.covered,
        is_over=is_over,
        entitled=entitled,
        offered=given + ahead + len(lost),
        ahead=ahead,
        given=given,
        minutes=sum(m.minutes for m in part.meetings if m.standing is Standing.GIVEN),
        lost=_counted(m.cause for m in lost),
        not_owed=not_owed,
        to_decide=to_decide,
        missing=missing,
        owed=owed,
        owed_by=_causes(lost, owed),
    )


def _counted(causes: Iterable[Cause | None]) -> tuple[tuple[Cause, int], ...]:
    found = Counter(cause for cause in causes if cause is not None)
    return tuple((cause, found[cause]) for cause in Cause if found[cause])


def _causes(lost: Sequence[Meeting], owed: int) -> tuple[tuple[Cause, int], ...]:
    """Of what is owed, as much as was lost goes by its cause, in order of time; the rest was never offered."""
    lasting = [m.cause for m in lost if not m.is_let_go and not m.waits_for_worker][:owed]
    return _counted([*lasting, *[Cause.NEVER_OFFERED] * (owed - len(lasting))])


def _made_up(periods: list[PeriodAccount]) -> tuple[PeriodAccount, ...]:
    """Let what was given beyond the number of a period make up for earlier ones, the oldest first."""
    made_up, oldest = [0] * len(periods), 0
    for place, period in enumerate(periods):
        spare = max(0, period.given - period.entitled)
        while spare and oldest < place:
            used = min(spare, periods[oldest].owed - made_up[oldest])
            made_up[oldest] += used
            spare -= used
            if made_up[oldest] == periods[oldest].owed:
                oldest += 1
    return tuple(
        replace(period, made_up=count) if count else period
        for period, count in zip(periods, made_up, strict=True)
    )


def promises_of(
    versions: Sequence[tuple[date, Sequence[PlanPerson]]], person: PersonId, medium: Medium
) -> list[Promise]:
    """What versions of a plan, each from its day on, promise about one person; the same terms are one promise.

    ``versions`` are in order; of two with the same day the later counts.
    """
    found: list[Promise] = []
    last = dict(versions)
    days = sorted(last)
    for place, day in enumerate(days):
        until = days[place + 1] if place + 1 < len(days) else None
        terms = next((t for t in last[day] if t.person == person and t.medium is medium), None)
        if terms is None:
            continue
        if found and found[-1].until == day and found[-1].terms == terms:
            found[-1] = replace(found[-1], until=until)
        else:
            found.append(Promise(first=day, until=until, terms=terms))
    return found


def yearly(frequency: Frequency | None) -> int:
    """How many visits a year a frequency comes to at least."""
    return _A_YEAR[frequency.per] * (frequency.least or 0) if frequency else 0


_A_YEAR = {Period.WEEK: 52, Period.FORTNIGHT: 26, Period.MONTH: 12, Period.QUARTER: 4}


def days_of(first: date, after: date) -> list[date]:
    """Every day from ``first`` to the day before ``after``."""
    return [first + timedelta(days=n) for n in range((after - first).days)]
