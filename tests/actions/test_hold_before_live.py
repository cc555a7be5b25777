from contact_service import actor
from contact_service.visits.actions import attending, running
from contact_service.visits.visit import Latch, VisitState
from tests.cast import SEEN, House


def test_a_hold_in_the_waiting_room_is_lifted_by_the_first_admission_and_by_nothing_else(
    house: House,
) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    latch = Latch(boot="b0" * 16, generation=3)
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.held(work, visit.id, latch, "supervisor")
    assert house.visit(visit.id).cleared is None
    with house.work(house.cast.lena) as work:
        running.admit(work, visit.id, house.mother_in(visit).id, SEEN)
    after = house.visit(visit.id)
    assert after.state is VisitState.LIVE
    assert after.cleared == latch
