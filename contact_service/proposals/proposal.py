"""A visit for which the family chooses one of several times, and what somebody answers to an invitation."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from contact_service.agency_policy.document import Family
from contact_service.agency_policy.limits import Limits
from contact_service.errors import ContactServiceError
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.visits.as_it_would_be import with_exactly
from contact_service.visits.visit import ParticipantRole, Visit, VisitChild

FEWEST_TIMES, MOST_TIMES = 2, 3
MOST_OPEN = 2
"""So many choices of one child may be open at once: each keeps everybody's time three times over."""
OTHER_TIME_KEPT = timedelta(hours=24)
_SOONEST_END = timedelta(hours=1)


class ChoiceOver(ContactServiceError):
    """This choice is over. Please call us, and we find a time together."""


@dataclass(frozen=True, kw_only=True)
class ProposedTime:
    """One of the times of a proposal; ``place`` counts from 1, in order of time.

    ``interpreter``: who interprets then, where somebody has to; ``left_out``: of those who come if they can, who could
    not then.  Until a time is chosen the visit has those of the first.
    """

    place: int
    starts_at: datetime
    ends_at: datetime
    interpreter: PersonId | None = None
    left_out: tuple[PersonId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The times of one visit, and who is asked to choose.

    ``opened_at`` is None until an approver, or the policy, said yes to all of the times; from then on ``answer_by``
    says how long they are kept.  ``chosen_by`` is None until somebody chose.  ``others`` and ``other_children``: those
    whom the first of the times leaves out, and another may have.
    """

    visit: VisitId
    times: tuple[ProposedTime, ...]
    asked: tuple[PersonId, ...]
    opened_at: datetime | None
    answer_by: datetime | None
    approved_by: AccountId | None
    automatic: str
    chosen_by: PersonId | None
    chosen_at: datetime | None
    others: tuple[PersonId, ...] = ()
    other_children: tuple[VisitChild, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Whether somebody may choose; that the visit itself still waits for it is asked of the visit."""
        return self.answer_by is not None and now < self.answer_by and self.chosen_at is None

    def seen_at(self, visit: Visit, one: ProposedTime) -> Visit:
        """``visit``, which has the first of the times, as it would be at ``one`` of them."""
        away = {*one.left_out, self.times[0].interpreter}
        meeting = [p.person for p in visit.families() if p.person and p.role is ParticipantRole.FAMILY_MEMBER]
        people = [person for person in (*meeting, *self.others) if person not in away]
        people += [one.interpreter] if one.interpreter else []
        children = tuple(c for c in (*visit.children, *self.other_children) if c.child not in away)
        return replace(with_exactly(visit, people, children), starts_at=one.starts_at, ends_at=one.ends_at)

    def time(self, place: int) -> ProposedTime | None:
        """The time at ``place``, or None."""
        return next((one for one in self.times if one.place == place), None)


def answer_by(family: Family, limits: Limits, first: datetime, now: datetime) -> datetime | None:
    """Until when the family may choose; None where less than an hour is left for it.

    A request that nobody answers lapses by itself, so a choice never lasts longer than that.
    """
    before = max(family.choose_before_first, limits.request_lapses_before_start)
    found = min(now + family.choose_within, first - before)
    return found if found >= now + _SOONEST_END else None


class Answer(StrEnum):
    """What somebody says to an invitation."""

    COMING = "coming"
    CANNOT = "cannot"


class WhyNot(StrEnum):
    """Why somebody cannot come.  Nobody has to say."""

    ILL = "ill"
    WORK = "work"
    TRAVEL = "travel"
    NO_DEVICE = "no_device"
    OTHER = "other"
    NOT_SAID = "not_said"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer to an invitation, for the visit as it was booked with ``booked_revision``.

    ``wants``: another time that they asked for, kept until ``kept_until``.
    """

    visit: VisitId
    booked_revision: int
    person: PersonId
    answer: Answer
    why: WhyNot | None
    said_at: datetime
    wants: tuple[datetime, datetime] | None
    kept_until: datetime | None
