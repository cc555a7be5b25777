"""End the sign-ins of staff that ran out by time, and with them what they let into a room."""

from functools import partial

from contact_service import actor
from contact_service.identity.actions import end_run_out
from contact_service.identity.queries import run_out
from contact_service.jobs.one_by_one import each
from contact_service.rooms.actions import put_out_run_out
from contact_service.work import Installation, begin, read


def end_sign_ins(installation: Installation) -> None:
    """Sessions that nobody used for 15 minutes, or that are 12 hours old: a device that came by one is out of its room.

    Whoever watches a visit uses theirs: the page of the room asks each second.
    """
    with read(installation, actor.SCHEDULE) as work:
        over = run_out(work)
    each(over, partial(_end, installation))


def _end(installation: Installation, session: str) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        ended = end_run_out(work, session)
        if ended:
            put_out_run_out(work, ended)
