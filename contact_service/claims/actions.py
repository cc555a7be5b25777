"""Take somebody's time, and give it back.

Whoever wants time first locks everybody whose time it is (``lock_time``), in one order, so that nobody waits in a
circle; then asks the rules; then claims.  Between the lock and the end of the transaction nobody else can claim them.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, insert, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from contact_service.claims import queries
from contact_service.claims.claim import HoldOver, Kind, Span, TimeTaken, Who, key_of, second, second_after
from contact_service.claims.tables import ClaimRow, ResourceRow
from contact_service.claims.units import kept_in_order, most_at_once, shared_out
from contact_service.ids import AccountId, OfferId, PersonId, PoolId, VisitId
from contact_service.keys.actions import insert_if_new
from contact_service.work import Work, answered_before, asked_once_of_each, reads

_AT_ONCE = 400
"""Claims that one statement names."""


def lock_time(
    work: Work, people: Collection[PersonId], accounts: Collection[AccountId], pools: Collection[PoolId] = ()
) -> None:
    """Let nobody else claim these, nor change how many rooms or links a pool has, until the transaction ends."""
    _see_to_resources(work, people, accounts)
    query = (
        select(ResourceRow.number, ResourceRow.person_id, ResourceRow.account_id)
        .where(
            or_(
                col(ResourceRow.person_id).in_(people),
                col(ResourceRow.account_id).in_(accounts),
                col(ResourceRow.pool_id).in_(pools),
            )
        )
        .order_by(col(ResourceRow.number))
        .with_for_update()
    )
    # Nobody else can change these any more, so whoever claims them does not ask again.
    found = _by_body(work.session.exec(query))
    answered_before(work, _numbers, {(who,): found[who] for who in (*people, *accounts) if who in found})


def claim_time(
    work: Work, visit: VisitId, spans: Sequence[Span], *, held_until: datetime | None = None
) -> None:
    """Claim ``spans`` for a visit, instead of all it had; those in them are locked already.

    Raises ``TimeTaken`` when one overlaps what another visit has claimed; the transaction can then only be undone.
    """
    release_time(work, visit)
    add_time(work, visit, spans, held_until=held_until)


def add_time(
    work: Work, visit: VisitId, spans: Sequence[Span], *, held_until: datetime | None = None
) -> None:
    """Claim ``spans`` for a visit besides what it has; otherwise as ``claim_time``.

    Of a pool any room that is free is taken, and other visits change rooms where that makes one free.
    """
    _add(work, _For(visit, None), spans, None if held_until is None else second(held_until))


def hold_for_offer(work: Work, offer: OfferId, spans: Sequence[Span], *, until: datetime) -> None:
    """Hold ``spans`` until an instant for whoever is offered them; those in them are locked already.

    Raises ``TimeTaken``, as ``claim_time`` does.
    """
    _add(work, _For(None, offer), spans, second(until))


class _For(NamedTuple):
    """What takes time: a visit, or an offer of freed time."""

    visit_id: str | None
    offer_id: str | None


def _add(work: Work, taker: _For, spans: Sequence[Span], until: int | None) -> None:
    bodies = dict.fromkeys(span.who for span in spans if span.kind is not Kind.POOL)
    known = _numbers(work, bodies)
    if not all(known.values()):
        people = [PersonId(span.who) for span in spans if span.kind is Kind.PERSON]
        accounts = [AccountId(span.who) for span in spans if span.kind is Kind.ACCOUNT]
        _see_to_resources(work, people, accounts)
        known = _numbers(work, bodies)
    _end_holds(work, [number for numbers in known.values() for number in numbers])
    for span in spans:
        for number in known.get(span.who, ()):
            work.session.add(
                ClaimRow(
                    resource=number,
                    **taker._asdict(),
                    from_second=second(span.starts_at),
                    until_second=second_after(span.ends_at),
                    held_until_second=until,
                )
            )
    try:
        work.session.flush()
        for pool in sorted({PoolId(span.who) for span in spans if span.kind is Kind.POOL}):
            own = [_taking(taker, span, until) for span in spans if span.who == pool]
            _share_out(work, pool, own)
    except IntegrityError:
        raise TimeTaken from None


def release_time(work: Work, visit: VisitId) -> None:
    """Give back all that a visit has claimed."""
    _release(work, col(ClaimRow.visit_id) == visit)


def release_offer(work: Work, offer: OfferId) -> None:
    """Give back all that was held for an offer."""
    _release(work, col(ClaimRow.offer_id) == offer)


def release_held(work: Work, visit: VisitId) -> None:
    """Give back what is only held for a visit, and not what it has claimed for good."""
    _release(work, col(ClaimRow.visit_id) == visit, col(ClaimRow.held_until_second).is_not(None))


def release_pools(work: Work, visit: VisitId) -> None:
    """Give back the rooms and links that a visit has claimed, and nobody's time."""
    units = select(ResourceRow.number).where(col(ResourceRow.pool_id).is_not(None))
    _release(work, col(ClaimRow.visit_id) == visit, col(ClaimRow.resource).in_(units))


