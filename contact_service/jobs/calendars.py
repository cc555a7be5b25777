"""Ask the addresses of people's own calendars, of staff and families, every hour, when they are busy.

The question is asked, and its answer read, between two transactions: nobody waits for a lock while a far host thinks or
a long file is read.
"""

from contact_service import actor
from contact_service.errors import NotFound
from contact_service.jobs.one_by_one import each
from contact_service.jobs.web import NO_ANSWER, Web
from contact_service.visits.actions import staffing
from contact_service.work import Installation, begin, read
from contact_service.working_hours import actions, queries
from contact_service.working_hours.busy import busy_times
from contact_service.working_hours.errors import CalendarNotReadable
from contact_service.working_hours.hours import DueCalendar

_AT_A_TIME = 20


def ask_calendars(installation: Installation, web: Web | None = None) -> None:
    """Every address that is due has been asked, at most some at a time; visits that are hit are in doubt."""
    web = web or Web()
    with read(installation, actor.SCHEDULE) as work:
        due = queries.due_calendars(work)[:_AT_A_TIME]
    each(due, lambda one: _ask(installation, web, one))


def _ask(installation: Installation, web: Web, one: DueCalendar) -> None:
    try:
        with read(installation, actor.SCHEDULE) as work:
            address = queries.address_of(work, one)
        found = busy_times(web.ask(address), zone=one.zone, now=installation.clock())
        with begin(installation, actor.SCHEDULE) as work:
            staffing.take_in(work, one, found)
    except NotFound:
        return  # it was taken out a moment ago
    except CalendarNotReadable as error:
        _note(installation, one, str(error))
    except Exception:
        # Noted, so that it is not the first in the row for ever; and said, because it is our fault.
        _note(installation, one, NO_ANSWER)
        raise


def _note(installation: Installation, one: DueCalendar, words: str) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        actions.note_failure(work, one, words)
