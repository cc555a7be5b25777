"""Move visits on by the clock: ready, open, lapsed, missed, ended for want of a supervisor."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from contact_service import actor
from contact_service.agency_policy import queries as agency_policy
from contact_service.consent.consent import ConsentState
from contact_service.errors import IllegalMove
from contact_service.ids import InvitationId, VisitId
from contact_service.invitations.invitation import InvitationState
from contact_service.invitations.queries import invitations_of
from contact_service.jobs.one_by_one import each
from contact_service.notifications import queries as notifications
from contact_service.notifications.message import MessageKind, OutboxState
from contact_service.proposals.queries import is_with_the_family
from contact_service.visits.actions import booking, ending, running
from contact_service.visits.actions.moving import lock
from contact_service.visits.queries.deciding import child_consent
from contact_service.visits.queries.finding import lost_since, visits_in
from contact_service.visits.visit import EndReason, Visit, VisitState
from contact_service.work import Installation, Work, begin, read

# The policy lets no link open, and no request lapse, earlier before a start (agency_policy/limits.py): the months
# ahead are not read every second.
_OPENS, _LAPSES = timedelta(hours=1), timedelta(days=7)
Due = Callable[[Work, Visit], bool]
Act = Callable[[Work, VisitId], object]


def make_ready(installation: Installation) -> None:
    """Approved visits whose links everybody has and whose consent for a child stands."""
    _each(installation, VisitState.APPROVED, _is_ready, running.make_ready)


def open_doors(installation: Installation) -> None:
    """Ready visits whose links may now be used."""
    _each(installation, VisitState.READY, _door_opens, running.open_door)


def lapse_requests(installation: Installation) -> None:
    """Requests that nobody answered by their cut-off."""
    _each(installation, VisitState.REQUESTED, _cut_off, booking.lapse, near=_LAPSES)


def close_doors(installation: Installation) -> None:
    """Visits whose door has closed: missed when nobody was admitted, else ended at the limit."""
    _each(installation, VisitState.WAITING, _door_closed, ending.miss)
    for state in (VisitState.LIVE, VisitState.HELD):
        _each(
            installation, state, _well_over, lambda work, visit: ending.end(work, visit, EndReason.TIME_OVER)
        )


def end_unwatched(installation: Installation) -> None:
    """Visits whose supervisor did not come back within the grace period."""
    _each(
        installation,
        VisitState.SUPERVISOR_LOST,
        _grace_over,
        lambda work, visit: ending.end(work, visit, EndReason.SUPERVISOR_LOST),
    )


def _each(
    installation: Installation, state: VisitState, due: Due, act: Act, *, near: timedelta = _OPENS
) -> None:
    """Open one Work per due visit; whether it is due is asked again under its lock: two processes do no harm.

    What is wrong with one visit keeps no other from its turn.  Looked at are those that start within ``near``, or have;
    of those that only wait for messages, all.
    """
    with read(installation, actor.SCHEDULE) as work:
        by = None if state is VisitState.APPROVED else work.now + near
        found = [visit.id for visit in visits_in(work, [state], by=by) if due(work, visit)]

    def one(visit_id: VisitId) -> None:
        # Another process may be a moment ahead; its move makes ours an illegal one.
        with suppress(IllegalMove), begin(installation, actor.SCHEDULE) as work:
            _, visit = lock(work, visit_id)
            if visit.state is state and due(work, visit):
                act(work, visit_id)

    each(found, one)


def _is_ready(work: Work, visit: Visit) -> bool:
    stands = (ConsentState.GIVEN, ConsentState.STALE)
    consent = any(child_consent(work, one.child) in stands for one in visit.children)
    links = [link for link in invitations_of(work, visit.id) if link.live]
    return consent and bool(links) and _have_it(work, visit) >= {link.id for link in links}


def _have_it(work: Work, visit: Visit) -> set[InvitationId]:
    """The links that their people have: in a message that was accepted, or from somebody's hand or mouth."""
    letters = [m for m in notifications.messages_of(work, visit.id) if m.kind is MessageKind.INVITATION]
    sent = {m.invitation for m in letters if m.invitation and m.state is OutboxState.SENT}
    given = (InvitationState.GIVEN, InvitationState.OPENED)
    return sent | {link.id for link in invitations_of(work, visit.id) if link.state in given}


def _door_opens(work: Work, visit: Visit) -> bool:
    return work.now >= visit.starts_at - agency_policy.policy_in_force(work).limits.early_entry


def _cut_off(work: Work, visit: Visit) -> bool:
    # What is asked for because it cannot wait can be agreed to until it would begin.
    limits = agency_policy.policy_in_force(work).limits
    before = timedelta(0) if visit.emergency else limits.request_lapses_before_start
    if is_with_the_family(work, visit):
        return False  # ends by itself, and asks the worker to ring: jobs/choices.py
    return work.now >= visit.starts_at - before


def _door_closed(work: Work, visit: Visit) -> bool:
    return work.now >= visit.ends_at + agency_policy.policy_in_force(work).limits.late_exit


def _well_over(work: Work, visit: Visit) -> bool:
    """The relay ends a room at its time by itself; this is for a relay that is gone."""
    limit = visit.ends_at + agency_policy.policy_in_force(work).limits.late_exit
    return work.now >= limit + timedelta(seconds=10)


def _grace_over(work: Work, visit: Visit) -> bool:
    since = lost_since(work, visit)
    return (
        since is not None and work.now >= since + agency_policy.policy_in_force(work).limits.supervisor_grace
    )
