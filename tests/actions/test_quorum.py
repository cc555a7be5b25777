"""Times for a visit that not everybody has to come to: who would be there, who not, and what the rules say to that."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from zoneinfo import ZoneInfo

import pytest

from contact_service.approvals.actions import planning
from contact_service.errors import BadInput
from contact_service.identity import actions as identity
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting, stopping
from contact_service.people.actions.members import Tie, bring_in, change_details
from contact_service.people.language import Language, LanguageLevel
from contact_service.people.person import Relation
from contact_service.people.queries import members as people
from contact_service.plans.actions import add_quiet_hours
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.queries import plans_of
from contact_service.plans.terms import Frequency, Period
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Permitted, Refused, all_of
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.optional import IfTheyCan, without
from contact_service.visits.queries.asking import facts_of_children
from contact_service.visits.queries.offered import DayWithout, OfferedTime, Times
from contact_service.visits.queries.offering import times_for
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.working_hours.actions import add_family_hours
from tests.actions.test_pools import at_once, made
from tests.actions.test_suiting import another_supervisor, declared
from tests.cast import House
from tests.siblings import Sibling, siblings_of_mia

pytestmark = pytest.mark.slow  # each opens three cases first, and decides dozens of times by every rule
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def three(house: House) -> list[Sibling]:
    """Leo, Noor and Sam, each in a home of their own."""
    return siblings_of_mia(house, "Leo", "Noor", "Sam")


def children(siblings: Iterable[Sibling]) -> tuple[PersonId, ...]:
    return tuple(one.child for one in siblings)


def wish_for(house: House, siblings: Iterable[Sibling], **changes: object) -> Wish:
    return house.wish(sharing=tuple(one.wished for one in siblings), **changes)


def offered(house: House, three: list[Sibling], quorum: int = 2, **changes: object) -> Times:
    with house.reading(house.cast.karim) as work:
        optional = IfTheyCan(people=children(three), quorum=quorum)
        return times_for(work, wish_for(house, three, **changes), optional=optional)


def keep_busy(house: House, person: PersonId, earliest: int, latest: int, *days: Weekday) -> None:
    """Somebody can take part in these hours alone."""
    window = Window(days=days or tuple(Weekday), earliest=earliest * 60, latest=latest * 60)
    with house.work(house.cast.karim) as work:
        add_family_hours(work, person, window, zone="Europe/London")


def closed(house: House, child: PersonId, earliest: int, latest: int) -> None:
    window = Window(days=tuple(Weekday), earliest=earliest * 60, latest=latest * 60)
    with house.work(house.cast.karim) as work:
        add_quiet_hours(work, child, QuietHours(kind=QuietKind.OTHER, window=window))


def apart(house: House, child: PersonId, other: PersonId) -> None:
    with house.work(house.cast.karim) as work:
        case = people.case_of(work, child)
        if other not in people.roles_in(work, case):
            bring_in(work, Tie(child=child, person=other, relation=Relation.OTHER, word="a carer"))
        new = NewRestriction(
            kind=RestrictionKind.APART,
            person=child,
            other=other,
            source=RestrictionSource.AGENCY_DECISION,
        )
        stopping.restrict(work, case, new)


def on(times: Times, day: datetime) -> OfferedTime | None:
    return next((one for one in times.offers if one.starts_at.astimezone(LONDON).date() == day.date()), None)


def books(house: House, wish: Wish, offer: OfferedTime) -> bool:
    at = offer.starts_at.astimezone(LONDON).replace(tzinfo=None)
    with house.work(house.cast.karim) as work:
        return not isinstance(
            inviting.request_visit(work, replace(without(wish, offer.left_out), wall_start=at)), Refused
        )


def test_where_all_can_come_all_are_there_and_it_is_said(house: House, three: list[Sibling]) -> None:
    times = offered(house, three)
    assert len(times.offers) == 8
    assert {one.coming for one in times.offers} == {children(three)}
    assert {one.left_out for one in times.offers} == {()}
    assert all(one.reasons[0] == "all_can_come" for one in times.offers)
    assert books(house, wish_for(house, three), times.offers[0])


def test_who_cannot_come_is_left_out_with_their_carer(house: House, three: list[Sibling]) -> None:
    """Sam's carer can come on Saturdays alone: a child is there only with their carer."""
    leo, noor, sam = three
    keep_busy(house, sam.carer, 8, 20, Weekday.SATURDAY)
    times = offered(house, three)
    saturdays = {one.starts_at.astimezone(LONDON).weekday() == 5 for one in times.offers if not one.left_out}
    assert saturdays == {True}
    others = [one for one in times.offers if one.left_out]
    assert others
    assert {(one.coming, one.left_out) for one in others} == {((leo.child, noor.child), (sam.child,))}
    assert not any("all_can_come" in one.reasons for one in others)
    # Where all of them must come, Saturdays are all there is.
    with house.reading(house.cast.karim) as work:
        everybody = times_for(work, wish_for(house, three)).offers
    assert {one.starts_at.astimezone(LONDON).weekday() for one in everybody} == {5}
    offer = others[0]
    assert books(house, wish_for(house, three), offer)
    with house.reading(house.cast.karim) as work:
        again = times_for(work, wish_for(house, three))
    assert on(again, offer.starts_at) is None


