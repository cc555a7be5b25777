"""Each night: book what has come within reach, and tell of visits that changed zone rules would move."""

from contact_service import actor
from contact_service.agency_policy import queries as agency_policy
from contact_service.ids import AccountId, VisitId
from contact_service.jobs.one_by_one import each
from contact_service.jobs.turns import Hold
from contact_service.series.actions.horizon import book_when_due
from contact_service.series.queries.finding import planned_by, series_for
from contact_service.series.series import SeriesId
from contact_service.visits.actions.clock_changes import tell_of_clock_change
from contact_service.visits.queries.clock_changes import visits_out_of_step
from contact_service.work import read


def extend_horizon(hold: Hold) -> None:
    """Every instance that waits and is near enough is booked or asked about, each in a transaction of its own."""
    with read(hold.installation, actor.SCHEDULE) as work:
        reach = work.now + agency_policy.policy_in_force(work).limits.furthest_ahead
        found = [
            (series, instance, series_for(work, series).asked_by)
            for series, instance in planned_by(work, reach)
        ]

    def book(one: tuple[SeriesId, str, AccountId]) -> None:
        series, instance, asked_by = one
        with hold.begin(actor.for_worker(asked_by)) as work:
            book_when_due(work, series, instance)

    each(found, book)


def tell_of_clock_changes(hold: Hold) -> None:
    """Every visit out of step with the zone rules of today has a follow-up; none is moved."""
    with read(hold.installation, actor.SCHEDULE) as work:
        found = [one.visit for one in visits_out_of_step(work)]

    def tell(visit: VisitId) -> None:
        with hold.begin() as work:
            tell_of_clock_change(work, visit)

    each(found, tell)
