"""Put messages into the outbox with the change they tell of; claim them; mark what became of them."""

from datetime import datetime, timedelta

from sqlmodel import col, or_, update

from contact_service.ids import MessageId, VisitId
from contact_service.notifications.message import (
    MOST_ATTEMPTS,
    MessageKind,
    NewMessage,
    OutboxState,
    wait_before_attempt,
)
from contact_service.notifications.tables import OutboxRow
from contact_service.work import Work

LEASE = timedelta(seconds=60)


def queue(work: Work, new: NewMessage) -> MessageId:
    """Add a message to the outbox, due now."""
    message = MessageId(work.new_id())
    work.session.add(
        OutboxRow(
            id=message,
            kind=new.kind,
            visit_id=new.visit,
            restriction_id=new.restriction,
            person_id=new.person,
            account_id=new.account,
            invitation_id=new.invitation,
            generation=new.generation,
            state=OutboxState.QUEUED,
            due_at=work.now,
            useless_after=new.useless_after,
        )
    )
    work.session.flush()
    return message


def claim(work: Work, message: MessageId) -> bool:
    """Take a due message for one minute; False when another process was faster or it is no longer due."""
    statement = (
        update(OutboxRow)
        .where(
            col(OutboxRow.id) == message,
            col(OutboxRow.state) == OutboxState.QUEUED,
            or_(col(OutboxRow.leased_until).is_(None), col(OutboxRow.leased_until) <= work.now),
        )
        .values(leased_until=work.now + LEASE, attempts=OutboxRow.attempts + 1)
    )
    return work.session.exec(statement).rowcount == 1


def mark_sent(work: Work, message: MessageId) -> None:
    """The mail server has accepted the message."""
    row = _row(work, message)
    row.state, row.sent_at, row.leased_until, row.error = OutboxState.SENT, work.now, None, ""
    work.session.add(row)


def mark_not_accepted(work: Work, message: MessageId, *, error: str, permanent: bool) -> bool:
    """Try again later, or give up; returns whether it was given up."""
    row = _row(work, message)
    row.leased_until, row.error = None, error
    row.due_at = work.now + wait_before_attempt(row.attempts)
    gives_up = permanent or row.attempts >= MOST_ATTEMPTS or row.due_at >= row.useless_after
    if gives_up:
        row.state = OutboxState.FAILED
    work.session.add(row)
    return gives_up


def postpone(work: Work, message: MessageId, until: datetime) -> None:
    """Do not send before ``until``: its reader may not be written to now.  This was no attempt."""
    row = _row(work, message)
    row.due_at, row.leased_until, row.attempts = until, None, row.attempts - 1
    work.session.add(row)


def give_up(work: Work, message: MessageId, *, error: str) -> None:
    """Never send it: there is no way that is safe for its reader."""
    row = _row(work, message)
    row.state, row.leased_until, row.error = OutboxState.FAILED, None, error
    work.session.add(row)


def drop(work: Work, message: MessageId, *, error: str) -> None:
    """Do not send: the visit, the link or the moment has passed."""
    row = _row(work, message)
    row.state, row.leased_until, row.error = OutboxState.DROPPED, None, error
    work.session.add(row)


def send_again(work: Work, visit: VisitId) -> int:
    """Queue every failed message of a visit once more; returns how many."""
    statement = (
        update(OutboxRow)
        .where(col(OutboxRow.visit_id) == visit, col(OutboxRow.state) == OutboxState.FAILED)
        .values(state=OutboxState.QUEUED, attempts=0, due_at=work.now, error="")
    )
    return work.session.exec(statement).rowcount


def drop_queued(work: Work, visit: VisitId, kind: MessageKind) -> None:
    """Drop what is still queued of one kind for a visit."""
    statement = (
        update(OutboxRow)
        .where(
            col(OutboxRow.visit_id) == visit,
            col(OutboxRow.kind) == kind,
            col(OutboxRow.state) == OutboxState.QUEUED,
        )
        .values(state=OutboxState.DROPPED, error="no_longer_true")
    )
    work.session.exec(statement)


def _row(work: Work, message: MessageId) -> OutboxRow:
    row = work.session.get(OutboxRow, message)
    assert row is not None
    return row
