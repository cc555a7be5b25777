"""A goodbye that was said by mistake: how long it may be taken back, and who was asked back and is not here yet."""

from datetime import datetime

from contact_service.policy.letting_back import TAKEN_BACK_WITHIN
from contact_service.visits.visit import Participant, Stage


def goodbye_may_be_taken_back(participant: Participant, *, at: datetime) -> bool:
    """Whether the minutes last in which a goodbye to them may be taken back; the rules say if it is (R71)."""
    said_at = participant.goodbye_at
    return participant.stage is Stage.GOODBYE and said_at is not None and at < said_at + TAKEN_BACK_WITHIN


def is_asked_back(participant: Participant) -> bool:
    """Whether a goodbye to them was taken back, and their device is not there yet."""
    return participant.stage is Stage.LEFT and participant.goodbye_at is not None
