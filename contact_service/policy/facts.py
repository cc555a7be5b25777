"""What the rules look at, and nothing else.  Queries fill these in; rules never fetch."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from contact_service.agency_policy.document import Buffer, Document
from contact_service.agency_policy.limits import Limits
from contact_service.calendars.calendar import Marked
from contact_service.clearances.clearance import Standing
from contact_service.consent.consent import ConsentState
from contact_service.ids import PersonId
from contact_service.people.person import Relation
from contact_service.plans.hours import QuietHours, Window
from contact_service.plans.terms import Demands, Frequency, Medium, Risk, SupervisionLevel
from contact_service.pools.pool import PoolFacts
from contact_service.suitability.fit import Gender
from contact_service.working_hours.hours import StaffTime


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """One adult or sibling who would take part.  ``name`` is only for the words of a reason.

    ``booked_in_period`` counts the other visits by this medium in the period of ``often`` around the day;
    ``nearest_days`` is how far the nearest of them is, in days where the child lives, None when none is near
    enough to count.
    ``languages`` are those in which the person takes part without help (primary tags), empty when nobody has asked.
    ``minor``: a child of the case, or known to be under 18 on the day.
    """

    name: str
    relation: Relation
    risk: Risk
    in_plan: bool
    approved: bool
    minor: bool
    languages: frozenset[str]
    plan_level: SupervisionLevel | None
    plan_minutes: int | None
    often: Frequency | None
    booked_in_period: int
    nearest_days: int | None
    window: Window | None
    barred_from_child: bool
    apart_from_another: bool
    demands: Demands


@dataclass(frozen=True, kw_only=True)
class WatcherFacts:
    """Whoever would watch.  ``trainings`` are those that count on the day; ``gender`` is None where unsaid.

    ``in_conflict``: they must have no part in visits of somebody in it, or of a case of it.
    """

    name: str
    in_conflict: bool
    gender: Gender | None
    trainings: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ClaimedFacts:
    """Somebody who is needed and whom other visits have claimed in the days around, time around those included.

    ``buffer`` is the time that they need around this one.
    """

    name: str
    buffer: Buffer
    taken: tuple[tuple[datetime, datetime], ...]


class TimeFacts(Protocol):
    """When a visit would be, and whose time other visits have claimed."""

    @property
    def starts_at(self) -> datetime | None:
        """The start, where the clock has one."""

    @property
    def ends_at(self) -> datetime | None:
        """The end, where there is a start."""

    @property
    def claimed(self) -> tuple[ClaimedFacts, ...]:
        """Those whom it needs and others have claimed."""


@dataclass(frozen=True, kw_only=True)
class OvertakenFacts:
    """When a visit would be, and what others have claimed since a moment ago."""

    starts_at: datetime | None
    ends_at: datetime | None
    claimed: tuple[ClaimedFacts, ...]


@dataclass(frozen=True, kw_only=True)
class StaffFacts:
    """A member of staff who would watch or answer, when they work, and the time that they need around the visit."""

    name: str
    time: StaffTime
    buffer: Buffer


@dataclass(frozen=True, kw_only=True)
class FamilyFacts:
    """A family member or carer of the visit, and when a calendar of their own says that they are busy."""

    name: str
    busy: tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, kw_only=True)
class UnclearedFacts:
    """Who would take part from an establishment without its clearance; ``child``: for another than it is seen from.

    ``side``: where children of several cases share the visit, the one whose workers alone may read it.
    """

    name: str
    place: str
    standing: Standing
    child: str = ""
    side: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class BookingFacts:
    """A visit somebody asks for, or that somebody is about to approve.

    ``families``: of a visit that is booked, those who have a calendar of their own.
    ``pools``: the rooms and video links from which somebody of the visit takes part; ``uncleared``: those who would do
    so from an establishment without its clearance.
    ``closed``: the days of shared calendars in the days around, for the agency, the child or anybody of the visit;
    ``no_school``: those on which the child has no school.
    ``watcher`` is None where nobody qualified was chosen; ``duty_in_conflict`` is the name of a duty person who has a
    conflict of interest, empty where they have none.
    ``opener_named``: the name of whoever asks, where they name themselves and reach a child by an emergency access
    alone (R65); else empty.
    ``emergency_until``: until when two people may set aside rules of time and number for it; None without an emergency.
    """

    child_name: str
    child_languages: frozenset[str]
    people: tuple[PersonFacts, ...]
    has_caregiver: bool
    child_consent: ConsentState
    child_consent_needed: bool
    starts_at: datetime | None
    ends_at: datetime | None
    local_time_problem: str
    level: SupervisionLevel
    supervisor_qualified: bool
    supervisor_languages: frozenset[str]
    watcher: WatcherFacts | None
    duty_person_named: bool
    duty_in_conflict: str
    claimed: tuple[ClaimedFacts, ...]
    staff: tuple[StaffFacts, ...]
    pools: tuple[PoolFacts, ...]
    families: tuple[FamilyFacts, ...] = ()
    uncleared: tuple[UnclearedFacts, ...] = ()
    opener_named: str = ""
    zone: str
    quiet: tuple[QuietHours, ...]
    closed: tuple[Marked, ...]
    no_school: tuple[Marked, ...]
    policy: Document
    policy_accepted: bool
    emergency_until: datetime | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class KnownFacts:
    """One person of a visit that might need nobody's yes.  ``completed_before`` counts visits with the child."""

    relation: Relation
    risk: Risk
    completed_before: int


