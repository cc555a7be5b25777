"""Whether somebody else was faster: a few questions instead of all that the rules ask, for whoever comes too late."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import col, select

from contact_service.agency_policy import queries as agency_policy
from contact_service.claims.claim import Who
from contact_service.database import some
from contact_service.identity import queries as identity
from contact_service.ids import PersonId, VisitId
from contact_service.people.queries.many import details_of_each
from contact_service.policy.facts import ClaimedFacts, OvertakenFacts
from contact_service.scheduling.local_time import NoSuchTime
from contact_service.visits.needed import needed, spans
from contact_service.visits.queries.asking import start_of
from contact_service.visits.queries.needing import claims_around, with_known_staff
from contact_service.visits.tables import VisitRow
from contact_service.visits.wish import Wish
from contact_service.work import Work

_A_MOMENT = timedelta(minutes=1)
# Put together once: of many who ask at the same moment, all but one come here.
_ASKED_JUST_NOW = select(VisitRow.id).where(
    col(VisitRow.id).in_(some("visits")),
    col(VisitRow.requested_at) > bindparam("lately"),
    col(VisitRow.requested_at) != bindparam("now"),
)


def overtaken_facts(work: Work, wish: Wish, own: VisitId) -> OvertakenFacts | None:
    """Those whom ``wish`` needs then and who were claimed a moment ago, in a transaction of its own; None if nobody.

    ``own`` is the visit that is asked for: whoever asks twice does not overtake themselves.
    """
    start = start_of(work, wish)
    if isinstance(start, NoSuchTime):
        return None
    known, end = with_known_staff(work, wish), start + wish.length
    buffers = agency_policy.policy_in_force(work).document.buffers
    buffer_of, wanted = dict(needed(known, buffers)), spans(known, buffers, start, end)
    claims = claims_around(work, start, buffer_of)
    near = [one for each in claims.values() for one in each if any(one.span.meets(span) for span in wanted)]
    just_now = _asked_just_now(work, {one.visit for one in near} - {None, own})
    taken: dict[Who, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in near:
        if one.visit in just_now:
            taken[one.span.who].append((one.span.starts_at, one.span.ends_at))
    if not taken:
        return None
    names = _names(work, taken)
    claimed = (
        ClaimedFacts(name=names[who], buffer=buffer, taken=tuple(taken[who]))
        for who, buffer in buffer_of.items()
        if who in taken
    )
    return OvertakenFacts(starts_at=start, ends_at=end, claimed=tuple(claimed))


def _asked_just_now(work: Work, visits: Collection[VisitId | None]) -> set[VisitId]:
    """Those of ``visits`` that others asked for within the last minute: what this transaction asked for is its own."""
    if not visits:
        return set()
    given = {"visits": list(visits), "now": work.now, "lately": work.now - _A_MOMENT}
    return {VisitId(visit) for visit in work.session.exec(_ASKED_JUST_NOW, params=given)}


def _names(work: Work, who: Collection[Who]) -> dict[Who, str]:
    staff: dict[Who, str] = {one.id: one.name for one in identity.everybody(work) if one.id in who}
    family = details_of_each(work, [PersonId(one) for one in who if one not in staff])
    return staff | {person: details.known_as for person, details in family.items()}
