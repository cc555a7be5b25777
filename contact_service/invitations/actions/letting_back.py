"""Somebody to whom goodbye was said by mistake may come back, by the link and on the device by which they came."""

from contact_service.ids import VisitId
from contact_service.invitations.actions.opening import is_usable
from contact_service.invitations.queries import to_invitation
from contact_service.invitations.tables import InvitationRow
from contact_service.policy.decision import Refused
from contact_service.visits.actions.aside import take_goodbye_back
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Participant, Visit
from contact_service.work import Work


def let_back(work: Work, visit: VisitId, participant_id: str) -> Visit | Refused:
    """As ``take_goodbye_back``; the link that they came by must open the door still.  Raises ``NotFound``."""
    found = visit_for(work, visit)
    participant = found.participant(participant_id)
    stands = participant is not None and _link_stands(work, found, participant)
    return take_goodbye_back(work, visit, participant_id, link_stands=stands)


def _link_stands(work: Work, visit: Visit, participant: Participant) -> bool:
    row = work.session.get(InvitationRow, participant.link) if participant.link else None
    return row is not None and row.cookie_hash is not None and is_usable(to_invitation(row), visit)
