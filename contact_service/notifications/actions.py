"""Put messages into the outbox with the change they tell of; take them in hand; say what became of them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update

from contact_service.ids import InvitationId, MessageId, VisitId
from contact_service.keys.actions import insert_if_new
from contact_service.notifications.message import (
    MOST_ATTEMPTS,
    WHEN_UNKNOWN,
    Fate,
    InHand,
    Medium,
    MessageKind,
    NewMessage,
    OutboxState,
    Result,
    WhenUnknown,
    wait_before_attempt,
    wait_for_receipt,
)
from contact_service.notifications.tables import OutboxRow
from contact_service.work import Work

LEASE = timedelta(seconds=60)
_ENDS = {
    Fate.SENT: OutboxState.SENT,
    Fate.GIVEN_UP: OutboxState.FAILED,
    Fate.DROPPED: OutboxState.DROPPED,
    Fate.EXPIRED: OutboxState.EXPIRED,
    Fate.SUPERSEDED: OutboxState.SUPERSEDED,
}


def queue(work: Work, new: NewMessage) -> None:
    """Add a message to the outbox; one with the same ``dedupe_key`` that is there already is this one."""
    values = {
        "id": work.new_id(),
        "dedupe_key": new.dedupe_key,
        "kind": new.kind,
        "visit_id": new.visit,
        "visit_revision": new.revision,
        "restriction_id": new.restriction,
        "offer_id": new.offer,
        "person_id": new.person,
        "account_id": new.account,
        "invitation_id": new.invitation,
        "generation": new.generation,
        "state": OutboxState.QUEUED,
        "attempts": 0,
        "fence": 0,
        "unknowns": 0,
        "made_at": work.now,
        "due_at": new.due_at or work.now,
        "said_again_at": new.said_again_at,
        "useless_after": new.useless_after,
        "start_told": new.start_told,
        "error": "",
        "medium": "",
        "receipt": "",
        "went_by": "",
        "failed_by": "",
    }
    work.session.flush()
    insert_if_new(work.session, OutboxRow, values)


def take_in_hand(work: Work, *, most: int, without: Collection[Medium] = ()) -> list[InHand]:
    """Take up to ``most`` due messages for a minute, those due first; none that another process is taking.

    What was last tried by a medium ``without`` is passed over: whoever carries it could not be reached a moment ago.
    """
    query = (
        select(OutboxRow)
        .where(
            OutboxRow.state == OutboxState.QUEUED,
            OutboxRow.due_at <= work.now,
            col(OutboxRow.medium).not_in(without),
        )
        .order_by(col(OutboxRow.due_at), col(OutboxRow.id))
        .limit(most)
        # SQLite knows no row locks and needs none: this transaction holds the only write lock there is.
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    rows, until = list(work.session.exec(query)), work.now + LEASE
    for row in rows:
        row.state, row.leased_until = OutboxState.SENDING, until
        row.fence, row.attempts = row.fence + 1, row.attempts + 1
        work.session.add(row)
    return [InHand(id=MessageId(row.id), fence=row.fence, until=until) for row in rows]


def settle(work: Work, result: Result) -> OutboxState | None:
    """Write down what became of a message in hand, and return where it stands.

    None when it is not in these hands any more, because the minute was over and another process has it or had it:
    whoever was late changes nothing.
    """
    row = _in_hand(work, result.in_hand)
    if row is None:
        return None
    row.leased_until, row.error = None, result.error
    match result.fate:
        case Fate.NOT_ACCEPTED:
            _try_again(work, row)
        case Fate.MAY_HAVE_LEFT:
            _try_once_more(work, row)
        case Fate.NOT_TRIED | Fate.POSTPONED:
            row.state, row.attempts = OutboxState.QUEUED, row.attempts - 1
            row.due_at = result.until or row.due_at
        case fate:
            row.state = _ENDS[fate]
    row.sent_at = work.now if row.state == OutboxState.SENT else None
    _note_how(work, row, result)
    work.session.add(row)
    return OutboxState(row.state)


def _note_how(work: Work, row: OutboxRow, result: Result) -> None:
    """Which way it went, and when its provider is asked what became of it."""
    row.medium, row.receipt, row.delivered_at = result.medium or row.medium, result.receipt, None
    row.went_by = result.by or row.went_by
    if row.state == OutboxState.FAILED and result.by:
        _never_by_it_again(row)
    first = wait_for_receipt(timedelta())
    asked = row.state == OutboxState.SENT and result.receipt and first is not None
    row.ask_at = work.now + first if asked and first is not None else None


def note_delivery(work: Work, message: MessageId, *, arrived: bool | None) -> bool:
    """Write down what the provider says: it arrived, or not, or (None) nobody knows yet, and it is asked again later.

    False when this message is not waited for any more: another process asked, or it is to be sent again.
    """
    row = _underway(work, message)
    if row is None:
        return False
    assert row.sent_at is not None
    row.ask_at = None
    if arrived is None:
        wait = wait_for_receipt(work.now - row.sent_at)
        row.ask_at = work.now + wait if wait is not None else None
    elif arrived:
        row.delivered_at = work.now
    else:
        row.state, row.error = OutboxState.FAILED, "not_delivered"
        _never_by_it_again(row)
    work.session.add(row)
    return True


def _never_by_it_again(row: OutboxRow) -> None:
    row.failed_by = " ".join(dict.fromkeys((*row.failed_by.split(), *row.went_by.split())))


def go_another_way(work: Work, message: MessageId, *, due_at: datetime) -> None:
    """Queue a message that failed once more, for a channel by which it has not failed; whoever was told may be again.

    Only for whoever failed it in this transaction.
    """
    row = _locked(work, OutboxRow.id == message, OutboxRow.state == OutboxState.FAILED)
    assert row is not None
    row.state, row.attempts, row.unknowns, row.due_at, row.told_at = OutboxState.QUEUED, 0, 0, due_at, None
    # What was last tried is not what is tried next: a carrier that is away must not keep this one.
    row.medium = ""
    work.session.add(row)


def stop_asking(work: Work, message: MessageId) -> None:
    """The provider gives no receipt for this message: that it left is all that will be known."""
    row = _underway(work, message)
    if row is not None:
        row.ask_at = None
        work.session.add(row)


def _underway(work: Work, message: MessageId) -> OutboxRow | None:
    return _locked(
        work,
        OutboxRow.id == message,
        OutboxRow.state == OutboxState.SENT,
        col(OutboxRow.ask_at) <= work.now,
    )


def _in_hand(work: Work, in_hand: InHand) -> OutboxRow | None:
    return _locked(
        work,
        OutboxRow.id == in_hand.id,
        OutboxRow.fence == in_hand.fence,
        OutboxRow.state == OutboxState.SENDING,
    )


def _locked(work: Work, *stands: ColumnElement[bool] | bool) -> OutboxRow | None:
    """The message that stands so, as it is now, with its lock; None when it does not."""
    query = select(OutboxRow).where(*stands).with_for_update().execution_options(populate_existing=True)
    return work.session.exec(query).first()


def _try_again(work: Work, row: OutboxRow) -> None:
    """After a growing wait; never again after too often, or when its moment would have passed."""
    row.due_at = work.now + wait_before_attempt(row.attempts)
    over = row.attempts >= MOST_ATTEMPTS or row.due_at >= row.useless_after
    row.state = OutboxState.FAILED if over else OutboxState.QUEUED


def _try_once_more(work: Work, row: OutboxRow) -> None:
    """Where nobody knows whether it left, once more at most: a phone does not show two of a kind as one."""
    row.unknowns += 1
    _try_again(work, row)
    asks = WHEN_UNKNOWN[MessageKind(row.kind)] is WhenUnknown.ASK_A_PERSON
    if asks or row.unknowns > 1 or row.state == OutboxState.FAILED:
        row.state = OutboxState.UNKNOWN


def recover(work: Work, message: MessageId) -> OutboxState | None:
    """Decide on a message whose sender has fallen silent with it in hand, by its kind; None when it has not.

    Nobody knows whether it left.  It goes again with the same Message-ID, or stands ``unknown`` for a person to see to.
    """
    row = _locked(
        work,
        OutboxRow.id == message,
        OutboxRow.state == OutboxState.SENDING,
        col(OutboxRow.leased_until) <= work.now,
    )
    if row is None:
        return None
    row.unknowns, row.leased_until, row.error = row.unknowns + 1, None, "sender_gone"
    again = {
        WhenUnknown.SEND_ONCE_MORE: row.unknowns == 1,
        WhenUnknown.SEND_UNTIL_KNOWN: row.attempts < MOST_ATTEMPTS,
        WhenUnknown.ASK_A_PERSON: False,
    }[WHEN_UNKNOWN[MessageKind(row.kind)]]
    row.state = OutboxState.QUEUED if again else OutboxState.UNKNOWN
    work.session.add(row)
    return OutboxState(row.state)


def mark_told(work: Work, message: MessageId) -> bool:
    """Note that somebody is asked to ring its reader; False when they were: each message asks once."""
    statement = (
        update(OutboxRow)
        .where(col(OutboxRow.id) == message, col(OutboxRow.told_at).is_(None))
        .values(told_at=work.now)
    )
    return work.session.exec(statement).rowcount == 1


def send_again(work: Work, visit: VisitId) -> int:
    """Queue every message of a visit once more that failed or may not have left; returns how many."""
    statement = (
        update(OutboxRow)
        .where(
            col(OutboxRow.visit_id) == visit,
            col(OutboxRow.state).in_((OutboxState.FAILED, OutboxState.UNKNOWN)),
        )
        .values(
            state=OutboxState.QUEUED,
            attempts=0,
            unknowns=0,
            due_at=work.now,
            told_at=None,
            error="",
            failed_by="",
        )
    )
    return work.session.exec(statement).rowcount


def drop_queued(work: Work, visit: VisitId, kind: MessageKind) -> None:
    """Drop what is still queued of one kind for a visit."""
    _end_queued(work, visit, kind, OutboxState.DROPPED, "no_longer_true")


def replace_link(work: Work, old: InvitationId, new: InvitationId, *, generation: int) -> None:
    """Whatever is still to be said of a link that was replaced: its invitation is dropped, reminders bring the new one.

    One that is in hand at this moment may leave with the old link, which opens nothing.
    """
    waits = (OutboxState.QUEUED, OutboxState.FAILED, OutboxState.UNKNOWN)
    of_old = col(OutboxRow.invitation_id) == old
    statement = (
        update(OutboxRow)
        .where(of_old, col(OutboxRow.kind) == MessageKind.INVITATION, col(OutboxRow.state).in_(waits))
        .values(state=OutboxState.DROPPED, error="link_replaced")
    )
    work.session.exec(statement)
    follows = (
        update(OutboxRow)
        .where(
            of_old,
            col(OutboxRow.kind) == MessageKind.REMINDER,
            col(OutboxRow.state).in_((*waits, OutboxState.SENDING)),
        )
        .values(invitation_id=new, generation=generation)
    )
    work.session.exec(follows)


def supersede(work: Work, visit: VisitId) -> None:
    """Take the reminders of a visit that was called off or changed out of the outbox."""
    _end_queued(work, visit, MessageKind.REMINDER, OutboxState.SUPERSEDED, "visit_changed")


def _end_queued(work: Work, visit: VisitId, kind: MessageKind, state: OutboxState, error: str) -> None:
    statement = (
        update(OutboxRow)
        .where(
            col(OutboxRow.visit_id) == visit,
            col(OutboxRow.kind) == kind,
            col(OutboxRow.state) == OutboxState.QUEUED,
        )
        .values(state=state, error=error)
    )
    work.session.exec(statement)
