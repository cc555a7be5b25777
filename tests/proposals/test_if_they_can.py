"""A family chooses among times to which some come only if they can: each time keeps those who can come then."""

import pytest

from contact_service import actor
from contact_service.claims.queries import claims_of
from contact_service.errors import BadInput
from contact_service.ids import CaseId, PersonId
from contact_service.notifications.message import MessageKind
from contact_service.people.queries.members import case_of
from contact_service.plans.hours import Weekday
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import proposing
from contact_service.proposals.proposal import ProposedTime
from contact_service.proposals.queries import open_choices_of
from contact_service.visits.actions.narrowing import TooFewCanCome
from contact_service.visits.optional import IfTheyCan, LeftOut, Settled
from contact_service.visits.queries.optional import settled_of
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import read
from tests.actions.test_quorum import apart, keep_busy
from tests.cast import House
from tests.proposals.helpers import THREE, choice, choose
from tests.siblings import Sibling, siblings_of_mia

pytestmark = pytest.mark.slow  # each opens two cases first


@pytest.fixture
def leo(house: House) -> Sibling:
    """A brother who cannot come on Saturdays; Saturday is the second of the times."""
    [one] = siblings_of_mia(house, "Leo")
    keep_busy(house, one.child, 9, 20, *(day for day in Weekday if day is not Weekday.SATURDAY))
    return one


@pytest.fixture
def only_saturday(house: House) -> Sibling:
    """A brother who can come on Saturday alone: not at the first of the times."""
    [one] = siblings_of_mia(house, "Noor")
    keep_busy(house, one.child, 9, 20, Weekday.SATURDAY)
    return one


def asked(house: House, sibling: Sibling, quorum: int = 0, **changes: object) -> Visit | Refused:
    who = changes.pop("asked", (house.cast.dana,))
    with house.work(house.cast.karim) as work:
        wish = house.wish(sharing=(sibling.wished,), **changes)
        optional = IfTheyCan(people=(sibling.child,), quorum=quorum)
        return proposing.propose(work, wish, THREE, who, visit_id="a" * 32, optional=optional)  # type: ignore[arg-type]


def made(house: House, sibling: Sibling) -> Visit:
    visit = asked(house, sibling)
    assert not isinstance(visit, Refused), visit
    with house.work(house.cast.priya) as work:
        opened = proposing.approve(work, visit.id)
    assert not isinstance(opened, Refused), opened
    return opened


def kept(house: House, visit: Visit, person: PersonId) -> list[ProposedTime]:
    """The times at which somebody is kept free for the visit."""
    with read(house.installation, actor.SCHEDULE) as work:
        starts = {one.span.starts_at for one in claims_of(work, visit.id) if one.span.who == person}
    return [one for one in choice(house, visit).times if one.starts_at in starts]


def settled(house: House, visit: Visit) -> Settled:
    with house.reading(house.cast.karim) as work:
        return settled_of(work, visit.id)


def own_case(house: House, sibling: Sibling) -> CaseId:
    with house.reading(house.cast.karim) as work:
        return case_of(work, sibling.child)


def invited(house: House, visit: Visit) -> set[PersonId | None]:
    return {one.person for one in house.messages(visit) if one.kind is MessageKind.INVITATION}


def test_each_time_keeps_those_who_can_come_then_and_nobody_else(house: House, leo: Sibling) -> None:
    visit = made(house, leo)
    assert [one.left_out for one in choice(house, visit).times] == [(), (leo.child,), ()]
    assert [one.place for one in kept(house, visit, leo.child)] == [1, 3]
    assert [one.place for one in kept(house, visit, leo.carer)] == [1, 3]
    assert [one.place for one in kept(house, visit, house.cast.dana)] == [1, 2, 3]


def test_who_cannot_come_at_the_chosen_time_is_not_in_the_visit_and_hears_nothing(
    house: House, leo: Sibling
) -> None:
    visit = choose(house, made(house, leo), 2)
    assert not isinstance(visit, Refused), visit
    assert visit.state is VisitState.APPROVED
    assert not {leo.child, leo.carer} & visit.people
    assert settled(house, visit) == Settled(left_out=(LeftOut(person=leo.child, caregiver=leo.carer),))
    assert not {leo.child, leo.carer} & invited(house, visit)
    assert kept(house, visit, leo.child) == []


