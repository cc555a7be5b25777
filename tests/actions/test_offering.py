"""Times that are offered: free for everybody, allowed by every rule, the best of each day, and why a day has none."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from contact_service.actor import Role
from contact_service.approvals.actions import planning
from contact_service.demo.brother import Brother
from contact_service.identity import actions as identity
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting
from contact_service.people.actions.members import change_details
from contact_service.people.language import Language, LanguageLevel
from contact_service.people.queries.members import details_of
from contact_service.plans import actions as plans
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.queries import plans_of
from contact_service.plans.terms import Frequency, Period
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.restrictions.actions import NewRestriction, restrict
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.actions import recording
from contact_service.visits.queries.offered import Times
from contact_service.visits.queries.offering import times_for
from contact_service.visits.record import Sections
from contact_service.visits.visit import Outcome
from tests.cast import PASSWORD, House

pytestmark = pytest.mark.slow  # each decides dozens of times by every rule
LONDON = ZoneInfo("Europe/London")
SCHOOL = QuietHours(
    kind=QuietKind.SCHOOL, window=Window(days=tuple(Weekday)[:5], earliest=8 * 60, latest=15 * 60)
)


def offered(house: House, **changes: object) -> Times:
    with house.reading(house.cast.karim) as work:
        return times_for(work, house.wish(**changes))


def keep_quiet(house: House, quiet: QuietHours) -> None:
    with house.work(house.cast.karim) as work:
        plans.add_quiet_hours(work, house.cast.mia, quiet)


def another_supervisor(house: House) -> AccountId:
    with house.work(house.cast.ola) as work:
        return identity.add_account(
            work, email="sam@demo.example", name="Sam", roles=(Role.VISIT_SUPERVISOR,), password=PASSWORD
        )


def local(times: Times) -> list[datetime]:
    return [one.starts_at.astimezone(LONDON) for one in times.offers]


def test_each_offer_is_booked_as_it_stands(house: House) -> None:
    keep_quiet(house, SCHOOL)
    times = offered(house)
    assert len(times.offers) == 8
    assert len({at.date() for at in local(times)}) == 8
    assert sorted(local(times)) == local(times)
    with house.work(house.cast.karim) as work:
        for at in local(times):
            wish = house.wish(wall_start=at.replace(tzinfo=None))
            assert not isinstance(inviting.request_visit(work, wish), Refused), at


def test_after_school_comes_before_the_rest_of_the_day(house: House) -> None:
    keep_quiet(house, SCHOOL)
    times = offered(house)
    schooldays = [one for one, at in zip(times.offers, local(times), strict=True) if at.weekday() < 5]
    assert schooldays
    assert all("after_school" in one.reasons for one in schooldays)


def test_where_nothing_is_known_the_afternoon_is_offered(house: House) -> None:
    assert {at.hour for at in local(offered(house))} == {15}


def test_what_a_child_is_used_to_is_offered_first(house: House) -> None:
    """After one visit that went well on a Wednesday at four, Wednesdays at about four are best."""
    visit = house.live()
    house.clock.at = visit.ends_at
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    with house.work(house.cast.lena) as work:
        recording.submit(work, visit.id, Sections(what_happened="They sang."), Outcome.COMPLETED)
    times = offered(house)
    usual = [one for one in times.offers if "usual_day" in one.reasons]
    assert len(usual) >= 3
    assert {one.starts_at.astimezone(LONDON).weekday() for one in usual} == {2}
    assert {one.starts_at.astimezone(LONDON).hour for one in usual} <= {15, 16}
    assert all("usual_hour" in one.reasons for one in times.offers)


def test_nobody_is_offered_twice_at_once(house: House) -> None:
    """Dana meets Mia at three, the best time for Jonas too: he is offered what follows, and Lena her time between."""
    tomorrow = datetime(2030, 5, 15, 15, 0)  # noqa: DTZ001  wall time
    assert tomorrow in [at.replace(tzinfo=None) for at in local(offered(house, child=house.cast.jonas))]
    booked = house.requested(wall_start=tomorrow)
    after = [at for at in local(offered(house, child=house.cast.jonas)) if at.date() == tomorrow.date()]
    # A quarter of an hour to write up, and another to prepare.
    assert after == [booked.ends_at.astimezone(LONDON) + timedelta(minutes=30)]
    with_sam = offered(house, child=house.cast.jonas, supervisor=another_supervisor(house))
    also = [at for at in local(with_sam) if at.date() == tomorrow.date()]
    assert also == [
        booked.ends_at.astimezone(LONDON)
    ]  # Dana is busy until then, and Sam has nothing to write up
    with house.reading(house.cast.karim) as work:
        moved = local(times_for(work, house.wish(), besides=booked.id))
    assert tomorrow in [at.replace(tzinfo=None) for at in moved]  # a visit is not in its own way


def test_days_on_which_only_a_rule_says_no_are_told_with_it(house: House) -> None:
    """Two days between visits: the day before, the day and the day after are free and still not offered."""
    with house.work(house.cast.karim) as work:
        plan = plans_of(work, house.cast.mia)[0]
        people = [
            replace(p, frequency=Frequency(per=Period.MONTH, gap_days=2))
            if p.person == house.cast.dana
            else p
            for p in plan.people
        ]
        new = planning.propose_plan(work, house.cast.mia, with_people=people, review_on=plan.review_on)
        assert not isinstance(new, Refused)
    with house.work(house.cast.priya) as work:
        planning.approve_plan(work, new)
    booked = house.requested(wall_start=datetime(2030, 5, 20, 15, 0))  # noqa: DTZ001
    times = offered(house)
    told = {one.day: [reason.code for reason in one.reasons] for one in times.without}
    day = booked.starts_at.date()
    assert {day + timedelta(days=n): told.get(day + timedelta(days=n)) for n in (-1, 0, 1)} == {
        day + timedelta(days=n): ["gap"] for n in (-1, 0, 1)
    }
    assert not {at.date() for at in local(times)} & told.keys()


def test_where_no_hour_would_do_it_is_said_why(house: House) -> None:
    times = offered(house, people=(house.cast.viktor,))
    assert times.offers == ()
    assert {reason.code for one in times.without for reason in one.reasons} == {"not_in_plan", "no_contact"}


def test_what_is_allowed_from_the_last_week_on_is_found(house: House) -> None:
    """Emil may not meet Mia for 24 days: each of these is refused and says so, and what follows is offered."""
    ends_at = house.clock.at + timedelta(days=24)
    with house.work(house.cast.karim) as work:
        new = NewRestriction(
            kind=RestrictionKind.NO_CONTACT,
            person=house.cast.emil,
            other=house.cast.mia,
            source=RestrictionSource.COURT_ORDER,
            ends_at=ends_at,
        )
        restrict(work, house.cast.case, new)
    times = offered(house, people=(house.cast.emil,))
    assert len(times.offers) >= 3
    assert all(one.starts_at >= ends_at for one in times.offers)
    assert len(times.offers) + len(times.without) == 29


def test_the_first_supervisor_offered_is_one_who_understands_the_child(house: House) -> None:
    """Lena knows Mia best, and not what she speaks; Sam does."""
    sam = another_supervisor(house)
    visit = house.live()
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    polish = Language(tag="pl", level=LanguageLevel.NATIVE)
    with house.work(house.cast.karim) as work:
        mia = details_of(work, house.cast.mia)
        change_details(work, house.cast.mia, replace(mia, languages=(polish,)))
    with house.work(house.cast.priya) as work:
        identity.set_languages(work, sam, [polish])
    times = offered(house, supervisor=None)
    assert times.offers
    assert {one.supervisors for one in times.offers} == {(sam, house.cast.lena)}


def test_another_supervisor_is_offered_where_one_is_taken(house: House) -> None:
    sam = another_supervisor(house)
    times = offered(house, supervisor=None)
    assert {*times.offers[0].supervisors} == {house.cast.lena, sam}
    only = offered(house, supervisor=sam)
    assert all(one.supervisors == (sam,) for one in only.offers)


def test_a_day_without_a_time_says_what_stands_in_the_way(house: House) -> None:
    keep_quiet(
        house,
        QuietHours(kind=QuietKind.OTHER, window=Window(days=(Weekday.SUNDAY,), earliest=0, latest=1440)),
    )
    times = offered(house)
    sundays = {one.day: one.why for one in times.without if one.day.weekday() == 6}
    assert len(sundays) == 4
    assert set(sundays.values()) == {(("quiet_hours", house.cast.mia),)}
    assert date(2030, 5, 19) in sundays
    apart = [one.free_at for one in times.without if one.day.weekday() == 6]
    assert [at.astimezone(LONDON).hour for at in apart if at] == [
        15
    ] * 4  # the best hour of the day, and not the first


def test_where_the_clock_goes_forward_the_hour_that_would_do_is_that_of_the_wall(house: House) -> None:
    """On 31 March 2030 the clocks of London go forward: three in the afternoon is an hour earlier elsewhere."""
    house.clock.at = datetime(2030, 3, 25, 9, tzinfo=UTC)
    keep_quiet(
        house,
        QuietHours(kind=QuietKind.OTHER, window=Window(days=(Weekday.SUNDAY,), earliest=0, latest=1440)),
    )
    [that] = [one.free_at for one in offered(house).without if one.day == date(2030, 3, 31)]
    assert that == datetime(2030, 3, 31, 14, tzinfo=UTC)


def test_a_shared_visit_is_offered_when_both_children_can(house: House, brother: Brother) -> None:
    with house.work(house.cast.karim) as work:
        for hour, child in ((7, brother.finn), (16, house.cast.mia)):
            closed = Window(
                days=tuple(Weekday), earliest=hour * 60, latest=(hour + 9) * 60 if hour == 7 else 1440
            )
            plans.add_quiet_hours(work, child, QuietHours(kind=QuietKind.OTHER, window=closed))
    times = offered(house, sharing=brother.shares)
    assert times.offers == ()
    assert {why for one in times.without for why in one.why} <= {
        ("quiet_hours", house.cast.mia),
        ("quiet_hours", brother.finn),
        ("agency_hours", house.cast.mia),
        ("agency_hours", brother.finn),
    }
    assert len(times.without) > 26


@pytest.mark.parametrize("minutes", [45, 46])
def test_what_no_hour_would_allow_is_not_offered(house: House, minutes: int) -> None:
    """The plan allows 45 minutes."""
    assert bool(offered(house, length=timedelta(minutes=minutes)).offers) == (minutes == 45)


def test_the_clock_change_moves_no_offer_from_its_hour(house: House) -> None:
    house.clock.at = datetime(2030, 10, 21, 10, tzinfo=UTC)  # the last Sunday of October is the 27th
    keep_quiet(house, SCHOOL)
    before = [at.time() for at in local(offered(house)) if at.weekday() < 5]
    assert {at.hour for at in before} == {15}


def test_finding_times_asks_the_database_no_more_often_for_eight_days_than_for_one(house: House) -> None:
    """What is the same for every start is asked once; four weeks touch two stretches of what is read at once."""
    statements: list[str] = []
    event.listen(house.installation.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert len(offered(house).offers) == 8
    assert len(statements) < 40
