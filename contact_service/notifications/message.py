"""The kinds of message, and what each may be filled with.

No message carries a surname, a case number, the kind of agency or a place (feature F5); a test reads every file.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contact_service.ids import AccountId, InvitationId, MessageId, PersonId, RestrictionId, VisitId


class MessageKind(StrEnum):
    """One file per kind, channel and language stands in web/messages."""

    INVITATION = "invitation"
    NOT_TAKING_PLACE = "not_taking_place"
    REQUEST_WAITING = "request_waiting"
    REQUEST_DECIDED = "request_decided"
    VISIT_STOPPED = "visit_stopped"
    CONSENT_COPY = "consent_copy"
    STOP_NOTICE = "stop_notice"


class OutboxState(StrEnum):
    """Where one message stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to be sent; it holds ids and generations, never a link secret."""

    kind: MessageKind
    visit: VisitId | None = None
    restriction: RestrictionId | None = None
    person: PersonId | None = None
    account: AccountId | None = None
    invitation: InvitationId | None = None
    generation: int = 0
    useless_after: datetime


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A message of the outbox."""

    id: MessageId
    kind: MessageKind
    visit: VisitId | None
    restriction: RestrictionId | None
    person: PersonId | None
    account: AccountId | None
    invitation: InvitationId | None
    generation: int
    language: str
    state: OutboxState
    attempts: int
    due_at: datetime
    useless_after: datetime
    error: str


MOST_ATTEMPTS = 12


def wait_before_attempt(attempts: int) -> timedelta:
    """How long to wait after ``attempts`` failures: 5 s, doubling, at most 10 minutes."""
    doublings = min(max(attempts - 1, 0), MOST_ATTEMPTS)
    return min(timedelta(seconds=5 * 2**doublings), timedelta(minutes=10))
