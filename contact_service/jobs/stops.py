"""Let restrictions that begin later bind, raise the alarms of urgent stops, and end what has ended."""

from contact_service import actor
from contact_service.invitations.actions import stopping
from contact_service.restrictions import queries as restrictions
from contact_service.work import Installation, begin, read


def apply_restrictions(installation: Installation) -> None:
    """Restrictions whose time has come stop what they forbid, each in one transaction."""
    with read(installation, actor.SCHEDULE) as work:
        found = [restriction.id for restriction in restrictions.to_be_applied(work)]
    for restriction in found:
        with begin(installation, actor.SCHEDULE) as work:
            stopping.apply_restriction(work, restrictions.restriction_for(work, restriction))


def watch_urgent_stops(installation: Installation) -> None:
    """Alarms on their days, and visits before an approver again when a stop is over."""
    with begin(installation, actor.SCHEDULE) as work:
        stopping.watch_urgent_stops(work)
