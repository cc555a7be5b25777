"""Hand a visit to others, and tell them: they did not know of it a moment ago."""

from contact_service.ids import VisitId
from contact_service.invitations.actions.inviting import tell_staff
from contact_service.notifications.message import MessageKind
from contact_service.policy.decision import Refused
from contact_service.visits.actions import handing
from contact_service.visits.queries.handing import Staff
from contact_service.visits.visit import Visit
from contact_service.work import Work


def hand_over(work: Work, visit_id: VisitId, staff: Staff, *, before: Staff) -> Visit | Refused:
    """As ``visits.actions.handing.hand_over``; whoever watches or answers anew is written to at once."""
    visit = handing.hand_over(work, visit_id, staff, before=before)
    if isinstance(visit, Refused):
        return visit
    for account in sorted({visit.supervisor, visit.duty} - {before.supervisor, before.duty}):
        tell_staff(work, visit, account, MessageKind.HANDED_OVER)
    return visit
