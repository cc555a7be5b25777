"""A visit as short as planning needs it.  Pure."""

from dataclasses import dataclass
from datetime import datetime

from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.visits.visit import Outcome, VisitState


@dataclass(frozen=True, kw_only=True)
class ShortVisit:
    """A visit: whose it is, who joins, who watches.  ``outcome`` is that of the child it was first asked for."""

    id: VisitId
    state: VisitState
    outcome: Outcome | None
    starts_at: datetime
    ends_at: datetime
    supervisor: AccountId
    children: tuple[PersonId, ...]
    guests: frozenset[PersonId]

    @property
    def people(self) -> frozenset[PersonId]:
        """The children and the family members who join by link."""
        return self.guests | {*self.children}


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """When a visit starts, and who meets: its children, and everybody who joins by link."""

    id: VisitId
    starts_at: datetime
    people: frozenset[PersonId]
