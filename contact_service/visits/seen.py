"""What the visit supervisor saw and was told at the door."""

from dataclasses import dataclass

from contact_service.visits.visit import IdentityMethod
from contact_service.visits.whereabouts import Whereabouts


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the visit supervisor says of somebody they are about to let in.

    ``company``: they have looked at the room.  ``still_there`` stands for ``whereabouts`` where somebody comes back and
    says that both place and number are what they were.
    """

    method: IdentityMethod | None = None
    company: bool = False
    whereabouts: Whereabouts | None = None
    still_there: bool = False
