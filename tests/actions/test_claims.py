"""Nobody is in two visits at once: the rules say so, the locks keep it so, and the database refuses it by itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from contact_service import actor
from contact_service.agency_policy.actions import accept_policy
from contact_service.agency_policy.document import Buffers
from contact_service.agency_policy.queries import policy_in_force
from contact_service.agency_policy.version import PolicyAct
from contact_service.approvals.actions import merging as approving_merges
from contact_service.audit.events import EventType
from contact_service.claims.actions import claim_time, keep_time, lock_time
from contact_service.claims.claim import HoldOver, TimeTaken
from contact_service.claims.queries import claims_of
from contact_service.claims.tables import ClaimRow, ResourceRow
from contact_service.demo.brother import Brother
from contact_service.errors import Conflict
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.people.actions import merging
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking, ending, moving
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.needed import spans
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.reasons import CancelReason, DeclineReason
from contact_service.visits.visit import EndReason, Visit, VisitState
from contact_service.work import Work, read
from tests.actions.test_doubts import publish
from tests.actions.test_people import add
from tests.cast import House

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FOUR = datetime(2030, 5, 15, 16, 0)  # noqa: DTZ001  on the wall in London
pytestmark = pytest.mark.rule("R55")


def asked(house: House, **changes: Any) -> Visit | Refused:  # noqa: ANN401
    with house.work(house.cast.karim) as work:
        return inviting.request_visit(work, house.wish(**changes))


def said(result: Visit | Refused) -> list[tuple[str, str, str]]:
    """Rule, code and name of every reason."""
    assert isinstance(result, Refused), result
    return [(r.rule, r.code, str(dict(r.problem.values).get("name", ""))) for r in result.reasons]


def another(name: str) -> tuple[str, str, str]:
    return ("R55", "has_another_visit", name)


def test_a_visit_claims_everybody_whom_it_needs_and_the_supervisor_a_quarter_longer(house: House) -> None:
    visit = house.requested()
    exactly = (visit.starts_at, visit.ends_at)
    assert house.claimed(visit) == {
        house.cast.mia: exactly,
        house.cast.dana: exactly,
        house.cast.ines: exactly,
        house.cast.lena: (visit.starts_at - 15 * MINUTE, visit.ends_at + 15 * MINUTE),
    }


def test_who_is_asked_for_by_one_worker_is_taken_for_another_before_anybody_has_decided(house: House) -> None:
    house.requested()
    refused = asked(house, child=house.cast.jonas, wall_start=FOUR + 15 * MINUTE)
    assert said(refused) == [another("Dana"), another("Ines"), another("Lena Voss")]


@pytest.mark.parametrize(
    ("start", "busy"),
    [
        (FOUR + 30 * MINUTE, ["Lena Voss"]),  # the family could, but she prepares and writes up
        (FOUR + 59 * MINUTE, ["Lena Voss"]),
        (FOUR + 60 * MINUTE, []),
        (FOUR - 60 * MINUTE, []),
        (FOUR - 59 * MINUTE, ["Lena Voss"]),
        (FOUR - 29 * MINUTE, ["Dana", "Ines", "Lena Voss"]),
    ],
)
def test_one_visit_may_begin_as_another_ends(house: House, start: datetime, busy: list[str]) -> None:
    house.requested()
    result = asked(house, child=house.cast.jonas, wall_start=start)
    assert (said(result) if isinstance(result, Refused) else []) == [another(name) for name in busy]


def test_the_agency_says_how_much_time_is_needed_around_a_visit(house: House) -> None:
    publish(
        house,
        """
        buffers:
          visit_supervisor: {before: 0 min, after: 0 min}
          child: {before: 10 min, after: 5 min}
          family_member: {after: 20 min}
        """,
    )
    with house.work(house.cast.karim) as work:
        accept_policy(work, PolicyAct.BOOK, version=policy_in_force(work).version)
    visit = house.requested()
    times = house.claimed(visit)
    assert times[house.cast.lena] == (visit.starts_at, visit.ends_at)
    child = (visit.starts_at - 10 * MINUTE, visit.ends_at + 5 * MINUTE)
    assert times[house.cast.mia] == times[house.cast.ines] == child
    assert times[house.cast.dana] == (visit.starts_at, visit.ends_at + 20 * MINUTE)
    refused = asked(house, child=house.cast.jonas, wall_start=FOUR + 44 * MINUTE)
    assert said(refused) == [another("Dana"), another("Ines")]


def _cancelled(work: Work, visit: VisitId) -> object:
    return ending.cancel(work, visit, CancelReason.CHILD_ILL)


def _declined(work: Work, visit: VisitId) -> object:
    return booking.decline(work, visit, DeclineReason.NO_STAFF)


def _suspended(work: Work, visit: VisitId) -> object:
    return ending.suspend(work, visit, reason="order")


@pytest.mark.parametrize(
    ("who", "act"),
    [
        ("karim", _cancelled),
        ("karim", booking.withdraw_request),
        ("karim", _suspended),
        ("priya", _declined),
        ("priya", booking.lapse),
    ],
    ids=["cancelled", "withdrawn", "suspended", "declined", "lapsed"],
)
def test_a_visit_that_takes_no_time_gives_it_back(
    house: House, who: str, act: Callable[[Work, VisitId], object]
) -> None:
    visit = house.requested()
    with house.work(getattr(house.cast, who)) as work:
        act(work, visit.id)
    assert house.claimed(visit) == {}
    assert isinstance(asked(house), Visit)


def test_a_visit_keeps_everybody_while_it_runs_and_not_when_it_has_ended(house: House) -> None:
    visit = house.live()
    assert len(house.claimed(visit)) == 4
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    assert house.claimed(visit) == {}


@pytest.mark.parametrize("act", [ending.miss, ending.fail], ids=["missed", "failed"])
def test_a_visit_that_did_not_happen_keeps_nobody(
    house: House, act: Callable[[Work, VisitId], object]
) -> None:
    visit = house.waiting()
    with house.work(house.cast.lena) as work:
        act(work, visit.id)
    assert house.claimed(visit) == {}


def test_a_visit_that_is_changed_moves_its_claims_and_does_not_stand_in_its_own_way(house: House) -> None:
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        moved = booking.change(work, visit.id, house.wish(wall_start=FOUR + 15 * MINUTE))
    assert isinstance(moved, Visit), moved
    assert house.claimed(moved)[house.cast.dana] == (moved.starts_at, moved.ends_at)
    early = asked(house, child=house.cast.jonas, wall_start=FOUR - 15 * MINUTE)
    assert said(early) == [another("Lena Voss")]


def test_a_change_to_a_time_that_is_taken_is_refused_and_everything_stays(house: House) -> None:
    house.requested(wall_start=FOUR + 2 * HOUR)
    visit = house.requested(child=house.cast.jonas)
    before = house.claimed(visit)
    with house.work(house.cast.karim) as work:
        result = booking.change(
            work, visit.id, house.wish(child=house.cast.jonas, wall_start=FOUR + 2 * HOUR + 20 * MINUTE)
        )
    assert said(result) == [another("Dana"), another("Ines"), another("Lena Voss")]
    assert house.claimed(visit) == before


@pytest.mark.parametrize("nobody", ["\x00", "nobody", ""])
def test_a_supervisor_who_is_nobody_is_left_to_the_rule_of_supervisors(house: House, nobody: str) -> None:
    assert said(asked(house, supervisor=AccountId(nobody))) == [("R8", "no_supervisor", "")]


def test_every_child_of_a_shared_visit_and_every_carer_is_taken(house: House, brother: Brother) -> None:
    visit = house.requested(sharing=brother.shares)
    taken = house.claimed(visit)
    assert set(taken) == {
        house.cast.mia, house.cast.dana, house.cast.ines, house.cast.lena, brother.finn, brother.tomas
    }  # fmt: skip


def test_asking_again_for_a_suspended_visit_needs_its_time_to_be_free_still(house: House) -> None:
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        ending.suspend(work, visit.id, reason="order")
    house.requested()
    with pytest.raises(TimeTaken), house.work(house.cast.karim) as work:
        ending.ask_again(work, visit.id)
    assert house.state(visit) is VisitState.SUSPENDED


def test_asking_again_claims_everybody_again(house: House) -> None:
    visit = house.approved()
    before = house.claimed(visit)
    with house.work(house.cast.karim) as work:
        ending.suspend(work, visit.id, reason="order")
    with house.work(house.cast.karim) as work:
        ending.ask_again(work, visit.id)
    assert house.claimed(visit) == before


# ---- holds


def hold(house: House, visit: Visit, minutes: int) -> None:
    """Let ``visit`` keep its time for so many minutes only."""
    with house.as_actor(actor.SCHEDULE) as work:
        row, found = moving.lock_any(work, visit.id)
        wish = wish_of(found)
        lock_everybody(work, wish)
        wanted = spans(wish, Buffers(), found.starts_at, found.ends_at)
        claim_time(work, visit.id, wanted, held_until=work.now + minutes * MINUTE)
        moving.record(work, row.room, EventType.VISIT_CHANGED, moving.Why(reason="held"))


def test_what_is_held_blocks_until_its_end_and_no_moment_longer(house: House) -> None:
    visit = house.requested()
    hold(house, visit, 10)
    house.clock.forward(10 * MINUTE - timedelta(seconds=1))
    assert said(asked(house))[1] == another("Dana")
    house.clock.forward(timedelta(seconds=1))
    assert isinstance(asked(house), Visit)  # no sweep was needed
    assert house.claimed(visit) == {}


def test_a_hold_that_is_over_or_was_given_to_others_cannot_be_kept(house: House) -> None:
    visit = house.requested()
    hold(house, visit, 10)
    house.clock.forward(10 * MINUTE)
    with pytest.raises(HoldOver), house.as_actor(actor.SCHEDULE) as work:
        keep_time(work, visit.id)
    assert isinstance(asked(house), Visit)
    with pytest.raises(HoldOver), house.as_actor(actor.SCHEDULE) as work:
        keep_time(work, visit.id)
    assert house.overlaps() == 0


def test_a_hold_that_is_kept_in_time_stays(house: House) -> None:
    visit = house.requested()
    hold(house, visit, 10)
    with house.as_actor(actor.SCHEDULE) as work:
        row, _ = moving.lock_any(work, visit.id)
        keep_time(work, visit.id)
        moving.record(work, row.room, EventType.VISIT_CHANGED, moving.Why(reason="kept"))
    house.clock.forward(HOUR)
    assert said(asked(house))[1] == another("Dana")


# ---- the database by itself


@pytest.mark.parametrize("shift", [0, -29 * 60, 29 * 60])
def test_the_database_refuses_a_second_claim_whatever_the_code_does(house: House, shift: int) -> None:
    one, other = house.requested(), house.requested(child=house.cast.jonas, wall_start=FOUR + 3 * HOUR)
    engine, table = house.installation.engine, ClaimRow.__table__  # type: ignore[attr-defined]
    with engine.connect() as connection:
        taken = connection.execute(table.select().where(table.c.visit_id == one.id)).mappings().all()
    first = dict(taken[0])
    twice = first | {
        "visit_id": other.id,
        "from_second": first["from_second"] + shift,
        "until_second": first["until_second"] + shift,
    }
    row = table.c.visit_id == other.id, table.c.resource == first["resource"]
    with engine.begin() as connection:
        connection.execute(table.delete().where(*row))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(table).values(twice))
    mine = (table.c.visit_id == other.id) & (table.c.resource == _number(house, house.cast.dana))
    theirs = next(row for row in taken if row["resource"] == _number(house, house.cast.dana))
    moved = {"from_second": theirs["from_second"] + shift, "until_second": theirs["until_second"] + shift}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(update(table).where(mine).values(moved))
    assert house.overlaps() == 0


def _number(house: House, person: PersonId) -> int:
    with read(house.installation, actor.SCHEDULE) as work:
        found = work.session.exec(
            select(ResourceRow.number).where(col(ResourceRow.person_id) == person)
        ).one()
    assert found is not None
    return found


def test_a_claim_that_the_database_refuses_is_told_in_plain_words(house: House) -> None:
    one, other = house.requested(), house.requested(child=house.cast.jonas, wall_start=FOUR + 3 * HOUR)
    with pytest.raises(TimeTaken, match="is in another visit"), house.as_actor(actor.SCHEDULE) as work:
        claim_time(work, other.id, [c.span for c in claims_of(work, one.id)])
    assert len(house.claimed(other)) == 4


def test_who_was_booked_under_one_record_is_taken_under_the_record_it_was_merged_into(house: House) -> None:
    house.requested()
    double = add(house, "D. Marlowe")
    with house.work(house.cast.karim) as work:
        merge = merging.propose_merge(work, double, house.cast.dana)
    with house.work(house.cast.priya) as work:
        approving_merges.agree_to_merge(work, merge)
    assert another("D.") in said(asked(house, people=(double,), wall_start=FOUR + 5 * MINUTE))


# ---- several at once


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Run all of them in threads of their own; an error is a result."""

    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        except Conflict as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.mark.parametrize("shift", [0, 10], ids=["same", "shifted"])
def test_of_many_who_ask_at_once_for_the_same_mother_one_wins(house: House, shift: int) -> None:
    def ask(number: int) -> Callable[[], object]:
        child = (house.cast.mia, house.cast.jonas)[number % 2]
        return lambda: asked(house, child=child, wall_start=FOUR + number * shift * MINUTE / 6)

    results = at_once([ask(number) for number in range(6)])
    assert sum(isinstance(result, Visit) for result in results) == 1
    for refused in results:
        assert isinstance(refused, Visit) or another("Dana") in said(refused)  # type: ignore[arg-type]
    assert house.overlaps() == 0


def test_locking_in_any_order_never_waits_in_a_circle(house: House) -> None:
    house.requested()  # so that everybody has a number
    people = [house.cast.mia, house.cast.dana, house.cast.ines]

    def lock(number: int) -> Callable[[], object]:
        order = people[number % 3 :] + people[: number % 3]

        def act() -> object:
            with house.as_actor(actor.SCHEDULE) as work:
                lock_time(work, order, [house.cast.lena] if number % 2 else list[AccountId]())
            return None

        return act

    assert at_once([lock(number) for number in range(8)]) == [None] * 8
