"""Note what became of an invitation's message."""

from contact_service.ids import InvitationId
from contact_service.invitations.invitation import InvitationState
from contact_service.invitations.tables import InvitationRow
from contact_service.work import Work


def mark_invitation(work: Work, invitation: InvitationId, state: InvitationState) -> None:
    """The message was accepted for delivery, or given up.  A link that was opened or revoked meanwhile stays so."""
    row = work.session.get(InvitationRow, invitation)
    if row is not None and row.state in (
        InvitationState.QUEUED,
        InvitationState.FAILED,
        InvitationState.SENT,
    ):
        row.state = state
        work.session.add(row)
