"""Approve every visit of a series that waits: one decision of one person, asked of the rules for each visit."""

from dataclasses import dataclass

from contact_service.actor import Role
from contact_service.errors import Conflict, NotAllowed
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Reason, Refused
from contact_service.series.actions.keeping import lock_series
from contact_service.series.queries.finding import series_for
from contact_service.series.series import Series, SeriesId
from contact_service.visits.actions.moving import lock
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Approved:
    """What became of it; ``reasons`` are those of every visit that a rule refused, each once."""

    series: Series
    approved: int
    reasons: tuple[Reason, ...]


def approve_series(work: Work, series: SeriesId, *, seen: str) -> Approved:
    """Approve what waits, as the approver has ``seen`` it (``Series.seen``); what a rule refuses goes on waiting.

    Whoever asked is told once, with the first.  Raises ``Conflict`` when other visits wait now, ``NotAllowed`` for
    whoever is no approver.
    """
    if not work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver can approve a visit.")
    work.actor.demand_person()
    found = lock_series(work, series)
    waits = [visit.id for visit in found.waiting]
    # All before the first moves, and by their ids, as whoever stops several does: nobody waits in a circle.
    for visit in sorted(waits):
        lock(work, visit)
    if series_for(work, series).seen != seen:
        raise Conflict("Other visits wait than you saw, or one was changed. Load the page again.")
    approved = 0
    reasons: list[Reason] = []
    for visit in waits:
        answer = inviting.approve(work, visit, tell=not approved)
        if isinstance(answer, Refused):
            reasons += answer.reasons
        else:
            approved += 1
    return Approved(series=series_for(work, series), approved=approved, reasons=tuple(dict.fromkeys(reasons)))
