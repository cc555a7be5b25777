"""What is to be sent, and what became of what was."""

from datetime import datetime

from sqlmodel import col, or_, select

from contact_service.ids import AccountId, InvitationId, MessageId, OfferId, PersonId, RestrictionId, VisitId
from contact_service.notifications.message import (
    InHand,
    Medium,
    MessageKind,
    OutboxState,
    Queued,
    Underway,
)
from contact_service.notifications.tables import OutboxRow
from contact_service.work import Work


def message_for(work: Work, message: MessageId) -> Queued:
    """One message, as it stands now; only for processes that act for nobody."""
    row = work.session.get_one(OutboxRow, message, populate_existing=True)
    return _queued(row)


def message_in_hand(work: Work, in_hand: InHand) -> Queued | None:
    """The message, or None when another process has it or had it."""
    row = work.session.get(OutboxRow, in_hand.id, populate_existing=True)
    stands = row is not None and row.fence == in_hand.fence and row.state == OutboxState.SENDING
    return _queued(row) if row is not None and stands else None


def messages_of(work: Work, visit: VisitId) -> list[Queued]:
    """Every message about a visit, the first due first."""
    query = select(OutboxRow).where(OutboxRow.visit_id == visit)
    query = query.order_by(col(OutboxRow.due_at), col(OutboxRow.id)).execution_options(populate_existing=True)
    return [_queued(row) for row in work.session.exec(query)]


def went_another_way(work: Work, visit: VisitId, person: PersonId) -> bool:
    """Whether a message about a visit failed by one of somebody's channels, and has gone or is to go by another."""
    query = select(OutboxRow.id).where(
        OutboxRow.visit_id == visit,
        OutboxRow.person_id == person,
        OutboxRow.failed_by != "",
        col(OutboxRow.state).in_((OutboxState.QUEUED, OutboxState.SENDING, OutboxState.SENT)),
    )
    return work.session.exec(query).first() is not None


def may_have_left(work: Work, invitation: InvitationId) -> bool:
    """Whether the message with a link is out, or is just leaving, or nobody knows; ask when it waits no more."""
    query = select(OutboxRow.id).where(
        OutboxRow.invitation_id == invitation,
        OutboxRow.kind == MessageKind.INVITATION,
        or_(
            col(OutboxRow.state).in_((OutboxState.SENDING, OutboxState.SENT, OutboxState.UNKNOWN)),
            OutboxRow.unknowns > 0,
        ),
    )
    return work.session.exec(query).first() is not None


def has_reminders(work: Work, visit: VisitId, *, revision: int) -> bool:
    """Whether any reminder was written for this booking of a visit, whatever became of it."""
    query = select(OutboxRow.id).where(
        OutboxRow.visit_id == visit,
        OutboxRow.kind == MessageKind.REMINDER,
        OutboxRow.visit_revision == revision,
    )
    return work.session.exec(query).first() is not None


def left_in_hand(work: Work, *, most: int) -> list[MessageId]:
    """Messages whose sender has had them in hand for too long, the longest first."""
    query = (
        select(OutboxRow.id)
        .where(OutboxRow.state == OutboxState.SENDING, col(OutboxRow.leased_until) <= work.now)
        .order_by(col(OutboxRow.leased_until))
        .limit(most)
    )
    return [MessageId(row) for row in work.session.exec(query)]


def without_receipt(work: Work, *, most: int) -> list[Underway]:
    """Text messages that left and of which the provider is to be asked now, the longest due first."""
    query = (
        select(OutboxRow)
        .where(OutboxRow.state == OutboxState.SENT, col(OutboxRow.ask_at) <= work.now)
        .order_by(col(OutboxRow.ask_at))
        .limit(most)
    )
    return [Underway(id=MessageId(row.id), receipt=row.receipt) for row in work.session.exec(query)]


def overdue_for_people(work: Work, *, due_before: datetime, most: int) -> list[Queued]:
    """Messages to family and carers that were due before ``due_before``, still wait, and of which nobody was told."""
    query = (
        select(OutboxRow)
        .where(
            OutboxRow.state == OutboxState.QUEUED,
            OutboxRow.due_at < due_before,
            col(OutboxRow.person_id).is_not(None),
            col(OutboxRow.told_at).is_(None),
        )
        .order_by(col(OutboxRow.due_at))
        .limit(most)
    )
    return [_queued(row) for row in work.session.exec(query)]


def _queued(row: OutboxRow) -> Queued:
    return Queued(
        id=MessageId(row.id),
        kind=MessageKind(row.kind),
        visit=VisitId(row.visit_id) if row.visit_id else None,
        revision=row.visit_revision,
        restriction=RestrictionId(row.restriction_id) if row.restriction_id else None,
        offer=OfferId(row.offer_id) if row.offer_id else None,
        person=PersonId(row.person_id) if row.person_id else None,
        account=AccountId(row.account_id) if row.account_id else None,
        invitation=InvitationId(row.invitation_id) if row.invitation_id else None,
        generation=row.generation,
        state=OutboxState(row.state),
        attempts=row.attempts,
        made_at=row.made_at,
        due_at=row.due_at,
        said_again_at=row.said_again_at,
        useless_after=row.useless_after,
        sent_at=row.sent_at,
        medium=Medium(row.medium) if row.medium else None,
        delivered_at=row.delivered_at,
        told=row.told_at is not None,
        error=row.error,
        failed_by=frozenset(row.failed_by.split()),
        start_told=row.start_told,
    )
