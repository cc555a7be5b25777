"""What could be done about one visit in doubt, and when a doubt that was cleared is a new one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from contact_service import actor
from contact_service.actor import Role
from contact_service.follow_ups import queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting
from contact_service.pools import actions as pools
from contact_service.protocol.link import EventKind
from contact_service.visits.actions import pooling, staffing
from contact_service.visits.actions.doubting import clear_doubt
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.finding import visits_lately
from contact_service.visits.queries.repairing import Repairs, repairs_for
from contact_service.visits.visit import Visit, VisitState
from contact_service.working_hours import actions as hours
from contact_service.working_hours.hours import AbsenceKind
from tests.actions.test_busy_times import DENTIST, LONDON, bring
from tests.cast import NOON, PASSWORD, House

WEDNESDAY = date(2030, 5, 15)


def another(house: House, name: str = "Sami Lind") -> AccountId:
    with house.as_actor(actor.COMMAND_LINE) as work:
        return add_account(
            work,
            email=f"{name.split(maxsplit=1)[0].lower()}@demo.example",
            name=name,
            roles=(Role.VISIT_SUPERVISOR,),
            password=PASSWORD,
        )


def away(house: House, account: AccountId, day: date = WEDNESDAY) -> str:
    with house.work(account) as work:
        return staffing.add_absence(work, account, (day, day), AbsenceKind.LEAVE, zone=LONDON)


def repairs(house: House, visit: Visit) -> Repairs:
    with house.reading(house.cast.karim) as work:
        return repairs_for(work, house.visit(visit.id))


def doubts_open(house: House, visit: Visit) -> int:
    with house.reading(house.cast.priya) as work:
        return len(follow_ups.open_about(work, visit.id, FollowUpKind.IN_DOUBT))


def cleared(house: House, visit: Visit) -> None:
    with house.work(house.cast.priya) as work:
        clear_doubt(work, visit.id, "visit_stands", "Lena comes all the same.")
    assert doubts_open(house, visit) == 0


def test_whoever_is_free_then_could_watch_and_nobody_who_is_not(house: House) -> None:
    visit, sami, busy = house.approved(), another(house), another(house, "Tara Quist")
    bring(house, busy, DENTIST)
    away(house, house.cast.lena)
    found = repairs(house, visit)
    assert found.supervisors == (sami,)
    assert found.fixed == ()


def test_what_is_longer_than_a_year_ago_makes_nobody_known(house: House) -> None:
    """Lena has watched once; a year later that is nobody's habit, and it is not read."""
    visit = house.live()
    house.clock.at = visit.ends_at
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    for days, known in ((364, [visit.id]), (367, [])):
        house.clock.at = visit.starts_at + timedelta(days=days)
        with house.reading(house.cast.karim) as work:
            assert [one.id for one in visits_lately(work, house.cast.mia)] == known


