"""Let restrictions that begin later bind, raise the alarms of urgent stops, and see what time puts in doubt."""

from contextlib import suppress

from contact_service import actor
from contact_service.errors import Conflict, IllegalMove
from contact_service.ids import RestrictionId, VisitId
from contact_service.invitations.actions import stopping
from contact_service.jobs.one_by_one import each
from contact_service.jobs.turns import Hold
from contact_service.restrictions import queries as restrictions
from contact_service.visits.actions import doubting
from contact_service.visits.queries.doubting import reasons_against
from contact_service.visits.queries.finding import visit_for, visits_in
from contact_service.visits.visit import BOOKED
from contact_service.work import Installation, begin, read


def apply_restrictions(installation: Installation) -> None:
    """Restrictions whose time has come stop what they forbid, each in one transaction, whatever is wrong with one."""
    with read(installation, actor.SCHEDULE) as work:
        found = [restriction.id for restriction in restrictions.to_be_applied(work)]

    def one(restriction: RestrictionId) -> None:
        with begin(installation, actor.SCHEDULE) as work:
            stopping.apply_restriction(work, restrictions.restriction_for(work, restriction))

    each(found, one)


def watch_urgent_stops(installation: Installation) -> None:
    """Alarms on their days, and visits before an approver again when a stop is over."""
    # Another process may be a moment ahead; what it has done is not done again at the next tick.
    with suppress(Conflict, IllegalMove), begin(installation, actor.SCHEDULE) as work:
        stopping.watch_urgent_stops(work)


def doubt_visits(hold: Hold) -> None:
    """What only time changes (a dated level, an order that has ended) puts booked visits in doubt too."""
    with read(hold.installation, actor.SCHEDULE) as work:
        found = [visit.id for visit in visits_in(work, BOOKED) if reasons_against(work, visit)]

    def one(visit: VisitId) -> None:
        with suppress(Conflict), hold.begin() as work:
            doubting.doubt_visits(work, [visit_for(work, visit)])

    each(found, one)
