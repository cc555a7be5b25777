"""Which invitation a secret or a cookie belongs to, and where a visit's links stand."""

import hmac

from sqlmodel import select

from contact_service.actor import Actor
from contact_service.errors import NotFound
from contact_service.ids import InvitationId, PersonId, VisitId
from contact_service.invitations.invitation import Invitation, InvitationState, holder
from contact_service.invitations.tables import InvitationRow
from contact_service.invitations.token import LINK_KEY_PURPOSE, hash_of, secret_of
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.work import Work


def invitation_of_cookie(work: Work, invitation: InvitationId, cookie: str) -> Invitation:
    """The invitation bound to this device; raises ``NotFound`` for unknown, foreign and unbound ones alike."""
    row = work.session.get(InvitationRow, invitation)
    stored = (row.cookie_hash if row else None) or hash_of("")
    if not hmac.compare_digest(stored, hash_of(cookie)) or row is None or row.cookie_hash is None:
        raise NotFound
    return to_invitation(row)


def invitation_of_secret(work: Work, secret: str) -> Invitation | None:
    """The invitation of a link secret, live or not; None when unknown."""
    row = work.session.exec(select(InvitationRow).where(InvitationRow.secret_hash == hash_of(secret))).first()
    return to_invitation(row) if row else None


def invitations_of(work: Work, visit: VisitId) -> list[Invitation]:
    """Every link ever made for a visit."""
    return [
        to_invitation(r)
        for r in work.session.exec(select(InvitationRow).where(InvitationRow.visit_id == visit))
    ]


def secret_for(work: Work, invitation: Invitation) -> str:
    """The link secret, derived now; the caller puts it into one message and nowhere else."""
    return secret_of(work.keys.derive(LINK_KEY_PURPOSE), invitation.id, invitation.generation)


def invitation_by_id(work: Work, invitation: InvitationId) -> Invitation | None:
    """One invitation, or None; only for processes that act for nobody."""
    row = work.session.get(InvitationRow, invitation)
    return to_invitation(row) if row else None


def actor_of(work: Work, person: PersonId) -> Actor:
    """The holder of a link as an actor."""
    member = people.member(work, person)
    return holder(person, member.ref, caregiver=member.role is MemberRole.CAREGIVER)


def to_invitation(row: InvitationRow) -> Invitation:
    """The row as a value."""
    return Invitation(
        id=InvitationId(row.id),
        visit=VisitId(row.visit_id),
        participant=row.participant_id,
        person=PersonId(row.person_id),
        generation=row.generation,
        state=InvitationState(row.state),
        csrf=row.csrf,
        device_key=row.device_key or "",
    )
