"""A call about somebody who has not come to a visit, as it is said and as it was written down."""

from dataclasses import dataclass
from datetime import datetime

from contact_service.ids import Ref
from contact_service.policy.ringing import CallResult, CallTo
from contact_service.visits.visit import Participant, ParticipantRole


@dataclass(frozen=True, kw_only=True)
class Rung:
    """What the supervisor says: whom they rang (None: the duty desk), on which number of theirs, what came of it."""

    participant: str | None
    number: str | None
    result: CallResult | None


@dataclass(frozen=True, kw_only=True)
class LateCall:
    """A call as it was written down.  ``participant`` is None for the duty desk."""

    to: CallTo
    participant: Participant | None
    result: CallResult
    by: Ref
    at: datetime


def rung_as(participant: Participant | None) -> CallTo:
    """What a participant is to the rule, None being the duty desk: a child is rung by its carer."""
    if participant is None:
        return CallTo.DUTY
    return CallTo.CARER if participant.role is ParticipantRole.CAREGIVER else CallTo.ADULT


def number_part(participant: str, number: str) -> str:
    """What the access log calls that this number of somebody in a visit was shown."""
    return f"number.{participant}.{number}"
