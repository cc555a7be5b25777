"""Rooms and video links that several share: no more visits at once than there are, whatever the order of booking."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlmodel import col, func, select

from contact_service import actor
from contact_service.actor import Role
from contact_service.approvals.actions.merging import agree_to_merge
from contact_service.audit.events import EventType
from contact_service.calendars import actions as calendars
from contact_service.calendars.calendar import Effect, Span as DaysOf
from contact_service.claims.actions import claim_time, lock_time, release_time
from contact_service.claims.claim import Kind, Span, TimeTaken, second
from contact_service.claims.queries import claims_of
from contact_service.claims.tables import ClaimRow, ResourceRow
from contact_service.claims.units import most_at_once
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId, PersonId, PoolId
from contact_service.invitations.actions import inviting
from contact_service.people.actions import merging
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.pools import actions, queries
from contact_service.visits.actions import closing, ending, pooling
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.doubting import doubts, reasons_against
from contact_service.visits.queries.offering import times_for
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from contact_service.work import Work
from tests.actions.test_people import add
from tests.cast import NOON, PASSWORD, House

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FOUR = datetime(2030, 5, 15, 16, 0)  # noqa: DTZ001  on the wall in London
WEDNESDAY = date(2030, 5, 15)
pytestmark = pytest.mark.rule("R61")


@pytest.fixture
def sami(house: House) -> AccountId:
    """Another visit supervisor."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        return add_account(
            work,
            email="sami@demo.example",
            name="Sami Lind",
            roles=(Role.VISIT_SUPERVISOR,),
            password=PASSWORD,
        )


def made(house: House, units: int, *people: PersonId) -> PoolId:
    """A pool of so many links, from which these take part from today on."""
    with house.work(house.cast.karim) as work:
        pool = actions.add_pool(work, "HMP Example", units, zone="Europe/London")
    for person in people:
        with house.work(house.cast.karim) as work:
            pooling.link(work, person, pool, NOON.date(), None)
    return pool


def with_emil(house: House, **changes: Any) -> Visit | Refused:  # noqa: ANN401
    with house.work(house.cast.karim) as work:
        return inviting.request_visit(work, house.wish(people=(house.cast.emil,), **changes))


def with_dana(house: House, brother: Brother, sami: AccountId, **changes: Any) -> Visit | Refused:  # noqa: ANN401
    values: dict[str, Any] = {"child": brother.finn, "caregiver": brother.tomas, "supervisor": sami}
    with house.work(house.cast.karim) as work:
        return inviting.request_visit(work, house.wish(**values | changes))


def booked(house: House, asked: Visit | Refused) -> Visit:
    assert isinstance(asked, Visit), asked
    with house.work(house.cast.priya) as work:
        approved = inviting.approve(work, asked.id)
    assert isinstance(approved, Visit), approved
    return approved


def codes(result: Visit | Refused) -> list[str]:
    assert isinstance(result, Refused), result
    return [reason.code for reason in result.reasons]


def noted(work: Work, visit: Visit) -> None:
    record(work, visit.room, EventType.VISIT_CHANGED, Why(reason="tried"))


def in_doubt(house: House) -> set[str]:
    with house.work(house.cast.priya) as work:
        return {one.visit.id for one in doubts(work)}


def at_once(*acts: Callable[[], object]) -> list[object]:
    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Conflict as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def twice(house: House) -> int:
    """How many pairs of claims have one room at once."""
    return house.overlaps()


def test_the_last_link_is_taken_by_the_visit_that_was_asked_for_first(
    house: House, brother: Brother, sami: AccountId
) -> None:
    pool = made(house, 1, house.cast.dana, house.cast.emil)
    first = with_emil(house)
    assert isinstance(first, Visit)
    assert house.claimed(first)[pool] == (first.starts_at, first.ends_at)
    refused = with_dana(house, brother, sami)
    assert codes(refused) == ["pool_taken"]
    assert isinstance(refused, Refused)
    assert (
        "All of HMP Example is taken then (1 in all). These take part from there: Dana."
        in refused.reasons[0].words
    )
    assert isinstance(with_dana(house, brother, sami, wall_start=FOUR + 30 * MINUTE), Visit)
    assert twice(house) == 0


def test_two_links_hold_two_visits(house: House, brother: Brother, sami: AccountId) -> None:
    made(house, 2, house.cast.dana, house.cast.emil)
    assert isinstance(with_emil(house), Visit)
    assert isinstance(with_dana(house, brother, sami), Visit)
    assert twice(house) == 0


