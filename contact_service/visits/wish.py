"""What a worker asks for, before any rule has looked at it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_service.ids import AccountId, PersonId
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.visit import EmergencyReason


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A visit as wished.  ``wall_start`` is naive: the clock on the wall in the case's zone.

    ``emergency``: why the rules of time and number should be set aside for it, by this person and an approver.
    """

    child: PersonId
    people: tuple[PersonId, ...]
    caregiver: PersonId | None
    wall_start: datetime
    length: timedelta
    level: SupervisionLevel
    supervisor: AccountId | None
    duty: AccountId | None
    emergency: EmergencyReason | None = None
