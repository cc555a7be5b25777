"""Write down that an emergency access has ended by its time, as it is written down when somebody ends it before."""

from functools import partial

from contact_service import actor
from contact_service.ids import EmergencyAccessId
from contact_service.jobs.one_by_one import each
from contact_service.people.actions.emergency_access import close_run_out
from contact_service.people.queries.emergency_access import run_out
from contact_service.work import Installation, begin, read


def close_emergency_accesses(installation: Installation) -> None:
    """Each whose time is over, once; it opens nothing any more since that moment, whether this runs or not."""
    with read(installation, actor.SCHEDULE) as work:
        over = run_out(work)
    each(over, partial(_close, installation))


def _close(installation: Installation, access: EmergencyAccessId) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        close_run_out(work, access)