def release_account(work: Work, visit: VisitId, account: AccountId) -> None:
    """Give back the time of one member of staff that a visit has claimed."""
    own = select(ResourceRow.number).where(ResourceRow.account_id == account)
    _release(work, col(ClaimRow.visit_id) == visit, col(ClaimRow.resource).in_(own))


def _release(work: Work, *which: ColumnElement[bool]) -> None:
    """Delete these claims, once nobody else can let them change rooms.

    Whoever shares a pool out deletes the claims of other visits and writes them anew.  Without the lock this deletion
    would wait for theirs and not see what they wrote, and a visit that takes no time any more would keep its room.
    """
    work.session.flush()
    query = select(ResourceRow.pool_id).join(ClaimRow).where(col(ResourceRow.pool_id).is_not(None), *which)
    pools = {PoolId(pool) for pool in work.session.exec(query) if pool is not None}
    if pools:
        lock_time(work, (), (), pools)
    work.session.exec(delete(ClaimRow).where(*which))


def keep_time(work: Work, visit: VisitId) -> None:
    """Let a visit keep for good what was held for it; raises ``HoldOver`` when that is over or was given back."""
    held = queries.claims_of(work, visit)
    if not held or any(one.held_until is not None and one.held_until <= work.now for one in held):
        raise HoldOver
    claim_time(work, visit, [one.span for one in held])


class _Taking(NamedTuple):
    """A claim on a room or link of a pool, whichever it takes."""

    from_second: int
    until_second: int
    visit_id: str | None
    offer_id: str | None
    held_until_second: int | None

    @property
    def key(self) -> tuple[str, int]:
        """By whom and from when: of one pool there is one such claim."""
        return self.visit_id or self.offer_id or "", self.from_second

    @property
    def stretch(self) -> tuple[int, int]:
        """From when until before when."""
        return self.from_second, self.until_second


def set_units(work: Work, pool: PoolId, how_many: int, *, first_come: Sequence[VisitId]) -> None:
    """A pool has so many rooms or links from now, and what is claimed is shared out among them anew.

    Where there are too few, the visits that come first in ``first_come`` keep theirs; of the others ``claims`` say that
    they are beyond.  No visit loses its claim, so nobody else is booked ahead of them.
    """
    lock_time(work, (), (), [pool])
    work.session.flush()
    rows = {row.unit: row for row in work.session.exec(_units_of(pool))}
    for unit in range(1, how_many + 1):
        rows.setdefault(unit, _new_unit(pool, unit))
    for unit, row in rows.items():
        row.in_service = unit <= how_many
        work.session.add(row)
    work.session.flush()
    _end_holds(work, _numbers_in(rows.values()))
    _share_out_anew(work, pool, list(rows.values()), first_come)


def _share_out_anew(work: Work, pool: PoolId, rows: list[ResourceRow], first_come: Sequence[VisitId]) -> None:
    places = {visit: place for place, visit in enumerate(first_come)}
    numbers = _numbers_in(rows)
    claims = _takings(work, numbers, second(work.now), None)
    claims.sort(key=lambda one: (places.get(VisitId(one.key[0]), len(places)), one.stretch, one.key))
    fits = kept_in_order([one.stretch for one in claims], sum(row.in_service for row in rows))
    beyond = [one for one, fit in zip(claims, fits, strict=True) if not fit]
    spare = [row for row in rows if not row.in_service]
    # What stays beyond has rooms of its own, which nobody else is given.
    missing = max(
        (most_at_once([other.stretch for other in beyond], *one.stretch) for one in beyond), default=0
    )
    for more in range(1, missing - len(spare) + 1):
        spare.append(_new_unit(pool, len(rows) + more))
        spare[-1].in_service = False
        work.session.add(spare[-1])
    work.session.flush()
    _take_back(work, numbers, claims)
    _put(work, [one for one, fit in zip(claims, fits, strict=True) if fit], _numbers_in(_in_service(rows)))
    _put(work, beyond, _numbers_in(spare))


def _share_out(work: Work, pool: PoolId, wanted: list[_Taking]) -> None:
    """Claim a room of a pool for each of ``wanted``, and let the visits around change rooms where it must be."""
    numbers = _numbers_in(_in_service(work.session.exec(_units_of(pool))))
    _end_holds(work, numbers)
    first, after = min(one.from_second for one in wanted), max(one.until_second for one in wanted)
    while True:
        around = _takings(work, numbers, first, after)
        wider = (
            min([first, *(one.from_second for one in around)]),
            max([after, *(one.until_second for one in around)]),
        )
        if wider == (first, after):
            break
        first, after = wider
    _take_back(work, numbers, around)
    _put(work, [*around, *wanted], numbers)


