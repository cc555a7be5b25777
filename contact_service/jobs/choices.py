"""End the choices that nobody made in time, and find out who has not said that they come."""

from contextlib import suppress

from contact_service import actor
from contact_service.agency_policy import queries as agency_policy
from contact_service.errors import IllegalMove
from contact_service.ids import VisitId
from contact_service.jobs.one_by_one import each
from contact_service.proposals.actions import choosing, replying
from contact_service.proposals.queries import open_proposals
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import BOOKED
from contact_service.work import Installation, begin, read


def lapse_choices(installation: Installation) -> None:
    """Visits from whose times nobody chose; asked again under the visit's lock, so two processes do no harm."""
    with read(installation, actor.SCHEDULE) as work:
        over = [one.visit for one in open_proposals(work) if not one.is_open(work.now)]
    each(over, lambda visit: _lapse(installation, visit))


def _lapse(installation: Installation, visit: VisitId) -> None:
    # Another process may be a moment ahead; its move makes ours an illegal one.
    with suppress(IllegalMove), begin(installation, actor.SCHEDULE) as work:
        choosing.lapse_choice(work, visit)


def ask_for_the_silent(installation: Installation) -> None:
    """Booked visits so near that everybody was to have said that they come; each is asked about once."""
    with read(installation, actor.SCHEDULE) as work:
        before = agency_policy.policy_in_force(work).document.family.confirm_before
        near = visits_in(work, BOOKED, by=work.now + before) if before else []
        silent = [visit.id for visit in near if replying.is_somebody_silent(work, visit)]
    each(silent, lambda visit: _ask(installation, visit))


def _ask(installation: Installation, visit: VisitId) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        replying.ask_for_the_silent(work, visit)
