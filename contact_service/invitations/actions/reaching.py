"""Ask a worker to ring somebody whom a message has not reached, while there is time (feature F2)."""

from datetime import datetime, timedelta

from contact_service.follow_ups import actions as follow_ups, queries as asked
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.identity import queries as identity
from contact_service.ids import CaseId, PersonId
from contact_service.notifications import actions as notifications
from contact_service.notifications.message import MessageKind, NewMessage, Queued
from contact_service.people.queries import members as people
from contact_service.restrictions import queries as restrictions
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.visit import Visit
from contact_service.work import Work

_RUNG_WITHIN = timedelta(hours=4)
_RUNG_BEFORE_START = timedelta(hours=1)


def ask_to_ring(work: Work, message: Queued) -> None:
    """Ask the workers of everybody's own case to ring the reader of ``message``, and write to who booked the visit.

    Whoever is to be rung about a visit already is not asked for again, and a message asks once.
    """
    if message.person is None or not notifications.mark_told(work, message.id):
        return
    if message.restriction is not None:
        stop = restrictions.restriction_for(work, message.restriction)
        _ask(work, message, message.person, case=stop.case, due_at=work.now + _RUNG_WITHIN)
        return
    assert message.visit is not None
    visit = visit_by_id(work, message.visit)
    assert visit is not None
    for case in _whose(work, visit, message.person):
        _ask(work, message, message.person, case=case, due_at=_in_time(work, visit))
    if visit.starts_at > work.now:
        _write_to_worker(work, visit, message)


def _whose(work: Work, visit: Visit, person: PersonId) -> list[CaseId]:
    """The cases of a visit that have to do with somebody; of whoever is in it no more, those that know them."""
    now = [seen.case for seen in visit.by_case() if person in seen.circle]
    return now or [seen.case for seen in visit.by_case() if person in people.roles_in(work, seen.case)]


def _in_time(work: Work, visit: Visit) -> datetime:
    soon = min(work.now + _RUNG_WITHIN, visit.starts_at - _RUNG_BEFORE_START)
    return max(work.now, soon)


def _ask(work: Work, message: Queued, person: PersonId, *, case: CaseId, due_at: datetime) -> None:
    if message.visit is not None:
        standing = asked.open_about(work, message.visit, FollowUpKind.NOT_REACHED)
        if any(one.person == person and one.case == case for one in standing):
            return
    follow_ups.ask_for(
        work,
        NewFollowUp(
            case=case,
            kind=FollowUpKind.NOT_REACHED,
            for_role=ForRole.WORKER,
            about=f"not_reached/{message.id}/{case}/{work.now.isoformat()}",
            due_at=due_at,
            visit=message.visit,
            person=person,
        ),
    )


def _write_to_worker(work: Work, visit: Visit, message: Queued) -> None:
    """One letter for each booking, however many messages about it fail."""
    letter = NewMessage(
        kind=MessageKind.NOT_REACHED,
        visit=visit.id,
        revision=message.revision,
        account=identity.who_hears(work, visit.requested_by),
        useless_after=visit.starts_at,
    )
    notifications.queue(work, letter)


def close_if_reached(work: Work, message: Queued) -> None:
    """The message has left after all: nobody needs to ring its reader about it any more.

    One that failed by another channel has reached them only when a phone says so: till then somebody makes sure.
    """
    if message.failed_by and message.delivered_at is None:
        return
    if (message.told or message.failed_by) and message.visit is not None:
        follow_ups.close_all(work, message.visit, FollowUpKind.NOT_REACHED, person=message.person)