def _put(work: Work, takings: Sequence[_Taking], numbers: Sequence[int]) -> None:
    """Claim these, each a room; raises ``TimeTaken`` where there are too few."""
    shared = shared_out([one.stretch for one in takings], numbers)
    if shared is None:
        raise TimeTaken
    values = [{"resource": number, **one._asdict()} for number, one in zip(shared, takings, strict=True)]
    if values:
        # A statement for each: one for all would have more parameters than a database takes, in a busy pool.
        work.session.exec(insert(ClaimRow), params=values)


def _take_back(work: Work, numbers: Sequence[int], takings: Sequence[_Taking]) -> None:
    by_whom = func.coalesce(col(ClaimRow.visit_id), col(ClaimRow.offer_id))
    for first in range(0, len(takings), _AT_ONCE):
        keys = [one.key for one in takings[first : first + _AT_ONCE]]
        of_these = tuple_(by_whom, col(ClaimRow.from_second)).in_(keys)
        work.session.exec(delete(ClaimRow).where(col(ClaimRow.resource).in_(numbers), of_these))


def _takings(work: Work, numbers: Sequence[int], first: int, after: int | None) -> list[_Taking]:
    """What is claimed of these from ``first`` on, and before ``after``."""
    query = select(ClaimRow).where(col(ClaimRow.resource).in_(numbers), ClaimRow.until_second > first)
    if after is not None:
        query = query.where(ClaimRow.from_second < after)
    return [
        _Taking(row.from_second, row.until_second, row.visit_id, row.offer_id, row.held_until_second)
        for row in work.session.exec(query.execution_options(populate_existing=True))
    ]


def _taking(taker: _For, span: Span, held_until: int | None) -> _Taking:
    return _Taking(second(span.starts_at), second_after(span.ends_at), *taker, held_until)


def _units_of(pool: PoolId) -> SelectOfScalar[ResourceRow]:
    query = select(ResourceRow).where(ResourceRow.pool_id == pool).order_by(col(ResourceRow.unit))
    return query.execution_options(populate_existing=True)


def _new_unit(pool: PoolId, unit: int) -> ResourceRow:
    return ResourceRow(key=f"{key_of(pool, Kind.POOL)}/{unit}", pool_id=pool, unit=unit)


def _in_service(rows: Iterable[ResourceRow]) -> list[ResourceRow]:
    return [row for row in rows if row.in_service]


def _numbers_in(rows: Iterable[ResourceRow]) -> list[int]:
    return [row.number for row in rows if row.number is not None]


def _end_holds(work: Work, numbers: Sequence[int]) -> None:
    """Give back what is held no longer: an end that nobody noticed blocks nobody, and no sweep is needed for it."""
    over = (col(ClaimRow.resource).in_(numbers), col(ClaimRow.held_until_second) <= second(work.now))
    if work.session.exec(select(ClaimRow.resource).where(*over).limit(1)).first() is not None:
        work.session.exec(delete(ClaimRow).where(*over))


def _see_to_resources(work: Work, people: Iterable[PersonId], accounts: Iterable[AccountId]) -> None:
    """Give everybody a number who has none yet, in one order."""
    wanted: dict[str, dict[str, str]] = {key_of(one, Kind.PERSON): {"person_id": one} for one in people}
    wanted |= {key_of(one, Kind.ACCOUNT): {"account_id": one} for one in accounts}
    known = set(work.session.exec(select(ResourceRow.key).where(col(ResourceRow.key).in_(wanted))))
    nobody = {"person_id": None, "account_id": None, "unit": 0, "in_service": True}
    for key in sorted(wanted.keys() - known):
        insert_if_new(work.session, ResourceRow, {"key": key, **nobody, **wanted[key]})


@asked_once_of_each
@reads("resource")
def _numbers(work: Work, bodies: Collection[Who]) -> dict[Who, tuple[int, ...]]:
    """The numbers of each of these people and accounts; none of whoever has none yet."""
    query = select(ResourceRow.number, ResourceRow.person_id, ResourceRow.account_id).where(
        or_(col(ResourceRow.person_id).in_(bodies), col(ResourceRow.account_id).in_(bodies))
    )
    found = _by_body(work.session.exec(query))
    return {who: found.get(who, ()) for who in bodies}


def _by_body(rows: Iterable[tuple[int | None, str | None, str | None]]) -> dict[str, tuple[int, ...]]:
    """The numbers of each, from rows of a number and the person or account that has it."""
    found: dict[str, tuple[int, ...]] = {}
    for number, person, account in rows:
        if number is not None and (who := person or account):
            found[who] = (*found.get(who, ()), number)
    return found