def test_more_siblings_count_before_the_best_hour(house: House, three: list[Sibling]) -> None:
    """Sam can come in the mornings alone, and the afternoon would be better for the others."""
    keep_busy(house, three[2].child, 9, 11)
    times = offered(house, three)
    assert {one.starts_at.astimezone(LONDON).hour for one in times.offers} <= {9, 10}
    assert {one.left_out for one in times.offers} == {()}
    without_sam = offered(house, three[:2])
    assert {one.starts_at.astimezone(LONDON).hour for one in without_sam.offers} == {15}


def test_a_day_on_which_too_few_can_come_says_how_many_could(house: House, three: list[Sibling]) -> None:
    _, noor, sam = three
    keep_busy(house, noor.child, 8, 20, Weekday.SATURDAY)
    keep_busy(house, sam.carer, 8, 20, Weekday.SATURDAY, Weekday.SUNDAY)
    times = offered(house, three)
    assert {one.starts_at.astimezone(LONDON).weekday() for one in times.offers} == {5, 6}
    assert {(one.why, one.can_come) for one in times.without} == {((("quorum", ""),), 1)}
    if_they_can = offered(house, three, quorum=0)
    assert {len(one.coming) for one in if_they_can.offers} >= {2, 3}
    assert if_they_can.without == ()


def test_two_who_must_be_kept_apart_are_never_offered_together(house: House, three: list[Sibling]) -> None:
    leo, noor, sam = three
    apart(house, leo.child, noor.child)
    times = offered(house, three)
    assert len(times.offers) == 8
    assert {one.coming for one in times.offers} == {(leo.child, sam.child)}
    everyone = offered(house, three, quorum=3)
    assert everyone.offers == ()
    assert {one.why for one in everyone.without} >= {(("quorum", ""),)}
    assert {one.can_come for one in everyone.without} == {2}


def test_of_those_apart_the_most_come(house: House, three: list[Sibling]) -> None:
    """Leo must be kept apart from the others' carers: without him both others come."""
    leo, noor, sam = three
    apart(house, leo.child, noor.carer)
    apart(house, leo.child, sam.carer)
    times = offered(house, three, quorum=1)
    assert {one.coming for one in times.offers} == {(noor.child, sam.child)}
    assert times.kept_out == ()


def test_whom_a_rule_refuses_is_left_out_while_enough_can_come(house: House, three: list[Sibling]) -> None:
    """Leo must be kept apart from Mia, who must be there."""
    leo, *_ = three
    apart(house, leo.child, house.cast.mia)
    times = offered(house, three)
    assert {one.left_out for one in times.offers} == {(leo.child,)}
    [(kept_out, reasons)] = times.kept_out
    assert (kept_out, {reason.code for reason in reasons}) == (leo.child, {"apart"})
    assert offered(house, three, quorum=3).offers == ()


