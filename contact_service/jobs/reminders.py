"""Write the reminders that are missing: those of visits that were booked before there were any."""

from datetime import timedelta

from contact_service import actor
from contact_service.ids import VisitId
from contact_service.invitations.actions.reminding import remind_all
from contact_service.jobs.one_by_one import each
from contact_service.jobs.turns import Hold
from contact_service.notifications.queries import has_reminders
from contact_service.visits.actions.moving import lock
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import BOOKED
from contact_service.work import read

_NEAR = timedelta(days=30)


def write_missing_reminders(hold: Hold) -> None:
    """Every visit booked for the coming month has reminders; where there are some, they stay as they are."""
    with read(hold.installation, actor.SCHEDULE) as work:
        found = [visit.id for visit in visits_in(work, BOOKED, by=work.now + _NEAR)]

    def one(visit: VisitId) -> None:
        with hold.begin() as work:
            _, fresh = lock(work, visit)
            if fresh.state in BOOKED and not has_reminders(work, fresh.id, revision=fresh.booked_revision):
                remind_all(work, fresh)

    each(found, one)
