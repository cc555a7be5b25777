"""What a week is planned from, as values.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact_service.actor import Role
from contact_service.agency_policy.document import Document
from contact_service.calendars.calendar import Marked
from contact_service.claims.claim import Claim
from contact_service.clearances.clearance import Clearance
from contact_service.consent.consent import ConsentState
from contact_service.identity.account import Account
from contact_service.ids import AccountId, CaseId, OrderId, PersonId, PoolId
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.plans.hours import QuietHours
from contact_service.plans.plan import ContactPlan
from contact_service.pools.pool import PoolLink, PoolTime
from contact_service.restrictions.restriction import Restriction
from contact_service.scheduling.availability import local_days
from contact_service.scheduling.grid import STEP, Grid
from contact_service.suitability.fit import Conflict, StaffFit
from contact_service.visits.short import ShortVisit
from contact_service.working_hours.hours import FamilyTime, StaffTime

_WATCH_OVER = (Role.VISIT_SUPERVISOR,)
_ANSWER = (Role.WORKER, Role.APPROVER)


@dataclass(frozen=True, kw_only=True)
class Week:
    """Seven days by the agency's clock; ``days`` are sets of slots of ``grid``."""

    monday: date
    zone: str
    grid: Grid
    days: tuple[int, ...]

    @property
    def dates(self) -> tuple[date, ...]:
        """Its days."""
        return tuple(self.monday + timedelta(days=number) for number in range(7))


def week_of(monday: date, zone: str) -> Week:
    """The week of a Monday, from midnight to midnight in ``zone``."""
    place = ZoneInfo(zone)
    first, after = (
        datetime.combine(day, time.min, tzinfo=place).astimezone(UTC)
        for day in (monday, monday + timedelta(days=7))
    )
    grid = Grid(begins=first, slots=(after - first) // STEP)
    return Week(monday=monday, zone=zone, grid=grid, days=tuple(mask for _, mask in local_days(grid, zone)))


@dataclass(frozen=True, kw_only=True)
class ChildKnown:
    """What is known of a child.

    ``zone``: by whose clock they live; ``owed``: what earlier periods left, by person, and nobody has made up;
    ``carer``: whoever starts the visits, None where nobody is known to.
    """

    child: PersonId
    case: CaseId
    zone: str
    plan: ContactPlan | None
    owed: Mapping[PersonId, int]
    carer: PersonId | None
    approved: frozenset[PersonId]
    consent: ConsentState
    quiet: tuple[QuietHours, ...]
    no_school: tuple[Marked, ...]
    members: Mapping[PersonId, MemberRole]
    visits: tuple[ShortVisit, ...]


@dataclass(frozen=True, kw_only=True)
class StaffKnown:
    """A member of staff, what they understand, when they work, and what else makes them suit a visit."""

    account: Account
    languages: frozenset[str]
    time: StaffTime
    fit: StaffFit

    @property
    def id(self) -> AccountId:
        """Whose they are."""
        return self.account.id

    @property
    def may_watch(self) -> bool:
        """Whether they watch over visits."""
        return any(role in self.account.roles for role in _WATCH_OVER)

    @property
    def may_answer(self) -> bool:
        """Whether they can be the duty person of a visit."""
        return any(role in self.account.roles for role in _ANSWER)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Everything that was read; ``clearances``: of everybody who may take part from a place of ``pool_links``."""

    week: Week
    now: datetime
    policy: Document
    policy_version: int
    children: Mapping[PersonId, ChildKnown]
    details: Mapping[PersonId, Details]
    every_child: frozenset[PersonId]
    relations: Mapping[tuple[PersonId, PersonId], Relation]
    restrictions: tuple[Restriction, ...]
    orders: frozenset[OrderId]
    workers: Mapping[CaseId, tuple[AccountId, ...]]
    staff: tuple[StaffKnown, ...]
    conflicts: tuple[Conflict, ...]
    claims: tuple[Claim, ...]
    closed: Mapping[PersonId, tuple[Marked, ...]]
    family: Mapping[PersonId, FamilyTime]
    pool_links: tuple[PoolLink, ...] = ()
    pool_times: Mapping[PoolId, PoolTime] = field(default_factory=dict)
    clearances: Mapping[PersonId, tuple[Clearance, ...]] = field(default_factory=dict)
