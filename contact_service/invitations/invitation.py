"""An invitation as a value."""

from dataclasses import dataclass
from enum import StrEnum

from contact_service.actor import Actor, Authentication, Role
from contact_service.ids import InvitationId, PersonId, Ref, VisitId


class InvitationState(StrEnum):
    """Where a link stands.  ``given``: it was shown, or a code for it read out.  ``replaced``: there is a newer one."""

    QUEUED = "queued"
    SENT = "sent"
    GIVEN = "given"
    FAILED = "failed"
    OPENED = "opened"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"


LIVE = (
    InvitationState.QUEUED,
    InvitationState.SENT,
    InvitationState.GIVEN,
    InvitationState.FAILED,
    InvitationState.OPENED,
)


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """One person's door into one visit."""

    id: InvitationId
    visit: VisitId
    participant: str
    person: PersonId
    generation: int
    state: InvitationState
    csrf: str
    device_key: str

    @property
    def live(self) -> bool:
        """Whether the link still opens anything."""
        return self.state in LIVE


def holder(person: PersonId, ref: Ref, *, caregiver: bool) -> Actor:
    """The person a link was made for; who holds the phone is for the visit supervisor's eyes to say."""
    role = Role.CAREGIVER if caregiver else Role.FAMILY_MEMBER
    return Actor(ref=ref, roles=(role,), authentication=Authentication.LINK, person=person)