def test_whom_no_hour_would_do_takes_no_turn_from_others(house: House, three: list[Sibling]) -> None:
    """Leo is kept apart from Mia; he and Noor could come at the best hours, and Noor and Sam in the mornings alone."""
    leo, _, sam = three
    apart(house, leo.child, house.cast.mia)
    keep_busy(house, sam.child, 9, 10)
    keep_busy(house, leo.child, 15, 18)
    assert {one.starts_at.astimezone(LONDON).hour for one in offered(house, three).offers} == {9}


def test_too_few_at_one_hour_do_not_close_the_day_for_others(house: House, three: list[Sibling]) -> None:
    """Two days between visits with Leo, who could come at the better hours: Noor can in the mornings."""
    leo, noor, _ = three
    keep_busy(house, leo.child, 14, 18)
    keep_busy(house, noor.child, 9, 10)
    with house.work(house.cast.karim) as work:
        plan = plans_of(work, house.cast.mia)[0]
        gap = Frequency(per=Period.MONTH, gap_days=2)
        named = [replace(p, frequency=gap) if p.person == leo.child else p for p in plan.people]
        new = planning.propose_plan(work, house.cast.mia, with_people=named, review_on=plan.review_on)
        assert not isinstance(new, Refused)
    with house.work(house.cast.priya) as work:
        planning.approve_plan(work, new)
    booked = house.requested(people=(leo.child,), wall_start=datetime(2030, 5, 20, 15, 0))  # noqa: DTZ001
    optional = IfTheyCan(people=(leo.child, noor.child), quorum=1)
    with house.reading(house.cast.karim) as work:
        times = times_for(work, wish_for(house, [leo, noor]), optional=optional, near=booked.starts_at)
    for days in (-1, 0, 1):
        found = on(times, booked.starts_at + timedelta(days=days))
        assert found is not None, times.without
        assert (found.coming, found.starts_at.astimezone(LONDON).hour) == ((noor.child,), 9)


def test_who_must_be_there_must_be_there(house: House, three: list[Sibling]) -> None:
    apart(house, house.cast.dana, house.cast.mia)
    times = offered(house, three, quorum=0)
    assert times.offers == ()
    assert {one.can_come for one in times.without} == {None}


def test_of_two_who_would_need_the_one_room_one_comes(house: House, three: list[Sibling]) -> None:
    leo, noor, sam = three
    made(house, 1, leo.carer, noor.carer)
    times = offered(house, three)
    assert times.offers
    assert {one.coming for one in times.offers} == {(leo.child, sam.child)}
    assert {reason.code for reason in times.offers[0].against} == {"pool_taken"}
    assert books(house, wish_for(house, three), times.offers[0])
    assert offered(house, three, quorum=3).offers == ()


def test_who_would_not_be_understood_comes_with_a_supervisor_who_does(
    house: House, three: list[Sibling]
) -> None:
    leo, noor, sam = three
    polish = Language(tag="pl", level=LanguageLevel.NATIVE)
    with house.work(house.cast.karim) as work:
        known = people.details_of(work, leo.child)
        change_details(work, leo.child, replace(known, languages=(polish,)))
    assert {one.coming for one in offered(house, three).offers} == {(noor.child, sam.child)}
    other = another_supervisor(house)
    with house.work(house.cast.ola) as work:
        identity.set_languages(work, other, [polish])
    times = offered(house, three, supervisor=None)
    assert {one.coming for one in times.offers} == {children(three)}
    assert {one.supervisors for one in times.offers} == {(other, house.cast.lena)}


def test_whom_one_supervisor_must_not_watch_comes_with_another(house: House, three: list[Sibling]) -> None:
    """Lena has a conflict of interest about Sam: with her he stays away, with another everybody comes."""
    leo, noor, sam = three
    declared(house, sam.child)
    assert {one.coming for one in offered(house, three).offers} == {(leo.child, noor.child)}
    other = another_supervisor(house)
    times = offered(house, three, supervisor=None)
    assert {(one.coming, one.supervisors) for one in times.offers} == {(children(three), (other,))}


def test_a_wrong_quorum_is_no_question(house: House, three: list[Sibling]) -> None:
    with pytest.raises(BadInput):
        offered(house, three, quorum=4)