def test_two_people_of_one_visit_take_a_link_each(house: House) -> None:
    pool = made(house, 1, house.cast.dana, house.cast.emil)
    both = (house.cast.dana, house.cast.emil)
    with house.work(house.cast.karim) as work:
        assert codes(inviting.request_visit(work, house.wish(people=both))) == ["pool_taken"]
    with house.work(house.cast.karim) as work:
        pooling.change_pool(work, pool, "HMP Example", 2)
    visit = house.requested(people=both)
    with house.reading(house.cast.karim) as work:
        assert [one.span.who for one in claims_of(work, visit.id)].count(pool) == 2


def test_a_visit_that_is_called_off_gives_its_link_back(
    house: House, brother: Brother, sami: AccountId
) -> None:
    made(house, 1, house.cast.dana, house.cast.emil)
    visit = booked(house, with_emil(house))
    with house.work(house.cast.karim) as work:
        ending.cancel(work, visit.id, CancelReason.CHILD_ILL)
    assert isinstance(with_dana(house, brother, sami), Visit)


def test_a_link_counts_on_its_days_alone(house: House) -> None:
    with house.work(house.cast.karim) as work:
        pool = actions.add_pool(work, "HMP Example", 1, zone="Europe/London")
    with house.work(house.cast.karim) as work:
        pooling.link(work, house.cast.dana, pool, WEDNESDAY + timedelta(days=1), None)
    assert pool not in house.claimed(house.requested())
    later = house.requested(wall_start=FOUR + timedelta(days=2))
    assert pool in house.claimed(later)


def test_a_visit_is_only_while_the_pool_is_open(house: House) -> None:
    pool = made(house, 1, house.cast.dana)
    with house.work(house.cast.karim) as work:
        pooling.add_hours(work, pool, Window(days=(Weekday.WEDNESDAY,), earliest=9 * 60, latest=16 * 60 + 15))
    with house.work(house.cast.karim) as work:
        assert codes(inviting.request_visit(work, house.wish())) == ["pool_closed"]
    house.requested(wall_start=FOUR - 15 * MINUTE)


def test_closing_a_pool_puts_what_is_booked_in_doubt(house: House) -> None:
    pool = made(house, 1, house.cast.dana)
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        pooling.add_closure(work, pool, (WEDNESDAY, WEDNESDAY))
    assert in_doubt(house) == {visit.id}
    with house.work(house.cast.priya) as work:
        assert [reason.code for reason in reasons_against(work, house.visit(visit.id))] == ["pool_closed"]


def test_days_of_a_shared_calendar_close_a_pool_and_put_in_doubt(house: House) -> None:
    pool = made(house, 1, house.cast.dana)
    visit = house.approved()
    with house.work(house.cast.priya) as work:
        calendar = calendars.add_calendar(work, "Lock-downs", Effect.NO_VISITS)
        pooling.add_calendar(work, pool, calendar)
    assert in_doubt(house) == set()
    with house.work(house.cast.priya) as work:
        closing.add_entry(work, calendar, DaysOf(name="Search", first=WEDNESDAY, last=WEDNESDAY))
    assert in_doubt(house) == {visit.id}


def test_fewer_links_put_in_doubt_whoever_asked_last_and_nobody_goes_ahead_of_them(
    house: House, brother: Brother, sami: AccountId
) -> None:
    pool = made(house, 2, house.cast.dana, house.cast.emil)
    last = with_dana(house, brother, sami, wall_start=FOUR + 15 * MINUTE)
    house.clock.forward(MINUTE)
    first = booked(house, with_emil(house))
    last = booked(house, last)
    with house.work(house.cast.karim) as work:
        pooling.change_pool(work, pool, "HMP Example", 1)
    assert in_doubt(house) == {first.id}  # the other was asked for a minute before
    with house.work(house.cast.karim) as work:
        ending.cancel(work, last.id, CancelReason.CHILD_ILL)
    with house.work(house.cast.priya) as work:
        assert reasons_against(work, house.visit(first.id)) == ()
    assert codes(with_dana(house, brother, sami)) == ["pool_taken"]
    with house.work(house.cast.karim) as work:
        pooling.change_pool(work, pool, "HMP Example", 2)
    assert isinstance(with_dana(house, brother, sami), Visit)
    assert twice(house) == 0


def test_whoever_takes_part_from_a_pool_from_now_on_takes_rooms_for_what_is_booked(
    house: House, brother: Brother, sami: AccountId
) -> None:
    one, other = booked(house, with_emil(house)), booked(house, with_dana(house, brother, sami))
    pool = made(house, 1, house.cast.emil)
    assert pool in house.claimed(one)
    with house.work(house.cast.karim) as work:
        link = pooling.link(work, house.cast.dana, pool, NOON.date(), None)
    assert pool not in house.claimed(other)
    assert in_doubt(house) == {other.id}
    with house.work(house.cast.karim) as work:
        pooling.end_link(work, house.cast.dana, link)
    with house.work(house.cast.priya) as work:
        assert reasons_against(work, house.visit(other.id)) == ()


