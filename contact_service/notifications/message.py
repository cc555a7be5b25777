"""The kinds of message, what each may be filled with, and what is done when nobody knows whether one has left.

No message carries a surname, a case number, the kind of agency or a place (feature F5); a test reads every file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from contact_service.ids import AccountId, InvitationId, MessageId, OfferId, PersonId, RestrictionId, VisitId


class MessageKind(StrEnum):
    """One file per kind, channel and language stands in web/messages."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    NOT_TAKING_PLACE = "not_taking_place"
    REQUEST_WAITING = "request_waiting"
    REQUEST_DECIDED = "request_decided"
    VISIT_STOPPED = "visit_stopped"
    HANDED_OVER = "handed_over"
    CONSENT_COPY = "consent_copy"
    STOP_NOTICE = "stop_notice"
    NOT_REACHED = "not_reached"
    CHOOSE_A_TIME = "choose_a_time"
    TIME_FREED = "time_freed"
    SIGN_IN_ADDED = "sign_in_added"
    SIGN_IN_REMOVED = "sign_in_removed"
    SIGN_IN_RESET = "sign_in_reset"
    SIGN_IN_TRIED = "sign_in_tried"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a kind of letter
    PASSWORD_RESET = "password_reset"  # noqa: S105
    RECOVERY_CODE_USED = "recovery_code_used"
    LINKS_GUESSED = "links_guessed"
    MANY_RECORDS_READ = "many_records_read"
    CODE_STOPPED = "code_stopped"
    EMERGENCY_ACCESS = "emergency_access"