def test_of_adults_too_some_may_come_if_they_can(house: House) -> None:
    """Mia meets Jonas, and her mother if she can: he is at home all day, and she in the mornings."""
    keep_busy(house, house.cast.dana, 9, 11, Weekday.SATURDAY)
    both = (house.cast.jonas, house.cast.dana)
    with house.reading(house.cast.karim) as work:
        optional = IfTheyCan(people=(house.cast.dana,))
        times = times_for(work, house.wish(people=both), optional=optional)
    there = {one.starts_at.astimezone(LONDON).weekday() == 5: one.coming for one in times.offers}
    assert there == {True: (house.cast.dana,), False: ()}


def test_of_two_visits_asked_for_at_once_one_has_him_and_the_other_goes_without(
    house: House, three: list[Sibling]
) -> None:
    """Who comes is decided when everybody is locked: the later one is not refused, it is booked without Leo."""
    leo, noor, sam = three
    other = another_supervisor(house)
    leo_if_he_can = IfTheyCan(people=(leo.child,))
    with_mia = wish_for(house, [leo])
    with_noor = house.wish(
        child=noor.child, people=(sam.child, leo.child), caregiver=noor.carer, supervisor=other
    )

    def ask(wish: Wish) -> Visit | Refused:
        with house.work(house.cast.karim) as work:
            return inviting.request_with_those_who_can(work, wish, leo_if_he_can)

    found = at_once(lambda: ask(with_mia), lambda: ask(with_noor))
    assert [type(one) for one in found] == [Visit, Visit], found
    assert sum(leo.child in _there(one) for one in found if isinstance(one, Visit)) == 1


def _there(visit: Visit) -> set[PersonId]:
    return {*visit.people, *(one.child for one in visit.children)}


# ---- against every set of them


def largest(house: House, wish: Wish, optional: IfTheyCan, at: datetime) -> int:
    """The most of them with whom every rule says yes at a start, each set of them tried; -1 where none will do."""
    found = -1
    with house.reading(house.cast.karim) as work:
        for size in range(len(optional.people) + 1):
            for coming in combinations(optional.people, size):
                one = without(wish, {*optional.people} - {*coming})
                facts = facts_of_children(work, replace(one, wall_start=at))
                if isinstance(all_of(may_book(each) for each in facts), Permitted):
                    found = size
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(4))
def test_against_every_set_of_them_on_random_families(house: House, three: list[Sibling], seed: int) -> None:
    """No offer has fewer than could come, and no day without an offer has a start."""
    random = Random(seed)  # noqa: S311  cases must repeat
    busy = random.choice(three)
    house.requested(
        child=busy.child,
        people=(house.cast.dana,),
        caregiver=busy.carer,
        wall_start=datetime(2030, 5, 16, random.randint(10, 17)),  # noqa: DTZ001
    )
    for one in three:
        first = random.choice([7, 12, 15, 16])
        closed(house, one.child, first, first + random.randint(2, 6))
    closed(house, house.cast.mia, *random.choice([(7, 14), (8, 12), (16, 20)]))
    for one, other in random.sample([*combinations(three, 2)], random.randint(0, 2)):
        apart(house, one.child, random.choice([other.child, other.carer]))
    optional = IfTheyCan(people=children(three), quorum=random.randint(0, 3))
    wish = wish_for(house, three)
    with house.reading(house.cast.karim) as work:
        times = times_for(work, wish, optional=optional)
    for offer in times.offers:
        at = offer.starts_at.astimezone(LONDON).replace(tzinfo=None)
        assert len(offer.coming) == largest(house, wish, optional, at), (seed, at)
    _no_start_on(house, wish, optional, times.without[:3])


def _no_start_on(house: House, wish: Wish, optional: IfTheyCan, days: tuple[DayWithout, ...]) -> None:
    for one in days:
        midnight = datetime(one.day.year, one.day.month, one.day.day)  # noqa: DTZ001
        for half_hours in range(16, 40):
            at = midnight + half_hours * timedelta(minutes=30)
            soon, last = house.clock.at + timedelta(hours=2), house.clock.at + timedelta(days=28)
            if soon < at.replace(tzinfo=LONDON) < last:
                assert largest(house, wish, optional, at) < optional.quorum, (one, at)