def test_times_are_found_when_a_link_is_free_and_a_full_day_says_so(
    house: House, brother: Brother, sami: AccountId
) -> None:
    pool = made(house, 1, house.cast.dana, house.cast.emil)
    with house.work(house.cast.karim) as work:
        pooling.add_hours(work, pool, Window(days=tuple(Weekday), earliest=16 * 60, latest=16 * 60 + 30))
    assert isinstance(with_emil(house), Visit)
    with house.reading(house.cast.karim) as work:
        wish = house.wish(child=brother.finn, caregiver=brother.tomas, supervisor=sami)
        times = times_for(work, wish)
    assert all(one.starts_at.hour == 15 and one.starts_at.minute == 0 for one in times.offers)
    assert WEDNESDAY not in {one.starts_at.date() for one in times.offers}
    why = next(one.why for one in times.without if one.day == WEDNESDAY)
    assert ("pool_taken", pool) in why


@pytest.mark.parametrize("times", range(3))
def test_of_two_families_who_ask_at_once_for_the_last_link_one_wins(
    house: House, brother: Brother, sami: AccountId, times: int
) -> None:
    made(house, 1, house.cast.dana, house.cast.emil)
    start = FOUR + times * 5 * MINUTE
    results = at_once(lambda: with_emil(house), lambda: with_dana(house, brother, sami, wall_start=start))
    assert sum(isinstance(result, Visit) for result in results) == 1
    assert all(isinstance(one, Visit) or codes(one) == ["pool_taken"] for one in results)  # type: ignore[arg-type]
    assert twice(house) == 0


def test_a_link_is_lowered_while_somebody_books_and_nothing_is_booked_beyond(
    house: House, brother: Brother, sami: AccountId
) -> None:
    pool = made(house, 2, house.cast.dana, house.cast.emil)
    assert isinstance(with_emil(house), Visit)

    def lower() -> None:
        with house.work(house.cast.karim) as work:
            pooling.change_pool(work, pool, "HMP Example", 1)

    asked, _ = at_once(lambda: with_dana(house, brother, sami), lower)
    with house.reading(house.cast.karim) as work:
        claims = select(func.count()).select_from(ClaimRow).join(ResourceRow)
        within = claims.where(ResourceRow.pool_id == pool, col(ResourceRow.in_service))
        assert work.session.exec(within).one() == 1
    assert isinstance(asked, Visit) or codes(asked) == ["pool_taken"]  # type: ignore[arg-type]


def test_what_fits_is_claimed_in_any_order_and_what_does_not_is_refused(house: House) -> None:
    pool = made(house, 2)
    visits = [house.requested(wall_start=FOUR + timedelta(days=day)) for day in range(6)]
    chance = random.Random(61)  # noqa: S311
    begins = datetime(2030, 6, 1, tzinfo=UTC)
    for _ in range(40):
        with house.as_actor(actor.SCHEDULE) as work:
            for visit in visits:
                release_time(work, visit.id)
            noted(work, visits[0])
        kept: list[tuple[datetime, datetime]] = []
        for visit in visits:
            first = begins + chance.randrange(12) * 15 * MINUTE
            one = (first, first + chance.randrange(1, 6) * 15 * MINUTE)
            span = Span(who=pool, kind=Kind.POOL, starts_at=one[0], ends_at=one[1])
            try:
                with house.as_actor(actor.SCHEDULE) as work:
                    lock_time(work, (), (), [pool])
                    claim_time(work, visit.id, [span])
                    noted(work, visit)
            except TimeTaken:
                assert most_at_once([*kept, one], *one) > 2
            else:
                kept.append(one)
                assert most_at_once(kept, begins, begins + 12 * HOUR) <= 2
        assert twice(house) == 0


def test_a_pool_is_kept_by_staff_of_the_agency_and_named_once(house: House) -> None:
    pool = made(house, 1)
    with house.work(house.cast.karim) as work, pytest.raises(BadInput, match="of this name"):
        actions.add_pool(work, " HMP Example ", 1, zone="Europe/London")
    for units in (0, 51):
        with house.work(house.cast.karim) as work, pytest.raises(BadInput, match="from 1 to 50"):
            actions.add_pool(work, "Rooms", units, zone="Europe/London")
    with house.work(house.cast.karim) as work, pytest.raises(BadInput, match="time zone"):
        actions.add_pool(work, "Rooms", 1, zone="Europe/Nowhere")
    with house.work(house.cast.lena) as work, pytest.raises(NotAllowed):
        actions.add_hours(work, pool, Window())
    with house.work(house.cast.karim) as work, pytest.raises(NotFound):
        actions.add_hours(work, "0" * 32, Window())


