"""Rooms change hands while others give theirs back: on PostgreSQL, where several write at once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from contact_service import actor
from contact_service.audit.events import EventType
from contact_service.claims.actions import add_time, claim_time, hold_for_offer, lock_time, release_offer
from contact_service.claims.claim import Kind, Span
from contact_service.claims.queries import claims_of, claims_of_offer
from contact_service.claims.tables import ClaimRow, ResourceRow
from contact_service.ids import AccountId, OfferId, PersonId, PoolId
from contact_service.pools import actions, queries
from contact_service.visits.actions import ending, pooling
from contact_service.visits.actions.booking import change
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from contact_service.work import Work
from tests.cast import NOON, House

pytestmark = pytest.mark.rule("R61")
DAY, OFFER = timedelta(days=1), OfferId("0f" * 16)


@pytest.fixture(autouse=True)
def _several_write(house: House) -> None:
    if house.installation.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")


def pool_of(house: House, units: int) -> PoolId:
    with house.work(house.cast.karim) as work:
        return actions.add_pool(work, "HMP Example", units, zone="Europe/London")


def linked(house: House, pool: PoolId, person: PersonId) -> None:
    with house.work(house.cast.karim) as work:
        pooling.link(work, person, pool, NOON.date(), None)


def unlinks(house: House, person: PersonId) -> None:
    with house.work(house.cast.karim) as work:
        (link,) = queries.links_of(work, frozenset({person}))
        pooling.end_link(work, person, link.id)


def noted(work: Work, visit: Visit) -> None:
    record(work, visit.room, EventType.VISIT_CHANGED, Why(reason="tried"))


def room(pool: PoolId, visit: Visit) -> Span:
    return Span(who=pool, kind=Kind.POOL, starts_at=visit.starts_at, ends_at=visit.ends_at)


def rooms_of(house: House, visit: Visit) -> list[Span]:
    with house.reading(house.cast.karim) as work:
        return [one.span for one in claims_of(work, visit.id) if one.span.kind is Kind.POOL]


@contextmanager
def meanwhile(house: House, act: Callable[[], object]) -> Iterator[Callable[[], object]]:
    """What is called within the block starts ``act``, which waits for this transaction, or is done before it."""
    with ThreadPoolExecutor(1) as threads:
        started: list[Future[object]] = []

        def start() -> None:
            started.append(threads.submit(act))
            for _ in range(200):
                if started[0].done() or _somebody_waits(house):
                    return
                time.sleep(0.01)

        yield start
        started[0].result(timeout=20)


def _somebody_waits(house: House) -> bool:
    waiting = "wait_event_type = 'Lock' AND datname = current_database()"
    with house.installation.engine.connect() as connection:
        return bool(connection.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {waiting}")))  # noqa: S608


@pytest.mark.parametrize("before", [False, True], ids=["after", "before"])
def test_a_visit_called_off_while_others_change_rooms_keeps_none(house: House, before: bool) -> None:  # noqa: FBT001
    """Whether it is called off before its claim is written anew, or after that."""
    pool = pool_of(house, 2)
    linked(house, pool, house.cast.dana)
    visit, other = house.approved(), house.requested(wall_start=house.wish().wall_start + DAY)

    def call_off() -> None:
        with house.work(house.cast.karim) as work:
            ending.cancel(work, visit.id, CancelReason.CHILD_ILL)

    with meanwhile(house, call_off) as start, house.as_actor(actor.SCHEDULE) as work:
        lock_time(work, (), (), [pool])
        if before:
            start()
        add_time(work, other.id, [room(pool, visit)])  # the claim of the first is written anew
        if not before:
            start()
        noted(work, other)
    assert rooms_of(house, visit) == []
    assert house.claimed(visit) == {}


def test_an_offer_let_go_while_others_change_rooms_keeps_none(house: House) -> None:
    pool = pool_of(house, 2)
    one, other = house.requested(), house.requested(wall_start=house.wish().wall_start + DAY)
    with house.as_actor(actor.SCHEDULE) as work:
        lock_time(work, (), (), [pool])
        hold_for_offer(work, OFFER, [room(pool, one)], until=work.now + DAY)
        noted(work, one)

    def let_go() -> None:
        with house.as_actor(actor.SCHEDULE) as work:
            release_offer(work, OFFER)
            noted(work, other)

    with meanwhile(house, let_go) as start, house.as_actor(actor.SCHEDULE) as work:
        lock_time(work, (), (), [pool])
        add_time(work, other.id, [room(pool, one)])
        start()
        noted(work, one)
    with house.reading(house.cast.karim) as work:
        assert claims_of_offer(work, OFFER) == []


def test_a_change_waits_for_the_rooms_of_the_visit_as_it_was_before_it_holds_anybody(house: House) -> None:
    pool = pool_of(house, 1)  # its number is below everybody's
    linked(house, pool, house.cast.emil)
    visit = house.requested(people=(house.cast.emil,))
    assert rooms_of(house, visit)

    def without_emil() -> None:
        with house.work(house.cast.karim) as work:
            change(work, visit.id, house.wish(people=(house.cast.dana,)))

    with meanwhile(house, without_emil) as start, house.as_actor(actor.SCHEDULE) as work:
        lock_time(work, (), (), [pool])
        start()
        lock_time(work, [house.cast.mia], [house.cast.lena])  # whoever books next for them
    assert rooms_of(house, visit) == []


@pytest.mark.parametrize("ends", [False, True], ids=["begins", "ends"])
def test_a_link_waits_for_nobody_while_it_holds_a_pool(house: House, ends: bool) -> None:  # noqa: FBT001
    visit = house.requested()
    pool = pool_of(house, 1)  # its number is above everybody's
    if ends:
        linked(house, pool, house.cast.dana)

    def act() -> None:
        if ends:
            unlinks(house, house.cast.dana)
        else:
            linked(house, pool, house.cast.dana)

    people, accounts = _first_but(house, visit, house.cast.dana)
    with meanwhile(house, act) as start, house.as_actor(actor.SCHEDULE) as work:
        lock_time(work, people, accounts)
        start()
        lock_time(work, (), (), [pool])
    assert bool(rooms_of(house, visit)) is not ends


def _first_but(house: House, visit: Visit, person: PersonId) -> tuple[list[PersonId], list[AccountId]]:
    """Of whoever has claims of a visit the one who is locked first, but for this person."""
    with house.reading(house.cast.karim) as work:
        query = select(ResourceRow).join(ClaimRow).where(ClaimRow.visit_id == visit.id)
        rows = work.session.exec(query.order_by(col(ResourceRow.number))).all()
        row = next(row for row in rows if row.pool_id is None and row.person_id != person)
        if row.person_id is not None:
            return [PersonId(row.person_id)], []
        return [], [AccountId(row.account_id or "")]


def test_a_visit_called_off_while_somebody_is_linked_takes_no_room(house: House) -> None:
    visit, pool = house.approved(), pool_of(house, 1)

    with (
        meanwhile(house, lambda: linked(house, pool, house.cast.dana)) as start,
        house.work(house.cast.karim) as work,
    ):
        ending.cancel(work, visit.id, CancelReason.CHILD_ILL)
        start()
    assert house.claimed(visit) == {}


def test_a_visit_moved_while_somebody_is_linked_takes_a_room_at_its_new_time_alone(house: House) -> None:
    visit, pool = house.requested(), pool_of(house, 1)
    later = house.wish(wall_start=house.wish().wall_start + DAY)

    with (
        meanwhile(house, lambda: linked(house, pool, house.cast.dana)) as start,
        house.work(house.cast.karim) as work,
    ):
        change(work, visit.id, later)
        start()
    (taken,) = rooms_of(house, visit)
    assert taken.starts_at == visit.starts_at + DAY


def test_whoever_shares_out_a_room_given_back_meanwhile_has_it(house: House) -> None:
    pool = pool_of(house, 1)
    one, other = house.requested(), house.requested(wall_start=house.wish().wall_start + DAY)
    with house.as_actor(actor.SCHEDULE) as work:
        lock_time(work, (), (), [pool])
        claim_time(work, one.id, [room(pool, one)])
        noted(work, one)

    def take() -> None:
        with house.as_actor(actor.SCHEDULE) as work:
            lock_time(work, (), (), [pool])
            add_time(work, other.id, [room(pool, one)])
            noted(work, other)

    with meanwhile(house, take) as start, house.as_actor(actor.SCHEDULE) as work:
        claim_time(work, one.id, [])
        start()
        noted(work, one)
    assert rooms_of(house, other)
    assert house.overlaps() == 0