def test_a_choice_counts_for_a_brother_who_is_in_it_at_some_of_its_times(
    house: House, only_saturday: Sibling
) -> None:
    """He is left out at the first of the times, so that the visit as it stands has nobody of him."""
    made(house, only_saturday)
    with house.reading(house.cast.karim) as work:
        assert open_choices_of(work, only_saturday.child) == 1
        assert open_choices_of(work, house.cast.mia) == 1


def test_a_choice_does_not_count_for_a_brother_who_can_come_at_none_of_its_times(house: House) -> None:
    [one] = siblings_of_mia(house, "Sam")
    keep_busy(house, one.child, 9, 20, Weekday.SUNDAY)
    made(house, one)
    with house.reading(house.cast.karim) as work:
        assert open_choices_of(work, one.child) == 0


def test_who_can_come_at_the_chosen_time_is_in_the_visit_as_before(house: House, leo: Sibling) -> None:
    visit = choose(house, made(house, leo), 3)
    assert not isinstance(visit, Refused), visit
    assert [one.child for one in visit.children] == [house.cast.mia, leo.child]
    assert settled(house, visit) == Settled(coming=(leo.child,))
    assert leo.carer in invited(house, visit)
    assert [one.place for one in kept(house, visit, leo.child)] == [3]


def test_who_cannot_come_at_the_first_time_is_in_the_visit_where_a_later_one_is_chosen(
    house: House, only_saturday: Sibling
) -> None:
    noor = only_saturday
    opened = made(house, noor)
    assert noor.child not in opened.people
    assert [one.place for one in kept(house, opened, noor.child)] == [2]
    visit = choose(house, opened, 2)
    assert not isinstance(visit, Refused), visit
    assert [one.child for one in visit.children] == [house.cast.mia, noor.child]
    assert visit.children[1].case == own_case(house, noor)
    assert visit.children[1].caregiver == noor.carer
    assert settled(house, visit) == Settled(coming=(noor.child,))
    assert noor.carer in invited(house, visit)


def test_whose_way_a_rule_came_into_meanwhile_makes_the_time_impossible_and_the_others_stay(
    house: House, only_saturday: Sibling
) -> None:
    opened = made(house, only_saturday)
    apart(house, house.cast.mia, only_saturday.child)
    assert isinstance(choose(house, opened, 2), Refused)
    visit = choose(house, opened, 3)
    assert not isinstance(visit, Refused), visit
    assert only_saturday.child not in visit.people


def test_where_too_few_can_come_at_one_of_the_times_nothing_is_asked_for(house: House, leo: Sibling) -> None:
    with pytest.raises(TooFewCanCome):
        asked(house, leo, quorum=1)
    with house.reading(house.cast.karim) as work:
        assert work.session.get(VisitRow, "a" * 32) is None


def test_whoever_comes_only_if_they_can_is_not_asked_to_choose(house: House, leo: Sibling) -> None:
    with pytest.raises(BadInput, match="at each of the times"):
        asked(house, leo, asked=(leo.carer,))


def test_two_who_press_at_once_are_one_visit_and_one_choice(house: House, leo: Sibling) -> None:
    first, again = asked(house, leo), asked(house, leo)
    assert not isinstance(first, Refused)
    assert not isinstance(again, Refused)
    assert first.id == again.id
    assert len(choice(house, first).times) == 3


def test_whoever_brings_a_brother_chooses_and_every_child_stays_in_the_visit(house: House) -> None:
    """Noor comes at the second time alone, so those of the visit are written anew; Leo’s carer reads it as Leo’s."""
    leo, noor = siblings_of_mia(house, "Leo", "Noor")
    keep_busy(house, noor.child, 9, 20, Weekday.SATURDAY)
    with house.work(house.cast.karim) as work:
        wish = house.wish(sharing=(leo.wished, noor.wished))
        optional = IfTheyCan(people=(noor.child,))
        visit = proposing.propose(work, wish, THREE, (leo.carer,), visit_id="a" * 32, optional=optional)
    assert not isinstance(visit, Refused), visit
    with house.work(house.cast.priya) as work:
        opened = proposing.approve(work, visit.id)
    assert not isinstance(opened, Refused), opened
    chosen = choose(house, opened, 2, leo.carer)
    assert not isinstance(chosen, Refused), chosen
    booked = house.visit(visit.id)
    assert [one.child for one in booked.children] == [house.cast.mia, leo.child, noor.child]
    assert [one.caregiver for one in booked.children] == [house.cast.ines, leo.carer, noor.carer]
    assert settled(house, visit) == Settled(coming=(noor.child,))
