"""Times that are offered for a wished visit, and days that have none."""

from dataclasses import dataclass
from datetime import date, datetime

from contact_service.ids import AccountId, PersonId
from contact_service.policy.decision import Reason


@dataclass(frozen=True, kw_only=True)
class OfferedTime:
    """A start, why it is a good one (codes), and the visit supervisors who are free.

    The first is one with whom every rule says yes; of several who know the child best.  ``interpreter``: who would take
    part besides, for no supervisor who is free understands everybody.
    ``coming`` and ``left_out``: of those who come if they can, who would be there then, and who could not; ``against``:
    what the rules have against some of these.
    """

    starts_at: datetime
    reasons: tuple[str, ...]
    supervisors: tuple[AccountId, ...]
    interpreter: PersonId | None = None
    coming: tuple[PersonId, ...] = ()
    left_out: tuple[PersonId, ...] = ()
    against: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DayWithout:
    """A day with no time, and what stands in the way.

    ``why``: whose time is taken, as codes, each with whom it is about (empty: nobody).  ``reasons``: what the rules say
    where everybody would have time.  ``opens``: where no supervisor is free, who of those who suit would be, from when.
    ``can_come``: where too few of those who come if they can are able to, how many could at best.  ``free_at``: when
    everybody else would be free, at the best hour of those at which nothing is in the way but ``why``.
    """

    day: date
    why: tuple[tuple[str, str], ...]
    reasons: tuple[Reason, ...] = ()
    opens: tuple[tuple[AccountId, datetime], ...] = ()
    can_come: int | None = None
    free_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Times:
    """The best time of each of the best days, in order of time; and the days that have none.

    ``kept_out``: of those who come if they can, whom rules keep out at any time, and why.
    """

    offers: tuple[OfferedTime, ...]
    without: tuple[DayWithout, ...]
    kept_out: tuple[tuple[PersonId, tuple[Reason, ...]], ...] = ()
