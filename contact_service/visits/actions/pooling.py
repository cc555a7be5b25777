"""Change rooms and video links and who takes part from them; put in doubt at once what is booked and no longer fits.

A visit takes its rooms when it is booked.  When somebody takes part from elsewhere, each of their visits ahead gives
its rooms back and takes those that it needs now, where there are any; where there are none it is put in doubt.
"""

from collections.abc import Iterable
from datetime import date

from sqlmodel import col, select

from contact_service.agency_policy import queries as agency_policy
from contact_service.claims.actions import add_time, release_pools
from contact_service.claims.claim import Kind
from contact_service.claims.queries import claims_of
from contact_service.errors import Conflict
from contact_service.ids import PersonId, PoolId
from contact_service.plans.hours import Window
from contact_service.pools import actions, queries
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.actions.doubting import doubt_visits
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.finding import visits_in, visits_out_of_reach
from contact_service.visits.queries.needing import pool_facts, pool_spans
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import BOOKED, TAKING_TIME, Visit
from contact_service.work import Work


def change_pool(work: Work, pool: str, name: str, units: int) -> None:
    """As ``pools.actions.change_pool``: where there are too few now, those asked for last are put in doubt."""
    found = queries.pool_for(work, pool)
    using = _visits_using(work, found.id)
    first_come = [visit.id for visit in sorted(using, key=lambda one: (one.requested_at, one.id))]
    before = actions.change_pool(work, pool, name, units, first_come=first_come)
    if units < before:
        _doubt(work, using)


def add_hours(work: Work, pool: str, window: Window) -> str:
    """As ``pools.actions.add_hours``: from now it is open in what is written down alone."""
    hours = actions.add_hours(work, pool, window)
    _doubt(work, _visits_using(work, PoolId(pool)))
    return hours


def end_hours(work: Work, pool: str, hours: str) -> None:
    """As ``pools.actions.end_hours``: what is booked in them is put in doubt."""
    actions.end_hours(work, pool, hours)
    _doubt(work, _visits_using(work, PoolId(pool)))


def add_closure(work: Work, pool: str, days: tuple[date, date]) -> str:
    """As ``pools.actions.add_closure``: what is booked on these days is put in doubt."""
    closure = actions.add_closure(work, pool, days)
    _doubt(work, _visits_using(work, PoolId(pool)))
    return closure


def add_calendar(work: Work, pool: str, calendar: str) -> str:
    """As ``pools.actions.add_calendar``: what is booked on its days is put in doubt."""
    made = actions.add_calendar(work, pool, calendar)
    _doubt(work, _visits_using(work, PoolId(pool)))
    return made


def link(work: Work, person: PersonId, pool: str, first: date, last: date | None) -> str:
    """As ``pools.actions.link``: their visits ahead take rooms there."""
    theirs = _lock_theirs(work, person, PoolId(pool))
    made = actions.link(work, person, pool, first, last)
    _claim_anew(work, theirs)
    return made


def end_link(work: Work, person: PersonId, link_id: str) -> None:
    """As ``pools.actions.end_link``: their visits ahead give their rooms back."""
    theirs = _lock_theirs(work, person)
    actions.end_link(work, person, link_id)
    _claim_anew(work, theirs)


def _lock_theirs(work: Work, person: PersonId, *pools: PoolId) -> list[Visit]:
    """Lock somebody's visits ahead, then everybody and every pool of them, and return the visits as they stand.

    In the order in which a change of one visit locks too: first visits, then all whose time it is at once.
    """
    before = _ahead(work, person)
    _lock_visits(work, before)
    shared = {one.pool.id for one in queries.links_of(work, frozenset({person}))}
    for visit in before:
        shared |= {PoolId(one.span.who) for one in claims_of(work, visit.id) if one.span.kind is Kind.POOL}
    wishes = (wish_of(visit) for visit in _ahead(work, person))
    lock_everybody(work, *wishes, and_also=[person], pools=shared | {*pools})
    theirs = _ahead(work, person)
    if not {visit.id for visit in theirs} <= {visit.id for visit in before}:
        raise Conflict("A visit with them was asked for a moment ago. Load the page again.")
    return theirs


def _lock_visits(work: Work, visits: Iterable[Visit]) -> None:
    """In one order, as ``moving.lock`` does; what is read of them afterwards is read anew."""
    query = select(VisitRow.id).where(col(VisitRow.id).in_([visit.id for visit in visits]))
    work.session.exec(query.order_by(col(VisitRow.id)).with_for_update(key_share=True)).all()
    work.session.flush()
    work.session.expire_all()


def _ahead(work: Work, person: PersonId) -> list[Visit]:
    """Their visits that are to come, those asked for first at the front."""
    theirs = [v for v in _everywhere(work) if person in v.people and v.starts_at > work.now]
    return sorted(theirs, key=lambda one: (one.requested_at, one.id))


def _claim_anew(work: Work, theirs: Iterable[Visit]) -> None:
    work.session.flush()
    for visit in theirs:
        _take_rooms(work, visit)
    _doubt(work, theirs)


def _take_rooms(work: Work, visit: Visit) -> None:
    """The times that the visit has stay; for each it takes the rooms that it needs now, none where none is left."""
    wish, buffer = wish_of(visit), agency_policy.policy_in_force(work).document.buffers.child
    times = {
        (one.span.starts_at + buffer.before, one.span.ends_at - buffer.after): one.held_until
        for one in claims_of(work, visit.id)
        if one.span.who == visit.child
    }
    release_pools(work, visit.id)
    for (starts_at, ends_at), held_until in times.items():
        facts = pool_facts(work, wish, starts_at, besides=frozenset({visit.id}))
        if all(one.has_room(starts_at, ends_at) for one in facts):
            wanted = pool_spans(work, wish, starts_at, ends_at)
            add_time(work, visit.id, wanted, held_until=held_until)


def _visits_using(work: Work, pool: PoolId) -> list[Visit]:
    """Every visit of the agency in which somebody takes part who is said to do so from there."""
    people = queries.people_from(work, pool)
    return [visit for visit in _everywhere(work) if people & visit.people] if people else []


def _everywhere(work: Work) -> list[Visit]:
    return [*visits_in(work, TAKING_TIME), *visits_out_of_reach(work, TAKING_TIME)]


def _doubt(work: Work, visits: Iterable[Visit]) -> None:
    work.session.flush()
    doubt_visits(work, [visit for visit in visits if visit.state in BOOKED])
