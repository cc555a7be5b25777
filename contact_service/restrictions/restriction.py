"""A restriction as a value: its kind, its source, where it stands at an instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contact_service.ids import CaseId, OrderId, PersonId, Ref, RestrictionId


class RestrictionKind(StrEnum):
    """What a restriction forbids.

    ``no_contact`` bars a person from a child, or from everybody in the case; ``apart`` keeps two people from ever
    learning of each other; ``suspended`` is the urgent stop, which ends by itself.
    """

    NO_CONTACT = "no_contact"
    APART = "apart"
    SUSPENDED = "suspended"

    @property
    def bars(self) -> bool:
        """Whether the people it is about may not meet."""
        return self is not RestrictionKind.APART


class RestrictionSource(StrEnum):
    """Who decided a restriction."""

    COURT_ORDER = "court_order"
    AGENCY_DECISION = "agency_decision"
    POLICE = "police"


class StopReason(StrEnum):
    """Why an urgent stop is made, as its notice says it."""

    SAFETY = "safety"
    CHILD_WISHES = "child_wishes"
    INVESTIGATION = "investigation"
    BREACH = "breach"


class RestrictionState(StrEnum):
    """Where a restriction stands."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """A rule that says who may not meet whom.  ``people`` are two, or one who is barred from everybody in the case."""

    id: RestrictionId
    case: CaseId
    kind: RestrictionKind
    people: frozenset[PersonId]
    source: RestrictionSource
    reason: StopReason | None
    order: OrderId | None
    starts_at: datetime
    ends_at: datetime | None
    recorded_by: Ref
    lift_asked_by: Ref | None
    lifted_by: Ref | None

    def in_force(self, at: datetime) -> bool:
        """Whether it binds at ``at``; an order binds from the instant it starts, and not at its end."""
        return self.state(at) is RestrictionState.ACTIVE

    def state(self, at: datetime) -> RestrictionState:
        """Where it stands at ``at``."""
        if at < self.starts_at:
            return RestrictionState.PENDING
        if self.ends_at is not None and at >= self.ends_at:
            return RestrictionState.ENDED
        return RestrictionState.ACTIVE

    def concerns(self, together: Iterable[PersonId]) -> bool:
        """Whether it forbids these people to be together: both of a pair are among them, or the one it is about."""
        return self.people <= frozenset(together)


def pair(one: PersonId, other: PersonId | None) -> frozenset[PersonId]:
    """The people a restriction is about, in no order."""
    return frozenset({one} if other is None else {one, other})