def questions(house: House, visit: Visit) -> int:
    """How often the database is asked to find what could be done."""
    statements: list[str] = []

    def asked(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(house.installation.engine, "before_cursor_execute", asked)
    try:
        repairs(house, visit)
    finally:
        event.remove(house.installation.engine, "before_cursor_execute", asked)
    return len(statements)


def test_an_agency_with_many_who_are_not_free_asks_no_more(house: House) -> None:
    """Away or busy: the rules are asked of those alone who could come."""
    visit = house.approved()
    away(house, house.cast.lena)
    asked = []
    for n in range(0, 9, 3):
        for m in range(n, n + 3):
            away(house, another(house, f"Away{m}"))
            bring(house, another(house, f"Busy{m}"), DENTIST)
        asked.append(questions(house, visit))
    # The times on other days try a few of those who are free then, never all.
    assert asked[1] == asked[2], asked


def test_the_nearest_times_are_offered_with_the_supervisor_whom_the_visit_has_where_she_can(
    house: House,
) -> None:
    day = WEDNESDAY + timedelta(days=14)  # the nearest days are not the first ones
    visit = house.approved(wall_start=datetime(day.year, day.month, day.day, 16))  # noqa: DTZ001
    another(house, "Anna Roth")
    away(house, house.cast.lena, day)
    found = repairs(house, visit).times
    assert [one.starts_at for one in found] == sorted(one.starts_at for one in found)
    days = [one.starts_at.date() for one in found]
    assert len(found) == 5
    assert all(abs(one - day) <= timedelta(days=2) for one in days), days
    assert {one.supervisors[0] for one in found if one.starts_at.date() != day} == {house.cast.lena}


def test_every_offer_is_granted_by_the_ordinary_door(house: House) -> None:
    visit = house.approved()
    sami = another(house)
    away(house, house.cast.lena)
    found = repairs(house, visit)
    offers = [(visit.starts_at, sami), *((one.starts_at, one.supervisors[0]) for one in found.times)]
    for starts_at, supervisor in offers:
        with house.work(house.cast.karim) as work:
            wish = wish_of(house.visit(visit.id)).moved(starts_at, LONDON, supervisor)
            changed = inviting.change(work, visit.id, wish)
        assert isinstance(changed, Visit), changed
        assert (changed.starts_at, changed.supervisor) == (starts_at, supervisor)
        assert changed.state is VisitState.REQUESTED
    assert doubts_open(house, visit) == 0


def test_whoever_takes_over_takes_over_both_where_one_watches_and_answers(house: House) -> None:
    visit, sami = house.approved(duty=house.cast.lena), another(house)
    away(house, house.cast.lena)
    assert repairs(house, visit).supervisors == (sami,)
    with house.work(house.cast.karim) as work:
        wish = wish_of(house.visit(visit.id)).moved(visit.starts_at, visit.zone, sami)
        changed = inviting.change(work, visit.id, wish)
    assert isinstance(changed, Visit), changed
    assert (changed.supervisor, changed.duty) == (sami, sami)


def test_nobody_is_offered_where_it_is_not_about_the_supervisor(house: House) -> None:
    another(house)
    with house.work(house.cast.karim) as work:
        pool = pools.add_pool(work, "HMP Example", 1, zone=LONDON)
    with house.work(house.cast.karim) as work:
        pooling.link(work, house.cast.dana, pool, NOON.date(), None)
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        pooling.add_closure(work, pool, (WEDNESDAY, WEDNESDAY))
    found = repairs(house, visit)
    assert found.supervisors == ()
    assert found.times
    assert WEDNESDAY not in {one.starts_at.date() for one in found.times}


@pytest.mark.rule("R14")
def test_a_visit_that_begins_soon_cannot_be_changed_and_it_is_said_why(house: House) -> None:
    visit = house.approved()
    another(house)
    house.clock.at = visit.starts_at - timedelta(minutes=5)
    found = repairs(house, visit)
    assert (found.supervisors, found.times) == ((), ())
    assert [reason.rule for reason in found.fixed] == ["R14"]


def test_a_time_that_comes_twice_is_kept_as_it_is(house: House) -> None:
    visit = house.approved()
    for second in (0, 1):
        twice = datetime(2030, 10, 27, second, 30, tzinfo=UTC)
        wish = wish_of(visit).moved(twice, LONDON, house.cast.lena)
        assert (wish.wall_start, wish.first_of_two) == (datetime(2030, 10, 27, 1, 30), not second)  # noqa: DTZ001


@pytest.mark.rule("R56")
def test_another_busy_time_after_a_doubt_that_was_cleared_is_a_new_doubt(house: House) -> None:
    visit = house.approved()
    bring(house, house.cast.lena, DENTIST)
    assert doubts_open(house, visit) == 1
    cleared(house, visit)
    bring(house, house.cast.lena, DENTIST)
    assert doubts_open(house, visit) == 0
    bring(house, house.cast.lena, DENTIST.replace("T143000Z", "T144500Z"))
    assert doubts_open(house, visit) == 1


@pytest.mark.rule("R56")
def test_a_busy_time_that_only_grows_far_from_the_visit_is_no_new_doubt(house: House) -> None:
    visit = house.approved()
    month = "DTSTART:20300501T000000Z\nDTEND:20300520T000000Z"
    bring(house, house.cast.lena, month)
    cleared(house, visit)
    bring(house, house.cast.lena, month.replace("20300520", "20300525"))
    assert doubts_open(house, visit) == 0


def test_other_days_away_or_closed_after_a_doubt_that_was_cleared_are_a_new_doubt(house: House) -> None:
    visit = house.approved()
    absence = away(house, house.cast.lena)
    cleared(house, visit)
    with house.work(house.cast.lena) as work:
        hours.end_absence(work, house.cast.lena, absence)
    away(house, house.cast.lena)
    assert doubts_open(house, visit) == 1
