from contact_service.visits.visit import VisitState
from tests.cast import House


def test_a_visit_goes_from_request_to_live(house: House) -> None:
    visit = house.live()
    assert visit.state is VisitState.LIVE
    assert "visit.started" in house.history()
