"""Whether anybody at all could serve an entry: where nobody could, it would wait for nothing."""

from enum import StrEnum
from zoneinfo import ZoneInfo

from contact_service.people.queries import members as people
from contact_service.visits.queries.interpreting import interpreters_for
from contact_service.visits.queries.supervising import watchers_for
from contact_service.waiting.queries.looking import can_be_staffed
from contact_service.waiting.waiting import Entry
from contact_service.work import Work


class InVain(StrEnum):
    """Why no time can ever be offered, as things are written down now."""

    CHOSEN_CANNOT = "chosen_cannot"
    NO_SUPERVISOR = "no_supervisor"
    NO_INTERPRETER = "no_interpreter"


def in_vain(work: Work, entry: Entry) -> InVain | None:
    """Why an entry waits for nothing, or None while somebody could serve it; whether they are free is not asked.

    Whoever suits today or on its last day counts: a training may begin or end meanwhile.
    """
    wish = entry.wish
    if not can_be_staffed(work, entry):
        return InVain.CHOSEN_CANNOT
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))
    days = {work.now.astimezone(zone).date(), entry.until}
    suiting = {one.id for day in days for one in watchers_for(work, wish, day).suiting}
    able = [one for one in suiting if wish.supervisor in (None, one)]
    if not able:
        return InVain.NO_SUPERVISOR
    helped = interpreters_for(work, wish, able).of.values()
    return InVain.NO_INTERPRETER if all(one == () for one in helped) else None
