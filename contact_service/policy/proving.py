"""Which acts are so grave that whoever does them shows once more that it is they, and what shows it.

The list is closed, and it is of what the evidence calls an act: the doors ask when the act is done and before it is
kept, so no page and no operation can forget to.  What makes a child safer at once (a restriction, an urgent stop, the
end of a visit or of somebody's sign-ins) is not in it.

The JSON API has no operation for the proof.  It is called by the browser of somebody signed in, whose session is proven
on the page (``/w/prove``) and then counts there too; or by a service account, which is no person, shows nothing, and
has no scope for what two people decide.  Source: OWASP ASVS 5.0, 7.5.1 and 7.5.3.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_service.actor import Authentication
from contact_service.audit.event_types import EventType

PROOF_LASTS = timedelta(minutes=15)

OWN_SIGN_IN = frozenset(
    {
        EventType.STAFF_FACTOR_ADDED,
        EventType.STAFF_FACTOR_REMOVED,
        EventType.STAFF_PASSWORD_CHANGED,
    }
)
GRAVE = OWN_SIGN_IN | {
    EventType.BREAKGLASS_OPENED,
    EventType.RESTRICTION_ENDED,
    EventType.ORDER_VARIED,
    EventType.POLICY_PUBLISHED,
    EventType.STAFF_ADDED,
    EventType.STAFF_FACTORS_RESET,
    EventType.STAFF_PASSWORD_RESET,
    EventType.STAFF_LINK_ALLOWED,
    EventType.SERVICE_ACCOUNT_ADDED,
    EventType.RECORD_EXPORTED,
    EventType.RECORD_DISCLOSED,
    EventType.HOLD_RELEASED,
    EventType.RETENTION_APPROVED,
    EventType.KEY_SHREDDED,
}


@dataclass(frozen=True, kw_only=True)
class Proof:
    """By what, and when, somebody last showed that it is they; ``has_passkey``: they own one, used or not.

    ``anew``: after they had signed in, because they were asked to.
    """

    by: Authentication
    proved_at: datetime
    has_passkey: bool
    anew: bool = False


def is_proof_enough(acts: Collection[EventType], proof: Proof | None, *, at: datetime) -> bool:
    """Whether ``acts`` may be done at ``at`` on this proof; acts that are not grave need none.

    A passkey shows it always.  A password, with a code where there is an app, does for whoever has no passkey.  A
    recovery code shows it for one's own sign-in alone: it is what one has left after a loss.  A sign-in by the
    agency's single sign-on does not show it: it may have been hours ago, at another desk.  Asked there anew, it does:
    always where it said that nobody can be tricked out of it, else for whoever has no passkey.
    """
    grave = GRAVE.intersection(acts)
    if not grave:
        return True
    if proof is None or not at - proof.proved_at < PROOF_LASTS:
        return False
    return _shows_it(proof, grave)


def _shows_it(proof: Proof, grave: Collection[EventType]) -> bool:
    match proof.by:
        case Authentication.PASSKEY:
            return True
        case Authentication.PASSWORD | Authentication.PASSWORD_AND_APP:
            return not proof.has_passkey
        case Authentication.RECOVERY_CODE:
            return set(grave) <= OWN_SIGN_IN
        case Authentication.AGENCY_PASSKEY:
            return proof.anew
        case Authentication.AGENCY:
            return proof.anew and not proof.has_passkey
        case _:
            return False