class OutboxState(StrEnum):
    """Where one message stands.

    ``sending``: one process has it in hand.  ``unknown``: it may or may not have left, and a person was asked.
    ``expired``: its moment passed before it left.  ``superseded``: what it speaks of was called off or changed.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


NOT_ARRIVED = frozenset({OutboxState.FAILED, OutboxState.UNKNOWN, OutboxState.EXPIRED})
"""What somebody must be told of: it did not reach its reader, or may not have."""


class WhenUnknown(StrEnum):
    """What is done with a message whose sender died with it in hand."""

    SEND_ONCE_MORE = "send_once_more"
    SEND_UNTIL_KNOWN = "send_until_known"
    ASK_A_PERSON = "ask_a_person"


# Twice is a nuisance for a reminder, not at all is worse for a cancellation, and a written notice of a stop that comes
# twice looks like two stops.  Whatever goes again keeps its Message-ID, by which most mailboxes show it once.
WHEN_UNKNOWN: Mapping[MessageKind, WhenUnknown] = MappingProxyType(
    {
        MessageKind.INVITATION: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.REMINDER: WhenUnknown.SEND_ONCE_MORE,
        MessageKind.NOT_TAKING_PLACE: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.REQUEST_WAITING: WhenUnknown.SEND_ONCE_MORE,
        MessageKind.REQUEST_DECIDED: WhenUnknown.SEND_ONCE_MORE,
        MessageKind.VISIT_STOPPED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.HANDED_OVER: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.CONSENT_COPY: WhenUnknown.SEND_ONCE_MORE,
        MessageKind.STOP_NOTICE: WhenUnknown.ASK_A_PERSON,
        MessageKind.CHOOSE_A_TIME: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.NOT_REACHED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.TIME_FREED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.SIGN_IN_ADDED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.SIGN_IN_REMOVED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.SIGN_IN_RESET: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.SIGN_IN_TRIED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.PASSWORD_CHANGED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.PASSWORD_RESET: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.RECOVERY_CODE_USED: WhenUnknown.SEND_UNTIL_KNOWN,
        MessageKind.LINKS_GUESSED: WhenUnknown.SEND_ONCE_MORE,
        MessageKind.MANY_RECORDS_READ: WhenUnknown.SEND_ONCE_MORE,
        MessageKind.CODE_STOPPED: WhenUnknown.SEND_ONCE_MORE,
        MessageKind.EMERGENCY_ACCESS: WhenUnknown.SEND_UNTIL_KNOWN,
    }
)


TO_FAMILIES = frozenset(
    {
        MessageKind.INVITATION,
        MessageKind.REMINDER,
        MessageKind.NOT_TAKING_PLACE,
        MessageKind.CHOOSE_A_TIME,
        MessageKind.CONSENT_COPY,
        MessageKind.STOP_NOTICE,
    }
)
"""What families and carers receive: written in every language of ``texts``.  Staff are written to in English."""


BY_TEXT = frozenset(
    {MessageKind.INVITATION, MessageKind.REMINDER, MessageKind.NOT_TAKING_PLACE, MessageKind.CHOOSE_A_TIME}
)
"""The kinds that may go as a text message.  What must be read at leisure, or kept, goes by e-mail alone."""


TO_THE_DESK = frozenset({MessageKind.INVITATION, MessageKind.REMINDER, MessageKind.NOT_TAKING_PLACE})
"""What goes to the booking desk of the establishment from which somebody takes part, and never to themselves."""


ON_PAPER = (MessageKind.INVITATION, MessageKind.REMINDER, MessageKind.NOT_TAKING_PLACE)
"""What can be printed for somebody whom no message reaches.  No process sends it: a person posts it."""
PAPER = "letter"


class Medium(StrEnum):
    """How a message left; ``desk``: by e-mail, to the booking desk of an establishment."""

    EMAIL = "email"
    SMS = "sms"
    DESK = "desk"


@dataclass(frozen=True, kw_only=True)
class Text:
    """The words of a message before they are filled in, and their language (ISO 639)."""

    language: str
    text: str


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to be sent; it holds ids and generations, never a link secret.

    The same kind for the same person about the same ``revision`` of a visit is one message, unless ``once`` tells
    several apart.  ``due_at`` is now when it is None; from ``said_again_at`` on a later message says the same.
    ``start_told`` is the start of which it speaks, where the visit may be at another one when it leaves.
    """

    kind: MessageKind
    visit: VisitId | None = None
    revision: int = 0
    restriction: RestrictionId | None = None
    offer: OfferId | None = None
    person: PersonId | None = None
    account: AccountId | None = None
    invitation: InvitationId | None = None
    generation: int = 0
    once: str = ""
    due_at: datetime | None = None
    said_again_at: datetime | None = None
    start_told: datetime | None = None
    useless_after: datetime

    @property
    def dedupe_key(self) -> str:
        """``visit:revision:kind:recipient:channel``, of which there is one."""
        about = self.visit or self.restriction or self.offer or "account"
        which = "/".join(part for part in (self.kind.value, self.once) if part)
        return f"{about}:{self.revision}:{which}:{self.person or self.account}:email"


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A message of the outbox.  ``revision`` is that of the visit when it was written.

    ``medium`` is how it left, or was tried last.  ``delivered_at``: the provider said that it arrived.  ``told``:
    somebody was asked to ring its reader.  ``failed_by`` are the digests of channels by which it failed for good.
    ``start_told`` is the start of which it speaks; None: the visit's own.
    """

    id: MessageId
    kind: MessageKind
    visit: VisitId | None
    revision: int
    restriction: RestrictionId | None
    offer: OfferId | None
    person: PersonId | None
    account: AccountId | None
    invitation: InvitationId | None
    generation: int
    state: OutboxState
    attempts: int
    made_at: datetime
    due_at: datetime
    said_again_at: datetime | None
    useless_after: datetime
    sent_at: datetime | None
    medium: Medium | None
    delivered_at: datetime | None
    told: bool
    error: str
    failed_by: frozenset[str]
    start_told: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class InHand:
    """A message that one process has taken up ``until`` an instant, and the number that says which of them it is."""

    id: MessageId
    fence: int
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Underway:
    """A text message that left; ``receipt`` is what the provider calls it."""

    id: MessageId
    receipt: str


class Fate(StrEnum):
    """What became of a message that was in hand.

    ``not_tried``: the server could not be reached, or the time was over; this was no attempt.  ``may_have_left``: it
    was asked and did not answer.
    """

    SENT = "sent"
    NOT_TRIED = "not_tried"
    NOT_ACCEPTED = "not_accepted"
    MAY_HAVE_LEFT = "may_have_left"
    POSTPONED = "postponed"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one message, with a code why; ``until`` is when a postponed one is due.

    ``receipt`` is what the provider calls a text message that left, empty where it cannot be asked about.  ``by`` is
    the digest of the channel that was tried, empty where none was, and for a member of the staff.
    """

    in_hand: InHand
    fate: Fate
    error: str = ""
    until: datetime | None = None
    medium: Medium | None = None
    receipt: str = ""
    by: str = ""


MOST_ATTEMPTS = 12


def wait_before_attempt(attempts: int) -> timedelta:
    """How long to wait after ``attempts`` failures: 5 s, doubling, at most 10 minutes."""
    doublings = min(max(attempts - 1, 0), MOST_ATTEMPTS)
    return min(timedelta(seconds=5 * 2**doublings), timedelta(minutes=10))


LONGEST_WITHOUT_RECEIPT = timedelta(hours=72)
"""For so long networks try to deliver a text message to a phone that is off."""


def wait_for_receipt(since_sent: timedelta) -> timedelta | None:
    """How long to wait before the provider is asked again; None when it would say nothing new any more.

    Half the time since it left: 30 s at least, 10 minutes at most.
    """
    if since_sent >= LONGEST_WITHOUT_RECEIPT:
        return None
    return min(max(since_sent / 2, timedelta(seconds=30)), timedelta(minutes=10))