@dataclass(frozen=True, kw_only=True)
class AutomaticFacts:
    """A visit that might need nobody's yes.  ``shared``: it is the visit of several children."""

    policy: Document
    people: tuple[KnownFacts, ...]
    level: SupervisionLevel
    minutes: int
    emergency: bool
    shared: bool


@dataclass(frozen=True, kw_only=True)
class ApprovalFacts:
    """Who approves, and what they approve for one child; ``in_conflict`` is about whoever approves."""

    is_approver: bool
    is_requester: bool
    reaches_child: bool
    in_conflict: bool
    still_requested: bool
    policy_accepted: bool
    time_open: bool
    booking: BookingFacts


@dataclass(frozen=True, kw_only=True)
class DecidingFacts:
    """A no to a request, or a yes to a booked visit in doubt; ``in_conflict`` is about whoever says it.

    ``supervisor_in_conflict`` and ``duty_in_conflict`` are the names of those with whom it would stand though they have
    a conflict of interest, empty where they have none.
    """

    in_conflict: bool
    supervisor_in_conflict: str
    duty_in_conflict: str


@dataclass(frozen=True, kw_only=True)
class TermsFacts:
    """One person and medium of a plan.  ``levels`` are the first and those of every step.

    ``order_stands`` is None where the terms rest on no order.
    """

    name: str
    medium: Medium
    relation: Relation
    risk: Risk
    in_case: bool
    is_child: bool
    barred_from_child: bool
    levels: tuple[SupervisionLevel, ...]
    minutes: int
    fits_window: bool
    frequency_problem: str
    order_stands: bool | None
    trainings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """A version of a plan that somebody writes, or is about to approve."""

    child_name: str
    terms: tuple[TermsFacts, ...]
    review_on: date
    policy: Document
    today: date


@dataclass(frozen=True, kw_only=True)
class PlanDecisionFacts:
    """Who approves a version of a plan, and which."""

    is_approver: bool
    is_author: bool
    still_proposed: bool
    is_newest: bool
    plan: PlanFacts


@dataclass(frozen=True, kw_only=True)
class ChangeFacts:
    """A change of people, time, length or level before a visit."""

    may_change: bool
    starts_at: datetime
    limits: Limits
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HandingFacts:
    """Somebody else who would watch, or answer for, what is left of a visit that is near or runs.

    ``stands_fast``: nobody can change it any more in the ordinary way; ``is_ahead``: it is booked or in its room.
    ``booking`` tells what counts from now, and whose time is taken of the new ones alone.
    ``anybody_new``: it would be others than until now; ``in_conflict``: whoever hands it over has no part in it.
    """

    is_ahead: bool
    stands_fast: bool
    anybody_new: bool
    in_conflict: bool
    booking: BookingFacts


@dataclass(frozen=True, kw_only=True)
class ReissueFacts:
    """A new link for one person of one visit, in place of one that is lost.

    ``is_ahead``: booked or in its room.  ``linked``: a link stands.  ``in_person``: they stand before whoever makes
    it.  ``reachable``: an address was held long enough, of a booking desk where they take part ``from_establishment``.
    ``guessed``: too many wrong codes within the hour.  ``printed``: for whom no message reaches (``needs_letter``).
    """

    is_ahead: bool
    at: datetime
    opens_at: datetime
    dies_at: datetime
    linked: bool
    removed: bool
    barred: bool
    in_conflict: bool
    known_by: str
    in_person: bool
    shown: bool
    read_out: bool
    reachable: bool
    guessed: bool
    printed: bool = False
    needs_letter: bool = False
    from_establishment: bool = False
