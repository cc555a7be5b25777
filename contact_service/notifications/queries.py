"""What is to be sent, and what became of what was."""

from sqlmodel import col, or_, select

from contact_service.ids import AccountId, InvitationId, MessageId, PersonId, RestrictionId, VisitId
from contact_service.notifications.message import MessageKind, OutboxState, Queued
from contact_service.notifications.tables import OutboxRow
from contact_service.work import Work


def due(work: Work, *, most: int = 50) -> list[MessageId]:
    """Messages whose time has come and that no other process holds, oldest first."""
    query = (
        select(OutboxRow.id)
        .where(
            OutboxRow.state == OutboxState.QUEUED,
            OutboxRow.due_at <= work.now,
            or_(col(OutboxRow.leased_until).is_(None), col(OutboxRow.leased_until) <= work.now),
        )
        .order_by(col(OutboxRow.due_at))
        .limit(most)
    )
    return [MessageId(row) for row in work.session.exec(query)]


def message(work: Work, message_id: MessageId) -> Queued | None:
    """One message, or None."""
    row = work.session.get(OutboxRow, message_id)
    return _queued(row) if row else None


def messages_of(work: Work, visit: VisitId) -> list[Queued]:
    """Every message about a visit, oldest first."""
    query = select(OutboxRow).where(OutboxRow.visit_id == visit).order_by(col(OutboxRow.due_at))
    return [_queued(row) for row in work.session.exec(query)]


def _queued(row: OutboxRow) -> Queued:
    return Queued(
        id=MessageId(row.id),
        kind=MessageKind(row.kind),
        visit=VisitId(row.visit_id) if row.visit_id else None,
        restriction=RestrictionId(row.restriction_id) if row.restriction_id else None,
        person=PersonId(row.person_id) if row.person_id else None,
        account=AccountId(row.account_id) if row.account_id else None,
        invitation=InvitationId(row.invitation_id) if row.invitation_id else None,
        generation=row.generation,
        language=row.language,
        state=OutboxState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        useless_after=row.useless_after,
        error=row.error,
    )