def test_a_child_takes_part_with_their_carer_and_nobody_from_two_places_on_one_day(house: House) -> None:
    pool = made(house, 1, house.cast.dana)
    with house.work(house.cast.karim) as work, pytest.raises(BadInput, match="their carer"):
        pooling.link(work, house.cast.mia, pool, WEDNESDAY, None)
    with house.work(house.cast.karim) as work, pytest.raises(BadInput, match="from elsewhere"):
        pooling.link(work, house.cast.dana, pool, WEDNESDAY, WEDNESDAY)
    with house.work(house.cast.karim) as work, pytest.raises(Conflict, match="takes part from there"):
        actions.end_pool(work, pool)
    with house.work(house.cast.karim) as work:
        (link,) = queries.links_of(work, frozenset({house.cast.dana}))
        pooling.end_link(work, house.cast.dana, link.id)
    with house.work(house.cast.karim) as work:
        actions.end_pool(work, pool)
    with house.work(house.cast.karim) as work:
        assert queries.pools(work) == []


def test_somebody_whose_two_records_were_merged_takes_one_link(house: House) -> None:
    double = add(house, "D. Marlowe")
    pool = made(house, 1, house.cast.dana, double)
    with house.work(house.cast.karim) as work:
        merge = merging.propose_merge(work, double, house.cast.dana)
    with house.work(house.cast.priya) as work:
        agree_to_merge(work, merge)
    with house.reading(house.cast.karim) as work:
        (kept,) = {one.person for one in queries.links_of(work, frozenset({house.cast.dana, double}))}
        assert len(queries.links_of(work, frozenset({kept}))) == 2
        times = times_for(work, house.wish(people=(kept,)))
    assert times.offers
    visit = house.requested(people=(kept,))
    with house.reading(house.cast.karim) as work:
        assert [one.span.who for one in claims_of(work, visit.id)].count(pool) == 1
    with house.work(house.cast.karim) as work:
        link = queries.links_of(work, frozenset({kept}))[0]
        pooling.end_link(work, kept, link.id)
    with house.reading(house.cast.karim) as work:
        assert [one.span.who for one in claims_of(work, visit.id)].count(pool) == 1
    assert in_doubt(house) == set()


def busy(house: House, pool: PoolId, visit: Visit, claims: int) -> None:
    """So many hours of a pool's first room, one after another, for a visit."""
    with house.reading(house.cast.karim) as work:
        number = work.session.exec(select(ResourceRow.number).where(ResourceRow.pool_id == pool)).first()
    first, hour = second(visit.starts_at + timedelta(days=30)), 3600
    rows = [
        {"resource": number, "visit_id": visit.id, "from_second": since, "until_second": since + hour}
        for since in range(first, first + claims * hour, hour)
    ]
    with house.installation.engine.begin() as connection:
        connection.execute(insert(ClaimRow), rows)


@contextmanager
def statements(house: House) -> Iterator[list[tuple[str, int]]]:
    """What is said to the database within the block, and with how many parameters at most at once."""
    said: list[tuple[str, int]] = []

    def note(*args: Any) -> None:  # noqa: ANN401  the library's own
        _, _, statement, parameters, _, many = args
        said.append((statement, max(map(len, parameters), default=0) if many else len(parameters)))

    event.listen(house.installation.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(house.installation.engine, "before_cursor_execute", note)


def test_a_busy_pool_is_changed_with_few_parameters_at_once_and_renamed_without_touching_claims(
    house: House,
) -> None:
    pool = made(house, 2)
    visit = house.requested()
    busy(house, pool, visit, 1000)
    with statements(house) as said, house.work(house.cast.karim) as work:
        pooling.change_pool(work, pool, "HMP Northmoor", 1)
    assert max(count for _, count in said) < 1000
    with house.reading(house.cast.karim) as work:
        claims = [one for one in claims_of(work, visit.id) if one.span.who == pool]
    assert len(claims) == 1000
    assert not any(one.beyond for one in claims)
    with statements(house) as said, house.work(house.cast.karim) as work:
        pooling.change_pool(work, pool, "HMP Example", 1)
    assert not [statement for statement, _ in said if "claim" in statement.partition("WHERE")[0]]
