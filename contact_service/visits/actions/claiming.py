"""Claim the time of everybody whom a visit needs.  ``moving.move`` gives it back when the visit takes none any more."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import combinations

from contact_service.agency_policy import queries as agency_policy
from contact_service.claims.actions import add_time, claim_time, lock_time
from contact_service.claims.claim import Kind, Span
from contact_service.claims.queries import claims_between
from contact_service.errors import BadInput
from contact_service.ids import PersonId, PoolId, VisitId
from contact_service.visits.needed import spans
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.needing import pool_facts, pool_spans, pools_of, with_known_staff
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import Visit, VisitState
from contact_service.visits.wish import Wish
from contact_service.work import Work


def lock_everybody(
    work: Work, *wishes: Wish, and_also: Collection[PersonId] = (), pools: Collection[PoolId] = ()
) -> None:
    """Before the rules are asked: until this transaction ends nobody else claims those whom ``wishes`` need.

    ``and_also`` and ``pools``: people and pools to lock with them, since all are locked in one order.
    """
    people = set(and_also).union(*(wish.everybody for wish in wishes))
    known = (with_known_staff(work, wish).supervisor for wish in wishes)
    shared = set(pools).union(*(pools_of(work, wish) for wish in wishes))
    lock_time(work, people, {supervisor for supervisor in known if supervisor is not None}, shared)


def spans_of(work: Work, wish: Wish, starts_at: datetime, ends_at: datetime) -> list[Span]:
    """All that ``wish`` claims when it starts and ends then: everybody's time, and rooms and links of pools."""
    buffers = agency_policy.policy_in_force(work).document.buffers
    return [*spans(wish, buffers, starts_at, ends_at), *pool_spans(work, wish, starts_at, ends_at)]


def claim_everybody(
    work: Work,
    row: VisitRow,
    wish: Wish,
    *,
    or_at: Sequence[tuple[datetime, Wish]] = (),
    held_until: datetime | None = None,
) -> None:
    """Claim everybody for the time that ``row`` has now, and for as long from each of ``or_at``, each as it is wished.

    Raises ``TimeTaken``.
    """
    length = row.ends_at - row.starts_at
    wanted = [
        span
        for start, wished in ((row.starts_at, wish), *or_at)
        for span in spans_of(work, wished, start, start + length)
    ]
    # A draft is being asked for just now, and has claimed nothing that it would have to give back.
    take = add_time if row.state == VisitState.DRAFT else claim_time
    take(work, VisitId(row.id), wanted, held_until=held_until)


def demand_apart(work: Work, wish: Wish, starts: Sequence[datetime]) -> None:
    """Raise ``BadInput`` when one visit could not be kept for all of ``starts``: two overlap, time around included."""
    buffers = agency_policy.policy_in_force(work).document.buffers
    each = [spans(wish, buffers, start, start + wish.length) for start in starts]
    for one, other in combinations(each, 2):
        if any(mine.meets(theirs) for mine in one for theirs in other):
            raise BadInput("Two of these times overlap. Choose times further apart.", "times")


def claim_again(work: Work, row: VisitRow, visit: Visit) -> bool:
    """Claim for a visit what it gave back when it was suspended; False, and nothing claimed, when others have it now.

    To be called when its people are locked.
    """
    wish = wish_of(visit)
    wanted = spans_of(work, wish, visit.starts_at, visit.ends_at)
    bodies = [one for one in wanted if one.kind is not Kind.POOL]
    first, after = min(one.starts_at for one in bodies), max(one.ends_at for one in bodies)
    others = claims_between(work, first, after, who=[one.who for one in bodies])
    if any(other.span.meets(one) for other in others for one in bodies if other.visit != visit.id):
        return False
    shared = pool_facts(work, wish, visit.starts_at, besides=frozenset({visit.id}))
    if not all(one.has_room(visit.starts_at, visit.ends_at) for one in shared):
        return False
    claim_time(work, VisitId(row.id), wanted)
    return True
