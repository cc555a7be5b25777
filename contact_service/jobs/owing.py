"""Look regularly at what children are owed, and tell the workers of what needs them."""

from contextlib import suppress

from contact_service import actor
from contact_service.errors import Conflict
from contact_service.ids import CaseId
from contact_service.jobs.one_by_one import each
from contact_service.people.queries import members as people
from contact_service.visits.actions import warning
from contact_service.work import Installation, begin, read


def check_owed_contact(installation: Installation) -> None:
    """Each case with something new in one transaction; running it twice, or in two processes, does no harm."""
    with read(installation, actor.SCHEDULE) as work:
        found = warning.cases_to_tell(work, people.cases_of(work))

    def one(case: CaseId) -> None:
        # Another process may be a moment ahead; what it asked is what we would have asked.
        with suppress(Conflict), begin(installation, actor.SCHEDULE) as work:
            warning.tell_case(work, case)

    each(found, one)
